"""What every point said, as it changed: kept raw for some months, by the hour for ever."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from config.points import Point, encode
from drivers.readings import Reading
from schedules.time import Instant
from supervisor.store.readings import Sample

MOST: Final = 100_000
"""Samples in memory while they can be kept nowhere: some 20 MB. The oldest go then."""


class Samples:
    """Changes of the points of a site that are no meters, until they are taken to be kept."""

    def __init__(self, points: Mapping[str, Point]) -> None:
        self._points = points
        self._new: list[Sample] = []
        self.lost = 0
        """Samples that could be kept nowhere."""

    def heard(self, points: Sequence[str], readings: Mapping[str, Reading], now: Instant) -> None:
        """Points of which something is news, and all readings."""
        for id_ in points:
            point = self._points.get(id_)
            reading = readings.get(id_)
            if point is not None and reading is not None:
                at = reading.since if reading.good and math.isfinite(reading.since) else now
                self._new.append(Sample(id_, at, _number(point, reading)))
        if (over := len(self._new) - MOST) > 0:
            del self._new[:over]
            self.lost += over

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
