"""A room that says that it is colder than anything about it has been: no frost, but a sensor. Pure.

Nothing cools a room below what it is outdoors but its own unit, and that not to where frost protection begins. In the cold
months, and in winter, every such reading is believed, whatever other sensors say: heating for nothing costs money, a burst pipe a floor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median
from typing import Final

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import Role
from config.rules import BELOW_MOST
from schedules.seasons import Season
from schedules.time import DAY, Instant, local_date
from supervisor.core.known import Known
from supervisor.core.rules.common import has_hvac

_HOUR: Final = 3600.0
COLDER: Final = 10.0
"""K by which a room has to be colder than the coldest of the last day outdoors, a site choice: a heavy unheated building lags behind
a spring day by less where it is near freezing."""
ALIVE: Final = 6 * 3600.0
"""s within which an outdoor figure has to have changed to say anything against a room, but in summer; a site choice."""
NIGHT: Final = 18 * _HOUR
"""s that must have been lived through for a night to be among them, but in summer; a site choice."""
ROOMS: Final = 3
"""Other rooms that have to be known to speak in summer where nothing is known of outdoors; a site choice."""
NORTHERN_COLD: Final = frozenset((11, 12, 1, 2, 3))
"""Months in which a cold room is always believed, north of the equator; a site choice. South of it they are May to September."""
SOUTHERN_COLD: Final = frozenset((5, 6, 7, 8, 9))


class Cold:
    """Which rooms of a site cannot be as cold as they say. `season` is the one in force at an instant."""

    def __init__(self, known: Known, season: Callable[[Instant], Season | None]) -> None:
        site = known.site
        self._known, self._season, self._tz = known, season, site.tz
        self._outdoors = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
        self._months = SOUTHERN_COLD if site.season.hemisphere == "south" else NORTHERN_COLD
        self._rooms = [
            point.id for zone in site.zones.values() for point in zone.sensors.get(Role.TEMPERATURE, ())
        ]
        self._heated = {
            point.id
            for zone in site.zones.values()
            if has_hvac(zone)
            for point in zone.sensors.get(Role.TEMPERATURE, ())
        }
        """Rooms that we heat or cool: a larder that is none of ours may be at 4 °C all year."""
        self._coldest: dict[int, float] = {}
        """°C outdoors, by hour, of the last day as far as it was lived through."""

    def look(self, now: Instant) -> None:
        """Take note of how cold it is outdoors; call it once in a minute or so."""
        hour, value = int(now // _HOUR), self._outside()
        self._coldest = {h: c for h, c in self._coldest.items() if 0 <= hour - h <= DAY // _HOUR}
        if value is not None:
            self._coldest[hour] = min(value, self._coldest.get(hour, math.inf))

    def carry_over(self, other: Cold) -> None:
        """Take what another version of the site file lived through."""
        self._coldest = dict(other._coldest)

    def forget(self) -> None:
        """The clock was set: what was when is not known."""
        self._coldest.clear()

    def why(self, point: Point, value: Value, at: Instant) -> Phrase | None:
        """Why a room cannot be as cold as it says; None where it can be."""
        if not isinstance(value, int | float) or value >= BELOW_MOST or point.id not in self._heated:
            return None
        season = self._season(at)
        if season is Season.WINTER or local_date(at, self._tz).month in self._months:
            return None
        outside = self._outside()
        if outside is None or self._outdoors is None:
            return self._unlike_others(point, value) if season is Season.SUMMER else None
        if season is not Season.SUMMER and (
            at - self._known.reading(self._outdoors.id).since > ALIVE or not self._lived_a_night(at)
        ):
            return None
        coldest = min([outside, *self._coldest.values()])
        if coldest - value < COLDER:
            return None
        return Phrase(
            f"says {value:.1f} °C, while it has been {coldest:.1f} °C outdoors or more: no room is that cold then, and it is not heated "
            "for it; check the sensor, and the one outdoors",
            f"显示 {value:.1f} °C，而近一日室外不低于 {coldest:.1f} °C：房间不可能这么冷，不为此供热；请检查该传感器及室外传感器",
        )

    def _lived_a_night(self, at: Instant) -> bool:
        """Whether it is known how cold the last night was: after a start at noon of an April day it is not."""
        return bool(self._coldest) and int(at // _HOUR) - min(self._coldest) >= NIGHT // _HOUR

    def _outside(self) -> float | None:
        reading = self._known.reading(self._outdoors.id) if self._outdoors is not None else None
        good = reading is not None and reading.good and isinstance(reading.value, int | float)
        return float(reading.value or 0.0) if reading is not None and good else None

    def _unlike_others(self, point: Point, value: float) -> Phrase | None:
        others = [
            float(reading.value or 0.0)
            for id_ in self._rooms
            if id_ != point.id and (reading := self._known.reading(id_)).good
        ]
        if len(others) < ROOMS or (usual := median(others)) - value < COLDER:
            return None
        return Phrase(
            f"says {value:.1f} °C in summer, while half of the other rooms are at {usual:.1f} °C or more: not heated for it; check the sensor",
            f"夏季显示 {value:.1f} °C，而其他房间半数不低于 {usual:.1f} °C：不为此供热；请检查该传感器",
        )
