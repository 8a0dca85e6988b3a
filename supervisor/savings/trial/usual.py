"""What a day of its kind uses: how a building answers by itself to the kind of day and to the weather, and what the year before a trial tells of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from supervisor.savings.days import Flags, Floats
from supervisor.savings.trial.days import STOOD, Days, Numbers, stood

HEATS, COOLS = 15.0, 18.0
"""°C beneath and above which the weather counts: fixed beforehand, as everything about a trial is. Site choices (HDD15, CDD18)."""
MEMORY: Final = 0.15
"""Of what a day leaves behind, the share that a day with work leaves of it: what runs sets rooms back to their setpoints. Site choice, from the plant; fixed
beforehand: let the days choose, and they choose the wrong one often enough to spoil the saving by more."""
IDLE_MEMORY: Final = 0.6
"""The same of a day without work, on which nothing sets anything back: walls with a time constant of two days. Site choice, from the plant."""
YEAR: Final = 270
"""Days of the time before of which energy and weather must be known for anything to be learnt from it: as many as a baseline needs."""
BENDS: Final = ((-1, 5.0), (-1, 10.0), (1, 22.0), (1, 26.0))
"""°C beneath (−1) and above (1) which it may answer to the weather more strongly. Site choice."""
RIDGE: Final = 1.0
"""Days of no answer that are put beside the year before. Site choice."""
SLIGHT: Final = 1e-6
"""Spread under which a column says nothing."""


def response(temperature: Floats, working: Flags, stood: Numbers, origin: int = 0) -> Floats:
    """What a building answers to by itself: the kind of day and the weather, shape (days, columns). `origin`: the day from which weekdays count."""
    work, n = working.astype(float), np.arange(working.size) - origin
    first = (working & (stood > 0)).astype(float)
    holiday = (working & (stood >= STOOD)).astype(float)
    now, before = temperature, _walls(temperature, working)
    walls = [heating(before) * work, cooling(before) * work]
    columns = [
        *(((n % 7) == k) * work for k in range(7)), 1 - work,
        heating(now) * work, cooling(now) * work, *walls,
        first, *(first * each for each in walls), _lag(first) * work, _lag(holiday) * work,
    ]  # fmt: skip
    return np.asarray(np.nan_to_num(np.column_stack(columns)))


def usual(days: Days) -> Floats | None:
    """What the year before makes of each day, shape (m,), in its unit of energy; None where too little of it is known."""
    past = days.past
    if past is None or past.known < YEAR:
        return None
    n = past.energy.size
    temperature = np.concatenate([past.temperature, days.temperature])
    working = np.concatenate([past.working, days.working])
    bends = [np.maximum(sign * (temperature - at), 0.0) * working for sign, at in BENDS]
    answers = response(temperature, working, stood(working, past.idle), n)
    columns = np.nan_to_num(np.column_stack([answers, *bends]))
    known = np.flatnonzero(np.isfinite(past.energy) & np.isfinite(past.temperature))
    columns = columns / np.maximum(np.sqrt((columns[known] ** 2).mean(axis=0)), SLIGHT)
    normal = columns[known].T @ columns[known] + np.eye(columns.shape[1]) * RIDGE
    learnt = np.linalg.solve(normal, columns[known].T @ past.energy[known])
    return np.asarray(np.clip(columns[n:] @ learnt, 0.0, None))


def _walls(now: Floats, working: Flags) -> Floats:
    """The outdoor air of the days before as walls remember it, °C."""
    known = now[np.isfinite(now)]
    held = float(known[0]) if known.size else 0.0
    found = np.empty(now.size)
    for day, worked in enumerate(working):
        found[day] = held
        kept = MEMORY if worked else IDLE_MEMORY
        held = held * kept + (float(now[day]) if np.isfinite(now[day]) else held) * (1 - kept)
    return found


def _lag(column: Floats) -> Floats:
    return np.concatenate([column[:1], column[:-1]])


def heating(temperature: Floats) -> Floats:
    """Degrees of cold, K."""
    return np.maximum(HEATS - temperature, 0.0)


def cooling(temperature: Floats) -> Floats:
    """Degrees of heat, K."""
    return np.maximum(temperature - COOLS, 0.0)
