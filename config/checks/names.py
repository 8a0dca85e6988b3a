"""Names: whatever refers to something must find it, and no two things share an identity."""

from __future__ import annotations

from zoneinfo import available_timezones

from config.checks.context import Context
from config.file import EquipmentEntry
from config.problems import Path, nearest
from config.resolve import template_name, time_zone

_RESERVED = {"building", "meter", "device"}
"""First parts of the ids of points that belong to no zone."""
_CHINA = ("beijing", "peking", "guangzhou", "shenzhen", "北京", "上海")
"""What people write for the zone that is called Asia/Shanghai."""


def check_names(ctx: Context) -> None:
    """References between sections."""
    file = ctx.file
    if time_zone(file.timezone) is None:
        ctx.error(("timezone",), f"there is no time zone `{file.timezone}`", _zone_hint(file.timezone))
    _zones(ctx)
    for name, entry in file.equipment.items():
        _entry(ctx, entry, name, ("equipment", name))
        for i, zone in enumerate(entry.serves):
            ctx.known(zone, "zones", "zone", ("equipment", name, "serves", i))
    for i, exemption in enumerate(file.exemptions):
        for j, zone in enumerate(exemption.zones):
            ctx.known(zone, "zones", "zone", ("exemptions", i, "zones", j))
    for i, day in enumerate(file.special_days):
        for j, group in enumerate(day.groups):
            ctx.known(group, "hours", "group of opening hours", ("special_days", i, "groups", j))
    for name in file.energyplus.zones if file.energyplus is not None else ():
        ctx.known(name, "zones", "zone", ("energyplus", "zones", name), key=True)
    for name in type(file.points).model_fields:
        point = getattr(file.points, name)
        if point is not None:
            ctx.known(point.at.device, "devices", "device", ("points", name))


def _zone_hint(name: str) -> str:
    """The nearest zone; a name is a place, so neither an offset nor an abbreviation has one."""
    if any(city in name.lower() for city in _CHINA):
        return "did you mean `Asia/Shanghai`?"
    places = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    near = nearest(name, places)
    city = name.rpartition("/")[2].lower().replace(" ", "_")
    here = sorted(zone for zone in places if zone.rpartition("/")[2].lower() == city)
    if here or near is not None:
        return f"did you mean `{here[0] if here else near}`?"
    return "write a place like Asia/Shanghai (IANA time zone database), not an offset or an abbreviation"


def _zones(ctx: Context) -> None:
    for name, zone in ctx.file.zones.items():
        path: Path = ("zones", name)
        ctx.known(zone.hours, "hours", "group of opening hours", (*path, "hours"))
        for key, entry in zone.equipment.items():
            _entry(ctx, entry, key, (*path, "equipment", key))
        for role, places in zone.sensors.items():
            for i, place in enumerate(places):
                ctx.known(place.at.device, "devices", "device", (*path, "sensors", role.value, i))
        if name in _RESERVED:
            ctx.error(path, f"`{name}` cannot name a zone", "the program uses this word itself", key=True)
        if name in ctx.file.equipment:
            hint = "give one of them another name"
            ctx.error(("equipment", name), f"`{name}` names a zone and shared equipment", hint, key=True)
    for name in ctx.file.equipment:
        if name in _RESERVED:
            message = f"`{name}` cannot name equipment"
            ctx.error(("equipment", name), message, "the program uses this word itself", key=True)


def _entry(ctx: Context, entry: EquipmentEntry, key: str, path: Path) -> None:
    template = template_name(entry, key)
    if entry.template is not None:
        ctx.known(template, "templates", "template", (*path, "template"))
    else:
        ctx.known(template, "templates", "template", path, key=True)
    ctx.known(entry.at.device, "devices", "device", (*path, "at"))
