"""Calendar files of China's programs: rest, make-up work, solar terms, birthdays, and the State Council's notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.problems import Problem, as_json
from schedules.calendar import Calendar, CalendarError
from schedules.days import CalendarProblem, calendars
from schedules.ics import read_ics
from schedules.marks import Meaning
from schedules.types import DayType
from supervisor.sitefile.sitefile import load as load_whole
from tests.site_files import site_of_file
from tests.unit.gateway.gateway_world import site_text
from tests.unit.schedules.test_ics import event, ics
from tests.unit.schedules.told import special_days_from_ics

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAKEUP = "20261010"
"""A Saturday worked for the National Day of 2026."""


def _checked(folder: Path, text: str, means: str = "{}") -> list[Problem]:
    """What `check` says of a site with this calendar file."""
    (folder / "office.ics").write_text(text, encoding="utf-8")
    path = folder / "site.yaml"
    extra = f"calendar:\n  ics:\n    - {{file: office.ics, means: {means}}}\n"
    path.write_text(site_text(extra=extra), encoding="utf-8")
    return load_whole(path).problems


@pytest.mark.parametrize(
    "mark", ["补班", "国庆节（班）", "国庆节 班", "国庆节\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"]
)
def test_a_make_up_workday_in_a_calendar_file_is_worked(tmp_path: Path, mark: str) -> None:
    """10 October 2026 is a Saturday that is worked: it stays one, with the hours of a workday."""
    assert _checked(tmp_path, ics(event(MAKEUP, name=mark))) == []
    site = site_of_file(tmp_path / "site.yaml")
    day = calendars(site).tables["office"].day(date(2026, 10, 10))
    assert day.day.type is DayType.MAKEUP_WORKDAY
    assert day.intervals


@pytest.mark.parametrize(
    "mark", ["国庆节（休）", "国庆节", "国庆节 假期", "x\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY"]
)
def test_a_holiday_in_a_calendar_file_is_closed(tmp_path: Path, mark: str) -> None:
    """Also by its bare name, on days that the notice gives to it."""
    assert _checked(tmp_path, ics(event("20261001", "20261008", name=mark))) == []
    site = site_of_file(tmp_path / "site.yaml")
    assert not calendars(site).tables["office"].day(date(2026, 10, 1)).intervals


def test_solar_terms_and_birthdays_are_problems_with_line_date_and_remedy(tmp_path: Path) -> None:
    """Nobody guesses that the building is closed on them; `means:` says what they are."""
    text = ics(
        event("20260204", name="立春"),
        event("20260611", name="张三生日"),
        event("20260930", name="站庆 休息"),
    )
    first, second = _checked(tmp_path, text)
    assert first.is_error
    assert first.path == "calendar.ics[0].file"
    assert first.message == (
        f"{tmp_path}/office.ics: line 4, event '立春', 2026-02-04: it does not say plainly whether the building is closed"
    )
    assert "`means:`, as `立春: nothing`" in first.hint
    assert "line 9, event '张三生日', 2026-06-11" in second.message
    assert _checked(tmp_path, text, "{立春: nothing, 生日: nothing}") == []
    site = site_of_file(tmp_path / "site.yaml")
    table = calendars(site).tables["office"]
    assert [bool(table.day(date(2026, *day)).intervals) for day in ((2, 4), (6, 11), (9, 30))] == [
        True,
        True,
        False,
    ]


def test_a_site_that_works_on_a_day_off_has_the_hours_of_a_workday(tmp_path: Path) -> None:
    """Its own word goes first; that the notice says otherwise is a warning with the date."""
    text = ics(event("20261003", name="迎检"))
    (told,) = _checked(tmp_path, text, "{迎检: worked}")
    assert not told.is_error
    assert "against the State Council's notice: 2026-10-03 (holiday, 国庆节" in told.message
    site = site_of_file(tmp_path / "site.yaml")
    day = calendars(site).tables["office"].day(date(2026, 10, 3))
    assert (day.day.type, day.day.name, bool(day.intervals)) == (DayType.SPECIAL, "迎检", True)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (event(MAKEUP, name="国庆节（休）"), r"closed.*2026-10-10 \(makeup-workday, 国庆节"),
        (event("20261002", name="补班"), r"worked.*2026-10-02 \(holiday, 国庆节"),
        (event("20261017", name="上班"), r"worked.*2026-10-17 \(weekend\)"),
        (
            event("20261001", "20261010", name="国庆节 放假"),
            r"closed.*2026-10-08 \(workday\), 2026-10-09 \(workday\)",
        ),
    ],
)
def test_a_file_that_contradicts_the_notice_is_told_by_date(body: str, says: str) -> None:
    """Last year's file, or one of another country's offices, would lock people out."""
    with pytest.raises(CalendarError, match=f"^line 4, event '[^']*': it says {says}"):
        special_days_from_ics(ics(body), SHANGHAI, Calendar())


def test_a_site_may_close_on_a_working_day_of_its_own() -> None:
    """A works outing on a Wednesday contradicts nobody; hours that the site wrote itself count, and are told."""
    text = ics(event("20261104", name="站庆 休息"), event(MAKEUP, name="国庆节", said="hours: closed"))
    assert len(special_days_from_ics(text, SHANGHAI, Calendar())) == 2
    (told,) = read_ics(text, SHANGHAI, Calendar()).problems
    assert told.warning
    assert "2026-10-10 (makeup-workday" in told.message.en


def test_a_holidays_bare_name_counts_only_where_the_notice_agrees() -> None:
    """Not on other days, not in a year without a notice, not where nobody knows the notice."""
    assert read_ics(ics(event("20260405", name="清明")), SHANGHAI, Calendar()).problems == []
    for start, calendar in (("20261009", Calendar()), ("20991001", Calendar()), ("20261001", None)):
        (problem,) = read_ics(ics(event(start, name="国庆节")), SHANGHAI, calendar).problems
        assert "does not say plainly" in problem.message.en


def test_a_mark_and_a_word_that_disagree_are_in_doubt() -> None:
    """An alternate workday called 放假; the site's own word settles it."""
    text = ics(event(MAKEUP, name="放假\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"))
    assert "does not say plainly" in read_ics(text, SHANGHAI, Calendar()).problems[0].message.en
    assert read_ics(text, SHANGHAI, Calendar(), {"放假": Meaning.WORKED}).problems == []


def test_a_file_full_of_solar_terms_is_told_in_part(tmp_path: Path) -> None:
    """Twenty of them, and how many more: nobody reads a thousand."""
    problems = _checked(
        tmp_path, ics(*(event(f"2026{m:02}{d:02}", name="节气") for m in range(1, 13) for d in (5, 20)))
    )
    assert len(problems) == 21
    assert any("4 more events" in problem.message for problem in problems)
    assert as_json(problems)["ok"] is False


def test_a_daemon_is_given_the_problem_and_no_calendar(tmp_path: Path) -> None:
    """What `check` refuses, a reload refuses, by file and line."""
    _checked(tmp_path, ics(event("20260204", name="立春")))
    site = site_of_file(tmp_path / "site.yaml")
    with pytest.raises(CalendarProblem, match=r"office\.ics: line 4, event '立春', 2026-02-04"):
        calendars(site)


def test_a_word_that_means_nothing_known_is_refused(tmp_path: Path) -> None:
    """The three meanings are named."""
    (problem,) = _checked(tmp_path, ics(), "{立春: open}")
    assert problem.path == "calendar.ics[0].means.立春"
    assert "closed" in problem.hint
