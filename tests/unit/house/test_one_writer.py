"""Design §2: one writer. Only the gateway calls a driver's write."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("config", "schedules", "drivers", "simulator", "supervisor")
WRITERS = {
    "write": {"supervisor/gateway/writes.py": 1, "supervisor/field/vetting.py": 1},
    "write_many": {"supervisor/gateway/convoy.py": 1, "supervisor/field/vetting.py": 1},
}
"""The gateway, for one point and for several of a device; and what stands between it and the driver, to which it hands them."""


def calls(source: str, name: str) -> list[str]:
    """Every `….driver.name(…)` of a module, also of `_driver`, as it is written."""
    found = [
        node.func
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return [
        ast.unparse(call)
        for call in found
        if call.attr == name and ast.unparse(call.value).rpartition(".")[2].strip("_").endswith("driver")
    ]


@pytest.mark.parametrize("text", ["ctx.driver.write(a, 1, 10)", "self._driver.write(a, None, 10)"])
def test_a_second_writer_would_be_seen(text: str) -> None:
    """The search itself can fail."""
    assert calls(text, "write")


@pytest.mark.parametrize("name", WRITERS)
def test_only_the_gateway_writes_to_a_device(name: str) -> None:
    """Allow-list, range, rate, journal and read-back stand in one place; nothing goes round it."""
    writers = {
        str(path.relative_to(ROOT)): len(found)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (found := calls(path.read_text(encoding="utf-8"), name))
    }
    assert writers == WRITERS[name]
