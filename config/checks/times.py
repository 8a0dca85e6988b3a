"""Time: hours, special days, seasons, calendar files and exemptions."""

from __future__ import annotations

from config.checks.context import Context
from config.file import SpecialDayEntry
from config.problems import Path
from config.rules import RuleId
from config.structure import STAND_IN

_NOT_EXEMPT = {
    RuleId.FIRE_ALARM: "life safety owns the building",
    RuleId.ESCAPE_ROUTE: "a circuit that is no escape route says `escape_route: false`",
    RuleId.FREEZE_PROTECT: "it protects the equipment",
    RuleId.MANUAL: "it is a person's word for some hours: `building-supervisor manual`",
    RuleId.BASE: "set `base: controller` on the equipment instead",
}


def check_times(ctx: Context) -> None:
    """Everything that has to do with dates and hours."""
    for name, group in ctx.file.hours.items():
        path: Path = ("hours", name)
        if ctx.written(*path) and ctx.tree.find(path)[0].children == {}:
            ctx.error(path, f"the group `{name}` has no hours", "add `workday: 09:00-17:30`", key=True)
        elif ctx.written(*path) and not any(getattr(group, day) for day in type(group).model_fields):
            if ctx.broken(*path):
                continue
            ctx.warn(path, f"the group `{name}` is never open", "is this meant?", key=True)
    for i, day in enumerate(ctx.file.special_days):
        _special_day(ctx, day, ("special_days", i))
    calendar = ctx.site.calendar
    for i, name in enumerate(calendar.holiday_cn):
        ctx.exists(("calendar", "holiday_cn", i), name)
    for i, each in enumerate(calendar.ics):
        ctx.exists(("calendar", "ics", i, "file"), each.file)
    if ctx.site.season.weather is not None:
        ctx.exists(("season", "weather"), ctx.site.season.weather, "an EPW file; ")
    _season(ctx)
    _exemptions(ctx)


def _special_day(ctx: Context, day: SpecialDayEntry, path: Path) -> None:
    ranged = ctx.written(*path, "from") or ctx.written(*path, "to")
    if ctx.written(*path, "date") == ranged:
        hint = "write `date: 2026-10-01`, or `from: 2026-10-01` and `to: 2026-10-07`"
        ctx.error(path, "a special day has either a date, or from and to", hint)
    elif ranged and not (ctx.written(*path, "from") and ctx.written(*path, "to")):
        ctx.error(path, "a range of days has both from and to", "add the one that is missing")
    elif day.first and day.last and day.last < day.first:
        ctx.error((*path, "to"), "the range ends before it begins", "exchange from and to")
    if ctx.written(*path, "hours") == ctx.written(*path, "close"):
        hint = "write `hours: closed`, `hours: 09:00-15:00`, or `close: 16:00` for an early closing"
        ctx.error(path, "a special day has either hours or close", hint)


def _season(ctx: Context) -> None:
    season, outdoor = ctx.file.season, ctx.written("points", "outdoor_temperature")
    path: Path = ("season", "method")
    dates = ctx.written("season", "dates")
    add_dates = "`dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}`"
    if season.method == "dates" and not dates:
        ctx.error(path, "seasons by dates need the dates", f"add {add_dates}")
    if season.method == "heating" and not ctx.written("season", "heating"):
        message = "winter by district heating needs the heating period"
        ctx.error(path, message, "add `heating: {from: 11-15, to: 03-15}`")
    if season.method != "dates" and not outdoor and not dates:
        message = "the season cannot be known: there is neither an outdoor sensor nor dates"
        hint = f"add points: outdoor_temperature:, or {add_dates} to season:"
        written = path if ctx.written(*path) else ("season",) if ctx.written("season") else ()
        ctx.error(written, message, hint)
    elif not outdoor:
        _never_mild(ctx)
    if season.dates is not None:
        order = [getattr(season.dates, name) for name in ("spring", "summer", "autumn", "winter")]
        wraps = sum(second <= first for first, second in zip(order, [*order[1:], order[0]], strict=True))
        if wraps != 1:
            hint = "the order of the year is spring, summer, autumn, winter"
            ctx.error(("season", "dates"), "the seasons do not follow each other", hint)
    if season.override is not None and season.override.until < ctx.today:
        message = f"the manager's season ended on {season.override.until}"
        ctx.warn(("season", "override", "until"), message, "delete it, or give a later date")


def _never_mild(ctx: Context) -> None:
    """The season is known by its dates, the weather by nobody: spring and autumn pass without the rule that is theirs."""
    rule = RuleId.MILD_SEASON_OFF
    concerned = [
        zone
        for zone in ctx.site.zones.values()
        if zone.exemption(rule) is None and (zone.served_by or any(e.hvac for e in zone.equipment))
    ]
    if not concerned:
        return
    written = next((p for p in (("season", "dates"), ("season",)) if ctx.written(*p)), ())
    ctx.warn(
        written,
        f"{rule} never holds here: without an outdoor sensor nobody knows that the weather is normal",
        "add `outdoor_temperature: device/analog-input:N` to points:",
        key=True,
        zh=(
            f"{rule}（春秋季停空调）在此永不生效：没有室外温度，无从判断天气是否正常",
            "在 points: 中加 `outdoor_temperature: 控制器/analog-input:N`",
        ),
    )


def _exemptions(ctx: Context) -> None:
    for i, exemption in enumerate(ctx.file.exemptions):
        path: Path = ("exemptions", i)
        for j, rule in enumerate(exemption.rules):
            if rule in _NOT_EXEMPT:
                ctx.error((*path, "rules", j), f"no zone can be exempt from {rule}", _NOT_EXEMPT[rule])
        if exemption.until < ctx.today and exemption.approver != STAND_IN:
            zones = ", ".join(exemption.zones)
            message = f"the exemption of {zones} lapsed on {exemption.until}: its rules apply again"
            ctx.warn((*path, "until"), message, "have it approved again with a later date, or delete it")
