"""What systemd hears of the daemon: up, alive as long as it decides, stopping."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from config.phrase import Phrase
from schedules.days import calendars
from supervisor.clockwork.clock import PacedClock
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.service import WAITS_FOR_FILE, Service, follow, service_of
from supervisor.daemon.stopping import Stop
from supervisor.store.writer import Store
from tests.fakes import FakeDriver, virtually
from tests.soak.site import soak_site
from tests.soak.world import SoakClock


class Manager:
    """A service manager: hears what is said to its socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        """What was said since the last time, datagram by datagram."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        """It is gone."""
        self._socket.close()


@pytest.fixture(params=["in a folder", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """Both kinds of address that systemd gives."""
    made = Manager(str(tmp_path / "notify") if request.param == "in a folder" else f"@box-test-{os.getpid()}")
    yield made
    made.close()


def environment(manager: Manager, **more: str) -> dict[str, str]:
    """What the manager puts into the environment."""
    return {"NOTIFY_SOCKET": manager.address, **more}


def test_it_is_ready_once_and_says_what_it_does(manager: Manager) -> None:
    """`systemctl status` shows the newest line, in both languages; READY is for the first."""
    service = service_of(environment(manager))
    service.up(WAITS_FOR_FILE)
    service.up(Phrase("supervises", "监管"))
    first, second = manager.heard()
    assert first.splitlines()[0] == "READY=1"
    assert "站点文件有误" in first
    assert "the site file is not valid" in first
    assert second == "STATUS=supervises · 监管"


def test_a_sign_of_life_needs_a_turn_of_the_loop(manager: Manager) -> None:
    """A loop that is stuck gives none, though the process answers; one that turns again does."""
    beat = 1.0
    service = service_of(environment(manager, WATCHDOG_USEC="90000000"))
    assert service.within == 90
    service.follow(lambda: beat)
    service.live()
    service.live()
    service.live()
    assert manager.heard() == ["WATCHDOG=1"]
    beat = 2.0
    service.live()
    assert manager.heard() == ["WATCHDOG=1"]


def test_who_waits_or_stops_is_alive_without_deciding(manager: Manager) -> None:
    """A page that waits for a mended file, and a stop that waits for slow controllers, are not shot."""
    service = service_of(environment(manager, WATCHDOG_USEC="90000000"))
    service.live()
    service.live()
    service.follow(lambda: 1.0)
    service.live()
    service.stopping()
    service.live()
    assert manager.heard() == ["WATCHDOG=1"] * 3 + ["STOPPING=1", "WATCHDOG=1"]


async def first_heard(manager: Manager) -> list[str]:
    """What it is told next."""
    async with asyncio.timeout(60):
        while not (heard := manager.heard()):
            await asyncio.sleep(0.01)
    return heard


async def test_signs_of_life_come_twice_as_often_as_asked_for(manager: Manager) -> None:
    """And end where the task ends."""
    service = service_of(environment(manager, WATCHDOG_USEC="40000"))
    watching = asyncio.create_task(service.watch())
    heard: list[str] = []
    async with asyncio.timeout(60):
        while len(heard) < 3:
            await asyncio.sleep(0.01)
            heard += manager.heard()
    watching.cancel()
    assert set(heard) == {"WATCHDOG=1"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": "90000000"},
        {"NOTIFY_SOCKET": "", "WATCHDOG_USEC": "90000000"},
        {"NOTIFY_SOCKET": "vsock:2:1234", "WATCHDOG_USEC": "90000000"},
    ],
    ids=["by hand", "no socket", "an empty one", "another kind"],
)
async def test_without_a_manager_nothing_is_said(environ: dict[str, str]) -> None:
    """At a terminal, in a container, in a test."""
    service = service_of(environ)
    assert (service.there, service.within) == (False, None)
    service.up(WAITS_FOR_FILE)
    service.stopping()
    await service.watch()


@pytest.mark.parametrize(
    "watchdog",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "90000000", "WATCHDOG_PID": "1"},
    ],
    ids=["none", "off", "no number", "for another process"],
)
async def test_a_watchdog_that_is_not_ours_is_not_fed(manager: Manager, watchdog: dict[str, str]) -> None:
    """Off, nonsense, or meant for the process that started us."""
    service = service_of(environment(manager, **watchdog))
    await service.watch()
    assert manager.heard() == []


def test_a_manager_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    """It is logged; the building is supervised."""
    with capture_logs() as logs:
        Service(str(tmp_path / "gone")).up(WAITS_FOR_FILE)
    assert [line["event"] for line in logs] == ["the service manager does not hear"]


def daemon(**state: Any) -> Daemon:
    """As much of a daemon as the service manager hears of."""
    made = SimpleNamespace(running=SimpleNamespace(ready=False, beat=0.0), clock_doubt=None, **state)
    return cast("Daemon", made)


async def test_the_daemon_is_up_with_its_first_decisions(manager: Manager) -> None:
    """Not before; and a stop is told as it begins."""
    service, stop, one = service_of(environment(manager)), asyncio.Event(), daemon()
    following = asyncio.create_task(follow(service, one, stop))
    await asyncio.sleep(0.05)
    assert manager.heard() == []
    one.running.ready = True
    heard = await first_heard(manager)
    assert heard[0].startswith("READY=1\nSTATUS=supervises")
    stop.set()
    await following
    assert manager.heard() == ["STOPPING=1"]


async def test_a_daemon_that_waits_for_the_clock_is_up_and_says_so(manager: Manager) -> None:
    """Its page is there; systemd would otherwise shoot it after its start's time."""
    service, stop, one = service_of(environment(manager)), asyncio.Event(), daemon()
    one.clock_doubt = Phrase("the clock is wrong", "时钟不对")
    stop_soon = asyncio.create_task(follow(service, one, stop))
    heard = await first_heard(manager)
    assert heard == ["READY=1\nSTATUS=the clock is wrong · 时钟不对"]
    one.running.ready, one.clock_doubt = True, None
    heard = await first_heard(manager)
    assert heard[0].startswith("STATUS=supervises")
    stop.set()
    await stop_soon


class Stuck(SoakClock):
    """A site clock on the virtual loop for which somebody may wait in vain."""

    stuck = False

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """As ever, unless it is stuck."""
        if self.stuck:
            await asyncio.Event().wait()
        await super().wait(until, interrupt)


@pytest.mark.thorough
def test_a_decision_loop_that_is_stuck_is_not_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A real daemon in an office of the soak: signs of life through some quiet minutes, also while it stops; none once its loop hangs,
    though everything beside it goes on."""

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", at_once)  # a virtual clock does not wait for threads
    manager = Manager(str(tmp_path / "notify"))
    virtually(lived(manager, tmp_path))
    manager.close()


async def lived(manager: Manager, folder: Path) -> None:
    """Start, some minutes, a loop that hangs, one that turns again, a stop."""
    site, store = soak_site(), Store("sqlite://", inline=True)
    store.open()
    clock = Stuck(1_782_900_000.0)
    one = Daemon(
        site,
        calendars(site),
        lambda _: FakeDriver({}).line,
        cast("PacedClock", clock),
        store,
        Options(folder),
    )
    service, stop = service_of(environment(manager, WATCHDOG_USEC="90000000")), Stop()
    beside = [asyncio.create_task(service.watch()), asyncio.create_task(follow(service, one, stop.asked))]
    running = asyncio.create_task(one.run(stop))
    await asyncio.sleep(30)
    assert any(said.startswith("READY=1") for said in manager.heard())
    for _ in range(3):
        await asyncio.sleep(90)
        assert len(manager.heard()) >= 3
    clock.stuck = True
    await asyncio.sleep(30)
    manager.heard()
    await asyncio.sleep(180)
    assert manager.heard() == []
    clock.stuck = False
    one.running.wake()
    stop.signal()
    await running
    assert manager.heard()[0] == "STOPPING=1"
    for task in beside:
        task.cancel()
    store.close()
