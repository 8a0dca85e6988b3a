"""Between the wall clock of a place and instants."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Instant: TypeAlias = float
"""A moment on the site clock, POSIX seconds (UTC). No local time, so no hour is lost or doubled."""

DAY: Final = 86_400.0
"""Seconds of a day that is neither shortened nor lengthened by a change of the clocks."""
DAY_MINUTES: Final = 1440


def instant_of(on: date, minutes: int, tz: ZoneInfo, *, last: bool = False) -> Instant:
    """The instant at which the wall clock shows that time, `minutes` after midnight of `on` (also past 1440).

    A time that happens twice is its first occurrence, or its last if so asked. A time that does not happen
    is moved forward by the gap, as RFC 5545 §3.3.5 has it: `fold=0` counts from the offset before the gap.
    """
    days, minute = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(on + timedelta(days=days), time(minute // 60, minute % 60), tz)
    first = wall.timestamp()
    return max(first, wall.replace(fold=1).timestamp()) if last else first


def local_date(t: Instant, tz: ZoneInfo) -> date:
    """The date that the wall clock of `tz` shows at `t`."""
    return datetime.fromtimestamp(t, tz).date()
