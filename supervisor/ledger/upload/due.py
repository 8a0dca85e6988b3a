"""Which reports are due: intervals of the kept readings after the last that the centre has. Nothing is copied: what is kept
is the buffer, and a cursor says how far the centre is.

An interval is whole once every meter on the wire was read at or after its end, or any a minute after it: readings are
kept in their order, so that what was read before is in by then, also what waited on the disk for the database. A late
one is due after two hours with what it has, unless the disk has some yet. Where nothing was read, nothing is due.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import Instant
from supervisor.ledger.statistics import in_units
from supervisor.ledger.upload.model import Measured, Report
from supervisor.ledger.upload.profile import Collector, Place
from supervisor.store import readings
from supervisor.store.imports import Import

MARGIN: Final = 60.0
"""s after an interval's end from which a reading shows that all within it are kept: six times as long as they wait."""
PATIENCE: Final = 7200.0
"""s after which an interval is told with what it has, were the next reading still to come."""
MOST: Final = 32
"""Intervals of one look into the database."""
_AFTER: Final = 1e-6


class Listed(NamedTuple):
    """A meter and where it stands in the centre's list."""

    spec: MeterSpec
    place: Place
    coding: str

    def measured(self, value: float | None) -> Measured:
        """Its row of a report; `value` as the register said it."""
        told = in_units(carrier(self.spec.subitem), value * self.spec.scale) if value is not None else None
        return Measured(self.place.id, self.spec.name, self.place.function, self.coding, told)


def listed(site: Site, profile: Collector, table: Mapping[str, str]) -> list[Listed]:
    """The meters that a centre is told of: those of the profile, or all of them, numbered in the site file's order."""
    places = profile.meters or {name: Place(id=str(number)) for number, name in enumerate(site.meters, 1)}
    return [
        Listed(spec, place, place.coding or table[spec.subitem])
        for name, place in places.items()
        if (spec := site.meters.get(name)) is not None
    ]


def due(
    connection: sa.Connection, meters: Sequence[Listed], minutes: int, after: Instant, now: Instant, *, behind: bool = False,
) -> list[Report]:  # fmt: skip
    """Reports that are due after the instant `after`, oldest first, some at a time. `behind`: readings wait on the disk for the
    database, so that an interval's may still be to come, however late it is."""
    width = 60.0 * minutes
    newest = {m.spec.id: readings.edges(connection, m.spec.series, now, now)[0] for m in meters}
    while (first := _first(connection, meters, after)) is not None and first <= now:
        begin = math.ceil(first / width) * width - width
        found = _intervals(connection, meters, begin, width)
        ready = []
        for end in sorted(found):
            if not _whole(meters, newest, end, now, math.inf if behind else PATIENCE):
                break
            if end > after:
                rows = tuple(m.measured(found[end].get(m.spec.id)) for m in meters)
                ready.append(Report(end, rows))
        if found:
            return ready
        after = begin + MOST * width  # what was kept there says that nothing is known
    return []


def again(
    connection: sa.Connection,
    meters: Sequence[Listed],
    minutes: int,
    late: Import,
    told: tuple[Instant, Instant],
) -> list[Report]:
    """The reports of intervals, after the first and until the second instant of `told`, into which readings were imported."""
    width, (oldest, sent) = 60.0 * minutes, told
    ends: set[Instant] = set()
    for meter in meters:
        if late.series in ("", meter.spec.series):
            since = max(late.start, oldest)
            for at in _between(connection, meter, since - _AFTER, min(late.end, sent)):
                ends.add(math.ceil(at / width) * width)
    found: list[Report] = []
    while ends:
        begin = min(ends) - width
        values = _intervals(connection, meters, begin, width)
        for end in sorted(end for end in ends if end <= begin + MOST * width):
            ends.discard(end)
            if oldest < end <= sent:
                rows = tuple(m.measured(values.get(end, {}).get(m.spec.id)) for m in meters)
                found.append(Report(end, rows))
    return found


def latest(connection: sa.Connection, meters: Sequence[Listed], now: Instant) -> Report:
    """What every meter said last."""
    rows = []
    for meter in meters:
        at = readings.edges(connection, meter.spec.series, now, now)[0]
        value = None if at is None else _between(connection, meter, at - _AFTER, at).get(at)
        rows.append(meter.measured(value))
    return Report(now, tuple(rows))


def _first(connection: sa.Connection, meters: Sequence[Listed], after: Instant) -> Instant | None:
    found = [readings.edges(connection, m.spec.series, after, after)[1] for m in meters]
    return min((at for at in found if at is not None), default=None)


def _intervals(
    connection: sa.Connection, meters: Sequence[Listed], begin: Instant, width: float
) -> dict[Instant, dict[str, float]]:
    """The last value of each meter in each interval, by its end: one that was read at the very end is of this one."""
    found: dict[Instant, dict[str, float]] = {}
    for meter in meters:
        for at, value in _between(connection, meter, begin, begin + MOST * width).items():
            found.setdefault(math.ceil(at / width) * width, {})[meter.spec.id] = value
    return found


def _between(connection: sa.Connection, meter: Listed, start: Instant, end: Instant) -> dict[Instant, float]:
    """What a meter said after `start`, and not after `end`."""
    kept = readings.between(connection, meter.spec.series, start, math.nextafter(end, math.inf))
    return {at: value for at, value in kept if value is not None and at > start}


def _whole(
    meters: Sequence[Listed], newest: Mapping[str, float | None], end: Instant, now: Instant, patience: float
) -> bool:
    if now < end:
        return False
    known = [at for at in newest.values() if at is not None]
    wired = [newest[m.spec.id] for m in meters if m.spec.point is not None] or list(newest.values())
    passed = all(at is not None and at >= end for at in wired) or any(at >= end + MARGIN for at in known)
    return passed or now >= end + patience
