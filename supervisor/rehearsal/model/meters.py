"""What a sub-item's meter would have counted of what was lived."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.plant.base import COOLING, EQUIPMENT, FANS, HEATING, LIGHTS, POWER, PUMPS
from supervisor.rehearsal.model.drive import Lived
from supervisor.rehearsal.model.record import Floats

USES: Mapping[str, tuple[int, ...]] = {
    "total": (COOLING, HEATING, FANS, PUMPS, LIGHTS, EQUIPMENT, POWER),
    "hvac": (COOLING, HEATING, FANS, PUMPS),
    "lighting_socket": (LIGHTS, EQUIPMENT),
    "lighting_socket_room": (LIGHTS, EQUIPMENT),
    "gas": (),
}
"""End uses that a meter of a sub-item counts, of those that a fit can use."""
_HEATING_INPUT = 1
_SCALED = {COOLING: 0, HEATING: 1, FANS: 2, PUMPS: 2}
"""Place of the factor on a use, in the order of `INPUTS`."""


def by_use(lived: Lived, use: int) -> Floats:
    """(variants, hours, zones) J of an end use by zone; cold and heat of the plant room by what each zone took of it."""
    own: Floats = lived.energy[:, :, use, :]
    central = lived.central[:, use]
    if not central.any():
        return own
    evenly = np.broadcast_to(central[None, :, None] / lived.load.shape[2], lived.load.shape)
    if use not in (COOLING, HEATING):
        even: Floats = own + evenly
        return even
    base = lived.load[0].sum(axis=1)[None, :, None]
    share = np.divide(lived.load, base, out=np.zeros_like(lived.load), where=base > 1.0)
    shared = np.where(base > 1.0, share * central[None, :, None], evenly)
    whole: Floats = own + shared
    return whole


def _gas(lived: Lived) -> Floats:
    """(variants, hours, zones) J of fuel, by the heat that each zone took."""
    base = lived.heat[0].sum(axis=1)[None, :, None]
    share = np.divide(
        lived.heat, base, out=np.full_like(lived.heat, 1.0 / lived.heat.shape[2]), where=base > 1.0
    )
    found: Floats = share * lived.gas[None, :, None]
    return found


def counted(lived: Lived, subitem: str, inputs: Floats) -> Floats:
    """(variants, hours, zones) J by zone, at `inputs` (logarithms of factors, in the order of `INPUTS`)."""
    if subitem == "gas":
        return _gas(lived) * float(np.exp(inputs[_HEATING_INPUT]))
    return sum(
        (
            by_use(lived, use) * (np.exp(inputs[_SCALED[use]]) if use in _SCALED else 1.0)
            for use in USES[subitem]
        ),
        start=np.zeros(lived.load.shape),
    )


def slope(lived: Lived, subitem: str, inputs: Floats, which: int) -> Floats:
    """(hours,) J by which the first variant's count changes with one of the inputs."""
    if subitem == "gas":
        gas: Floats = lived.gas * np.exp(inputs[which]) * (which == _HEATING_INPUT)
        return gas
    rows = [
        by_use(lived, use)[0].sum(axis=1) * np.exp(inputs[which])
        for use in USES[subitem]
        if _SCALED.get(use) == which
    ]
    return np.sum(rows, axis=0) if rows else np.zeros(lived.load.shape[1])
