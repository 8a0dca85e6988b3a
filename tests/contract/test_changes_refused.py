"""Changes (COV) that a controller refuses after its restart, or agrees to and never sends: read and told through the reader."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

import config
from config.load import load
from config.site import Site
from drivers.care import renewals
from drivers.habits import News
from drivers.protocol import Address, Answer, Target
from supervisor.clockwork.clock import SiteClock
from supervisor.field.watch import COV_BACKSTOP, Watch
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.test_unusual import Odd
from tests.contract.unusual import Unusual
from tests.waiting import SOON

POLL = 0.25
"""Seconds, the stated rate: told changes are polled six times less often."""

PLACES = [Address("controller", "analog-value", number) for number in (1, 2, 3)]

_FULL: dict[str, Callable[[wire.Frame], bytes]] = {
    "error-no-space": lambda f: wire.error(f.invoke, wire.SUBSCRIBE_COV, 3, 19),
    "error-resources-other": lambda f: wire.error(f.invoke, wire.SUBSCRIBE_COV, 3, 0),
    "error-subscription-failed": lambda f: wire.error(f.invoke, wire.SUBSCRIBE_COV, 5, 43),
    "reject": lambda f: wire.reject(f.invoke, 0),
    "abort-out-of-resources": lambda f: wire.abort(f.invoke, 9),
    "abort-other": lambda f: wire.abort(f.invoke, 0),
}
"""How controllers say that their table is full."""


def _site() -> Site:
    """Three setpoints of one controller."""
    site = load(Path(config.__file__).parent / "examples" / "controllers.yaml").site
    assert site is not None
    device = replace(next(iter(site.devices.values())), id="controller", cov=True)
    point = next(iter(site.points.values()))
    points = {
        f"room/{place.instance}": replace(
            point, id=f"room/{place.instance}", device="controller", object_type=place.object_type,
            instance=place.instance, poll=POLL,
        )
        for place in PLACES
    }  # fmt: skip
    bacnet = site.bacnet.model_copy(update={"cov_lifetime": 1})
    return replace(site, devices={"controller": device}, points=points, bacnet=bacnet)


class Reading:
    """The reader at work beside such a controller: what came, when, and what was told."""

    def __init__(self, odd: Odd) -> None:
        self.odd, self.told = odd, list[News]()
        self.polled: list[float] = []
        self.asked: list[float] = []
        odd.driver.habits.listener = self.told.append
        self._site = _site()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Read, until left."""
        watch = Watch(self._site, self.odd.driver, SiteClock(), self._came, lambda device, up: None)
        task = asyncio.create_task(watch.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _came(self, answer: Answer) -> None:
        if answer.address == PLACES[0]:
            self.polled.append(asyncio.get_running_loop().time())

    def reporting(self) -> int:
        """Of how many objects changes are told."""
        return sum(self.odd.driver.reports(place) for place in PLACES)

    def refuse(self, say: Callable[[wire.Frame], bytes]) -> None:
        """From now on there is no room in the table."""
        loop = asyncio.get_running_loop()

        def reply(frame: wire.Frame) -> bytes:
            self.asked.append(loop.time())
            return say(frame)

        self.odd.device.replies[wire.SUBSCRIBE_COV] = reply

    def restart(self) -> None:
        """It lost power: its table is empty, and it says I-Am."""
        device = self.odd.device
        device.subscribers.clear()
        device._send(wire.i_am(INSTANCE), (DRIVER, device.where[1] + 1))

    def room_again(self) -> None:
        """Others' lifetimes are over."""
        self.odd.device.replies.pop(wire.SUBSCRIBE_COV, None)

    async def polled_as_stated(self) -> None:
        """Polls follow one another at the stated rate: some pair comes closer than a told point's ever would."""
        self.polled.clear()
        await until(lambda: _closest(self.polled) < POLL * COV_BACKSTOP / 2, "polled at the stated rate")


def _closest(times: list[float]) -> float:
    return min((b - a for a, b in pairwise(times)), default=float("inf"))


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for it, with the patience of a busy machine."""
    try:
        async with asyncio.timeout(SOON):
            while not true():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(what) from None


@pytest.fixture
async def reading(stack: str, port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reading]:
    """A driver of each stack and a controller whose table can be full; minutes are a second here."""
    monkeypatch.setattr(renewals, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(renewals, "REFUSED_AGAIN", 0.6)
    monkeypatch.setattr(renewals, "RESTART_SPACING", 0.1)
    monkeypatch.setattr(renewals, "OWED_WITHIN", 0.3)
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(things()))
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 8, 5.0)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    yield Reading(Odd(driver, device))
    device.replies.clear()
    await driver.stop()
    await device.stop()


@pytest.mark.parametrize("how", list(_FULL))
async def test_a_full_table_after_a_restart_is_polled_told_once_and_tried_again_slowly(
    reading: Reading, how: str
) -> None:
    """Its changes came; it restarts, others are quicker, and it refuses ours in whatever words: polled at the stated rate,
    one line, a try each while, and told again when there is room."""
    async with reading.at_work():
        await until(lambda: reading.reporting() == 3, "all are told at first")
        reading.refuse(_FULL[how])
        reading.restart()
        await until(lambda: len(reading.told) == 1, "the refusal is told")
        assert reading.reporting() == 0
        text = reading.told[0].habit.text
        assert "refuses to report changes of analog-value:1" in text.en
        assert "拒绝上报 analog-value:1" in text.zh
        await reading.polled_as_stated()
        settled = len(reading.asked)
        await until(lambda: len(reading.asked) >= settled + 9, "asked again, three times")
        rounds = [b - a for a, b in pairwise(reading.asked[settled:])]
        assert sum(gap > renewals.REFUSED_AGAIN / 2 for gap in rounds) >= 2, "with long pauses between"
        assert len(reading.told) == 1
        reading.room_again()
        await until(lambda: reading.reporting() == 3, "there is room, and all are told again")
        await until(lambda: len(reading.told) == 2, "and so it is said")
        assert [news.over for news in reading.told] == [False, True]


async def test_what_is_acknowledged_and_never_sent_after_a_restart_is_polled_and_told_once(
    reading: Reading,
) -> None:
    """Its new firmware agrees to each subscription and sends nothing, until it is mended."""
    device = reading.odd.device
    async with reading.at_work():
        await until(lambda: reading.reporting() == 3, "all are told at first")
        notify, device._notify = device._notify, lambda *_: None  # type: ignore[method-assign] # it falls silent
        reading.restart()
        await until(lambda: len(reading.told) == 1, "that nothing comes is told")
        assert reading.reporting() == 0
        assert "agreed to report changes of" in reading.told[0].habit.text.en
        assert "从未发送" in reading.told[0].habit.text.zh
        await reading.polled_as_stated()
        device.log.clear()
        reading.polled.clear()
        await until(lambda: len(reading.polled) >= 6, "six polls later")
        assert device.log.count(wire.SUBSCRIBE_COV) <= 6 * len(PLACES), "it is not stormed"
        assert len(reading.told) == 1
        device._notify = notify  # type: ignore[method-assign] # mended
        device.change((2, 1), wire.real(25.0))
        reading.restart()
        await until(lambda: reading.reporting() == 3, "all are told again")
        await until(lambda: len(reading.told) == 2, "and so it is said")
        assert [news.over for news in reading.told] == [False, True]
