"""How the year will end: what was used so far, and what the months left will use if they fare as those before did.

The months that are over each have their ratio to the same month of the reference year. What is left is last year's, times their mean ratio;
how far the months scatter around it says how sure that is, for the months left and for the mean.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from config.phrase import Phrase
from supervisor.savings.quantiles import student
from supervisor.savings.targets import Progress

LEAST: Final = 3
"""Months that must be over: two have no scatter worth the name."""
SCATTER: Final = 0.03
"""A month's ratio is never surer than this: the seasons still to come answer to a policy in ways that those before did not. A site choice,
set where the intervals of `test_forecast.py` cover nine years in ten."""


class Forecast(NamedTuple):
    """The year's reduction against the reference year as a share, with its 90 % interval; energy in kgce per m² or head."""

    per: str
    reduction: float
    low: float
    high: float
    energy: float
    plan: float
    """What the year may use."""
    months: int
    """That are over and known."""
    refused: None = None

    @property
    def met(self) -> bool | None:
        """Whether the year will keep to its plan; None while the interval holds both."""
        target = 1 - self.plan / self.reference
        return True if self.low >= target else False if self.high < target else None

    @property
    def reference(self) -> float:
        """The reference year, kgce per m² or head."""
        return self.energy / (1 - self.reduction) if self.reduction < 1 else math.nan


class Refused(NamedTuple):
    """Why nothing is foretold."""

    refused: Phrase


def forecast(year: Progress) -> Forecast | Refused:
    """The year's end. Refused with fewer than three whole months, or where a month of the reference year is not known."""
    if year.plan is None:
        return Refused(Phrase(
            f"no forecast: of the reference year {year.against} not every month is known",
            f"无法预测：参考年 {year.against} 的月度数据不全",
        ))  # fmt: skip
    whole = [m for m in year.months if m.over and m.known and m.compared]
    if len(whole) < LEAST:
        return Refused(Phrase(
            f"no forecast: {len(whole)} months are over and known, it needs {LEAST}",
            f"无法预测：仅有 {len(whole)} 个完整月份，至少需要 {LEAST} 个",
        ))  # fmt: skip
    refs = [m.compared or 0.0 for m in whole]
    ratios = [(m.actual or 0.0) / ref for m, ref in zip(whole, refs, strict=True)]
    mean = math.fsum(m.actual or 0.0 for m in whole) / math.fsum(refs)
    used = math.fsum(m.actual or 0.0 for m in year.known)
    left = [_left(m.reference or 0.0, m.compared if m.known else None) for m in year.months]
    rest = math.fsum(left)
    energy = used + mean * rest
    half = _half(refs, ratios, mean, left)
    total = math.fsum(m.reference or 0.0 for m in year.months)
    return Forecast(
        year.per, 1 - energy / total, 1 - (energy + half) / total, 1 - (energy - half) / total,
        energy, year.plan, len(whole),
    )  # fmt: skip


def _left(reference: float, compared: float | None) -> float:
    """What of a month of the reference year has no counterpart yet."""
    return max(0.0, reference - (compared or 0.0))


def _half(refs: list[float], ratios: list[float], mean: float, left: list[float]) -> float:
    """Half of the 90 % interval of the energy that is left: the months' own scatter, and that of the mean of those before."""
    n = len(ratios)
    scatter = max(SCATTER, math.sqrt(math.fsum((r - mean) ** 2 for r in ratios) / (n - 1)))
    own = math.fsum(x * x for x in left)
    of_mean = (math.fsum(left) / math.fsum(refs)) ** 2 * math.fsum(x * x for x in refs)
    return student(n - 1) * scatter * math.sqrt(own + of_mean)
