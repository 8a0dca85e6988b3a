"""Weather: what a plant asks of it, and what follows from other quantities."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant
from schedules.weather import air

Floats: TypeAlias = NDArray[np.float64]

SIGMA = 5.670374e-8
"""Stefan-Boltzmann constant, W/(m² K⁴): CODATA 2018."""


class Site(NamedTuple):
    """Where the weather was."""

    name: str
    latitude: float
    """Degrees north."""
    longitude: float
    """Degrees east."""
    altitude: float
    """Metres above sea level."""
    utc_offset: float
    """Hours east of UTC of the local standard time."""


class Sample(NamedTuple):
    """The weather at an instant."""

    dry_bulb: float
    """°C."""
    relative_humidity: float
    """%."""
    wind: float
    """m/s at 10 m."""
    direct_normal: float
    """W/m² on a surface facing the sun."""
    diffuse: float
    """W/m² on the horizontal, without the sun's disc."""
    infrared: float
    """W/m² of long-wave radiation from the sky on the horizontal."""


class Series(NamedTuple):
    """The weather at many instants: one array a quantity, of the shape of the times asked for."""

    dry_bulb: Floats
    relative_humidity: Floats
    wind: Floats
    direct_normal: Floats
    diffuse: Floats
    infrared: Floats


class Weather(Protocol):
    """Weather for every instant, past and to come; the same instant always gives the same answer."""

    @property
    def site(self) -> Site:
        """Where it is."""

    @property
    def label(self) -> str:
        """What a report calls it, saying so when it is synthetic."""

    def at(self, time: Instant) -> Sample:
        """The weather at one instant."""

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`, vectorised; equal to `at` for each."""


def on_clock(site: Site, utc_offset: float) -> Site:
    """A place like `site` at whose clock, `utc_offset` h east of UTC, the sun stands as it does there: moved round
    the earth."""
    longitude = site.longitude + 15.0 * (utc_offset - site.utc_offset)
    return site._replace(longitude=(longitude + 180.0) % 360.0 - 180.0, utc_offset=utc_offset)


def sky_infrared(dry_bulb: Floats, relative: Floats, opaque_tenths: Floats) -> Floats:
    """Long-wave sky radiation, W/m²: Clark and Allen (1978) with Walton's cloud term.

    As in the EnergyPlus Engineering Reference, "Horizontal Infrared Radiation Intensity". `opaque_tenths`
    0 to 10.
    """
    dew = air.dew_point(dry_bulb, relative) + 273.15
    n = opaque_tenths
    cloud = 1.0 + 0.0224 * n - 0.0035 * n**2 + 0.00028 * n**3
    emissivity = (0.787 + 0.764 * np.log(dew / 273.0)) * cloud
    return emissivity * SIGMA * (dry_bulb + 273.15) ** 4
