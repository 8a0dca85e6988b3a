"""Working days, held against the State Council's notices as they were published."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest

from schedules.calendar import Calendar, CalendarError
from schedules.types import DayType

SHANGHAI = ZoneInfo("Asia/Shanghai")

# 国办发明电〔2023〕7号, 国办发明电〔2024〕12号 and the notice of 4 November 2025: (rested, worked in lieu).
# Days that a notice leaves to the weekend (2024: 元旦 and 端午 "与周末连休") are weekend days.
NOTICES: dict[int, tuple[str, str]] = {
    2024: (
        "01-01 02-10/02-17 04-04/04-06 05-01/05-05 06-10 09-15/09-17 10-01/10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def days_of(year: int) -> Iterable[date]:
    """Every date of a year."""
    first = date(year, 1, 1)
    return (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))


def listed(year: int, text: str) -> set[date]:
    """Dates written `MM-DD` or `MM-DD/MM-DD`."""
    found: set[date] = set()
    for part in text.split():
        first, _, last = part.partition("/")
        start, end = (date.fromisoformat(f"{year}-{d}") for d in (first, last or first))
        found |= {start + timedelta(n) for n in range((end - start).days + 1)}
    return found


def notice(year: int, *days: tuple[str, bool]) -> dict[str, Any]:
    """A notice in holiday-cn's JSON form."""
    return {"year": year, "days": [{"name": "元旦", "date": d, "isOffDay": off} for d, off in days]}


@pytest.mark.parametrize("year", sorted(NOTICES))
def test_every_day_of_the_year_is_what_the_state_council_decreed(year: int) -> None:
    """Each day's type for 2024, 2025 and 2026, from the text of the notices."""
    rested, worked = (listed(year, text) for text in NOTICES[year])
    calendar = Calendar("CN")
    for on in days_of(year):
        day = calendar.day(on)
        if on in rested:
            expected = DayType.HOLIDAY
        elif on in worked:
            expected = DayType.MAKEUP_WORKDAY
        else:
            expected = DayType.WEEKEND if on.weekday() >= 5 else DayType.WORKDAY
        assert (day.date, day.type) == (on, expected)
        assert day.announced


def test_2026_has_248_working_days() -> None:
    """The figure that payrolls use for the year."""
    worked = {DayType.WORKDAY, DayType.MAKEUP_WORKDAY}
    assert sum(Calendar().day(on).type in worked for on in days_of(2026)) == 248


def test_a_holiday_and_the_day_worked_for_it_carry_its_chinese_name() -> None:
    """The Saturday before Spring Festival is worked for it."""
    calendar = Calendar()
    assert calendar.day(date(2026, 2, 14)).name == "春节"
    assert calendar.day(date(2026, 2, 17)).name == "春节"
    assert calendar.day(date(2026, 3, 2)).name == ""


def test_a_year_without_a_notice_has_plain_weekdays_and_says_so() -> None:
    """2027 is not out yet: New Year's Day, a Friday, is not guessed to be a holiday."""
    calendar = Calendar()
    day = calendar.day(date(2027, 1, 1))
    assert (day.type, day.announced) == (DayType.WORKDAY, False)
    assert calendar.day(date(2027, 1, 2)).type is DayType.WEEKEND
    assert not calendar.day(date(1999, 10, 1)).announced


def test_what_another_package_guesses_of_china_is_not_taken() -> None:
    """`holidays` computes Spring Festival of 2027, without the days worked for it: no day of that year is its."""
    guessed = holidays.country_holidays("CN", years=2027)
    assert date(2027, 2, 8) in guessed, "it does guess: a Monday"
    calendar = Calendar()
    for on in days_of(2027):
        day = calendar.day(on)
        assert day.type is (DayType.WEEKEND if on.weekday() >= 5 else DayType.WORKDAY)
        assert not day.announced


def test_the_calendar_holds_until_the_end_of_2026_local_time() -> None:
    """The instant behind the valid-until metric, asked in May 2026 and, too late, in 2028."""
    calendar = Calendar()
    end_of_2026 = datetime(2027, 1, 1, tzinfo=SHANGHAI).timestamp()
    assert calendar.valid_until(SHANGHAI, datetime(2026, 5, 1, tzinfo=SHANGHAI).timestamp()) == end_of_2026
    assert calendar.valid_until(SHANGHAI, datetime(2028, 5, 1, tzinfo=SHANGHAI).timestamp()) == end_of_2026
    assert calendar.valid_until(SHANGHAI, 0.0) == -math.inf


def test_a_local_notice_announces_2027() -> None:
    """A file in holiday-cn's form fills the year that the library does not know."""
    calendar = Calendar(notices=[notice(2027, ("2027-01-01", True), ("2027-01-03", False))])
    assert calendar.day(date(2027, 1, 1)).type is DayType.HOLIDAY
    assert calendar.day(date(2027, 1, 3)).type is DayType.MAKEUP_WORKDAY
    assert calendar.day(date(2027, 1, 4)).announced
    assert (calendar.day(date(2027, 1, 1)).name, calendar.day(date(2027, 1, 3)).name) == ("元旦", "元旦")
    end = datetime(2028, 1, 1, tzinfo=SHANGHAI).timestamp()
    assert calendar.valid_until(SHANGHAI, datetime(2026, 5, 1, tzinfo=SHANGHAI).timestamp()) == end


def test_a_gap_between_announced_years_ends_the_calendar() -> None:
    """2028 on file does not help while 2027 is missing."""
    calendar = Calendar(notices=[notice(2028, ("2028-01-01", True))])
    may = datetime(2026, 5, 1, tzinfo=SHANGHAI).timestamp()
    assert calendar.valid_until(SHANGHAI, may) == datetime(2027, 1, 1, tzinfo=SHANGHAI).timestamp()


def test_a_year_begins_when_it_begins_on_site() -> None:
    """In Shanghai it is 2028, which is on file, eight hours before it is in Greenwich."""
    calendar = Calendar(notices=[notice(2028, ("2028-01-01", True))])
    first_minute = datetime(2028, 1, 1, tzinfo=SHANGHAI).timestamp()
    assert calendar.valid_until(SHANGHAI, first_minute) == datetime(2029, 1, 1, tzinfo=SHANGHAI).timestamp()
    eve = first_minute - 60
    assert calendar.valid_until(SHANGHAI, eve) == datetime(2027, 1, 1, tzinfo=SHANGHAI).timestamp()


def test_a_notice_without_names_is_as_good() -> None:
    """Copied by hand, with dates alone: the day has no name, not a made-up one."""
    calendar = Calendar(notices=[{"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": True}]}])
    day = calendar.day(date(2027, 1, 1))
    assert (day.type, day.name) == (DayType.HOLIDAY, "")


def test_a_file_without_days_announces_nothing() -> None:
    """holiday-cn publishes the coming year's file empty until the notice is out."""
    calendar = Calendar(notices=[{"year": 2027, "papers": [], "days": []}])
    assert not calendar.day(date(2027, 1, 1)).announced


def test_an_amended_notice_replaces_the_library_for_its_year() -> None:
    """As in 2020, when Spring Festival was lengthened: the file speaks for the whole year."""
    calendar = Calendar(notices=[notice(2026, ("2026-01-01", True))])
    assert calendar.day(date(2026, 1, 2)).type is DayType.WORKDAY
    assert calendar.day(date(2026, 1, 4)).type is DayType.WEEKEND
    assert calendar.day(date(2025, 10, 1)).type is DayType.HOLIDAY
    # Of two files for one year the later speaks, for Christmas too; after it come the next year's days.
    first = notice(2026, ("2026-12-25", True), ("2026-12-26", True))
    twice = Calendar(notices=[first, notice(2026, ("2026-01-01", True))])
    christmas, boxing_day = (twice.day(date(2026, 12, n)).type for n in (25, 26))
    assert (christmas, boxing_day) == (DayType.WORKDAY, DayType.HOLIDAY)


def test_a_notice_may_decree_the_last_days_of_the_december_before() -> None:
    """The New Year's break of 2027 may begin in 2026, whichever of the two files came first."""
    following = notice(2027, ("2026-12-31", True), ("2027-01-01", True))
    current = notice(2026, ("2026-01-01", True))
    for notices in ([following, current], [current, following]):
        assert Calendar(notices=notices).day(date(2026, 12, 31)).type is DayType.HOLIDAY


def test_a_stray_day_of_a_year_does_not_announce_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that knows New Year's Day of 2027 does not know 2027; it knows the eve, decreed with it."""
    ahead = {date(2026, 12, 31): "New Year's Day", date(2027, 1, 1): "New Year's Day"}
    monkeypatch.setattr(chinese_calendar, "holidays", {**chinese_calendar.holidays, **ahead})
    calendar = Calendar()
    assert calendar.day(date(2027, 1, 1)).type is DayType.HOLIDAY
    assert not calendar.day(date(2027, 1, 1)).announced
    amended = Calendar(notices=[notice(2026, ("2026-01-01", True))])
    assert amended.day(date(2026, 12, 31)).type is DayType.HOLIDAY
    assert amended.day(date(2026, 10, 1)).type is DayType.WORKDAY


def test_a_year_is_known_by_its_national_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a later edition of the library will have; a holiday that it has no Chinese name for keeps its own."""
    later = {date(2027, 10, 1): "National Day", date(2027, 5, 4): "Youth Day"}
    monkeypatch.setattr(chinese_calendar, "holidays", {**chinese_calendar.holidays, **later})
    monkeypatch.setattr(
        chinese_calendar, "workdays", {**chinese_calendar.workdays, date(2027, 5, 8): "Youth Day"}
    )
    days = [Calendar().day(on) for on in (date(2027, 10, 1), date(2027, 5, 4), date(2027, 5, 8))]
    assert [day.name for day in days] == ["国庆节", "Youth Day", "Youth Day"]
    assert all(day.announced for day in days)


def test_a_notice_that_spells_out_a_working_monday_makes_no_make_up_workday() -> None:
    """A weekday at work is a workday."""
    calendar = Calendar(notices=[notice(2027, ("2027-01-01", True), ("2027-01-04", False))])
    assert calendar.day(date(2027, 1, 4)).type is DayType.WORKDAY


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ([], "^a holiday notice is an object"),
        ({"year": "2027", "days": []}, '"year"'),
        ({"year": True, "days": []}, '"year"'),
        ({"year": 2027}, '"days"'),
        ({"year": 2027, "days": ["2027-01-01"]}, "day 1"),
        (notice(2027, ("2027-01-01", True), ("01/02/2027", True)), "day 2: .*'01/02/2027'"),
        ({"year": 2027, "days": [{"name": "x", "date": 20270101, "isOffDay": True}]}, "20270101"),
        ({"year": 2027, "days": [{"name": "x", "date": "2027-01-01", "isOffDay": "yes"}]}, "isOffDay"),
        (notice(2027, ("2027-01-01", True), ("2027-01-01", False)), "twice"),
        (notice(2027, ("2007-01-01", True)), "another year"),
        (notice(2027, ("2025-12-31", True)), "day 1: 2025-12-31 is of another year"),
    ],
)
def test_a_malformed_notice_is_refused_and_names_the_entry(broken: Any, named: str) -> None:
    """Whoever copied the file by hand is told where to look."""
    with pytest.raises(CalendarError, match=named):
        Calendar(notices=[broken])


def test_other_countries_are_computed() -> None:
    """Germany's Bavaria rests on Epiphany, Berlin works; Saudi Arabia rests on Fridays."""
    epiphany = date(2026, 1, 6)
    bavaria = Calendar("DE", "BY").day(epiphany)
    assert (bavaria.type, bavaria.name) == (DayType.HOLIDAY, "Epiphany")
    assert Calendar("DE", "BE").day(epiphany).type is DayType.WORKDAY
    assert Calendar("SA").day(date(2026, 5, 1)).type is DayType.WEEKEND
    assert Calendar("SA").day(date(2026, 5, 3)).type is DayType.WORKDAY


def test_hungary_works_some_saturdays_in_lieu() -> None:
    """2026-01-10 is worked for the long New Year weekend."""
    day = Calendar("HU").day(date(2026, 1, 10))
    assert (day.type, day.name) == (DayType.MAKEUP_WORKDAY, "")


def test_a_computed_calendar_holds_as_far_as_it_computes() -> None:
    """The package goes to the end of 2100; beyond it is not announced."""
    calendar = Calendar("DE")
    berlin = ZoneInfo("Europe/Berlin")
    may = datetime(2026, 5, 1, tzinfo=berlin).timestamp()
    assert calendar.valid_until(berlin, may) == datetime(2101, 1, 1, tzinfo=berlin).timestamp()
    far = datetime(2200, 5, 1, tzinfo=berlin).timestamp()
    assert calendar.valid_until(berlin, far) == datetime(2101, 1, 1, tzinfo=berlin).timestamp()
    assert not calendar.day(date(2101, 12, 24)).announced
    first = holidays.country_holidays("DE").start_year
    assert [calendar.day(date(year, 12, 24)).announced for year in (first - 1, first)] == [False, True]


def test_a_notice_goes_before_what_is_computed() -> None:
    """Outside China too, for a year that a government changed at short notice."""
    calendar = Calendar("DE", notices=[notice(2026, ("2026-05-04", True))])
    assert calendar.day(date(2026, 5, 4)).type is DayType.HOLIDAY
    assert calendar.day(date(2026, 12, 25)).type is DayType.WORKDAY
    assert calendar.day(date(2027, 12, 25)).type is DayType.HOLIDAY


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("DE", "ZZ")])
def test_an_unknown_country_or_state_is_refused(country: str, subdivision: str | None) -> None:
    """The message repeats what was asked for."""
    with pytest.raises(
        CalendarError, match=f"{country}, {subdivision}:" if subdivision else f"for {country}:"
    ):
        Calendar(country, subdivision)
