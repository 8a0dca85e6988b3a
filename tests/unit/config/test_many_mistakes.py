"""Files with tens of thousands of mistakes: told within seconds, the first ones with their hints."""

from __future__ import annotations

import datetime as dt
from time import process_time

import pytest

from config.load import load_text
from config.problems import Problem
from tests.unit.config.conftest import SMALL

MANY = 50_000
A_SECOND = 1_000
"""Mistakes, at least, that a second of processor time suffices for, on a machine with others on it. It is the YAML
parser's second; what once took twelve minutes for fifty thousand grew as the square of them."""


def _told(old: str, new: str, many: int, today: dt.date) -> list[Problem]:
    """The problems of the small site with a piece replaced by many mistakes, told in time."""
    assert old in SMALL
    begun = process_time()
    problems = load_text(SMALL.replace(old, new, 1), today=today).problems
    assert process_time() - begun < many / A_SECOND
    assert len(problems) == 501
    return problems


@pytest.mark.parametrize(
    ("old", "each", "many"),
    [
        ("priority: 10\n", "k{i}: 1\n", MANY),
        ("  office:\n", "  g{i}: {{foo: 1}}\n", 10_000),
        ("  room-1:\n", "  r{i}: {{hours: office, foo: 1}}\n", 10_000),
    ],
)
def test_fifty_thousand_unknown_keys_take_seconds(old: str, each: str, many: int, today: dt.date) -> None:
    """At the top; and ten thousand, one in each of as many groups of hours, one in each of as many rooms."""
    problems = _told(old, "".join(each.format(i=i) for i in range(many)) + old, many, today)
    assert all(p.message.startswith("unknown key") and p.hint for p in problems[:-1])
    assert problems[-1].message == f"{many - 500} more problems are not shown"


def test_names_that_nothing_defines_are_likened_while_it_is_quick(today: dt.date) -> None:
    """Ten thousand exempt rooms, all misspelt: the first ones are told which was meant, the rest that it is none."""
    wrong = ", ".join(f"room-{i}" for i in range(3, 10_003))
    problems = _told("zones: [server]", f"zones: [sever, {wrong}]", 10_000, today)
    assert problems[0].hint == "did you mean `server`?"
    rooms = "".join(f"  room{i}: {{hours: office}}\n" for i in range(4_000))
    begun = process_time()
    text = SMALL.replace("  room-1:\n", rooms + "  room-1:\n").replace("zones: [server]", f"zones: [{wrong}]")
    problems = load_text(text, today=today).problems
    assert process_time() - begun < 10_000 / A_SECOND
    assert problems[0].hint == "did you mean `room3`?"
    assert problems[400].hint == "see the names under `zones:`"


def test_meters_above_one_another_are_followed_once(today: dt.date) -> None:
    """A chain of thousands is none of a circle's; a circle of two is told at both, what hangs below it is not."""
    old = "  main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: kWh}}\n"
    point = "point: {{at: ddc-2/analog-input:{i}, unit: kWh}}"
    line = f"  m{{i}}: {{{{subitem: hvac, {point}, parent: m{{above}}}}}}\n"
    chain = "".join(line.format(i=i + 100, above=i + 99) for i in range(1, 3_000)) + line.format(
        i=100, above=101
    )
    problems = load_text(SMALL.replace(old, old + chain), today=today).problems
    assert [p.message for p in problems] == [
        "meter `m101` stands above itself", "meter `m100` stands above itself",
    ]  # fmt: skip
