"""What is known of a register, and what its readings came to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Habits, Reading

NOUGHT: Final = 1e-9


class Booked(NamedTuple):
    """What was consumed between two instants, register units. `estimated`: how it is spread within is not known, or its
    amount is a guess; `cause` says why."""

    start: float
    end: float
    amount: float
    estimated: bool = False
    cause: Cause | None = None


class Finding(NamedTuple):
    """Something wrong with a meter from `start` to `end`."""

    cause: Cause
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Series:
    """A run of figures that follow one another: where it stands, when it last rose, `booked` since it was left."""

    at: float
    value: float
    changed: float
    booked: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a register after its readings so far."""

    base: Series | None = None
    """The series that is believed."""
    last: float = -math.inf
    """When anything was last read, believed or not."""
    factor: float = 1.0
    """Register units in one unit of what is told now."""
    habits: Habits = field(default_factory=Habits)
    doubted: tuple[Reading, ...] = ()
    """Readings that do not follow the base and are not believed yet; the last ones follow one another."""
    chain: int = 0
    """How many of the last of them do."""
    former: tuple[Series, ...] = field(default=())
    steps: tuple[float, ...] = ()
    """s between the last readings, the newest last: how often it is read."""

    @property
    def suspicion(self) -> Cause | None:
        """What the readings that are not believed look like; None where all are."""
        if self.base is None or not self.doubted:
            return None
        return looks(self.base, self.doubted)

    def moved(self, by: float) -> Book:
        """The same, `by` seconds later: its clock was set."""
        series = [
            replace(each, at=each.at + by, changed=each.changed + by)
            for each in (*self.former, *((self.base,) if self.base is not None else ()))
        ]
        return replace(
            self,
            base=series.pop() if self.base is not None else None,
            last=self.last + by,
            habits=self.habits._replace(since=self.habits.since + by),
            doubted=tuple(reading._replace(at=reading.at + by) for reading in self.doubted),
            former=tuple(series),
        )


NOTHING: Final = Book()
"""Before the first reading."""


class Step(NamedTuple):
    """What one reading came to."""

    book: Book
    booked: tuple[Booked, ...] = ()
    found: tuple[Finding, ...] = ()


def looks(base: Series, doubted: tuple[Reading, ...]) -> Cause:
    """What false readings were: nothing at all, a fall, or a leap."""
    if all(r.value <= max(NOUGHT, base.value * 1e-3) for r in doubted) and base.value > 0:
        return Cause.BAD_ZERO
    return Cause.BACKWARDS if doubted[0].value < base.value else Cause.JUMP
