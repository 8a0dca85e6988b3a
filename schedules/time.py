"""Between the wall clock of a place and instants."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Instant: TypeAlias = float
"""A moment on the site clock, POSIX seconds (UTC). No local time, so no hour is lost or doubled."""

DAY: Final = 86_400.0
"""Seconds of a day that is neither shortened nor lengthened by a change of the clocks."""
DAY_MINUTES: Final = 1440
YEARS: Final = range(1980, 2100)
"""In which a site clock or a rehearsal may stand: before, clocks had no zones that anybody wants; the sun's formulas hold to
both ends, and days before and after are there for whoever looks back or ahead."""


def instant_of(on: date, minutes: int, tz: ZoneInfo, *, last: bool = False) -> Instant:
    """The instant at which the wall clock shows that time, `minutes` after midnight of `on` (also past 1440).

    A time that happens twice is its first occurrence, or its last if so asked. A time that does not happen
    is moved forward by the gap, as RFC 5545 §3.3.5 has it: `fold=0` counts from the offset before the gap.
    """
    days, minute = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(on + timedelta(days=days), time(minute // 60, minute % 60), tz)
    first = wall.timestamp()
    return max(first, wall.replace(fold=1).timestamp()) if last else first


def iso(t: Instant, tz: ZoneInfo) -> str:
    """An instant as ISO 8601 with offset, to the second, in the time of `tz`; empty where there is none."""
    return datetime.fromtimestamp(t, tz).isoformat(timespec="seconds") if math.isfinite(t) else ""


def from_iso(text: str, tz: tzinfo | None = None) -> Instant:
    """The instant of an ISO 8601 time.

    `ValueError` if it is none, is not in `YEARS`, or has no offset where no `tz` is assumed.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no time") from None
    if moment.tzinfo is None:
        if tz is None:
            raise ValueError(f"{text} has no offset")
        moment = moment.replace(tzinfo=tz)
    if moment.year not in YEARS:
        raise ValueError(f"{text} is out of reach: give a time of {YEARS[0]} to {YEARS[-1]}")
    return moment.timestamp()


def clock(
    t: Instant, tz: ZoneInfo, now: Instant | None = None, *, seconds: bool = False, never: str = "?"
) -> str:
    """An instant as people say it: 17:00, or 07-16 08:30 on another day than `now`; `never` where there is none."""
    if not math.isfinite(t):
        return never
    local = datetime.fromtimestamp(t, tz)
    text = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return text if now is None or local_date(now, tz) == local.date() else f"{local:%m-%d} {text}"


def local_date(t: Instant, tz: ZoneInfo) -> date:
    """The date that the wall clock of `tz` shows at `t`."""
    return datetime.fromtimestamp(t, tz).date()
