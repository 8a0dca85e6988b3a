"""Names: whatever refers to something must find it, and no two things share an identity."""

from __future__ import annotations

from zoneinfo import available_timezones

from config.checks.context import DEVICE, HOURS, TEMPLATE, ZONE, Context
from config.codes import Coded
from config.file import EquipmentEntry
from config.phrase import Phrase
from config.problems import Path, meant, nearest
from config.resolve import template_name, time_zone

_RESERVED = {"building", "meter", "device"}
"""First parts of the ids of points that belong to no zone."""
_OURS = Phrase("the program uses this word itself", "此词为程序自用")
_CHINA = ("beijing", "peking", "guangzhou", "shenzhen", "北京", "上海")
"""What people write for the zone that is called Asia/Shanghai."""


def check_names(ctx: Context) -> None:
    """References between sections."""
    file = ctx.file
    if time_zone(file.timezone) is None:
        said = Coded(
            "unknown-name", f"there is no time zone `{file.timezone}`", f"没有时区 `{file.timezone}`"
        )
        ctx.error(("timezone",), said, _zone_hint(file.timezone))
    _anything(ctx)
    _zones(ctx)
    for name, entry in file.equipment.items():
        _entry(ctx, entry, name, ("equipment", name))
        for i, zone in enumerate(entry.serves):
            ctx.known(zone, "zones", ZONE, ("equipment", name, "serves", i))
    for i, exemption in enumerate(file.exemptions):
        for j, zone in enumerate(exemption.zones):
            ctx.known(zone, "zones", ZONE, ("exemptions", i, "zones", j))
    for i, day in enumerate(file.special_days):
        for j, group in enumerate(day.groups):
            ctx.known(group, "hours", HOURS, ("special_days", i, "groups", j))
    for name in file.energyplus.zones if file.energyplus is not None else ():
        ctx.known(name, "zones", ZONE, ("energyplus", "zones", name), key=True)
    for name in type(file.points).model_fields:
        point = getattr(file.points, name)
        if point is not None:
            ctx.known(point.at.device, "devices", DEVICE, ("points", name))


def _zone_hint(name: str) -> Phrase:
    """The nearest zone; a name is a place, so neither an offset nor an abbreviation has one."""
    if any(city in name.lower() for city in _CHINA):
        return meant("Asia/Shanghai")
    places = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    near = nearest(name, places)
    city = name.rpartition("/")[2].lower().replace(" ", "_")
    here = sorted(zone for zone in places if zone.rpartition("/")[2].lower() == city)
    if here or near is not None:
        return meant(here[0] if here else near)
    return Phrase(
        "write a place like Asia/Shanghai (IANA time zone database), not an offset or an abbreviation",
        "写地名，如 Asia/Shanghai（IANA 时区库），不要写偏移量或缩写",
    )


def _anything(ctx: Context) -> None:
    """Something to do: zones, or meters alone; and devices, unless all that there is are meters that are read by hand."""
    if not ctx.file.zones and not ctx.file.meters and not (ctx.broken("zones") or ctx.broken("meters")):
        ctx.error(
            (),
            Coded("missing", "there are neither zones nor meters", "既没有区域，也没有计量表"),
            Phrase(
                "add zones:, or meters: alone where nothing is to be switched",
                "加上 zones:；只管计量、不作控制的楼宇只写 meters:",
            ),
        )
    wired = ctx.file.zones or any(meter.point is not None for meter in ctx.file.meters.values())
    if not ctx.file.devices and wired and not ctx.broken("devices"):
        said = Coded("missing", "`devices` is missing", "缺少 `devices`")
        ctx.error((), said, Phrase("add `devices:`", "加上 `devices:`"))


def _zones(ctx: Context) -> None:
    for name, zone in ctx.file.zones.items():
        path: Path = ("zones", name)
        ctx.known(zone.hours, "hours", HOURS, (*path, "hours"))
        for key, entry in zone.equipment.items():
            _entry(ctx, entry, key, (*path, "equipment", key))
        for role, places in zone.sensors.items():
            for i, place in enumerate(places):
                ctx.known(place.at.device, "devices", DEVICE, (*path, "sensors", role.value, i))
        if name in _RESERVED:
            ctx.error(
                path,
                Coded("no-identifier", f"`{name}` cannot name a zone", f"`{name}` 不能作区域名"),
                _OURS,
                key=True,
            )
        if name in ctx.file.equipment:
            hint = Phrase("give one of them another name", "请给其中一个改名")
            said = Coded(
                "twice", f"`{name}` names a zone and shared equipment", f"`{name}` 既是区域又是共用设备"
            )
            ctx.error(("equipment", name), said, hint, key=True)
    for name in ctx.file.equipment:
        if name in _RESERVED:
            message = Coded("no-identifier", f"`{name}` cannot name equipment", f"`{name}` 不能作设备名")
            ctx.error(("equipment", name), message, _OURS, key=True)


def _entry(ctx: Context, entry: EquipmentEntry, key: str, path: Path) -> None:
    template = template_name(entry, key)
    if entry.template is not None:
        ctx.known(template, "templates", TEMPLATE, (*path, "template"))
    else:
        ctx.known(template, "templates", TEMPLATE, path, key=True)
    ctx.known(entry.at.device, "devices", DEVICE, (*path, "at"))
