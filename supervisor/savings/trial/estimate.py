"""What a trial shows: the difference of its arms with the weather taken out, and what other coins would have made of the same days.

A day counts where the same weekday of its pair, under the other arm, counts too. All of them are regressed together: each four weeks and each weekday has a
level of its own, so that what moves slowly moves nothing; degrees of heating and of cooling, and those of the day before; the first day after
days without work. The saving itself may depend on the weather and on whether anybody works (Lin 2013, Ann. Appl. Stat. 7, 295), and on the arms of the days
before, as walls remember them. What is told is the saving of an arm that is kept. The interval comes from drawing all coins anew ten
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
MEMORY: Final = math.exp(-1.0)
"""Of what a day leaves behind, the share that is there a day later: what walls with a time constant of 24 h keep. Site choice, fixed
beforehand: let the days choose, and they choose the wrong one often enough to spoil the saving by more."""
LEVEL: Final = 28
"""Days that have a level in common: two pairs of weeks, or one of fortnights."""
LEAST: Final = 10
"""Pairs, and days to spare, beyond the number of terms that an estimate needs."""
STOOD: Final = 3
"""Days without work after which a day is not compared with one after fewer: rooms that stood cold through a holiday. Site choice."""
SELDOM: Final = 0.2
"""Share of the days that must have any degrees of heating, of cooling, or a day without work for that to be a term."""
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
    """What the days before contribute to `saved`; NaN where they were not taken into account."""
    chance: float
    """That so much would be seen of the day before if it were not felt at all."""
    steady: bool
    """Whether the arms of the days before were taken into account."""

    @property
    def share(self) -> float:
        """Saved, of what the reference uses."""
        return self.saved / self.reference if self.reference else math.nan

    def interval(self, deviations: float = Z) -> tuple[float, float]:
        """The interval of a look that must be sure by so many standard deviations, instead of 90 % once."""
        wider = deviations / Z
        return self.saved - (self.saved - self.low) * wider, self.saved + (self.high - self.saved) * wider


class _Model(NamedTuple):
    """The days that count and what they are regressed on; `n` of them, out of all `m`."""

    places: Numbers
    """(n,) which days they are."""
    energy: Floats
    """(n,) with what no coin moves taken out."""
    taken: Floats
    """(n, p) an orthonormal basis of what no coin moves: levels and weather."""
    effect: Floats
    """(n, k) one, and what the saving may depend on, less its mean over the trial."""
    share: Floats
    """(m,) what a day of its kind uses, of a day with work: a day on which nothing runs leaves nothing behind."""
    pairs: int

    def out(self, columns: Floats) -> Floats:
        """Columns of shape (…, n, k) with what no coin moves taken out."""
        return np.asarray(columns - self.taken @ (self.taken.T @ columns))

    def direct(self, arms: Floats) -> Floats:
        """The terms of a day's own arm, shape (…, n, k). `arms`: (…, m + 1), one more day in front."""
        return np.asarray(-arms[..., self.places + 1, None] * self.effect)

    def yesterday(self, arms: Floats) -> Floats:
        """The arm of the day before less the day's own, shape (…, n, 1)."""
        return np.asarray(-((arms[..., :-1] - arms[..., 1:]) * self.share)[..., self.places, None])

    def remembered(self, arms: Floats) -> Floats:
        """The arms of the days before, as far as they are remembered, less as many days of the day's own, shape (…, n, 1)."""
        found = np.empty(arms[..., 1:].shape)
        total, weight = arms[..., 0], 1.0
        for day, share in enumerate(self.share):
            found[..., day] = (total - weight * arms[..., day + 1]) * share
            total = total * MEMORY + arms[..., day + 1] * share * (1 - MEMORY)
            weight = weight * MEMORY + share * (1 - MEMORY)
        return np.asarray(-found[..., self.places, None])

    @property
    def spare(self) -> int:
        """Days beyond the terms that no coin moves."""
        return int(self.places.size - self.taken.shape[1])


def estimate(days: Days, *, steady: bool | None = None, draws: int = DRAWS, seed: int = 0) -> Estimate | None:
    """The saving of the treatment; None with too few pairs.

    `steady`: with the arms of the days before taken into account; None: where the day before is felt.
    """
    model = _model(days)
    if model is None:
        return None
    random, lived = np.random.default_rng(seed), np.concatenate([[float(days.before)], days.treated])
    chance = _chance(days, model, lived, random, draws)
    steady = chance < FELT if steady is None else steady
    terms = _terms(model, lived, steady=steady)
    fit = _fit(terms, model.energy)
    free = model.spare - fit.size
    known = (model.energy - terms @ fit) * math.sqrt(model.spare / free)
    found = []
    for arms in _redrawn(days, random, draws):
        other = _terms(model, arms, steady=steady)
        found.append(_fits(other, other @ fit + known)[:, 0])
    edges = np.quantile(np.concatenate(found) - fit[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    low, high = fit[0] - edges[::-1] * student(float(free)) / Z
    counted = np.isfinite(days.energy) & np.isfinite(days.temperature)
    mine = counted & days.treated
    others = counted & ~days.treated & days.compared
    reference = float(
        np.concatenate([days.energy[others], days.energy[mine & days.compared] + fit[0]]).mean()
    )
    felt = float(fit[-1] * model.share.mean()) if steady else math.nan
    return Estimate(
        float(fit[0]), float(low), float(high), model.pairs, fit.size, reference,
        float(days.energy[mine].sum()), int(mine.sum()), felt, chance, steady,
    )  # fmt: skip


def _terms(model: _Model, arms: Floats, *, steady: bool) -> Floats:
    """What a coin moves, the rest taken out, shape (…, n, k)."""
    direct = model.direct(arms)
    return model.out(np.concatenate([direct, model.remembered(arms)], axis=-1) if steady else direct)


def _model(days: Days) -> _Model | None:
    """Days of which the partner counts and is of the same kind; None where there are too few pairs for an estimate."""
    counts = np.isfinite(days.energy) & np.isfinite(days.temperature)
    at: dict[tuple[int, bool], list[int]] = {}
    for place in np.flatnonzero(counts).tolist():
        at.setdefault((int(days.pair[place]), bool(days.compared[place])), []).append(place)
    kind = kinds(days.working)
    both = {
        key: two
        for key, two in at.items()
        if len(two) == 2 and kind[two[0]] == kind[two[1]] and days.treated[two[0]] != days.treated[two[1]]
    }
    pairs = sum(compared for _, compared in both)
    places = np.array(sorted(place for two in both.values() for place in two), np.int64)
    if not pairs:
        return None
    degrees = _degrees(days)
    depends = np.column_stack([degrees[:, :2], ~days.working])
    first = (days.working & (_stood(days.working) > 0))[:, None]
    effect = depends - depends[np.isfinite(days.temperature)].mean(axis=0)
    effect = np.column_stack([np.ones(len(effect)), effect[:, _often(depends[places])]])[places]
    fixed = np.column_stack(
        [_levels(days), degrees[:, _often(degrees[places])], first, first * degrees[:, :2]]
    )[places]
    basis, size, _ = np.linalg.svd(fixed, full_matrices=False)
    taken = basis[:, size > _SLIGHT * size[0]]
    most = effect.shape[1] + 1 + LEAST
    if pairs < most or places.size - taken.shape[1] < most:
        return None
    plain = _Model(places, days.energy[places], taken, effect, _shares(days, places), pairs)
    return plain._replace(energy=plain.out(plain.energy[:, None])[:, 0])


def _shares(days: Days, places: Numbers) -> Floats:
    """1 on days with work; on days without what these use of that, whatever their arms."""
    idle = ~days.working[places]
    share = 1.0
    if idle.any() and not idle.all() and (usual := float(days.energy[places][~idle].mean())) > 0:
        share = float(np.clip(days.energy[places][idle].mean() / usual, 0.0, 1.0))
    return np.where(days.working, 1.0, share)


def kinds(working: Flags) -> Numbers:
    """By day: 0 without work, 1 with, 2 with work after so many days without that it is like no Monday."""
    return np.where(working, 1 + (_stood(working) >= STOOD), 0)


def _stood(working: Flags) -> Numbers:
    """Days without work that lie just before each day."""
    found = np.zeros(working.size, np.int64)
    for day in range(1, working.size):
        found[day] = 0 if working[day - 1] else found[day - 1] + 1
    return found


def _levels(days: Days) -> Floats:
    """Of each four weeks, of each weekday with work, and of days without; shape (m, columns)."""
    n = np.arange(days.energy.size)
    spans, weekday = n // LEVEL, n % 7
    columns = [spans == k for k in np.unique(spans)] + [(weekday == k) & days.working for k in range(7)]
    return np.column_stack([*columns, ~days.working]).astype(float)


def _often(columns: Floats) -> Flags:
    """Which columns are other than nothing, and other than always the same, on enough days to say anything."""
    some = (np.abs(columns) > _SLIGHT).mean(axis=0)
    return np.asarray((some >= SELDOM) & (columns.std(axis=0) > _SLIGHT))


def _degrees(days: Days) -> Floats:
    """Degrees of heating and of cooling, then those of the day before, which walls remember; none on days without work, shape (m, 4)."""
    now = days.temperature
    before = np.concatenate([now[:1], now[:-1]])
    before = np.where(np.isfinite(before), before, now)
    parts = [f(t) for t in (now, before) for f in (_heating, _cooling)]
    return np.column_stack(parts) * days.working[:, None]


def _heating(temperature: Floats) -> Floats:
    return np.maximum(HEATS - temperature, 0.0)


def _cooling(temperature: Floats) -> Floats:
    return np.maximum(temperature - COOLS, 0.0)


def _chance(days: Days, model: _Model, lived: Floats, random: np.random.Generator, draws: int) -> float:
    """The chance that so much would be seen of the day before if it were not felt: other coins, and no such term."""
    direct, before = model.out(model.direct(lived)), model.out(model.yesterday(lived))
    plain = _fit(direct, model.energy)
    known = model.energy - direct @ plain
    felt = abs(_fit(np.concatenate([direct, before], axis=-1), model.energy)[-1])
    found = []
    for arms in _redrawn(days, random, draws):
        own, other = model.out(model.direct(arms)), model.out(model.yesterday(arms))
        found.append(_fits(np.concatenate([own, other], axis=-1), own @ plain + known)[:, -1])
    return float((np.abs(np.concatenate(found)) >= felt).mean())


def _redrawn(days: Days, random: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Coins thrown anew: the arms of all days, with the one before the first in front."""
    numbers, place = np.unique(days.pair, return_inverse=True)
    for start in range(0, draws, _CHUNK):
        heads = random.integers(0, 2, (min(_CHUNK, draws - start), numbers.size)) > 0
        arms = heads[:, place] == days.earlier
        yield np.concatenate([np.full((len(arms), 1), float(days.before)), arms], axis=1)


def _fit(terms: Floats, energy: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(terms, energy, rcond=None)[0])


def _fits(terms: Floats, energy: Floats) -> Floats:
    """Least squares of many draws at once, shape (draws, k)."""
    turned = np.swapaxes(terms, -1, -2)
    normal = turned @ terms
    k = normal.shape[-1]
    normal += np.eye(k) * (1e-9 * np.trace(normal, axis1=-2, axis2=-1) / k)[:, None, None]
    return np.asarray(np.linalg.solve(normal, turned @ energy[..., None])[..., 0])
