"""A report before anybody draws it: parts, and in each texts, tables, plots and lines to sign on.

A figure has a key, and whoever reckons with it in a workbook names it: `{coal/total/2026} / {area/2026}`. What a figure is
made of in the ledger stands under an anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from config.phrase import Lang


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, or a figure with so many decimals; None: not known. `marked`: it never stands without its mark.

    `key`: what formulas call it. `formula`: how a workbook reckons it, with keys in braces. `anchor`: where its ledger rows
    stand. `tone`: `good`, `bad`, `faint` or `total`.
    """

    value: float | str | None
    digits: int = 2
    marked: bool = False
    key: str = ""
    formula: str = ""
    anchor: str = ""
    tone: str = ""
    percent: bool = False

    @property
    def number(self) -> bool:
        """It is a figure, or would be one if it were known."""
        return not isinstance(self.value, str)

    @property
    def share(self) -> bool:
        """It is a text that is a share, with its mark: it stands with the figures."""
        return isinstance(self.value, str) and _SHARE.fullmatch(self.value) is not None


_SHARE: Final = re.compile(r"[\d.]+ %( !)?")
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`heads`: a heading a column; `rows`: as wide as they. `anchors`: what a row is called by those that link to it.

    `dense`: many narrow columns of short signs. `title` stands above it.
    """

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    anchors: tuple[str, ...] = ()
    title: str = ""
    dense: bool = False
    ranks: bool = False
    """It is read from afar: large."""
    signs: bool = False
    """Figures and signs stand in the middle of their columns."""
    broad: bool = False
    """On a sheet of wider tables its first column, of sentences, takes the room that the others leave."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `kind`: `note`, `lead` (the one sentence that counts), `heading`, `warning`, or plain."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing as SVG, under its caption."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures that count most: (name, figure with unit, what is to be said of it, tone)."""

    tiles: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, and whether the seal goes there."""

    lines: tuple[str, ...]


Block: TypeAlias = Table | Text | Plot | Tiles | Signatures


@dataclass(frozen=True, slots=True)
class Part:
    """One report of the document: on a page of its own, and in a workbook on a sheet of its own (`sheet`; none: not there).

    `basics`: the lines of its title block, (name, value).
    """

    id: str
    title: str
    sheet: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    wide: bool = False
    """It is printed across."""
    long: bool = False
    """It goes on over many pages."""
    follows: bool = False
    """It begins on the page of the one before."""
    paper: bool = True
    """It is on the page too; otherwise in the workbook alone."""


@dataclass(frozen=True, slots=True)
class Document:
    """All parts of a report. `basics`: lines of the title block, (name, value)."""

    name: str
    title: str
    lang: Lang
    basics: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    foot: str

    def cells(self) -> Iterator[Cell]:
        """Each cell."""
        for part in self.parts:
            for block in part.blocks:
                if isinstance(block, Table):
                    for row in block.rows:
                        yield from row


def shown(cell: Cell) -> str:
    """A cell as it is printed, with its mark; a minus that is one."""
    if cell.value is None:
        return "–"
    if isinstance(cell.value, str):
        return cell.value
    said = f"{100 * cell.value:+.1f} %" if cell.percent else f"{round(cell.value, 9):,.{cell.digits}f}"
    if said.startswith(("-", "+")) and not any(c in "123456789" for c in said):
        said = said[1:]
    said = said.replace("-", "−")
    return f"{said} !" if cell.marked else said
