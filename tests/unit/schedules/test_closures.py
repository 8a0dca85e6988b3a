"""Which days a controller is told: holidays, days worked in lieu, a group's own; none where a year is not announced."""

from __future__ import annotations

from datetime import date

from config.calendar_objects import CalendarObject
from schedules.closures import closures, days_of, spans
from schedules.days import Calendars, calendars
from tests.site_files import site_of_text

TEXT = """
version: 1
building: b
timezone: Asia/Shanghai
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {hall: {workday: 09:00-17:30, saturday: 09:00-16:00}}
special_days: [{date: 2026-07-15, hours: closed}, {date: 2026-07-19, hours: "09:00-12:00"}]
templates: {fcu: {kind: fcu, points: {start_stop: binary-output:0}}}
zones: {room: {hours: hall, equipment: {fcu: ddc/0}}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
"""
JUNE = date(2026, 6, 1)


def days() -> Calendars:
    """The hall's calendar."""
    site = site_of_text(TEXT)
    return calendars(site)


def told(**more: str) -> list[date]:
    """The days of 2026 of one list."""
    object_ = CalendarObject.model_validate({"at": "ddc/calendar:1", **more})
    found = closures(object_, days(), JUNE)
    assert found.years[0] == 2026
    return [day for day in found.days if day.year == 2026]


def test_holidays_are_named_whatever_their_weekday_and_make_up_workdays_are_a_list_of_their_own() -> None:
    """National Day and its weekend; the Saturday or Sunday that is worked for it is in the other list, and in no other."""
    holidays, worked = told(), told(days="makeup_workdays")
    assert {date(2026, 10, 1), date(2026, 10, 3), date(2026, 10, 4)} <= set(holidays)
    assert date(2026, 10, 10) in worked
    assert not set(worked) & set(holidays)
    assert all(day.weekday() >= 5 for day in worked)


def test_a_groups_lists_have_what_its_weekday_does_not_say() -> None:
    """Closed on a Wednesday, on a holiday's Saturday; open on a Sunday, and on one that is worked; no plain Sunday in either."""
    closed, opened = told(days="closed", hours="hall"), told(days="opened", hours="hall")
    assert {date(2026, 7, 15), date(2026, 10, 1), date(2026, 10, 3)} <= set(closed)
    assert date(2026, 10, 4) not in closed, "a Sunday is closed by its weekday"
    assert date(2026, 7, 19) in opened
    assert date(2026, 10, 10) not in opened, "the hall is open on Saturdays anyway"
    assert date(2026, 9, 20) in opened, "a Sunday that is worked"
    assert not set(opened) & set(closed)


def test_a_year_that_nobody_announced_has_no_list() -> None:
    """It would say that there are no holidays."""
    assert closures(CalendarObject(at="ddc/calendar:1"), days(), date(2031, 1, 1)).years == ()


def test_days_become_spans_and_back() -> None:
    """In a row as one; a span of nonsense does not take all memory."""
    some = [date(2026, 10, 2), date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert spans(some) == [(some[1], some[0]), (some[2], some[3])]
    assert days_of(spans(some)) == set(some)
    assert len(days_of([(date.min, date.max)])) < 4000
