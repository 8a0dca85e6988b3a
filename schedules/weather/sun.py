"""Where the sun stands, and what falls on a wall."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import DAY

Floats: TypeAlias = NDArray[np.float64]

SOLAR_CONSTANT = 1361.0
"""Total solar irradiance at the mean distance, W/m²: Kopp and Lean (2011), Geophys. Res. Lett. 38, L01706."""
GROUND_ALBEDO = 0.2
"""Reflectance of ordinary ground: ISO 52010-1:2017, 6.4.3."""

# Perez et al. (1990), Solar Energy 44(5), table 6: brightness coefficients by clearness bin.
_PEREZ_BINS = np.array([1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2])
_PEREZ = np.array(
    [
        [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
        [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
        [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
        [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
        [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
        [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
        [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
        [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
    ]
)


class Sun(NamedTuple):
    """The sun at some instants; arrays of one shape."""

    cos_zenith: Floats
    azimuth: Floats
    """Clockwise from north, radians."""
    extraterrestrial: Floats
    """Normal irradiance outside the atmosphere, W/m²."""


def position(times: Floats, latitude: float, longitude: float) -> Sun:
    """The sun at POSIX `times` seen from degrees north and east, to about 0.01° between 1950 and 2050.

    The Astronomical Almanac's low-precision formulas as given by Michalsky (1988), Solar Energy 40(3);
    no refraction. In UTC throughout, so no time zone and no equation-of-time table is needed.

    The arrays are not to be written: whoever asks for the same instants next is given the same.
    """
    flat = np.ascontiguousarray(times, dtype=np.float64)
    return _position(flat.tobytes(), np.shape(times), latitude, longitude)


@lru_cache(maxsize=1)  # a day's weather and its walls ask for the same minutes, one after the other
def _position(instants: bytes, shape: tuple[int, ...], latitude: float, longitude: float) -> Sun:
    times = np.frombuffer(instants).reshape(shape)
    days = times / DAY - 10_957.5  # since J2000.0, 2000-01-01T12:00 UTC
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    longitude_mean = 280.460 + 0.9856474 * days
    ecliptic = np.radians(longitude_mean + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.radians(23.439 - 4.0e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    sidereal_hours = 6.697375 + 0.0657098242 * days + (times / 3600.0) % 24.0
    hour_angle = np.radians(sidereal_hours * 15.0 + longitude) - ascension
    phi = np.radians(latitude)
    cos_zenith = np.sin(declination) * np.sin(phi) + np.cos(declination) * np.cos(phi) * np.cos(hour_angle)
    azimuth = np.pi + np.arctan2(
        np.sin(hour_angle), np.cos(hour_angle) * np.sin(phi) - np.tan(declination) * np.cos(phi)
    )
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    found = Sun(cos_zenith, azimuth, SOLAR_CONSTANT / distance**2)
    for column in found:
        column.setflags(write=False)
    return found


def cos_incidence(sun: Sun, azimuth: float, tilt: float) -> Floats:
    """Cosine of the angle between the sun and the outward normal, 0 where the sun is behind or set.

    `azimuth` clockwise from north and `tilt` from the horizontal in degrees: ISO 52010-1:2017, eq. 14.
    """
    sin_zenith = np.sqrt(np.maximum(0.0, 1.0 - sun.cos_zenith**2))
    beta, gamma = np.radians(tilt), np.radians(azimuth)
    cosine = sun.cos_zenith * np.cos(beta) + sin_zenith * np.sin(beta) * np.cos(sun.azimuth - gamma)
    return np.where(sun.cos_zenith > 0.0, np.maximum(cosine, 0.0), 0.0)


class Irradiance(NamedTuple):
    """What falls on a surface, W/m²."""

    direct: Floats
    """From the sun's disc and the bright ring around it."""
    diffuse: Floats
    """From the rest of the sky and the ground."""
    cos_incidence: Floats


def on_surface(sun: Sun, direct_normal: Floats, diffuse: Floats, azimuth: float, tilt: float) -> Irradiance:
    """Irradiance on a surface by the anisotropic sky of Perez et al. (1990), as in ISO 52010-1:2017, 6.4."""
    beta = np.radians(tilt)
    incidence = cos_incidence(sun, azimuth, tilt)
    a = incidence
    b = np.maximum(sun.cos_zenith, np.cos(np.radians(85.0)))
    circumsolar, horizon = _perez_brightness(sun, direct_normal, diffuse)
    dome = diffuse * ((1.0 - circumsolar) * (1.0 + np.cos(beta)) / 2.0 + horizon * np.sin(beta))
    ring = diffuse * circumsolar * a / b
    horizontal = diffuse + direct_normal * np.maximum(sun.cos_zenith, 0.0)
    ground = GROUND_ALBEDO * horizontal * (1.0 - np.cos(beta)) / 2.0
    return Irradiance(direct_normal * incidence + ring, np.maximum(dome + ground, 0.0), incidence)


def _perez_brightness(sun: Sun, direct_normal: Floats, diffuse: Floats) -> tuple[Floats, Floats]:
    """F1 and F2 of Perez et al. (1990), eq. 9."""
    zenith = np.arccos(np.clip(sun.cos_zenith, 0.0, 1.0))
    cubed = 1.041 * zenith**3
    safe = np.maximum(diffuse, 1e-3)
    clearness = ((safe + direct_normal) / safe + cubed) / (1.0 + cubed)
    # Kasten and Young (1989), Applied Optics 28(22): relative optical air mass.
    degrees = np.degrees(zenith)
    mass = 1.0 / (np.cos(zenith) + 0.50572 * (96.07995 - degrees) ** -1.6364)
    brightness = safe * mass / sun.extraterrestrial
    f = _PEREZ[np.searchsorted(_PEREZ_BINS, clearness)]
    circumsolar = np.maximum(0.0, f[..., 0] + f[..., 1] * brightness + f[..., 2] * zenith)
    horizon = f[..., 3] + f[..., 4] * brightness + f[..., 5] * zenith
    return np.minimum(circumsolar, 1.0), horizon
