"""What the days of a trial are regressed on: what no coin moves and is taken out, what an arm does to its own day, and what it leaves behind.

Taken out are a level of each four weeks and of each weekday; degrees of heating and of cooling, of the day and of what the walls remember of the days before; the
first day after days without work, and the one after it; and what sensors saw of the day. Each four weeks may answer to the temperature a little in their own way.

An arm saves in proportion to what a day of its kind uses, each four weeks by a share of their own that is drawn towards the common one; so does what it leaves behind,
with one share for warm days and one for cold ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.days import Flags, Floats
from supervisor.savings.trial.days import STOOD, Days, Numbers, Sensed

HEATS, COOLS = 15.0, 18.0
"""°C beneath and above which the weather counts: fixed beforehand, as everything about a trial is. Site choices (HDD15, CDD18)."""
WARM: Final = 17.0
"""°C of a day's mean above which what an arm leaves behind is that of a cooled building. Site choice."""
MEMORY: Final = 0.15
"""Of what a day leaves behind, the share that a day with work leaves of it: what runs sets rooms back to their setpoints. Site choice, from the plant; fixed
beforehand: let the days choose, and they choose the wrong one often enough to spoil the saving by more."""
IDLE_MEMORY: Final = 0.6
"""The same of a day without work, on which nothing sets anything back: walls with a time constant of two days. Site choice, from the plant."""
LONG_MEMORY: Final = math.exp(-1.0)
"""The same of a building that nothing sets back and that answers with a time constant of 24 h."""
SLOWLY: Final = 3.0
"""Days of no difference that are put beside that slower memory: it is believed as far as the days speak for it. Site choice."""
LEVEL: Final = 28
"""Days that have a level in common: two pairs of weeks, or one of fortnights."""
LEAST: Final = 10
"""Pairs, and days to spare, beyond the number of terms that an estimate needs."""
SELDOM: Final = 0.12
"""Share of the days that must be warm, and cold, for either to have a memory of its own."""
OWN_SLOPE: Final = 0.1
"""How far four weeks' answer to a kelvin may differ from the common one, and in `OWN_SENSED` to what sensors saw, per standard deviation of it: as a share
of what is left of a day. Site choices."""
OWN_SENSED: Final = 0.1
TOGETHER: Final = 2.0
"""Days of no difference that are put beside each four weeks' own: how strongly their share of saving is drawn towards the common one. Site choice."""
_SLIGHT: Final = 1e-6
"""Spread under which a column says nothing."""


class Model(NamedTuple):
    """The days that count and what they are regressed on; `n` of them, out of all `m`."""

    places: Numbers
    """(n,) which days they are."""
    energy: Floats
    """(n,) with what no coin moves taken out."""
    out: Floats
    """(n, n) takes what no coin moves out of a column."""
    spare: int
    """Days beyond the terms that no coin moves."""
    effect: Floats
    """(n, k) one, and what the saving may depend on, less its mean over the trial."""
    penalty: Floats
    """(k,) how strongly each effect is drawn towards none, in days."""
    load: Floats
    """(m,) what a day of its kind uses, of a mean day with work: where nothing runs nothing is saved or left behind."""
    working: Flags
    warm: Flags | None
    """(n,) where warm days and cold ones have each a memory of their own."""
    pairs: int

    def rest(self, columns: Floats) -> Floats:
        """Columns of shape (…, n, k) with what no coin moves taken out; all draws at once, as one product."""
        return np.moveaxis(np.tensordot(self.out, columns, axes=(1, -2)), 0, -2)

    def direct(self, arms: Floats) -> Floats:
        """The terms of a day's own arm, shape (…, n, k). `arms`: (…, m + 1), one more day in front."""
        return np.asarray(-arms[..., self.places + 1, None] * self.effect)

    def yesterday(self, arms: Floats) -> Floats:
        """The arm of the day before less the day's own, shape (…, n, 1)."""
        return np.asarray(-((arms[..., :-1] - arms[..., 1:]) * self.load)[..., self.places, None])

    def remembered(self, arms: Floats) -> Floats:
        """The arms of the days before, as far as they are remembered, less as many days of the day's own, shape (…, n, 2 or 3)."""
        soon = self._kept(arms, (MEMORY, 1 - MEMORY), (IDLE_MEMORY, 0.0))
        late = self._kept(arms, (LONG_MEMORY, 1 - LONG_MEMORY), (LONG_MEMORY, 1 - LONG_MEMORY))
        parts = [soon] if self.warm is None else [soon * self.warm, soon * ~self.warm]
        return np.stack([*parts, late - soon], axis=-1)

    def _kept(self, arms: Floats, worked: tuple[float, float], idle: tuple[float, float]) -> Floats:
        """What is left of the days before: the shares kept and new, of days with work and without."""
        found = np.empty(arms[..., 1:].shape)
        total, weight = arms[..., 0], 1.0
        for day, working in enumerate(self.working):
            found[..., day] = (total - weight * arms[..., day + 1]) * self.load[day]
            kept, new = worked if working else idle
            total, weight = total * kept + arms[..., day + 1] * new, weight * kept + new
        return np.asarray(-found[..., self.places])

    @property
    def steady(self) -> Floats:
        """The penalty of the effects and of what is remembered."""
        return np.concatenate([self.penalty, np.zeros(1 if self.warm is None else 2), [SLOWLY]])


def compared(days: Days) -> tuple[Numbers, int]:
    """The days whose partner counts, is of the same kind and was lived under the other arm; and how many pairs are compared."""
    at: dict[tuple[int, bool], list[int]] = {}
    for place in np.flatnonzero(days.counts).tolist():
        at.setdefault((int(days.pair[place]), bool(days.compared[place])), []).append(place)
    kind = days.kinds
    both = {
        key: two
        for key, two in at.items()
        if len(two) == 2 and kind[two[0]] == kind[two[1]] and days.treated[two[0]] != days.treated[two[1]]
    }
    places = np.array(sorted(place for two in both.values() for place in two), np.int64)
    return places, sum(compared for _, compared in both)


def model(days: Days, sensed: Sequence[Sensed] = ()) -> Model | None:
    """What the days are regressed on; None where there are too few pairs for an estimate."""
    places, pairs = compared(days)
    if not pairs:
        return None
    seen = [_standard(days, each.hours) for each in sensed]
    spans, fixed = _spans(days), np.column_stack([common(days), *seen])
    fixed = fixed[:, np.sqrt((fixed[places] ** 2).mean(axis=0)) > _SLIGHT]
    fixed = fixed / np.sqrt((fixed[places] ** 2).mean(axis=0))
    load = _load(days, fixed, places)
    effect = np.column_stack([load, spans * load[:, None], *seen])
    effect = effect - effect[np.isfinite(days.temperature)].mean(axis=0)
    # where the trial has one span, its own share is the common one
    spread = effect[places].std(axis=0) > _SLIGHT
    effect = np.column_stack([np.ones(places.size), effect[places][:, spread]])
    penalty = np.concatenate(
        [[0.0], np.array([0.0, *([TOGETHER] * spans.shape[1]), *([0.0] * len(seen))])[spread]]
    )
    warm = days.temperature[places] > WARM
    both = SELDOM < float(warm.mean()) < 1 - SELDOM
    out, rank = outside(fixed[places], _own(days, spans, seen)[places])
    most = effect.shape[1] + 2 + both + LEAST
    if pairs < most or places.size - rank < most:
        return None
    return Model(
        places, out @ days.energy[places], out, int(places.size - rank), effect, penalty, load, days.working,
        warm if both else None, pairs,
    )  # fmt: skip


def outside(fixed: Floats, own: Floats) -> tuple[Floats, int]:
    """What takes columns out of others, (n, n), and how many it takes: `fixed` wholly, `own` as far as they may differ from nothing."""
    vectors, size, _ = np.linalg.svd(own, full_matrices=False)
    white = np.eye(len(own)) - (vectors * (1 - 1 / np.sqrt(1 + size**2))) @ vectors.T
    basis, size, _ = np.linalg.svd(white @ fixed, full_matrices=False)
    taken = basis[:, size > _SLIGHT * size[0]]
    return np.asarray(white - taken @ (taken.T @ white)), taken.shape[1]


def common(days: Days) -> Floats:
    """What no coin moves, whatever sensors saw; shape (m, columns)."""
    work, stood, n = days.working.astype(float), days.stood, np.arange(days.energy.size)
    first = (days.working & (stood > 0)).astype(float)
    holiday = (days.working & (stood >= STOOD)).astype(float)
    now, before = days.temperature, _walls(days)
    walls = [_heating(before) * work, _cooling(before) * work]
    columns = [
        *_spans(days).T, *(((n % 7) == k) * work for k in range(7)), 1 - work,
        _heating(now) * work, _cooling(now) * work, *walls,
        first, *(first * each for each in walls), _lag(first) * work, _lag(holiday) * work,
    ]  # fmt: skip
    return np.asarray(np.nan_to_num(np.column_stack(columns)))


def _own(days: Days, spans: Floats, seen: Sequence[Floats]) -> Floats:
    """What may differ a little: each four weeks' slope, and what sensors saw of them."""
    warmer = np.nan_to_num((days.temperature - np.nanmean(days.temperature)) * days.working)
    columns = [spans * warmer[:, None] * OWN_SLOPE]
    for each in seen:
        columns += [spans * each[:, None] * OWN_SENSED, (each * warmer / 5.0 * OWN_SENSED)[:, None]]
    return np.column_stack(columns)


def _standard(days: Days, hours: Floats) -> Floats:
    """Standard deviations from the mean of the days with work; nothing where it was not measured."""
    usual = hours[days.working & days.counts]
    spread = float(np.nanstd(usual))
    if not spread > _SLIGHT:
        return np.zeros(hours.size)
    return np.where(days.working, np.nan_to_num((hours - np.nanmean(usual)) / spread), 0.0)


def _load(days: Days, fixed: Floats, places: Numbers) -> Floats:
    """What a day of its kind uses, whatever its arm, of a mean day with work."""
    found = fixed @ np.linalg.lstsq(fixed[places], days.energy[places], rcond=_SLIGHT)[0]
    found = np.clip(found, 0.0, None)
    usual = float(found[days.working].mean()) if days.working.any() else float(found.mean())
    if not usual > 0:
        return np.ones(found.size)
    return np.where(days.working, found / usual, np.minimum(found / usual, 1.0))


def _spans(days: Days) -> Floats:
    spans = np.arange(days.energy.size) // LEVEL
    return np.column_stack([spans == k for k in np.unique(spans)]).astype(float)


def _walls(days: Days) -> Floats:
    """The outdoor air of the days before as walls remember it, °C."""
    now = days.temperature
    known = now[np.isfinite(now)]
    held = float(known[0]) if known.size else 0.0
    found = np.empty(now.size)
    for day, working in enumerate(days.working):
        found[day] = held
        kept = MEMORY if working else IDLE_MEMORY
        held = held * kept + (float(now[day]) if np.isfinite(now[day]) else held) * (1 - kept)
    return found


def _lag(column: Floats) -> Floats:
    return np.concatenate([column[:1], column[:-1]])


def _heating(temperature: Floats) -> Floats:
    return np.maximum(HEATS - temperature, 0.0)


def _cooling(temperature: Floats) -> Floats:
    return np.maximum(temperature - COOLS, 0.0)
