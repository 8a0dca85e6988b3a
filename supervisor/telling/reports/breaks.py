"""Where a sheet of a workbook begins a new page: a heading stays with what it is of, a small table and the lines to sign whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from supervisor.telling.reports.document import Block, Signatures, Table, Text

TOGETHER: Final = 12
"""Rows of a table that stays on one page; of a longer one the first few stay with its head."""
_FIRST: Final = 3
_LAST: Final = 2
"""Rows at the end of a table that is cut which stay together, and with the lines to sign after it."""
_MOST: Final = 0.6
"""Of a page: what takes more than this is cut where it does not fit, for the half page that would be left empty."""
ROW: Final = 16.0
"""pt of a row of which nothing is said."""
_UPRIGHT, _ACROSS = 842 - 86.4, 595 - 86.4
"""pt between the margins of an A4 sheet, portrait and landscape."""
_SAFE: Final = 0.95
"""Of that is used: programs measure fonts differently, and a page that is left a little early is better than one of a single row."""


def of_page(scale: float, across: bool) -> float:
    """pt of rows on a page that is printed so much smaller."""
    return _SAFE * (_ACROSS if across else _UPRIGHT) / scale


def breaks(
    blocks: Sequence[tuple[int, Block]], end: int, heights: Mapping[int, float], room: float
) -> list[int]:
    """Rows before which a page begins. `blocks`: each with its first row; `end`: the row after the last; `heights`: pt of the rows that are not usual."""

    def of(first: int, after: int) -> float:
        return sum(heights.get(n, ROW) for n in range(first, after))

    kept = dict(_kept(blocks))
    found: list[int] = []
    used = 0.0
    for row in range(end):
        height = of(row, row + 1)
        whole, least = (of(row, after) for after in kept.get(row, (row + 1, row + 1)))
        together = whole if whole <= _MOST * room else min(least, room)
        if used > 0.0 and used + together > room:
            found.append(row)
            used = 0.0
        used += height
    return found


def _kept(blocks: Sequence[tuple[int, Block]]) -> Iterator[tuple[int, tuple[int, int]]]:
    """First row of what stays together, the row after its last, and the row after the least of it that does."""
    for n, (row, block) in enumerate(blocks):
        after = n
        if isinstance(block, Text):
            if block.kind != "heading":
                continue
            after += 1
            while after + 1 < len(blocks) and _plain(blocks[after][1]):
                after += 1
            if after == len(blocks) or _is_heading(blocks[after][1]):
                after -= 1
        whole, least = _together(*blocks[after])
        signed = _signed(blocks, after)
        yield row, (whole if signed is None else max(whole, signed), least)
        at, last = blocks[after]
        if isinstance(last, Table) and len(last.rows) > _FIRST:
            end = at + (2 if last.title else 1) + len(last.rows)
            yield end - _LAST, (signed or end, signed or end)


def _signed(blocks: Sequence[tuple[int, Block]], n: int) -> int | None:
    """The row after lines to sign that follow a block, with nothing but texts between: they never stand alone on a page."""
    n += 1
    while n < len(blocks) and _plain(blocks[n][1]):
        n += 1
    return _together(*blocks[n])[0] if n < len(blocks) and isinstance(blocks[n][1], Signatures) else None


def _is_heading(block: Block) -> bool:
    return isinstance(block, Text) and block.kind == "heading"


def _plain(block: Block) -> bool:
    """A text that is no heading."""
    return isinstance(block, Text) and not _is_heading(block)


def _together(row: int, block: Block) -> tuple[int, int]:
    """The row after what of a block stays together, and after the least of it that does where that is too much for a page."""
    if isinstance(block, Table):
        head = row + (2 if block.title else 1)
        least = head + min(len(block.rows), _FIRST)
        return head + len(block.rows) if len(block.rows) <= TOGETHER else least, least
    end = row + (2 * ((len(block.lines) + 1) // 2) if isinstance(block, Signatures) else 1)
    return end, end
