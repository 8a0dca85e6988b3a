"""A day's timeline by the clock alone: the very rules, on a building where everything goes as it should.

Assumed: people are in while their zone is open and out while it is closed, windows are shut, rooms and
weather are normal, setpoints comply, every unit obeys. What people and weather do otherwise changes the day.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from config.points import Point, Value
from config.roles import Mode, Role
from config.rules import RuleId
from config.site import Site
from drivers.readings import Quality
from schedules.days import Calendars
from schedules.hours import Timetable
from schedules.seasons import Season
from schedules.time import DAY, Instant, instant_of, iso
from schedules.types import Day, DayType, OpenDay, Overtime
from supervisor.core.citations import Citation
from supervisor.core.decider import Decider
from supervisor.core.decisions import KEEP, RELINQUISH, Command
from supervisor.core.engine import NO_LEASE
from supervisor.core.known import Known
from supervisor.core.season import SeasonKeeper
from supervisor.core.views import Manual

_WHOLE_DAY = 23 * 3600.0
"""s of the shortest day of 24 opening hours, on which the clock is put forward."""
_NORMAL: Mapping[Role, Value] = {
    Role.TEMPERATURE: 24.0, Role.HUMIDITY: 50.0, Role.CO2: 600.0, Role.WINDOW: False, Role.LUX: 0.0,
    Role.START_STOP: True, Role.RUN_STATUS: True, Role.FAULT: False, Role.HAND_AUTO: False,
    Role.COOLING_SETPOINT: 26.0, Role.HEATING_SETPOINT: 20.0, Role.OUTDOOR_TEMPERATURE: 20.0,
    Role.OUTDOOR_HUMIDITY: 50.0, Role.FIRE_ALARM: False,
}  # fmt: skip


class PlanEvent(NamedTuple):
    """From `time` on `role` of `zone` (or of shared equipment) is `value`; None: relinquished."""

    time: Instant
    zone: str
    equipment: str
    role: str
    value: float | bool | str | None
    rule: RuleId
    citation: Citation


class Plan(NamedTuple):
    """One date at one building."""

    date: dt.date
    day: Day
    season: Season
    season_from: str
    """What the season rests on: `override`, `heating`, `dates`, `measured`, `typical year` or `month`."""
    events: tuple[PlanEvent, ...]
    partly: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Special days that the day is not named after: the name of each, and the groups of hours that it is for."""


def plan_day(
    site: Site,
    days: Calendars,
    date: dt.date,
    zone: str | None = None,
    overtime: Mapping[str, Sequence[Overtime]] | None = None,
    measured: Mapping[str, Any] | None = None,
    manual: Mapping[str, Manual] | None = None,
) -> Plan:
    """The timeline of a date: what stands at its midnight, then every change until the next.

    `measured` is a season keeper's memory: what the building's own record says of the days around `date`;
    `manual` what people hold by hand.
    """
    start, end = instant_of(date, 0, site.tz), instant_of(date + dt.timedelta(days=1), 0, site.tz)
    season, tables = SeasonKeeper(site.season, site.tz, start, days.typical), days.tables
    if measured is not None:
        season.restore(measured)
    known = Known(site)
    decider = Decider(site, known, tables, season.season, lease=NO_LEASE)
    decider.overtime = {id_: tuple(requests) for id_, requests in (overtime or {}).items()}
    decider.manual = dict(manual or {})
    _assume(known, season.now(start).season, start - DAY)
    events = tuple(e for e in _run(site, decider, start, end) if zone is None or _concerns(site, e, zone))
    day = _day(site, tables, date, zone)
    partly = tuple(_partly(tables, date, day)) if zone is None else ()
    return Plan(date, day, season.now(start).season, season.source(start), events, partly)


def _concerns(site: Site, event: PlanEvent, zone: str) -> bool:
    return event.zone == zone or (event.zone in site.shared and zone in site.shared[event.zone].zones)


def _day(site: Site, tables: Mapping[str, Timetable], date: dt.date, zone: str | None) -> Day:
    """The day's type: a special day where the zone's group, or every group that ever closes, has one."""
    groups = [site.zones[zone].hours] if zone is not None else list(tables)
    days = [tables[group].day(date) for group in groups]
    told = [day for day in days if not _round_the_clock(day)] or days
    special = all(day.day.type is DayType.SPECIAL for day in told)
    return told[0].day if special else days[0].ordinary


def _partly(
    tables: Mapping[str, Timetable], date: dt.date, day: Day
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The special days of some groups, by name, but for the one that the day is named after."""
    found: dict[str, list[str]] = {}
    for group, table in tables.items():
        if (own := table.day(date).day).type is DayType.SPECIAL:
            found.setdefault(own.name, []).append(group)
    return (
        (name, tuple(groups))
        for name, groups in found.items()
        if day.type is not DayType.SPECIAL or name != day.name
    )


def _round_the_clock(day: OpenDay) -> bool:
    """A duty room's day: no early closing is meant for it."""
    return (
        day.day.type is not DayType.SPECIAL and sum(end - start for start, end in day.intervals) >= _WHOLE_DAY
    )


def _assume(known: Known, season: Season, since: Instant) -> None:
    mode = Mode.HEAT if season is Season.WINTER else Mode.COOL
    for point in known.site.points.values():
        value = mode if point.role in (Role.MODE, Role.ACTION, Role.CHANGEOVER) else _NORMAL.get(point.role)
        if point.role is Role.SETPOINT:
            value = 20.0 if mode is Mode.HEAT else 26.0
        if value is not None:
            known.put_value(point.id, value, Quality.GOOD, since)


def _run(site: Site, decider: Decider, start: Instant, end: Instant) -> Iterator[PlanEvent]:
    """Step the decider from one moment at which something could change to the next."""
    told: dict[str, tuple[Command, RuleId]] = {}
    at = start
    _before(site, decider, start)
    while at < end:
        _people(site, decider, at)
        for id_, outcome in decider.step(at).outcomes.items():
            decision = outcome.decision
            said = (decision.value, decision.rule)
            nothing = decision.value is RELINQUISH and id_ not in told
            if told.get(id_) == said or nothing or decision.value is KEEP:
                continue
            told[id_] = said
            yield _event(site.points[id_], at, decision.value, decision.rule, decision.citation)
        edges = min((_next_edge(decider, zone, at) for zone in site.zones), default=math.inf)
        at = min(decider.wake_at, edges)


def _before(site: Site, decider: Decider, start: Instant) -> None:
    """Where people are at the day's midnight they have been since the zone last opened or closed."""
    for zone in site.zones.values():
        spans = decider.spans(zone.id, start)
        now, earlier = spans.at(start), spans.previous(start)
        since = now.open if now is not None else earlier.close if earlier is not None else -math.inf
        for point in zone.sensors.get(Role.OCCUPANCY, ()):
            decider.known.put_value(point.id, now is not None, Quality.GOOD, max(since, start - DAY))


def _people(site: Site, decider: Decider, at: Instant) -> None:
    """People are in while their zone is open."""
    for zone in site.zones.values():
        present = decider.spans(zone.id, at).at(at) is not None
        for point in zone.sensors.get(Role.OCCUPANCY, ()):
            if decider.known.put_value(point.id, present, Quality.GOOD, at):
                decider.touch(point.id)


def _next_edge(decider: Decider, zone: str, at: Instant) -> Instant:
    edges = (edge for span in decider.spans(zone, at).spans for edge in (span.open, span.close))
    return min((edge for edge in edges if edge > at), default=math.inf)


def _event(point: Point, at: Instant, value: Command, rule: RuleId, citation: Citation) -> PlanEvent:
    plain = None if value is RELINQUISH or value is KEEP else value
    equipment = point.equipment or ""
    return PlanEvent(
        at, point.zone or equipment, equipment, str(point.role),
        plain if isinstance(plain, bool | float | int | str) else None, rule, citation,
    )  # fmt: skip


def as_json(plan: Plan, site: Site) -> dict[str, Any]:
    """The shape that `plan --format json` prints."""
    return {
        "date": plan.date.isoformat(),
        "day_type": str(plan.day.type),
        "season": str(plan.season),
        "announced": plan.day.announced,
        "special_days": [{"name": name, "groups": list(groups)} for name, groups in plan.partly],
        "events": [
            {
                "time": iso(event.time, site.tz),
                "zone": event.zone,
                "equipment": event.equipment,
                "role": event.role,
                "value": event.value,
                "rule": str(event.rule),
                "citation": str(event.citation),
            }
            for event in plan.events
        ],
    }
