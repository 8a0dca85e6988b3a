"""A figure that changes from a day on: floor area, heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure and its history, oldest first. A step without a day holds for as long as anybody remembers."""

    steps: tuple[tuple[date | None, float], ...] = ()

    def at(self, day: date) -> float | None:
        """The figure that holds on a day; None before the first one."""
        held = [value for first, value in self.steps if first is None or first <= day]
        return held[-1] if held else None

    def since(self, start: date, end: date) -> Iterator[tuple[date, float | None]]:
        """From `start` until before `end`: the day from which each figure holds, and the figure."""
        yield start, self.at(start)
        yield from (
            (first, value) for first, value in self.steps if first is not None and start < first < end
        )

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __str__(self) -> str:
        if not self.steps:
            return "None"
        return ", ".join(
            f"{value:g}" if first is None else f"{first}: {value:g}" for first, value in self.steps
        )


def misplaced(days: Sequence[date | None]) -> list[tuple[int, str]]:
    """What is wrong with the order of a history: (position, `undated`, `twice` or `unsorted`)."""
    found = [(n, "undated") for n, day in enumerate(days) if day is None and n]
    for n, (before, day) in enumerate(pairwise(days), 1):
        if before is not None and day is not None and day <= before:
            found.append((n, "twice" if day == before else "unsorted"))
    return found
