"""The rooms of this house as a diagram and a table, from the import contracts of pyproject.toml and the rooms' own docstrings.

`python scripts/rooms.py docs/architecture.md` prints that page with what stands between its two marks written anew.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
BEGIN, END = "<!-- written by scripts/docs from the import contracts -->", "<!-- end of what is written -->"

Contract = dict[str, Any]


def contracts() -> list[Contract]:
    """The contracts as pyproject.toml has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[Contract] = settings["tool"]["importlinter"]["contracts"]
    return found


def layers(contract: Contract) -> list[list[str]]:
    """The layers of a contract, top to bottom; rooms of one layer stand beside each other."""
    return [re.findall(r"[\w.]+", layer) for layer in contract["layers"]]


def house(found: list[Contract]) -> dict[str, list[list[str]]]:
    """The rooms within each folder, by layers, top to bottom; those of the whole house under "".

    A room is a package. Files that are put in order within a room are left to pyproject.toml: the page stays one.
    """
    all_rooms = {}
    for contract in (c for c in found if c["type"] == "layers"):
        for folder in contract.get("containers") or [""]:
            rows = [[".".join(filter(None, (folder, room))) for room in layer] for layer in layers(contract)]
            rows = [kept for row in rows if (kept := [room for room in row if _place(room).is_dir()])]
            if sum(map(len, rows)) > 1:
                all_rooms[folder] = rows
    return all_rooms


def diagram(found: list[Contract]) -> Iterator[str]:
    """Mermaid: a box a room, arrows from each layer to the next. A room may import all that is beneath it."""
    yield "flowchart TB"
    yield from _drawn(house(found), "", "  ")


def _drawn(inside: dict[str, list[list[str]]], folder: str, indent: str) -> Iterator[str]:
    for room in (room for row in inside[folder] for room in row):
        name = room.rpartition(".")[2]
        if room in inside:
            yield f'{indent}subgraph {room}["{name}/"]'
            yield from _drawn(inside, room, indent + "  ")
            yield f"{indent}end"
        else:
            yield f'{indent}{room}["{name}"]'
    for upper, lower in itertools.pairwise(inside[folder]):
        yield f"{indent}{' & '.join(upper)} --> {' & '.join(lower)}"


def rooms(found: list[Contract]) -> Iterator[str]:
    """A line of the table for each room, each followed by the rooms within it."""
    inside = house(found)

    def within(folder: str) -> Iterator[str]:
        for room in (room for row in inside.get(folder, ()) for room in row):
            yield f"| `{room.replace('.', '/')}` | {says(room)} |"
            yield from within(room)

    return within("")


def _place(module: str) -> Path:
    return ROOT.joinpath(*module.split("."))


def says(module: str) -> str:
    """The first sentence that a room says of itself."""
    file = _place(module) / "__init__.py"
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def others(found: list[Contract]) -> Iterator[str]:
    """What holds besides the layers, by the contracts' own names."""
    return (f"- {c['name']}" for c in found if c["type"] != "layers")


def written(page: str) -> str:
    """A page with the part between its marks written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    found = contracts()
    parts = [
        "```mermaid",
        *diagram(found),
        "```",
        "",
        "| room | what it holds |",
        "|---|---|",
        *rooms(found),
        "",
    ]
    parts += ["And besides:", "", *others(found)]
    return f"{before}{BEGIN}\n" + "\n".join(parts) + f"\n{END}{after}"


if __name__ == "__main__":
    sys.stdout.write(written(Path(sys.argv[1]).read_text(encoding="utf-8")))
