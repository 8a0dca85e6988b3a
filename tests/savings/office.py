"""Days of an office that was never there: weather with memory, people five days a week, noise that resembles its neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from supervisor.savings.days import Days, Floats, days


class Office(NamedTuple):
    """Energy a day; slopes per kelvin and day, of days with work and without. `rho`, `noise`: of the residual, as a share of the mean."""

    base: tuple[float, float] = (1000.0, 400.0)
    cooling: tuple[float, float] = (40.0, 15.0)
    heating: tuple[float, float] = (30.0, 20.0)
    cools_above: float = 20.0
    heats_below: float = 10.0
    noise: float = 0.1
    rho: float = 0.5

    def year(self, draw: np.random.Generator, first: int, level: float = 1.0, count: int = 365) -> Days:
        """So many days from one on (`date.toordinal`); everything used is multiplied by `level`."""
        number = np.arange(first, first + count)
        outdoor = 16 - 13 * np.cos((number % 365 - 15) / 365 * 2 * np.pi) + 3 * _kindred(draw, count, 0.7)
        working = (number + 6) % 7 < 5  # as `date.weekday` counts
        cold, hot = np.maximum(self.heats_below - outdoor, 0), np.maximum(outdoor - self.cools_above, 0)
        energy = (
            np.where(working, *self.base) + np.where(working, *self.cooling) * hot
            + np.where(working, *self.heating) * cold
        )  # fmt: skip
        energy = energy * level + self.noise * energy.mean() * _kindred(draw, count, self.rho)
        return days(number, outdoor, energy, working)


def _kindred(draw: np.random.Generator, count: int, rho: float) -> Floats:
    """A normal series of variance one whose neighbours correlate by `rho`."""
    shocks = draw.standard_normal(count)
    found = np.empty(count)
    found[0] = shocks[0]
    for at in range(1, count):
        found[at] = rho * found[at - 1] + np.sqrt(1 - rho**2) * shocks[at]
    return found
