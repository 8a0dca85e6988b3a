"""EPW files, good and bad."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from schedules.weather.epw import WeatherProblem, parse_epw, read_epw

HEADER = [
    "LOCATION,Testville,-,CHN,made up,999999,31.40,121.45,8.0,5.5",
    "DESIGN CONDITIONS,0",
    "TYPICAL/EXTREME PERIODS,0",
    "GROUND TEMPERATURES,0",
    "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
    "COMMENTS 1,none",
    "COMMENTS 2,none",
    "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
]


def record(month: int, day: int, hour: int, number: int) -> list[str]:
    """One hour: the dry bulb counts the hours, so that a value says where it came from."""
    fields = ["2005", str(month), str(day), str(hour), "60", "flags"] + ["0"] * 29
    fields[6] = f"{(number % 24) * 1.0:.1f}"  # dry bulb
    fields[7] = "-5.0"  # dew point
    fields[8] = "50"  # relative humidity
    fields[9] = "101325"
    fields[12] = "300"  # infrared
    fields[14] = str(100 * (12 <= hour <= 13))  # direct normal
    fields[15] = str(50 * (8 <= hour <= 17))  # diffuse
    fields[21] = "3.0"
    fields[23] = "5"
    return fields


def year(leap: bool = False) -> list[list[str]]:
    """Every hour of a year."""
    first = datetime(2004 if leap else 2005, 1, 1, tzinfo=UTC)
    rows = []
    for number in range(8784 if leap else 8760):
        moment = first + timedelta(hours=number)
        rows.append(record(moment.month, moment.day, moment.hour + 1, number))
    return rows


def text(rows: list[list[str]], header: list[str] | None = None) -> bytes:
    """The file."""
    lines = [*(HEADER if header is None else header), *(",".join(row) for row in rows)]
    return "\r\n".join(lines).encode("latin-1")


def problems(raw: bytes) -> list[WeatherProblem]:
    """What is told of a bad file; it must give no weather."""
    reading = parse_epw(raw, "site.epw")
    assert reading.weather is None
    assert reading.problems
    assert all(problem.file == "site.epw" for problem in reading.problems)
    return reading.problems


def test_a_good_file_is_read_and_served_at_its_own_hours() -> None:
    """Hour 1 is the value of 01:00 local standard time; the radiation of hour 12 is the mean of 11 to 12."""
    reading = parse_epw(text(year()), "site.epw")
    assert reading.problems == []
    weather = reading.weather
    assert weather is not None
    assert weather.site.name == "Testville"
    assert weather.site.utc_offset == 8.0
    local = timezone(timedelta(hours=8))
    one = weather.at(datetime(2025, 5, 5, 1, tzinfo=local).timestamp())
    assert one.dry_bulb == pytest.approx(0.0, abs=1e-6)
    assert weather.at(datetime(2025, 5, 5, 12, tzinfo=local).timestamp()).dry_bulb == pytest.approx(11.0)
    noon = weather.at(datetime(2025, 5, 5, 12, tzinfo=local).timestamp())
    assert noon.direct_normal == pytest.approx(100.0)
    assert weather.at(datetime(2025, 5, 5, 11, 30, tzinfo=local).timestamp()).direct_normal == pytest.approx(
        100.0
    )
    assert weather.at(datetime(2025, 5, 5, 3, tzinfo=local).timestamp()).diffuse == 0.0


@pytest.mark.parametrize("date", [(2024, 2, 29), (2025, 12, 31), (2026, 1, 1), (1999, 3, 1)])
def test_any_date_of_any_year_has_weather(date: tuple[int, int, int]) -> None:
    """The file's year repeats; 29 February takes the 28th."""
    weather = parse_epw(text(year()), "site.epw").weather
    assert weather is not None
    year_, month, of_month = date
    start = datetime(year_, month, of_month, tzinfo=timezone(timedelta(hours=8))).timestamp()
    day = weather.series(start + 3600.0 * np.arange(24, dtype=np.float64))
    assert day.dry_bulb[1:] == pytest.approx(np.arange(23.0), abs=1e-6)


def test_a_missing_hour_is_named_at_the_line_where_another_stands() -> None:
    """5 March 07:00 is gone."""
    rows = year()
    gone = (31 + 28 + 4) * 24 + 6
    (problem,) = problems(text(rows[:gone] + rows[gone + 1 :]))
    assert problem.line == 8 + gone + 1
    assert "3-5 hour 7 is due" in problem.message
    assert "8,759 hours" in problem.message


def test_a_file_that_ends_too_soon_says_how_many_hours_it_has() -> None:
    """Half a year."""
    (problem,) = problems(text(year()[:4000]))
    assert "has 4,000 hours" in problem.message


def test_a_leap_year_of_8784_hours_is_refused_with_the_way_out() -> None:
    """Its days would slip against every other year."""
    (problem,) = problems(text(year(leap=True)))
    assert "8,784" in problem.message
    assert "29 February" in problem.hint


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (6, "-9999", "dry-bulb temperature '-9999'"),
        (6, "99.9", "dry-bulb temperature is missing"),
        (14, "9999", "direct normal radiation is missing"),
        (15, "-9999", "diffuse horizontal radiation '-9999'"),
        (21, "999", "wind speed is missing"),
        (6, "warm", "dry-bulb temperature 'warm'"),
        (14, "nan", "direct normal radiation 'nan'"),
    ],
)
def test_codes_for_missing_and_nonsense_are_told_with_line_column_and_count(
    column: int, value: str, words: str
) -> None:
    """The first of three bad hours, and that there are three."""
    rows = year()
    for number in (100, 200, 300):
        rows[number][column] = value
    (problem,) = problems(text(rows))
    assert (problem.line, problem.column) == (8 + 101, column + 1)
    assert words in problem.message
    assert "3 such hours" in problem.message
    assert problem.hint


def test_humidity_and_sky_that_are_missing_by_the_formats_own_codes_are_worked_out() -> None:
    """Relative humidity from the dew point, infrared from the clouds: no reason to refuse a file."""
    rows = year()
    for row in rows:
        row[8], row[12], row[23] = "999", "9999", "99"
    weather = parse_epw(text(rows), "site.epw").weather
    assert weather is not None
    sample = weather.at(datetime(2025, 5, 5, 4, tzinfo=timezone(timedelta(hours=8))).timestamp())
    assert sample.dry_bulb == pytest.approx(3.0)
    assert sample.relative_humidity == pytest.approx(55.6, abs=1.0)  # dew point -5 °C at 3 °C
    assert 200.0 < sample.infrared < 350.0


def shortened(rows: list[list[str]]) -> bytes:
    """A file of another layout: twelve columns."""
    return text([row[:12] for row in rows])


@pytest.mark.parametrize(
    ("spoil", "line", "words"),
    [
        (lambda rows: gzip.compress(text(rows)), 0, "compressed"),
        (lambda rows: b"PK\x03\x04" + text(rows), 0, "zip"),
        (lambda _: b"", 0, "empty"),
        (lambda _: b"\x00\x01" * 100, 0, "not text"),
        (shortened, 9, "too few columns"),
        (lambda rows: text(rows, ["a,b,c", *HEADER[1:]]), 1, "LOCATION"),
        (lambda rows: text(rows, [HEADER[0].replace("31.40", "north"), *HEADER[1:]]), 1, "'north'"),
        (
            lambda rows: text(rows, [*HEADER[:7], "DATA PERIODS,1,4,Data,Sunday,1/1,12/31"]),
            8,
            "records an hour",
        ),
        (lambda _: text([], HEADER[:3]), 3, "ends after 3 lines"),
    ],
)
def test_what_is_no_epw_is_told_and_never_a_traceback(
    spoil: Callable[[list[list[str]]], bytes], line: int, words: str
) -> None:
    """gz, zip, empty, binary, another layout, a broken header."""
    found = problems(spoil(year()))
    assert any(problem.line == line and words in problem.message for problem in found)


def test_a_file_that_is_not_there_is_a_problem_too(tmp_path: Path) -> None:
    """A wrong path in a command line."""
    (problem,) = read_epw(tmp_path / "none.epw").problems
    assert "cannot be read" in problem.message
    (problem,) = read_epw(tmp_path).problems
    assert "cannot be read" in problem.message


@pytest.mark.parametrize(
    ("city", "code"), [("包头", "utf-8"), ("包头", "utf-8-sig"), ("包头", "gbk"), ("Zürich", "latin-1")]
)
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_place_names_in_any_code_and_any_kind_of_line_end_are_read(
    city: str, code: str, newline: str
) -> None:
    """A byte of 包头 is Latin-1's "next line", Excel puts a mark before the first letter: the hours are the same."""
    lines = text(year()).decode().replace("Testville", city).replace("COMMENTS 1,none", f"COMMENTS 1,{city}")
    reading = parse_epw(lines.replace("\r\n", newline).encode(code), "site.epw")
    assert reading.problems == []
    assert reading.weather is not None
    if code.startswith("utf-8"):
        assert reading.weather.site.name == city


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (bz2.compress(b"LOCATION"), "bzip2 or xz"),
        (lzma.compress(b"LOCATION"), "bzip2 or xz"),
        ("LOCATION,上海".encode("utf-16"), "UTF-16"),
    ],
)
def test_other_wrappings_are_called_by_their_name(raw: bytes, words: str) -> None:
    """Each with the way out in its hint."""
    (problem,) = problems(raw)
    assert words in problem.message
    assert "site.epw" in problem.hint


def test_columns_that_were_swapped_within_their_ranges_are_noticed() -> None:
    """Dry bulb and dew point the other way round: every value possible, the air not."""
    rows = year()
    for row in rows:
        row[6], row[7] = row[7], row[6]
    (problem,) = problems(text(rows))
    assert (problem.line, problem.column) == (9, 8)
    assert "dew point lies above" in problem.message
    assert "field 7 is the dry bulb" in problem.hint


def test_a_station_that_rounds_its_dew_point_up_is_believed() -> None:
    """Fog: 0.4 K above the dry bulb in every hour, and one hour of nonsense."""
    rows = year()
    for row in rows:
        row[7] = f"{float(row[6]) + 0.4:.1f}"
    rows[5][7] = "20.0"
    assert parse_epw(text(rows), "site.epw").problems == []


def test_an_infinite_value_is_not_taken_for_a_missing_one() -> None:
    """`inf` is nobody's code."""
    rows = year()
    rows[7][6] = "inf"
    (problem,) = problems(text(rows))
    assert "'inf' is no such thing" in problem.message
