"""A trial of twice twelve weeks, of which the daemon lives the first two on the virtual clock: each day is its arm's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from config.load import load as load_alone
from config.site import Site
from config.trial import Arm
from schedules.days import calendars
from schedules.time import instant_of, local_date
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.stopping import Stop
from supervisor.daemon.trial import Trials
from supervisor.savings.trial.draw import drawn
from supervisor.savings.trial.record import Record, record
from supervisor.sitefile.sitefile import load
from supervisor.store import schema
from supervisor.store.proving import walked
from supervisor.store.writer import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtually

START = date(2026, 7, 6)
TEXT = """
version: 1
building: hall
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
templates:
  vrf:
    kind: vrf
    base: supervisor
    points:
      start_stop: {object: binary-output:0, writable: true}
      cooling_setpoint: {object: analog-value:0, writable: true, low: 16, high: 32}
      temperature: analog-input:0
zones: {room: {hours: office, equipment: {vrf: ddc/0}}}
points: {outdoor_temperature: ddc/analog-input:60}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
trial:
  start: 2026-07-06
  seed: 20260706
  commissioning: {approver: Li Wei, reason: what the plan saves, until: 2026-12-31}
"""


class Building:
    """A daemon over a controller that has its own schedule: on, at 22 °C."""

    def __init__(self, folder: Path, text: str = TEXT) -> None:
        self.path = folder / "site.yaml"
        self.path.write_text(text)
        self.folder = folder
        self.setpoint = FakeObject(22.0)
        self.start_stop = FakeObject(1)
        plain = {("analog-input", n): FakeObject(v, commandable=False) for n, v in ((0, 25.0), (60, 31.0), (70, 0.0))}
        self.driver = FakeDriver(
            {"ddc": FakeDevice({("analog-value", 0): self.setpoint, ("binary-output", 0): self.start_stop, **plain})}
        )
        self.store = Store("sqlite://", inline=True)
        self.store.open()
        self.noon: dict[date, float | int | None] = {}
        """What our slot of the setpoint held at noon."""
        self.arms: dict[date, str] = {}

    def site(self) -> Site:
        """The file as it is on disk."""
        found = load(self.path)
        assert found.site is not None, found.problems
        return found.site

    async def live(self, first: date, days: int, at: Callable[[date, Daemon, Building], None] | None = None) -> Daemon:
        """Run the daemon from the evening before a day for so many days."""
        site = self.site()
        clock: Any = Paced(instant_of(first, 0, site.tz) - 4 * 3600, 600.0)
        trials = Trials(self.store, clock)
        options = Options(self.folder, load=trials.loading(lambda: load(self.path)[:2]))
        armed = trials.first(site)
        daemon = Daemon(armed, calendars(armed), lambda _: self.driver.line, clock, self.store, options)
        stop = Stop()
        tasks = [asyncio.create_task(daemon.run(stop)), asyncio.create_task(trials.run(daemon))]
        for n in range(days):
            noon = instant_of(first + timedelta(n), 12 * 60, site.tz)
            await clock.wait(noon, asyncio.Event())
            self.noon[first + timedelta(n)] = self.setpoint.slots.get(10)
            self.arms[first + timedelta(n)] = daemon.site.arm
            if at is not None:
                at(first + timedelta(n), daemon, self)
        stop.signal()
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        return daemon

    def record(self) -> Record:
        """What the audit has of the trial."""
        found = self.store.read_now(lambda c: record(c, "trial"))
        assert found is not None
        return found


class Paced(VirtualClock):
    """A virtual clock that can be waited for."""

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Until then, or until interrupted."""
        left = (until - self.now()) / self.speed
        if left > 0:
            try:
                async with asyncio.timeout(min(left, 60.0)):
                    await interrupt.wait()
            except TimeoutError:
                if until - self.now() > 1e-3:
                    await self.wait(until, interrupt)


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual clock does not wait for threads."""

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", at_once)


def test_two_weeks_lived_as_drawn(tmp_path: Path) -> None:
    """On the policy's days our slot holds 26 °C at noon, on the days of today it is empty; weekends change arms as well; the audit has it all."""
    building = Building(tmp_path)
    daemon = virtually(building.live(START, 14))
    assert daemon is not None
    days = drawn(20260706, 0)
    for n in range(14):
        day = START + timedelta(n)
        treated = days[n]
        assert building.arms[day] == ("policy" if treated else "today"), day
        assert building.noon[day] == (26.0 if treated else None), day
    assert {days[n] for n in range(7)} == {True, False}
    assert all(days[n] is not days[n + 7] for n in range(7))
    found = building.record()
    assert [(lived.day, lived.arm) for lived in found.lived] == [(day, building.arms[day]) for day in building.arms]
    assert all(lived.at < lived.by and local_date(lived.at, daemon.site.tz) == lived.day for lived in found.lived)
    assert building.start_stop.slots.get(10) is None
