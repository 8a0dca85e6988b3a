"""What each zone's day came to: seconds outside and within its rules, corrections, exceptions, overrides.

A day ends at the building's own midnight, so it has 23 or 25 hours where the clocks change. What stood over midnight is split there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.time import Instant, instant_of, local_date


class Kind(StrEnum):
    """What is counted of a day, and of what: seconds, or (`CORRECTION`, `EXCEPTION`) how often."""

    WATCHED = "watched"
    """It was known how the zone stands to its rules: what the others are a part of."""
    VIOLATION = "violation"
    """Outside a rule."""
    SET_BUT_OFF = "set_but_off"
    """A setting outside a rule's limit while its unit was off; none of it is in `VIOLATION`."""
    BLOCKED = "blocked"
    """A rule kept equipment off in opening hours."""
    CORRECTION = "correction"
    """A rule's write reached the device and was proven, by rule."""
    EXCEPTION = "exception"
    """A rule gave way, for a reason that is on record, by rule: how often it began to."""
    SUSPENDED = "suspended"
    """A rule gave way for so long."""
    OVERRIDE = "override"
    """Another master held a point above our slot, or a unit was switched to hand, by role."""
    BY_HAND = "by_hand"
    """A person held a point through this program, by role."""


COUNTED = frozenset({Kind.CORRECTION, Kind.EXCEPTION})
"""Kinds that are counted in times; the others are seconds."""


class Entry(NamedTuple):
    """Of which day (ISO date, the building's own), zone, kind, and rule or role (empty: of the zone itself)."""

    day: str
    zone: str
    kind: Kind
    what: str = ""


class Daily:
    """Adds up the days that are not over, and those that are not yet kept."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._day, self._start, self._end = "", math.inf, -math.inf
        self._values: dict[Entry, float] = {}

    @property
    def values(self) -> Mapping[Entry, float]:
        """What they came to so far."""
        return self._values

    def move(self, tz: ZoneInfo) -> None:
        """The building has another time zone from now on."""
        self._tz, self._start, self._end = tz, math.inf, -math.inf

    def restore(self, values: Mapping[Entry, float]) -> None:
        """Go on from what an earlier run left of a day."""
        self._values.update(values)

    def today(self, at: Instant) -> str:
        """The date that the building's clock shows."""
        if not self._start <= at < self._end:
            date = local_date(at, self._tz)
            tomorrow = date.fromordinal(date.toordinal() + 1)
            self._day, self._start, self._end = (
                date.isoformat(),
                instant_of(date, 0, self._tz),
                instant_of(tomorrow, 0, self._tz),
            )
        return self._day

    def stood(
        self, zone: str, standing: Mapping[Kind, tuple[str, ...]], since: Instant, until: Instant
    ) -> None:
        """A zone stood so for a while: seconds of every kind and what it was of."""
        for day, seconds in self._days(since, until):
            for kind, things in standing.items():
                for what in things:
                    self._add(Entry(day, zone, kind, what), seconds)

    def happened(self, zone: str, kind: Kind, what: str, at: Instant) -> None:
        """Something happened once."""
        self._add(Entry(self.today(at), zone, kind, what), 1.0)

    def forget(self, before: str) -> None:
        """Drop the days before a date: they are over, and kept."""
        self._values = {entry: value for entry, value in self._values.items() if entry.day >= before}

    def _add(self, entry: Entry, amount: float) -> None:
        self._values[entry] = self._values.get(entry, 0.0) + amount

    def _days(self, since: Instant, until: Instant) -> Iterator[tuple[str, float]]:
        while since < until:
            day = self.today(since)
            end = min(self._end, until)
            yield day, end - since
            since = end
