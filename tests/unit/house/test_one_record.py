"""What is known of a slot is changed by the slot alone: nobody else assigns a field of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from supervisor.gateway.commandable import Commandable, Wish
from supervisor.gateway.pacing import Pace
from supervisor.gateway.sent import Sent
from supervisor.gateway.slot import Slot

ROOT = Path(__file__).parents[3]
RECORDS = (Slot, Sent, Wish, Pace, Commandable)
FIELDS = {f.name for record in RECORDS for f in fields(record)}
OWN = {"self", "cls"}


def assigned(source: str) -> set[str]:
    """Fields of those records that a module assigns on something that is not itself."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        found |= {ast.unparse(each) for target in targets for each in _leaves(target) if _is_anothers(each)}
    return found


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _leaves(each)
    else:
        yield target


def _is_anothers(target: ast.expr) -> bool:
    if not isinstance(target, ast.Attribute) or target.attr not in FIELDS:
        return False
    return not (isinstance(target.value, ast.Name) and target.value.id in OWN)


@pytest.mark.parametrize("line", ["c.slot.row = None", "c.wish.dirty, x = True, 1", "c.pace.failures += 1"])
def test_a_second_hand_would_be_seen(line: str) -> None:
    """The search itself can fail."""
    assert assigned(line)


@pytest.mark.parametrize("room", ["gateway", "rehearsal"])
def test_nobody_else_changes_what_is_known_of_a_slot(room: str) -> None:
    """Thirty-two fields assigned in five files: nobody could say what may follow what."""
    hands = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / "supervisor" / room).rglob("*.py")
        if (found := assigned(path.read_text(encoding="utf-8")))
    }
    assert hands == {}
