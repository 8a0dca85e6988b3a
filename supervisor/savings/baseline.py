"""What the meter says against a baseline: the energy that these days would have used as the building was run before, less what they did."""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple

import numpy as np

from config.phrase import Phrase
from supervisor.savings import changepoint, odd, uncertainty
from supervisor.savings.changepoint import Model
from supervisor.savings.days import Days, Flags
from supervisor.savings.odd import Odd
from supervisor.savings.uncertainty import Fitness, Spread

LEAST: Final = 270
"""Days with energy and weather that a baseline must have, out of a year: three seasons, and some of the fourth."""
SPAN: Final = 330
"""Days from a baseline's first to its last: less leaves a season out."""
BEYOND: Final = 1.0
"""K colder or warmer than any day of the baseline's from which on that is told."""
FAR: Final = 3.0
"""K beyond which a day does not count: a line that is drawn on says what nobody has seen. ASHRAE Guideline 14 reckons savings up to 110 % of
the warmest that the model was made of; of the 30 °C that a warm day has, that is 3 K, and in °C a share of the coldest says nothing.
"""
BACKWARDS: Final = 0.01
"""Share of the energy of all days that days on which the meter ran backwards may come to: a trifle is a difference of two meters."""
SHIFTED: Final = 0.05
"""Share of a typical year's days that may lie so far beyond: with more it is not told."""
DRIFT: Final = 0.075
"""Change of level from year to year that nobody explains, where one year alone says nothing of it: 5 to 10 % is common."""
APART: Final = 2.3
"""Deviations that the interval leaves for drift: the reporting year lies apart from the mean of the years before by more than one year does from
the next. With what is common counted as one year's change (as two, where there is only one to see: two years may be alike by
chance), years that drift by 5 to 10 % are covered in 87 to 98 of 100, whether the changes add up or not.
"""
ONE_CHANGE: Final = 2.63
"""The same where one change is seen: Student's quantile of 3 degrees of freedom (2.35), times √(1 + ¼), for where changes add up the reporting year
lies from the mean of two by its own and by half of that between them. Of two years 2.3 covered 82 of 100.
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
    """A period's saving, in the unit of its days, J or m³. `low` to `high` is the 90 % interval of the sum."""

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
    """Share of the days that were colder or warmer than any of the baseline's, by so little that they count."""
    far: int = 0
    """Days so much colder or warmer that they are left out."""
    odd: tuple[Odd, ...] = ()
    """Stretches of either period that stand out, and that no event explains."""
    shifts: tuple[Odd, ...] = ()
    """Levels of either period that changed on a day and stayed so to its end; `more` is of all the days from then on."""
    caveats: tuple[Phrase, ...] = ()
    """What else is to be known of the data."""
    normal: Normal | None = None
    """In a typical year; None where the site has none, or the reporting period is no whole year yet."""
    events: tuple[Event, ...] = ()
    """What was out of the ordinary on its days."""
    carrier: str = "electricity"
    """What is counted, in J or m³."""
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
    if (why := _too_little(before, reporting) or _backwards(before, reporting)) is not None:
        return Refused(why)
    seen = _within(before, reporting, FAR)
    far, reporting = int((~seen).sum()), reporting.where(seen)
    if not len(reporting):
        return Refused(Phrase(
            "each day of the reporting period was colder or warmer than any of the baseline's",
            "核算期每一天的气温都超出基准期范围",
        ))  # fmt: skip
    model = changepoint.best(before)
    expected = uncertainty.expected(model, reporting)
    if expected <= 0:
        return Refused(
            Phrase("by the baseline these days would have used nothing", "按基准期推算，这些日期的能耗不为正")
        )
    measured = float(reporting.energy.sum())
    saved = expected - measured
    spread = uncertainty.resampled(model, before, reporting, seed)
    drift = drifts(before)
    low, high = _widened(spread, drift, expected)
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
        float((~_within(before, reporting, BEYOND)).mean()),
        far,
        odd.stretches(model, before, reporting),
        odd.shifts(model, before, reporting),
    )


def _within(before: Days, on: Days, kelvin: float) -> Flags:
    """Which days lie no more than so much beyond the baseline's coldest and warmest."""
    low, high = before.temperature.min() - kelvin, before.temperature.max() + kelvin
    return np.asarray((on.temperature >= low) & (on.temperature <= high))


def _backwards(before: Days, reporting: Days) -> Phrase | None:
    """A meter that counts what is fed in against what is used says little of either: the sun of a year is in its difference."""
    for of, en, zh in ((before, "baseline", "基准期"), (reporting, "reporting period", "核算期")):
        back = of.energy[of.energy < 0]
        if -float(back.sum()) > BACKWARDS * float(np.abs(of.energy).sum()):
            return Phrase(
                f"on {back.size} days of the {en} more was fed in than used: the meters count a building less its own generation; add what was "
                "generated (a computed meter, of: [+main, +generation])",
                f"{zh}有 {back.size} 天发电上网量大于用电量，计量的是扣除自发电后的净值；请用计算表具加回发电量（of: [+总表, +发电表]）",
            )  # fmt: skip
    return None


def _widened(spread: Spread, drift: Drift, expected: float) -> tuple[float, float]:
    """With the drift that was seen between baseline years. One that is only common is told, and not added."""
    if not drift.known:
        return spread.low, spread.high
    level = drift.allowed * abs(expected)
    return -math.hypot(spread.low, level), math.hypot(spread.high, level)


def normal(before: Days, reporting: Days, year: Days, seed: int = 0) -> Normal | None:
    """The saving in a typical year, by a model of the days before and one of the reporting days; None where these are no whole year,
    or the typical year goes too far beyond either's weather."""
    if _too_little(before, before) is not None or _too_little(reporting, reporting) is not None:
        return None
    if float((~(_within(before, year, FAR) & _within(reporting, year, FAR))).mean()) > SHIFTED:
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
            f"基准期跨 {span} 天，其中 {n} 天有能耗和气温；至少需要跨 {SPAN} 天，其中 {LEAST} 天有数据",
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
    apart = ONE_CHANGE if len(moved) == 1 else APART
    return Drift(math.sqrt(seen / len(moved)), known=True, allowed=apart * pooled)


def _whole_years(before: Days) -> int:
    return (int(before.number[-1] - before.number[0]) + 1 + (YEAR - SPAN)) // YEAR if len(before) else 0


def _year(before: Days, k: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    since = before.number - before.number[0]
    return np.asarray((since >= k * YEAR) & (since < (k + 1) * YEAR))
