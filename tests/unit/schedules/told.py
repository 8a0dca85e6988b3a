"""Timetables and times of day as people write them, for the tests that tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from schedules.calendar import Calendar, CalendarError
from schedules.hours import Timetable
from schedules.ics import read_ics
from schedules.marks import Meaning
from schedules.types import ALL_DAY, DayHours, Interval, SpecialDay, WeekHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def hours(text: str) -> DayHours:
    """Hours as people write them: `08:00-12:00 13:00-18:00`; past midnight as `20:00-26:00`."""
    intervals = []
    for part in text.split():
        start, end = (int(t[:2]) * 60 + int(t[3:]) for t in part.split("-"))
        intervals.append(Interval(start, end))
    return tuple(intervals)


OFFICE = WeekHours(workday=hours("08:00-12:00 13:00-18:00"))
ALWAYS = WeekHours(ALL_DAY, (None,) * 7, ALL_DAY, ALL_DAY, ALL_DAY)


def timetable(
    week: WeekHours = OFFICE,
    specials: Sequence[SpecialDay] = (),
    group: str = "offices",
    tz: ZoneInfo = SHANGHAI,
    country: str = "CN",
) -> Timetable:
    """A zone group's timetable in Shanghai, unless said otherwise."""
    return Timetable(tz, Calendar(country), week, specials, group)


def at(text: str, tz: ZoneInfo = SHANGHAI, fold: int = 0) -> float:
    """The instant of `2026-02-13 17:30` on the wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=tz, fold=fold).timestamp()


def wall(t: float | None, tz: ZoneInfo = SHANGHAI) -> str:
    """What the wall clock shows, to the minute."""
    return "never" if t is None else datetime.fromtimestamp(t, tz).isoformat(" ", "minutes")[:16]


def told(table: Timetable, day: str, tz: ZoneInfo = SHANGHAI) -> list[str]:
    """A day's openings and closings as the wall clock shows them."""
    pieces = table.day(date.fromisoformat(day)).intervals
    return [f"{wall(start, tz)[11:]}-{wall(end, tz)[11:]}" for start, end in pieces]


def special_days_from_ics(
    text: str, tz: ZoneInfo, calendar: Calendar | None = None, means: Mapping[str, Meaning] | None = None
) -> list[SpecialDay]:
    """As `read_ics`; CalendarError with the first problem that is no warning."""
    days, problems = read_ics(text, tz, calendar, means)
    for problem in problems:
        if not problem.warning:
            raise CalendarError(problem.message)
    return days
