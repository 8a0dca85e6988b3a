"""Moist air: saturation, humidity ratio, density at the altitude.

Relations of the ASHRAE Handbook - Fundamentals (2021), chapter 1, "Psychrometrics"; saturation over water
by Magnus's form with the coefficients of WMO-No. 8 (2018), annex 4.B.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

CP_AIR = 1006.0
"""Specific heat of dry air, J/(kg K): ASHRAE Fundamentals ch. 1."""
H_FG = 2.45e6
"""Heat of vaporisation of water at about 21 °C, J/kg: ASHRAE Fundamentals ch. 1 (2,501 - 2.381 t kJ/kg)."""
GAS_DRY_AIR = 287.042
"""Gas constant of dry air, J/(kg K): ASHRAE Fundamentals ch. 1, eq. 1."""
STANDARD_PRESSURE = 101_325.0
"""Standard atmosphere at sea level, Pa."""


def pressure_at(altitude: float) -> float:
    """Barometric pressure at `altitude` m, Pa: ASHRAE Fundamentals ch. 1, eq. 3."""
    return float(STANDARD_PRESSURE * (1.0 - 2.25577e-5 * altitude) ** 5.2559)


def density(pressure: float, temperature: float = 20.0) -> float:
    """Density of dry air at `pressure` Pa and `temperature` °C, kg/m³: the ideal-gas law."""
    return pressure / (GAS_DRY_AIR * (temperature + 273.15))


def saturation_pressure(temperature: Floats) -> Floats:
    """Saturation vapour pressure over water at `temperature` °C, Pa: WMO-No. 8, annex 4.B."""
    return 611.2 * np.exp(17.62 * temperature / (243.12 + temperature))


def humidity_ratio(temperature: Floats, relative: Floats, pressure: float) -> Floats:
    """Humidity ratio in kg/kg from °C, % and Pa: ASHRAE Fundamentals ch. 1, eq. 20."""
    vapour = saturation_pressure(temperature) * relative / 100.0
    return 0.621945 * vapour / (pressure - vapour)


def relative_humidity(temperature: Floats, ratio: Floats, pressure: float) -> Floats:
    """Relative humidity in % from °C, kg/kg and Pa, 0 to 100: the same relation solved for it."""
    vapour = pressure * ratio / (0.621945 + ratio)
    relative = 100.0 * vapour / saturation_pressure(temperature)
    return np.clip(relative, 0.0, 100.0)


def dew_point(temperature: Floats, relative: Floats) -> Floats:
    """Dew point in °C from °C and %: the Magnus form of WMO-No. 8 solved for the temperature."""
    logarithm = np.log(np.maximum(relative, 0.1) / 100.0) + 17.62 * temperature / (243.12 + temperature)
    return 243.12 * logarithm / (17.62 - logarithm)


def saturated_ratio(temperature: float, relative: float, pressure: float) -> float:
    """`humidity_ratio` of one state, in plain floats."""
    vapour = 611.2 * math.exp(17.62 * temperature / (243.12 + temperature)) * relative / 100.0
    return 0.621945 * vapour / (pressure - vapour)
