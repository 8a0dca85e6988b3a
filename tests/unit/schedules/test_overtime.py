"""Overtime: a name and an hour, on top of the timetable."""

from __future__ import annotations

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from schedules.calendar import Calendar
from schedules.hours import Timetable, with_overtime
from schedules.types import ALL_DAY, DayType, Interval, Overtime, Span, Spans, WeekHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Timetable(SHANGHAI, Calendar(), WeekHours((Interval(480, 720), Interval(780, 1080))))


def at(text: str) -> float:
    """The instant of `2026-03-03 17:30` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def overtime(start: str, until: str, who: str = "Li Wei") -> Overtime:
    """A request between two moments in Shanghai."""
    return Overtime(at(start), at(until), who)


def the_span(spans: Spans, moment: str) -> Span:
    """The span that a moment falls into."""
    span = spans.at(at(moment))
    assert span is not None
    return span


def test_a_request_in_hours_moves_the_close() -> None:
    """Asked at 16:00 for eight o'clock: the day closes at eight, and knows by whom."""
    request = overtime("2026-03-03 16:00", "2026-03-03 20:00")
    span = the_span(with_overtime(OFFICE.spans(request.start), [request]), "2026-03-03 17:00")
    assert span.close == at("2026-03-03 20:00")
    assert span.open == at("2026-03-03 08:00")
    assert span.overtime == (request,)
    assert span.day_type is DayType.WORKDAY


def test_a_request_that_ends_before_the_close_changes_nothing_of_the_day() -> None:
    """Never shorter: asked until five, the office still closes at six."""
    request = overtime("2026-03-03 16:00", "2026-03-03 17:00")
    assert the_span(with_overtime(OFFICE.spans(request.start), [request]), "2026-03-03 16:30").close == at(
        "2026-03-03 18:00"
    )


def test_a_request_opens_a_closed_day() -> None:
    """A Saturday, ten to two, and nothing else of it."""
    request = overtime("2026-03-07 10:00", "2026-03-07 14:00")
    spans = with_overtime(OFFICE.spans(request.start), [request])
    span = the_span(spans, "2026-03-07 12:00")
    assert (span.open, span.close) == (request.start, request.until)
    assert (span.date, span.day_type) == (date(2026, 3, 7), DayType.WEEKEND)
    assert not spans.is_open(at("2026-03-07 14:00"))


def test_a_request_after_the_close_is_a_span_of_its_own() -> None:
    """Back at eight for two hours: closed from six to eight, and closed at ten by itself."""
    request = overtime("2026-03-03 20:00", "2026-03-03 22:00")
    spans = with_overtime(OFFICE.spans(request.start), [request])
    assert the_span(spans, "2026-03-03 12:00").close == at("2026-03-03 18:00")
    assert spans.at(at("2026-03-03 19:00")) is None
    assert the_span(spans, "2026-03-03 21:00").close == at("2026-03-03 22:00")


def test_a_request_from_the_minute_of_closing_joins_the_day() -> None:
    """Six o'clock to eight is no new start of the fan coils."""
    request = overtime("2026-03-03 18:00", "2026-03-03 20:00")
    spans = with_overtime(OFFICE.spans(request.start), [request])
    assert the_span(spans, "2026-03-03 09:00").close == at("2026-03-03 20:00")


def test_two_people_are_both_remembered() -> None:
    """The later hour counts, whoever asked first."""
    li = overtime("2026-03-03 16:00", "2026-03-03 20:00")
    wang = overtime("2026-03-03 17:00", "2026-03-03 19:00", "Wang Fang")
    span = the_span(with_overtime(OFFICE.spans(li.start), [wang, li]), "2026-03-03 17:30")
    assert span.close == li.until
    assert set(span.overtime) == {li, wang}


def test_an_early_start_keeps_the_days_own_date() -> None:
    """From five in the morning, or from Sunday night: it is still Tuesday's, or Monday's, day."""
    early = overtime("2026-03-03 05:00", "2026-03-03 09:00")
    span = the_span(with_overtime(OFFICE.spans(early.start), [early]), "2026-03-03 06:00")
    assert (span.open, span.close) == (early.start, at("2026-03-03 18:00"))
    assert span.date == date(2026, 3, 3)
    night = overtime("2026-03-08 23:00", "2026-03-09 08:00")
    span = the_span(with_overtime(OFFICE.spans(night.start), [night]), "2026-03-08 23:30")
    assert (span.date, span.day_type) == (date(2026, 3, 9), DayType.WORKDAY)


def test_lunch_is_open_for_who_asked_for_it() -> None:
    """A request over noon opens the lunch hour too."""
    request = overtime("2026-03-03 11:00", "2026-03-03 14:00")
    spans = with_overtime(OFFICE.spans(request.start), [request])
    assert spans.is_open(at("2026-03-03 12:30"))


def test_no_request_is_the_very_same_answer() -> None:
    """Nothing is copied when nobody asks, nor for a request beyond the horizon."""
    spans = OFFICE.spans(at("2026-03-03 16:00"))
    assert with_overtime(spans, []) is spans
    assert with_overtime(spans, [overtime("2027-03-03 16:00", "2027-03-03 20:00")]) is spans


def test_overtime_in_a_duty_room_is_no_matter() -> None:
    """It never closes anyway."""
    always = Timetable(SHANGHAI, Calendar(), WeekHours(ALL_DAY, (None,) * 7, ALL_DAY, ALL_DAY, ALL_DAY))
    request = overtime("2026-03-03 16:00", "2026-03-03 20:00")
    (span,) = with_overtime(always.spans(request.start), [request]).spans
    assert (span.open, span.close) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("start", "until"), [(0.0, 0.0), (10.0, 5.0), (math.nan, 5.0), (0.0, math.inf), (-math.inf, 0.0)]
)
def test_overtime_without_an_end_is_refused(start: float, until: float) -> None:
    """It ends by itself, so it must end."""
    with pytest.raises(ValueError, match="ends after it starts"):
        Overtime(start, until, "Li Wei")
