"""Lists of a file: which item lost its dash."""

from __future__ import annotations

from typing import NamedTuple

from config.signs import said
from config.signs.edits import Mended


class _Level(NamedTuple):
    """A list or a section that goes on at a depth: where it began."""

    depth: int
    listed: bool
    line: int
    column: int
    flow: bool = False
    word: str = ""
    """The first key of a section."""


class Dashes:
    """What goes on at which depth, from line to line, outside brackets."""

    def __init__(self, mended: Mended) -> None:
        self.mended = mended
        self.levels: list[_Level] = []
        self.loose: tuple[int, set[str]] | None = None
        """How deep an item stands that lost its dash, and its keys so far: one that comes again begins another item."""

    def dash(self, n: int, depth: int, word: str) -> None:
        """A dash at a depth: an item of the list there, or of a list whose first item has none. `word`: its first key, or
        the bracket it begins with."""
        self.loose = None
        self._leave(depth)
        top = self.levels[-1] if self.levels else None
        if top is None or top.depth < depth:
            self.levels.append(_Level(depth, True, n, depth))
            return
        if not top.listed and word and word == top.word and self._nested(depth):
            self.levels.pop()
            self.mended.slips.append(said.no_dash(top.line, top.column))
            self.mended.edit(top.line, top.column, 0, "- ")
            if not top.flow:
                for line in range(top.line + 1, n):
                    self.mended.edit(line, 0, 0, "  ")
            self.levels.append(_Level(depth, True, top.line, depth))
        elif not top.listed:
            self.levels.append(
                _Level(depth, True, n, depth)
            )  # beneath a key of the same depth, as YAML allows

    def key(self, n: int, depth: int, at: int, word: str, dashed: bool) -> None:
        """A key at a depth, behind a dash or not."""
        if dashed:
            self.levels.append(_Level(depth, False, n, at, word=word))
            return
        self._leave(depth)
        top = self.levels[-1] if self.levels else None
        if top is not None and top.depth == depth and top.listed:
            beneath = self.levels[-2] if len(self.levels) > 1 else None
            if beneath is not None and beneath.depth == depth:
                self.levels.pop()  # the section goes on whose key the list stood beneath
            elif self.loose is not None and self.loose[0] == depth and word not in self.loose[1]:
                self.loose[1].add(word)
                self.mended.edit(n, 0, 0, "  ")
            else:
                self._missing(n, at)
                self.loose = (depth, {word})
                self.levels.append(_Level(depth + 2, False, n, at, word=word))
        elif top is None or top.depth < depth:
            self.levels.append(_Level(depth, False, n, at, word=word))

    def other(self, n: int, depth: int, at: int, first: str, dashed: bool) -> None:
        """Something that is no key at a depth: in a list it is an item, and has a dash."""
        if dashed:
            return
        self._leave(depth)
        top = self.levels[-1] if self.levels else None
        if top is not None and top.depth == depth and (top.listed or top.flow) and first in "{[":
            if top.flow:
                self.levels[-1] = _Level(depth, True, n, at)
                self._missing(top.line, top.column)
            self._missing(n, at)
        elif first in "{[" and (top is None or top.depth < depth):
            self.levels.append(_Level(depth, False, n, at, flow=True, word=first))

    def _missing(self, n: int, at: int) -> None:
        self.mended.slips.append(said.no_dash(n, at))
        self.mended.edit(n, at, 0, "- ")

    def _leave(self, depth: int) -> None:
        while self.levels and self.levels[-1].depth > depth:
            self.levels.pop()

    def _nested(self, depth: int) -> bool:
        """Whether what stands at a depth is beneath a key that stands less deep."""
        return any(level.depth < depth for level in self.levels)
