"""A building whose meters are kept, and a clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.phrase import Phrase
from supervisor.ledger import late
from supervisor.ledger.upload.codes import DEFAULTS
from supervisor.ledger.upload.cursor import Cursor
from supervisor.ledger.upload.profile import Collector
from supervisor.ledger.upload.sending import Centre, Means
from supervisor.store import readings
from supervisor.store.problems import StoreProblem
from supervisor.store.readings import Batch, Sample
from supervisor.store.writer import Store
from tests.site_files import site_of_text
from tests.waiting import SOON

SITE = """version: 1
building: hall
name: 区政府大楼
timezone: Asia/Shanghai
area_m2: 1000
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, name: 总表, point: {at: ddc/accumulator:1, unit: kWh}}
  ac: {subitem: hvac, name: 空调 & 冷站, parent: main, point: {at: ddc/accumulator:2, unit: kWh}}
  water: {subitem: water, point: {at: ddc/accumulator:3, unit: m3}}
"""
MIDNIGHT = 1_772_294_400
"""2026-03-01T00:00+08:00."""
QUARTER = 900
DAY = 86_400


class Still:
    """A clock that shows what it was set to."""

    speed = 1.0

    def __init__(self, now: float) -> None:
        self._now = now
        self._moved = asyncio.Event()

    def now(self) -> float:
        """What it shows."""
        return self._now

    def shows(self, now: float) -> None:
        """It shows that from now on, and whoever waited until then goes on."""
        self._now = now
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """As a paced clock does."""
        while self._now < until and not interrupt.is_set():
            waits = [asyncio.ensure_future(e.wait()) for e in (self._moved, interrupt)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()


class Hall:
    """A building with three meters, its store, and what was said of centres."""

    def __init__(self, folder: Path, database: str, now: float = MIDNIGHT) -> None:
        self.site = site_of_text(SITE)
        self.folder = folder
        self.store = Store(database, inline=True)
        self.store.open()
        self.clock = Still(now)
        self.failures = 0
        """So many of the next looks into the database fail."""
        self.behind = False
        """Readings wait on the disk for the database."""
        self.said: list[str] = []
        self.pauses: list[float] = []

    def reads(
        self,
        start: float,
        end: float,
        every: float = QUARTER,
        meters: Iterable[str] = ("main", "ac", "water"),
    ) -> None:
        """Each meter is read from `start` until `end`: it counts one unit a minute since midnight."""
        times = [start + every * n for n in range(math.ceil((end - start) / every))]
        batch = Batch(tuple(
            Sample(self.site.meters[m].series, at, 1000.0 + (at - MIDNIGHT) / 60) for at in times for m in meters
        ))  # fmt: skip
        self.store.read_now(lambda c: readings.keep(c, batch))

    def imports(self, meter: str, *rows: tuple[float, float]) -> None:
        """Somebody brings readings by a file: when, and what the register said."""
        late_ = [late.Row(meter, at, value) for at, value in rows]
        self.store.read_now(lambda c: late.keep(c, self.site, late_))

    def centre(self, profile: Collector, pause: Callable[[float], Any] | None = None) -> Centre:
        """A collector of it, for one centre; its cursor is on the disk."""
        name = profile.name

        async def ask(query: Callable[[sa.Connection], Any]) -> Any:
            if self.failures:
                self.failures -= 1
                raise StoreProblem("the database is away")
            return self.store.read_now(query)

        def say(what: Phrase) -> None:
            assert what.zh
            self.said.append(f"{name}: {what.en}")

        async def soon(seconds: float) -> None:
            self.pauses.append(seconds)
            await asyncio.sleep(0.01)

        means = Means(self.clock, ask, say, pause or soon, lambda: self.behind)
        return Centre(self.site, profile, DEFAULTS, Cursor(self.folder, name), means)


MakeHall = Callable[..., Hall]
"""Makes a building; it may be told what its clock shows."""


async def until(found: Callable[[], object], changed: asyncio.Event | None = None) -> None:
    """Return once something is so; it is looked at whenever a centre was told something, and now and then."""
    async with asyncio.timeout(SOON):
        while not found():
            if changed is None:
                await asyncio.sleep(0.005)
                continue
            changed.clear()
            if not found():
                try:
                    async with asyncio.timeout(0.2):
                        await changed.wait()
                except TimeoutError:
                    continue
