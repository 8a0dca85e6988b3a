"""A week that a whole daemon lives on the virtual clock: people, windows, knobs, other masters, a restart; and what it said at each midnight."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from config.roles import Role
from config.site import Site
from schedules.days import calendars
from schedules.time import instant_of, iso
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.stopping import Stop
from supervisor.store.writer import Store
from supervisor.telling.snapshot import Snapshot
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtually
from tests.soak.site import soak_site

FIRST: Final = date(2026, 5, 28)
"""A Thursday in spring: the Monday after it, and the next month, are summer's."""
DAYS: Final = 7
RESTARTED: Final = 3
"""The day, from 0, at whose noon the daemon is away for forty minutes."""
SPEED: Final = 120.0
EVERY: Final = 600.0
"""s of site time between two things that happen in the building."""
AT_FIRST: Final = {
    Role.COOLING_SETPOINT: 26.0, Role.TEMPERATURE: 24.0, Role.HUMIDITY: 50.0, Role.CO2: 600.0, Role.OUTDOOR_TEMPERATURE: 22.0,
}  # fmt: skip
COUNTERS: Final = {
    "building_rule_violation_seconds": "violation", "building_rule_set_but_off_seconds": "set_but_off",
    "building_rule_blocked_seconds": "blocked", "building_rule_enforcements": "correction",
}  # fmt: skip
"""Metric → the kind of a day's figure that it counts as well."""


class Paced(VirtualClock):
    """A virtual clock that can be waited for."""

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Until then, or until interrupted."""
        while not interrupt.is_set() and (left := until - self.now()) > 0:
            try:
                # never less than the loop's resolution, on which a shorter one would not move
                async with asyncio.timeout(max(min(left / self.speed, 60.0), 1e-5)):
                    await interrupt.wait()
            except TimeoutError:
                continue


class Week:
    """What was lived: the site, its database, what was scraped at each midnight, and what the page is made of at the end."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.site, self._rng = folder, soak_site(), random.Random(seed)
        self.days = [(FIRST + timedelta(n)).isoformat() for n in range(DAYS)]
        self.scraped: list[dict[tuple[str, str, str], float]] = []
        """At the midnight before the first day and after each: (kind, zone, rule) → count so far."""
        self.seen: Snapshot | None = None
        self._store = Store(f"sqlite:///{folder}/supervisor.sqlite3", inline=True)
        self._driver = FakeDriver(_devices(self.site))
        self._daemon: Daemon | None = None
        self._life: asyncio.Task[Any] | None = None
        self._stop = Stop()
        self.restarted = False

    def live(self) -> None:
        """All of it, in a minute of computing."""
        self._store.open()
        try:
            virtually(self._live())
        finally:
            self._store.close()

    def counted(self, day: str, kind: str, zone: str, rule: str) -> float:
        """What the metric grew by over a day."""
        n, key = self.days.index(day), (kind, zone, rule)
        return self.scraped[n + 1].get(key, 0.0) - self.scraped[n].get(key, 0.0)

    # ------------------------------------------------------------------ the week

    async def _live(self) -> None:
        start = instant_of(FIRST, 0, self.site.tz)
        clock = Paced(start - 1800.0, SPEED)
        await self._begin(clock)
        await clock.wait(start, asyncio.Event())
        self._scrape()
        for n in range(DAYS):
            midnight = instant_of(FIRST + timedelta(n + 1), 0, self.site.tz)
            while clock.now() < midnight:
                await self._happening(clock)
                await clock.wait(min(clock.now() + EVERY, midnight), asyncio.Event())
                if n == RESTARTED and not self.restarted and clock.now() > midnight - 12 * 3600.0:
                    await self._restart(clock)
            self._scrape()
        assert self._daemon is not None
        self.seen = self._daemon.snapshot()
        await self._end()

    async def _begin(self, clock: Paced) -> None:
        site, self._stop = self.site, Stop()
        self._daemon = Daemon(
            site, calendars(site), lambda _: self._driver.line, clock, self._store, Options(self.folder)
        )
        self._life = asyncio.create_task(self._daemon.run(self._stop))

    async def _restart(self, clock: Paced) -> None:
        """At a noon, for forty minutes."""
        self.restarted = True
        await self._end()
        await clock.wait(clock.now() + 2400.0, asyncio.Event())
        await self._begin(clock)

    async def _end(self) -> None:
        assert self._life is not None
        self._stop.signal()
        await self._life

    def _scrape(self) -> None:
        assert self._daemon is not None
        found: dict[tuple[str, str, str], float] = {}
        for family in text_string_to_metric_families(self._daemon.metrics.text().decode()):
            if (kind := COUNTERS.get(family.name)) is not None:
                for sample in family.samples:
                    found[kind, sample.labels["zone"], sample.labels["rule"]] = sample.value
        self.scraped.append(found)

    # ------------------------------------------------------------------ what happens in the building

    async def _happening(self, clock: Paced) -> None:
        rng, hour = self._rng, (clock.now() + 8 * 3600.0) % 86400.0 / 3600.0
        for zone in self.site.zones:
            draw = rng.random()
            if draw < 0.06:
                self._shows(zone, Role.OCCUPANCY, float(7 < hour < 20 and rng.random() < 0.7))
            elif draw < 0.09:
                self._shows(zone, Role.WINDOW, float(rng.random() < 0.5))
            elif draw < 0.12:
                self._shows(zone, Role.TEMPERATURE, rng.uniform(18.0, 31.0))
            elif draw < 0.14:
                self._writes(zone, Role.COOLING_SETPOINT, rng.choice((22.0, 24.0, None)), 13)
            elif draw < 0.15:
                self._writes(zone, Role.START_STOP, rng.choice((1, None)), 8)
            elif draw < 0.155:
                await self._asks(zone, clock)

    def _shows(self, zone: str, role: Role, value: float) -> None:
        if (thing := self._thing(zone, role)) is not None:
            thing.default = value

    def _writes(self, zone: str, role: Role, value: float | None, slot: int) -> None:
        if (thing := self._thing(zone, role)) is not None:
            thing.write(value, slot)

    def _thing(self, zone: str, role: Role) -> FakeObject | None:
        for equipment in self.site.zones[zone].equipment:
            if (point := equipment.points.get(role)) is not None:
                return self._driver.devices[point.device].objects[point.object_type, point.instance]
        return None

    async def _asks(self, zone: str, clock: Paced) -> None:
        """A person holds a unit on for an hour, where she may."""
        assert self._daemon is not None
        held = next(
            (
                p
                for e in self.site.zones[zone].equipment
                if e.hvac
                for p in e.points.values()
                if p.role is Role.START_STOP
            ),
            None,
        )
        if held is None or not self._daemon.running.ready:
            return
        until = clock.now() + 3600.0
        word = {"do": "manual", "point": held.id, "value": "on", "name": "Li", "why": "a visit"}
        await self._daemon.answer({**word, "until": iso(until, self.site.tz)})


def _devices(site: Site) -> dict[str, FakeDevice]:
    """Every controller with its objects, on at first."""
    found: dict[str, FakeDevice] = {device: FakeDevice({}) for device in site.devices}
    for point in site.points.values():
        default = AT_FIRST.get(point.role, 1.0 if point.role is Role.START_STOP else 0.0)
        thing = FakeObject(default, commandable=point.writable)
        found[point.device].objects[point.object_type, point.instance] = thing
    return found


def once(folder: Path, seed: int = 20) -> Week:
    """A week, lived."""
    week = Week(folder, seed)
    week.live()
    return week
