"""How sure a saving is: of the sum over the reporting period, never day by day.

Two ways, shown beside each other. The formula of ASHRAE Guideline 14 with the correction for autocorrelated days, and resampling of
whole blocks of the baseline's own residuals.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.changepoint import Model, design, effective, tangents
from supervisor.savings.days import Days, Floats
from supervisor.savings.quantiles import Z, student

CONFIDENCE: Final = 0.90
MONTH: Final = 30.4375
"""Days."""
BLOCK: Final = 21
"""Days of a block: three weeks hold a kind of weather, and what a building does with it, together."""
DRAWS: Final = 4000


class Fitness(NamedTuple):
    """Guideline 14's figures of a baseline."""

    cv: float
    """CV(RMSE): the residuals' root mean square, over the mean."""
    bias: float
    """NMBE: the residuals' sum, over the sum."""
    r2: float
    rho: float
    """Lag-1 autocorrelation of neighbouring days."""
    worth: float
    """Independent days that the baseline's are worth."""


def fitness(of: Days, model: Model) -> Fitness:
    """How well a model describes its own days (Guideline 14-2014, 5.2.11)."""
    n, p = len(of), model.form.terms
    total, squares = float(of.energy.sum()), float(model.residuals @ model.residuals)
    spread = float(((of.energy - of.energy.mean()) ** 2).sum())
    free = max(1, n - p)
    return Fitness(
        math.sqrt(squares / free) / (total / n) if total else math.nan,
        float(model.residuals.sum()) / total * n / free if total else math.nan,
        1 - squares / spread if spread else math.nan,
        model.rho,
        effective(n, model.rho),
    )


def polynomial(months: float) -> float:
    """The factor for daily data over a reporting period of so many months.

    Sun & Baltazar (2013), Analysis and improvement on the estimation of building energy savings uncertainty, for daily
    models; M is the reporting period's length and not the baseline's.
    """
    return -0.00024 * months**2 + 0.03535 * months + 1.00286


def half_width(model: Model, baseline: Days, reporting: Days) -> float:
    """Half of the 90 % interval of a saving by the formula, in the unit of energy (Guideline 14-2014, eq. 4-9)."""
    n, m = len(baseline), len(reporting)
    found = fitness(baseline, model)
    worth = max(found.worth, model.form.terms + 1.0)
    mean = float(baseline.energy.mean())
    error = found.cv * mean * math.sqrt(n / worth * (1 + 2 / worth) * m)
    return student(worth - model.form.terms) * polynomial(m / MONTH) * error


class Spread(NamedTuple):
    """The 90 % interval of a difference around what was found, in the unit of energy: `low` is negative."""

    low: float
    high: float


def resampled(model: Model, baseline: Days, reporting: Days, seed: int = 0) -> Spread:
    """The interval of the sum by blocks of the baseline's residuals: the fit's error and the days' own.

    A draw puts blocks of residuals in a new order under the baseline and another one under the reporting period; what the fit would have
    made of the first is its error, change points included (to first order). Widened as
    blocks are few and the fit takes up some of them.
    """
    draw = np.random.default_rng(seed)
    fit, blocks, wider = _fits(draw, model, baseline, reporting)
    own = _drawn(draw, _centred(model), len(reporting), blocks).sum(axis=1)
    return _quantiles((fit - own) * wider)


def fitted(model: Model, of: Days, on: Days, seed: int = 0) -> Spread:
    """The interval of what a model fitted to some days has for others, by the fit's error alone: of a typical year, which nobody lives."""
    fit, _, wider = _fits(np.random.default_rng(seed), model, of, on)
    return _quantiles(fit * wider)


def _fits(draw: np.random.Generator, model: Model, of: Days, on: Days) -> tuple[Floats, int, float]:
    """By how much the fit would have been off in each draw, shape (DRAWS,); a block's days; by how much all is to be widened."""
    n, x = len(of), tangents(model, of)
    share = tangents(model, on).sum(axis=0) @ np.linalg.pinv(x)
    blocks = min(BLOCK, max(1, n // 4))
    wider = (
        student(n / blocks - x.shape[1])
        / Z
        * math.sqrt(_absorbed(model, n, x.shape[1]) / _within(model.rho, blocks))
    )
    return np.asarray(_drawn(draw, _centred(model), n, blocks) @ share), blocks, wider


def _centred(model: Model) -> Floats:
    return np.asarray(model.residuals - model.residuals.mean())


def _quantiles(drawn: Floats) -> Spread:
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Spread(float(low), float(high))


def _absorbed(model: Model, n: int, terms: int) -> float:
    """By how much the residuals' variance falls short of the errors': what the fit took up, of the days' worth."""
    worth = max(effective(n, model.rho), terms + 2.0)
    return worth / (worth - terms)


def _within(rho: float, block: int) -> float:
    """Share of a sum's variance that blocks of that length keep of days with that autocorrelation (Künsch 1989: what lies
    between blocks is lost)."""
    return max(0.5, 1 - 2 * rho / (1 - rho**2) / block)


def _drawn(draw: np.random.Generator, residuals: Floats, length: int, block: int) -> Floats:
    """Moving blocks of residuals, joined, shape (DRAWS, length)."""
    count = -(-length // block)
    starts = draw.integers(0, residuals.size - block + 1, (DRAWS, count))
    places = (starts[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, :length]
    return np.asarray(residuals[places])


def expected(model: Model, on: Days) -> float:
    """The sum that the baseline has for these days."""
    return float((design(model.form, on, model.heating, model.cooling) @ model.parameters).sum())
