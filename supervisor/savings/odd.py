"""Days that stand out from what a model has for them: a week of construction power, a closed wing, a meter's wild day, a level that changed for good.

They are told and never taken out: whether something was out of the ordinary is for somebody to say who was there (`savings: events:`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings import changepoint
from supervisor.savings.changepoint import Model, autocorrelation, effective
from supervisor.savings.days import Days, Floats

APART: Final = 5.0
"""Deviations (by the median) that each of its days lies apart: what noise has, neighbours that resemble each other included, is not three days in a
row beyond that."""
LEAST, MOST = 3, 60
"""Days of a stretch: less is told only where each is off by a whole mean day's use; more is how the building is, see `shifts`."""
BETWEEN: Final = 3
"""Ordinary days between two stretches to the same side that make them one: a works' holiday closes over weekends on which little was used anyway."""
SHARE: Final = 0.01
"""Of the period's energy: less does not matter."""
TOLD: Final = 3
"""The largest so many are told."""
QUARTER: Final = 45
"""Days in a quarter of a period's: of fewer, one scatter is that of all."""
ROUNDS: Final = 4
"""Fits without what stood out before, at most."""
LEVEL: Final = 0.05
"""Of a mean day's use: a level that changed by less is not told."""
SURE: Final = 50.0
"""By how much a changed level must better twice the logarithm of the likelihood: 7 deviations. Site choice: a change by a fifth in mid-year comes to 70 and
more, a school whose closed days heat otherwise than its Sundays to 40 at most."""
WEEK, YEARLY = 7, 400
"""Days between the dates that are tried; days of a period beyond which drift between years says it."""
_SIGMA: Final = 1.4826
"""A normal distribution's deviation over its median absolute one."""


class Odd(NamedTuple):
    """A stretch: its first day (ordinal), its days, and by how much they lie above what such days use, in the unit of energy."""

    first: int
    days: int
    more: float
    before: bool
    """Of the baseline; else of the reporting period."""


def stretches(model: Model, before: Days, reporting: Days) -> tuple[Odd, ...]:
    """Those of either period, the largest first. By a model without the baseline's, where it has any: least squares lean towards them."""
    known: list[Odd] = []
    for _ in range(ROUNDS):
        off = before.energy - model.predicted(before)
        found = list(_of(before, off, _scatter(off, before.energy - off), True))
        if {(e.first, e.days) for e in found} <= {(e.first, e.days) for e in known}:
            break
        known = found
        inside = [(before.number >= each.first) & (before.number < each.first + each.days) for each in known]
        model = changepoint.best(before.where(~np.any(inside, axis=0)))
    was = before.energy - model.predicted(before)
    is_ = reporting.energy - model.predicted(reporting)
    usual = _scatter(was, before.energy - was)
    own = np.maximum(_scatter(is_, reporting.energy - is_), usual.min())
    found = [*_of(before, was, usual, True), *_of(reporting, is_, own, False)]
    return tuple(sorted(found, key=lambda each: -abs(each.more))[:TOLD])


def _scatter(off: Floats, load: Floats) -> Floats:
    """Of each day, by the quarter of the days whose load is like its own: what heats in winter alone scatters in winter alone. Never less than of all."""

    def by_median(of: Floats) -> float:
        return _SIGMA * float(np.median(np.abs(of - np.median(of))))

    found = np.full(off.size, by_median(off))
    if off.size >= 4 * QUARTER:
        for part in np.array_split(np.argsort(load, kind="stable"), 4):
            found[part] = np.maximum(found[part], by_median(off[part]))
    return found


def _of(on: Days, off: Floats, usual: Floats, before: bool) -> Iterator[Odd]:
    apart = off - np.median(off)
    sign = np.where(np.abs(apart) > APART * usual, np.sign(apart), 0.0)
    enough = SHARE * float(np.abs(on.energy).sum())
    mean = float(np.abs(on.energy).mean())
    for part in _runs(on, sign):
        flagged = part[sign[part] != 0]
        more = float(apart[part].sum())
        alone = bool((np.abs(apart[flagged]) > mean).all())
        days = int(on.number[part[-1]] - on.number[part[0]]) + 1
        if (flagged.size >= LEAST or alone) and days <= MOST and abs(more) >= enough:
            yield Odd(int(on.number[part[0]]), days, more, before)


def _runs(on: Days, sign: Floats) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Places of days to one side, from the first of a stretch to its last, few ordinary ones between included."""
    flagged = np.flatnonzero(sign)
    if not flagged.size:
        return
    apart = (np.diff(on.number[flagged]) > BETWEEN + 1) | (np.diff(sign[flagged]) != 0)
    for part in np.split(flagged, np.flatnonzero(apart) + 1):
        yield np.arange(part[0], part[-1] + 1)


def shifts(model: Model, before: Days, reporting: Days) -> tuple[Odd, ...]:
    """A level of either period that changed on a day and stayed so to its end: a server room that came, a wing that closed."""
    found = (_shift(model, of, first) for of, first in ((before, True), (reporting, False)))
    return tuple(each for each in found if each is not None)


def _shift(model: Model, of: Days, before: bool) -> Odd | None:
    """The likeliest, where the days with it are told so much better than without that chance has no part in it.

    The period's own days are fitted anew at the model's change points: a saving that grows with the load is no change of level.
    """
    if not len(of) or of.number[-1] - of.number[0] > YEARLY:
        return None
    x = changepoint.design(model.form, of, model.heating, model.cooling)
    plain = _left(x, of)[0]
    tried = []
    for first in range(int(of.number[0]) + MOST, int(of.number[-1]) + 1 - MOST, WEEK):
        since = of.number >= first
        if min(int(since.sum()), int((~since).sum())) >= MOST:
            tried.append((*_left(np.column_stack([x, since]), of), first))
    if not tried:
        return None
    left, level, first = min(tried, key=lambda each: float(each[0] @ each[0]))
    worth = effective(len(of), autocorrelation(of, left))
    squares = float(left @ left), float(plain @ plain)
    better = worth * math.log(squares[1] / squares[0]) if squares[0] > 0 else 0.0
    if better < SURE or abs(level) < LEVEL * float(np.abs(of.energy).mean()):
        return None
    days = int((of.number >= first).sum())
    return Odd(first, days, level * days, before)


def _left(x: Floats, of: Days) -> tuple[Floats, float]:
    """What least squares leave over, and the last term's figure."""
    b = np.linalg.lstsq(x, of.energy, rcond=None)[0]
    return np.asarray(of.energy - x @ b), float(b[-1])
