"""Stretches of days that stand out from what a model has for them: a week of construction power, a closed wing, a calendar that nobody told.

They are told and never taken out: whether something was out of the ordinary is for somebody to say who was there (`savings: events:`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings import changepoint
from supervisor.savings.changepoint import Model
from supervisor.savings.days import Days, Floats

APART: Final = 5.0
"""Deviations (by the median) that each of its days lies apart: what noise has, neighbours that resemble each other included, is not three days in a
row beyond that."""
LEAST, MOST = 3, 60
"""Days of a stretch: less is a day; more is how the building is."""
SHARE: Final = 0.01
"""Of the period's energy: less does not matter."""
TOLD: Final = 3
"""The largest so many are told."""
ROUNDS: Final = 4
"""Fits without what stood out before, at most."""
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
        found = list(_of(before, off, _scatter(off), True))
        if {(e.first, e.days) for e in found} <= {(e.first, e.days) for e in known}:
            break
        known = found
        inside = [(before.number >= each.first) & (before.number < each.first + each.days) for each in known]
        model = changepoint.best(before.where(~np.any(inside, axis=0)))
    was = before.energy - model.predicted(before)
    is_ = reporting.energy - model.predicted(reporting)
    usual = _scatter(was)
    found = [*_of(before, was, usual, True), *_of(reporting, is_, max(usual, _scatter(is_)), False)]
    return tuple(sorted(found, key=lambda each: -abs(each.more))[:TOLD])


def _scatter(off: Floats) -> float:
    return _SIGMA * float(np.median(np.abs(off - np.median(off))))


def _of(on: Days, off: Floats, usual: float, before: bool) -> Iterator[Odd]:
    apart = off - np.median(off)
    sign = np.where(np.abs(apart) > APART * usual, np.sign(apart), 0.0)
    ends = np.flatnonzero((np.diff(sign) != 0) | (np.diff(on.number) != 1)) + 1
    for part in np.split(np.arange(len(on)), ends):
        more = float(apart[part].sum())
        if (
            sign[part[0]]
            and LEAST <= part.size <= MOST
            and abs(more) >= SHARE * float(np.abs(on.energy).sum())
        ):
            yield Odd(int(on.number[part[0]]), int(part.size), more, before)
