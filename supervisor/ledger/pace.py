"""How often a register is read as a rule, by its readings themselves: a file has one row an hour, or a month, of a meter that is polled each minute. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

RARE: Final = 300.0
"""s between two readings from which on they may be apart by design. What is polled more often and fails now and then has lost readings."""
ALIKE: Final = 0.2
"""Share by which steps of one pace differ: days have 23 to 25 hours, months 28 to 31 days."""
AROUND: Final = 4
"""Steps before one, and after it, that say what its pace is."""
LEAST: Final = 3
"""Steps alike that make a pace: two gaps are two gaps."""


def pace(steps: Sequence[float]) -> float | None:
    """s between two readings as most of some steps have it, if that is rare; None: the steps say nothing else than what is expected."""
    rare = sorted([step for step in steps if step >= RARE])
    if len(rare) < LEAST or 2 * len(rare) <= len(steps):
        return None
    middle = rare[len(rare) // 2]
    least, most = middle * (1 - ALIKE), middle * (1 + ALIKE)
    alike = (
        len(rare) if least <= rare[0] and rare[-1] <= most else sum(least <= step <= most for step in rare)
    )
    return middle if alike >= LEAST and 2 * alike > len(steps) else None


def around(steps: Sequence[float], n: int) -> float | None:
    """The pace of the n-th of some steps, by those before it and after it; None where it is no rare one."""
    return pace(steps[max(0, n - AROUND) : n + AROUND + 1]) if steps[n] >= RARE else None


def seconds(steps: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """s from `start` until `end` that lie within steps of a regular rare pace. `steps`: from reading to reading, those of `RARE`
    and more, in order; where one does not begin with the end of the one before, there were others between."""
    lengths: list[float] = []
    places: list[int] = []
    before: float | None = None
    for since, to in steps:
        if before is not None and since != before:
            lengths += [0.0] * AROUND
        places.append(len(lengths))
        lengths.append(to - since)
        before = to
    found = 0.0
    for (since, to), n in zip(steps, places, strict=True):
        usual = around(lengths, n) if to > start and since < end else None
        if usual is not None:
            counts_to = to if to - since <= (1 + ALIKE) * usual else since + usual
            found += max(0.0, min(counts_to, end) - max(since, start))
    return found
