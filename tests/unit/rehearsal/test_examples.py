"""Every example file: checked, planned, and rehearsed for a day, as whoever copies it would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import config
from config.roles import EquipmentKind, Role
from config.site import Site
from supervisor.cli.main import app
from tests.site_files import site_of_file

EXAMPLES = sorted((Path(config.__file__).parent / "examples").glob("*.yaml"))
DAY = "2026-07-15"
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def said(*words: object) -> str:
    """What a verb prints, which must succeed and complain of nothing."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


def _example(name: str) -> Site:
    """The site of an example file."""
    return site_of_file(next(path for path in EXAMPLES if path.stem == name))


@each
def test_an_example_is_sound_and_plans_its_day(example: Path) -> None:
    """No problem and no warning; in the morning something is handed back or started, in the evening it is off."""
    checked = json.loads(said("check", example, "--format", "json"))
    assert checked["ok"]
    assert [p for p in checked["problems"] if p["severity"] != "note"] == [], "a day that is over is noted"
    events = json.loads(said("plan", example, "--date", DAY, "--format", "json"))["events"]
    assert any(event["role"] == "start_stop" and event["value"] is False for event in events)
    assert any(event["role"] == "start_stop" and event["value"] is not False for event in events)


@each
def test_an_example_is_rehearsed_beside_today_and_saves(example: Path) -> None:
    """It is cooled, its fans turn, and the rules take less."""
    words = ("simulate", example, "--against", "today", "--from", DAY, "--to", DAY, "--format", "json")
    ours, today = json.loads(said(*words))["runs"]
    lit = () if example.stem == "strides" else ("lights",)  # it has none of ours
    for use in ("cooling", "fans", *lit):
        assert 0.0 < ours["energy_kwh"][use] < today["energy_kwh"][use]


def test_the_controllers_example_has_a_template_for_each_type_of_controller() -> None:
    """Two makers' thermostats, a device a room: each has the instances of its maker's manual, and one a contact besides."""
    site = _example("controllers")
    switches = {
        "room-101": ("t-101", "binary-value", 11),
        "room-102": ("t-102", "binary-output", 1),
        "meeting": ("t-103", "binary-value", 11),
    }
    for zone, place in switches.items():
        point = site.points[f"{zone}/thermostat/start_stop"]
        assert (point.device, point.object_type, point.instance) == place
    assert site.points["meeting/thermostat/window"].instance == 4
    assert len({point.device for point in site.points.values()}) == len(site.devices)


def test_the_points_list_example_counts_instances_as_they_stand_in_the_one_controller() -> None:
    """`at: ddc/0` adds nothing, and no two pieces of equipment need a pattern between them."""
    site = _example("points-list")
    assert list(site.devices) == ["ddc"]
    found = {id_: (point.object_type, point.instance) for id_, point in site.points.items()}
    assert found["service-hall/fan-coil/start_stop"] == ("binary-output", 3)
    assert found["mediation/fan-coil/start_stop"] == ("binary-output", 7)
    assert found["office/fan-coil/heating_setpoint"] == ("analog-value", 113)
    assert found["corridor/lights/occupancy"] == ("binary-input", 45)


def test_the_vav_examples_air_handler_is_there_and_not_ours() -> None:
    """Nothing of it is commanded, and every zone knows that it is served."""
    site = _example("vav-floor")
    handler = site.shared["ahu-12"]
    assert handler.kind is EquipmentKind.AHU and Role.START_STOP not in handler.points
    assert not any(point.writable for point in handler.points.values())
    assert all(zone.served_by == ("ahu-12",) for zone in site.zones.values())
