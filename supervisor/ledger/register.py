"""A meter's register: what it can count, and what of that can be true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

TOLERANCE: Final = 1.1
"""Rated power may be exceeded by a tenth: readings are rounded, and a gateway stamps them late by its own poll."""
UNRATED: Final = 10.0
"""How often the greatest rate seen may be exceeded where no rated power is known."""
KNOWN_AFTER: Final = 8
"""Rises after which the greatest rate counts as known."""
LEARNED, OFTEN = 7 * 86_400.0, 50
"""s of a register's past, and rises in it, after which its greatest rate is evidence."""
_DECADES: Final = tuple(10.0**n for n in range(3, 13))
_COUNTS: Final = (2.0**16, 2.0**31, 2.0**32)
_STEPS: Final = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
ENDS: Final = tuple(sorted({*_DECADES, *(count * step for count in _COUNTS for step in _STEPS)}))
"""Where registers end whose width nobody has told: decimal dials, and 16, 31 and 32 bits of any decimal step."""


class Reading(NamedTuple):
    """What a register said: `at` in POSIX seconds, `value` in the register's own unit."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Register:
    """A cumulative register as the ledger's file describes it.

    `interval`: seconds between two readings as they should come. `rated`: the most that can be consumed, register
    units an hour; None: not known, and learned. `end`: the figure at which it begins again at 0 (10^digits).
    `always_on`: something behind it consumes at any time, so that standing still is a fault within a day.
    """

    interval: float
    rated: float | None = None
    end: float | None = None
    always_on: bool = False


class Habits(NamedTuple):
    """What is known of a register by its own past. Rates in register units a second, times in seconds."""

    top: float = 0.0
    """The greatest rate between two of its changes."""
    mean: float = 0.0
    """The rate of the last day or so: an exponential mean by time."""
    step: float = 0.0
    """The smallest rise."""
    rises: int = 0
    still: float = 0.0
    """The longest time for which it stood still and then went on as if nothing had been."""
    since: float = 0.0
    """When it was first read."""
    recent: float = 0.0
    """The rate of the last hour or so."""

    def rose(self, by: float, within: float) -> Habits:
        """After a rise `by` register units, `within` seconds since the change before it."""
        rate, weight, recently = by / within, min(1.0, within / 86_400.0), min(1.0, within / 3600.0)
        return self._replace(
            top=max(self.top, rate),
            mean=self.mean + (rate - self.mean) * weight if self.rises else rate,
            step=min(self.step, by) if self.step else by,
            rises=self.rises + 1,
            still=max(self.still, within),
            recent=self.recent + (rate - self.recent) * recently if self.rises else rate,
        )

    def most(self, register: Register, seconds: float) -> float:
        """The most that the register can have counted in so many seconds."""
        if register.rated is not None:
            rated = register.rated / 3600.0
            step = self.step if self.rises >= KNOWN_AFTER else max(self.step, rated * register.interval)
            return rated * seconds * TOLERANCE + step
        if self.rises < KNOWN_AFTER:
            return float("inf")
        return self.top * seconds * UNRATED + self.step

    def proven(self, register: Register, seconds: float, now: float) -> float:
        """A rise within so many seconds above which it must have begun before them: short of what `most` forbids, where
        only its own past says what it can count."""
        if register.rated is not None:
            return self.most(register, seconds)
        if now - self.since < LEARNED or self.rises < OFTEN:
            return float("inf")
        return 3 * self.top * seconds + 2 * self.step

    def usual(self, register: Register, seconds: float) -> float:
        """What it may have counted if it is the same register as ever: an explanation must not need more."""
        return min(
            self.most(register, seconds),
            2 * self.top * seconds + 2 * self.step if self.rises else float("inf"),
        )


def digit(*values: float) -> float:
    """The last decimal place that any of some figures uses, as far as a millionth: 0.1, 1, 1000; 0.0 where they are 0."""
    whole = math.gcd(*(round(value * 1e6) for value in values if abs(value) < 1e12))
    place = 1
    while whole and whole % (place * 10) == 0:
        place *= 10
    return place / 1e6 if whole else 0.0


def past_the_end(register: Register, before: float, after: float, most: float) -> float | None:
    """What was counted where the register passed its end between two figures; None where it cannot have, or nobody
    can tell."""
    if most == float("inf"):
        if register.end is None:
            return None
        most = register.end / 10  # nothing is known yet: near its end is near
    for end in (register.end,) if register.end is not None else ENDS:
        if end >= before:
            counted = end - before + after
            return counted if counted <= most and after < end else None
    return None
