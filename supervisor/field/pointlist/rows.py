"""A row of a points list, and the rows that a site has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from config.file import SiteFile
from config.objects import is_input
from config.points import Point
from config.roles import ROLES, Role, Shape
from config.site import Equipment, Site
from config.units import UNITS, Unit
from config.values import ObjectRef

SETTINGS: Final = (
    "unit", "scale", "factor", "invert", "states", "priority_array", "writable", "low", "high",
)  # fmt: skip
"""Columns about how a point is read and written; empty is the default of the site file."""
ZONES_BY: Final = ";"
"""Between the zones of equipment that serves several."""


@dataclass(frozen=True, slots=True)
class Row:
    """One point. `line`: of the table it came from, 0 for one of the site. `said`: settings and facts by column, as cells; a
    column that the table has not is left out."""

    zones: tuple[str, ...]
    equipment: str
    role: Role
    device: str
    object: ObjectRef
    said: Mapping[str, str] = field(default_factory=dict)
    line: int = 0
    nth: int = 0
    """Of several sensors of one role in a zone, from 0."""

    @property
    def key(self) -> tuple[tuple[str, ...], str, Role, int]:
        """What it is called, whatever its object."""
        return self.zones, self.equipment, self.role, self.nth

    def cells(self) -> dict[str, str]:
        """Its cells by column."""
        kind, number = self.object
        return {
            "zone": ZONES_BY.join(self.zones), "equipment": self.equipment, "role": self.role.value,
            "device": self.device, "object": f"{kind}:{number}", **self.said,
        }  # fmt: skip


def rows_of(site: Site, file: SiteFile) -> list[Row]:
    """Every point of a site, zone by zone, then what is shared, the building, its meters and devices."""
    order = {id_: n for n, id_ in enumerate(site.zones)}
    roles = {role: n for n, role in enumerate(Role)}
    first: dict[tuple[tuple[str, ...], str], int] = {}

    def place(row: Row) -> tuple[int, int, int, int]:
        zone = min((order.get(z, len(order)) for z in row.zones), default=len(order))
        machine = first.setdefault((row.zones, row.equipment), len(first))
        return zone, machine, roles[row.role], row.nth

    return sorted(_rows(site, file), key=place)


def point_ids(site: Site) -> dict[tuple[tuple[str, ...], str, Role, int], str]:
    """The id of each point by the key of its row."""
    return {_key(site, point): point.id for point in site.points.values()}


def _rows(site: Site, file: SiteFile) -> Iterator[Row]:
    by_id = {e.id: e for e in site.all_equipment}
    for point in site.points.values():
        zones, equipment, role, nth = _key(site, point)
        said = settings_of(point) | _facts(site, file, point, by_id.get(point.equipment or ""))
        place = ObjectRef(point.object_type, point.instance)
        yield Row(zones, equipment, role, point.device, place, said, nth=nth)


def _key(site: Site, point: Point) -> tuple[tuple[str, ...], str, Role, int]:
    if point.equipment is not None:
        shared = site.shared.get(point.equipment)
        if shared is not None:
            return shared.zones, point.equipment, point.role, 0
        zone, _, key = point.equipment.partition("/")
        return (zone,), key, point.role, 0
    owner, _, tail = point.id.rpartition("/")
    number = tail.removeprefix(point.role.value).lstrip("-")
    nth = int(number) - 1 if number.isdigit() else 0
    if point.zone is not None:
        return (point.zone,), "", point.role, nth
    return (), "" if owner == "building" else owner, point.role, nth


def _facts(site: Site, file: SiteFile, point: Point, equipment: Equipment | None) -> dict[str, str]:
    """What a row says of the zone, the equipment and the device of its point."""
    said: dict[str, str] = {}
    if point.zone is not None:
        zone = site.zones[point.zone]
        named = file.zones[point.zone].name
        said |= {"name": named, "kind": zone.kind.value, "hours": zone.hours}
    if equipment is not None:
        said["type"] = equipment.kind.value
        said["template"] = equipment.template
        if equipment.lights:
            said["escape_route"] = _yes(equipment.escape_route)
    device = file.devices.get(point.device)
    if device is not None:
        said |= {"instance": str(device.instance), "address": device.address or ""}
    return said


def settings_of(point: Point) -> dict[str, str]:
    """How a point is read and written, as cells; what is the default is empty."""
    spec, unit = ROLES[point.role], UNITS.get(point.unit, Unit(ROLES[point.role].unit))
    number = spec.shape is Shape.NUMBER
    return {
        "unit": point.unit,
        "scale": figure(point.counts) if point.counts is not None else "",
        "factor": figure(point.factor) if point.factor != 1.0 else "",
        "invert": "yes" if point.invert else "",
        "states": " ".join(f"{n}={mode.value}" for n, mode in sorted(point.states.items())),
        "priority_array": "no" if not point.priority_array and not is_input(point.object_type) else "",
        "writable": _yes(point.writable),
        "low": _limit(point.low, spec.low, unit) if number else "",
        "high": _limit(point.high, spec.high, unit) if number else "",
    }


def _limit(value: float, default: float, unit: Unit) -> str:
    if value == default or not math.isfinite(value):
        return ""
    return figure(round((value - unit.shift) / unit.scale, 6))


def figure(value: float) -> str:
    """`26` for 26.0."""
    return f"{value:.10g}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
