"""What runs beside the daemon comes back by itself."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from config.mqtt import Publish
from drivers.mqtt.broker import Connection
from supervisor.daemon.helpers import LONGEST_PAUSE, Helpers


class Dying:
    """Dies `times` times, then lives until it is told to end."""

    def __init__(self, times: int, words: str = "address already in use") -> None:
        self.left, self.words, self.started = times, words, 0
        self.lives = asyncio.Event()

    async def __call__(self) -> None:
        """Live, or die."""
        self.started += 1
        if self.left:
            self.left -= 1
            raise OSError(self.words)
        self.lives.set()
        await asyncio.Event().wait()


class Pauses:
    """Pauses that are over at once."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Note it."""
        self.taken.append(seconds)
        await asyncio.sleep(0)


async def test_a_page_whose_port_is_taken_at_boot_is_served_once_it_is_free() -> None:
    """Tried again at growing pauses, a minute at most; said in the log once, not each time."""
    pauses, page = Pauses(), Dying(9)
    helpers = Helpers(pauses)
    with capture_logs() as logs:
        helpers.start("http", page)
        await page.lives.wait()
    assert page.started == 10
    assert pauses.taken == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, LONGEST_PAUSE]
    assert len([line for line in logs if line["log_level"] == "error"]) == 1
    await helpers.stop()


async def test_why_it_does_not_run_is_known_until_it_does() -> None:
    """`/readyz` and a metric say it."""
    gate = asyncio.Event()

    async def wait(_seconds: float) -> None:
        await gate.wait()

    helpers, page = Helpers(wait), Dying(1)
    helpers.start("http", page)
    helpers.start("reload", Dying(0))
    while not helpers.problems["http"]:
        await asyncio.sleep(0)
    assert helpers.problems == {"http": "address already in use", "reload": ""}
    gate.set()
    await page.lives.wait()
    while helpers.problems["http"]:
        await asyncio.sleep(0.05)
    await helpers.stop()


async def test_a_broker_that_is_away_is_told_though_the_helper_that_asks_for_it_lives(
    unused_tcp_port: int,
) -> None:
    """It tries again for as long as it runs, and says why it reaches nobody; what it said is over with its life."""
    helpers, told = Helpers(Pauses()), asyncio.Event()

    def trouble(why: str) -> None:
        helpers.trouble("mqtt", why)
        told.set()

    to = Publish.model_validate({"broker": f"mqtt://127.0.0.1:{unused_tcp_port}"})
    dies = asyncio.Event()

    async def publishes() -> None:
        running = asyncio.ensure_future(
            Connection("publish", to, told=trouble).run(lambda client: Dying(0)())
        )
        await asyncio.wait({running, asyncio.ensure_future(dies.wait())}, return_when="FIRST_COMPLETED")
        running.cancel()
        raise OSError("died")

    helpers.start("mqtt", publishes)
    async with asyncio.timeout(60):
        await told.wait()
    assert "refused" in helpers.problems["mqtt"]
    dies.set()
    while helpers.problems["mqtt"] != "died":
        await asyncio.sleep(0)
    await helpers.stop()


async def test_one_that_has_done_its_work_is_not_started_again() -> None:
    """A console that ends is no failure."""
    started = 0

    async def once() -> None:
        nonlocal started
        started += 1

    helpers = Helpers(Pauses())
    helpers.start("console 1", once)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (started, helpers.problems) == (1, {"console 1": ""})
    await helpers.stop()


async def test_one_that_fails_as_it_ends_does_not_hold_up_the_stop() -> None:
    """A console whose terminal has gone raises when it is ended; nobody starts it again."""
    starts = 0

    async def fails() -> None:
        nonlocal starts
        starts += 1
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the terminal is gone")

    helpers = Helpers(Pauses())
    helpers.start("console", fails)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await helpers.stop()
    assert starts == 1
