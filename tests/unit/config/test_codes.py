"""A problem's code is part of its message: programs go by it while sentences are reworded."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from typing import get_args

import pytest

from config.codes import CODES, Code, Coded
from config.codes_page import page
from config.problems import nearest

_ROOT = Path(__file__).parents[3]
_FOLDERS = ("config", "schedules", "drivers", "simulator", "supervisor")
_SLIPS = {"Slip": 2, "Named": 1, "_at": 1}
"""What names a slip, and where in it the code stands."""


def _written() -> set[str]:
    """Every code that some message in the program carries."""
    found: set[str] = set()
    for folder in _FOLDERS:
        for path in (_ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                place = 0 if name == "Coded" else _SLIPS.get(name)
                if place is not None and len(node.args) > place:
                    given = node.args[place]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        found.add(given.value)
    return found


def test_every_message_has_a_code_that_the_reference_explains_and_none_is_left_over() -> None:
    """Types see that a problem is coded; here, that the list is neither too short nor too long."""
    assert set(get_args(Code)) == set(CODES)
    assert _written() | {"profile"} == set(CODES)
    assert all(f"| `{name}` |" in page() for name in CODES)
    assert (_ROOT / "docs/reference/problem-codes.md").read_text(encoding="utf-8") == page()


def test_a_code_goes_with_its_message_to_another_process() -> None:
    """A rehearsal's problems are found in one."""
    said = pickle.loads(pickle.dumps(Coded("yaml", "no key", "没有键")))
    assert (said.code, said.en, said.zh) == ("yaml", "no key", "没有键")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("ddc-3", "ddc-2"), ("ddc-10", "ddc-1"), ("f1-hall", "f2-hall"), ("room-201", "room-202"), ("supply_temperature", "temperature"),
        ("supply_air", "return_air"), ("heating", "cooling"), ("indoor_temp", "outdoor_temp"), ("east-hall", "west-hall"),
        ("inlet", "outlet"), ("pump-1", "pump-2"), ("hot_water", "cold_water"), ("东侧走廊", "西侧走廊"), ("一层大厅", "二层大厅"),
        ("供水温度", "回水温度"), ("上行电梯", "下行电梯"), ("男更衣室", "女更衣室"), ("201 办公室", "202 办公室"), ("甲楼门厅", "乙楼门厅"),
    ],
)  # fmt: skip
def test_a_neighbour_is_never_offered(said: str, known: str) -> None:
    """Another number, side, floor or flow is another thing: who takes the hint would supervise the wrong room."""
    assert nearest(said, [known]) is None


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("ofice", "office"), ("ddc2", "ddc-2"), ("dcd-2", "ddc-2"), ("f1-hal", "f1-hall"), ("f01-hall", "f1-hall"), ("heting", "heating"),
        ("temprature", "temperature"), ("summer_setpoint", "summer-setpoint"), ("东侧走郎", "东侧走廊"), ("workdays", "workday"),
    ],
)  # fmt: skip
def test_a_slip_within_a_name_is(said: str, known: str) -> None:
    """A letter more, less or exchanged, a dash forgotten."""
    assert nearest(said, [known]) == known
