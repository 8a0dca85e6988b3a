"""Scalars of the site file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.migrate import migrate
from config.schema import json_schema
from config.units import UNITS
from config.values import (
    Misread,
    Offset,
    parse_clock,
    parse_day,
    parse_duration,
    parse_hours,
    parse_month_day,
    parse_object,
    parse_offset,
    parse_place,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), (90, 90), ("90s", 90), ("1.5 min", 90), ("15m", 900), ("4h", 14400), ("1d", 86400), (0, 0)],
)
def test_durations(written: str, seconds: float) -> None:
    """Seconds, or a number with its unit."""
    assert parse_duration(written) == seconds


@pytest.mark.parametrize("written", [True, None, "", "s", "1e3", -1, "367d", float("nan"), float("inf"), [1]])
def test_what_is_no_duration(written: str) -> None:
    """Not a truth value, not NaN, not more than a year."""
    with pytest.raises(Misread):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "minutes"), [("0:00", 0), ("09:05", 545), ("24:00", 1440), (" 7:30 ", 450)]
)
def test_times_of_day(written: str, minutes: int) -> None:
    """Minutes since midnight; 24:00 is the end of the day."""
    assert parse_clock(written) == minutes


@pytest.mark.parametrize(
    ("written", "intervals"),
    [
        ("09:00-17:30", [(540, 1050)]),
        ("09:00 – 17:30", [(540, 1050)]),
        ("22:00-06:00", [(1320, 1800)]),
        (["13:00-17:00", "09:00-12:00"], [(540, 720), (780, 1020)]),
        ({"open": "09:00", "close": "17:00"}, [(540, 1020)]),
        ("24h", [(0, 1440)]),
        ("closed", []),
        ("休息", []),
    ],
)
def test_opening_hours(written: str, intervals: tuple[tuple[int, int], ...]) -> None:
    """In order; a close past midnight lies beyond 1440."""
    assert parse_hours(written) == tuple(intervals)


@pytest.mark.parametrize(
    "written", [[], 9, {"open": "09:00"}, ["22:00-06:00", "23:00-23:30"], None, "-1:00-5:00", "09:00-17:30-"]
)
def test_what_are_no_opening_hours(written: str) -> None:
    """Neither an empty list nor intervals that overlap."""
    with pytest.raises(Misread):
        parse_hours(written)


def test_days_and_days_of_the_year() -> None:
    """2026-1-5 is read as well."""
    assert parse_day("2026-1-5").isoformat() == "2026-01-05"
    assert parse_month_day("06-01") == (6, 1)
    with pytest.raises(Misread):
        parse_month_day("02-29")


def test_objects_and_places() -> None:
    """Type and instance, device before them."""
    assert parse_object("analog-input:3") == ("analog-input", 3)
    assert parse_place("ddc-1/binary-value:0") == ("ddc-1", ("binary-value", 0))
    assert parse_offset("ddc-1/100") == Offset("ddc-1", 100)
    for wrong in ("ddc-1", "/100", "ddc-1/", "ddc-1/-1", "ddc-1/1.5"):
        with pytest.raises(Misread):
            parse_offset(wrong)


def test_units_are_exact() -> None:
    """Freezing and boiling water, and the kilowatt hour."""
    fahrenheit = UNITS["degF"]
    assert 32 * fahrenheit.scale + fahrenheit.shift == pytest.approx(0, abs=1e-12)
    assert 212 * fahrenheit.scale + fahrenheit.shift == pytest.approx(100)
    assert UNITS["kWh"].scale == 3_600_000
    assert UNITS["L"].scale == 0.001


def test_the_schema_knows_what_an_editor_needs() -> None:
    """Required keys, aliases, shorthands, no unknown keys."""
    schema = json_schema()
    assert schema["required"] == ["version", "building", "timezone", "hours"]
    assert schema["additionalProperties"] is False
    assert "from" in schema["$defs"]["SpecialDayEntry"]["properties"]
    assert "summer-setpoint" in schema["$defs"]["RuleSettings"]["properties"]
    (entry,) = schema["$defs"]["ZoneEntry"]["properties"]["equipment"]["patternProperties"].values()
    assert {"type": "string"} in entry["anyOf"]


def test_every_reference_of_the_schema_resolves() -> None:
    """An editor refuses a schema with loose ends."""

    def references(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    schema = json_schema()
    assert {r.removeprefix("#/$defs/") for r in references(schema)} <= set(schema["$defs"])


def test_a_file_from_before_versions_is_upgraded_with_its_comments() -> None:
    """Only the key is added, before the first one."""
    text, changes = migrate("# our site\n\nbuilding: x\n")
    assert text == "# our site\n\nversion: 1\nbuilding: x\n"
    assert changes == ["added `version: 1`"]
    assert migrate(text) == (text, [])
    assert migrate("") == ("", [])
