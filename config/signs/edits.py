"""A text mended sign by sign, and the way back from a column of it to the column that was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from config.codes import Code
from config.phrase import Phrase


class Edit(NamedTuple):
    """In one line: from `column` (from 0) on, `length` characters become `text`."""

    column: int
    length: int
    text: str


class Slip(NamedTuple):
    """A slip that is named: line and column from 0, as typed."""

    line: int
    column: int
    code: Code
    message: Phrase
    hint: Phrase
    width: int = 1
    error: bool = True


@dataclass(slots=True)
class Mended:
    """The lines of a text, what was done to each, and the slips that are named."""

    lines: list[str]
    edits: dict[int, list[Edit]] = field(default_factory=dict)
    slips: list[Slip] = field(default_factory=list)
    unreadable: bool = False
    """Whether nobody can tell how deep a line was meant to stand: what a parser says of it would be guesswork."""

    def edit(self, line: int, column: int, length: int, text: str) -> None:
        """Put `text` in the place of `length` characters."""
        self.edits.setdefault(line, []).append(Edit(column, length, text))

    def text(self) -> str:
        """The text as mended. No line comes or goes."""
        if not self.edits:
            return "\n".join(self.lines)
        lines = list(self.lines)
        for n, edits in self.edits.items():
            edits.sort(key=lambda e: e.column)
            line, parts, at = lines[n], [], 0
            for edit in edits:
                parts += [line[at : edit.column], edit.text]
                at = max(at, edit.column + edit.length)
            lines[n] = "".join([*parts, line[at:]])
        return "\n".join(lines)

    def back(self, line: int, column: int) -> int:
        """The column, from 0, that was typed where the mended text has `column`."""
        moved = 0
        for edit in self.edits.get(line, ()):
            begins = edit.column + moved
            if column < begins:
                break
            if column < begins + len(edit.text):
                return edit.column + min(column - begins, max(0, edit.length - 1))
            moved += len(edit.text) - edit.length
        return column - moved
