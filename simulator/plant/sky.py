"""What the outdoors does to every zone, minute by minute, worked out a day at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import DAY, Instant
from schedules.weather import air, sun
from schedules.weather.series import SIGMA, Sample, Series, Weather
from simulator.plant.building import Zone

Floats: TypeAlias = NDArray[np.float64]

GRID = 60.0
"""Seconds that one row stands for; a step takes the row at its middle."""
_ROWS = 1440

# ASHRAE Handbook - Fundamentals (2021), chapter 15, table 10, uncoated clear double glazing 3 mm: solar
# heat gain
# coefficient at 0, 40, 50, 60, 70, 80, 90 degrees and for diffuse light, over that at normal incidence.
_ANGLES = np.radians([0.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0])
_BY_ANGLE = np.array([0.76, 0.74, 0.71, 0.64, 0.50, 0.26, 0.0]) / 0.76
_DIFFUSE = 0.66 / 0.76

H_RADIATIVE = 5.0
"""External radiative coefficient of a black surface, W/(m² K): ISO 13790:2008, 11.3.5."""


class Sky:
    """Weather and solar gains of one day at a time; a different day is worked out when it is asked for."""

    def __init__(self, zones: tuple[Zone, ...], weather: Weather, pressure: float) -> None:
        self._weather = weather
        self._pressure = pressure
        self._azimuths = sorted({facade.azimuth % 360.0 for zone in zones for facade in zone.facades})
        self._grounds = sorted({zone.envelope.ground for zone in zones if zone.envelope.ground is not None})
        self._coefficients = _coefficients(zones, self._azimuths, self._grounds)
        self._first: Instant = math.inf
        self._sunny = 2 * len(self._azimuths) + 2
        """So many of the features are sunlight."""
        self.shone: Callable[[Floats], Floats] | None = None
        """POSIX times → (times, zones) by which the weather's sunlight is to be multiplied; None: it is as the weather says."""
        self.samples: list[Sample] = []
        self.solar = np.empty((0, len(zones)))
        """(rows, zones) heat from the sun less what radiates to the sky, W: ISO 13790:2008, eq. 43."""
        self.outdoor = self.ratio = np.empty(0)
        """(rows,) `samples`' dry bulb and `humidity`, as arrays."""
        self.humidity: list[float] = []
        """(rows,) outdoor humidity ratio, kg/kg."""
        self.wet_bulb: list[float] = []
        """(rows,) outdoor wet bulb, °C."""

    def row(self, time: Instant) -> int:
        """The row of the tables that holds at `time`; works out its day first where need be."""
        row = int((time - self._first) // GRID) if self._first <= time else -1
        if 0 <= row < _ROWS:
            return row
        self._first = time // DAY * DAY
        self._fill()
        return int((time - self._first) // GRID)

    def _fill(self) -> None:
        times = self._first + (np.arange(_ROWS, dtype=np.float64) + 0.5) * GRID
        weather = self._weather.series(times)
        site = self._weather.site
        seen = sun.position(times, site.latitude, site.longitude)
        features = self._features(seen, weather) + self._beneath(weather.dry_bulb)
        self.solar = _combine(features, self._coefficients)
        if self.shone is not None:
            sunlight = _combine(features[: self._sunny], self._coefficients[: self._sunny])
            self.solar += sunlight * (self.shone(times) - 1.0)
        self.samples = list(map(Sample._make, np.array(weather).T.tolist()))
        ratio = air.humidity_ratio(weather.dry_bulb, weather.relative_humidity, self._pressure)
        self.outdoor, self.ratio = weather.dry_bulb, ratio
        self.humidity = ratio.tolist()
        self.wet_bulb = wet_bulb(weather.dry_bulb, weather.relative_humidity).tolist()

    def _beneath(self, outdoor: Floats) -> list[Floats]:
        """Columns over rows: each kind of ground over the outdoor temperature, by which the network counts it, K."""
        middle = self._first + 43_200.0 + self._weather.site.utc_offset * 3600.0
        month = datetime.fromtimestamp(middle, UTC).month
        return [ground[month - 1] - outdoor for ground in self._grounds]

    def _features(self, seen: sun.Sun, weather: Series) -> list[Floats]:
        """Columns over rows: per surface the light on it and through its glass; then the cold sky's pull."""
        columns: list[Floats] = []
        for azimuth, tilt in [*((azimuth, 90.0) for azimuth in self._azimuths), (0.0, 0.0)]:
            falls = sun.on_surface(seen, weather.direct_normal, weather.diffuse, azimuth, tilt)
            modifier = np.interp(np.arccos(np.clip(falls.cos_incidence, 0.0, 1.0)), _ANGLES, _BY_ANGLE)
            whole = falls.direct + falls.diffuse
            columns += [whole, falls.direct * modifier + falls.diffuse * _DIFFUSE]
        sky = (np.maximum(weather.infrared, 50.0) / SIGMA) ** 0.25 - 273.15
        columns.append(weather.dry_bulb - sky)
        return columns


def _combine(features: list[Floats], coefficients: Floats) -> Floats:
    """(rows, zones): a matrix product whose rounding does not depend on a zone's place, as a BLAS's may."""
    result = np.zeros((_ROWS, coefficients.shape[1]))
    for values, weights in zip(features, coefficients, strict=True):
        result += values[:, None] * weights
    return result


def _coefficients(zones: tuple[Zone, ...], azimuths: list[float], grounds: list[tuple[float, ...]]) -> Floats:
    """(features, zones), in the order of `Sky._features`: ISO 13790:2008, eqs. 43 to 46 and 11.3.5."""
    flat = 2 * len(azimuths)
    table = np.zeros((flat + 3 + len(grounds), len(zones)))
    for number, zone in enumerate(zones):
        e = zone.envelope
        radiates = 0.0
        for facade in zone.facades:
            column = 2 * azimuths.index(facade.azimuth % 360.0)
            glass = facade.area * facade.window_share
            wall = facade.area - glass
            through = glass * (1.0 - e.frame) * e.shgc * e.shading
            table[column + 1 if e.angular else column, number] += through * (
                1.0 if e.angular else e.incidence
            )
            table[column, number] += e.absorptance * e.r_outside * e.u_wall * wall
            radiates += 0.5 * (e.u_wall * wall + e.u_window * glass)  # a wall sees half of the sky
        table[flat, number] += e.absorptance * e.r_outside * e.u_roof * zone.roof_area
        radiates += e.u_roof * zone.roof_area
        if e.ground is not None:
            # As eq. 43 counts the cold sky: a heat flow beside what the same wall loses to the outdoor air.
            table[flat + 3 + grounds.index(e.ground), number] = e.u_ground * zone.ground_area
        table[flat + 2, number] = -e.r_outside * H_RADIATIVE * e.emissivity * radiates
    return table


def wet_bulb(temperature: Floats, relative: Floats) -> Floats:
    """Wet bulb in °C at sea-level pressure: Stull (2011), J. Appl. Meteor. Climatol. 50(11), eq. 1."""
    rh = np.maximum(relative, 5.0)
    return (
        temperature * np.arctan(0.151977 * np.sqrt(rh + 8.313659))
        + np.arctan(temperature + rh)
        - np.arctan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * np.arctan(0.023101 * rh)
        - 4.686035
    )
