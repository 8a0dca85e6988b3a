"""The grid on which a controller keeps a number, guessed from the first value that it did not keep as written.

Pure. A thermostat of whole degrees Fahrenheit keeps 79 for 78.8, and 26.111 for 26.0 where its object counts in °C.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

ON_GRID: Final = 0.002
"""How far a REAL (24 bits; three decimals where a gateway rounds it) may lie off its grid and still be on it."""


class Grid(NamedTuple):
    """Numbers `origin + k·step`, in the wire's unit."""

    step: float
    origin: float

    def has(self, number: float) -> bool:
        """Whether a number lies on the grid; what is none lies on no grid."""
        return (
            math.isfinite(number)
            and abs(number - self._at(round((number - self.origin) / self.step))) <= ON_GRID
        )

    def beside(self, number: float, *, up: bool) -> float:
        """The number itself where it lies on the grid, else the next one up or down."""
        if self.has(number):
            return number
        places = (number - self.origin) / self.step
        return self._at(math.ceil(places) if up else math.floor(places))

    def nearest(self, number: float) -> float:
        """The number itself where it lies on the grid, else the nearest that does."""
        return number if self.has(number) else self._at(round((number - self.origin) / self.step))

    def _at(self, place: int) -> float:
        return round(self.origin + place * self.step, 6)


WHOLE_FAHRENHEIT_IN_CELSIUS: Final = Grid(5 / 9, -160 / 9)
TENTHS: Final = Grid(0.1, 0.0)
CANDIDATES: Final = (
    Grid(1.0, 0.0),
    Grid(0.5, 0.0),
    WHOLE_FAHRENHEIT_IN_CELSIUS,
    Grid(1.8, 32.0),
    Grid(0.9, 32.0),
    Grid(0.2, 0.0),
    TENTHS,
)
"""Whole and half units; whole °F of an object in °C; whole and half kelvins of an object in °F; fifths and tenths."""


def learnt(written: float, made: float) -> Grid | None:
    """The coarsest grid that explains what a controller made of a value; None where none does (a clamp, for one).

    It keeps the nearest, or the next one up or down; and what lay on its grid already, it would have kept.
    """
    for grid in CANDIDATES:
        if grid.has(made) and not grid.has(written) and abs(made - written) < grid.step:
            return grid
    return None
