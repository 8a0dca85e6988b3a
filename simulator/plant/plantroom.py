"""Air handlers, chiller, boiler, pumps and towers: electricity and gas of what serves many zones."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.weather import air
from simulator.plant.base import COOLING, FANS, HEATING, PUMPS, Central, Commands
from simulator.plant.building import AirHandler, Building

Floats: TypeAlias = NDArray[np.float64]


class Supply(NamedTuple):
    """Supply air of an air handler, and what its coil takes from the plant room for a flow of 1 m³/s."""

    temperature: float
    humidity: float
    cooling: float
    """J/m³, latent heat included."""
    heating: float
    """J/m³."""


def supply_air(
    handler: AirHandler,
    central: Central,
    supply: float,
    outdoor: tuple[float, float],
    extract: float,
    density: float,
) -> Supply:
    """Outdoor air (°C, kg/kg) past heat recovery and coil: cooled to `supply`, or warmed to the unit's limit.

    The cooling coil leaves air no wetter than 95 % at its own temperature (site choice).
    """
    temperature, humidity = outdoor
    temperature += handler.recovery * (extract - temperature)
    heat = density * air.CP_AIR
    if central.chiller_on and temperature > supply:
        dry = min(humidity, air.saturated_ratio(supply, 95.0, air.STANDARD_PRESSURE))
        cooling = heat * (temperature - supply) + density * air.H_FG * (humidity - dry)
        return Supply(supply, dry, cooling, 0.0)
    if central.boiler_on and temperature < handler.heating_supply:
        return Supply(handler.heating_supply, humidity, 0.0, heat * (handler.heating_supply - temperature))
    return Supply(temperature, humidity, 0.0, 0.0)


class PlantRoom:
    """The machines that make cold and heat for fan coils and air handlers."""

    def __init__(self, building: Building) -> None:
        self._machines = building.central
        self._services = building.services
        self._area = building.area
        self._installed = sum(z.cooling_capacity for z in building.zones if z.terminal.water)
        self._specific = np.array([handler.specific_fan_power for handler in building.air_handlers])

    def adopt(self, commands: Commands, design: Floats, electric: Floats) -> None:
        """Write into `electric` (end uses,) what depends on commands alone: fans.

        Fan power goes with the cube of speed: affinity laws, ASHRAE Handbook - HVAC Systems, ch. 21.
        `design` is each air handler's flow at full speed, m³/s.
        """
        speed = np.where(commands.air_handler_on, commands.air_handler_speed, 0.0)
        electric[FANS] = float((self._specific * design * 3600.0 * speed**3).sum())

    def services_power(self, people: float) -> float:
        """Lifts and water pumps with so many people in the building, W."""
        return self._services.power_standby * self._area + self._services.power_per_person * people

    def serve(
        self, cooling: float, heating: float, central: Central, weather: tuple[float, float], electric: Floats
    ) -> float:
        """Make `cooling` and `heating` W; writes the electricity into `electric`, returns the gas, W.

        `weather` is dry and wet bulb, °C.
        """
        dry, wet = weather
        m = self._machines
        electric[PUMPS] = self._pumping(max(cooling, heating), central)
        electric[COOLING] = 0.0
        if cooling > 0.0:
            cop = m.chiller_cop * self._chiller_factor(central.chilled_water, wet)
            electric[COOLING] = cooling / (cop * self._part_load(cooling)) + m.tower_share * cooling
        electric[HEATING] = 0.0
        if heating <= 0.0:
            return 0.0
        if m.heater == "gas":
            return heating / m.boiler_efficiency
        if m.heater == "electric":
            electric[HEATING] = heating
            return 0.0
        lift = max(20.0, central.hot_water + 3.0 - (dry - 8.0))
        electric[HEATING] = heating / (m.heat_pump_cop * 49.0 / lift)
        return 0.0

    def _pumping(self, load: float, central: Central) -> float:
        """Pumps that the load needs, at least one while a machine is on; power by the cube of speed."""
        if not (central.chiller_on or central.boiler_on) or not self._installed:
            return 0.0
        running = min(self._machines.pumps, max(1, math.ceil(load / self._installed * self._machines.pumps)))
        share = running / self._machines.pumps
        return self._machines.pump_share * self._installed * share * central.pump_speed**3

    def _part_load(self, load: float) -> float:
        """EN 14825:2018, 8.5.2: degradation of a water chiller below full load, C_c = 0.9."""
        share = min(1.0, max(0.02, load / self._installed)) if self._installed else 1.0
        return share / (0.9 * share + 0.1)

    @staticmethod
    def _chiller_factor(chilled_water: float, wet_bulb: float) -> float:
        """COP over that at rating (7 °C; 30 °C from the tower): a constant share of Carnot.

        Evaporation 2 K below the chilled water, condensation 10 K above the tower's water, which leaves 4
        K above
        the wet bulb and not below 18 °C (site choices).
        """
        evaporation = chilled_water - 2.0
        condensation = max(wet_bulb + 4.0, 18.0) + 10.0
        carnot = (evaporation + 273.15) / max(condensation - evaporation, 8.0)
        return carnot / (278.15 / 35.0)
