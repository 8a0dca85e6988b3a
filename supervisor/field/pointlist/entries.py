"""Entries of the site file as a points list makes them: in one line where they are short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from config.file import SiteFile
from config.placing import Placer
from config.site import Site
from config.values import ObjectRef
from supervisor.field.pointlist.machines import Kind, Machine, cells_of, known
from supervisor.field.pointlist.rows import SETTINGS, Row, settings_of

DEFAULTS: Final[Mapping[str, Any]] = {
    "unit": None, "scale": None, "factor": 1, "invert": False, "states": None, "priority_array": True,
    "writable": False, "low": None, "high": None,
}  # fmt: skip
"""What an override of a template says where it says the default again."""


def templates_of(file: SiteFile, site: Site) -> dict[str, Kind]:
    """The templates of a site, with the settings of their points as cells."""
    placer = Placer(file)
    found = {}
    for name, template in file.templates.items():
        cells = {}
        for role, entry in template.points.items():
            point = placer.point("", role, "", entry.object, entry, None, None, entry.writable)
            cells[role] = tuple(settings_of(point)[c] for c in SETTINGS)
        found[name] = known(name, template, cells)
    return found


def under(holder: CommentedMap, key: str, *, short: bool = False) -> CommentedMap:
    """The section under a key, made where there is none; `short`: in one line."""
    if holder.get(key) is None:
        holder[key] = flow({}) if short else CommentedMap()
    section: CommentedMap = holder[key]
    if not short and section.fa.flow_style() and not section:
        section.fa.set_block_style()
    return section


def flow(entries: Mapping[Any, Any]) -> CommentedMap:
    """A mapping that stands in one line."""
    made = CommentedMap(entries)
    made.fa.set_flow_style()
    return made


def unfold(zone: CommentedMap) -> None:
    """Equipment that is more than a place has lines of its own."""
    equipment = zone.get("equipment") if isinstance(zone, CommentedMap) else None
    if isinstance(equipment, CommentedMap) and any(
        isinstance(e, CommentedMap) and not e.fa.flow_style() for e in equipment.values()
    ):
        equipment.fa.set_block_style()


def own_points(entry: CommentedMap) -> CommentedMap:
    """The points of one piece of equipment that are its own."""
    if entry.fa.flow_style():
        entry.fa.set_block_style()
    if entry.get("points") is None:
        entry["points"] = CommentedMap()
    own: CommentedMap = entry["points"]
    return own


def object_name(place_: ObjectRef) -> str:
    """`analog-input:3`."""
    return f"{place_.object_type}:{place_.instance}"


def value_of(column: str, cell: str) -> Any:
    """A cell as YAML has it."""
    if column in ("invert", "priority_array", "writable"):
        return cell == "yes"
    if column in ("scale", "factor", "low", "high"):
        value = float(cell)
        return int(value) if value.is_integer() else value
    if column == "states":
        return flow({int(part.split("=")[0]): part.split("=")[1] for part in cell.split()})
    return cell


def put(point: CommentedMap, column: str, cell: str) -> None:
    """A setting in the place where the point is mapped: the default needs no word."""
    if not cell or (column == "writable" and cell == "no"):
        point.pop(column, None)
    else:
        point[column] = value_of(column, cell)


def said_of(cells: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The settings that are not the default."""
    for column, cell in zip(SETTINGS, cells, strict=True):
        if cell and not (column == "writable" and cell == "no"):
            yield column, value_of(column, cell)


def point_entry(place_: ObjectRef, cells: Iterable[str]) -> Any:
    """A point of a template, or of one piece of equipment alone."""
    said = dict(said_of(cells))
    return flow({"object": object_name(place_), **said}) if said else object_name(place_)


def placed_entry(row: Row) -> Any:
    """A point outside templates."""
    at = f"{row.device}/{object_name(row.object)}"
    said = dict(said_of(cells_of(row)))
    return flow({"at": at, **said}) if said else at


def template_entry(template: Kind) -> CommentedMap:
    """A template that was made."""
    points = CommentedMap(
        {
            role.value: point_entry(template.objects[role], template.settings[role])
            for role in template.objects
        }
    )
    return CommentedMap({"kind": template.kind, "points": points})


def equipment_entry(machine: Machine, *, circulation: bool) -> Any:
    """`circulation`: of a corridor, a stair or a lobby, where a circuit must say whether it lights an escape route."""
    template = machine.template
    assert template is not None
    at = f"{machine.device}/{machine.offset}"
    entry: dict[str, Any] = {} if template.name == machine.key else {"template": template.name}
    entry["at"] = at
    if len(machine.zones) != 1:
        zones = CommentedSeq(machine.zones)
        zones.fa.set_flow_style()
        entry["serves"] = zones
    if machine.escape == "yes" or (machine.escape and circulation):
        entry["escape_route"] = machine.escape == "yes"
    if machine.own:
        made = CommentedMap(entry)
        own = {role.value: own_entry(row, template, machine.offset) for role, row in machine.own.items()}
        points = CommentedMap(own)
        if all(isinstance(point, str) for point in own.values()):
            points.fa.set_flow_style()
        made["points"] = points
        return made
    return at if entry.keys() == {"at"} else flow(entry)


def own_entry(row: Row, template: Kind, offset: int) -> Any:
    """A point of one piece of equipment: what differs from its template."""
    base = template.objects.get(row.role)
    if base is None:
        return point_entry(row.object, cells_of(row))
    said: dict[str, Any] = {}
    if row.object != ObjectRef(base.object_type, base.instance + offset):
        said["object"] = object_name(row.object)
    for column, cell, by_template in zip(SETTINGS, cells_of(row), template.settings[row.role], strict=True):
        if cell != by_template:
            said[column] = value_of(column, cell) if cell else DEFAULTS[column]
    return said["object"] if said.keys() == {"object"} else flow(said)
