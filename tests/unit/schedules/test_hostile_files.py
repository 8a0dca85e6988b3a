"""Calendar files that strangers would try: each is refused with its line, none ends the program or shows another file."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from config.problems import Problem, render_all
from schedules.calendar import CalendarError
from schedules.days import CalendarProblem, calendars
from schedules.ics import read_ics
from supervisor.sitefile.sitefile import load as load_whole
from tests.site_files import site_of_file
from tests.unit.gateway.gateway_world import site_text
from tests.unit.schedules.test_ics import event, ics
from tests.unit.schedules.told import special_days_from_ics

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _site(folder: Path, calendar: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(site_text(extra=f"calendar: {calendar}"), encoding="utf-8")
    return path


def _told(folder: Path, name: str, content: bytes) -> Problem:
    """The only problem that `check` has with a file of this content."""
    (folder / name).write_bytes(content)
    key = "ics" if name.endswith("ics") else "holiday_cn"
    path = _site(folder, f"{{{key}: [{name}]}}")
    (problem,) = load_whole(path).problems
    assert problem.is_error
    assert problem.message.startswith(f"{folder / name}: ")
    site = site_of_file(path)
    with pytest.raises(CalendarProblem):
        calendars(site)
    return problem


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (event("20261001") + "\nDTSTART;VALUE=DATE:20261002", "DTSTART twice"),
        (event("20261001") + "\nDTEND;VALUE=DATE:20261003\nDTEND;VALUE=DATE:20261004", "DTEND twice"),
        (event("20261001") + "\nDURATION:P9999999D", "ten years are the most"),
        (event("20261001") + "\nDURATION:P9999999999999999D", "cannot be read"),
        (event("20261001") + "\nDURATION:P99999W", "ten years are the most"),
        (event("20261001") + "\nDURATION:-P3D", "ends on"),
        (event("20261001", "21990101"), "ten years are the most"),
        (event("99991231"), "its year, 9999, is none"),
        (event("00010101"), "its year, 1, is none"),
        ("SUMMARY:closed\nDTSTART:99991231T235959Z\nDTEND:99991231T235959Z", "cannot be read"),
        (event("20261001", "99991231"), "ten years are the most"),
        (event("20261001") + "\nRRULE:FREQ=SECONDLY", "repeats"),
        ("SUMMARY:closed\nDTSTART;TZID=No/Such:20261001T100000", "time of day|cannot be read"),
        ("SUMMARY:closed\nDTSTART;VALUE=DATE;TZID=../../etc/passwd:2026", "cannot be read"),
        ("SUMMARY;ENCODING=BASE64;VALUE=BINARY:////\nDTSTART;VALUE=DATE:20261001", "cannot be read|plainly"),
        (event("20261001") + "\nSUMMARY:a second", "SUMMARY twice"),
    ],
)
def test_an_event_made_to_crash_is_a_problem_of_its_line(tmp_path: Path, body: str, said: str) -> None:
    """The daemon that runs keeps its calendar; `check` names file, line and event."""
    problem = _told(tmp_path, "bad.ics", ics(body).encode())
    assert re.search(said, problem.message), problem.message
    assert "line 4, event" in problem.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0" * 100, "bytes of zero"),
        (ics(event("20261001")).encode().replace(b"SUMMARY", b"SUM\0MARY"), "bytes of zero"),
        (ics(event("20261001")).encode("utf-16"), "not UTF-8"),
        (ics(event("20261001")).encode("utf-32-be"), "bytes of zero|not UTF-8"),
        (b"BEGIN:VCALENDAR\n" * 50_000, "END:VCALENDAR is missing"),
        (b"BEGIN:VCALENDAR\nEND:VEVENT\n", "line 2"),
        (
            b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 6_000 + b"END:VCALENDAR\n",
            "line 10002: more than 5,000",
        ),
        (b"x" * 1_048_577, "1.0 MiB; such a file has at most 1 MiB"),
    ],
)
def test_a_file_that_is_no_calendar_of_a_building(tmp_path: Path, content: bytes, said: str) -> None:
    """NUL bytes, other encodings, components without an end, far too many events, far too large."""
    assert re.search(said, _told(tmp_path, "bad.ics", content).message)


def test_a_time_zone_that_repeats_every_second_is_passed_over() -> None:
    """An all-day event needs no VTIMEZONE; expanding that one would take hours."""
    zone = (
        "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+9900\nTZOFFSETTO:\n"
        "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    text = ics(event("20261001")).replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT")
    begun = process_time()
    assert len(special_days_from_ics(text, SHANGHAI)) == 1
    assert process_time() - begun < 5.0


def test_a_megabyte_of_events_is_read_within_seconds() -> None:
    """The most that a file may hold."""
    text = ics(*[event(f"2026{1 + n % 12:02}{1 + n % 28:02}") for n in range(5_000)])
    begun = process_time()
    assert len(special_days_from_ics(text, SHANGHAI)) == 5_000
    assert process_time() - begun < 30.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"year": 2027, "days": ' + b"[" * 900 + b"]" * 900 + b"}", "expected an object"),
        (b'{"year": 9999, "days": []}', "between 1949 and 2200"),
        (b'{"year": ' + b"9" * 5000 + b', "days": []}', "not JSON"),
        (
            b'{"year": 2027, "days": [{"name": 5, "date": "2027-01-01", "isOffDay": true}]}',
            '"name" is a text, not 5',
        ),
        (b'{"year": 2027, "days": [{"name": ["x"], "date": "2027-01-01", "isOffDay": true}]}', "not a list"),
        (b'{"year": 2027, "days": [{"name": null, "date": "2027-01-01", "isOffDay": true}]}', "not None"),
        (b'{"year": NaN, "days": []}', "a holiday notice is an object"),
        (b"\0\0\0\0", "not JSON"),
        (json.dumps({"year": 2027, "days": []}).encode("utf-16"), "not UTF-8"),
        (b" " * 1_048_577, "at most 1 MiB"),
    ],
)
def test_a_notice_made_to_crash_is_a_problem(tmp_path: Path, content: bytes, said: str) -> None:
    """Nesting, numbers without end, names that are none."""
    assert said in _told(tmp_path, "2027.json", content).message


def test_a_name_out_of_a_notice_cannot_forge_a_line(tmp_path: Path) -> None:
    """Escape sequences, line ends and half characters are made visible, and long names cut."""
    for name in ("元旦\x1b[2J\r\nERROR all doors open", "\ud800", "x" * 12_000):
        notice = {"year": 2027, "days": [{"name": name, "date": "2027-01-01", "isOffDay": True}]}
        (tmp_path / "2027.json").write_text(json.dumps(notice))
        site = site_of_file(_site(tmp_path, "{holiday_cn: [2027.json]}"))
        shown = calendars(site).calendar.day(date(2027, 1, 1)).name
        assert shown.isprintable()
        assert len(shown) <= 61
        shown.encode()
    (day,) = read_ics(ics(event("20261001", name="休息 \x1b[2J" + "x" * 5000)), SHANGHAI).days
    assert day.name.isprintable()
    assert len(day.name) <= 61


@pytest.mark.parametrize("key", ["ics", "holiday_cn"])
def test_a_file_of_eight_gigabytes_is_not_read(tmp_path: Path, key: str) -> None:
    """Its size is asked first; the file here is hollow."""
    with (tmp_path / "disk.img").open("wb") as file:
        file.truncate(8 * 1024**3)
    (problem,) = load_whole(_site(tmp_path, f"{{{key}: [disk.img]}}")).problems
    assert "the file is 8192.0 MiB; such a file has at most 1 MiB" in problem.message
    (problem,) = load_whole(tmp_path / "disk.img").problems
    assert "the file is 8589.9 MB; a site file has at most 2 MB" in problem.message


def test_a_typical_year_has_its_size_too(tmp_path: Path) -> None:
    """Twenty times a year of hours, and no more."""
    with (tmp_path / "year.epw").open("wb") as file:
        file.truncate(21 * 1024**2)
    path = _site(tmp_path, "{}")
    path.write_text(path.read_text().replace("season: {", "season: {weather: year.epw, ").replace(
        "season:\n", "season:\n  weather: year.epw\n"))  # fmt: skip
    (problem,) = load_whole(path).problems
    assert "such a file has at most 20 MiB" in problem.message
    (tmp_path / "year.epw").write_bytes(b"root:$6$SeCrEt:19000:0:99999:7:::\n")
    (problem,) = load_whole(path).problems
    assert "SeCrEt" not in problem.message


def test_pipes_devices_and_folders_are_no_calendars(tmp_path: Path) -> None:
    """Nobody waits for a pipe's writer; a name with a byte of zero, or far too long, is none."""
    os.mkfifo(tmp_path / "pipe.ics")
    (tmp_path / "folder.ics").mkdir()
    for name in ("pipe.ics", "folder.ics", "/dev/zero", "x" * 5000, '"a\\0b"'):
        *others, problem = load_whole(_site(tmp_path, f"{{ics: [{name}]}}")).problems
        assert "there is no file" in problem.message
        assert all("U+0000" in other.message for other in others)


@pytest.mark.parametrize("key", ["ics", "holiday_cn"])
@pytest.mark.parametrize(
    "content",
    [
        "root:$6$SeCrEt:19000:0:99999:7:::\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nSeCrEt\n",
        '{"password": "SeCrEt"}\n',
    ],
)
def test_another_kind_of_file_is_not_quoted(tmp_path: Path, key: str, content: str) -> None:
    """A calendar entry that names a password file or a key shows nothing of it."""
    (tmp_path / "shadow").write_text(content)
    loaded = load_whole(_site(tmp_path, f"{{{key}: [shadow]}}"))
    told = render_all(loaded.problems, loaded.text)
    assert "shadow" in told
    assert not {"SeCrEt", "root:", "password", "OPENSSH", "$6$"} & set(told.replace(":", ": ").split())
    assert "SeCrEt" not in told


def test_the_first_bad_event_does_not_hide_the_second() -> None:
    """Each is told with its own line."""
    made = read_ics(ics("SUMMARY:closed", event("99991231"), event("20261001")), SHANGHAI)
    assert [problem.message.en.split(",")[0] for problem in made.problems] == ["line 4", "line 8"]
    assert len(made.days) == 1
    with pytest.raises(CalendarError, match="line 4"):
        special_days_from_ics(ics("SUMMARY:closed"), SHANGHAI)
