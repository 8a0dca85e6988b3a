"""Design §2: one writer. Only the gateway is given a FieldWriter, and only the gateway calls its write."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("config", "schedules", "drivers", "simulator", "supervisor")
WRITERS = {
    "write": {"supervisor/gateway/writes.py": 1, "supervisor/field/vetted.py": 1, "drivers/mux.py": 1},
    "write_many": {
        "supervisor/gateway/convoy.py": 1,
        "supervisor/gateway/worker.py": 1,
        "supervisor/field/vetted.py": 1,
        "drivers/mux.py": 2,
    },
    "write_date_list": {
        "supervisor/gateway/date_lists.py": 1,
        "supervisor/field/vetted.py": 1,
        "drivers/mux.py": 1,
    },
}
"""The gateway, for one point and for several of a device; and what stands between it and the driver, to which it hands them; the
mux hands them to the wire of the device."""
THROUGH = ("supervisor/field/vetted.py", "drivers/mux.py")
"""Writers over a writer: one knows the devices, one chooses among wires."""
KNOWS = (
    "drivers/protocol.py",
    "supervisor/gateway/",
    "supervisor/field/vetted.py",
    "supervisor/daemon/assemble.py",
)
"""Who may name a FieldWriter: where it is defined, the gateway, what stands before it, and the assembly."""
GIVEN = ("Gateway", "known", "release_offline", "release_lost", "search")
"""What a line's writer may be handed to: the gateway, and those of its functions that make one."""


def uses(source: str, name: str) -> list[str]:
    """Every `….driver.name` of a module, also of `_driver` and of a line's `.writer`, as it is written."""
    if name not in source:  # most modules need not be parsed
        return []
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    owners = ((ast.unparse(node), ast.unparse(node.value)) for node in found if node.attr == name)
    return [text for text, owner in owners if owner.strip("_").endswith(("driver", ".writer"))]


def named(source: str) -> list[str]:
    """Every mention of the type, be it imported under another name or written as a string."""
    if "Writer" not in source:
        return []
    tree = ast.parse(source)
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names += [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [node.name for node in ast.walk(tree) if isinstance(node, ast.alias | ast.ClassDef)]
    names += [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [name for name in names if name in ("FieldWriter", "VettedWriter")]


def kept(source: str) -> list[str]:
    """Every `….writer` of a module that is not handed to a gateway there and then."""
    if "writer" not in source:
        return []
    tree = ast.parse(source)
    handed = {
        argument
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in GIVEN
        for argument in call.args
    }
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "writer" and node not in handed
    ]


def everywhere(found_in: Callable[[str], list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Each module of ours in which something is found."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if found := found_in(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), found


@pytest.mark.parametrize(
    "text", ["ctx.driver.write(a, 1, 10)", "self._driver.write(a, None, 10)", "go(line.writer.write)"]
)
def test_a_second_writer_would_be_seen(text: str) -> None:
    """The search itself can fail."""
    assert uses(text, "write")


@pytest.mark.parametrize(
    "text", ["from drivers.protocol import FieldWriter as W", "w: protocol.FieldWriter", "w: 'FieldWriter'"]
)
def test_a_second_owner_would_be_seen(text: str) -> None:
    """The search itself can fail, whatever it is called by."""
    assert named(text)


def test_a_writer_laid_aside_would_be_seen() -> None:
    """Kept in a variable, or handed to anybody else than a gateway."""
    assert kept("self.pen = line.writer")
    assert kept("Reader(site, line.writer)")
    assert not kept("Gateway(site, vetted(site, line, register).writer, store)")


@pytest.mark.parametrize("name", WRITERS)
def test_only_the_gateway_writes_to_a_device(name: str) -> None:
    """Allow-list, range, rate, journal and read-back stand in one place; nothing goes round it."""
    found = everywhere(lambda source: uses(source, name))
    assert {path: len(uses) for path, uses in found} == WRITERS[name]


def test_only_the_gateway_is_given_a_field_writer() -> None:
    """By its type: whatever else looks at devices holds a FieldReader, which has no write."""
    strangers = [path for path, _ in everywhere(named) if not path.startswith(KNOWS)]
    assert strangers == []


def test_the_writer_of_a_line_is_handed_to_a_gateway_and_kept_by_nobody() -> None:
    """The daemon hands a line on, the assembly makes it; its writer goes where it belongs."""
    keepers = {path: found for path, found in everywhere(kept) if path not in THROUGH}
    assert keepers == {}
