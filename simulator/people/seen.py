"""People as presence sensors saw them: recorded days, lived again in an order that chance gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

MINUTE = 60.0
PRESENT = 0.75
"""Share of a room's people who are in while its sensor sees somebody. Site choice."""

AT_WORK = 0.85
"""Share of a room's people whose machines are on from when its sensor sees the first until it has seen the last: whoever is at lunch or
in a meeting leaves them on. Site choice, with a tenth of the people away for the day and some that come late."""


class SeenDay(NamedTuple):
    """A recorded day: minutes of local time, from the day's begin, between which somebody was seen in a zone."""

    weekday: int
    """0 is Monday."""
    spans: Mapping[str, tuple[tuple[float, float], ...]]
    """By zone."""
    open: Mapping[str, bool]
    """By zone: whether its hours had it open at all that day."""


@dataclass(frozen=True)
class Seen:
    """Recorded days, and which zones were empty together: those live the same recorded day."""

    days: tuple[SeenDay, ...]
    together: tuple[tuple[str, ...], ...]
    empty: float
    """Share of their opening hours in which rooms where people stay stood empty as a whole."""

    def knows(self, zone: str) -> bool:
        """Whether a zone's presence was recorded."""
        return any(zone in group for group in self.together)

    def spans(self, seed: int, zone: str, day: date, opens: bool) -> tuple[tuple[float, float], ...] | None:
        """When somebody is in a zone on a date, minutes of local time; None where no such day was recorded.

        A day of the same weekday that was open, or closed, as this one is; else of any weekday.
        """
        alike = [each for each in self.days if each.open.get(zone) is opens]
        found = [each for each in alike if each.weekday == day.weekday()] or alike
        if not found or not self.knows(zone):
            return None
        group = next(group for group in self.together if zone in group)
        key = hashlib.blake2b(f"{seed}\0{group[0]}\0{day.toordinal()}".encode(), digest_size=8).digest()
        return found[int.from_bytes(key, "big") % len(found)].spans.get(zone)
