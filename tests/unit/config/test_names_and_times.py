"""Names that nothing defines; hours, seasons and exemptions that do not hold together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.load import load_text
from config.problems import render
from tests.unit.config.conftest import Broken


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        (
            "  room-1:\n    hours: office",
            "  room-1:\n    hours: §ofice",
            "there is no group of opening hours `ofice`",
            "did you mean `office`?",
        ),
        (
            "equipment: {fcu: ddc-1/10",
            "equipment: {§fuc: ddc-1/10",
            "there is no template `fuc`",
            "did you mean `fcu`?",
        ),
        (
            "lights: {at: ddc-2/10,",
            "lights: {template: §light, at: ddc-2/10,",
            "there is no template `light`",
            "did you mean `lights`?",
        ),
        ("fcu: ddc-1/20", "fcu: §ddc1/20", "there is no device `ddc1`", "did you mean `ddc-1`?"),
        (
            "temperature: ddc-2/analog-input:7",
            "temperature: §ddc-22/analog-input:7",
            "there is no device `ddc-22`",
            "known: ddc-1, ddc-2",
        ),
        (
            "fire_alarm: ddc-2/",
            "fire_alarm: §panel/",
            "there is no device `panel`",
            "known: ddc-1, ddc-2",
        ),
        (
            "serves: [room-1, room-2]",
            "serves: [room-1, §room2]",
            "there is no zone `room2`",
            "did you mean `room-2`?",
        ),
        ("zones: [server]", "zones: [§servr]", "there is no zone `servr`", "did you mean `server`?"),
        (
            "close: 16:00}",
            "close: 16:00, groups: [§offices]}",
            "there is no group of opening hours `offices`",
            "did you mean `office`?",
        ),
        (
            "main: {subitem: total,",
            "main: {subitem: total, parent: §mian,",
            "there is no meter `mian`",
            "did you mean `main`?",
        ),
        (
            "Asia/Shanghai",
            "§Asia/Shangai",
            "there is no time zone `Asia/Shangai`",
            "did you mean `Asia/Shanghai`?",
        ),
        (
            "Asia/Shanghai",
            "§Beijing time",
            "there is no time zone `Beijing time`",
            "did you mean `Asia/Shanghai`?",
        ),
        ("Asia/Shanghai", "§Sydney", "there is no time zone `Sydney`", "did you mean `Australia/Sydney`?"),
        (
            "Asia/Shanghai",
            "§New York",
            "there is no time zone `New York`",
            "did you mean `America/New_York`?",
        ),
        (
            "Asia/Shanghai",
            "§UTC+8",
            "there is no time zone `UTC+8`",
            "write a place like Asia/Shanghai (IANA time zone database), not an offset or an abbreviation",
        ),
    ],
)
def test_a_name_that_nothing_defines_gets_the_nearest(
    broken: Broken, old: str, new: str, message: str, hint: str
) -> None:
    """Whatever refers to something must find it."""
    problem = broken((old, new))
    assert (problem.message, problem.hint) == (message, hint)


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/localtime", "Asia", "a\\0b", "UTC/../x"])
def test_a_time_zone_is_no_path(broken: Broken, name: str) -> None:
    """Names that would leave the time zone database are simply unknown."""
    assert "no time zone" in broken(("Asia/Shanghai", f"§{name}")).message


def test_a_zone_and_shared_equipment_cannot_have_one_name(broken: Broken) -> None:
    """Their points would have the same ids."""
    problem = broken(("  ahu: {at", "  §room-1: {template: ahu, at"))
    assert "names a zone and shared equipment" in problem.message


def test_a_zone_cannot_have_a_name_that_the_program_uses(broken: Broken) -> None:
    """building/fire_alarm is a point of the building."""
    problem = broken(("  room-1:\n", "  §building:\n"), ("serves: [room-1, ", "serves: ["))
    assert "cannot name a zone" in problem.message


def test_a_meter_cannot_stand_above_itself(small: str, today: dt.date) -> None:
    """A circle of parents would count energy twice."""
    text = small.replace("main: {", "main: {parent: sub, ").replace(
        "  water: {",
        "  sub: {subitem: hvac, parent: main, point: {at: ddc-2/analog-input:9, unit: J}}\n  water: {",
    )
    problems = load_text(text, today=today).problems
    assert ["stands above itself" in p.message for p in problems] == [True, True]


def test_water_is_no_part_of_electricity(broken: Broken) -> None:
    """A parent measures the same thing."""
    problem = broken(("water: {subitem: water,", "water: {subitem: water, parent: §main,"))
    assert "cannot be parent and child" in problem.message


def test_a_group_that_is_never_open_is_a_warning(broken: Broken) -> None:
    """It may be meant, but hardly ever is."""
    problem = broken(("  common:\n", "  §shut:\n    workday: closed\n  common:\n"), warning=True)
    assert problem.message == "the group `shut` is never open"


def test_a_group_without_any_hours(broken: Broken) -> None:
    """Braces with nothing in them."""
    problem = broken(("  common:\n", "  §shut: {}\n  common:\n"))
    assert problem.message == "the group `shut` has no hours"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("§{close: 16:00}", "either a date, or from and to"),
        ("§{date: 2026-09-30, from: 2026-09-30, to: 2026-10-02, close: 16:00}", "either a date"),
        ("§{from: 2026-09-30, close: 16:00}", "both from and to"),
        ("§{date: , close: 16:00}", "either a date, or from and to"),
        ("§{from: ~, to: 2026-10-02, close: 16:00}", "both from and to"),
        ("{from: 2026-09-30, to: §2026-09-29, hours: closed}", "ends before it begins"),
        ("§{date: 2026-09-30}", "either hours or close"),
        ("§{date: 2026-09-30, hours: closed, close: 16:00}", "either hours or close"),
    ],
)
def test_a_special_day_says_when_and_what(broken: Broken, day: str, words: str) -> None:
    """A date or a range; other hours or an early closing."""
    problem = broken(("{date: 2026-09-30, close: 16:00}", day))
    assert words in problem.message
    assert problem.path.startswith("special_days[0]")


def test_a_calendar_file_that_is_not_there(broken: Broken) -> None:
    """Files are looked for beside the site file."""
    problem = broken(("special_days:", "calendar: {ics: [§days.ics]}\nspecial_days:"))
    assert "there is no file" in problem.message


def test_calendar_files_are_found_beside_the_site_file(small: str, tmp_path: Path, today: dt.date) -> None:
    """Whatever folder the program was started in."""
    (tmp_path / "days.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    text = small.replace("special_days:", "calendar: {ics: [days.ics]}\nspecial_days:")
    site = load_text(text, str(tmp_path / "site.yaml"), today).site
    assert site is not None
    assert [each.file for each in site.calendar.ics] == [str(tmp_path / "days.ics")]


DATES = "  dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}\n"


def test_seasons_by_dates_need_dates(broken: Broken) -> None:
    """The method promises what the file does not hold."""
    problem = broken(("method: dates", "method: §dates"), (DATES, ""))
    assert "need the dates" in problem.message
    assert "spring: 03-20" in problem.hint


def test_seasons_by_temperature_need_a_sensor_or_dates(broken: Broken) -> None:
    """No outdoor sensor and no dates: nobody could know the season."""
    problem = broken(
        ("method: dates", "method: §temperature"),
        (DATES, ""),
        ("  outdoor_temperature: ddc-2/analog-input:1\n", ""),
    )
    assert "cannot be known" in problem.message


OUTDOOR = ("  outdoor_temperature: ddc-2/analog-input:1\n", "")


@pytest.mark.parametrize("method", ["dates", "temperature", "heating"])
def test_without_an_outdoor_sensor_the_mild_season_rule_never_holds_and_that_is_said(
    broken: Broken, method: str
) -> None:
    """The dates give the season, and nobody the weather: whoever trusts in spring and autumn is told."""
    heating = "\n  heating: {from: 11-15, to: 03-15}" if method == "heating" else ""
    problem = broken(
        (f"method: dates\n{DATES}", f"method: {method}{heating}\n  §{DATES.lstrip()}"), OUTDOOR, warning=True
    )
    assert "mild-season-off never holds here" in problem.message
    assert "永不生效" in problem.message_zh
    assert "outdoor_temperature" in problem.hint
    assert "永不生效" in render(problem, lang="zh")


def test_where_no_zone_has_the_rule_nothing_is_said_of_the_weather(small: str, today: dt.date) -> None:
    """A building whose air-conditioned rooms are exempt loses nothing."""
    text = small.replace(*OUTDOOR)
    assert len(load_text(text, "s.yaml", today).problems) == 1
    exempt = text.replace("zones: [server]", "zones: [room-1, room-2, server]").replace(
        "[window-off,", "[mild-season-off, window-off,"
    )
    assert load_text(exempt, "s.yaml", today).problems == []


def test_district_heating_needs_its_period(broken: Broken) -> None:
    """Winter from November to March, somewhere."""
    problem = broken(("method: dates", "method: §heating"))
    assert "heating period" in problem.message


def test_seasons_follow_each_other(broken: Broken) -> None:
    """Autumn does not come before summer."""
    problem = broken(("dates: {spring: 03-20, summer: 06-01, autumn: 10-01", "dates: §{spring: 03-20, summer: 10-01, autumn: 06-01"))  # fmt: skip
    assert "do not follow" in problem.message


def test_southern_seasons_wrap_the_year(small: str, today: dt.date) -> None:
    """Summer begins in December, and that is fine."""
    text = small.replace(
        "{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}",
        "{spring: 09-01, summer: 12-01, autumn: 03-01, winter: 06-01}",
    )
    assert load_text(text, today=today).problems == []


@pytest.mark.parametrize("written", ["06-31", "13-01", "02-29", "6/1", "June"])
def test_a_day_of_the_year_that_not_every_year_has(broken: Broken, written: str) -> None:
    """Season dates are MM-DD."""
    problem = broken(("summer: 06-01", f"summer: §{written}"))
    assert problem.hint == "write MM-DD, like 06-01"


def test_a_lapsed_exemption_is_a_warning(broken: Broken) -> None:
    """The rules apply again, and somebody should know."""
    problem = broken(("2028-12-31", "§2026-07-14"), warning=True)
    assert problem.message == "the exemption of server lapsed on 2026-07-14: its rules apply again"


def test_an_exemption_holds_on_its_last_day(small: str, today: dt.date) -> None:
    """The end date itself is included."""
    assert load_text(small.replace("2028-12-31", "2026-07-15"), today=today).problems == []


def test_a_managers_season_that_ended_is_a_warning(broken: Broken) -> None:
    """An override expires by itself."""
    over = "  override: {season: summer, until: §2026-07-01, name: Wang Min}\n"
    assert "ended" in broken((DATES, DATES + over), warning=True).message


@pytest.mark.parametrize("rule", ["fire-alarm", "escape-route", "freeze-protect", "base"])
def test_no_zone_is_exempt_from_what_protects_people_and_equipment(broken: Broken, rule: str) -> None:
    """An exemption is for limits, not for safety."""
    problem = broken(("rules: [window-off,", f"rules: [§{rule},"))
    assert problem.message == f"no zone can be exempt from {rule}"
