"""What is sound and yet unlikely to be meant: days that are over, nights without an end, names that are empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from config.checks.context import Context
from config.codes import Coded
from config.file import WeekHours
from config.phrase import Phrase
from config.problems import Path
from config.roles import EquipmentKind, Role
from config.rules import RuleId
from config.site import Zone
from config.source import Tree
from config.values import OpenInterval

LONGEST_NIGHT: Final = 14 * 60
"""Minutes. Duty rooms are open from 17:30 to 07:30; whoever wrote more exchanged opening and closing."""
_MIDNIGHT: Final = 24 * 60


def check_habits(ctx: Context) -> None:
    """Warnings alone: the file is taken as it is written."""
    _past(ctx)
    for path, intervals in _hours(ctx):
        for interval in intervals:
            _night(ctx, path, interval)
    for path, node in _names(ctx.tree, ()):
        _empty_name(ctx, path, node)
    _nothing_writable(ctx)
    _idle(ctx)


def _past(ctx: Context) -> None:
    """Special days that are over: often of a year that was not moved on. This year's belong to its account, those since a baseline's first day to
    the days that are compared with it, and may stay."""
    savings = ctx.file.savings
    for i, day in enumerate(ctx.file.special_days):
        last = day.last or day.date or day.first
        if last is None or last >= ctx.today:
            continue
        key = "date" if day.date is not None else "to" if day.last is not None else "from"
        if savings is not None and last >= savings.baseline.first:
            said = Coded(
                "past",
                f"{last} is past: it stays for the savings, which tell days with work from days without",
                f"{last} 已过：保留用于节能量核算（区分工作日与非工作日）",
            )
            hint = Phrase("nothing has to be done", "无须处理")
            ctx.note(("special_days", i, key), said, hint)
        elif last.year == ctx.today.year:
            said = Coded(
                "past",
                f"{last} is past: it stays for this year's account",
                f"{last} 已过：保留用于本年度核算",
            )
            hint = Phrase(
                f"nothing has to be done; it may be deleted from {last.year + 1} on",
                f"无须处理；{last.year + 1} 年起可删去",
            )
            ctx.note(("special_days", i, key), said, hint)
        else:
            said = Coded(
                "past",
                f"{last} is past: this special day changes nothing any more",
                f"{last} 已过：这个特殊日不再起作用",
            )
            hint = Phrase(
                "is the year right? delete it, or give a later day", "年份写对了吗？请删去，或改为以后的日期"
            )
            ctx.warn(("special_days", i, key), said, hint)


def _hours(ctx: Context) -> Iterator[tuple[Path, tuple[OpenInterval, ...]]]:
    for name, group in ctx.file.hours.items():
        for day in WeekHours.model_fields:
            yield ("hours", name, day), getattr(group, day) or ()
    for i, special in enumerate(ctx.file.special_days):
        yield ("special_days", i, "hours"), special.hours or ()


def _night(ctx: Context, path: Path, interval: OpenInterval) -> None:
    length = interval.close - interval.open
    if interval.close <= _MIDNIGHT or length <= LONGEST_NIGHT:
        return
    first, last = (f"{t // 60 % 24:02}:{t % 60:02}" for t in interval)
    said = Coded(
        "long-night",
        f"open from {first} through the night until {last}: {length / 60:g} hours",
        f"从 {first} 开放，跨夜到次日 {last}：共 {length / 60:g} 小时",
    )
    hint = Phrase(
        f"write {last}-{first}, if the day was meant; an afternoon hour is 17:30, not 5:30",
        f"若指白天，请写 {last}-{first}；下午请写 17:30，而非 5:30",
    )
    ctx.warn(path, said, hint)


def _names(node: Tree, path: Path) -> Iterator[tuple[Path, Tree]]:
    """Each `name:` of the file that is empty."""
    if isinstance(node.children, dict):
        for key, child in node.children.items():
            if key == "name" and child.children is None and not (child.text or "").strip():
                yield (*path, key), child
            elif child.children:
                yield from _names(child, (*path, key))
    elif node.children:
        for i, child in enumerate(node.children):
            yield from _names(child, (*path, i))


def _empty_name(ctx: Context, path: Path, node: Tree) -> None:
    if path[:2] == ("season", "override") or path[:1] == ("hours",):
        return  # refused where it is read; a group of hours may be called so
    said = Coded(
        "empty-name",
        "this name is empty: the identifier is shown in its place",
        "名称是空的：将以标识代替显示",
    )
    ctx.warn(
        path,
        said,
        Phrase("write what people call it, or delete the line", "请写上名称，或删去这一行"),
        key=node.text is None,
    )


def _nothing_writable(ctx: Context) -> None:
    site = ctx.site
    commanded = bool(site.shared) or any(zone.equipment for zone in site.zones.values())
    if not commanded or any(point.writable for point in site.points.values()):
        return
    if ctx.broken("templates") or ctx.broken("zones"):
        return
    where = ("templates",) if ctx.written("templates") else ("zones",)
    said = Coded(
        "nothing-writable",
        "nothing here may be written: the rules watch, and change nothing",
        "没有任何可写的点位：规则只看不管",
    )
    hint = Phrase(
        "write `writable: true` at the points of a template that we may command, like start_stop",
        "请在模板中允许本系统写入的点位（如 start_stop）写 `writable: true`",
    )
    ctx.warn(where, said, hint, key=True)


def _air(zone: Zone) -> bool:
    return bool(zone.served_by) or any(e.hvac for e in zone.equipment)


def _lit(zone: Zone) -> bool:
    return any(e.lights and not e.escape_route for e in zone.units)


def _mapped(zone: Zone, *roles: Role) -> bool:
    return any(e.hvac and role in e.points for e in zone.equipment for role in roles)


NEEDS: Final[Mapping[RuleId, tuple[Callable[[Zone], bool], Phrase]]] = {
    RuleId.WINDOW_OFF: (
        lambda zone: _air(zone) and Role.WINDOW in zone.sensors,
        Phrase("air conditioning and a `window` sensor", "空调和开窗传感器 window"),
    ),
    RuleId.PRE_CLOSE_OFF: (_air, Phrase("air conditioning", "空调")),
    RuleId.MILD_SEASON_OFF: (_air, Phrase("air conditioning", "空调")),
    RuleId.LIGHTS_CLOSE: (
        lambda zone: _lit(zone) and not zone.circulation,
        Phrase("lights, and is no corridor, stair or lobby", "灯具，且不是走廊、楼梯或门厅"),
    ),
    RuleId.VACANCY_OFF: (
        lambda zone: (_air(zone) or (_lit(zone) and not zone.circulation)) and Role.OCCUPANCY in zone.sensors,
        Phrase("an `occupancy` sensor", "人员传感器 occupancy"),
    ),
    RuleId.CORRIDOR_DELAY: (
        lambda zone: zone.circulation and _lit(zone) and Role.OCCUPANCY in zone.sensors,
        Phrase(
            "lights and an `occupancy` sensor, and is a corridor, stair or lobby",
            "灯具和人员传感器 occupancy，且是走廊、楼梯或门厅",
        ),
    ),
    RuleId.SUMMER_SETPOINT: (
        lambda zone: _mapped(zone, Role.COOLING_SETPOINT, Role.SETPOINT),
        Phrase("a cooling setpoint", "制冷设定点 cooling_setpoint"),
    ),
    RuleId.WINTER_SETPOINT: (
        lambda zone: _mapped(zone, Role.HEATING_SETPOINT, Role.SETPOINT),
        Phrase("a heating setpoint", "制热设定点 heating_setpoint"),
    ),
    RuleId.FREEZE_PROTECT: (
        lambda zone: _air(zone) and Role.TEMPERATURE in zone.sensors,
        Phrase("air conditioning and a `temperature` sensor", "空调和室温传感器 temperature"),
    ),
    RuleId.MIN_OFF: (
        lambda zone: any(e.compressor for e in zone.equipment),
        Phrase("equipment with a compressor", "带压缩机的设备"),
    ),
    RuleId.PLUG_CLOSE: (
        lambda zone: any(e.kind is EquipmentKind.PLUGS for e in zone.units),
        Phrase("a circuit of sockets", "插座回路"),
    ),
}
"""What a zone must have for a rule to hold in it, as each rule's own `applies` says (a test keeps them alike)."""


def _idle(ctx: Context) -> None:
    """Numbers of a rule that no zone has anything for: somebody expects it to hold."""
    zones = ctx.site.zones
    for rule, (applies, needs) in NEEDS.items():
        if (
            ctx.written("rules", rule.value)
            and not ctx.broken("rules", rule.value)
            and not any(applies(zone) for zone in zones.values())
        ):
            if not ctx.broken("zones") and not ctx.broken("templates"):
                said = Coded(
                    "never-holds",
                    f"{rule} never holds at this site: no zone has {needs.en}",
                    f"{rule} 在此永不生效：没有区域有{needs.zh}",
                )
                ctx.warn(("rules", rule.value), said, _MAP_OR_DELETE, key=True)
            continue
        for name, zone in zones.items():
            path: Path = ("zones", name, "rules", rule.value)
            if (
                ctx.written(*path)
                and not applies(zone)
                and not ctx.broken("zones", name)
                and not ctx.broken("templates")
            ):
                said = Coded(
                    "never-holds",
                    f"{rule} never holds in `{name}`, which lacks {needs.en}",
                    f"{rule} 在 `{name}` 永不生效：它缺少{needs.zh}",
                )
                ctx.warn(path, said, _MAP_OR_DELETE, key=True)


_MAP_OR_DELETE: Final = Phrase("map what is missing, or delete these numbers", "请登记所缺的，或删去这些参数")
