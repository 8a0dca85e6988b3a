"""Tables of readings as people, gateways and spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from supervisor.ledger.sheets import decoded, instant, lines_of, number, table

CHINA, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
EIGHT = datetime(2026, 3, 1, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T08:00", "2026-03-01 08:00:00", "2026/3/1 8:00", "2026.3.1 8:00", "2026年3月1日 8时", "2026年3月1日8时00分",
     "２０２６/3/1 8:00", "2026-03-01T00:00Z", "2026-03-01 08:00:00+0800", f"{EIGHT:.0f}", f"{EIGHT * 1000:.0f}"],
)  # fmt: skip
def test_eight_in_the_morning_however_it_is_written(text: str) -> None:
    """By the building's clock where there is no offset."""
    assert instant(text, CHINA) == EIGHT


@pytest.mark.parametrize("text", ["noon", "2026-02-30", "2026-13-01", "8:00", "", "2026年3月", "0001-01-01"])
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"time|reach"):
        instant(text, CHINA)


def test_the_hour_that_a_clock_shows_twice_is_two_hours() -> None:
    """2:30 on the last Sunday of October comes twice; the second is an hour after the first, in order of the file."""
    first = instant("2026-10-25 2:30", BERLIN)
    assert instant("2026-10-25 2:30", BERLIN, after=first) == first + 3600
    assert instant("2026-10-25 3:30", BERLIN, after=first) == first + 7200
    assert instant("2026-03-01 2:30", BERLIN, after=instant("2026-03-01 2:30", BERLIN)) == instant(
        "2026-03-01 2:30", BERLIN
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("10234.5", 10234.5), ("10,234.5", 10234.5), ("10.234,5", 10234.5), ("10234,5", 10234.5), ("1,234", 1234.0),
     ("1 234.5", 1234.5), ("１２３．５", 123.5), ("1e3", 1000.0), ("nan", None), ("inf", None), ("-1", None), ("", None),
     ("12 kWh", None), ("0x10", None), ("1,23,4", None), ("9e99", None)],
)  # fmt: skip
def test_a_figure_however_it_is_written(text: str, value: float | None) -> None:
    """Groups of three, a decimal comma, full-width digits; what no register says is none."""
    assert number(text) == value


def test_a_spreadsheet_of_the_west_and_one_of_the_east() -> None:
    """Semicolons with decimal commas; tabs with Chinese names and units, in GBK; both say the same."""
    west = table("Time;Meter;Value\n2026-03-01T08:00;main;1.234,5\n\n# note\n".splitlines())
    data = "时间\t表号\t累计读数(kWh)\r\n2026/3/1 8:00\tmain\t1234.5\r\n".encode("gb18030")
    text = decoded(data)
    assert text is not None
    east = table(text.splitlines())
    for each in (west, east):
        (line,) = each.lines
        assert each.cell(line, "meter") == "main"
        assert number(each.cell(line, "value") or "", comma=each.comma) == 1234.5
    assert west.lines[0].number == 2
    assert decoded("时间".encode("utf-16")) == "时间"
    assert decoded(b"\x81\xff\x00") is None


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    """A form feed, a next line or a paragraph sign in a cell begins no line, so that what is wrong is found where it is told."""
    assert lines_of("a\r\nb\x0bc\x85d\u2028e\nf\r\n") == ["a", "b\x0bc\x85d\u2028e", "f"]
    assert lines_of("") == []
