"""A calibration from a store: read what was recorded, try a fit on days that it has not seen, then fit to all of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from schedules.time import DAY, instant_of, iso, local_date
from supervisor.rehearsal.model import reading, sound
from supervisor.rehearsal.model.checked import Ahead, ahead, held_back
from supervisor.rehearsal.model.drive import lived
from supervisor.rehearsal.model.fit import SETTLING, Fit, fit
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.numbers import Source, Unrecorded
from supervisor.rehearsal.model.parameters import INPUTS, OF_BUILDING
from supervisor.rehearsal.model.people import seen as seen_people
from supervisor.rehearsal.model.reading import LEAST_DAYS
from supervisor.rehearsal.model.record import HOUR, Record

WEEKS: Final = 4
"""Weeks back from the record's end that are taken where nothing is said: recent habits, and a week to try the fit on."""
METERED: Final = frozenset({"lamps", "machines", *(p.name for p in INPUTS)})
"""What a meter that counts something else would make unbelievable. The ground is no such thing: it stands for attics and neighbours too."""
Progress = Callable[[float], None]


class Period(NamedTuple):
    """Days of a record, the last one included; None: as far as the record goes."""

    first: dt.date | None = None
    last: dt.date | None = None


def recorded(connection: sa.Connection, source: Source, period: Period, least: int = LEAST_DAYS) -> Record:
    """The record of whole days, so many at `least`. Raises Unrecorded, StoreProblem."""
    site = source.site
    there = reading.reach(connection, site)
    if there is None:
        raise Unrecorded(
            Phrase("no room's temperature is recorded in this store", "数据库中没有任何房间的室温记录")
        )
    whole = local_date(there[0], site.tz)
    if instant_of(whole, 0, site.tz) < there[0] - 3600.0:
        whole += dt.timedelta(days=1)
    over = local_date(there[1] + 3600.0, site.tz)  # the day that is not over
    end = min(over, period.last + dt.timedelta(days=1)) if period.last is not None else over
    first = max(whole, period.first or end - dt.timedelta(weeks=WEEKS))
    days = (end - first).days
    if days < least:
        told = f"{iso(there[0], site.tz)[:10]} … {iso(there[1], site.tz)[:10]}"
        raise Unrecorded(
            Phrase(
                f"{max(0, days)} whole days are recorded ({told}); {least} are needed",
                f"完整记录仅 {max(0, days)} 天（{told}），至少需要 {least} 天",
            )
        )
    start = instant_of(first, 0, site.tz)
    hours = math.floor((instant_of(end, 0, site.tz) - start) / 3600.0)
    found = reading.read(connection, source, start, start + hours * 3600.0)
    heard = round(float(found.heard().sum()) * HOUR / DAY, 1)
    if heard < min(least, days) - 0.1:  # the day of the clock change has 23 hours
        raise Unrecorded(
            Phrase(
                f"of {days} days only {heard:g} are recorded, for nothing was told in the rest; {least} are needed",
                f"{days} 天中仅有 {heard:g} 天有记录，其余时间没有数据，至少需要 {least} 天",
            )
        )
    return found


def calibrated(source: Source, record: Record, progress: Progress = lambda _share: None) -> Calibration:
    """Fit the building to a record, and say how far a fit to its beginning was off at its end."""
    days = round(record.hours * 3600.0 / DAY)
    back = held_back(days)
    early = fit(source.building, record.part(0, record.hours - back * 24), lambda s: progress(s / 2.0))
    seen: Ahead = ahead(early, source.building, record, back)
    whole = fit(source.building, record, lambda s: progress(0.5 + s / 2.0))
    tz = source.site.tz
    return Calibration(
        source.site.building,
        str(local_date(record.start, tz)),
        str(local_date(record.end - 1.0, tz)),
        whole,
        seen,
        record.weather.label,
        seen_people(source, record),
        (*record.doubts, *_doubts(whole, source, record)),
    )


def _doubts(of: Fit, source: Source, record: Record) -> list[Phrase]:
    """What a fit shows of its own record: rooms that it cannot follow, parameters that nobody would believe."""
    found = lived([of.building(source.building)], record).air[0]
    air = np.where(record.unknown(SETTLING)[:, None], np.nan, record.air)
    whole = zip(OF_BUILDING, of.theta[-len(OF_BUILDING) :].tolist(), strict=True)
    by = [(p.said, (v - p.prior) / p.spread, p.shown(v)) for p, v in whole if p.name in METERED]
    return [*sound.odd(record.zones, found, air), *sound.extreme(by)]
