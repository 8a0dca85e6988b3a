"""A room by what people call it: its `name:`, where the file has its identifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.problems import Path
from config.signs.alike import same_name
from config.source import Tree

_REFERS: Final[Mapping[tuple[str, ...], str]] = {
    ("exemptions", "zones"): "zones",
    ("equipment", "*", "serves"): "zones",
    ("meters", "*", "parent"): "meters",
    ("meters", "*", "of"): "meters",
    ("meters", "*", "organisation"): "organisations",
}
"""Where the file names what another section defines; `*` is any name."""


class Names:
    """What each section calls its entries."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._known: dict[str, tuple[frozenset[str], dict[str, str]]] = {}

    def section(self, path: Path, *, key: bool = False) -> str:
        """The section that a value at a path refers to, `key` for its keys; empty where it refers to none."""
        if key:
            return "zones" if path == ("energyplus", "zones") else ""
        parts = tuple(part for part in path if isinstance(part, str))
        for pattern, section in _REFERS.items():
            if len(pattern) == len(parts) and all(p in ("*", q) for p, q in zip(pattern, parts, strict=True)):
                return section
        return ""

    def id(self, section: str, word: str) -> str | None:
        """The identifier of what is called so; None where it is one already, or where nothing or several are."""
        if section not in self._known:
            self._known[section] = self._of(section)
        ids, called = self._known[section]
        return None if word.strip() in ids else called.get(same_name(word)) or None

    def _of(self, section: str) -> tuple[frozenset[str], dict[str, str]]:
        node = self.tree.child(section)
        entries = node.children if node is not None and isinstance(node.children, dict) else {}
        found = []
        for key, entry in entries.items():
            name = entry.child("name")
            if name is not None and name.text:
                found.append((key, name.text))
        return frozenset(entries), by_name(found)


def by_name(entries: list[tuple[str, str]]) -> dict[str, str]:
    """Identifiers by what people call them; a name that two have is nobody's (empty)."""
    found: dict[str, str] = {}
    for key, name in entries:
        called = same_name(name)
        found[called] = "" if called in found else key
    return found
