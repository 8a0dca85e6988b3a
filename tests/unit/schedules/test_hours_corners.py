"""The corners of opening hours: the minute of closing, two days joined, clocks that jump, what is remembered."""

from __future__ import annotations

import math
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from schedules.calendar import Calendar
from schedules.hours import Timetable, with_overtime
from schedules.types import CLOSED, DayHours, DayType, Interval, Overtime, SpecialDay, WeekHours
from tests.unit.schedules.told import ALWAYS, NEW_YORK, OFFICE, SHANGHAI, at, hours, timetable, told, wall

NUUK = ZoneInfo("America/Nuuk")


def test_the_minute_of_closing_is_closed_and_the_minute_of_midnight_is_tomorrow() -> None:
    """At noon sharp lunch has begun, at 18:00 sharp today's span is the last one, at 00:00 it is the 4th."""
    spans = timetable().spans(at("2026-03-03 10:00"))
    assert not spans.is_open(at("2026-03-03 12:00"))
    assert spans.is_open(at("2026-03-03 12:00") - 1)
    evening = spans.previous(at("2026-03-03 18:00"))
    assert evening is not None
    assert (evening.date, evening.day_type) == (date(2026, 3, 3), DayType.WORKDAY)
    assert spans.day(at("2026-03-04")).date == date(2026, 3, 4)
    assert spans.day(at("2026-03-04") - 1).date == date(2026, 3, 3)


def test_a_room_may_open_at_midnight() -> None:
    """00:00 is a time to open at, 24:00 one to close at."""
    week = WeekHours(by_weekday=((Interval(0, 60), Interval(1380, 1440)),) * 7)
    assert told(timetable(week), "2026-03-03") == ["00:00-01:00", "23:00-00:00"]


def test_closing_early_at_the_minute_of_opening_is_not_to_open() -> None:
    """At 13:00 there is no afternoon, at 08:00 no day."""
    for close, left in ((13 * 60, ["08:00-12:00"]), (8 * 60, [])):
        special = SpecialDay(date(2026, 3, 5), date(2026, 3, 5), close=close)
        assert told(timetable(specials=[special]), "2026-03-05") == left


@pytest.mark.parametrize(
    ("close", "left"),
    [
        ("01:00", "20:00-01:00"),
        ("00:00", "20:00-00:00"),
        ("23:00", "20:00-23:00"),
        ("16:00", ""),
        ("03:00", ""),
    ],
)
def test_a_night_that_closes_early_may_close_after_midnight(close: str, left: str) -> None:
    """A canteen of the night shift, 20:00 to 02:00; the house that closes at 16:00 does not open it at all."""
    night = WeekHours(workday=(Interval(20 * 60, 26 * 60),))
    minutes = int(close[:2]) * 60 + int(close[3:])
    special = SpecialDay(date(2026, 3, 5), date(2026, 3, 5), close=minutes)
    assert told(timetable(night, specials=[special]), "2026-03-05") == ([left] if left else [])


def test_a_special_day_of_a_year_that_is_not_announced_does_not_hide_that() -> None:
    """A works day in 2027 is known; whether the weekdays around it are holidays is not."""
    works = SpecialDay(date(2027, 3, 4), date(2027, 3, 4), CLOSED, name="works")
    day = timetable(specials=[works]).day(date(2027, 3, 4))
    assert (day.day.date, day.day.type, day.day.announced) == (date(2027, 3, 4), DayType.SPECIAL, False)
    assert (
        timetable(specials=[SpecialDay(date(2026, 3, 4), date(2026, 3, 4))])
        .day(date(2026, 3, 4))
        .day.announced
    )


def test_the_group_whose_name_is_not_given_takes_only_what_is_for_all() -> None:
    """A day for the hall is not for a timetable of no group."""
    hall = SpecialDay(date(2026, 3, 4), date(2026, 3, 4), CLOSED, groups=frozenset({"hall"}))
    table = Timetable(SHANGHAI, Calendar(), OFFICE, [hall])
    assert (table.group, told(table, "2026-03-04")) == ("", ["08:00-12:00", "13:00-18:00"])


def test_working_through_the_night_makes_one_tuesday_of_two_days() -> None:
    """From Tuesday's close to Wednesday's opening: it is Tuesday's day that ends on Wednesday evening."""
    night = Overtime(at("2026-03-03 18:00"), at("2026-03-04 08:00"), "Li Wei")
    spans = with_overtime(timetable().spans(at("2026-03-03 17:00")), [night])
    span = spans.at(at("2026-03-04 03:00"))
    assert span is not None
    assert (wall(span.open), wall(span.close)) == ("2026-03-03 08:00", "2026-03-04 18:00")
    assert (span.date, span.day_type) == (date(2026, 3, 3), DayType.WORKDAY)


def test_overtime_from_the_horizon_on_waits_until_it_is_in_sight() -> None:
    """The day that begins there is not looked at yet, so its hours could not be joined with the request."""
    spans = timetable().spans(at("2026-03-03 17:00"))
    later = Overtime(spans.horizon, spans.horizon + 3600, "Li Wei")
    assert with_overtime(spans, [later]) is spans
    sooner = Overtime(spans.horizon - 1, spans.horizon + 3600, "Li Wei")
    assert with_overtime(spans, [sooner]).spans[-1].overtime == (sooner,)


def test_a_thick_walled_hall_is_preheated_from_the_morning_before() -> None:
    """Tomorrow it opens at ten, the day after at one: twenty hours before that is five tomorrow morning."""
    specials = [
        SpecialDay(date(2026, 3, 4), date(2026, 3, 4), hours("10:00-12:00")),
        SpecialDay(date(2026, 3, 5), date(2026, 3, 5), hours("01:00-02:00")),
    ]
    table = timetable(specials=specials)
    hours_before = -20 * 3600.0
    assert wall(table.next_change(at("2026-03-03 18:30"), opening=[hours_before])) == "2026-03-04 05:00"
    assert wall(table.next_change(at("2026-03-03 18:30"), closing=[hours_before])) == "2026-03-04 06:00"


def test_an_ordinary_day_looks_no_further_than_it_must() -> None:
    """On a Tuesday: from Saturday until Wednesday is over, not the 400 days that a summer house takes."""
    spans = timetable().spans(at("2026-03-03 12:00"))
    assert (wall(spans.days[0].start), wall(spans.horizon)) == ("2026-02-28 00:00", "2026-03-05 00:00")


def test_a_day_once_worked_out_is_not_worked_out_again() -> None:
    """The engine asks at every evaluation: the second answer is the first one, not another like it."""
    table = timetable()
    assert table.day(date(2026, 3, 3)) is table.day(date(2026, 3, 3))
    morning = table.spans(at("2026-03-03 09:00"))
    table.spans(at("2026-03-04 09:00"))
    assert table.spans(at("2026-03-03 17:00")) is morning


def test_a_special_day_that_changes_nothing_leaves_a_duty_room_without_a_horizon() -> None:
    """Named, or closing "early" at midnight: it is open as ever, and was always."""
    for named in (
        SpecialDay(date(2026, 3, 5), date(2026, 3, 5), name="anniversary"),
        SpecialDay(date(2026, 3, 5), date(2026, 3, 5), close=24 * 60),
    ):
        spans = timetable(ALWAYS, [named]).spans(at("2026-03-04 12:00"))
        assert [(s.open, s.close) for s in spans.spans] == [(-math.inf, math.inf)]
        assert spans.horizon == math.inf


def test_an_hour_that_the_clock_skips_whole_is_moved_whole() -> None:
    """New York, 2026-03-08, 02:00 to 03:00 does not exist: it is 03:00 to 04:00, to the second."""
    for said, kept in (("02:00-03:00", "03:00-04:00"), ("02:30-03:15", "03:30-04:15")):
        table = timetable(WeekHours(by_weekday=(hours(said),) * 7), tz=NEW_YORK, country="US")
        (piece,) = table.day(date(2026, 3, 8)).intervals
        assert told(table, "2026-03-08", NEW_YORK) == [kept]
        assert piece[0] % 60 == piece[1] % 60 == 0


@pytest.mark.parametrize("asked", ["2024-03-27 12:00", "2024-03-28 12:00", "2024-03-29 12:00"])
def test_a_days_watch_that_ends_in_the_hour_that_nuuk_skips_runs_into_sunday(asked: str) -> None:
    """Friday 23:59 for 24 hours; that Saturday has no 23:59, so it is Sunday 00:59, when the hall is open."""
    friday, sunday = hours("23:59-47:59"), hours("00:30-02:00")
    week = WeekHours(by_weekday=(CLOSED,) * 4 + (friday, CLOSED, sunday))
    table = timetable(week, tz=NUUK, country="US")
    span = table.spans(at(asked, NUUK)).next(at(asked, NUUK))
    assert span is not None
    assert (wall(span.open, NUUK), wall(span.close, NUUK)) == ("2024-03-29 23:59", "2024-03-31 02:00")
    assert span.intervals == ((span.open, span.close),)


def test_the_last_close_stays_in_sight_over_a_holiday_of_any_length() -> None:
    """Two months shut: the last evening that was open is still known, and where nothing ever opened nothing is."""
    term = SpecialDay(date(2026, 7, 1), date(2026, 8, 31), CLOSED, name="summer break")
    table = timetable(specials=[term])
    last = table.spans(at("2026-08-30 12:00")).previous(at("2026-08-30 12:00"))
    assert last is not None
    assert wall(last.close) == "2026-06-30 18:00"
    assert table.spans(at("2026-08-30 12:00")).next(at("2026-08-30 12:00")) is not None


@pytest.mark.parametrize(
    ("beneath", "open_then"),
    [
        (CLOSED, []),
        (hours("09:00-12:00"), ["09:00-10:00"]),
        (hours("11:00-15:00"), []),
        (None, ["08:00-10:00"]),
    ],
)
def test_an_early_closing_opens_nothing_that_was_shut(beneath: DayHours | None, open_then: list[str]) -> None:
    """Ten o'clock on one day of the summer break: the break's own hours are cut, not an ordinary week's."""
    summer = SpecialDay(date(2026, 3, 2), date(2026, 3, 6), beneath, name="break")
    early = SpecialDay(date(2026, 3, 4), date(2026, 3, 4), close=10 * 60)
    table = timetable(specials=[early, summer])
    assert told(table, "2026-03-04") == open_then
    assert table.day(date(2026, 3, 4)).day.type is DayType.SPECIAL


def test_of_two_early_closings_the_days_own_counts() -> None:
    """The week closes at 15:00, Wednesday at 16:00: the one entry that is for Wednesday alone is meant."""
    week = SpecialDay(date(2026, 3, 2), date(2026, 3, 6), close=15 * 60)
    wednesday = SpecialDay(date(2026, 3, 4), date(2026, 3, 4), close=16 * 60)
    assert told(timetable(specials=[week, wednesday]), "2026-03-04") == ["08:00-12:00", "13:00-16:00"]
