"""Heat that comes into a room from what it lies beside: single walls, all rooms of its storey, and the ground beneath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.plant.building import Building

Floats: TypeAlias = NDArray[np.float64]


class Coupling(Protocol):
    """What comes into rooms through walls and floors that no weather touches."""

    def heat(self, operative: Floats) -> Floats:
        """(zones,) W that come into each room while all are at their operative temperatures, °C."""


class Walls:
    """The partitions, storeys and slabs of a building, or of several with the same rooms that stand side by side.

    `as_first`: the rooms of every building have the neighbours of the first one. So each room is moved by its own building's
    parameters alone, and what a parameter of one room does can be told from what its neighbours' do.
    """

    def __init__(self, buildings: Sequence[Building], *, as_first: bool = False) -> None:
        first = buildings[0]
        self._shape = len(buildings), len(first.zones)
        self._as_first = as_first
        self._tables = np.array([_conductances(each) for each in buildings]) if first.partitions else None
        places = {zone.id: place for place, zone in enumerate(first.zones)}
        area = np.array([zone.area for zone in first.zones])
        self._means = np.zeros((len(first.storeys), len(area)))
        """(storeys, zones) by which a storey's mean temperature is that of its rooms."""
        self._lives_on = np.zeros(len(area), dtype=np.intp)
        self._joined = np.zeros(self._shape)
        """(buildings, zones) W/K between a room and its storey's mean."""
        for number, storey in enumerate(first.storeys):
            rooms = [places[name] for name in storey.zones]
            self._lives_on[rooms] = number
            self._means[number, rooms] = area[rooms] / area[rooms].sum()
            for place, each in enumerate(buildings):
                self._joined[place, rooms] = each.storeys[number].conductance * area[rooms]

        slabs = [zone.slab for each in buildings for zone in each.zones]
        self._grounded = any(slab is not None for slab in slabs)
        self._slab = np.array([slab.conductance if slab is not None else 0.0 for slab in slabs])
        self._ground = np.array([slab.temperature if slab is not None else 0.0 for slab in slabs])

    def heat(self, operative: Floats) -> Floats:
        """See `Coupling`."""
        found = self._from_rooms(operative)
        return found + self._slab * (self._ground - operative) if self._grounded else found

    def _from_rooms(self, operative: Floats) -> Floats:
        if self._shape[0] == 1:
            found = np.zeros_like(operative) if self._tables is None else self._tables[0] @ operative
            if len(self._means):
                found = found + self._joined[0] * ((self._means @ operative)[self._lives_on] - operative)
            return found
        each = operative.reshape(self._shape)
        near = each[:1] if self._as_first else each
        whole = np.zeros_like(each)
        if self._tables is not None:
            own = np.diagonal(self._tables, axis1=1, axis2=2)
            whole += np.matmul(self._tables, near[:, :, None])[:, :, 0] + own * (each - near)
        if len(self._means):
            whole += self._joined * ((near @ self._means.T)[:, self._lives_on] - each)
        return whole.ravel()


def walls_of(building: Building) -> Walls | None:
    """What comes into the rooms of a building beside the weather; None where nothing does."""
    return Walls([building]) if touched(building) else None


def touched(building: Building) -> bool:
    """Whether anything comes into its rooms through such walls and floors."""
    return bool(building.partitions or building.storeys) or any(z.slab is not None for z in building.zones)


def _conductances(building: Building) -> Floats:
    """(zones, zones) W/K by which operative temperatures drive heat into each zone through its partitions."""
    places = {zone.id: place for place, zone in enumerate(building.zones)}
    table = np.zeros((len(places), len(places)))
    for one, other, conductance in building.partitions:
        a, b = places[one], places[other]
        table[a, b] += conductance
        table[b, a] += conductance
    np.fill_diagonal(table, -table.sum(axis=1))
    return table
