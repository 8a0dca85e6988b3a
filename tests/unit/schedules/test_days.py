"""Calendar files beside the site file: read, used, and named when they cannot be."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from config.load import load
from config.site import Site
from schedules.days import CalendarProblem, calendars
from schedules.types import DayType
from supervisor.sitefile.sitefile import load as load_whole
from tests.site_files import site_of_file
from tests.unit.gateway.gateway_world import site_text

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//office//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261109
DTEND;VALUE=DATE:20261111
SUMMARY:搬迁 闭馆
END:VEVENT
END:VCALENDAR
"""


def _written(folder: Path, calendar: str) -> Path:
    """A site file with that calendar."""
    path = folder / "site.yaml"
    path.write_text(site_text(extra=f"calendar: {calendar}"), encoding="utf-8")
    return path


def _site(folder: Path, calendar: str) -> Site:
    return site_of_file(_written(folder, calendar))


def test_an_office_that_moves_is_closed_on_the_days_of_its_ics_file(tmp_path: Path) -> None:
    """Two all-day events' days are closed; the day on which DTEND falls is not one of them."""
    (tmp_path / "office.ics").write_text(ICS, encoding="utf-8")
    table = calendars(_site(tmp_path, "{ics: [office.ics]}")).tables["office"]
    days = [table.day(dt.date(2026, 11, day)) for day in (9, 10, 11)]
    assert [bool(d.intervals) for d in days] == [False, False, True]
    assert days[0].day.type is DayType.SPECIAL


def test_a_notice_for_a_year_that_the_library_does_not_know(tmp_path: Path) -> None:
    """holiday-cn's JSON for 2027 makes its holidays and its make-up workdays known."""
    days = [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-02", "isOffDay": False},
    ]
    (tmp_path / "2027.json").write_text(json.dumps({"year": 2027, "days": days}), encoding="utf-8")
    calendar = calendars(_site(tmp_path, "{holiday_cn: [2027.json]}")).calendar
    assert calendar.announced(2027)
    assert calendar.day(dt.date(2027, 1, 1)).type is DayType.HOLIDAY
    assert calendar.day(dt.date(2027, 1, 2)).type is DayType.MAKEUP_WORKDAY


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.json", "{", "not JSON"),
        ("list.json", "[1]", "calendar"),
        (
            "broken.ics",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n",
            "broken.ics",
        ),
    ],
)
def test_a_calendar_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    """No traceback: the file, and what is wrong with it."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    key = "ics" if name.endswith("ics") else "holiday_cn"
    loaded = load(_written(tmp_path, f"{{{key}: [{name}]}}"))
    if loaded.site is None:
        assert any(name in p.message or said in p.message for p in loaded.problems)
        return
    with pytest.raises(CalendarProblem, match=said):
        calendars(loaded.site)


def test_check_names_the_line_that_names_a_broken_calendar(tmp_path: Path) -> None:
    """A country that is none, a group that is none and a broken notice are problems before the start."""
    (tmp_path / "odd.ics").write_text(
        ICS.replace("SUMMARY", "DESCRIPTION:groups: kitchen\nSUMMARY"), encoding="utf-8"
    )
    (tmp_path / "2027.json").write_text("{", encoding="utf-8")
    text = "calendar:\n  country: XX\n  ics: [odd.ics]\n  holiday_cn: [2027.json]"
    path = tmp_path / "site.yaml"
    path.write_text(site_text(extra=text), encoding="utf-8")
    loaded = load_whole(path)
    assert loaded.site is None
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [(p.path, lines[p.line - 1][p.column - 1 :].rstrip("]")) for p in loaded.problems] == [
        ("calendar.country", "XX"), ("calendar.ics[0]", "odd.ics"), ("calendar.holiday_cn[0]", "2027.json"),
    ]  # fmt: skip
    assert [p.message.replace(str(tmp_path), "") for p in loaded.problems[1:]] == [
        "/odd.ics: its groups name `kitchen`, which is none of the hours: office",
        "/2027.json: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ]


@pytest.mark.parametrize(
    ("calendar", "path", "hint"),
    [
        ("{country: US-CA}", "calendar.country", "write `country: US` and `subdivision: CA`"),
        ("{country: QQ}", "calendar.country", "two capital letters of ISO 3166, like CN"),
        (
            "{country: DE, subdivision: Bavaria}",
            "calendar.subdivision",
            "as ISO 3166-2 writes it after the country",
        ),
    ],
)
def test_a_country_or_state_that_is_not_known_is_told_how_it_is_written(
    tmp_path: Path, calendar: str, path: str, hint: str
) -> None:
    """The line is that of the word that is wrong, and the remedy is not another file."""
    (problem,) = load_whole(_written(tmp_path, calendar)).problems
    assert problem.path == path
    assert hint in problem.hint


def test_a_calendar_in_another_encoding_is_told_which_to_use(tmp_path: Path) -> None:
    """An old program's GBK."""
    (tmp_path / "office.ics").write_bytes(ICS.encode("gbk"))
    (problem,) = load_whole(_written(tmp_path, "{ics: [office.ics]}")).problems
    assert problem.message.endswith("save it in the encoding UTF-8")
    assert "codec" not in problem.message


def test_calendar_files_that_windows_saved_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Notepad's UTF-8 and its line ends change nothing."""
    (tmp_path / "office.ics").write_bytes(ICS.replace("\n", "\r\n").encode("utf-8-sig"))
    notice = {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}
    (tmp_path / "2027.json").write_bytes(json.dumps(notice).encode("utf-8-sig"))
    made = calendars(_site(tmp_path, "{ics: [office.ics], holiday_cn: [2027.json]}"))
    assert made.calendar.announced(2027)
    assert not made.tables["office"].day(dt.date(2026, 11, 9)).intervals


def test_a_sound_file_stays_sound(tmp_path: Path) -> None:
    """With its calendars in order the site is the one that the file alone gives."""
    (tmp_path / "office.ics").write_text(ICS, encoding="utf-8")
    site = _site(tmp_path, "{ics: [office.ics]}")
    loaded = load_whole(tmp_path / "site.yaml")
    assert (loaded.problems, loaded.site) == ([], site)


def test_a_saved_calendar_file_changes_the_digest(tmp_path: Path) -> None:
    """The same site file with another .ics beside it is another configuration: a reload takes it up."""
    (tmp_path / "office.ics").write_text(ICS, encoding="utf-8")
    site = _site(tmp_path, "{ics: [office.ics]}")
    before = calendars(site).digest
    assert calendars(site).digest == before
    (tmp_path / "office.ics").write_text(ICS.replace("20261111", "20261112"), encoding="utf-8")
    assert calendars(site).digest != before
