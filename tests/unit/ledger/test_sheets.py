"""Tables of readings as people, gateways and spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from schedules.moments import instant, no_time
from supervisor.ledger.figures import number
from supervisor.ledger.sheets import decoded, lines_of, table

CHINA, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
EIGHT = datetime(2026, 3, 1, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T08:00", "2026-03-01 08:00:00", "2026/3/1 8:00", "2026.3.1 8:00", "2026年3月1日 8时", "2026年3月1日8时00分",
     "２０２６/3/1 8:00", "2026-03-01T00:00Z", "2026-03-01 08:00:00+0800", f"{EIGHT:.0f}", f"{EIGHT * 1000:.0f}",
     "2026/3/1 上午8:00", "2026年3月1日 星期日 8:00:00", "2026-03-01　08:00:00.000", "20260301080000", "202603010800", "'2026-03-01 8:00",
     "2026-3-1 8:00 AM"],
)  # fmt: skip
def test_eight_in_the_morning_however_it_is_written(text: str) -> None:
    """By the building's clock where there is no offset."""
    assert instant(text, CHINA) == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        "noon",
        "2026-02-30",
        "2026-13-01",
        "8:00",
        "",
        "2026年3月",
        "0001-01-01",
        "46082.3333",
        "2026-03-01 24:30",
        "2026/3/1 上午13:00",
        "123456789012345",
    ],
)
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"time|reach"):
        instant(text, CHINA)


@pytest.mark.parametrize(
    "text", ["2026-02-28 24:00", "2026/2/28 24:00:00", "2026年2月28日24时", "2026-03-01", "20260301"]
)
def test_the_end_of_a_day_is_the_beginning_of_the_next(text: str) -> None:
    """As meters and their centres write it."""
    assert instant(text, CHINA) == EIGHT - 8 * 3600


def test_two_in_the_afternoon_is_no_night() -> None:
    """A spreadsheet in Chinese writes 下午 before the hour, one in English PM behind it; twelve at noon stays twelve."""
    afternoon = ("2026/3/1 下午 2:00:00", "2026-03-01 2:00 PM", "2026年3月1日下午2点")
    assert {instant(text, CHINA) for text in afternoon} == {EIGHT + 6 * 3600}
    assert instant("2026/3/1 下午 12:00", CHINA) == EIGHT + 4 * 3600
    assert instant("2026/3/1 上午 12:00", CHINA) == EIGHT - 8 * 3600


def test_a_spreadsheets_number_of_a_day_is_no_second_of_1970() -> None:
    """46082.33 was taken for a moment of 1970: which day it may be is said, and how to save it as one."""
    said = no_time("46082.3333333333")
    assert "2026-03-01 08:00" in said.en
    assert "2026-03-01 08:00" in said.zh
    assert "日期格式" in said.zh


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


def cells_of(text: str) -> list[tuple[str | None, ...]]:
    """Time, meter and value of each line."""
    found = table(lines_of(text))
    return [tuple(found.cell(line, name) for name in ("time", "meter", "value")) for line in found.lines]


READING = [("2026-03-01 08:00", "main", "1000")]


@pytest.mark.parametrize(
    "text",
    ["区政府大楼 3 月抄表\n时间,表号,读数\n2026-03-01 08:00,main,1000\n",
     "2026年3月1日抄表记录,,\n单位：kWh,,\n\n时间,表号,读数\n2026-03-01 08:00,main,1000\n",
     "sep=;\n时间;表号;读数\n2026-03-01 08:00;main;1000\n",
     "时间,表号,读数\n2026-03-01 08:00,main,1000\n合计,,1000\n抄表人：王敏,,\n,,\n时间,表号,读数\n",
     "日期,时间,表号,读数\n2026-03-01,08:00,main,1000\n本页合计,,,1000\n",
     "时间,表号,日期,读数\n08:00,main,2026-03-01,1000\n小计：,,,1000\n",
     "日期,时间,表号,读数\n2026-03-01,2026-03-01 08:00,main,1000\n"],
)  # fmt: skip
def test_what_stands_above_and_beneath_the_readings_is_no_reading(text: str) -> None:
    """A title, a unit, a sum, who read the meters, the heading once more; a day and its hour in two columns are one time."""
    assert cells_of(text) == READING


def test_nothing_is_a_title_beneath_which_a_reading_stands() -> None:
    """Two tables in one file, the first without a heading: its readings are not passed over."""
    found = table(["2026-03-01 08:00,main,1000", "time,meter,value", "2026-03-02 08:00,main,1001"])
    assert [line.number for line in found.lines] == [1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig", "gbk"])
def test_a_file_in_any_encoding_of_a_spreadsheet(encoding: str) -> None:
    """With and without a mark at its beginning."""
    text = "时间,表号,读数\r\n2026-03-01 08:00,main,1000\r\n"
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("said", "hours"), [("UTC+14", 14), ("UTC-11", -11), ("UTC+24", None), ("+30", None)]
)
def test_a_clock_that_is_nowhere_is_none(said: str, hours: int | None) -> None:
    """`时间(UTC+24)` had ended in a traceback: what no clock of the world shows says nothing of the clock."""
    zone = table([f"时间({said}),读数", "2026-03-01,1"]).zone
    assert zone == (timezone(timedelta(hours=hours)) if hours is not None else None)
