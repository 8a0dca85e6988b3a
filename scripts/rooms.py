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


def containers(contract: Contract) -> list[str]:
    """The packages whose rooms a contract of layers puts in order; the whole house where it says none."""
    return contract.get("containers") or [""]


def diagram(found: list[Contract]) -> Iterator[str]:
    """Mermaid: a box a room, arrows from each layer to the next. A room may import all that is beneath it."""
    yield "flowchart TB"
    for contract in (c for c in found if c["type"] == "layers"):
        for container in containers(contract):
            inner = "  "
            if container:
                yield f'  subgraph {container}["{container}/"]'
                inner = "    "
            rows = [[".".join(filter(None, (container, room))) for room in row] for row in layers(contract)]
            if container:
                for room in (room for row in rows for room in row):
                    yield f'{inner}{room}["{room.removeprefix(container + ".")}"]'
            for upper, lower in itertools.pairwise(rows):
                yield f"{inner}{' & '.join(upper)} --> {' & '.join(lower)}"
            if container:
                yield "  end"


def rooms(found: list[Contract]) -> Iterator[str]:
    """A line of the table for each room, in the order of the layers."""
    for contract in (c for c in found if c["type"] == "layers"):
        for container in containers(contract):
            for room in (room for row in layers(contract) for room in row):
                name = ".".join(filter(None, (container, room)))
                yield f"| `{name.replace('.', '/')}` | {says(name)} |"


def says(module: str) -> str:
    """The first sentence that a room says of itself."""
    place = ROOT.joinpath(*module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
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
