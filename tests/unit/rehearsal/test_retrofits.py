"""A retrofit is a line in a draft: other lamps, another chiller, better windows; and what cannot be is said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app
from supervisor.rehearsal.job import Job, rehearse
from supervisor.rehearsal.result import Result
from tests.unit.rehearsal import small

SUMMER = dt.date(2026, 7, 9)
WINTER = dt.date(2026, 1, 14)


def lived(line: str = "", *, zone: str = "", envelope: str = "", day: dt.date = SUMMER) -> Result:
    """A day of the small building, run as today, with a line more at the top or in the west room."""
    head = small.HEAD.replace("dry_run: true\n", f"dry_run: true\n{line}\n")
    zones = tuple(z.replace("area_m2: 40,", f"area_m2: 40, {zone}") for z in small.ZONES)
    text = small.text(zones, head).replace("window_share: 0.6", f"window_share: 0.6{envelope}")
    return rehearse(Job(text, "draft.yaml", "draft", False, day, day, None, 1, warm_up=86_400.0))


@pytest.fixture(scope="module")
def before() -> Result:
    """The building as it is."""
    return lived()


def test_lamps_of_half_the_power_use_half_the_energy_where_they_hang(before: Result) -> None:
    """`plant: {lighting_w_m2: 4}` for rooms of no special kind; a room's own line goes before it."""
    everywhere = lived("plant: {lighting_w_m2: 4}")
    assert 0.5 < everywhere.energy["lights"] / before.energy["lights"] < 0.6  # corridor and stair keep theirs
    one = lived(zone="lighting_w_m2: 4,")
    assert before.energy["lights"] > one.energy["lights"] > everywhere.energy["lights"]
    assert everywhere.energy["cooling"] < before.energy["cooling"], "lamps heat the room"


def test_a_chiller_of_twice_the_cop_and_units_too(before: Result) -> None:
    """Both kinds of machine are in the building: water from the plant room, and units of their own."""
    chiller = lived("plant: {chiller_cop: 9.6}")
    both = lived("plant: {chiller_cop: 9.6, unit_cooling_cop: 7.2}")
    assert before.energy["cooling"] > chiller.energy["cooling"] > both.energy["cooling"]
    assert both.energy["cooling"] / before.energy["cooling"] == pytest.approx(0.5, abs=0.1)
    assert both.energy["lights"] == before.energy["lights"]


def test_better_windows_and_a_heat_pump() -> None:
    """Less heat through the west room's glass; electricity in place of gas."""
    gas = lived(day=WINTER)
    assert gas.gas > 0.0
    better = lived(envelope=", u_window: 0.8", day=WINTER)
    assert better.gas < gas.gas
    pump = lived("plant: {heater: heat_pump, heat_pump_cop: 3.5}", day=WINTER)
    assert pump.gas == 0.0
    assert pump.energy["heating"] > gas.energy["heating"]


@pytest.mark.parametrize(
    ("line", "zone", "key"),
    [
        ("plant: {chiller_cop: 0}", "", "chiller_cop"), ("plant: {unit_cooling_cop: -3}", "", "unit_cooling_cop"),
        ("plant: {chiler_cop: 5}", "", "chiler_cop"), ("plant: {heater: coal}", "", "heater"), ("", "lighting_w_m2: -1,", "lighting_w_m2"),
    ],
)  # fmt: skip
def test_a_machine_that_cannot_be_is_said_with_its_line(
    tmp_path: Path, line: str, zone: str, key: str
) -> None:
    """COP 0, a negative one, a misspelt key, coal: file, line, caret and a hint, and no traceback."""
    head = small.HEAD.replace("dry_run: true\n", f"dry_run: true\n{line}\n")
    zones = tuple(z.replace("area_m2: 40,", f"area_m2: 40, {zone}") for z in small.ZONES)
    path = small.written(tmp_path, "draft.yaml", zones, head)
    number = 1 + next(n for n, text in enumerate(path.read_text("utf-8").splitlines()) if key in text)
    done = CliRunner().invoke(app, ["simulate", str(path), "--from", "2026-07-09", "--to", "2026-07-09"])
    assert done.exit_code == 1
    assert f"{path}:{number}:" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_room_that_cannot_hold_together_is_said_with_its_line(tmp_path: Path) -> None:
    """One square metre behind a bare wall of twenty metres: each number is allowed, the room is not."""
    tower = small.ZONES[1].replace("area_m2: 40", "area_m2: 1").replace("people: 4", "people: 1")
    tower = tower.replace("window_share: 0.6", "window_share: 0, u_wall: 5, height: 20, mass: very_light")
    zones = (small.ZONES[3], tower)
    path = small.written(tmp_path, "draft.yaml", zones)
    number = 1 + path.read_text("utf-8").splitlines().index(tower.rstrip("\n"))
    done = CliRunner().invoke(app, ["simulate", str(path), "--from", "2026-07-09", "--to", "2026-07-09"])
    assert done.exit_code == 1
    assert f"{path}:{number}:3: error: cannot be simulated: its walls conduct 100 W/K" in done.stderr
    assert "hint:" in done.stderr


def test_a_room_without_floor_is_said_with_its_line(tmp_path: Path) -> None:
    """Zero square metres."""
    zones = tuple(z.replace("area_m2: 40", "area_m2: 0") for z in small.ZONES)
    path = small.written(tmp_path, "draft.yaml", zones)
    done = CliRunner().invoke(app, ["simulate", str(path), "--from", "2026-07-09", "--to", "2026-07-09"])
    assert done.exit_code == 1
    assert "area_m2" in done.stderr and f"{path}:" in done.stderr
