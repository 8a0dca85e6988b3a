"""Time: hours, special days, seasons, calendar files and exemptions."""

from __future__ import annotations

from config.checks.context import MEANT, Context
from config.codes import Coded
from config.file import SpecialDayEntry
from config.phrase import Phrase
from config.problems import Path
from config.rules import RuleId
from config.structure import STAND_IN

_NOT_EXEMPT = {
    RuleId.FIRE_ALARM: Phrase("life safety owns the building", "生命安全优先于一切"),
    RuleId.ESCAPE_ROUTE: Phrase(
        "a circuit that is no escape route says `escape_route: false`",
        "不是疏散通道的回路请写 `escape_route: false`",
    ),
    RuleId.FREEZE_PROTECT: Phrase("it protects the equipment", "它保护设备"),
    RuleId.MANUAL: Phrase(
        "it is a person's word for some hours: `building-supervisor manual`",
        "它是人临时下达的指令：`building-supervisor manual`",
    ),
    RuleId.BASE: Phrase(
        "set `base: controller` on the equipment instead", "请改在设备上写 `base: controller`"
    ),
}


def check_times(ctx: Context) -> None:
    """Everything that has to do with dates and hours."""
    for name, group in ctx.file.hours.items():
        path: Path = ("hours", name)
        if ctx.written(*path) and ctx.tree.find(path)[0].children == {}:
            said = Coded("missing", f"the group `{name}` has no hours", f"组 `{name}` 没有开放时间")
            hint = Phrase("add `workday: 09:00-17:30`", "加上 `workday: 09:00-17:30`")
            ctx.error(path, said, hint, key=True)
        elif ctx.written(*path) and not any(getattr(group, day) for day in type(group).model_fields):
            if ctx.broken(*path):
                continue
            ctx.warn(
                path,
                Coded("never-holds", f"the group `{name}` is never open", f"组 `{name}` 从不开放"),
                MEANT,
                key=True,
            )
    for i, day in enumerate(ctx.file.special_days):
        _special_day(ctx, day, ("special_days", i))
    calendar = ctx.site.calendar
    for i, name in enumerate(calendar.holiday_cn):
        ctx.exists(("calendar", "holiday_cn", i), name)
    for i, each in enumerate(calendar.ics):
        ctx.exists(("calendar", "ics", i, "file"), each.file)
    if ctx.site.season.weather is not None:
        ctx.exists(("season", "weather"), ctx.site.season.weather, Phrase("an EPW file; ", "EPW 文件；"))
    _season(ctx)
    _exemptions(ctx)


def _special_day(ctx: Context, day: SpecialDayEntry, path: Path) -> None:
    if ctx.broken(*path):
        return  # a key of it is misspelt, and named: what it lacks without follows from that
    ranged = ctx.written(*path, "from") or ctx.written(*path, "to")
    if ctx.written(*path, "date") == ranged:
        hint = Phrase(
            "write `date: 2026-10-01`, or `from: 2026-10-01` and `to: 2026-10-07`",
            "写 `date: 2026-10-01`，或 `from: 2026-10-01` 和 `to: 2026-10-07`",
        )
        said = Coded(
            "dates", "a special day has either a date, or from and to", "特殊日要么写 date，要么写 from 和 to"
        )
        ctx.error(path, said, hint)
    elif ranged and not (ctx.written(*path, "from") and ctx.written(*path, "to")):
        said = Coded("dates", "a range of days has both from and to", "一段日期要有 from 和 to")
        ctx.error(path, said, Phrase("add the one that is missing", "补上缺少的一个"))
    elif day.first and day.last and day.last < day.first:
        said = Coded("dates", "the range ends before it begins", "结束日早于起始日")
        ctx.error((*path, "to"), said, Phrase("exchange from and to", "请对调 from 与 to"))
    if ctx.written(*path, "hours") == ctx.written(*path, "close"):
        hint = Phrase(
            "write `hours: closed`, `hours: 09:00-15:00`, or `close: 16:00` for an early closing",
            "写 `hours: closed`（休息）、`hours: 09:00-15:00`，或 `close: 16:00`（提前下班）",
        )
        ctx.error(
            path,
            Coded("dates", "a special day has either hours or close", "特殊日要么写 hours，要么写 close"),
            hint,
        )


def _season(ctx: Context) -> None:
    season, outdoor = ctx.file.season, ctx.written("points", "outdoor_temperature")
    path: Path = ("season", "method")
    dates = ctx.written("season", "dates")
    add_dates = "`dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}`"
    if season.method == "dates" and not dates:
        said = Coded("missing", "seasons by dates need the dates", "按日期划分季节需要写明日期")
        ctx.error(path, said, Phrase(f"add {add_dates}", f"加上 {add_dates}"))
    if season.method == "heating" and not ctx.written("season", "heating"):
        message = Coded(
            "missing",
            "winter by district heating needs the heating period",
            "按集中供暖划分冬季需要写明供暖期",
        )
        add = "`heating: {from: 11-15, to: 03-15}`"
        ctx.error(path, message, Phrase(f"add {add}", f"加上 {add}"))
    if not ctx.file.zones and not ctx.written("season"):
        pass  # nothing goes by it
    elif season.method != "dates" and not outdoor and not dates:
        message = Coded(
            "missing",
            "the season cannot be known: there is neither an outdoor sensor nor dates",
            "无从判断季节：既没有室外温度点，也没有日期",
        )
        hint = Phrase(
            f"add points: outdoor_temperature:, or {add_dates} to season:",
            f"在 points: 中加 outdoor_temperature:，或在 season: 中加 {add_dates}",
        )
        written = path if ctx.written(*path) else ("season",) if ctx.written("season") else ()
        ctx.error(written, message, hint)
    elif not outdoor:
        _never_mild(ctx)
    if season.dates is not None:
        order = [getattr(season.dates, name) for name in ("spring", "summer", "autumn", "winter")]
        wraps = sum(second <= first for first, second in zip(order, [*order[1:], order[0]], strict=True))
        if wraps != 1:
            hint = Phrase(
                "the order of the year is spring, summer, autumn, winter",
                "一年的次序为春（spring）、夏（summer）、秋（autumn）、冬（winter）",
            )
            said = Coded("dates", "the seasons do not follow each other", "四季的日期次序不对")
            ctx.error(("season", "dates"), said, hint)
    if season.override is not None and season.override.until < ctx.today:
        message = Coded(
            "past",
            f"the manager's season ended on {season.override.until}",
            f"人工指定的季节已于 {season.override.until} 到期",
        )
        ctx.warn(
            ("season", "override", "until"),
            message,
            Phrase("delete it, or give a later date", "请删去，或改为更晚的日期"),
        )


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
        Coded(
            "never-holds",
            f"{rule} never holds here: without an outdoor sensor nobody knows that the weather is normal",
            f"{rule}（春秋季停空调）在此永不生效：没有室外温度，无从判断天气是否正常",
        ),
        Phrase(
            "add `outdoor_temperature: device/analog-input:N` to points:",
            "在 points: 中加 `outdoor_temperature: 控制器/analog-input:N`",
        ),
        key=True,
    )


def _exemptions(ctx: Context) -> None:
    for i, exemption in enumerate(ctx.file.exemptions):
        path: Path = ("exemptions", i)
        for j, rule in enumerate(exemption.rules):
            if rule in _NOT_EXEMPT:
                said = Coded("not-exempt", f"no zone can be exempt from {rule}", f"任何区域都不能豁免 {rule}")
                ctx.error((*path, "rules", j), said, _NOT_EXEMPT[rule])
        if exemption.until < ctx.today and exemption.approver != STAND_IN:
            message = Coded(
                "past",
                f"the exemption of {', '.join(exemption.zones)} lapsed on {exemption.until}: its rules apply again",
                f"{'、'.join(exemption.zones)} 的豁免已于 {exemption.until} 到期：规则恢复执行",
            )
            hint = Phrase(
                "have it approved again with a later date, or delete it", "请重新批准并写更晚的日期，或删去"
            )
            ctx.warn((*path, "until"), message, hint)
