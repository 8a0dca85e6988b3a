"""`plan`: what a day will look like."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Lang, Phrase, columns, filled, same
from config.roles import ROLES, Mode
from config.site import Site
from schedules.days import calendars
from schedules.thermal_seasons import TRAILING_DAYS
from schedules.time import clock, local_date
from schedules.types import Overtime
from schedules.words import DAY_TYPES, SEASONS
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import (
    SitePath,
    StateDir,
    day_of,
    load_site,
    misused,
    plain_errors,
    say,
    state_dir_of,
    zone_named,
)
from supervisor.cli.language import spoken
from supervisor.cli.streams import in_json
from supervisor.core.rules import BY_ID
from supervisor.core.views import Manual
from supervisor.core.wording import command
from supervisor.daemon.socket import NoDaemon, ask

if TYPE_CHECKING:
    from supervisor.core.plan import Plan, PlanEvent

_YEARS = range(1900, 2201)
"""Years that can be planned: no time zone is older than its railways, no building is planned for longer."""
_FROM = {
    "override": Phrase("set by hand", "人工指定"),
    "heating": Phrase("heating dates", "供暖期"),
    "dates": Phrase("fixed dates", "固定日期"),
    "measured": Phrase("measured", "实测"),
    "typical year": Phrase("typical year", "典型年"),
    "month": Phrase("by the month", "按月份"),
}


def plan(
    site: SitePath,
    date: Annotated[
        str | None,
        typer.Option("--date", help="YYYY-MM-DD; default today at the site · 年-月-日；默认为当地今天"),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="One zone only · 只看一个区域，按标识或名称")
    ] = None,
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """That day's timeline, by the clock alone: opening, prestart, the half hour before closing, the lights. · 某日的时间表，只按时钟：开放、预启动、下班前半小时、照明

    Example: building-supervisor plan office.yaml --date 2026-02-14 --zone f2-office-201
    """
    loaded = load_site(site)
    zone = zone_named(zone, loaded)
    from supervisor.core.plan import as_json, plan_day

    on = _date(date, loaded)
    with plain_errors():
        made = plan_day(
            loaded,
            calendars(loaded),
            on,
            zone,
            _overtime(loaded, state_dir),
            _measured(loaded, state_dir, on),
            _manual(loaded, state_dir),
        )
    if format_ is Format.JSON:
        typer.echo(in_json(as_json(made, loaded)))
        return
    _print(made, loaded)


def _date(text: str | None, site: Site) -> dt.date:
    on = day_of("--date", text)
    if on is None:
        return dt.datetime.now(site.tz).date()
    if on.year not in _YEARS:
        misused(
            Phrase(f"--date {text} is beyond any calendar", f"--date {text} 超出日历范围"),
            Phrase(f"from {_YEARS[0]} to {_YEARS[-1]}", f"从 {_YEARS[0]} 到 {_YEARS[-1]} 年"),
        )
    return on


def _overtime(site: Site, state_dir: StateDir) -> Mapping[str, Sequence[Overtime]]:
    """The overtime that a running daemon knows of; none where no daemon runs."""
    with contextlib.suppress(NoDaemon):
        answer = asyncio.run(ask(state_dir_of(site, state_dir), {"do": "overtime-list"}, 5.0))
        return {
            zone: [Overtime(start, until, who) for start, until, who in requests]
            for zone, requests in answer.get("overtime", {}).items()
        }
    return {}


def _manual(site: Site, state_dir: StateDir) -> Mapping[str, Manual]:
    """What people hold by hand, by a running daemon; nothing where none runs."""
    with contextlib.suppress(NoDaemon):
        answer = asyncio.run(ask(state_dir_of(site, state_dir), {"do": "manual-list"}, 5.0))
        return {p: Manual(*word) for p, word in answer.get("manual", {}).items() if p in site.points}
    return {}


def _measured(site: Site, state_dir: StateDir, on: dt.date) -> Mapping[str, Any] | None:
    """What a running daemon has measured of the season, where it still says something about that date."""
    with contextlib.suppress(NoDaemon):
        answer = asyncio.run(ask(state_dir_of(site, state_dir), {"do": "season"}, 5.0))
        today = local_date(answer["at"], site.tz)
        if 0 <= (on - today).days < TRAILING_DAYS:
            memory: Mapping[str, Any] = answer["memory"]
            return memory
    return None


def _print(made: Plan, site: Site) -> None:
    day, season, found = made.day.type, made.season, _FROM[made.season_from]
    kind, time_of_year, name = DAY_TYPES[day], SEASONS[season], made.day.name
    say(
        Phrase(
            f"{made.date:%Y-%m-%d %A}  {day}  {name}  {season} ({found.en})",
            f"{made.date:%Y-%m-%d} 星期{'一二三四五六日'[made.date.weekday()]}  {kind.zh}  {name}  {time_of_year.zh}（{found.zh}）",
        )
    )
    for special, groups in made.partly:
        only = Phrase(f"special day for {', '.join(groups)}", f"特殊日（仅 {'、'.join(groups)}）")
        say(only.detailed(same(special)) if special else only)
    if not made.day.announced:
        say(_unannounced(made.date.year, site.calendar.country))
    for line in _grouped(made.events, site, spoken()):
        typer.echo(line)
    if not made.events:
        say(Phrase("nothing: no rule acts by the clock alone on this day", "无：当天没有仅按时钟动作的规则"))


def _unannounced(year: int, country: str) -> Phrase:
    """That the holidays of a year are not known, and what is assumed."""
    if country != "CN":
        return Phrase(
            f"note: the public holidays of {country} in {year} are not known: plain weekdays are assumed.",
            f"注意：{year} 年 {country} 的节假日未知，暂按平日计。",
        )
    coming = year > dt.datetime.now(dt.UTC).year - 1
    yet = Phrase(" yet", "尚未公布") if coming else Phrase("", "未收录")
    return Phrase(
        f"note: the State Council's notice for {year} is not known{yet.en}: plain weekdays are assumed "
        f"(calendar.holiday_cn takes it).",
        f"注意：{year} 年放假安排{yet.zh}，暂按周一至周五计（可写入 calendar.holiday_cn）。",
    )


def _grouped(events: Sequence[PlanEvent], site: Site, lang: Lang) -> list[str]:
    """One line for all zones to which the same happens at the same time."""
    groups: dict[tuple[float, str, str, object, str], list[str]] = {}
    for event in events:
        unit = (
            "lights"
            if event.rule in ("lights-close", "corridor-delay") or "light" in event.equipment
            else event.role
        )
        key = (
            event.time,
            str(event.rule),
            unit,
            event.value,
            event.equipment if event.zone in site.shared else "",
        )
        zones = groups.setdefault(key, [])
        if event.zone not in zones:
            zones.append(event.zone)
    heads, lines = [], []
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST) if sys.stdout.isatty() else _ENDLESS
    for (time, rule, unit, value, _), zones in groups.items():
        name = BY_ID[next(r for r in BY_ID if r == rule)].title.zh if lang == "zh" else rule
        what = f"{_unit(unit).told(lang)} {_value(value, lang)}"
        names = ("、" if lang == "zh" else ", ").join(_name(zone, site) for zone in zones)
        heads.append((clock(time, site.tz), what, name, names))
    first = max((columns(what) for _, what, _, _ in heads), default=0)
    second = max((columns(name) for _, _, name, _ in heads), default=0)
    for at, what, name, names in heads:
        head = f"{at}  {_pad(what, first)}  {_pad(name, second)}  "
        room = columns(head)
        lines.append(head + filled(names, width, indent=room)[room:])
    return lines


_WIDEST = 80
_ENDLESS = 100_000
"""Off a terminal a line is a line: it is searched."""
_LIGHTS = Phrase("lights", "照明")


def _unit(unit: str) -> Phrase:
    """What is switched: the lights, or a role by its meaning."""
    role = next((r for r in ROLES if r == unit), None)
    return _LIGHTS if unit == "lights" else Phrase(unit, ROLES[role].meaning_zh if role is not None else unit)


def _value(value: object, lang: Lang) -> str:
    if isinstance(value, bool | float | int):
        return command(value, zh=lang == "zh")
    mode = Mode(str(value)) if value in {m.value for m in Mode} else None
    if mode is not None:
        return Phrase(mode.value, _MODES[mode]).told(lang)
    return str(value) if value else Phrase("hand back", "交还").told(lang)


_MODES = {
    Mode.OFF: "关", Mode.COOL: "制冷", Mode.HEAT: "制热", Mode.FAN: "送风", Mode.DRY: "除湿", Mode.AUTO: "自动",
}  # fmt: skip


def _name(zone: str, site: Site) -> str:
    """A zone, or equipment that several share, as people call it."""
    if zone in site.zones:
        return site.zones[zone].name or zone
    return site.shared[zone].name if zone in site.shared else zone


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))
