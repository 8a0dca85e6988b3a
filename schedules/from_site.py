"""From the site file's words to timetables and seasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.file import Season as SeasonSection
from config.file import SpecialDayEntry
from config.file import WeekHours as WeekSection
from config.rules import RuleId
from config.site import Site, Zone
from config.values import OpenInterval
from schedules.calendar import Calendar, Notice
from schedules.hours import Timetable
from schedules.seasons import (
    ByTemperature,
    DistrictHeating,
    FixedDates,
    Method,
    MonthDay,
    Season,
    SeasonOverride,
)
from schedules.time import Instant, instant_of
from schedules.types import DayHours, Interval, SpecialDay, WeekHours

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calendar_of(site: Site, notices: Sequence[Notice] = ()) -> Calendar:
    """The state's calendar of the site's country. `CalendarError` for an unknown country."""
    return Calendar(site.calendar.country, site.calendar.subdivision, notices)


def timetables(site: Site, calendar: Calendar, extra: Sequence[SpecialDay] = ()) -> Mapping[str, Timetable]:
    """A timetable for each group of opening hours; `extra` are special days from .ics files."""
    specials = (*(_special(entry) for entry in site.special_days), *extra)
    return {
        group: Timetable(site.tz, calendar, _week(section), specials, group)
        for group, section in site.hours.items()
    }


def season_method(section: SeasonSection) -> Method:
    """How the season is found. `ValueError` where the section lacks what its method needs."""
    if section.method == "dates":
        return _dates(section)
    by_temperature = ByTemperature(southern=section.hemisphere == "south")
    if section.method == "temperature":
        return by_temperature
    if section.heating is None:
        raise ValueError("season method `heating` needs the heating dates")
    otherwise = _dates(section) if section.dates is not None else by_temperature
    return DistrictHeating(MonthDay(*section.heating.first), MonthDay(*section.heating.last), otherwise)


def season_override(section: SeasonSection, tz: ZoneInfo) -> SeasonOverride | None:
    """The manager's word on the season, until the end of its last day."""
    override = section.override
    if override is None:
        return None
    return SeasonOverride(Season(override.season), end_of(override.until, tz))


def exemption_ends(zone: Zone, tz: ZoneInfo) -> Mapping[RuleId, Instant]:
    """For each rule from which the zone is or was exempt, when that ends: the end of its last day."""
    ends: dict[RuleId, Instant] = {}
    for exemption in zone.exemptions:
        for rule in exemption.rules:
            ends[rule] = max(ends.get(rule, 0.0), end_of(exemption.until, tz))
    return ends


def end_of(day: date, tz: ZoneInfo) -> Instant:
    """The local midnight that ends a day."""
    return instant_of(day + timedelta(days=1), 0, tz)


def _dates(section: SeasonSection) -> FixedDates:
    if section.dates is None:
        raise ValueError("season method `dates` needs the first day of each season")
    return FixedDates(tuple((MonthDay(*getattr(section.dates, season.value)), season) for season in Season))


def _hours(intervals: tuple[OpenInterval, ...]) -> DayHours:
    return tuple(Interval(i.open, i.close) for i in intervals)


def _maybe(intervals: tuple[OpenInterval, ...] | None) -> DayHours | None:
    return None if intervals is None else _hours(intervals)


def _week(section: WeekSection) -> WeekHours:
    return WeekHours(
        workday=_hours(section.workday),
        by_weekday=tuple(_maybe(getattr(section, day)) for day in _WEEKDAYS),
        weekend=_maybe(section.weekend),
        holiday=_maybe(section.holiday),
        makeup_workday=_maybe(section.makeup_workday),
    )


def _special(entry: SpecialDayEntry) -> SpecialDay:
    first = entry.date or entry.first
    last = entry.date or entry.last or first
    if first is None or last is None:
        raise ValueError("a special day has a date, or from and to")
    return SpecialDay(first, last, _maybe(entry.hours), entry.close, frozenset(entry.groups), entry.name)
