"""Rows in columns, for a terminal: Chinese characters take two, numbers stand under one another; and a number's digits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from config.phrase import columns


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Rows in columns as wide as their widest cell; those numbered in `right` end under one another."""
    wide = [
        max(columns(row[n]) for row in rows if n < len(row)) for n in range(max(map(len, rows), default=0))
    ]
    return [
        "  ".join(_cell(cell, wide[n], n in right) for n, cell in enumerate(row)).rstrip() for row in rows
    ]


def _cell(cell: str, wide: int, right: bool) -> str:
    blank = " " * (wide - columns(cell))
    return blank + cell if right else cell + blank


def decimal(value: float, digits: int = 2) -> str:
    """A number with so many decimals. What floats add far behind is cut off first: 0.125 is told as 0.125 is, however it
    came about; and nothing is told as -0.00."""
    said = f"{round(value, 9):.{digits}f}"
    return said.removeprefix("-") if not float(said) else said
