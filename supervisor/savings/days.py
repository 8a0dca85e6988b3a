"""Days of a building: how warm it was outside, what it used, whether anybody worked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Days(NamedTuple):
    """Days in order; all of shape (n,)."""

    number: NDArray[np.int64]
    """Proleptic ordinal of each (`date.toordinal`): where one is missing, the next is not its neighbour."""
    temperature: Floats
    """Mean outdoor temperature, °C."""
    energy: Floats
    """In any one unit of energy a day."""
    working: Flags

    def __len__(self) -> int:
        return int(self.energy.size)

    def where(self, chosen: Flags) -> Days:
        """Some of them, in order."""
        return Days(self.number[chosen], self.temperature[chosen], self.energy[chosen], self.working[chosen])


def days(number: object, temperature: object, energy: object, working: object) -> Days:
    """Days from anything numpy makes arrays of."""
    return Days(
        np.asarray(number, np.int64), np.asarray(temperature, float), np.asarray(energy, float), np.asarray(working, bool)
    )  # fmt: skip
