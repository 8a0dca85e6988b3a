"""Between the wall clock of a place and instants."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schedules.types import DAY_MINUTES, Instant


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
