"""Every example file: checked, planned, and rehearsed for a day, as whoever copies it would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import config
from config.load import load
from config.roles import EquipmentKind, Role
from supervisor.cli.main import app

EXAMPLES = sorted((Path(config.__file__).parent / "examples").glob("*.yaml"))
DAY = "2026-07-15"
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def said(*words: object) -> str:
    """What a verb prints, which must succeed and complain of nothing."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


@each
def test_an_example_is_sound_and_plans_its_day(example: Path) -> None:
    """No problem and no warning; in the morning something is handed back or started, in the evening it is off."""
    assert json.loads(said("check", example, "--format", "json")) == {"ok": True, "problems": []}
    events = json.loads(said("plan", example, "--date", DAY, "--format", "json"))["events"]
    assert any(event["role"] == "start_stop" and event["value"] is False for event in events)
    assert any(event["role"] == "start_stop" and event["value"] is not False for event in events)


@each
def test_an_example_is_rehearsed_beside_today_and_saves(example: Path) -> None:
    """It is cooled, its fans turn, and the rules take less."""
    words = ("simulate", example, "--against", "today", "--from", DAY, "--to", DAY, "--format", "json")
    ours, today = json.loads(said(*words))["runs"]
    for use in ("cooling", "fans", "lights"):
        assert 0.0 < ours["energy_kwh"][use] < today["energy_kwh"][use]


def test_the_controllers_example_counts_instances_as_they_stand_in_the_device() -> None:
    """`at: t-102/0` adds nothing: the template's instances, device by device, and one contact of its own."""
    site = load(next(path for path in EXAMPLES if path.stem == "controllers")).site
    assert site is not None
    for zone, device in (("room-101", "t-101"), ("room-102", "t-102"), ("meeting", "t-103")):
        point = site.points[f"{zone}/thermostat/start_stop"]
        assert (point.device, point.object_type, point.instance) == (device, "binary-value", 11)
    assert site.points["meeting/thermostat/window"].instance == 4


def test_the_vav_examples_air_handler_is_there_and_not_ours() -> None:
    """Nothing of it is commanded, and every zone knows that it is served."""
    site = load(next(path for path in EXAMPLES if path.stem == "vav-floor")).site
    assert site is not None
    handler = site.shared["ahu-12"]
    assert handler.kind is EquipmentKind.AHU and Role.START_STOP not in handler.points
    assert not any(point.writable for point in handler.points.values())
    assert all(zone.served_by == ("ahu-12",) for zone in site.zones.values())
