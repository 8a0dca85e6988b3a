"""The days of a trial, as its estimate sees them, and what kind of day each is."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.trial import Sees
from supervisor.savings.days import Flags, Floats

STOOD: Final = 3
"""Days without work after which a day is not compared with one after fewer: rooms that stood cold through a holiday. Site choice."""
Numbers = NDArray[np.int64]


def stood(working: Flags, idle: int) -> Numbers:
    """Days without work that lie just before each day; `idle` before the first."""
    found = np.zeros(working.size, np.int64)
    found[:1] = idle
    for day in range(1, working.size):
        found[day] = 0 if working[day - 1] else found[day - 1] + 1
    return found


class Sensed(NamedTuple):
    """What sensors saw of each day, which no coin should move."""

    name: Sees
    hours: Floats
    """Zone-hours, shape (n,); NaN: not measured on enough of the day."""


class Past(NamedTuple):
    """The days just before a trial's first, all run in one way; in order, without a gap, all of shape (n,)."""

    energy: Floats
    """In the trial's unit; NaN: unknown."""
    temperature: Floats
    """°C; NaN: unknown."""
    working: Flags
    idle: int = 0
    """Days without work that lie just before the first."""

    @property
    def known(self) -> int:
        """Days with energy and weather."""
        return int((np.isfinite(self.energy) & np.isfinite(self.temperature)).sum())


class Days(NamedTuple):
    """The days of the blocks that are over, one after the other without a gap; all of shape (n,)."""

    energy: Floats
    """In any one unit; NaN: not counted."""
    temperature: Floats
    """°C; NaN: unknown, and then not counted."""
    working: Flags
    treated: Flags
    """Lived under the treatment."""
    pair: Numbers
    """Number of the pair within the trial, of every day."""
    earlier: Flags
    """Of the earlier half of its pair."""
    compared: Flags
    """Compared with its partner: of an arm of two days only the second is."""
    before: bool = False
    """Whether the day before the first was the treatment's."""
    idle: int = 0
    """Days without work that lie just before the first."""
    sensed: tuple[Sensed, ...] = ()
    past: Past | None = None
    """What is known of the time before; None: nothing."""

    def until(self, n: int) -> Days:
        """The first days."""
        return Days(
            self.energy[:n], self.temperature[:n], self.working[:n], self.treated[:n], self.pair[:n], self.earlier[:n],
            self.compared[:n], self.before, self.idle, tuple(each._replace(hours=each.hours[:n]) for each in self.sensed),
            self.past,
        )  # fmt: skip

    @property
    def counts(self) -> Flags:
        """Days of which energy and weather are known."""
        return np.asarray(np.isfinite(self.energy) & np.isfinite(self.temperature))

    @property
    def stood(self) -> Numbers:
        """Days without work that lie just before each day."""
        return stood(self.working, self.idle)

    @property
    def kinds(self) -> Numbers:
        """By day: 0 without work, 1 with, 2 with work after so many days without that it is like no Monday."""
        return np.where(self.working, 1 + (self.stood >= STOOD), 0)
