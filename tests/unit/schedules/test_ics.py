"""Special days out of a calendar program."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from schedules.calendar import CalendarError
from schedules.types import Interval, SpecialDay
from tests.unit.schedules.told import special_days_from_ics

SHANGHAI = ZoneInfo("Asia/Shanghai")


def ics(*events: str) -> str:
    """A calendar with these events; the first event's BEGIN stands on line 4."""
    bodies = "".join(f"BEGIN:VEVENT\nUID:{n}\n{body}\nEND:VEVENT\n" for n, body in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{bodies}END:VCALENDAR\n"


def event(start: str, end: str = "", said: str = "", name: str = "站庆 休息") -> str:
    """An all-day event, `said` its description."""
    lines = [f"SUMMARY:{name}", f"DTSTART;VALUE=DATE:{start}"]
    lines += [f"DTEND;VALUE=DATE:{end}"] if end else []
    lines += [f"DESCRIPTION:{said}"] if said else []
    return "\n".join(lines)


def read(*events: str) -> list[SpecialDay]:
    """The special days of these events in Shanghai."""
    return special_days_from_ics(ics(*events), SHANGHAI)


def test_the_end_of_an_all_day_event_is_exclusive() -> None:
    """30 September to 3 October in the file is closed on three days."""
    assert read(event("20260930", "20261003")) == [
        SpecialDay(date(2026, 9, 30), date(2026, 10, 2), hours=(), name="站庆 休息")
    ]


def test_an_event_without_an_end_lasts_a_day() -> None:
    """And one with a duration as long as it says."""
    (day,) = read(event("20260930"))
    assert (day.first, day.last) == (date(2026, 9, 30), date(2026, 9, 30))
    (day,) = read(event("20260930") + "\nDURATION:P2D")
    assert (day.first, day.last) == (date(2026, 9, 30), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("24h", (Interval(0, 1440),)),
        ("closed", ()),
        ("Closed", ()),
        ("休息", ()),
        ("全天", (Interval(0, 1440),)),
    ],
)
def test_a_whole_day_is_written_as_in_the_site_file(written: str, hours: tuple[Interval, ...]) -> None:
    """Round the clock and closed have their words there too."""
    (day,) = read(event("20261001", said=f"hours: {written}"))
    assert day.hours == hours


def test_midnight_to_midnight_is_all_day() -> None:
    """Some programs export a day in UTC: 16:00 to 16:00 is midnight to midnight in Shanghai."""
    (day,) = read("SUMMARY:closed\nDTSTART:20260930T160000Z\nDTEND:20261002T160000Z")
    assert (day.first, day.last) == (date(2026, 10, 1), date(2026, 10, 2))
    (day,) = read("SUMMARY:closed\nDTSTART:20261001T000000\nDTEND:20261002T000000")
    assert (day.first, day.last) == (date(2026, 10, 1), date(2026, 10, 1))


def test_the_description_gives_hours_early_closing_and_groups() -> None:
    """In English or Chinese, among other text; commas are escaped in the file, lines are \\n."""
    (day,) = read(
        event("20261001", said=r"Open day\nhours: 09:00-12:00\, 13:00-16:00\ngroups: hall\, offices")
    )
    assert day.hours == (Interval(540, 720), Interval(780, 960))
    assert day.groups == {"hall", "offices"}
    (day,) = read(event("20261001", said=r"提前关闭：15:30\n区域：大厅、办公"))
    assert (day.hours, day.close, day.groups) == (None, 930, frozenset({"大厅", "办公"}))
    (day,) = read(event("20261001", said="开放时间：20:00-02:00、08:00-08:59"))
    assert day.hours == (Interval(1200, 1560), Interval(480, 539))
    (day,) = read(event("20261001", said="hours: 08:00-08:00"))
    assert day.hours == (Interval(480, 1920),)


@pytest.mark.parametrize("comma", [r"\,", "，", "、", r"\;", "；"])
@pytest.mark.parametrize("dash", ["-", "–", "—", "~", "至"])
def test_hours_may_be_typed_as_people_type_them(comma: str, dash: str) -> None:
    """Chinese and Western commas, any dash, one digit for nine o'clock, capitals, spaces before the colon."""
    (day,) = read(event("20261001", said=f"  Hours : 9:00{dash}12:00{comma} 13：00 {dash} 16:00"))
    assert day.hours == (Interval(540, 720), Interval(780, 960))
    (day,) = read(event("20261001", said=f"CLOSE：9:30\\nGroups: hall{comma}offices"))
    assert (day.close, day.groups) == (570, frozenset({"hall", "offices"}))


def test_a_cancelled_event_is_no_special_day() -> None:
    """It stays in the export, struck out."""
    assert read(event("20261001") + "\nSTATUS:CANCELLED") == []


def test_an_empty_calendar_has_no_special_days() -> None:
    """That is an answer, not an error."""
    assert read() == []


@pytest.mark.parametrize("text", ["", "hello", "\x00\x01", "a:b", "BEGIN:VCALENDAR\nVERSION:2.0\n"])
def test_a_file_that_is_no_calendar_is_refused(text: str) -> None:
    """Also one that was cut short."""
    with pytest.raises(CalendarError, match=r"^not an iCalendar file, or cut short: \w"):
        special_days_from_ics(text, SHANGHAI)


def test_a_file_of_another_kind_is_told_and_not_quoted() -> None:
    """A web page saved as .ics, or the wrong file named: what is in it is nobody's business."""
    for text in (
        "<html>\n<body>\n",
        "root:$6$secret:19000:0:99999:7:::\n",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n",
    ):
        with pytest.raises(CalendarError, match=r"first line is not BEGIN:VCALENDAR$"):
            special_days_from_ics(text, SHANGHAI)


def test_an_event_without_a_title_says_by_its_description_what_it_is() -> None:
    """No name is made up for it; without any word it is in doubt."""
    body = "DTSTART;VALUE=DATE:20261001\nDESCRIPTION:hours: closed"
    assert read(body) == [SpecialDay(date(2026, 10, 1), date(2026, 10, 1), hours=(), name="")]
    with pytest.raises(CalendarError, match=r"^line 4, event '', 2026-10-01: it does not say plainly"):
        read("DTSTART;VALUE=DATE:20261001")
    with pytest.raises(CalendarError, match=r"^line 4, event '': it has no DTSTART$"):
        read("DTSTAMP:20260101T000000Z")


def test_an_event_whose_first_line_is_folded_is_named_by_the_line_where_it_begins() -> None:
    """RFC 5545 allows a line to be broken anywhere (§3.1)."""
    folded = ics("SUMMARY:站庆").replace("BEGIN:VEVENT", "BEGIN:VEV\n ENT")
    with pytest.raises(CalendarError, match=r"^line 4, event '站庆': it has no DTSTART$"):
        special_days_from_ics(folded, SHANGHAI)


def test_another_component_is_no_calendar() -> None:
    """A lone event is named as what it is."""
    with pytest.raises(CalendarError, match="begins with VEVENT"):
        special_days_from_ics("BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261001\nEND:VEVENT\n", SHANGHAI)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (event("2026abcd"), "DTSTART cannot be read"),
        ("SUMMARY:x", "no DTSTART"),
        (event("20261001", "20261001"), "exclusive"),
        (event("20261001") + "\nDURATION:PT3H", "not whole days"),
        ("SUMMARY:x\nDTSTART:20261001T090000\nDTEND:20261001T120000", "09:00.*all-day"),
        ("SUMMARY:x\nDTSTART:20261001T000000\nDTEND:20261001T120000", "12:00.*all-day"),
        ("SUMMARY:x\nDTSTART;VALUE=PERIOD:20261001T000000Z/PT1H", "not a date|cannot be read"),
        (event("20261001") + "\nRRULE:FREQ=YEARLY", "repeats"),
        (event("20261001") + "\nRDATE;VALUE=DATE:20261101", "repeats"),
        (event("20261001") + "\nall day long", ": a line cannot be read: .*'all day long'"),
        (event("20261001", said="hours: nine to five"), "hours are written"),
        (event("20261001", said="hours: 09:00-25:00"), "25:00"),
        (event("20261001", said="hours: 24:00-02:00"), "24 hours"),
        (event("20261001", said="hours: 09:60-12:00"), "09:60"),
        (event("20261001", said="close: early"), "'early'"),
        (event("20261001", said=r"close: 15:00\nclose: 16:00"), "twice"),
        (event("20261001", said="groups:"), "no groups"),
    ],
)
def test_an_event_that_cannot_be_read_is_named_by_line_and_title(body: str, named: str) -> None:
    """The second event is the bad one; its BEGIN stands on line 9."""
    with pytest.raises(CalendarError, match=f"^line 9, event '(站庆 休息|x)'.*({named})"):
        read(event("20260101"), body)
