"""The sun's place and what falls on walls, against published figures."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from schedules.weather import sun


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> NDArray[np.float64]:
    """POSIX seconds of a UTC date and time."""
    return np.array([datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()])


def test_the_sun_stands_where_the_solar_position_algorithm_puts_it() -> None:
    """Reda and Andreas (NREL/TP-560-34302), appendix A.5: zenith 50.128° before refraction, azimuth 194.340°."""
    seen = sun.position(at(2003, 10, 17, 19, 30, 30), 39.742476, -105.1786)
    assert np.degrees(np.arccos(seen.cos_zenith))[0] == pytest.approx(50.128, abs=0.02)
    assert np.degrees(seen.azimuth)[0] == pytest.approx(194.340, abs=0.03)


def test_at_noon_of_the_june_solstice_the_sun_is_almost_overhead_in_shanghai() -> None:
    """Elevation 90 - 31.4 + 23.44 at local apparent noon, which is about 12:56 UTC+8 less an hour: 03:56 UTC."""
    day = np.arange(at(2025, 6, 20, 16)[0], at(2025, 6, 21, 16)[0], 60.0)
    highest = np.degrees(np.arcsin(sun.position(day, 31.4, 121.45).cos_zenith.max()))
    assert highest == pytest.approx(82.04, abs=0.05)


def test_the_sun_rises_in_the_east_and_sets_in_the_west() -> None:
    """Azimuth clockwise from north, at the equinox."""
    day = np.arange(at(2025, 3, 20, 16)[0], at(2025, 3, 21, 16)[0], 60.0)
    seen = sun.position(day, 31.4, 121.45)
    up = np.flatnonzero(seen.cos_zenith > 0)
    assert np.degrees(seen.azimuth[up[0]]) == pytest.approx(90, abs=1.0)
    assert np.degrees(seen.azimuth[up[-1]]) == pytest.approx(270, abs=1.0)


def test_a_flat_roof_gets_the_horizontal_radiation_and_nothing_from_the_ground() -> None:
    """Perez's sky must give back what came in when the surface is horizontal."""
    seen = sun.position(at(2025, 7, 1, 4), 31.4, 121.45)
    falls = sun.on_surface(seen, np.array([700.0]), np.array([150.0]), 0.0, 0.0)
    whole = 700.0 * seen.cos_zenith + 150.0
    assert falls.direct + falls.diffuse == pytest.approx(whole, rel=1e-9)


def test_on_a_clear_winter_noon_the_south_wall_gets_most_and_the_north_wall_only_diffuse() -> None:
    """Low sun in the south."""
    seen = sun.position(at(2025, 1, 10, 4), 31.4, 121.45)
    direct, diffuse = np.array([800.0]), np.array([80.0])
    walls = {name: sun.on_surface(seen, direct, diffuse, azimuth, 90.0) for name, azimuth in AZIMUTHS.items()}
    assert walls["south"].direct > walls["east"].direct
    assert walls["south"].direct > walls["west"].direct
    assert walls["north"].direct == 0.0
    assert walls["north"].diffuse > 0.0


AZIMUTHS = {"north": 0.0, "east": 90.0, "south": 180.0, "west": 270.0}


def test_at_night_nothing_falls_anywhere() -> None:
    """No radiation, no sun."""
    seen = sun.position(at(2025, 1, 10, 16), 31.4, 121.45)
    falls = sun.on_surface(seen, np.zeros(1), np.zeros(1), 180.0, 90.0)
    assert falls.direct == 0.0
    assert falls.diffuse == pytest.approx(0.0, abs=1e-3)
