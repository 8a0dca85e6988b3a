"""What a trial shows: the difference of its arms with the weather taken out, and what other coins would have made of the same days.

A day counts where the same weekday of its pair, under the other arm, counts too. All of them are regressed together (`model` says on what). The saving itself
may depend on the day (Lin 2013, Ann. Appl. Stat. 7, 295) and on the arms of the days before, as walls remember them. What is told is the saving of an arm that
is kept. The interval comes from drawing all coins anew ten thousand times (Bojinov, Simchi-Levi & Zhao 2023, Management Science 69, 3759)
and estimating each time what is estimated here.

What sensors saw of a day is taken out as well, where the arms did not move it: the same coins say whether they did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from config.trial import Sees
from supervisor.savings.days import Floats
from supervisor.savings.quantiles import Z, student
from supervisor.savings.trial.days import Days, Numbers
from supervisor.savings.trial.model import Model, common, compared, model, outside
from supervisor.savings.uncertainty import CONFIDENCE

DRAWS: Final = 10_000
FELT: Final = 0.05
"""Chance under which the arm of the day before is taken to be felt, and what sensors saw to be moved by the arms."""
MEASURED: Final = 0.8
"""Share of the days with work that sensors must have measured for what they saw to be taken out."""
_CHUNK: Final = 1000


class Taken(NamedTuple):
    """What sensors saw, and whether it is taken out."""

    name: Sees
    share: float
    """Of the days that count, on how many it was measured."""
    chance: float
    """That the arms would differ so much in it if they did not move it; NaN where too few days were measured."""

    @property
    def used(self) -> bool:
        """It was measured, and no arm moved it."""
        return self.chance >= FELT


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
    taken: tuple[Taken, ...] = ()
    free: float = math.inf
    """Days to spare, beyond what the terms cost."""
    alike: float = 0.0
    """The chance of so great a difference, either way, were both arms the same on every day: other coins over the days as they are."""

    @property
    def share(self) -> float:
        """Saved, of what the reference uses."""
        return self.saved / self.reference if self.reference else math.nan

    def interval(self, deviations: float = Z) -> tuple[float, float]:
        """The interval of a look that must be sure by so many standard deviations, instead of 90 % once.

        It has zero in it where chance alone would bring as much too often: that test supposes nothing of how days scatter.
        """
        wider = student(self.free, deviations) / student(self.free)
        low, high = (
            self.saved - (self.saved - self.low) * wider,
            self.saved + (self.high - self.saved) * wider,
        )
        if self.alike > math.erfc(deviations / math.sqrt(2)):
            return min(low, 0.0), max(high, 0.0)
        return low, high


def estimate(days: Days, *, steady: bool | None = None, draws: int = DRAWS, seed: int = 0) -> Estimate | None:
    """The saving of the treatment; None with too few pairs.

    `steady`: with the arms of the days before taken into account; None: where the day before is felt.
    """
    taken = tuple(_moved(days, draws, seed))
    of = model(days, [each for each, seen in zip(days.sensed, taken, strict=True) if seen.used])
    if of is None:
        return None
    random, lived = np.random.default_rng(seed), np.concatenate([[float(days.before)], days.treated])
    chance = _chance(days, of, lived, random, draws)
    steady = chance < FELT if steady is None else steady
    terms, penalty = _terms(of, lived, steady=steady), of.steady if steady else of.penalty
    fit = _fit(terms, of.energy, penalty)
    free = float(of.spare - _spent(terms, penalty))
    known = (of.energy - terms @ fit) * math.sqrt(of.spare / free)
    found, as_great = [], []
    for arms in _redrawn(days, random, draws):
        other = _terms(of, arms, steady=steady)
        # beside what these coins would have shown of what was found, what they would have of no difference at all
        alike = np.broadcast_to(of.energy, other.shape[:-1])
        both = _fits(other, np.stack([other @ fit + known, alike], axis=-1), penalty)[..., 0, :]
        found.append(both[:, 0])
        as_great.append(np.abs(both[:, 1]) >= abs(fit[0]))
    edges = np.quantile(np.concatenate(found) - fit[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    low, high = fit[0] - edges[::-1] * student(free) / Z
    mine = days.counts & days.treated
    others = days.counts & ~days.treated & days.compared
    reference = float(
        np.concatenate([days.energy[others], days.energy[mine & days.compared] + fit[0]]).mean()
    )
    felt = _left(of, fit[of.effect.shape[1] :]) if steady else math.nan
    return Estimate(
        float(fit[0]), float(low), float(high), of.pairs, fit.size, reference,
        float(days.energy[mine].sum()), int(mine.sum()), felt, chance, steady, taken, free,
        float(np.concatenate(as_great).mean()),
    )  # fmt: skip


def _terms(of: Model, arms: Floats, *, steady: bool) -> Floats:
    """What a coin moves, the rest taken out, shape (…, n, k)."""
    direct = of.direct(arms)
    return of.rest(np.concatenate([direct, of.remembered(arms)], axis=-1) if steady else direct)


def _left(of: Model, shares: Floats) -> float:
    """What the days before contribute a day, where each arm is kept."""
    days = float(of.load.mean())
    if of.warm is None:
        return float(shares[0]) * days
    return float(shares[0] + shares[1] * (of.warm.mean() - 0.5)) * days


def _moved(days: Days, draws: int, seed: int) -> Iterator[Taken]:
    """Of all that sensors saw, on how many days, and whether the arms differ in it by more than chance brings."""
    places, pairs = compared(days)
    if not pairs or not days.sensed:
        yield from (Taken(each.name, 0.0, math.nan) for each in days.sensed)
        return
    out, _ = outside(common(days)[places], np.zeros((places.size, 1)))
    for each in days.sensed:
        there = days.working[places]
        seen = np.where(there, each.hours[places], 0.0)
        share = float(np.isfinite(seen[there]).mean()) if there.any() else 0.0
        chance = math.nan
        if share >= MEASURED:
            usual = np.where(np.isfinite(seen), seen, np.nanmean(seen[there]))
            chance = _balance(days, places, out, out @ (usual * there), draws, seed)
        yield Taken(each.name, share, chance)


def _balance(days: Days, places: Numbers, out: Floats, seen: Floats, draws: int, seed: int) -> float:
    """The chance of so great a difference between arms in what is `seen`, were it the same under both."""

    def between(arms: Floats) -> Floats:
        mine = (arms[..., places + 1] * days.working[places]) @ out.T
        return np.asarray(np.abs(mine @ seen) / np.maximum((mine**2).sum(axis=-1), 1e-12))

    lived = between(np.concatenate([[float(days.before)], days.treated]))
    random = np.random.default_rng((seed, 1))
    found = np.concatenate([between(arms) for arms in _redrawn(days, random, draws)])
    return float((found >= lived).mean())


def _chance(days: Days, of: Model, lived: Floats, random: np.random.Generator, draws: int) -> float:
    """The chance that so much would be seen of the day before if it were not felt: other coins, and no such term."""
    direct, before = of.rest(of.direct(lived)), of.rest(of.yesterday(lived))
    plain, penalty = _fit(direct, of.energy, of.penalty), np.append(of.penalty, 0.0)
    known = of.energy - direct @ plain
    felt = abs(_fit(np.concatenate([direct, before], axis=-1), of.energy, penalty)[-1])
    found = []
    for arms in _redrawn(days, random, draws):
        own, other = of.rest(of.direct(arms)), of.rest(of.yesterday(arms))
        found.append(_fit(np.concatenate([own, other], axis=-1), own @ plain + known, penalty)[:, -1])
    return float((np.abs(np.concatenate(found)) >= felt).mean())


def _redrawn(days: Days, random: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Coins thrown anew: the arms of all days, with the one before the first in front."""
    numbers, place = np.unique(days.pair, return_inverse=True)
    for start in range(0, draws, _CHUNK):
        heads = random.integers(0, 2, (min(_CHUNK, draws - start), numbers.size)) > 0
        arms = heads[:, place] == days.earlier
        yield np.concatenate([np.full((len(arms), 1), float(days.before)), arms], axis=1)


def _spent(terms: Floats, penalty: Floats) -> float:
    """Days that the terms cost: one each, less what is drawn towards none."""
    normal = terms.T @ terms
    return float(np.trace(np.linalg.lstsq(normal + np.diag(penalty), normal, rcond=None)[0]))


def _fit(terms: Floats, energy: Floats, penalty: Floats) -> Floats:
    """Least squares, of many draws at once, shape (…, k), each term drawn towards none by its penalty."""
    return _fits(terms, energy[..., None], penalty)[..., 0]


def _fits(terms: Floats, energies: Floats, penalty: Floats) -> Floats:
    """The same for several energies, shape (…, n, c), on the same terms: shape (…, k, c)."""
    turned = np.swapaxes(terms, -1, -2)
    normal = turned @ terms
    k = normal.shape[-1]
    normal = normal + np.diag(penalty)
    normal += np.eye(k) * (1e-9 * np.trace(normal, axis1=-2, axis2=-1) / k)[..., None, None]
    return np.asarray(np.linalg.solve(normal, turned @ energies))
