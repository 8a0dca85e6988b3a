"""Air handlers, chiller, boiler, pumps and towers: electricity and gas of what serves many zones."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.weather import air
from simulator.plant.base import COOLING, FANS, HEATING, PUMPS, Central, Commands
from simulator.plant.building import AirHandler, Building, Heater
from simulator.plant.ventilation import Ventilation

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

    def __init__(self, building: Building, ventilation: Ventilation) -> None:
        self._machines = m = building.central
        self._sources: tuple[Heater, Heater, Heater] = (
            m.heater,
            m.reheat or m.heater,
            m.air_heater or m.heater,
        )
        terminals = {zone.terminal.kind for zone in building.zones}
        coils = ("fcu" in terminals, "vav" in terminals, bool(building.air_handlers))
        self._heats_water = any(
            there and (source != "electric" or place == 0)
            for place, (there, source) in enumerate(zip(coils, self._sources, strict=True))
        )
        self._ventilation = ventilation
        boxes = np.array([zone.box_air / 3600.0 for zone in building.zones])
        self._boxed = ventilation.boxes.any(axis=1)
        self._rated = np.zeros(len(building.air_handlers))
        """(air handlers,) W of their fans at the speed that they turn at, with every box wide open."""
        self.blows = False
        """Some fan turns."""
        self._steady = np.where(ventilation.boxes, 0.0, ventilation.fresh).sum(axis=1)
        """(air handlers,) m³/s for rooms that have no box."""
        self._through = np.where(ventilation.boxes, ventilation.fresh, 0.0)
        """(air handlers, zones) the least that a box lets through: its fresh air."""
        self._largest = self._steady + np.where(
            ventilation.boxes, np.maximum(ventilation.fresh, boxes), 0.0
        ).sum(axis=1)
        """(air handlers,) m³/s with every box wide open."""
        self._services = building.services
        self._area = building.area
        self._installed = sum(z.cooling_capacity for z in building.zones if z.terminal.water)
        self._specific = np.array([handler.specific_fan_power for handler in building.air_handlers])

    def adopt(self, commands: Commands, electric: Floats) -> None:
        """Write into `electric` (end uses,) what depends on commands alone: fans that no VAV box throttles."""
        speed = np.where(commands.air_handler_on, commands.air_handler_speed, 0.0)
        self._rated = self._specific * self._largest * 3600.0 * speed**3
        self.blows = bool(self._rated.any())
        electric[FANS] = float(self._fans(np.ones(len(speed))).sum())

    def _fans(self, share: Floats) -> Floats:
        """W of each air handler's fan at a share of its largest flow.

        By speed it goes with the cube: affinity laws, ASHRAE Handbook - HVAC Systems, ch. 21. Throttled by VAV boxes it
        goes by ASHRAE 90.1-2016, table G3.1.3.15, method 2.
        """
        throttled = 0.0013 + 0.1470 * share + 0.9506 * share**2 - 0.0998 * share**3
        watts: Floats = self._rated * np.where(self._boxed, throttled, 1.0)
        return watts

    def throttled(self, boxes: Floats, open_boxes: Floats) -> Floats:
        """(...,) W of all fans for the air (..., zones) m³/s that VAV boxes let through, those that are open (..., zones)."""
        let = np.where(self._ventilation.boxes, boxes[..., None, :], 0.0)
        air = np.maximum(self._through * open_boxes[..., None, :], let).sum(axis=-1)
        share = np.divide(
            air + self._steady, self._largest, out=np.zeros_like(air), where=self._largest > 0.0
        )
        watts: Floats = self._fans(share).sum(axis=-1)
        return watts

    def services_power(self, people: float) -> float:
        """Lifts and water pumps with so many people in the building, W."""
        return self._services.power_standby * self._area + self._services.power_per_person * people

    def serve(
        self,
        cooling: float,
        heating: tuple[float, float, float],
        central: Central,
        weather: tuple[float, float],
        electric: Floats,
    ) -> float:
        """Make `cooling` W, and `heating` W for fan coils, for VAV boxes and for air handlers, each from its source.

        Writes the electricity into `electric`, returns the gas, W. `weather` is dry and wet bulb, °C.
        """
        dry, wet = weather
        m = self._machines
        pumped = heating[0] + sum(
            watts
            for watts, source in zip(heating[1:], self._sources[1:], strict=True)
            if source != "electric"
        )
        electric[PUMPS] = self._pumping(max(cooling, pumped), central)
        electric[COOLING] = 0.0
        if cooling > 0.0:
            cop = m.chiller_cop * self._chiller_factor(central.chilled_water, wet)
            electric[COOLING] = cooling / (cop * self._part_load(cooling)) + m.tower_share * cooling
        electric[HEATING] = gas = 0.0
        for watts, source in zip(heating, self._sources, strict=True):
            if watts <= 0.0:
                continue
            if source == "gas":
                gas += watts / m.boiler_efficiency
            elif source == "electric":
                electric[HEATING] += watts
            else:
                lift = max(20.0, central.hot_water + 3.0 - (dry - 8.0))
                electric[HEATING] += watts / (m.heat_pump_cop * 49.0 / lift)
        return gas

    def serve_all(
        self,
        cooling: Floats,
        heating: Floats,
        central: Central,
        weather: tuple[Floats, Floats],
        electric: Floats,
    ) -> Floats:
        """`serve` of many steps, to the same bit: (steps,), (steps, 3), twice (steps,) and (steps, end uses); (steps,) W of gas."""
        dry, wet = weather
        m = self._machines
        gas = np.zeros(len(cooling))
        cold, warm = bool(cooling.any()), bool(heating.any())
        pumped: Floats | float = 0.0
        if warm:
            others = zip(heating.T[1:], self._sources[1:], strict=True)
            pumped = heating[:, 0] + sum(watts for watts, source in others if source != "electric")
        electric[:, PUMPS] = self._pumping_all(np.maximum(cooling, pumped), central)
        electric[:, COOLING] = electric[:, HEATING] = 0.0
        if cold:
            cop = m.chiller_cop * self._chiller_factors(central.chilled_water, wet)
            electric[:, COOLING] = cooling / (cop * self._part_loads(cooling)) + m.tower_share * cooling
        for watts, source in zip(heating.T, self._sources, strict=True) if warm else ():
            if source == "gas":
                gas += watts / m.boiler_efficiency
            elif source == "electric":
                electric[:, HEATING] += watts
            else:
                lift = np.maximum(20.0, central.hot_water + 3.0 - (dry - 8.0))
                electric[:, HEATING] += watts / (m.heat_pump_cop * 49.0 / lift)
        return gas

    def _pumping(self, load: float, central: Central) -> float:
        """Pumps that the load needs, at least one while a machine is on; power by the cube of speed."""
        turning = central.chiller_on or (central.boiler_on and self._heats_water)
        if not turning or not self._installed:
            return 0.0
        running = min(self._machines.pumps, max(1, math.ceil(load / self._installed * self._machines.pumps)))
        share = running / self._machines.pumps
        return self._machines.pump_share * self._installed * share * central.pump_speed**3

    def _pumping_all(self, load: Floats, central: Central) -> Floats | float:
        """`_pumping` of many loads."""
        m = self._machines
        if not load.any():
            return self._pumping(0.0, central)
        if not (central.chiller_on or (central.boiler_on and self._heats_water)) or not self._installed:
            return 0.0
        share = np.minimum(m.pumps, np.maximum(1, np.ceil(load / self._installed * m.pumps))) / m.pumps
        power: Floats = m.pump_share * self._installed * share * central.pump_speed**3
        return power

    def _part_load(self, load: float) -> float:
        """EN 14825:2018, 8.5.2: degradation of a water chiller below full load, C_c = 0.9."""
        share = min(1.0, max(0.02, load / self._installed)) if self._installed else 1.0
        return share / (0.9 * share + 0.1)

    def _part_loads(self, load: Floats) -> Floats | float:
        """`_part_load` of many loads."""
        if not self._installed:
            return self._part_load(0.0)
        share = np.minimum(1.0, np.maximum(0.02, load / self._installed))
        loads: Floats = share / (0.9 * share + 0.1)
        return loads

    @staticmethod
    def _chiller_factors(chilled_water: float, wet_bulb: Floats) -> Floats:
        """`_chiller_factor` of many states outside."""
        evaporation = chilled_water - 2.0
        condensation = np.maximum(wet_bulb + 4.0, 18.0) + 10.0
        carnot: Floats = (evaporation + 273.15) / np.maximum(condensation - evaporation, 8.0)
        return carnot / (278.15 / 35.0)

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
