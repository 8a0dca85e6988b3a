"""Limits that belong together."""

from __future__ import annotations

import pytest

from config.load import load_text
from tests.unit.config.conftest import TODAY


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("rules: {mild-season-off: {outdoor_low: §30}}",
         "outdoor_low 30, outdoor_high 28 and outdoor_band 1 leave nothing between them", "room for 2 K"),
        ("rules: {mild-season-off: {zone_low: §26, zone_band: 2}}",
         "zone_low 26, zone_high 28 and zone_band 2 leave nothing between them", "room for 4 K"),
        ("rules: {mild-season-off: {co2_high: §600, co2_band: 700}}",
         "co2_high 600 and co2_band 700 leave nothing between them", "room for 700 ppm"),
        ("rules: {freeze-protect: {below: 12, setpoint: §9}}",
         "a room heated to 9 °C never comes to 13 °C, where frost heating stops", "at least 1 K above"),
        ("comfort: §{low: 25, high: 22}", "the comfort band ends at 22 °C, below its beginning at 25 °C",
         "`low` is the colder end"),
    ],
)  # fmt: skip
def test_a_band_turned_inside_out_is_refused_at_its_number(
    small: str, text: str, message: str, hint: str
) -> None:
    """Nothing would ever be normal there: the numbers are named, and what would be right."""
    broken = f"{small}\n{text}\n"
    line = broken.count("\n", 0, broken.index("§")) + 1
    column = broken.index("§") - broken.rindex("\n", 0, broken.index("§"))
    problems = [p for p in load_text(broken.replace("§", "")).problems if p.is_error]
    assert [(p.line, p.column, p.message) for p in problems] == [(line, column, message)]
    assert hint in problems[0].hint


@pytest.mark.parametrize(
    ("rule", "key", "value"), [("mild-season-off", "outdoor_high", "26"), ("fire-alarm", "clear_for", "2min")]
)
def test_a_zone_has_no_weather_and_no_alarm_of_its_own(small: str, rule: str, key: str, value: str) -> None:
    """Such a number would silently change nothing: it is a warning there, and right for the building."""
    settings = f"rules: {{{rule}: {{{key}: {value}}}}}\n"
    zone = "  room-1:\n    hours: office\n"
    (told,) = load_text(small.replace(zone, f"{zone}    {settings}"), today=TODAY).problems
    assert (told.path, told.is_error) == (f"zones.room-1.rules.{rule}.{key}", False)
    assert "changes nothing" in told.message
    assert load_text(f"{small}\n{settings}", today=TODAY).problems == []


def test_a_zone_is_told_of_its_own_numbers_only(small: str) -> None:
    """A zone that only changes the band is told, at its line; the building's sound numbers are not."""
    zone = "  room-1:\n    hours: office\n"
    assert zone in small
    broken = small.replace(zone, zone + "    rules: {mild-season-off: {outdoor_band: 5, outdoor_high: 18}}\n")
    assert [p.path for p in load_text(broken).problems if p.is_error] == [
        "zones.room-1.rules.mild-season-off.outdoor_high"
    ]
