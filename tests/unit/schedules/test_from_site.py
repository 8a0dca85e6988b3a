"""What the site file says about time is what the timetables and the seasons do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from config.file import HeatingDates, Season, SeasonDates, SpecialDayEntry
from config.rules import RuleId
from config.site import Site
from schedules.from_site import (
    calendar_of,
    end_of,
    exemption_ends,
    season_method,
    season_override,
    timetables,
)
from schedules.seasons import ByTemperature, DistrictHeating, FixedDates, MonthDay, season_at
from schedules.types import DayType, SpecialDay
from tests.site_files import site_of_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DATES = SeasonDates(spring=(3, 20), summer=(6, 1), autumn=(10, 1), winter=(12, 1))
HEATING = HeatingDates.model_validate({"from": "11-15", "to": "03-15"})
_REST = """
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones:
  o1: {hours: office, equipment: {ac: {template: fcu, at: d1/100}}}
  o2: {hours: hall, equipment: {ac: {template: fcu, at: d1/200}}}
templates:
  fcu: {kind: fcu, points: {start_stop: {object: "binary-value:1", writable: true}}}
devices:
  d1: {instance: 1001, address: "127.0.0.2:47808"}
"""


def site(said: str, timezone: str = "Asia/Shanghai") -> Site:
    """A building with an office and a hall, whose file says this about time."""
    return site_of_text(f"version: 1\nbuilding: test-office\ntimezone: {timezone}\n{said}\n{_REST}")


def told(of: Site, group: str, *days: str, extra: tuple[SpecialDay, ...] = ()) -> list[str]:
    """A group's opening hours on these days, as the clock on its wall shows them."""
    table = timetables(of, calendar_of(of), extra)[group]
    shown = []
    for day in days:
        pieces = table.day(date.fromisoformat(day)).intervals
        clocks = [[f"{datetime.fromtimestamp(t, of.tz):%H:%M}" for t in piece] for piece in pieces]
        shown.append(" ".join("-".join(clock) for clock in clocks) or "closed")
    return shown


WEEK = """
hours:
  office:
    workday: ["08:00-12:00", "13:00-17:30"]
    tuesday: 08:00-20:00
    friday: 08:00-16:00
    saturday: 09:00-12:00
    weekend: 10:00-11:00
    holiday: 14:00-15:00
    makeup_workday: 08:30-16:30
  hall: 20:00-02:00
"""


def test_a_week_is_open_as_the_file_says() -> None:
    """Each weekday by name or by kind, a holiday, a day worked in lieu; the late hall past midnight."""
    monday_to_sunday = [f"2026-03-0{n}" for n in range(2, 9)]
    assert told(site(WEEK), "office", *monday_to_sunday) == [
        "08:00-12:00 13:00-17:30",
        "08:00-20:00",
        "08:00-12:00 13:00-17:30",
        "08:00-12:00 13:00-17:30",
        "08:00-16:00",
        "09:00-12:00",
        "10:00-11:00",
    ]
    assert told(site(WEEK), "office", "2026-05-01", "2026-05-09") == ["14:00-15:00", "08:30-16:30"]
    assert told(site(WEEK), "hall", "2026-03-02", "2026-03-07") == ["20:00-02:00", "closed"]


@pytest.mark.parametrize(
    "weekday", ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
)
def test_the_one_late_evening_of_the_week_is_on_its_own_day(weekday: str) -> None:
    """Whichever day has it, no other one is open late."""
    of = site(f"hours: {{office: {{workday: 09:00-17:00, {weekday}: 09:00-21:00}}, hall: 24h}}")
    week = [date(2026, 3, n) for n in range(2, 9)]
    late = [day for day in week if told(of, "office", str(day)) == ["09:00-21:00"]]
    assert [f"{day:%A}".lower() for day in late] == [weekday]


def test_a_day_that_the_file_calls_closed_is_closed_and_one_left_out_is_as_its_kind() -> None:
    """`friday: closed` is said; Saturday and the holidays are not, and are closed all the same."""
    of = site("hours: {office: {workday: 09:00-17:00, friday: closed, weekend: 10:00-12:00}, hall: 24h}")
    days = ("2026-03-05", "2026-03-06", "2026-03-07", "2026-05-04", "2026-05-09")
    assert told(of, "office", *days) == [
        "09:00-17:00", "closed", "10:00-12:00", "closed", "09:00-17:00"
    ]  # fmt: skip


SPECIAL = """
hours: {office: "09:00-17:30", hall: "10:00-20:00"}
special_days:
  - {date: 2026-03-05, hours: closed, name: power works}
  - {from: 2026-07-13, to: 2026-07-15, hours: 09:00-12:00, name: summer}
  - {date: 2026-09-30, close: 15:30}
  - {date: 2026-03-12, hours: closed, groups: [hall], name: cleaning}
"""


def test_the_files_special_days_are_the_timetables() -> None:
    """A closed day, a range with both its ends, an early closing, and a day for one group."""
    of = site(SPECIAL)
    assert told(of, "office", "2026-03-05") == ["closed"]
    summer = ("2026-07-10", "2026-07-13", "2026-07-14", "2026-07-15", "2026-07-16")
    assert told(of, "office", *summer) == ["09:00-17:30", *["09:00-12:00"] * 3, "09:00-17:30"]
    assert told(of, "office", "2026-09-30") == ["09:00-15:30"]
    assert (told(of, "office", "2026-03-12"), told(of, "hall", "2026-03-12")) == (["09:00-17:30"], ["closed"])
    day = timetables(of, calendar_of(of))["hall"].day(date(2026, 3, 12))
    assert (day.day.type, day.day.name) == (DayType.SPECIAL, "cleaning")


def test_days_from_a_calendar_file_stand_beside_the_files_own() -> None:
    """What the .ics file adds closes the office too, and takes nothing away."""
    of = site("hours: {office: 09:00-17:30, hall: 24h}\nspecial_days: [{date: 2026-03-05, hours: closed}]")
    move = SpecialDay(date(2026, 3, 6), date(2026, 3, 6), (), name="搬迁")
    days = ("2026-03-05", "2026-03-06", "2026-03-09")
    assert told(of, "office", *days, extra=(move,)) == ["closed", "closed", "09:00-17:30"]


def test_a_special_day_without_a_date_is_refused() -> None:
    """The site file's own check says so first, with the line; nothing is guessed here."""
    of = site("hours: {office: 09:00-17:30, hall: 24h}")
    for entry in (
        SpecialDayEntry(name="when?"),
        SpecialDayEntry.model_validate({"to": "2026-08-03", "name": "since when?"}),
    ):
        object.__setattr__(of, "special_days", (entry,))
        with pytest.raises(ValueError, match=r"^a special day has a date, or from and to$"):
            timetables(of, calendar_of(of))


def test_a_site_abroad_has_its_own_holidays_and_its_own_clock() -> None:
    """Bavaria rests on Epiphany, which Berlin works; a notice on file goes before what is computed."""
    hours = "hours: {office: 09:00-17:30, hall: 24h}"
    bavaria = site(f"{hours}\ncalendar: {{country: DE, subdivision: BY}}", "Europe/Berlin")
    berlin = site(f"{hours}\ncalendar: {{country: DE}}", "Europe/Berlin")
    assert told(bavaria, "office", "2026-01-06", "2026-01-07") == ["closed", "09:00-17:30"]
    assert told(berlin, "office", "2026-01-06") == ["09:00-17:30"]
    opening = timetables(bavaria, calendar_of(bavaria))["office"].day(date(2026, 1, 7)).intervals[0][0]
    assert opening == datetime(2026, 1, 7, 9, tzinfo=BERLIN).timestamp()
    notice = {"year": 2026, "days": [{"name": "?", "date": "2026-01-07", "isOffDay": True}]}
    assert calendar_of(berlin, [notice]).day(date(2026, 1, 7)).type is DayType.HOLIDAY


def test_each_group_keeps_its_name() -> None:
    """A special day for the hall finds the hall."""
    of = site("hours: {office: 09:00-17:30, hall: 24h}")
    assert {name: table.group for name, table in timetables(of, calendar_of(of)).items()} == {
        "office": "office",
        "hall": "hall",
    }


def test_season_by_dates_follows_the_files_dates() -> None:
    """From the day that it names, each of the four."""
    method = season_method(Season(method="dates", dates=DATES))
    assert isinstance(method, FixedDates)
    days = [(3, 19), (3, 20), (5, 31), (6, 1), (9, 30), (10, 1), (11, 30), (12, 1)]
    assert [method.season(date(2026, *day)).value for day in days] == [
        "winter", "spring", "spring", "summer", "summer", "autumn", "autumn", "winter"
    ]  # fmt: skip


@pytest.mark.parametrize(("hemisphere", "southern"), [("north", False), ("south", True)])
def test_season_by_temperature_knows_its_hemisphere(
    hemisphere: Literal["north", "south"], southern: bool
) -> None:
    """GB/T 42074's thresholds, mirrored where the file says south."""
    expected = ByTemperature(hot=22.0, cold=10.0, southern=southern)
    assert season_method(Season(method="temperature", hemisphere=hemisphere)) == expected
    # Dates that the file also gives are not asked when it says temperature.
    assert season_method(Season(method="temperature", hemisphere=hemisphere, dates=DATES)) == expected


def test_district_heating_is_winter_and_the_rest_is_by_dates_or_by_the_weather() -> None:
    """15 November to 15 March; in between, the dates if the file has some, else the thermometer."""
    by_weather = season_method(Season(method="heating", heating=HEATING))
    first, last = MonthDay(11, 15), MonthDay(3, 15)
    assert by_weather == DistrictHeating(first, last, ByTemperature())
    by_dates = season_method(Season(method="heating", heating=HEATING, dates=DATES))
    assert isinstance(by_dates, DistrictHeating)
    assert (by_dates.first, by_dates.last) == (first, last)
    days = [(11, 14), (11, 15), (3, 15), (3, 16), (3, 20)]
    noon = [datetime(2026, *day, 12, tzinfo=SHANGHAI).timestamp() for day in days]
    found = [season_at(by_dates, None, None, t, SHANGHAI).season.value for t in noon]
    assert found == ["autumn", "winter", "winter", "winter", "spring"]
    south = season_method(Season(method="heating", heating=HEATING, hemisphere="south"))
    assert south == DistrictHeating(first, last, ByTemperature(southern=True))


def test_a_method_without_its_dates_is_refused_in_words() -> None:
    """As the site file's check does, before anything runs."""
    with pytest.raises(ValueError, match=r"^season method `heating` needs the heating dates$"):
        season_method(Season(method="heating"))
    with pytest.raises(ValueError, match=r"^season method `dates` needs the first day of each season$"):
        season_method(Season(method="dates"))


def test_a_managers_word_on_the_season_ends_with_its_last_day() -> None:
    """`until: 2026-06-10` holds through the night of the 10th, on the site's own clock."""
    for tz in (SHANGHAI, BERLIN):
        section = Season.model_validate(
            {"override": {"season": "summer", "until": "2026-06-10", "name": "Li Wei"}}
        )
        override = season_override(section, tz)
        assert override is not None
        assert override.season.value == "summer"
        assert override.until == datetime(2026, 6, 11, tzinfo=tz).timestamp()
    assert season_override(Season(), SHANGHAI) is None


def test_an_exemption_holds_through_its_last_day_and_of_two_the_longer_counts() -> None:
    """The server room's, twice renewed: each rule has the latest end, in whatever order they stand."""
    entries = """
  - {zones: [o1], rules: [window-off, vacancy-off], reason: works, approver: Li, until: 2026-06-10}
  - {zones: [o1], rules: [window-off], reason: works, approver: Li, until: 2026-08-31}
  - {zones: [o1], rules: [window-off], reason: works, approver: Li, until: 2026-07-01}
"""
    of = site(f"hours: {{office: 09:00-17:30, hall: 24h}}\nexemptions:{entries}")
    ends = exemption_ends(of.zones["o1"], of.tz)
    assert ends == {
        RuleId.VACANCY_OFF: datetime(2026, 6, 11, tzinfo=SHANGHAI).timestamp(),
        RuleId.WINDOW_OFF: datetime(2026, 9, 1, tzinfo=SHANGHAI).timestamp(),
    }
    assert exemption_ends(of.zones["o2"], of.tz) == {}


def test_a_day_ends_at_the_local_midnight_also_where_the_clock_changes() -> None:
    """Berlin's 25 October 2026 lasts 25 hours."""
    end = end_of(date(2026, 10, 25), BERLIN)
    assert end == datetime(2026, 10, 26, tzinfo=BERLIN).timestamp()
    assert end - end_of(date(2026, 10, 24), BERLIN) == 25 * 3600
