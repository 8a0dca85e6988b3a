"""`plan`: what a day will look like."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Phrase, columns
from config.site import Site
from schedules.days import calendars
from schedules.thermal_seasons import TRAILING_DAYS
from schedules.time import clock, local_date
from schedules.types import Overtime
from schedules.words import DAY_TYPES, SEASONS
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import SitePath, StateDir, fail, load_site, misused, plain_errors, state_dir_of
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
    date: Annotated[str | None, typer.Option("--date", help="YYYY-MM-DD; default today at the site.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="One zone only.")] = None,
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """That day's timeline, by the clock alone: opening, prestart, the half hour before closing, the lights.

    Example: building-supervisor plan office.yaml --date 2026-02-14 --zone f2-office-201
    """
    loaded = load_site(site)
    if zone is not None and zone not in loaded.zones:
        near = difflib.get_close_matches(zone, loaded.zones, n=1)
        fail(
            f"no zone is called {zone}",
            f"did you mean {near[0]}?" if near else f"one of {', '.join(loaded.zones)}",
        )
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
    if text is None:
        return dt.datetime.now(site.tz).date()
    try:
        on = dt.date.fromisoformat(text)
    except ValueError:
        misused(f"--date {text or repr(text)} is no date", "write it as 2026-02-14")
    if on.year not in _YEARS:
        misused(f"--date {text} is beyond any calendar", f"from {_YEARS[0]} to {_YEARS[-1]}")
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
    typer.echo(
        f"{made.date:%Y-%m-%d %A}  {day} {DAY_TYPES[day].zh}  {made.day.name}  {season} {SEASONS[season].zh} "
        f"({found.en} {found.zh})"
    )
    if not made.day.announced:
        typer.echo(_unannounced(made.date.year, site.calendar.country))
    for line in _grouped(made.events, site):
        typer.echo(line)
    if not made.events:
        typer.echo("nothing: no rule acts by the clock alone on this day")


def _unannounced(year: int, country: str) -> str:
    """That the holidays of a year are not known, and what is assumed."""
    if country != "CN":
        return (
            f"note: the public holidays of {country} in {year} are not known: plain weekdays are assumed. "
            f"{year} 年 {country} 的节假日未知，暂按平日计。"
        )
    coming = year > dt.datetime.now(dt.UTC).year - 1
    yet = Phrase(" yet", "尚未公布") if coming else Phrase("", "未收录")
    return (
        f"note: the State Council's notice for {year} is not known{yet.en}: plain weekdays are assumed "
        f"(calendar.holiday_cn takes it). {year} 年放假安排{yet.zh}，暂按周一至周五计。"
    )


def _grouped(events: Sequence[PlanEvent], site: Site) -> list[str]:
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
    lines = []
    for (time, rule, unit, value, _), zones in groups.items():
        said = command(value) if isinstance(value, bool | float | int) else (value or "hand back")
        name = BY_ID[next(r for r in BY_ID if r == rule)].title.zh
        what = f"{unit} {said}"
        lines.append(f"{clock(time, site.tz)}  {what:<24} {rule:<16} {_pad(name, 22)} {', '.join(zones)}")
    return lines


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))
