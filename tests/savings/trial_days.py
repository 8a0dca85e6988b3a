"""What was lived, as a trial sees it: its pairs, its meter's gaps, the time before; and what is reckoned from it instead of being lived."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np

from config.trial import BLOCK, Sees
from supervisor.daemon.trial import ordinarily_worked
from supervisor.savings.days import Flags, Floats
from supervisor.savings.trial.days import Days, Past, Sensed
from supervisor.savings.trial.draw import counted, drawn, pair
from supervisor.savings.trial.reading import idle_before
from tests.savings.trial_plant import site

GAP: Final = 0.02
"""Chance that a gap of one to three days begins."""
LAG: Final = 1 - math.exp(-1)
"""Weight of the day before in a day's mean, where an answer lags by 24 h: the mean of exp(−t/24 h) over a day."""
LEFT: Final = math.exp(-1)
"""What is left of it at the day's end."""
Seen = Mapping[Sees, Floats]


def as_trial(
    seed: int,
    lengths: tuple[int, ...],
    first: dt.date,
    energy: Floats,
    outdoor: Floats,
    gaps: Flags,
    seen: Seen | None = None,
    past: Past | None = None,
) -> Days:
    """The days of the first blocks; `lengths`: days of an arm in each."""
    n = BLOCK * len(lengths)
    numbers: list[int] = []
    earlier: list[bool] = []
    compared: list[bool] = []
    treated: list[bool] = []
    for block, length in enumerate(lengths):
        treated += drawn(seed, block, length)
        for day in range(BLOCK):
            number, early = pair(day, length)
            numbers.append(number + BLOCK * block)
            earlier.append(early)
            compared.append(counted(day, length))
    return Days(
        np.where(gaps[:n], np.nan, energy[:n]), outdoor[:n], worked(first, n), np.array(treated), np.array(numbers),
        np.array(earlier), np.array(compared), idle=idle_before(_works(), first),
        sensed=tuple(Sensed(sees, hours[:n]) for sees, hours in (seen or {}).items()), past=past,
    )  # fmt: skip


def before(first: dt.date, energy: Floats, outdoor: Floats) -> Past:
    """The days that end just before a first one."""
    begin = first - dt.timedelta(energy.size)
    return Past(energy, outdoor, worked(begin, energy.size), idle_before(_works(), begin))


def lagging(today: Floats, policy: Floats, arms: tuple[bool, ...]) -> Floats:
    """The days of a building that answers to its arm with a lag of 24 h."""
    state, found = 0.0, today.copy()
    for day, treated in enumerate(arms):
        mean = treated + (state - treated) * LAG
        found[day] -= (today[day] - policy[day]) * mean
        state = treated + (state - treated) * LEFT
    return found


@cache
def _works() -> Callable[[dt.date], bool]:
    return ordinarily_worked(site(1, 1))


def worked(first: dt.date, count: int) -> Flags:
    """Whether anybody works, by day."""
    return np.array([_works()(first + dt.timedelta(n)) for n in range(count)])


def missing(seed: int, count: int) -> Flags:
    """Days without readings."""
    draw = np.random.default_rng((seed, 7))
    found = np.zeros(count, dtype=bool)
    for day in np.flatnonzero(draw.random(count) < GAP):
        found[day : day + int(draw.integers(1, 4))] = True
    return found
