"""What every point that is no meter said: a state at each change, a number every five minutes at most, and what it then
stands at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from config.points import Point
from config.roles import ROLES, Shape
from drivers.readings import Reading
from drivers.values import encode
from schedules.time import Instant
from supervisor.store.readings import Sample

MOST: Final = 100_000
"""Samples in memory while they can be kept nowhere: some 20 MB. The oldest go then."""


EVERY: Final = 300.0
"""s between two kept samples of a number: a thermometer that tells each hundredth would fill the disk. A site choice."""

LOOK: Final = 10.0
"""s between two looks at what was held back."""


class Samples:
    """Changes of the points of a site that are no meters, until they are taken to be kept."""

    def __init__(self, points: Mapping[str, Point]) -> None:
        self._points = points
        self._numbers = frozenset(
            id_ for id_, point in points.items() if ROLES[point.role].shape is Shape.NUMBER
        )
        self._new: list[Sample] = []
        self._last: dict[str, Sample] = {}
        """The last sample of each number."""
        self._held: dict[str, tuple[Instant, Reading]] = {}
        """What a number has become since and when, within five minutes of its last sample: it may stand so for days. Most are
        overtaken before they are kept, so they are made samples only then."""
        self._looked: Instant = -math.inf
        self.lost = 0
        """Samples that could be kept nowhere."""

    def heard(self, points: Sequence[str], readings: Mapping[str, Reading], now: Instant) -> None:
        """Points of which something is news, and all readings."""
        numbers, lasts = self._numbers, self._last
        for id_ in points:
            reading = readings.get(id_)
            if reading is None or id_ not in self._points:
                continue
            good = reading.good
            at = reading.since if good and math.isfinite(reading.since) else now
            if id_ in numbers:
                known, last = good and reading.value is not None, lasts.get(id_)
                if last is not None and (last.value is not None) is known and 0 <= at - last.at < EVERY:
                    self._held[id_] = (at, reading)
                    continue
            self._keep(id_, at, reading)
        self._release(now)
        if (over := len(self._new) - MOST) > 0:
            del self._new[:over]
            self.lost += over

    def _keep(self, id_: str, at: Instant, reading: Reading) -> None:
        sample = Sample(id_, at, _number(self._points[id_], reading))
        if id_ in self._numbers:
            self._last[id_] = sample
            self._held.pop(id_, None)
        self._new.append(sample)

    def _release(self, now: Instant) -> None:
        """Keep what was held back for five minutes: nothing has become of it since."""
        if 0 <= now - self._looked < LOOK:
            return
        self._looked = now
        for series in [s for s in self._held if not 0 <= now - self._last[s].at < EVERY]:
            self._keep(series, *self._held[series])

    def take(self) -> tuple[Sample, ...]:
        """All that are new, oldest first."""
        taken, self._new = tuple(self._new), []
        return taken

    def give_back(self, samples: Sequence[Sample]) -> None:
        """They could not be kept."""
        self._new[:0] = samples


def _number(point: Point, reading: Reading) -> float | None:
    if not reading.good or reading.value is None:
        return None
    try:
        return float(encode(point, reading.value))
    except ValueError:  # a mode without a number
        return None
