"""What the meter says against a baseline: the energy that these days would have used as the building was run before, less what they did."""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple

import numpy as np

from config.phrase import Phrase
from supervisor.savings import changepoint, uncertainty
from supervisor.savings.changepoint import Model
from supervisor.savings.days import Days
from supervisor.savings.uncertainty import Fitness, Spread

LEAST: Final = 270
"""Days with energy and weather that a baseline must have, out of a year: three seasons, and some of the fourth."""
SPAN: Final = 330
"""Days from a baseline's first to its last: less leaves a season out."""
BEYOND: Final = 0.10
"""Share of the reporting days that may be colder or warmer than any of the baseline's before that is told."""
DRIFT: Final = 0.075
"""Change of level from year to year that nobody explains, where one year alone says nothing of it: 5 to 10 % is common."""
APART: Final = 2.3
"""Deviations that the interval leaves for drift: the reporting year lies apart from the mean of the years before by more than one year does from
the next. With what is common counted as one year's change (as two, where there is only one to see: two years may be alike by
chance), years that drift by 5 to 10 % are covered in 87 to 98 of 100, whether the changes add up or not.
"""
YEAR: Final = 365


class Drift(NamedTuple):
    """How a building changes from year to year by itself."""

    share: float
    """Of the energy: root mean square from one baseline year to the next, or the common figure."""
    known: bool
    """From this building's own years."""
    allowed: float = 0.0
    """Half of the 90 % interval that is left for it, as a share of the energy; 0 where it is told only."""


class Event(NamedTuple):
    """What was out of the ordinary on so many days of the reporting period: left out, or `adds` kWh a day taken off."""

    note: str
    days: int
    adds: float | None


class Normal(NamedTuple):
    """The same in a typical year: what it would use as before, less what it would as now. `low` to `high` is the 90 % interval."""

    baseline: float
    saved: float
    low: float
    high: float


class Saving(NamedTuple):
    """A period's saving, in the unit of energy of its days. `low` to `high` is the 90 % interval of the sum."""

    model: Model
    fitness: Fitness
    baseline: float
    """What the days would have used."""
    measured: float
    days: int
    saved: float
    low: float
    high: float
    formula: float
    """Half of the interval by Guideline 14's formula, for comparison."""
    drift: Drift
    beyond: float
    """Share of the days with weather that the baseline never saw."""
    normal: Normal | None = None
    """In a typical year; None where the site has none, or the reporting period is no whole year yet."""
    events: tuple[Event, ...] = ()
    """What was out of the ordinary on its days."""
    refused: None = None
    """See `Refused`."""

    @property
    def detectable(self) -> float:
        """The smallest saving that these data can show at 90 %."""
        return (self.high - self.low) / 2

    @property
    def claimed(self) -> bool:
        """Whether a saving, or a loss, may be claimed: its interval leaves zero out."""
        return not self.low <= 0 <= self.high


class Refused(NamedTuple):
    """Why nothing is said."""

    refused: Phrase


def saving(before: Days, reporting: Days, seed: int = 0) -> Saving | Refused:
    """The saving of the reporting days against the days before. Days that lack energy or weather are in neither."""
    if (why := _too_little(before, reporting)) is not None:
        return Refused(why)
    model = changepoint.best(before)
    expected = uncertainty.expected(model, reporting)
    measured = float(reporting.energy.sum())
    saved = expected - measured
    spread = uncertainty.resampled(model, before, reporting, seed)
    drift = drifts(before)
    low, high = _widened(spread, drift, expected)
    low_t, high_t = before.temperature.min() - 1, before.temperature.max() + 1
    outside = (reporting.temperature < low_t) | (reporting.temperature > high_t)
    return Saving(
        model,
        uncertainty.fitness(before, model),
        expected,
        measured,
        len(reporting),
        saved,
        saved - high,
        saved - low,
        uncertainty.half_width(model, before, reporting),
        drift,
        float(outside.mean()),
    )


def _widened(spread: Spread, drift: Drift, expected: float) -> tuple[float, float]:
    """With the drift that was seen between baseline years. One that is only common is told, and not added."""
    if not drift.known:
        return spread.low, spread.high
    level = drift.allowed * abs(expected)
    return -math.hypot(spread.low, level), math.hypot(spread.high, level)


def normal(before: Days, reporting: Days, year: Days, seed: int = 0) -> Normal | None:
    """The saving in a typical year, by a model of the days before and one of the reporting days; None where these are no whole year."""
    if _too_little(before, before) is not None or _too_little(reporting, reporting) is not None:
        return None
    was, is_ = changepoint.best(before), changepoint.best(reporting)
    expected = uncertainty.expected(was, year)
    saved = expected - uncertainty.expected(is_, year)
    spread = _widened(uncertainty.fitted(was, before, year, seed), drifts(before), expected)
    other = uncertainty.fitted(is_, reporting, year, seed + 1)
    return Normal(
        expected, saved, saved - math.hypot(spread[1], other.high), saved + math.hypot(spread[0], other.low)
    )


def _too_little(before: Days, reporting: Days) -> Phrase | None:
    n = len(before)
    span = int(before.number[-1] - before.number[0]) + 1 if n else 0
    if n < LEAST or span < SPAN:
        return Phrase(
            f"the baseline has {n} days with energy and weather over {span} days; it needs {LEAST} over {SPAN}",
            f"基准期 {span} 天中只有 {n} 天有能耗和气温，至少需要 {SPAN} 天中的 {LEAST} 天",
        )
    if len(reporting) == 0:
        return Phrase(
            "no day of the reporting period has both energy and weather", "核算期内没有一天同时有能耗和气温"
        )
    if not before.energy.any():
        return Phrase("the baseline's days used nothing at all", "基准期能耗全部为零")
    return None


def drifts(before: Days) -> Drift:
    """How far the level moved between whole baseline years, each against a model of the one before."""
    years = [before.where(_year(before, k)) for k in range(_whole_years(before))]
    moved = []
    for one, next_ in itertools.pairwise(years):
        if min(len(one), len(next_)) >= LEAST:
            expected = uncertainty.expected(changepoint.best(one), next_)
            moved.append(float(next_.energy.sum()) / expected - 1 if expected else math.nan)
    if not moved:
        return Drift(DRIFT, known=False)
    seen, common = float(np.sum(np.square(moved))), 2 if len(moved) == 1 else 1
    pooled = math.sqrt((seen + common * DRIFT**2) / (len(moved) + common))
    return Drift(math.sqrt(seen / len(moved)), known=True, allowed=APART * pooled)


def _whole_years(before: Days) -> int:
    return (int(before.number[-1] - before.number[0]) + 1 + (YEAR - SPAN)) // YEAR if len(before) else 0


def _year(before: Days, k: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    since = before.number - before.number[0]
    return np.asarray((since >= k * YEAR) & (since < (k + 1) * YEAR))
