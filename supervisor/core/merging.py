"""Several like sensors of a zone, taken together: the rules are given one of each role."""

from __future__ import annotations

import math
from collections.abc import Sequence

from config.roles import ROLES, Role, Shape
from drivers.readings import Quality, Reading
from supervisor.core.views import SensorView


def merged(role: Role, sensors: Sequence[SensorView]) -> SensorView:
    """What sensors of a role, one at least, say together: numbers are averaged over the good ones, anybody seen is presence.
    Where none is good it is not known, as the first of them says."""
    good = [each for each in sensors if each.reading.good]
    if not good:
        return sensors[0]
    if ROLES[role].shape is not Shape.NUMBER:
        return _any(sensors, good)
    mean = math.fsum(float(each.reading.value or 0.0) for each in good) / len(good)
    newest = max(each.reading.time for each in good)
    return SensorView(
        sensors[0].point, Reading(mean, Quality.GOOD, newest, max(each.reading.since for each in good))
    )


def _any(sensors: Sequence[SensorView], good: Sequence[SensorView]) -> SensorView:
    """Present if any sensor sees somebody; absent only if every sensor is known to see nobody."""
    seen = [each for each in good if each.reading.value]
    if seen:
        return min(seen, key=lambda each: each.reading.since)
    if len(good) < len(sensors):
        return next(each for each in sensors if not each.reading.good)
    return max(good, key=lambda each: each.reading.since)
