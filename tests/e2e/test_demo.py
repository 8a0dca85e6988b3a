"""Whoever types `make demo` sees, within three minutes, what the plan does to a summer afternoon."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.e2e.demo import DemoProcess, Line

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BEFORE_CLOSING = "17:00"


@pytest.fixture(scope="module")
def seen(demo: DemoProcess | None) -> Iterator[DemoProcess]:
    """The demo at its end."""
    assert demo is not None
    assert demo.ended() == 0, "\n".join(demo.lines[-20:])
    yield demo


def _enforced(seen: DemoProcess, rule: str, role: str) -> list[Line]:
    return [
        event
        for event in seen.events
        if event.kind == "enforced" and event.rule == rule and event.point.endswith(f"/{role}")
    ]


def _off_and_on_again(seen: DemoProcess, rule: str) -> list[str]:
    """Zones whose HVAC the page showed running, then off by the rule, then running again before closing."""
    found = []
    for event in _enforced(seen, rule, "start_stop"):
        zone = event.point.split("/")[0]
        if "/lights/" in event.point or not event.text.startswith("off"):
            continue
        clocks = [(at[11:16], on) for at, on in seen.shown[zone] if at[11:16] < BEFORE_CLOSING]
        before = [on for at, on in clocks if at <= event.at]
        after = [on for at, on in clocks if at > event.at]
        if True in before and False in after and True in after[after.index(False) :]:
            found.append(zone)
    return found


def test_the_first_rule_is_enforced_within_a_minute(seen: DemoProcess) -> None:
    """From the moment the command is typed, the start of the simulated building included."""
    first = next(e for e in seen.events if e.kind == "enforced" and e.rule != "base")
    assert first.came - seen.began < 60
    said = next(line for line in seen.lines if line.startswith("first enforced rule after"))
    assert float(said.split()[4]) < 60


def test_a_thermostat_turned_to_22_is_set_to_26(seen: DemoProcess) -> None:
    """The clause everybody knows."""
    corrected = _enforced(seen, "summer-setpoint", "cooling_setpoint")
    assert [e for e in corrected if re.match(r"26\.0 °C: setpoint 22\.0 °C, limit 26\.0", e.text)]


def test_an_open_window_stops_the_air_conditioning_until_it_is_shut(seen: DemoProcess) -> None:
    """Off, and on again: nobody sits in the heat because somebody aired the room."""
    assert _off_and_on_again(seen, "window-off")


def test_an_empty_room_is_not_cooled_until_people_are_back(seen: DemoProcess) -> None:
    """Off, and on again after the meeting."""
    assert _off_and_on_again(seen, "vacancy-off")


def test_half_an_hour_before_closing_the_offices_stop(seen: DemoProcess) -> None:
    """At 17:00, in every office that closes at 17:30 and still runs."""
    stopped = _enforced(seen, "pre-close-off", "start_stop")
    assert len({event.point.split("/")[0] for event in stopped}) >= 8
    assert min(event.at for event in stopped) == "17:00"
    assert "closes at 17:30" in stopped[0].text


def test_lights_left_on_are_swept_after_closing(seen: DemoProcess) -> None:
    """From 17:40, where nobody is sensed."""
    swept = _enforced(seen, "lights-close", "start_stop")
    assert len(swept) >= 3
    assert min(event.at for event in swept) >= "17:40"
    assert all("/lights/" in event.point for event in swept)


def test_the_escape_stairs_stay_lit_and_are_never_written(seen: DemoProcess) -> None:
    """By the building's own log of every write that arrived."""
    assert "escape stairs: lit · 常亮, 0 writes in the building's own log" in seen.lines
    assert not [event for event in seen.events if event.point.startswith("stair-a/")]


def test_the_account_names_each_rule_with_its_count(seen: DemoProcess) -> None:
    """What was enforced, by rule, as the lines told it; everything let go at the end."""
    rules = (
        "summer-setpoint",
        "window-off",
        "vacancy-off",
        "pre-close-off",
        "lights-close",
        "corridor-delay",
    )
    for rule in rules:
        told = [e for e in seen.events if e.kind == "enforced" and e.rule == rule]
        assert seen.account[rule] == len(told) > 0
    assert re.fullmatch(r"released=\d+ failed=0", seen.lines[-1])
