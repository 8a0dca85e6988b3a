"""The physical building that a site file describes, with the code's defaults where it is silent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from config.file import Envelope as EnvelopeEntry
from config.plant import Plant
from config.roles import EquipmentKind, ZoneKind
from config.site import Equipment, Site
from config.site import Zone as SiteZone
from simulator.plant.building import (
    AirHandler,
    Building,
    CentralPlant,
    Envelope,
    Facade,
    MassClass,
    Terminal,
    Zone,
)

AZIMUTHS = {"N": 0.0, "NE": 45.0, "E": 90.0, "SE": 135.0, "S": 180.0, "SW": 225.0, "W": 270.0, "NW": 315.0}
"""Of outward normals, degrees clockwise from north. A `core` zone has no outside wall."""

LIGHTING: Mapping[ZoneKind, float] = {
    ZoneKind.LOBBY: 7.0,
    ZoneKind.CORRIDOR: 2.5,
    ZoneKind.STAIR: 2.5,
    ZoneKind.HALL: 9.0,
    ZoneKind.SERVER_ROOM: 6.0,
    ZoneKind.ARCHIVE: 6.0,
}
"""W/m²; other kinds take the office's. Site choices, after GB 55015-2021, 3.3."""
EQUIPMENT: Mapping[ZoneKind, float] = {
    ZoneKind.LOBBY: 3.0,
    ZoneKind.CORRIDOR: 0.0,
    ZoneKind.STAIR: 0.0,
    ZoneKind.MEETING: 5.0,
    ZoneKind.HALL: 10.0,
    ZoneKind.SERVER_ROOM: 300.0,
    ZoneKind.ARCHIVE: 1.0,
}
"""W/m²; other kinds take the office's. Site choices."""
_TERMINALS = {
    EquipmentKind.FCU: Terminal("fcu"),
    EquipmentKind.VAV: Terminal("vav"),
    EquipmentKind.AHU: Terminal("vav"),
    EquipmentKind.VRF: Terminal("vrf"),
    EquipmentKind.SPLIT: Terminal("split"),
}
HANDLERS = (EquipmentKind.AHU, EquipmentKind.FRESH_AIR)
"""Shared equipment that blows air into zones."""


def building_of(site: Site) -> Building:
    """Zones and air handlers in the order of their ids, so that nothing depends on their order in the file.

    Rooms of the highest floor have a roof, those of the lowest a ground floor.
    A site with no `floor` at all is one storey without roof or ground: floors between like floors.
    """
    shared = sorted(site.shared.items())
    recovery = site.plant.heat_recovery or 0.0
    handlers = tuple(AirHandler(e.id, recovery=recovery) for _, e in shared if e.kind in HANDLERS)
    floors = [zone.floor for zone in site.zones.values() if zone.floor is not None]
    top, bottom = (max(floors), min(floors)) if floors else (None, None)
    zones = tuple(
        _zone(zone, site.plant, top, bottom, air_handler_of(site, zone))
        for _, zone in sorted(site.zones.items())
    )
    return Building(zones=zones, air_handlers=handlers, central=_central(site.plant))


def air_handler_of(site: Site, zone: SiteZone) -> Equipment | None:
    """The shared equipment whose air comes into a zone: an air handler before a fresh-air unit, then by id."""
    serving = [site.shared[id_] for id_ in zone.served_by if id_ in site.shared]
    return min(
        (e for e in serving if e.kind in HANDLERS), key=lambda e: (HANDLERS.index(e.kind), e.id), default=None
    )


def blown(site: Site, zone: SiteZone) -> Equipment | None:
    """The air handler that is all that a zone has: no box, no unit of its own. None where it has one, or has neither."""
    if any(unit.kind in _TERMINALS for unit in zone.equipment):
        return None
    handler = air_handler_of(site, zone)
    return handler if handler is not None and handler.kind is EquipmentKind.AHU else None


def unserved(site: Site) -> list[SiteZone]:
    """The zones whose VAV box hangs on no air handler of the file: nothing cools them, and nothing heats them."""
    return [
        zone
        for zone in site.zones.values()
        if (unit := first_unit(zone)) is not None
        and unit.kind is EquipmentKind.VAV
        and air_handler_of(site, zone) is None
    ]


def first_unit(zone: SiteZone) -> Equipment | None:
    """The air-conditioning unit by which the physics knows a zone: its first."""
    return next((unit for unit in zone.equipment if unit.kind in _TERMINALS), None)


def _central(plant: Plant) -> CentralPlant:
    """The plant room: what the site file says, else the default."""
    names = (
        "chiller_cop", "heater", "air_heater", "reheat", "boiler_efficiency", "heat_pump_cop", "pump_share",
    )  # fmt: skip
    said = {name: value for name in names if (value := getattr(plant, name)) is not None}
    return replace(CentralPlant(), **said)


def _zone(
    zone: SiteZone, plant: Plant, top: int | None, bottom: int | None, handler: Equipment | None
) -> Zone:
    entry = zone.envelope
    area = zone.area_m2
    base = Zone(zone.id, area)
    on_top = top is not None and zone.floor == top
    on_ground = bottom is not None and zone.floor == bottom
    machines = _first(zone.equipment_w_m2, EQUIPMENT.get(zone.kind), base.equipment)
    return replace(
        base,
        kind=str(zone.kind),
        height=entry.height,
        facades=_facades(entry, area),
        roof_area=area if on_top else 0.0,
        ground_area=area if on_ground else 0.0,
        envelope=_envelope(entry),
        people_area=min(1e6, area / zone.people) if zone.people > 0.0 else 1e6,
        lighting=_first(zone.lighting_w_m2, LIGHTING.get(zone.kind), plant.lighting_w_m2, base.lighting),
        equipment=machines,
        terminal=_terminal(zone, plant, machines * area, handler),
        air_handler=handler.id if handler is not None else None,
        special=zone.kind is ZoneKind.SERVER_ROOM,
        floor=zone.floor,
    )


def _first(*values: float | None) -> float:
    """The first value that is said; 0 where none is."""
    return next((value for value in values if value is not None), 0.0)


def _facades(entry: EnvelopeEntry, area: float) -> tuple[Facade, ...]:
    """One outside wall as long as a square room is wide; none in the core."""
    if entry.orientation == "core":
        return ()
    wall = Facade(AZIMUTHS[entry.orientation], math.sqrt(area) * entry.height, entry.window_share)
    return (wall,)


def _envelope(entry: EnvelopeEntry) -> Envelope:
    quality = Envelope(mass=MassClass[entry.mass.upper()])
    names = ("u_wall", "u_window", "u_roof", "shgc", "infiltration")
    said = {name: value for name in names if (value := getattr(entry, name)) is not None}
    return replace(quality, **said)


def _terminal(zone: SiteZone, plant: Plant, equipment: float, handler: Equipment | None) -> Terminal:
    """The kind of the zone's first air-conditioning unit, large enough for the machines in the room too.

    Where it has none, its air handler is its unit, whose air nothing throttles.
    """
    unit = first_unit(zone)
    if unit is not None:
        terminal = _TERMINALS[unit.kind]
    elif handler is not None and handler.kind is EquipmentKind.AHU:
        terminal = Terminal("vav", minimum_flow=1.0)
    else:
        return Terminal("none")
    usual = Zone(zone.id, zone.area_m2, terminal=terminal).cooling_capacity
    return replace(
        terminal,
        cooling_capacity=max(usual, 1.3 * equipment),
        cooling_cop=_first(plant.unit_cooling_cop, terminal.cooling_cop),
        heating_cop=_first(plant.unit_heating_cop, terminal.heating_cop),
        gas_efficiency=_first(plant.boiler_efficiency, 0.9) if plant.unit_heater == "gas" else 0.0,
        resistance=plant.unit_heater == "electric",
    )
