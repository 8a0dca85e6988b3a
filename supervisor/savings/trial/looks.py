"""How sure one must be at each look, so that looking several times does not make chance look like a saving.

The spending function of O'Brien & Fleming in the form of Lan & DeMets (1983, Biometrika 70, 659): the error of 10 %, both sides
together, is spent little at first and nearly all at the end. The boundary of each look follows by integrating over the looks before it
(Armitage, McPherson & Rowe 1969, J. R. Statist. Soc. A 132, 235).
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import Final

import numpy as np

from supervisor.savings.days import Floats

ALPHA: Final = 0.10
"""Error of the whole trial, both sides: what is claimed is claimed at 90 %."""
_STEP: Final = 0.01
"""Of the grid on which the sum is kept, in standard deviations of one block's."""
_FARTHEST: Final = 6.0
"""Standard deviations of the whole sum beyond which nothing is kept."""
_NORMAL: Final = NormalDist()


def spent(share: float, alpha: float = ALPHA) -> float:
    """The error spent by a share of the trial, on both sides together; each side spends its half by itself."""
    return 4 * (1 - _NORMAL.cdf(_NORMAL.inv_cdf(1 - alpha / 4) / math.sqrt(share)))


@cache
def boundaries(looks: int, alpha: float = ALPHA) -> tuple[float, ...]:
    """Standard deviations that a difference must exceed at each of so many equally spaced looks."""
    half = math.ceil(_FARTHEST * math.sqrt(looks) / _STEP)
    grid: Floats = np.asarray(
        np.arange(-half, half + 1) * _STEP, float
    )  # zero is its middle, or each convolution would shift it
    step = _density(grid)
    density, found, before = step, [_NORMAL.inv_cdf(1 - spent(1 / looks, alpha) / 2)], spent(1 / looks, alpha)
    for look in range(2, looks + 1):
        inside = density * np.clip((found[-1] * math.sqrt(look - 1) - np.abs(grid)) / _STEP + 0.5, 0.0, 1.0)
        density = np.convolve(inside, step, mode="same") * _STEP
        now = spent(look / looks, alpha)
        found.append(_beyond(grid, density, now - before) / math.sqrt(look))
        before = now
    return tuple(found)


def _density(at: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * at**2) / math.sqrt(2 * math.pi))


def _beyond(grid: Floats, density: Floats, error: float) -> float:
    """The sum that is exceeded, on either side, with this probability."""
    positive = grid >= 0
    at, tail = grid[positive], np.cumsum(density[positive][::-1])[::-1] * _STEP * 2
    return float(np.interp(-error, -tail, at - _STEP / 2))
