"""What a trial shows: the paired difference with the weather taken out, and what other coins would have made of the same days.

A pair is two days of one weekday a week apart, one an arm. Its difference is regressed on the difference of their weather; the saving itself
may depend on the weather and on whether anybody works (Lin 2013, Ann. Appl. Stat. 7, 295), and on the arm of the day before. What is told is the
saving of an arm that is kept: each day after another of its own kind. The interval comes from drawing all coins anew ten
thousand times (Bojinov, Simchi-Levi & Zhao 2023, Management Science 69, 3759) and estimating each time what is estimated here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from supervisor.savings.days import Flags, Floats
from supervisor.savings.quantiles import Z, student
from supervisor.savings.uncertainty import CONFIDENCE

DRAWS: Final = 10_000
HEATS, COOLS = 15.0, 18.0
"""°C beneath and above which the weather counts: fixed beforehand, as everything about a trial is. Site choices (HDD15, CDD18)."""
FELT: Final = 0.05
"""Chance under which the arm of the day before is taken to be felt."""
LEAST: Final = 10
"""Pairs beyond the number of terms that an estimate needs."""
SELDOM: Final = 0.2
"""Share of the pairs that must have any degrees of heating, of cooling, or a day without work for that to be a term."""
_CHUNK: Final = 1000
_SLIGHT: Final = 1e-6
"""Spread under which a column says nothing."""
Numbers = NDArray[np.int64]


class Days(NamedTuple):
    """The days of the blocks that are over, one after the other without a gap; all of shape (n,)."""

    energy: Floats
    """In any one unit; NaN: not counted."""
    temperature: Floats
    """°C; NaN: unknown, and then not counted."""
    working: Flags
    treated: Flags
    """Lived under the treatment."""
    pair: Numbers
    """Number of the pair within the trial, of every day."""
    earlier: Flags
    """Of the earlier half of its pair."""
    compared: Flags
    """Compared with its partner: of an arm of two days only the second is."""
    before: bool = False
    """Whether the day before the first was the treatment's."""

    def until(self, n: int) -> Days:
        """The first days."""
        return Days(
            self.energy[:n], self.temperature[:n], self.working[:n], self.treated[:n], self.pair[:n], self.earlier[:n],
            self.compared[:n], self.before,
        )  # fmt: skip


class Estimate(NamedTuple):
    """What the treatment saves against the reference, a day, in the unit of energy."""

    saved: float
    low: float
    """90 %, were this the only look."""
    high: float
    pairs: int
    terms: int
    reference: float
    """What a day of the trial uses under the reference."""
    treated: float
    """Energy of the treatment's counted days, all together."""
    treated_days: int
    felt: float
    """What the day before contributes to `saved`; NaN where these days cannot tell."""
    chance: float
    """That so much would be seen of the day before if it were not felt at all; 1 where these days cannot tell."""
    steady: bool
    """Whether the arm of the day before was taken into account."""

    @property
    def share(self) -> float:
        """Saved, of what the reference uses."""
        return self.saved / self.reference if self.reference else math.nan

    def interval(self, deviations: float = Z) -> tuple[float, float]:
        """The interval of a look that must be sure by so many standard deviations, instead of 90 % once."""
        wider = deviations / Z
        return self.saved - (self.saved - self.low) * wider, self.saved + (self.high - self.saved) * wider


class _Pairs(NamedTuple):
    """Complete pairs; shapes (n,), (n, terms), and (n, 2) of `places`."""

    saved: Floats
    """The reference's day less the treatment's."""
    sign: Floats
    """+1 where the earlier day is the treatment's."""
    weather: Floats
    """Earlier day less later: degrees of heating and of cooling, and those of the days before."""
    effect: Floats
    """One, and what the saving may depend on, less its mean over the trial."""
    places: Numbers
    """The earlier and the later day."""
    number: Numbers

    def design(self, sign: Floats, yesterday: Floats | None) -> Floats:
        """The terms under any coins, shape (…, n, k); signs of shape (…, n)."""
        effect = np.broadcast_to(self.effect, (*sign.shape, self.effect.shape[-1]))
        parts = [effect, -sign[..., None] * self.weather]
        if yesterday is not None:
            parts.append(yesterday[..., None] - 1.0)
        return np.concatenate(parts, axis=-1)

    def yesterday(self, arms: Floats, sign: Floats) -> Floats:
        """The arms of the days before: before the treatment's day less before the other, shape (…, n). `arms`: one more day in front."""
        difference = arms[..., self.places[:, 0]] - arms[..., self.places[:, 1]]
        return np.asarray(difference * sign)


def estimate(days: Days, *, steady: bool | None = None, draws: int = DRAWS, seed: int = 0) -> Estimate | None:
    """The saving of the treatment; None with too few pairs.

    `steady`: with the arm of the day before taken into account; None: where it is felt.
    """
    pairs = _pairs(days)
    if pairs is None:
        return None
    random, lived = np.random.default_rng(seed), np.concatenate([[float(days.before)], days.treated])
    felt, chance = _felt(days, pairs, lived, random, draws)
    steady = chance < FELT if steady is None else steady and not math.isnan(felt)
    yesterday = pairs.yesterday(lived, pairs.sign) if steady else None
    fit = _fit(pairs.design(pairs.sign, yesterday), pairs.saved)
    terms = fit.size
    known = _known(pairs, fit, yesterday)
    found = [
        _fits(pairs.design(sign, q), _lived(pairs, known, sign, q, fit, terms))[:, 0]
        for sign, q in _redrawn(days, pairs, random, draws, steady=steady)
    ]
    n = pairs.saved.size
    wider = student(float(n - terms)) / Z
    edges = np.quantile(np.concatenate(found) - fit[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]) * wider
    counted = np.isfinite(days.energy) & np.isfinite(days.temperature)
    mine = counted & days.treated
    others = counted & ~days.treated & days.compared
    reference = float(
        np.concatenate([days.energy[others], days.energy[mine & days.compared] + fit[0]]).mean()
    )
    return Estimate(
        float(fit[0]), float(fit[0] - edges[1]), float(fit[0] - edges[0]), n, terms, reference,
        float(days.energy[mine].sum()), int(mine.sum()), felt, chance, steady,
    )  # fmt: skip


def _pairs(days: Days) -> _Pairs | None:
    """Pairs of which both days count and are of one kind; None where there are too few for an estimate."""
    counts = days.compared & np.isfinite(days.energy) & np.isfinite(days.temperature)
    at: dict[int, list[int]] = {}
    for place in np.flatnonzero(counts).tolist():
        at.setdefault(int(days.pair[place]), []).append(place)
    both = [
        (n, sorted(two, key=lambda d: not days.earlier[d]))
        for n, two in at.items()
        if len(two) == 2
        and days.working[two[0]] == days.working[two[1]]
        and days.treated[two[0]] != days.treated[two[1]]
    ]
    if not both:
        return None
    number, places = np.array([n for n, _ in both]), np.array([two for _, two in both])
    degrees = _degrees(days)
    known = days.compared & np.isfinite(days.temperature)
    depends = np.column_stack([degrees[:, :2], ~days.working])
    effect = depends[places].mean(axis=1) - depends[known].mean(axis=0)
    effect = np.column_stack([np.ones(len(both)), effect[:, _often(depends[places].mean(axis=1))]])
    weather = degrees[places[:, 0]] - degrees[places[:, 1]]
    weather = weather[:, _often(weather)]
    sign = np.where(days.treated[places[:, 0]], 1.0, -1.0)
    saved = (days.energy[places[:, 1]] - days.energy[places[:, 0]]) * sign
    if saved.size < effect.shape[1] + weather.shape[1] + 1 + LEAST:
        return None
    return _Pairs(saved, sign, weather, effect, places, number)


def _often(columns: Floats) -> Flags:
    """Which columns are other than nothing, and other than always the same, in enough pairs to say anything."""
    some = (np.abs(columns) > _SLIGHT).mean(axis=0)
    return np.asarray((some >= SELDOM) & (columns.std(axis=0) > _SLIGHT))


def _degrees(days: Days) -> Floats:
    """Degrees of heating and of cooling, then those of the day before, which walls remember; none on days without work, shape (n, 4)."""
    now = days.temperature
    before = np.concatenate([now[:1], now[:-1]])
    before = np.where(np.isfinite(before), before, now)
    parts = [f(t) for t in (now, before) for f in (_heating, _cooling)]
    return np.column_stack(parts) * days.working[:, None]


def _heating(temperature: Floats) -> Floats:
    return np.maximum(HEATS - temperature, 0.0)


def _cooling(temperature: Floats) -> Floats:
    return np.maximum(temperature - COOLS, 0.0)


def _felt(
    days: Days, pairs: _Pairs, lived: Floats, random: np.random.Generator, draws: int
) -> tuple[float, float]:
    """What the day before contributes, and the chance of so much if it were not felt: other coins, and no such term."""
    yesterday = pairs.yesterday(lived, pairs.sign)
    if yesterday.std() < _SLIGHT:
        return math.nan, 1.0
    plain = _fit(pairs.design(pairs.sign, None), pairs.saved)
    known = _known(pairs, plain, None)
    felt = float(_fit(pairs.design(pairs.sign, yesterday), pairs.saved)[-1])
    found = np.concatenate(
        [
            _fits(pairs.design(sign, q), _lived(pairs, known, sign, None, plain, plain.size))[:, -1]
            for sign, q in _redrawn(days, pairs, random, draws, steady=True)
        ]
    )
    return felt, float((np.abs(found) >= abs(felt)).mean())


def _known(pairs: _Pairs, fit: Floats, yesterday: Floats | None) -> Floats:
    """What is left of each pair's difference without saving and day before: weather and chance, which change sides with the coin."""
    told = pairs.effect @ fit[: pairs.effect.shape[1]]
    if yesterday is not None:
        told = told + fit[-1] * (yesterday - 1.0)
    return np.asarray(pairs.saved - told)


def _lived(
    pairs: _Pairs, known: Floats, sign: Floats, yesterday: Floats | None, fit: Floats, terms: int
) -> Floats:
    """The differences as they would have been under other coins, shape (…, n); wider by what the fit took up."""
    weather = fit[pairs.effect.shape[1] :][: pairs.weather.shape[1]]
    of_weather = -(pairs.sign[:, None] * pairs.weather) @ weather
    chance = (known - of_weather) * math.sqrt(known.size / (known.size - terms))
    told = pairs.effect @ fit[: pairs.effect.shape[1]] + sign * pairs.sign * (of_weather + chance)
    return np.asarray(told if yesterday is None else told + fit[-1] * (yesterday - 1.0))


def _redrawn(
    days: Days, pairs: _Pairs, random: np.random.Generator, draws: int, *, steady: bool
) -> Iterator[tuple[Floats, Floats | None]]:
    """Coins thrown anew: the signs of the pairs, and the arms of the days before."""
    numbers, place = np.unique(days.pair, return_inverse=True)
    where = np.searchsorted(numbers, pairs.number)
    for start in range(0, draws, _CHUNK):
        coins: Floats = np.asarray(
            random.integers(0, 2, (min(_CHUNK, draws - start), numbers.size)) * 2 - 1, float
        )
        sign = np.asarray(coins[:, where])
        if not steady:
            yield sign, None
            continue
        arms = (coins[:, place] > 0) == days.earlier
        first = np.full((len(coins), 1), float(days.before))
        yield sign, pairs.yesterday(np.concatenate([first, arms], axis=1), sign)


def _fit(design: Floats, saved: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(design, saved, rcond=None)[0])


def _fits(design: Floats, saved: Floats) -> Floats:
    """Least squares of many draws at once, shape (draws, k)."""
    turned = np.swapaxes(design, -1, -2)
    normal = turned @ design
    k = normal.shape[-1]
    normal += np.eye(k) * (1e-9 * np.trace(normal, axis1=-2, axis2=-1) / k)[:, None, None]
    return np.asarray(np.linalg.solve(normal, turned @ saved[..., None])[..., 0])
