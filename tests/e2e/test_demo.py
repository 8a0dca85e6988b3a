"""Whoever types `make demo` sees, within three minutes, what the plan does to a summer afternoon."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.demo import DemoProcess, Line
from tests.e2e.processes import verb
from tests.e2e.sites import office

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BEFORE_CLOSING = "17:00"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """The demo at its end. It takes three minutes: this file is the first that a worker is given."""
    with DemoProcess(office(tmp_path_factory.mktemp("demo"))) as demo:
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
    first = min(event.at for event in stopped)
    assert "17:00" <= first <= "17:05", "told once it is written: a second of a busy machine is a minute here"
    # The air handler, which has no hours of its own, stops once none of its zones asks for it.
    offices = {event.point.split("/")[0] for event in stopped if "closes at 17:30" in event.text}
    assert len(offices) >= 8


def test_lights_left_on_are_swept_after_closing(seen: DemoProcess) -> None:
    """From 17:40, where nobody is sensed."""
    swept = _enforced(seen, "lights-close", "start_stop")
    assert len(swept) >= 3
    assert min(event.at for event in swept) >= "17:40"
    assert all("/lights/" in event.point for event in swept)


def test_the_escape_stairs_stay_lit_and_are_never_written(seen: DemoProcess) -> None:
    """By the building's own log of every write that arrived."""
    assert "escape stairs: lit, 0 writes in the building's own log" in seen.lines
    assert not [event for event in seen.events if event.point.startswith("stair-a/")]


def _replayed(seen: DemoProcess, store: Path) -> tuple[int, dict[str, int], str]:
    """`simulate --replay`: exit code, figures, errors."""
    done = verb("simulate", str(seen.files.daemon), "--replay", str(store), within=120.0)
    figures = dict(part.split("=") for part in done.stdout.split())
    return done.returncode, {name: int(value) for name, value in figures.items()}, done.stderr


def test_what_was_decided_live_is_decided_again_from_the_record(seen: DemoProcess) -> None:
    """Hours of the afternoon on a real wire: every decision comes out the same."""
    code, figures, errors = _replayed(seen, seen.store)
    assert code == 0, errors
    assert figures["decisions"] > 1000
    assert figures["matched"] == figures["decisions"]


def test_one_altered_reading_is_found_and_named(seen: DemoProcess, tmp_path: Path) -> None:
    """Somebody shuts a window in the database: exit 1, and the moment and the room are told."""
    store = tmp_path / "altered.sqlite3"
    with sqlite3.connect(seen.store) as original, sqlite3.connect(store) as copy:
        original.backup(copy)
    when, point = _altered(store)
    code, figures, errors = _replayed(seen, store)
    assert code == 1
    assert figures["matched"] < figures["decisions"]
    assert f"first difference: {when[:16]}" in errors
    assert point.split("/")[0] in errors


def _altered(store: Path) -> tuple[str, str]:
    """Shut the first window that was opened; when, at the site, and which."""
    with sqlite3.connect(store) as database:
        for key, text in database.execute("SELECT id, body FROM recordings ORDER BY id").fetchall()[1:]:
            body = json.loads(text)
            for point, reading in body["readings"].items():
                if point.endswith("/window") and reading[0] is True:
                    reading[0] = False
                    database.execute("UPDATE recordings SET body = ? WHERE id = ?", (json.dumps(body), key))
                    return datetime.fromtimestamp(body["at"], SHANGHAI).isoformat(), point
    raise AssertionError("no window was opened")


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
