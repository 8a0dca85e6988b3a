"""Meters: registers that count what the plant uses, by sub-item and zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.plant.base import (
    COOLING,
    END_USES,
    EQUIPMENT,
    FANS,
    HEATING,
    LIGHTS,
    POWER,
    PUMPS,
    Observations,
)
from simulator.plant.building import Building

Floats: TypeAlias = NDArray[np.float64]

SubItem: TypeAlias = str
"""A part of the ledger. The four sub-items of electricity (照明插座, 空调, 动力, 特殊用电) of the Ministry's guideline for
sub-metering in state office buildings (建科〔2008〕114号, 分项能耗数据采集技术导则), their total, what is beneath them,
and water and gas. Whatever else is metered stands still: nothing here burns petrol."""

_USES: dict[SubItem, tuple[int, ...]] = {
    "total": tuple(range(len(END_USES))),
    "lighting_socket": (LIGHTS, EQUIPMENT),
    "hvac": (COOLING, HEATING, FANS, PUMPS),
    "power": (POWER,),
    "special": (EQUIPMENT,),
    "lighting_socket_room": (LIGHTS, EQUIPMENT),
    "hvac_station": (COOLING, HEATING, FANS, PUMPS),
    "hvac_terminals": (COOLING, HEATING, FANS, PUMPS),
    "lifts": (POWER,),
    "server_room": (EQUIPMENT,),
}
_SPECIAL = ("special", "server_room")
GAS_HEAT = 35.544e6
"""J/m³, lower heating value: GB/T 2589-2020, table A.1, gas of gas fields."""
JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True)
class Meter:
    """A meter on the wall."""

    id: str
    subitem: SubItem
    zones: tuple[str, ...] | None = None
    """The zones that it feeds; None: the whole building with its plant room. Water knows only the whole."""
    start: float = 0.0
    """What the register showed when the simulation began, kWh or m³."""
    digits: int = 8
    """Whole digits of the register, which goes from 99…9 to 0."""


class MeterBank:
    """All meters of a building, read from any plant's observations.

    The equipment of zones that are marked `special` counts as special use and not as sockets.
    Raises KeyError for a zone that the building does not have.
    """

    def __init__(self, meters: Sequence[Meter], building: Building) -> None:
        self.meters = tuple(meters)
        count = len(building.zones)
        places = {zone.id: number for number, zone in enumerate(building.zones)}
        special = np.array([zone.special for zone in building.zones])
        self._local = np.zeros((len(self.meters), len(END_USES), count))
        self._central = np.zeros((len(self.meters), len(END_USES)))
        for number, meter in enumerate(self.meters):
            fed = np.zeros(count, dtype=np.bool_)
            fed[list(range(count)) if meter.zones is None else [places[zone] for zone in meter.zones]] = True
            for use in _USES.get(meter.subitem, ()):
                counted = fed
                if use == EQUIPMENT and meter.subitem != "total":
                    counted = fed & (special if meter.subitem in _SPECIAL else ~special)
                self._local[number, use] = counted & (meter.subitem != "hvac_station")
                self._central[number, use] = meter.zones is None and meter.subitem != "hvac_terminals"
        self._water = np.array([meter.subitem == "water" for meter in self.meters], dtype=np.float64)
        self._gas = np.array([meter.subitem == "gas" for meter in self.meters], dtype=np.float64)
        self._start = np.array([meter.start for meter in self.meters])
        self._limit = np.array([10.0**meter.digits for meter in self.meters])

    def read(self, observations: Observations) -> Floats:
        """(meters,) what each register shows: kWh, or m³ of water or gas."""
        joules = np.einsum("muz,uz->m", self._local, observations.energy)
        joules += self._central @ observations.central_energy
        shown: Floats = self._start + joules / JOULES_PER_KWH + self._water * observations.water
        shown += self._gas * (observations.gas_energy / GAS_HEAT)
        shown %= self._limit
        return shown

    def power(self, observations: Observations) -> Floats:
        """(meters,) what runs through each now, W; 0 for water and gas."""
        watts: Floats = np.einsum("muz,uz->m", self._local, observations.electric)
        watts += self._central @ observations.central
        return watts
