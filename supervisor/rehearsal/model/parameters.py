"""What of a building is fitted, what was thought of it before, and the building that follows.

A parameter is the logarithm of a factor on what the site file (or its defaults) says, or an amount of its own where the site
file knows of none: the ground beneath the floor, outdoor air that a unit mixes in. Priors are site choices: a factor of two
either way is not rare between what is drawn and what is built.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from simulator.plant.building import Building, Envelope, Mass, Slab, Storey, Terminal, Zone
from simulator.plant.network import H_MS

Floats = NDArray[np.float64]


class Parameter(NamedTuple):
    """Something that is fitted, with its prior: normal in `value`, which is a logarithm unless `plain`."""

    name: str
    said: Phrase
    prior: float
    spread: float
    """Standard deviation of the prior."""
    low: float
    high: float
    unit: str = "×"
    plain: bool = False

    def shown(self, value: float) -> float:
        """The value as people read it."""
        return value if self.plain else math.exp(value)


def _factor(name: str, en: str, zh: str, spread: float) -> Parameter:
    return Parameter(name, Phrase(en, zh), 0.0, spread, math.log(0.2), math.log(5.0))


BY_GROUP: Final = (
    _factor("loss", "heat loss", "围护结构散热", 0.5),
    _factor("mass", "heat capacity of the walls", "墙体热容", 0.4),
    _factor("inner", "heat capacity of air and furniture", "室内热容", 0.5),
    _factor("sun", "solar gain", "太阳得热", 0.4),
    _factor("cooling", "cooling capacity", "制冷能力", 0.6),
    _factor("heating", "heating capacity", "制热能力", 0.6),
    Parameter("slab", Phrase("heat to the ground", "地面传热"), math.log(0.3), 1.2, math.log(0.01), math.log(6.0), "W/(m²K)"),
)  # fmt: skip
"""Fitted for each group of zones."""
SHARED: Final = (
    _factor("lamps", "lamps", "照明功率", 0.4),
    _factor("machines", "equipment", "设备功率", 0.4),
    Parameter("ground", Phrase("temperature of the ground", "地面温度"), 19.0, 3.0, 0.0, 32.0, "°C", True),
    Parameter("fresh", Phrase("outdoor air with the unit", "机组新风量"), 0.0, 0.7, math.log(0.02), math.log(6.0), "m³/(h·m²)"),
    _factor("surface", "surface of the walls that store heat", "蓄热墙面面积", 0.18),
    Parameter("between", Phrase("heat from room to room", "房间之间传热"), math.log(2.0), 1.0, math.log(0.05), math.log(20.0), "W/(m²K)"),
)  # fmt: skip
"""Of the building as a whole, and felt in its rooms: one meter counts what many rooms take."""
INPUTS: Final = (
    _factor("cooling_input", "electricity for a unit of cooling", "单位冷量耗电", 0.3),
    _factor("heating_input", "electricity or gas for a unit of heat", "单位热量耗能", 0.3),
    _factor("fan_input", "electricity of fans and pumps", "风机水泵耗电", 0.3),
)
"""Of the building as a whole, and felt by its meters alone. A fan's heat is what its rated power gives."""
OF_BUILDING: Final = (*SHARED, *INPUTS)
PLACES: Final = {p.name: place for place, p in enumerate(BY_GROUP)}
Values = Mapping[str, float]


class Group(NamedTuple):
    """Zones that are alike, and have their parameters in common."""

    name: str
    zones: tuple[str, ...]


def groups(building: Building) -> tuple[Group, ...]:
    """Zones of one kind that face one way, on a floor of one kind, with one kind of unit."""
    found: dict[tuple[object, ...], list[str]] = {}
    for zone in building.zones:
        way = tuple(sorted({round(facade.azimuth) for facade in zone.facades}))
        alike = (zone.kind, way, zone.roof_area > 0.0, zone.ground_area > 0.0, zone.terminal.kind)
        found.setdefault(alike, []).append(zone.id)
    return tuple(Group(_named(zones), tuple(zones)) for zones in found.values())


def _named(zones: Sequence[str]) -> str:
    return zones[0] if len(zones) == 1 else f"{zones[0]} +{len(zones) - 1}"


def applied(building: Building, values: Mapping[str, Values], whole: Values) -> Building:
    """The building with fitted `values` by zone (all of `BY_GROUP`) and of the `whole` (`OF_BUILDING`).

    What the site file says more of than its defaults stays in proportion, so that a draft's retrofit is one here too.
    """
    ground = grounded(building)
    zones = tuple(
        fitted(zone, values[zone.id], whole, zone.id in ground) if zone.id in values else zone
        for zone in building.zones
    )
    central = building.central
    cold, hot = math.exp(whole["cooling_input"]), math.exp(whole["heating_input"])
    central = replace(
        central,
        chiller_cop=_between(central.chiller_cop / cold, 0.5, 20.0),
        tower_share=_between(central.tower_share * cold, 0.0, 1.0),
        boiler_efficiency=_between(central.boiler_efficiency / hot, 0.05, 1.2),
        heat_pump_cop=_between(central.heat_pump_cop / hot, 0.5, 20.0),
        pump_share=_between(central.pump_share * math.exp(whole["fan_input"]), 0.0, 1.0),
    )
    handlers = tuple(
        replace(h, specific_fan_power=_between(h.specific_fan_power * math.exp(whole["fan_input"]), 0.0, 5.0))
        for h in building.air_handlers
    )
    return replace(
        building, zones=zones, central=central, air_handlers=handlers,
        storeys=storeys(zones, math.exp(whole["between"])),
    )  # fmt: skip


def storeys(zones: Sequence[Zone], conductance: float) -> tuple[Storey, ...]:
    """The rooms of each floor, or all where the file names no floors, with W/(m²K) from each to the mean of its floor."""
    floors: dict[int | None, list[str]] = {}
    for zone in zones:
        floors.setdefault(zone.floor, []).append(zone.id)
    return tuple(Storey(tuple(rooms), conductance) for rooms in floors.values() if len(rooms) > 1)


def grounded(building: Building) -> frozenset[str]:
    """Zones that may stand on the ground: those that the file says do, or all where it names no floors."""
    told = frozenset(zone.id for zone in building.zones if zone.ground_area > 0.0)
    return told or frozenset(zone.id for zone in building.zones)


def fitted(zone: Zone, values: Values, whole: Values, ground: bool) -> Zone:
    """One zone with its fitted values; `ground`: it may stand on the ground."""
    factor = {name: math.exp(value) for name, value in {**values, **whole}.items() if name != "ground"}
    return replace(
        zone,
        envelope=_envelope(zone, factor),
        lighting=min(500.0, zone.lighting * factor["lamps"]),
        equipment=min(20_000.0, zone.equipment * factor["machines"]),
        ground_area=0.0,
        slab=_slab(zone, factor["slab"], whole["ground"]) if ground else None,
        terminal=_terminal(zone, factor, whole),
    )


def _slab(zone: Zone, conductance: float, ground: float) -> Slab:
    """The floor on the ground: carpet and screed over it keep it apart from what the room stores heat in."""
    return Slab(_between(conductance, 0.01, 10.0) * (zone.ground_area or zone.area), ground)


def _envelope(zone: Zone, factor: Values) -> Envelope:
    e = zone.envelope
    loss, mass = factor["loss"], e.mass
    changed = replace(
        e,
        u_wall=_between(e.u_wall * loss, 0.01, 10.0),
        u_window=_between(e.u_window * loss, 0.1, 10.0),
        u_roof=_between(e.u_roof * loss, 0.01, 10.0),
        infiltration=min(50.0, e.infiltration * loss),
        shgc=min(1.0, e.shgc * factor["sun"]),
        inner_capacity=_between(e.inner_capacity * factor["inner"], 500.0, 1e6),
    )
    outer = (
        sum(f.area * (1.0 - f.window_share) for f in zone.facades) * changed.u_wall
        + zone.roof_area * changed.u_roof
    )
    # what walls conduct goes through the surface that stores heat: it cannot be smaller than that asks (`NoRoom`)
    least = 1.2 * outer / (H_MS * zone.area) + 0.1
    area = max(least, mass.area * factor["surface"])
    return replace(changed, mass=Mass(mass.capacity * factor["mass"], area))


def _terminal(zone: Zone, factor: Values, whole: Values) -> Terminal:
    t = zone.terminal
    if t.kind == "none":
        return t
    return replace(
        t,
        cooling_capacity=zone.cooling_capacity * factor["cooling"],
        heating_capacity=zone.heating_capacity * factor["heating"],
        cooling_cop=_between(t.cooling_cop / math.exp(whole["cooling_input"]), 0.5, 20.0),
        heating_cop=_between(t.heating_cop / math.exp(whole["heating_input"]), 0.5, 20.0),
        gas_efficiency=min(1.2, t.gas_efficiency / math.exp(whole["heating_input"])),
        fan_power=zone.fan_power * math.exp(whole["fan_input"]),
        # capacity is fitted to what reaches the room, and its fan's heat does: that of its rated power, whatever the meter says
        fan_heat=1.0 / factor["fan_input"],
        outdoor_air=t.outdoor_air + (factor["fresh"] * zone.area if t.compressor else 0.0),
    )


def _between(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
