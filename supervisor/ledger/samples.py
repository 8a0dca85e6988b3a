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
        self._new: list[Sample] = []
        self._last: dict[str, Sample] = {}
        """The last sample of each number."""
        self._held: dict[str, Sample] = {}
        """What a number has become since, within five minutes of its last sample: it may stand so for days."""
        self._looked: Instant = -math.inf
        self.lost = 0
        """Samples that could be kept nowhere."""

    def heard(self, points: Sequence[str], readings: Mapping[str, Reading], now: Instant) -> None:
        """Points of which something is news, and all readings."""
        for id_ in points:
            point = self._points.get(id_)
            reading = readings.get(id_)
            if point is not None and reading is not None:
                at = reading.since if reading.good and math.isfinite(reading.since) else now
                sample = Sample(id_, at, _number(point, reading))
                if ROLES[point.role].shape is not Shape.NUMBER or self._due(sample):
                    self._new.append(sample)
        self._release(now)
        if (over := len(self._new) - MOST) > 0:
            del self._new[:over]
            self.lost += over

    def _due(self, sample: Sample) -> bool:
        """Whether a number is kept: now and then, and whenever it becomes known or unknown."""
        last = self._last.get(sample.series)
        if (
            last is not None
            and (last.value is None) is (sample.value is None)
            and 0 <= sample.at - last.at < EVERY
        ):
            self._held[sample.series] = sample
            return False
        self._last[sample.series] = sample
        self._held.pop(sample.series, None)
        return True

    def _release(self, now: Instant) -> None:
        """Keep what was held back for five minutes: nothing has become of it since."""
        if 0 <= now - self._looked < LOOK:
            return
        self._looked = now
        for series in [s for s in self._held if not 0 <= now - self._last[s].at < EVERY]:
            self._last[series] = sample = self._held.pop(series)
            self._new.append(sample)

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
