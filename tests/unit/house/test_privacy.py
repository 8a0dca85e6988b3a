"""What a name with an underscore promises: nobody but its own class leans on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = [
    file
    for package in ("config", "schedules", "drivers", "simulator", "supervisor")
    for file in sorted((ROOT / package).rglob("*.py"))
]
OPEN = {
    "_replace", "_asdict", "_fields", "_make", "_field_defaults",  # of a NamedTuple, which has no other way
    "_mapping",  # of a row of SQLAlchemy, documented
    "_exit",  # os._exit
}  # fmt: skip
"""Public, though they do not look it."""
BACPYPES3 = {
    "_local_transport_ready", "_transport_tasks",  # when a socket is open, and what keeps it so: nothing else tells
    "_requests", "_request_done",  # the requests that wait for a device, and how one is given up
    "_cov_detections",  # whom the simulator tells of changes, to be ended at a stop
    "_stop_tracking_registration", "_registration_event", "_registration_handle", "_start_registration",  # as a foreign device
}  # fmt: skip
"""Of bacpypes3 0.0.110, which offers no other way; the pinned version and the contract tests hold them."""
THIRD_PARTY = {
    "drivers/bacnet/bac0/link.py": BACPYPES3,
    "drivers/bacnet/bac0/foreign.py": BACPYPES3,
    "simulator/bacnet/bacpypes_front.py": BACPYPES3,
}


def own_names(class_: ast.ClassDef) -> set[str]:
    """Private names that a class gives itself: methods, class attributes, what it sets on `self`."""
    found = {node.name for node in class_.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in ast.walk(class_):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found.add(node.attr)
    return found


def reached(node: ast.AST, own: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    """Line and name of each private attribute of something else than `self`, `cls` or one's own kind."""
    if isinstance(node, ast.ClassDef):
        own = frozenset(own_names(node))
    if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
        of = node.value
        ourselves = isinstance(of, ast.Name) and of.id in ("self", "cls")
        parent = isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "super"
        if not ourselves and not parent and node.attr not in own | OPEN:
            yield node.lineno, node.attr
    for child in ast.iter_child_nodes(node):
        yield from reached(child, own)


@pytest.mark.parametrize("package", ["config", "schedules", "drivers", "simulator", "supervisor"])
def test_nobody_reaches_into_anothers_private_names(package: str) -> None:
    """Each class can be changed behind its public names, and only its own file has to be read for that."""
    found = [
        f"{name}:{line} .{attribute}"
        for file in FILES
        if (name := str(file.relative_to(ROOT))).startswith(f"{package}/")
        for line, attribute in reached(ast.parse(file.read_text(encoding="utf-8")))
        if attribute not in THIRD_PARTY.get(name, set())
    ]
    assert not found


def test_every_exception_is_still_needed() -> None:
    """What a library no longer has to be asked in secret leaves the list."""
    used = {
        (name, attribute)
        for name in THIRD_PARTY
        for _, attribute in reached(ast.parse((ROOT / name).read_text(encoding="utf-8")))
    }
    assert {attribute for _, attribute in used} == BACPYPES3
    assert {name for name, _ in used} == set(THIRD_PARTY)


def test_a_reach_is_found() -> None:
    """Into another object, through a chain, by assignment; not into one's own kind."""
    text = """
class Keeper:
    def __init__(self, other):
        self._kept = other._kept
        self.__hidden = other.worker._queue
        other._state = self._kept.x
    def again(self):
        return super()._again() + type(self).__name__
"""
    assert [attribute for _, attribute in reached(ast.parse(text))] == ["_queue", "_state"]
