"""What the days of a trial are regressed on: what no coin moves and is taken out, what an arm does to its own day, and what it leaves behind.

Taken out are a level of each four weeks and of each weekday; degrees of heating and of cooling, of the day and of what the walls remember of the days before; the
first day after days without work, and the one after it; what sensors saw of the day; and what the year before makes of it. Each four weeks may answer to the temperature a little in their own way.

An arm saves in proportion to what a day of its kind uses; each four weeks, degrees of heat and of cold by a share of their own that is drawn towards the common one. So does what it leaves behind,
with a share for warm days and one for cold ones that are drawn together. A day that uses twice as much counts for less, by the root of that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.days import Flags, Floats
from supervisor.savings.trial.days import Days, Numbers, Sensed
from supervisor.savings.trial.usual import IDLE_MEMORY, MEMORY, SLIGHT, cooling, heating, response, usual

WARM: Final = 17.0
"""°C of a day's mean above which what an arm leaves behind is that of a cooled building. Site choice."""
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
PAIR, OWN_LEVEL = 14, 0.3
"""Days of two weeks, whose level may differ a little from that of their four: a plant that is changed over in the middle of these. As a share of what is left of a
day; site choice."""
TOGETHER: Final = 4.0
"""Days of no difference that are put beside each four weeks' own: how strongly their share of saving is drawn towards the common one. Site choice."""
OTHERWISE: Final = 2.0
"""The same beside what an arm saves otherwise than in proportion to what a day uses."""
BOTH: Final = 1.0
"""The same beside the difference of what warm days and cold ones leave behind, of what they use."""


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
        parts = [soon] if self.warm is None else [soon, soon * (self.warm - 0.5)]
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
        return np.concatenate([self.penalty, [0.0] if self.warm is None else [0.0, BOTH], [SLOWLY]])


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
    spans, before = _spans(days), usual(days)
    fixed = np.column_stack([common(days), *seen, *([] if before is None else [before])])
    fixed = fixed[:, np.sqrt((fixed[places] ** 2).mean(axis=0)) > SLIGHT]
    fixed = fixed / np.sqrt((fixed[places] ** 2).mean(axis=0))
    load = _load(days, fixed, places) if before is None else _relative(before, days.working)
    kinds = _kinds(days)
    effect = np.column_stack([load, spans * load[:, None], kinds, *seen])
    effect = effect - effect[np.isfinite(days.temperature)].mean(axis=0)
    drawn = [0.0, *[TOGETHER] * spans.shape[1], *[OTHERWISE] * kinds.shape[1], *[0.0] * len(seen)]
    # where the trial has one span, its own share is the common one
    spread = effect[places].std(axis=0) > SLIGHT
    effect = np.column_stack([np.ones(places.size), effect[places][:, spread]])
    penalty = np.append(0.0, np.array(drawn)[spread])
    warm = days.temperature[places] > WARM
    both = SELDOM < float(warm.mean()) < 1 - SELDOM
    worth = (
        (1 + load[places]) / 2
    ) ** -0.5  # what uses more scatters more; weights by the load itself cost coverage
    out, rank = outside(fixed[places] * worth[:, None], _own(days, spans, seen)[places] * worth[:, None])
    out = out * worth
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
    taken = basis[:, size > SLIGHT * size[0]]
    return np.asarray(white - taken @ (taken.T @ white)), taken.shape[1]


def common(days: Days) -> Floats:
    """What no coin moves, whatever sensors saw; shape (m, columns)."""
    return np.column_stack([_spans(days), response(days.temperature, days.working, days.stood)])


def _kinds(days: Days) -> Floats:
    """What an arm may save otherwise than in proportion: a day with work by itself, by the degrees of its cold and of its heat; each as large as one."""
    work = days.working.astype(float)
    columns = np.nan_to_num(
        np.column_stack([work, heating(days.temperature) * work, cooling(days.temperature) * work])
    )
    return np.asarray(columns / np.maximum(np.sqrt((columns**2).mean(axis=0)), SLIGHT))


def _own(days: Days, spans: Floats, seen: Sequence[Floats]) -> Floats:
    """What may differ a little: each two weeks' level, each four weeks' slope, and what sensors saw of them."""
    warmer = np.nan_to_num((days.temperature - np.nanmean(days.temperature)) * days.working)
    columns = [
        spans * warmer[:, None] * OWN_SLOPE,
        _spans(days, PAIR) * days.working[:, None] * OWN_LEVEL,
    ]
    for each in seen:
        columns += [spans * each[:, None] * OWN_SENSED, (each * warmer / 5.0 * OWN_SENSED)[:, None]]
    return np.column_stack(columns)


def _standard(days: Days, hours: Floats) -> Floats:
    """Standard deviations from the mean of the days with work; nothing where it was not measured."""
    usual = hours[days.working & days.counts]
    spread = float(np.nanstd(usual))
    if not spread > SLIGHT:
        return np.zeros(hours.size)
    return np.where(days.working, np.nan_to_num((hours - np.nanmean(usual)) / spread), 0.0)


def _load(days: Days, fixed: Floats, places: Numbers) -> Floats:
    """What a day of its kind uses, whatever its arm, of a mean day with work."""
    found = fixed @ np.linalg.lstsq(fixed[places], days.energy[places], rcond=SLIGHT)[0]
    return _relative(found, days.working)


def _relative(found: Floats, working: Flags) -> Floats:
    """Of a mean day with work; no day without work uses more."""
    found = np.clip(found, 0.0, None)
    mean = float(found[working].mean()) if working.any() else float(found.mean())
    if not mean > 0:
        return np.ones(found.size)
    return np.where(working, found / mean, np.minimum(found / mean, 1.0))


def _spans(days: Days, level: int = LEVEL) -> Floats:
    spans = np.arange(days.energy.size) // level
    return np.column_stack([spans == k for k in np.unique(spans)]).astype(float)
