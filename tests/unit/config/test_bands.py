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


@pytest.mark.parametrize(
    ("rule", "number", "message"),
    [
        ("window-off", "open_for: §30d", "open_for is 30d; usual is at most 1h"),
        ("vacancy-off", "hvac_after: §15h", "hvac_after is 15h; usual is at most 12h"),
        ("fire-alarm", "clear_for: §7d", "clear_for is 7d; usual is at most 1d"),
        ("mild-season-off", "zone_high: §280", "zone_high is 280; usual is at most 35"),
        ("mild-season-off", "outdoor_low: §-100", "outdoor_low is -100; usual is at least -50"),
    ],
)
def test_a_number_that_was_taken_before_an_upgrade_is_taken_after_it_and_asked_about(
    small: str, rule: str, number: str, message: str
) -> None:
    """An error would leave the building unsupervised from the restart on; a forgotten dot, or a rule that waits for a month
    in an exemption's place, is told at its number."""
    text = f"{small}\nrules: {{{rule}: {{{number}}}}}\n"
    column = text.index("§") - text.rindex("\n", 0, text.index("§"))
    loaded = load_text(text.replace("§", ""), today=TODAY)
    (told,) = (p for p in loaded.problems if p.path == f"rules.{rule}.{number.partition(':')[0]}")
    assert (told.is_error, told.column, told.message) == (False, column, message)
    assert "exemption" in told.hint


def test_what_people_write_for_not_by_this_and_for_a_night_of_cleaners_is_taken_without_a_word(
    small: str,
) -> None:
    """9999 ppm, a hundred thousand lux, an alarm that keeps its say for four hours, lights until midnight."""
    rules = """
rules:
  fire-alarm: {clear_for: 4h}
  mild-season-off: {co2_high: 9999, outdoor_low: -30, outdoor_high: 50}
  corridor-delay: {dark_below: 100000}
  lights-close: {delay: 6h, unknown_delay: 6h}
  vacancy-off: {hvac_after: 5h}
"""
    problems = load_text(small + rules, today=TODAY).problems
    assert [p for p in problems if p.is_error or "usual" in p.message] == []


def test_a_zone_s_own_unusual_number_is_told_once_at_the_zone(small: str) -> None:
    """The zones that have the building's are not told of it again."""
    zone = "  room-1:\n    hours: office\n"
    own = small.replace(zone, zone + "    rules: {window-off: {open_for: 2h}}\n")
    text = own + "\nrules: {window-off: {closed_for: 2h}}\n"
    told = [p.path for p in load_text(text, today=TODAY).problems if "usual" in p.message]
    assert sorted(told) == ["rules.window-off.closed_for", "zones.room-1.rules.window-off.open_for"]
