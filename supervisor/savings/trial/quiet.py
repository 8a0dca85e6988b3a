"""When arms may change: after everything has closed, before anything is prepared for opening."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schedules.hours import Timetable
from schedules.time import Instant, instant_of

_PIECES = 20
"""Spans of one night that are looked at before it is taken for one without an end."""


def quiet(
    day: date, tz: ZoneInfo, tables: Iterable[Timetable], prestart: float
) -> tuple[Instant, Instant] | None:
    """From the first instant of a day at which nothing is open to the day's first prestart, or its end; None where there is no such time.

    What is open all day and night is left out: it has no night of its own. `prestart`: seconds before an opening, the longest that any zone has.
    """
    at, end = instant_of(day, 0, tz), instant_of(day + timedelta(1), 0, tz)
    tables = [
        table for table in tables if not any(s.open <= at and s.close >= end for s in table.spans(at).spans)
    ]
    for _ in range(_PIECES):
        later = [s.close for table in tables for s in table.spans(at).spans if s.open <= at < s.close]
        if not later:
            break
        at = max(later)
    else:
        return None
    opens = [s.open for table in tables for s in table.spans(at).spans if s.open >= at]
    until = min(end, min(opens, default=math.inf) - prestart)
    return (at, until) if at < until else None
