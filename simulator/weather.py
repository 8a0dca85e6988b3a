"""A synthetic Shanghai year, for when there is no weather file."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schedules.time import DAY, Instant
from schedules.weather import air, sun
from schedules.weather.series import Floats, Sample, Series, Site, sky_infrared

SHANGHAI = Site("Shanghai", 31.40, 121.45, 5.5, 8.0)
"""Station 58362 Baoshan, which reports as Shanghai."""

# Monthly normals 1981-2010 of Shanghai (WMO 58362): mean daily maximum and minimum, °C, as published by the
# China Meteorological Administration through WMO's World Weather Information Service. docs/validation.md.
_MAXIMUM = (8.1, 10.1, 13.8, 19.5, 24.8, 27.8, 32.2, 31.5, 27.9, 22.9, 17.3, 11.1)
_MINIMUM = (2.1, 3.7, 6.9, 11.9, 17.3, 21.7, 25.8, 25.8, 22.4, 16.8, 10.6, 4.7)
# Mean relative humidity, %, and sunshine, hours a month, of the same station and period.
_HUMIDITY = (74.0, 73.0, 73.0, 72.0, 72.0, 79.0, 77.0, 78.0, 75.0, 72.0, 72.0, 71.0)
_SUNSHINE = (114.3, 119.9, 128.5, 148.5, 169.8, 130.9, 190.8, 185.7, 167.5, 161.4, 131.1, 127.4)
_DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
_WIND = 3.1
"""Annual mean wind at 10 m, m/s: site choice, of the order of the station's record."""
_SPREAD = (2.6, 2.8, 3.0, 3.0, 2.6, 2.4, 2.2, 1.8, 2.2, 2.4, 2.8, 2.8)
"""Standard deviation of the daily mean about its normal, K. Site choice, as in Chinese TMY files."""
_PERSISTENCE = 0.7
"""Correlation of one day's departure with the next: site choice; 0.6 to 0.8 is usual in mid-latitudes."""
_HALF_A_YEAR = timedelta(days=183)
_MEMORY = 16
"""Days of noise that a departure remembers; 0.7 ** 16 = 0.3 %."""


class _Day(NamedTuple):
    """What a synthetic calendar day (local standard time) is made of."""

    minimum: float
    maximum: float
    humidity: float
    """Mean of the day, %."""
    sunshine: float
    """Fraction of the daylight with bright sun, 0 to 1."""
    wind: float


class SyntheticShanghai:
    """A made-up year about Shanghai's monthly normals, for any date: each day drawn from `seed` and its date.

    Daily means depart from the normals by a moving average of noise, so that warm and cool spells occur. The
    daily range and the sunshine go with the day's cloudiness; the temperature runs through the day in cosine
    pieces. The sun is Haurwitz's clear sky (1945, in Reno, Hansen and Stein, SAND2012-2389) scaled by
    Ångström-Prescott with FAO-56's coefficients and split by Erbs et al. (1982).

    At a `site` on another clock, or south of the equator, it is the same year by that clock, half a year later.
    """

    def __init__(self, seed: int = 0, site: Site = SHANGHAI) -> None:
        self.seed = seed
        self._site = site
        self._days: dict[int, _Day] = {}

    @property
    def site(self) -> Site:
        """Where it is."""
        return self._site

    @property
    def label(self) -> str:
        """What a report calls it."""
        place = "" if self._site == SHANGHAI else f", by a clock of UTC{self._site.utc_offset:+g}"
        south = ", half a year later as in the south" if self._site.latitude < 0.0 else ""
        return f"synthetic Shanghai year (normals 1981-2010, seed {self.seed}{place}{south})"

    def at(self, time: Instant) -> Sample:
        """The weather at one instant."""
        return Sample(*(float(values[0]) for values in self.series(np.array([time]))))

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        local = (times + self._site.utc_offset * 3600.0) / DAY
        ordinal = np.floor(local).astype(np.int64)
        hour = (local - ordinal) * 24.0
        first, last = int(ordinal.min()), int(ordinal.max())
        days = [self._day(number) for number in range(first - 1, last + 2)]
        columns = np.array(days)  # (days, 5)
        here = ordinal - first + 1
        temperature = _diurnal(hour, columns[:, 0], columns[:, 1], here)
        relative = _relative(temperature, hour, columns, here)
        wind = _smooth(hour, columns[:, 4], here) * (1.0 + 0.25 * np.cos((hour - 14.0) * math.pi / 12.0))
        sunshine = _smooth(hour, columns[:, 3], here)
        direct, diffuse = self._radiation(times, sunshine)
        infrared = sky_infrared(temperature, relative, 10.0 * (1.0 - sunshine))
        return Series(temperature, relative, wind, direct, diffuse, infrared)

    def _radiation(self, times: Floats, sunshine: Floats) -> tuple[Floats, Floats]:
        """Direct normal and diffuse horizontal irradiance, W/m²."""
        seen = sun.position(times, self._site.latitude, self._site.longitude)
        high = np.maximum(seen.cos_zenith, 0.0)
        clear = 1098.0 * high * np.exp(-0.057 / np.maximum(high, 1e-3))  # Haurwitz (1945)
        whole = clear * (0.25 + 0.50 * sunshine) / 0.75  # FAO-56, eq. 35, with its recommended coefficients
        diffuse = whole * erbs_diffuse_fraction(whole, seen.extraterrestrial * high)
        direct = np.where(high > 0.02, (whole - diffuse) / np.maximum(high, 0.02), 0.0)
        return np.minimum(direct, 0.8 * seen.extraterrestrial), np.where(high > 0.02, diffuse, whole)

    def _day(self, number: int) -> _Day:
        """The day `number` days after 1970-01-01, local standard time."""
        known = self._days.get(number)
        if known is None:
            known = self._days[number] = self._draw(number)
            if len(self._days) > 4_000:
                self._days.clear()
        return known

    def _draw(self, number: int) -> _Day:
        noise = [_noise(self.seed, number - back) for back in range(_MEMORY)]
        scale = math.sqrt(1.0 - _PERSISTENCE**2)
        warm = scale * sum(draw[0] * _PERSISTENCE**back for back, draw in enumerate(noise))
        cloud = math.sqrt(1.0 - 0.25) * sum(draw[1] * 0.5**back for back, draw in enumerate(noise))
        middle = datetime(1970, 1, 1, tzinfo=UTC).date() + timedelta(days=number)
        if self._site.latitude < 0.0:
            middle += _HALF_A_YEAR
        mean_sun = _monthly(_sunshine_fraction(), middle)
        # A logit-normal fraction about the normal: overcast and bright days are both common.
        sunshine = 1.0 / (1.0 + math.exp(-(math.log(mean_sun / (1.0 - mean_sun)) * 1.25 + 1.6 * cloud)))
        high, low = _monthly(_MAXIMUM, middle), _monthly(_MINIMUM, middle)
        departure = warm * _monthly(_SPREAD, middle)
        half = (high - low) / 2.0 * (0.6 + 0.4 * sunshine / mean_sun)
        humidity = _monthly(_HUMIDITY, middle) - 14.0 * (sunshine - mean_sun)
        wind = _WIND * math.exp(0.35 * noise[0][2] - 0.061)
        mean = (high + low) / 2.0 + departure
        return _Day(mean - half, mean + half, min(98.0, max(30.0, humidity)), sunshine, wind)


def erbs_diffuse_fraction(whole: Floats, extraterrestrial: Floats) -> Floats:
    """Diffuse part of the global horizontal irradiance: Erbs, Klein and Duffie (1982), Solar Energy 28(4)."""
    k = np.clip(whole / np.maximum(extraterrestrial, 1.0), 0.0, 1.0)
    middle = 0.9511 - 0.1604 * k + 4.388 * k**2 - 16.638 * k**3 + 12.336 * k**4
    return np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.80, middle, 0.165))


def _noise(seed: int, number: int) -> tuple[float, float, float]:
    """Three standard normal draws that belong to (seed, day)."""
    generator = np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, (number + 2**31) & 0xFFFFFFFF]))
    a, b, c = generator.standard_normal(3)
    return float(a), float(b), float(c)


def _sunshine_fraction() -> tuple[float, ...]:
    """Monthly sunshine over the possible sunshine at Shanghai's latitude (FAO-56, eq. 34)."""
    fractions = []
    for month in range(12):
        day = 15 + 30.4 * month
        declination = 0.409 * math.sin(2.0 * math.pi / 365.0 * day - 1.39)
        half = math.acos(-math.tan(math.radians(SHANGHAI.latitude)) * math.tan(declination))
        fractions.append(_SUNSHINE[month] / _DAYS[month] / (24.0 / math.pi * half))
    return tuple(fractions)


def _monthly(values: tuple[float, ...], day: date) -> float:
    """A monthly normal on a day: linear between mid-months, so that nothing jumps at a month's end."""
    position = day.month - 1 + (day.day - 15) / 30.5
    lower = math.floor(position)
    share = position - lower
    return values[lower % 12] * (1.0 - share) + values[(lower + 1) % 12] * share


_COOLEST, _WARMEST = 5.0, 15.0
"""Local standard hours of the extremes: site choice, usual for a coastal station."""


def _diurnal(hour: Floats, low: Floats, high: Floats, day: NDArray[np.int64]) -> Floats:
    """Cosine pieces through each day's minimum at 05:00 and maximum at 15:00; continuous over midnight."""
    rising = (hour >= _COOLEST) & (hour < _WARMEST)
    late = hour >= _WARMEST
    start = np.where(rising, low[day], np.where(late, high[day], high[day - 1]))
    end = np.where(rising, high[day], np.where(late, low[day + 1], low[day]))
    night = 24.0 - _WARMEST + _COOLEST
    share = np.where(
        rising,
        (hour - _COOLEST) / (_WARMEST - _COOLEST),
        np.where(late, hour - _WARMEST, hour + 24.0 - _WARMEST) / night,
    )
    return start + (end - start) * (1.0 - np.cos(np.pi * share)) / 2.0


def _smooth(hour: Floats, values: Floats, day: NDArray[np.int64]) -> Floats:
    """Each day's value at noon, and between noons a straight line."""
    before = hour < 12.0
    start = np.where(before, values[day - 1], values[day])
    end = np.where(before, values[day], values[day + 1])
    share = np.where(before, hour + 12.0, hour - 12.0) / 24.0
    return start + (end - start) * share


def _relative(temperature: Floats, hour: Floats, columns: Floats, day: NDArray[np.int64]) -> Floats:
    """Relative humidity from the day's vapour pressure, which hardly changes while the temperature does."""
    middle = (columns[:, 0] + columns[:, 1]) / 2.0
    vapour = _smooth(hour, air.saturation_pressure(middle) * columns[:, 2] / 100.0, day)
    return np.clip(100.0 * vapour / air.saturation_pressure(temperature), 15.0, 100.0)
