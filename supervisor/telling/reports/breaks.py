"""Where a sheet of a workbook begins a new page: a heading stays with what it is of, a small table and the lines to sign whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from supervisor.telling.reports.document import Block, Signatures, Table, Text

TOGETHER: Final = 12
"""Rows of a table that stays on one page; of a longer one the first few stay with its head."""
_FIRST: Final = 3
_ROW: Final = 15.5
"""pt of a row of which nothing is said: 15 as written, as much as 16 as spreadsheets draw its font."""
_UPRIGHT, _ACROSS = 842 - 86.4, 595 - 86.4
"""pt between the margins of an A4 sheet, portrait and landscape."""
_SAFE: Final = 0.93
"""Of that is used: programs measure fonts differently, and a page that is left a little early is better than one of a single row."""


def of_page(scale: float, across: bool) -> float:
    """pt of rows on a page that is printed so much smaller."""
    return _SAFE * (_ACROSS if across else _UPRIGHT) / scale


def breaks(
    blocks: Sequence[tuple[int, Block]], end: int, heights: Mapping[int, float], room: float
) -> list[int]:
    """Rows before which a page begins. `blocks`: each with its first row; `end`: the row after the last; `heights`: pt of the rows that are not usual."""
    kept = dict(_kept(blocks))
    found: list[int] = []
    used = 0.0
    for row in range(end):
        height = heights.get(row, _ROW)
        whole = sum(heights.get(n, _ROW) for n in range(row, kept.get(row, row + 1)))
        if used > 0.0 and used + (whole if whole <= room else height) > room:
            found.append(row)
            used = 0.0
        used += height
    return found


def _kept(blocks: Sequence[tuple[int, Block]]) -> Iterator[tuple[int, int]]:
    """First row, and the row after the last, of what stays together."""
    for n, (row, block) in enumerate(blocks):
        if isinstance(block, Text) and block.kind == "heading":
            after = n + 1
            while after + 1 < len(blocks) and isinstance(blocks[after][1], Text):
                after += 1
            if after < len(blocks):
                yield row, _together(*blocks[after])
        elif not isinstance(block, Text):
            yield row, _together(row, block)


def _together(row: int, block: Block) -> int:
    """The row after what of a block stays together."""
    if isinstance(block, Table):
        head = 2 if block.title else 1
        return row + head + (len(block.rows) if len(block.rows) <= TOGETHER else _FIRST)
    if isinstance(block, Signatures):
        return row + 2 * ((len(block.lines) + 1) // 2)
    return row + 1
