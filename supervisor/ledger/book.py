"""What is known of a register, and what its readings came to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Habits, Reading

NOUGHT: Final = 1e-9
NEARLY: Final = 1e-3
"""Share of a figure that is nearly nothing."""
FALL: Final = 0.01
"""Share by which a figure falls that is no rounding of a display."""
TURNS: Final = 32
"""Changes of a figure by which it is judged."""
_FULL: Final = 1 << TURNS + 1
IN_A_ROW: Final = 5
"""Falls in a row, by however little, that are no rounding either: a register that counts both ways runs backwards for hours, and of what
flickers around a figure less than every hundredth change stands in such a row."""
FALLS: Final = 6
OFTEN: Final = 0.2
"""Falls among those, and the share that they are, which no register has: one is exchanged or begins again, and not every fifth time."""


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
    told: float = 0.0
    """What it said last, believed or not, as it said it."""
    turns: int = 1
    """Its last changes, a bit each behind a leading one: whether it fell."""
    down: int = 0
    """How often in a row it fell, by however little."""
    steps: tuple[float, ...] = ()
    """s between the last readings, the newest last: how often it is read."""

    @property
    def suspicion(self) -> Cause | None:
        """What the readings that are not believed look like; None where all are."""
        if self.base is None or not self.doubted:
            return None
        return Cause.NO_REGISTER if self.restless else looks(self.base, self.doubted)

    @property
    def restless(self) -> bool:
        """Whether it falls so often that it is no register, but power, or what was consumed in each interval."""
        falls = self.turns.bit_count() - 1
        return falls >= FALLS and falls >= OFTEN * (self.turns.bit_length() - 1)

    def turned(self, value: float) -> tuple[float, int, int]:
        """What it said last, its turns, and how often it fell in a row, after it said a value. One that is nothing, or nearly, is no fall: gateways answer so for
        what they have not read."""
        before, turns = self.told, self.turns
        if value == before or value <= max(NOUGHT, before * NEARLY):
            return before, turns, self.down
        down = self.down + 1 if value < before else 0
        if before:
            turns = turns << 1 | (value < before * (1 - FALL) or down > IN_A_ROW)
            if down == IN_A_ROW and turns >> IN_A_ROW:
                turns |= (1 << IN_A_ROW) - 1
            if turns >= _FULL:
                turns = turns & (_FULL // 2 - 1) | _FULL // 2
        return value, turns, down

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
    if all(r.value <= max(NOUGHT, base.value * NEARLY) for r in doubted) and base.value > 0:
        return Cause.BAD_ZERO
    return Cause.BACKWARDS if doubted[0].value < base.value else Cause.JUMP
