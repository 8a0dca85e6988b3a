"""A line of a table of readings: what is passed from its cells to its readings. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """The cells of a line, by their names where a heading gives them; and its number."""

    number: int
    cells: tuple[str, ...]
    column: str = ""
    """The heading of the one column that it was made of, where a table has many readings in a line."""
