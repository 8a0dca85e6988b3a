"""Sunlight that is another than the weather says, as a fit supposes it of days whose sun nobody measured."""

from __future__ import annotations

import numpy as np

from schedules.weather.series import Floats, Series
from simulator.plant.building import Zone
from simulator.plant.sky import Sky
from simulator.weather import SyntheticShanghai

START = 1_783_267_200.0
"""2026-07-05 16:00 UTC: midnight in Shanghai."""


class Overcast(SyntheticShanghai):
    """The same year without any sunlight."""

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        found = super().series(times)
        return found._replace(direct_normal=found.direct_normal * 0.0, diffuse=found.diffuse * 0.0)


def test_sunlight_goes_with_its_factor_and_the_cold_sky_does_not() -> None:
    """Times nought is a weather without sun, times two is as far on the other side."""
    zones = (Zone.facing("south", 40.0, "south"), Zone.facing("north", 30.0, "north"))
    found = {}
    for factor in (0.0, 1.0, 2.0):
        sky = Sky(zones, SyntheticShanghai(1), 101_325.0)
        sky.shone = lambda times, by=factor: np.full((len(times), 2), by)
        sky.row(START)
        found[factor] = sky.solar
    dark = Sky(zones, Overcast(1), 101_325.0)
    dark.row(START)
    assert np.allclose(found[0.0], dark.solar, atol=1e-9)
    assert np.allclose(found[2.0] - found[1.0], found[1.0] - found[0.0], atol=1e-9)
    assert (found[2.0] > found[1.0]).any()
