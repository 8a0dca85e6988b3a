"""How far off a fit is on days that it has not seen: one night ahead, and one week."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from simulator.plant.building import Building
from supervisor.rehearsal.model import meters
from supervisor.rehearsal.model.drive import lived
from supervisor.rehearsal.model.fit import SETTLING, Fit
from supervisor.rehearsal.model.parameters import INPUTS
from supervisor.rehearsal.model.record import PER_HOUR, Floats, Record

DAY_HOURS: Final = 24
HELD_BACK: Final = 7
"""Days at a record's end that a fit does not see, to be tried on them; of a short record a third."""
BEFORE: Final = 4
"""Days that are lived before a prediction begins, so that walls have a past: as before a rehearsal."""
NIGHT: Final = (20, 32)
"""Hours of a day, 20:00 to 08:00 of the next, that a night ahead is."""


class Ahead(NamedTuple):
    """Out-of-sample errors. Temperatures are root mean squares over zones and time, K."""

    days: int
    """Held back."""
    night: float
    """From 20:00 to 08:00, from rooms as they were at 20:00."""
    day: float
    """From midnight to midnight, from rooms as they were at midnight."""
    week: float
    """Over all days held back, with nothing told of the rooms but what acted on them."""
    meters: Mapping[str, float]
    """By sub-item: predicted over recorded, less one, of all days held back."""


def held_back(days: int) -> int:
    """Of so many recorded days, how many a fit is not shown."""
    return min(HELD_BACK, max(2, days // 3))


def ahead(of: Fit, base: Building, record: Record, days: int) -> Ahead:
    """Try a fit that has not seen the last `days` of a record on them."""
    building = of.building(base)
    first = max(0, record.hours - (days + BEFORE) * DAY_HOURS)
    late = record.part(first, record.hours)
    begin = late.hours - days * DAY_HOURS
    found = lived([building], late)
    off = found.air[0] - late.air
    off[late.unknown(SETTLING)] = np.nan
    counts = {}
    for subitem, joules in late.meters.items():
        told = meters.counted(found, subitem, np.zeros(len(INPUTS)))[0].sum(axis=1)[begin:]
        there = np.isfinite(joules[begin:]) & late.heard()[begin:]
        whole = float(joules[begin:][there].sum())
        if there.any() and whole > 0.0:
            counts[subitem] = float(told[there].sum()) / whole - 1.0
    starts = [begin + day * DAY_HOURS for day in range(days)]
    return Ahead(
        days,
        _from_known(off, [(s + NIGHT[0], min(s + NIGHT[1], late.hours)) for s in starts]),
        _from_known(off, [(s, s + DAY_HOURS) for s in starts]),
        _rms(off[begin * PER_HOUR :]),
        counts,
    )


def _from_known(off: Floats, spans: list[tuple[int, int]]) -> float:
    """Errors of spans (hours) at whose beginning each room is known: what it is off by then is corrected, and fades as a
    room's own memory does."""
    found = []
    for first, last in spans:
        rows = off[first * PER_HOUR : last * PER_HOUR]
        if len(rows) == 0:
            continue
        known = np.where(np.isfinite(rows[0]), rows[0], 0.0)
        fade = np.exp(-np.arange(len(rows)) / (MEMORY * PER_HOUR))
        found.append((rows - known * fade[:, None]).ravel())
    return _rms(np.concatenate(found)) if found else math.nan


MEMORY: Final = 12.0
"""Hours in which what a room is off by at the beginning fades to a third: between its air's minutes and its walls' days. Site choice."""


def _rms(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else math.nan
