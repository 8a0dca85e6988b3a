"""Who brings cold and heat to a room: a box and its air handler, an air handler alone, one that is not ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.load import load_text
from supervisor.cli.main import app
from tests.unit.rehearsal import small

BOXES = (
    "  open: {hours: office, area_m2: 120, people: 12, equipment: {vav: d2/100, lights: d2/100}}\n",
    "  desk: {hours: office, area_m2: 60, people: 6, equipment: {vav: d2/200, lights: d2/200}}\n",
)
AIR = "  air: {template: ahu, at: d2/0, serves: [open]}\n"
OURS = small.HEAD.replace(AIR, AIR.replace("[open]", "[open, desk]"))
THEIRS = OURS.replace(
    "    points: {start_stop: {object: binary-output:9, writable: true}, run_status: binary-input:9}\n",
    "    points: {run_status: binary-input:9}\n",
)
UNKNOWN = OURS.replace(
    "    points: {start_stop: {object: binary-output:9, writable: true}, run_status: binary-input:9}\n", ""
)
SUMMER = ("--from", "2026-07-09", "--to", "2026-07-09")
WINTER = ("--from", "2026-01-14", "--to", "2026-01-14")


def simulate(*arguments: object) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def runs(
    folder: Path, head: str, zones: tuple[str, ...] = BOXES, days: tuple[str, ...] = SUMMER
) -> list[Any]:
    """A day by the rules and as people run it today."""
    path = small.written(folder, zones=zones, head=head)
    done = simulate(path, "--against", "today", *days, "--faults", "never", "--format", "json")
    assert done.exit_code == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)["runs"]
    return found


def test_a_box_without_an_air_handler_is_said_on_the_first_line_and_nothing_is_simulated(
    tmp_path: Path,
) -> None:
    """It would cool nothing, and save what nobody ever used; the zone, its line and both ways out are named."""
    head = OURS.replace("equipment:\n" + AIR.replace("[open]", "[open, desk]"), "")
    path = small.written(tmp_path, zones=BOXES, head=head)
    done = simulate(path, "--against", "today", *SUMMER)
    line = head.count("\n") + 1
    assert done.exit_code == 1
    assert done.stdout == ""
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"{path}:{line}:3: error: ")
    assert "the VAV box of zone open has no air handler" in first
    assert "zone desk has no air handler" in done.stderr
    assert "区域 open 的变风量末端没有空调机组供风" in simulate(path, *SUMMER, "--lang", "zh").stderr
    assert "without start_stop" in done.stderr


def test_a_box_that_the_air_handler_does_not_serve_is_told_with_the_air_handlers_name(tmp_path: Path) -> None:
    """One zone of two was forgotten in `serves`: the other is no problem."""
    path = small.written(tmp_path, zones=BOXES)
    done = simulate(path, *SUMMER, "--format", "json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 1
    (problem,) = answer["problems"]
    assert problem["path"] == "zones.desk"
    assert "add desk to `serves:` of air" in problem["hint"]
    assert "把 desk 加到 air" in problem["hint_zh"]


@pytest.mark.parametrize("head", [OURS, THEIRS, UNKNOWN], ids=["ours", "only read", "only told"])
def test_an_air_handler_cools_its_boxes_whether_or_not_it_is_ours_to_command(
    tmp_path: Path, head: str
) -> None:
    """Nobody's start_stop: it runs by its own schedule, boxes are throttled and shut by the rules, and that saves."""
    ours, today = runs(tmp_path, head)
    for use in ("cooling", "fans", "pumps"):
        assert today["energy_kwh"][use] > 1.0, use
        assert ours["energy_kwh"][use] < today["energy_kwh"][use]
    assert ours["hvac_kwh"] < 0.75 * today["hvac_kwh"]
    assert today["comfort"]["kelvin_hours_above_27"] == 0.0
    assert set(ours["compliance"]["writes"]) == {"ok"}


@pytest.mark.parametrize("head", [OURS, THEIRS], ids=["ours", "only read"])
def test_a_hall_that_has_no_box_is_cooled_by_its_air_handler_itself(tmp_path: Path, head: str) -> None:
    """The air handler is the unit of the room: its setpoint is the room's, its fan runs at full air."""
    hall = ("  open: {kind: hall, hours: office, area_m2: 120, equipment: {lights: d2/100}}\n",)
    head = head.replace("[open, desk]", "[open]").replace(
        "run_status: binary-input:9}",
        "run_status: binary-input:9, cooling_setpoint: {object: analog-value:9, writable: true}}",
    )
    ours, today = runs(tmp_path, head, hall)
    assert today["energy_kwh"]["cooling"] > 10.0
    assert today["energy_kwh"]["fans"] > 5.0
    assert ours["energy_kwh"]["cooling"] < 0.95 * today["energy_kwh"]["cooling"]
    assert today["comfort"]["kelvin_hours_above_27"] < 1.0


def test_boxes_and_air_handlers_may_be_heated_from_sources_of_their_own(tmp_path: Path) -> None:
    """Gas for all; electric coils in the boxes; then in the air handler too: no gas is left."""
    figures = []
    for plant in ("", "plant: {reheat: electric}\n", "plant: {reheat: electric, air_heater: electric}\n"):
        _ours, today = runs(tmp_path, OURS.replace("zones:\n", plant + "zones:\n"), days=WINTER)
        figures.append((today["energy_kwh"]["heating"], today["gas_kwh"]))
    gas, mixed, electric = figures
    assert gas[0] == 0.0 and gas[1] > 10.0
    assert mixed[0] > 5.0 and 1.0 < mixed[1] < gas[1]
    assert electric[1] == 0.0 and electric[0] > mixed[0]


@pytest.mark.parametrize("heater", ["gas", "electric"])
def test_units_of_their_own_may_heat_by_gas_or_by_resistance(tmp_path: Path, heater: str) -> None:
    """A rooftop unit with a furnace, a split unit with an electric coil: more than the heat pump takes."""
    plain = runs(tmp_path, small.HEAD.replace("equipment:\n" + AIR, ""), small.ZONES[:1], WINTER)[1]
    head = small.HEAD.replace("equipment:\n" + AIR, f"plant: {{unit_heater: {heater}}}\n")
    other = runs(tmp_path, head, small.ZONES[:1], WINTER)[1]
    assert plain["gas_kwh"] == 0.0 < plain["energy_kwh"]["heating"]
    if heater == "gas":
        assert other["energy_kwh"]["heating"] == 0.0
        assert other["gas_kwh"] > 2.0 * plain["energy_kwh"]["heating"]
    else:
        assert other["gas_kwh"] == 0.0
        assert other["energy_kwh"]["heating"] > 2.0 * plain["energy_kwh"]["heating"]


def test_an_air_handler_that_is_not_ours_to_command_serves_zones_or_is_refused() -> None:
    """In a zone it would be the zone's own unit, which nobody could stop; and what cannot be started is not ours."""
    inside = "  open: {hours: office, equipment: {ahu: d2/100}}\n"
    (problem,) = [p for p in load_text(small.text((inside,), UNKNOWN), "s.yaml").problems if "ahu" in p.path]
    assert "without it this ahu can only serve zones" in problem.message
    assert "只能登记为服务多个区域的设备" in problem.message_zh
    ours = UNKNOWN.replace("serves: [open, desk]", "serves: [open, desk], base: supervisor")
    (problem,) = load_text(small.text(BOXES, ours), "s.yaml").problems
    assert "we could not start it" in problem.message
    assert load_text(small.text(BOXES, UNKNOWN), "s.yaml").problems == []
