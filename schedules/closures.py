"""Which days a controller's calendar should name, so that it knows them without us. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from config.calendar_objects import CalendarObject
from schedules.days import Calendars
from schedules.types import DayType

_ONE = timedelta(days=1)


class Closures(NamedTuple):
    """The years that are known, and the days of them that are meant, in order."""

    years: tuple[int, ...]
    days: tuple[date, ...]


def closures(object_: CalendarObject, calendars: Calendars, today: date) -> Closures:
    """The days of this year and the next, as far as their holidays are announced.

    No years are known where this one's holidays are not: then a list would say that there are none.
    """
    calendar = calendars.calendar
    years = tuple(year for year in (today.year, today.year + 1) if calendar.announced(year))
    if today.year not in years:
        return Closures((), ())
    return Closures(years, tuple(day for year in years for day in _of(object_, calendars, year)))


def _of(object_: CalendarObject, calendars: Calendars, year: int) -> Iterator[date]:
    calendar = calendars.calendar
    if object_.hours is None:
        kind = DayType.HOLIDAY if object_.days == "holidays" else DayType.MAKEUP_WORKDAY
        yield from (day for day in _year(year) if calendar.day(day).type is kind)
        return
    table, open_ = calendars.tables[object_.hours], object_.days == "opened"
    for day in _year(year):
        if bool(table.day(day).intervals) is open_ and table.ordinarily_open(day) is not open_:
            yield day


def _year(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _ONE


def spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow one another as one span, first and last."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and found[-1][1] + _ONE == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def days_of(spans_: Iterable[tuple[date, date]], limit: int = 3700) -> set[date]:
    """The days of spans; of a span longer than ten years its first ones, so that no nonsense of a device takes our memory."""
    found: set[date] = set()
    for first, last in spans_:
        found.update(first + timedelta(days=n) for n in range(min((last - first).days + 1, limit)))
    return found
