"""A histogram whose lines are written as cheaply as the rest: fifty controllers have seven hundred."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from supervisor.telling.metrics.definitions import Definition
from supervisor.telling.metrics.text import escaped, form, head, number


class Histogram:
    """How often each length of time was observed, by label values. `buckets` are upper bounds, s, rising."""

    def __init__(self, definition: Definition, buckets: tuple[float, ...]) -> None:
        self._definition = definition
        self._buckets = buckets
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}

    def begin(self, *labels: str) -> None:
        """Tell of these label values from now on, if only that nothing was observed."""
        if labels not in self._counts:
            self._counts[labels] = [0] * (len(self._buckets) + 1)
            self._sums[labels] = 0.0

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one."""
        self.begin(*labels)
        self._counts[labels][bisect_left(self._buckets, seconds)] += 1
        self._sums[labels] += seconds

    def lines(self, building: str) -> Iterator[str]:
        """Head and samples, text format 0.0.4; nothing where nothing was begun."""
        if not self._counts:
            return
        yield head(self._definition)
        name, labels = self._definition.name, ("building", *self._definition.labels)
        bucket, order = form(f"{name}_bucket", (*labels, "le"), building)
        bounds = [*map(number, self._buckets), "+Inf"]
        for values, counts in list(self._counts.items()):
            for bound, count in zip(bounds, accumulate(counts), strict=True):
                told = (*map(escaped, values), bound)
                yield bucket % (*(told[n] for n in order), number(count))
        for suffix, found in (("count", {v: sum(c) for v, c in self._counts.items()}), ("sum", self._sums)):
            line, order = form(f"{name}_{suffix}", labels, building)
            for values, value in list(found.items()):
                yield line % (*(escaped(values[n]) for n in order), number(value))
