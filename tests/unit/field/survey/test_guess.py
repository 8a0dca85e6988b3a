"""Roles of points in a strange building: guessed from all that is said of them, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.roles import WRITABLE_ROLES, Role
from supervisor.field.survey.ede import read
from supervisor.field.survey.evidence import Seen
from supervisor.field.survey.guess import guess
from tests.survey.score import LISTS, main, scored


def said(name: str, kind: str, unit: str | None = "", description: str = "") -> Role | None:
    """The adopted role."""
    return guess(Seen(name, description, unit, kind)).adopted


@pytest.mark.parametrize(
    ("name", "kind", "unit", "role"),
    [
        ("FCU-3-12_Start", "binary-output", "", Role.START_STOP),
        ("301风机盘管启停", "binary-output", "", Role.START_STOP),
        ("FP301_QT", "binary-output", "", Role.START_STOP),
        ("ZN-T", "analog-input", "degF", Role.TEMPERATURE),
        ("SWWD", "analog-input", "degC", Role.OUTDOOR_TEMPERATURE),
        ("Zone_Air_Cooling_Temperature_Setpoint", "analog-value", "degC", Role.COOLING_SETPOINT),
        ("305设定温度", "analog-value", "degC", Role.SETPOINT),
        ("窗磁状态", "binary-input", "", Role.WINDOW),
        ("PIR 12", "binary-input", "", Role.OCCUPANCY),
        ("消防报警信号", "binary-input", "", Role.FIRE_ALARM),
    ],
)
def test_a_name_in_any_tongue(name: str, kind: str, unit: str, role: Role) -> None:
    """English, Chinese, pinyin, Brick and vendors' abbreviations."""
    assert said(name, kind, unit) is role


@pytest.mark.parametrize(
    "name",
    ["L3疏散照明控制", "应急照明回路开关", "EML1 lighting cmd", "Egress lights on/off", "排烟风机启停", "YJZM_KG", "机房插座控制", "UPS socket cmd",
     "Fire mode AHU start", "Smoke damper cmd"],
)  # fmt: skip
def test_escape_routes_and_life_safety_are_never_commanded(name: str) -> None:
    """A word of these forbids any role that may be commanded, whatever else the name says."""
    for kind in ("binary-output", "binary-value", "multi-state-value", "analog-value"):
        assert said(name, kind) not in WRITABLE_ROLES


@pytest.mark.parametrize(
    ("name", "kind", "unit"),
    [
        ("DA-T", "analog-input", "degC"), ("送风温度", "analog-input", "degC"), ("冷冻水供水温度", "analog-input", "degC"),
        ("Supply Air Temperature Setpoint", "analog-value", "degC"), ("Airflow setpoint", "analog-value", None),
        ("Unoccupied cooling setpoint", "analog-value", "degC"), ("设定温度反馈", "analog-value", "degC"),
        ("Fan speed command", "multi-state-output", ""), ("窗帘开关", "binary-output", ""), ("Chiller 1 enable", "binary-output", ""),
        ("AI17", "analog-input", "degC"), ("DO3", "binary-output", ""),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_role_gets_none(name: str, kind: str, unit: str | None) -> None:
    """An abstention costs a minute, a wrong guess a building."""
    assert said(name, kind, unit) is None


@pytest.mark.parametrize(
    "name",
    ["AHU-1 electric heater enable", "新风机组电加热控制", "AHU1_HFJ_QT", "FCU-3 Med Cmd", "FP1_GS_KZ", "FCU-1 Stop", "备用照明控制",
     "航空障碍灯控制", "Light sensor enable", "精密空调启停", "AHU-1 Shutdown Cmd", "FCU spare DO cmd", "空调压缩机启停",
     "当前设定温度", "夜间设定温度", "FCU control mode", "风机盘管高档控制", "火灾联动风机盘管停机", "VRF remote control prohibit"],
)  # fmt: skip
def test_parts_of_a_machine_and_pulses_are_no_start(name: str) -> None:
    """Heaters, speeds, stops, spares, interlocks, mirrors: near to what may be commanded, and never taken for it."""
    for kind, unit in (
        ("binary-output", ""),
        ("binary-value", ""),
        ("multi-state-value", ""),
        ("analog-value", "degC"),
    ):
        assert said(name, kind, unit) not in WRITABLE_ROLES


def test_unit_and_type_have_their_say() -> None:
    """A temperature in pascals, a start that is an input, a setpoint that is an input: none of them."""
    assert said("Room temp", "analog-input", None) is None
    assert said("FCU start", "binary-input") is not Role.START_STOP
    assert said("Room temp setpoint", "analog-input", "degC") is None


def test_a_reason_in_both_languages() -> None:
    """The integrator is told why, and why not."""
    found = guess(Seen("301风机盘管启停", "", "", "binary-output"))
    assert "启停" in found.why.zh
    assert "start_stop" in found.why.en
    assert "疏散" in guess(Seen("疏散照明控制", "", "", "binary-output")).why.zh


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.csv")), ids=lambda path: path.stem)
def test_the_labelled_lists(path: Path) -> None:
    """Seven naming styles: ninety in a hundred right, at most two wrong, none of them commandable."""
    score, notes = scored(read(path.read_bytes()).things)
    every = score.right.total() + score.wrong.total() + score.abstained.total()
    assert score.commandable == 0, notes
    assert score.right.total() >= 0.9 * every
    assert score.wrong.total() <= 0.02 * every


def test_the_score_counts_what_is_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A list whose labels differ from the guesses: wrong and abstained are told by role and line, and the exit says so."""
    path = tmp_path / "odd.csv"
    path.write_text(
        "object-name;object-type;unit-code;role\nFCU 5 start;BO;;\nRoom temp;AI;62;temperature\nAI9;AI;62;temperature\n"
    )
    assert main([str(path)]) == 1
    out = capsys.readouterr().out
    assert "commandable wrong 1" in out
    assert "line 2: FCU 5 start" in out
    assert "abstained    1" in out


def test_a_label_that_is_no_role_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It counts as none, and is named: it may be misspelt. Types and units may be spelt as programs do."""
    path = tmp_path / "odd.csv"
    path.write_text(
        "name,object_type,units,role\nFan speed,OBJECT_ANALOG_OUTPUT,percent,fan_speed\nRoom temp,analogInput,degreesCelsius,temperature\n"
    )
    assert main([str(path)]) == 0
    out = capsys.readouterr().out
    assert "label `fan_speed` is no role" in out
    assert "right    2 (100.0 %)" in out
