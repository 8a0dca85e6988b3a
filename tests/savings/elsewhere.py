"""A synthetic year of another city: Shanghai's made-up days, moved to the normals of the city and to its sun."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np

from schedules.time import DAY
from schedules.weather import air
from schedules.weather.series import Floats, Sample, Series, Site
from simulator.weather import SyntheticShanghai


class Normals(NamedTuple):
    """Mean daily maximum and minimum by month, °C, and mean relative humidity less Shanghai's, %."""

    site: Site
    maximum: tuple[float, ...]
    minimum: tuple[float, ...]
    humidity: float


_SHANGHAI: Final = (
    (8.1, 10.1, 13.8, 19.5, 24.8, 27.8, 32.2, 31.5, 27.9, 22.9, 17.3, 11.1),
    (2.1, 3.7, 6.9, 11.9, 17.3, 21.7, 25.8, 25.8, 22.4, 16.8, 10.6, 4.7),
)
BEIJING: Final = Normals(
    Site("like Beijing", 39.8, 116.5, 31.0, 8.0),
    (1.8, 5.0, 11.6, 20.3, 26.0, 30.2, 30.9, 29.7, 25.8, 19.1, 10.1, 3.7),
    (-8.4, -5.6, 0.4, 7.9, 13.6, 18.8, 22.0, 20.8, 14.8, 7.9, 0.0, -5.8),
    -18.0,
)
"""Of the order of the normals 1971-2000 of Beijing. Site choice: a climate like it, no record."""
GUANGZHOU: Final = Normals(
    Site("like Guangzhou", 23.2, 113.3, 7.0, 8.0),
    (18.3, 18.5, 21.6, 25.7, 29.3, 31.5, 32.8, 32.7, 31.5, 28.8, 24.5, 20.6),
    (10.3, 11.7, 15.2, 19.5, 22.7, 24.8, 25.5, 25.4, 24.0, 20.8, 15.9, 11.5),
    3.0,
)
"""Likewise."""


class Elsewhere:
    """Shanghai's days of a seed about the normals of another city: each departure and cloud as it is there."""

    def __init__(self, seed: int, normals: Normals) -> None:
        self._of, self._like = SyntheticShanghai(seed, normals.site), normals

    @property
    def site(self) -> Site:
        """Where it is."""
        return self._like.site

    @property
    def label(self) -> str:
        """What a report calls it."""
        return f"synthetic year {self.site.name}, seed {self._of.seed}"

    def at(self, time: float) -> Sample:
        """The weather at one instant."""
        return Sample(*(float(values[0]) for values in self.series(np.array([time]))))

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        found, like = self._of.series(times), self._like
        there, here = (
            _middle_and_range(*_SHANGHAI, times),
            _middle_and_range(like.maximum, like.minimum, times),
        )
        dry = here[0] + (found.dry_bulb - there[0]) * here[1] / there[1]
        vapour = air.saturation_pressure(found.dry_bulb) * found.relative_humidity / 100.0
        vapour = vapour * air.saturation_pressure(here[0]) / air.saturation_pressure(there[0])
        relative = np.clip(100.0 * vapour / air.saturation_pressure(dry) + like.humidity, 15.0, 100.0)
        infrared = found.infrared * ((dry + 273.15) / (found.dry_bulb + 273.15)) ** 4
        return found._replace(dry_bulb=dry, relative_humidity=relative, infrared=infrared)


def _middle_and_range(
    maximum: tuple[float, ...], minimum: tuple[float, ...], times: Floats
) -> tuple[Floats, Floats]:
    """°C of a usual day's middle and K of its range, linear between mid-months."""
    high, low = np.array(maximum), np.array(minimum)
    place = _place_in_year(times)
    lower = np.floor(place).astype(np.int64)
    share = place - lower
    middle, wide = (high + low) / 2.0, high - low
    return tuple(v[lower % 12] * (1.0 - share) + v[(lower + 1) % 12] * share for v in (middle, wide))


def _place_in_year(times: Floats) -> Floats:
    """Months since the middle of January; a year of 365.25 days, so that nothing jumps at its end."""
    since = (times - dt.datetime(2026, 1, 15, tzinfo=dt.UTC).timestamp()) / DAY
    found: Floats = since % 365.25 / 365.25 * 12.0
    return found
