"""Quantiles of 90 % intervals, without numpy."""

from __future__ import annotations

from typing import Final

Z: Final = 1.6449
"""Two-sided 90 % quantile of the normal distribution."""


def student(free: float, z: float = Z) -> float:
    """The quantile of Student's distribution where the normal one has `z`: the two-sided 90 % one (Cornish and Fisher's expansion, within 1 % from
    3 degrees of freedom on; at 3 standard deviations from 8 on)."""
    v = max(free, 2.0)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    return z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2) + third
