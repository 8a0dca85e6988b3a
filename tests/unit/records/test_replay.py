"""A day that was recorded live is decided again, and says so when it comes out otherwise."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from config.points import Value
from config.roles import Role
from config.site import Site
from drivers.readings import PriorityArray, Quality, Slot
from schedules.days import calendars
from schedules.time import instant_of
from supervisor.cli.main import app
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.season import SeasonKeeper
from supervisor.core.views import Manual
from supervisor.records.recording import Recorder
from supervisor.records.replay import replay_rows
from supervisor.store.recording import RecordRow
from supervisor.store.writer import Store
from tests.unit.core.office import NOON, office
from tests.unit.rehearsal import small

DAY = dt.date(2026, 7, 15)
PRESENT: dict[Role, Value] = {
    Role.START_STOP: True, Role.RUN_STATUS: True, Role.COOLING_SETPOINT: 24.0, Role.HEATING_SETPOINT: 20.0,
    Role.SETPOINT: 26.0, Role.MODE: "cool", Role.TEMPERATURE: 25.0, Role.HUMIDITY: 55.0, Role.CO2: 600.0,
    Role.OCCUPANCY: False, Role.WINDOW: False, Role.FIRE_ALARM: False, Role.OUTDOOR_TEMPERATURE: 29.0,
}  # fmt: skip


def record(site: Site, path: Path, by_hand: Mapping[str, Manual] = MappingProxyType({})) -> None:
    """A summer day as a daemon lives it: somebody comes at nine, opens a window at ten, goes at six."""
    store = Store(f"sqlite:///{path}", inline=True)
    store.open()
    store.put_config(site.config_hash, site.text, 0.0)
    midnight = instant_of(DAY, 0, site.tz)
    known = Known(site)
    season = SeasonKeeper(site.season, site.tz, midnight)
    decider = Decider(site, known, calendars(site).tables, season.season)
    recorder = Recorder(decider, season.season, store.put_recording)
    for point in site.points.values():
        if point.role in PRESENT:
            known.put_value(point.id, PRESENT[point.role], Quality.GOOD, midnight)
        if point.role is Role.COOLING_SETPOINT:
            known.put_array(point.id, PriorityArray((Slot(13, 24.0),), 26.0))
    doings = {
        9.0: ("north/vrf/occupancy", True), 10.0: ("north/vrf/window", True), 10.5: ("north/vrf/window", False),
        13 + 59 / 60: ("north/vrf/temperature", 26.5), 14.0: ("north/vrf/temperature", 27.4), 18.0: ("north/vrf/occupancy", False),
    }  # fmt: skip
    recorder.begin()
    for minute in range(24 * 60):
        now = midnight + 60.0 * minute
        if minute == 11 * 60:
            decider.manual = dict(by_hand)
            decider.touch_all()
        if minute / 60 in doings:
            point_id, value = doings[minute / 60]
            known.put_value(point_id, value, Quality.GOOD, now)
            decider.touch(point_id)
        recorder(decider.take_turn(now))
    recorder.flush()
    store.close()


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """The site file and the store of that day."""
    path = small.written(tmp_path)
    store = tmp_path / "supervisor.sqlite3"
    record(small.site(source=str(path)), store)
    return path, store


def replay(path: Path, store: Path) -> tuple[int, str, str]:
    """Exit code, output and errors of `simulate --replay`."""
    done = CliRunner().invoke(app, ["simulate", str(path), "--replay", str(store)])
    return done.exit_code, done.stdout, done.stderr


def alter(store: Path, point: str, value: object) -> None:
    """Falsify the first reading of a point after the beginning."""
    with sqlite3.connect(store) as database:
        for key, text in database.execute("SELECT id, body FROM recordings ORDER BY id").fetchall()[1:]:
            body = json.loads(text)
            if point in body["readings"]:
                body["readings"][point][0] = value
                database.execute("UPDATE recordings SET body = ? WHERE id = ?", (json.dumps(body), key))
                return
    raise AssertionError(f"{point} never changed")


def test_a_recorded_day_is_decided_the_same_again(recorded: tuple[Path, Path]) -> None:
    """Every decision that the daemon made comes out of the same readings again."""
    code, output, errors = replay(*recorded)
    assert code == 0, errors
    figures = dict(part.split("=") for part in output.split())
    assert int(figures["decisions"]) > 100
    assert figures["matched"] == figures["decisions"]


def test_an_altered_reading_that_changes_a_decision_is_named(recorded: tuple[Path, Path]) -> None:
    """Somebody edits the window contact: exit 1, and the moment and the room are told."""
    alter(recorded[1], "north/vrf/window", False)
    code, output, errors = replay(*recorded)
    assert code == 1
    assert "first difference: 2026-07-15T10:0" in errors
    assert "north" in errors
    figures = dict(part.split("=") for part in output.split())
    assert int(figures["matched"]) < int(figures["decisions"])


def test_an_altered_reading_that_changes_no_decision_is_named_too(recorded: tuple[Path, Path]) -> None:
    """A temperature on which nothing turned that day: the decision no longer rests on what was recorded."""
    alter(recorded[1], "north/vrf/temperature", 26.6)
    code, _, errors = replay(*recorded)
    assert code == 1
    assert "2026-07-15T13:59:00+08:00 north: other readings" in errors
    assert "north/vrf/temperature = 26.6" in errors


def test_an_altered_reading_that_nobody_was_asked_about_spoils_the_next_decision(
    recorded: tuple[Path, Path],
) -> None:
    """Within a minute the next reading took its place; still the room's next decisions do not count as the same."""
    alter(recorded[1], "north/vrf/temperature", 26.4)
    code, output, errors = replay(*recorded)
    figures = dict(part.split("=") for part in output.split())
    assert code == 1
    assert "2026-07-15T13:59:00+08:00 north: other readings" in errors
    assert int(figures["matched"]) < int(figures["decisions"])


def test_the_site_file_of_that_day_decides(recorded: tuple[Path, Path]) -> None:
    """The site file has changed since: the store kept the one that was in force."""
    path, store = recorded
    path.write_text(path.read_text(encoding="utf-8").replace("17:30", "16:00"), encoding="utf-8")
    code, _, errors = replay(path, store)
    assert code == 0, errors


def test_a_store_without_a_recording_says_so(tmp_path: Path) -> None:
    """No traceback for a wrong file, an empty store or none."""
    path, store = small.written(tmp_path), tmp_path / "empty.sqlite3"
    assert "no such database" in replay(path, store)[2]
    Store(f"sqlite:///{store}", inline=True).open()
    assert replay(path, store)[0] == 1
    store.write_text("this is no database, whatever it is called", encoding="utf-8")
    code, _, errors = replay(path, store)
    assert code == 1
    assert "Traceback" not in errors


def test_the_store_of_another_building_is_refused(recorded: tuple[Path, Path], tmp_path: Path) -> None:
    """Every decision would match, and tell nothing of the building that was asked about."""
    other = small.written(
        tmp_path, "other.yaml", head=small.HEAD.replace("building: small", "building: annex")
    )
    code, output, errors = replay(other, recorded[1])
    assert code == 1
    assert output == ""
    assert "of small, not of annex" in errors


def test_an_empty_file_is_told_and_stays_empty(tmp_path: Path) -> None:
    """Whoever asks what is in a file does not want it filled."""
    store = tmp_path / "supervisor.sqlite3"
    store.touch()
    code, _, errors = replay(small.written(tmp_path), store)
    assert code == 1
    assert f"{store} is empty" in errors
    assert store.stat().st_size == 0


def test_a_day_on_which_somebody_held_a_unit_off_is_decided_again(tmp_path: Path) -> None:
    """What was held by hand is in the recording, and ends in the replay when it ended that day."""
    path, store = small.written(tmp_path), tmp_path / "supervisor.sqlite3"
    site = small.site(source=str(path))
    eleven = instant_of(DAY, 11 * 60, site.tz)
    record(site, store, {"north/vrf/start_stop": Manual(False, eleven, eleven + 1800.0, "Wang", "filter")})
    with sqlite3.connect(store) as connection:
        bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM recordings")]
    decided = [
        b["decisions"]["north/vrf/start_stop"] for b in bodies if "north/vrf/start_stop" in b["decisions"]
    ]
    assert [False, "manual"] in decided
    code, out, err = replay(path, store)
    assert code == 0, out + err


def test_who_passes_through_a_corridor_is_decided_again_though_nobody_was_asked(tmp_path: Path) -> None:
    """The lights wait for the last one to be gone: each who passes puts that off, and asks nothing."""
    site, noon = office(), NOON
    known, rows, asked = Known(site), list[RecordRow](), list[int]()
    season = SeasonKeeper(site.season, site.tz, noon)
    decider = Decider(site, known, calendars(site).tables, season.season)
    recorder = Recorder(decider, season.season, lambda new, _before: rows.extend(new))
    for point in site.points.values():
        if point.role in PRESENT:
            known.put_value(point.id, PRESENT[point.role], Quality.GOOD, noon)
    recorder.begin()
    sensor = site.zones["f1-corridor"].sensors[Role.OCCUPANCY][0].id
    passing = {60: True, 90: False, 150: True, 200: False}
    for second in range(0, 1800, 5):
        if second in passing:
            known.put_value(sensor, passing[second], Quality.GOOD, noon + second)
            asked += [second] if decider.touch(sensor) else []
        recorder(decider.take_turn(noon + second))
    recorder.flush()
    assert len(asked) < len(passing), "some of them asked nothing"
    done = replay_rows(rows, {}, site)
    assert done.difference is None
    assert done.matched == done.decisions
