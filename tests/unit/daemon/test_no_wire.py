"""A site file that is sound, and whose wire cannot be opened: the building that runs is not left alone for it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.site import Site
from drivers.protocol import DriverError, Line, Misconfigured
from schedules.days import calendars
from schedules.time import instant_of
from supervisor.daemon.accepted import Accepted, Version
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.stopping import Stop
from supervisor.store.writer import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, virtually
from tests.site_files import site_of_text
from tests.unit.savings.test_trial_lived import Paced

TEXT = """
version: 1
building: b
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
templates:
  fcu:
    kind: fcu
    base: supervisor
    points: {start_stop: {object: binary-output:0, writable: true}, temperature: analog-input:0}
zones:
  room: {hours: office, equipment: {fcu: ddc/0}}
points: {outdoor_temperature: ddc/analog-input:60}
devices:
  ddc: {instance: 1001, address: 192.0.2.1}
"""
ANNEX = TEXT + "  annex: {instance: 1002, address: 198.51.100.7}\n"
"""A controller in another network, which nothing is read from yet."""


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual clock does not wait for threads."""

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", at_once)


class _Closed(FakeDriver):
    """A wire that cannot be opened."""

    def __init__(self, why: Exception) -> None:
        super().__init__({})
        self.why = why

    async def start(self) -> None:
        """Raises what it was given."""
        raise self.why


class House:
    """One room at noon of a winter's workday: its unit is held on."""

    def __init__(self, folder: Path, why: Exception | None) -> None:
        self.fan = FakeObject(0)
        plain = {("analog-input", n): FakeObject(v, commandable=False) for n, v in ((0, 18.0), (60, 2.0))}
        self.devices = {"ddc": FakeDevice({("binary-output", 0): self.fan, **plain})}
        self.why, self.file, self.opened = why, site_of_text(TEXT), 0
        self.accepted = Accepted(folder)
        days = calendars(self.file)
        self.accepted.accept(Version(self.file.config_hash, days.digest, TEXT, 0.0))
        self.folder = folder

    def line(self, site: Site) -> Line:
        """A wire for a version of the site file; its annex is out of reach."""
        if "annex" in site.devices and self.why is not None:
            return _Closed(self.why).line
        self.opened += 1
        return FakeDriver(self.devices).line

    def daemon(self, store: Store) -> Daemon:
        """Its daemon, at noon."""
        clock: Any = Paced(instant_of(dt.date(2026, 12, 2), 12 * 60, self.file.tz))
        store.open()
        options = Options(self.folder, load=lambda: (self.file, []), accepted=self.accepted)
        return Daemon(self.file, calendars(self.file), self.line, clock, store, options)

    async def lived(self, *, by: str) -> tuple[Daemon, dict[str, Any], int | float | None]:
        """Noon, a reload, a quarter of an hour, the stop; what the reload said, and what the unit was before the stop."""
        store = Store("sqlite://", inline=True)
        daemon, stop = self.daemon(store), Stop()
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(60)
        assert self.fan.present == 1
        self.file = site_of_text(ANNEX)
        said = await daemon.reload(by)
        await asyncio.sleep(900)
        present = None if running.done() else self.fan.present
        stop.signal()
        await running
        store.close()
        return daemon, said, present


WHY = [
    Misconfigured(
        "bac0", "UDP port 47808 on 192.0.2.9 is taken; stop the other program or choose another port"
    ),
    Misconfigured("bac0", "192.0.2.9 is not an address of this machine"),
    OSError(13, "Permission denied"),
]


@pytest.mark.parametrize("why", WHY, ids=["taken", "not ours", "refused"])
def test_a_saved_file_whose_wire_cannot_be_opened_leaves_the_building_as_it_was(
    tmp_path: Path, why: DriverError | OSError
) -> None:
    """A controller of another network is added, and from then on the machine's port cannot be had: rooms are supervised by the
    file before, it is said why, and the stop lets go of every slot."""
    house = House(tmp_path, why)
    daemon, said, present = virtually(house.lived(by=""))
    assert not said["ok"], "who asked is not told that it is in force"
    assert said["problem"] != said["problem_zh"]
    assert present == 1
    assert not house.fan.slots
    assert list(daemon.site.devices) == ["ddc"]
    assert house.opened == 2  # at the start, and again
    problem = daemon.reloads.problem
    assert problem is not None
    assert problem.zh != problem.en
    assert not daemon.reloads.successful
    last = daemon.events.recent()
    assert any(event.text.zh.startswith("配置有误，沿用旧配置：") for event in last)


def test_the_next_start_runs_what_ran_and_the_file_waits_for_a_word(tmp_path: Path) -> None:
    """What was accepted and could not be taken up is not what a restart would begin with: that would only fail again."""
    house = House(tmp_path, WHY[0])
    daemon, _, _ = virtually(house.lived(by="李工"))
    kept = Accepted(tmp_path)
    assert kept.last is not None
    assert kept.last.text == TEXT
    annex = site_of_text(ANNEX)
    assert kept.undone == (annex.config_hash, calendars(annex).digest)
    assert daemon.site.config_hash == kept.last.config_hash


def test_who_asks_is_answered_once_the_new_wire_is_open(tmp_path: Path) -> None:
    """It can be had: the answer is the change, and the version in force by then is the new one."""
    house = House(tmp_path, None)
    daemon, said, present = virtually(house.lived(by="李工"))
    assert said["ok"]
    assert said["changes"]
    assert house.opened == 2
    assert list(daemon.site.devices) == ["ddc", "annex"]
    assert present == 1
