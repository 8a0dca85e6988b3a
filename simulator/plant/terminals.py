"""Fan coils, VAV boxes, VRF and split units: what each can give now, and the electricity that it takes."""

from __future__ import annotations

import math
from operator import is_
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant
from simulator.plant.base import Central, Commands
from simulator.plant.building import Building

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

COIL_TEMPERATURE = 11.0
"""Surface of a wet coil fed with 7 °C water, °C. Site choice: a sensible share of about 0.75."""
NEVER_COOL, NEVER_HEAT = 1e3, -1e3
"""Setpoints that no room reaches, for a mode that is off."""


class Terminals:
    """Limits of every zone's terminal, worked out afresh when commands change."""

    def __init__(self, building: Building) -> None:
        zones = building.zones
        kinds = [zone.terminal for zone in zones]
        self._cool = np.array([zone.cooling_capacity for zone in zones])
        self._heat = np.array([zone.heating_capacity for zone in zones])
        self._fan = np.array([zone.fan_power for zone in zones])
        self.water: Flags = np.array([kind.water for kind in kinds])
        self.water_share: Floats = self.water.astype(np.float64)
        """(zones,) 1 where the plant room's water cools and heats."""
        self._any_compressor = any(kind.compressor for kind in kinds)
        self._minimum_off = np.array([kind.minimum_off if kind.compressor else 0.0 for kind in kinds])
        names = [handler.id for handler in building.air_handlers]
        self._vav = np.array([kind.kind == "vav" for kind in kinds])
        self._any_vav = self.throttles = bool(self._vav.any())
        boxes = np.array([kind.throttled for kind in kinds], dtype=np.bool_)
        self.coils = np.array([self.water & ~self._vav, boxes, self._vav & ~boxes], dtype=np.float64)
        """(3, zones) 1 where a fan coil, a VAV box's coil, or the coil of an air handler without boxes heats."""
        central = building.central
        wet = [(source or central.heater) != "electric" for source in (central.reheat, central.air_heater)]
        self._hot_water: Flags = self.water & np.where(self._vav, np.where(boxes, *wet), True)
        self._least_air = np.array([kind.minimum_flow for kind in kinds])
        self._box_air = np.array([zone.box_air / 3600.0 for zone in zones])
        self._per_capacity = np.divide(1.0, self._cool, out=np.zeros(len(zones)), where=self._cool > 0.0)
        self._handler = np.array([names.index(z.air_handler) if z.air_handler else -1 for z in zones])
        self.per_cooling = np.array([1.0 / k.cooling_cop if k.compressor else 0.0 for k in kinds])
        """(zones,) W of electricity a W of cooling at rating; 0 where the plant room makes the cold."""
        pumped = [k.compressor and not k.gas_efficiency and not k.resistance for k in kinds]
        self.per_heating = np.array(
            [1.0 / k.heating_cop if p else 0.0 for k, p in zip(kinds, pumped, strict=True)]
        )
        self.per_gas = np.array(
            [1.0 / k.gas_efficiency if k.compressor and k.gas_efficiency else 0.0 for k in kinds]
        )
        """(zones,) W of gas a W of heating from a furnace of its own."""
        self.burns = bool(self.per_gas.any())
        self.resistance = np.array([float(k.compressor and k.resistance) for k in kinds])
        """(zones,) W of electricity a W of heating, whatever the weather."""
        self.resists = bool(self.resistance.any())
        self.outdoor_air = np.array([kind.outdoor_air / 3600.0 for kind in kinds])
        """(zones,) m³/s that it mixes in while it runs."""
        self._fan_heat = np.array([kind.fan_heat for kind in kinds])
        self.fans_warm = bool(self._fan_heat.any())
        count = len(zones)
        self._wanted = np.zeros(count, dtype=np.bool_)
        self._stopped = np.full(count, -math.inf)
        self.unlock_at: Instant = math.inf
        """The next instant at which a compressor's minimum off time ends; `adopt` then."""
        self.running = np.zeros(count, dtype=np.bool_)
        self.cool_limit = np.zeros(count)
        """(zones,) the most that it may bring to the room while cooling, W, not above 0."""
        self.heat_limit = np.zeros(count)
        self.cool_to = np.full(count, NEVER_COOL)
        self.heat_to = np.full(count, NEVER_HEAT)
        self.fans = np.zeros(count)
        self.fan_heat = np.zeros(count)
        """(zones,) W with which its fan warms the air."""
        self.open_boxes = np.where(self._vav, 0.0, 1.0)
        """(zones,) 0 where a VAV box is shut, so that no air comes through it; else 1."""
        self._told: tuple[Flags | None, Flags | None] = (None, None)
        """What `running` goes by, as it was last told."""
        self._central: Central | None = None
        self.mixes = bool(self.outdoor_air.any())
        self.active = False
        """Some terminal can heat or cool."""

    def adopt(self, commands: Commands, time: Instant) -> None:
        """Take over new commands, or look again at a minimum off time that has run out."""
        told = commands.terminal_on, commands.air_handler_on
        if time >= self.unlock_at or not all(map(is_, told, self._told)):
            self._told = told
            self._turn(*told, time)
        if commands.central is not self._central:
            self._supply(commands.central)
        cools, heats = self.running & commands.cooling, self.running & commands.heating
        self.cool_limit = self._cold * cools
        self.heat_limit = self._hot * heats
        self.cool_to = np.where(cools, commands.cooling_setpoint, NEVER_COOL)
        heat_to = np.where(heats, commands.heating_setpoint, NEVER_HEAT)
        self.heat_to = np.minimum(heat_to, self.cool_to)
        self.active = bool(np.count_nonzero(self.cool_limit) or np.count_nonzero(self.heat_limit))

    def _turn(self, terminal_on: Flags, air_handler_on: Flags, time: Instant) -> None:
        """What runs from now on, and what follows from that alone."""
        wanted = terminal_on
        if self._any_vav:
            served = np.append(air_handler_on, False)[self._handler]
            wanted = wanted & (served | ~self._vav)
        self._rest(wanted, time)
        if self._any_vav:
            self.open_boxes = np.where(self._vav & ~self.running, 0.0, 1.0)
        self.fans = self._fan * self.running
        self.fan_heat = self._fan_heat * self.fans

    def _rest(self, wanted: Flags, time: Instant) -> None:
        """What runs of what is wanted: a compressor that has stopped stays off for a while."""
        if not self._any_compressor:
            self.running = wanted
            return
        self._stopped[self._wanted & ~wanted] = time
        self._wanted = wanted
        ready = self._stopped + self._minimum_off
        self.running = wanted & (ready <= time)
        waiting = wanted & ~self.running
        self.unlock_at = float(ready[waiting].min()) if waiting.any() else math.inf

    def _supply(self, central: Central) -> None:
        """What each could give with the water that the plant room offers.

        A coil gives in proportion to the difference between air and water at rating (constant effectiveness).
        """
        self._central = central
        flow = water_flow_factor(central.pump_speed)
        cold = flow * max(0.0, (27.0 - central.chilled_water) / 20.0) if central.chiller_on else 0.0
        hot = flow * max(0.0, (central.hot_water - 21.0) / 39.0) if central.boiler_on else 0.0
        self._cold = -self._cool * np.where(self.water, cold, 1.0)
        self._hot = self._heat * np.where(self._hot_water, hot, 1.0)

    def boxes(self, hvac: Floats, running: Flags | Floats) -> Floats:
        """(..., zones) m³/s that VAV boxes let through, for the heat `hvac` (W) that they bring: as much as cooling asks."""
        share = np.maximum(-hvac * self._per_capacity, self._least_air)
        air: Floats = np.minimum(share, 1.0) * self._box_air * running
        return air


def water_flow_factor(speed: float) -> float:
    """Output of a coil over that at full flow: 0.83 at half flow. Site choice, shaped like effectiveness-NTU."""
    return 1.25 * speed / (speed + 0.25) if speed > 0.0 else 0.0


def compressor_factors(outdoor: float) -> tuple[float, float]:
    """Electricity of an air-source unit over that at rating, cooling (35 °C) and heating (7 °C).

    A constant share of Carnot between a coil at 7 °C and condensation 15 K above the outdoor air, and between
    evaporation 8 K below it and condensation at 45 °C; the share itself is in the rated COP.
    """
    cooling = max(outdoor + 15.0 - 7.0, 18.0) / 43.0
    heating = max(45.0 - (outdoor - 8.0), 20.0) / 46.0
    return cooling, heating


def compressors_factors(outdoor: Floats) -> tuple[Floats, Floats]:
    """`compressor_factors` of many states."""
    cooling: Floats = np.maximum(outdoor + 15.0 - 7.0, 18.0) / 43.0
    heating: Floats = np.maximum(45.0 - (outdoor - 8.0), 20.0) / 46.0
    return cooling, heating
