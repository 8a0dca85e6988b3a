"""What was read long ago takes less room: points by the hour, and months in files. A little at a time, at night."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from config.site import Site
from supervisor.store import hours, readings, settling
from supervisor.store.kinds import HOURS, READINGS, installed
from supervisor.store.writer import Store

log = structlog.get_logger()
PAUSE: Final = 0.005
"""Seconds left to others after each transaction, or walk of some rows."""
NAMES: Final = 20
"""Series that are looked at in one transaction."""


class Aging:
    """Of one store. Whatever it is doing may be cut short: the next night goes on from there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = False

    async def thin(self, before: float, standing: frozenset[str]) -> None:
        """Make hours of what points that are no meters said before an instant; `standing` are still read."""
        names = await self._store.read(readings.names)
        left = [name for name in names if not name.startswith(readings.METER)]
        while left:
            # some rows at a time: an intent that must be durable before its write never waits for all of them
            some = left[:NAMES]
            rest = await self._store.change(partial(hours.thin, names=some, before=before, standing=standing))
            left = [*rest, *left[NAMES:]]
            await asyncio.sleep(PAUSE)

    async def settle(self, before: float, site: Site) -> None:
        """Make bookings by the hour of those before an instant that nobody doubts."""
        width = _whole(site.tz, before)
        for meter in site.meters.values():
            day = partial(settling.settle, meter=meter.id, series=meter.series, before=before, width=width)
            done = False
            while not done:
                done = await self._store.change(day)
                await asyncio.sleep(PAUSE)

    async def move(self, before: float) -> None:
        """Move every month that ended before an instant to its file. Raises StoreProblem, OSError."""
        files = self._store.months
        if files is None or not installed():
            if not self._told:
                log.info("months of readings stay in the database", needs="pyarrow")
            self._told = True
            return
        from supervisor.store import moving  # and with it numpy and pyarrow

        for kind in (READINGS, HOURS):
            done = -math.inf  # what comes in for a month while it moves goes tomorrow
            while what := await self._store.read(partial(moving.due, kind=kind, after=done, before=before)):
                wrote = await self._store.read(partial(moving.write, what=what))
                await asyncio.to_thread(moving.put, files, what)
                await self._store.change(partial(moving.mark, what=what, wrote=wrote))
                parts = moving.slices(files, what)
                while (part := await asyncio.to_thread(next, parts, None)) is not None:
                    await self._store.change(partial(moving.clear, kind=kind, part=part))
                    await asyncio.sleep(PAUSE)
                log.info("moved", kind=kind.name, month=str(what.month), rows=wrote.rows)
                done = what.month.end


def _whole(tz: ZoneInfo, at: float) -> float:
    """s at whose multiples days and hours of a building begin: 3600 but where its time is a part of an hour from UTC."""
    offset = datetime.fromtimestamp(at, tz).utcoffset()
    return float(math.gcd(3600, round(offset.total_seconds()))) if offset else 3600.0
