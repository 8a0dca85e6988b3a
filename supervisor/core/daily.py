"""What each zone's day came to: seconds outside and within its rules, corrections, exceptions, overrides.

A day ends at the building's own midnight, so it has 23 or 25 hours where the clocks change. What stood over midnight is split there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias
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


Standing: TypeAlias = tuple[tuple[Kind, str], ...]
"""What is counted of a zone for as long as it stands so; never empty."""
_ONLY: Standing = ((Kind.WATCHED, ""),)


class Daily:
    """Adds up the days that are not over, and those that are not yet kept."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._day, self._start, self._end = "", math.inf, -math.inf
        self._values: dict[Entry, float] = {}
        self._standing: dict[str, Standing] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}

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

    def stands(self, zone: str, standing: Standing) -> None:
        """A zone stands so from now on."""
        if self._standing.get(zone) != standing:
            self._standing[zone] = standing
            self._entries.pop(zone, None)

    def passed(self, zone: str, since: Instant, until: Instant) -> None:
        """A zone has stood as it stands for a while."""
        values = self._values
        for day, seconds in self._days(since, until):
            for entry in self._entries_of(zone, day):
                values[entry] = values.get(entry, 0.0) + seconds

    def _entries_of(self, zone: str, day: str) -> tuple[Entry, ...]:
        """What is counted of a zone as it stands; made once a day and change, not at every look at a thousand zones."""
        known = self._entries.get(zone)
        if known is None or known[0].day != day:
            known = tuple(Entry(day, zone, kind, what) for kind, what in self._standing.get(zone, _ONLY))
            self._entries[zone] = known
        return known

    def happened(self, zone: str, kind: Kind, what: str, at: Instant) -> None:
        """Something happened once."""
        entry = Entry(self.today(at), zone, kind, what)
        self._values[entry] = self._values.get(entry, 0.0) + 1.0

    def forget(self, before: str) -> None:
        """Drop the days before a date: they are over, and kept."""
        self._values = {entry: value for entry, value in self._values.items() if entry.day >= before}

    def _days(self, since: Instant, until: Instant) -> Iterator[tuple[str, float]]:
        while since < until:
            day = self.today(since)
            end = min(self._end, until)
            yield day, end - since
            since = end
