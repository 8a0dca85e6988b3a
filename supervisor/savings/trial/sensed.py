"""What sensors saw of the days of a trial: zone-hours with somebody in, zone-hours with a window open. As the building's own sensors had it, and no guess where they had
nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import sqlalchemy as sa

from config.points import Point
from config.roles import Role
from config.site import Site
from config.trial import Sees
from drivers.values import encode
from schedules.time import instant_of, local_date
from schedules.weather.daily_mean import COVERAGE
from supervisor.savings.trial.days import Sensed
from supervisor.store import hours

ROLES: Final = {Sees.PRESENCE: Role.OCCUPANCY, Sees.WINDOWS: Role.WINDOW}


def sensed(
    connection: sa.Connection, site: Site, names: Sequence[Sees], dates: Sequence[date]
) -> tuple[Sensed, ...]:
    """Each day's zone-hours, by what is looked at. A day of which sensors measured less than three quarters has none. Raises StoreProblem."""
    return tuple(_sensed(connection, site, name, dates) for name in names)


def _sensed(connection: sa.Connection, site: Site, name: Sees, dates: Sequence[date]) -> Sensed:
    zones = [points for zone in site.zones.values() if (points := zone.sensors.get(ROLES[name]))]
    found = np.full(len(dates), np.nan)
    if not zones or not dates:
        return Sensed(name, found)
    start, end = instant_of(dates[0], 0, site.tz), instant_of(dates[-1] + timedelta(1), 0, site.tz)
    seen: defaultdict[date, float] = defaultdict(float)
    known: defaultdict[date, float] = defaultdict(float)
    for points in zones:
        for at, share, measured in _zone(connection, points, start, end):
            day = local_date(at, site.tz)
            seen[day] += share * measured
            known[day] += measured
    for n, day in enumerate(dates):
        whole = (
            (instant_of(day + timedelta(1), 0, site.tz) - instant_of(day, 0, site.tz))
            / hours.HOUR
            * len(zones)
        )
        if known[day] >= COVERAGE * whole:
            found[n] = seen[day] / known[day] * whole
    return Sensed(name, found)


def _zone(
    connection: sa.Connection, points: Sequence[Point], start: float, end: float
) -> Iterator[tuple[float, float, float]]:
    """Of each hour its begin, the share in which any sensor of a zone saw something, and the share in which one was known. Of several sensors that which saw most."""
    found: dict[float, tuple[float, float]] = {}
    for point in points:
        nothing, something = float(encode(point, False)), float(encode(point, True))
        for hour in hours.told(connection, point.id, start, end, still=True):
            share = min(1.0, max(0.0, (hour.mean - nothing) / (something - nothing)))
            found[hour.start] = max(found.get(hour.start, (0.0, 0.0)), (share, hour.known))
    yield from ((at, share, known) for at, (share, known) in sorted(found.items()))
