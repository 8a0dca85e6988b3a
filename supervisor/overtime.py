"""Overtime: a person asks for a zone to stay open, to an hour, with a name; it ends by itself."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from config.values import parse_clock
from drivers.readings import Instant
from schedules.localtime import instant_of, local_date
from schedules.types import Overtime
from supervisor.decider import Decider
from supervisor.wording import local

LONGEST = 4 * 3600.0
"""s of overtime at a time; a site choice of the design (at most 4 h)."""
KEPT = 86_400.0
"""s that a request that is over is still listed."""


def admit(decider: Decider, request: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    """Take a request `{zone, until, name}`. ValueError where it must be refused."""
    zone, who = str(request.get("zone", "")), str(request.get("name", "")).strip()
    if zone not in decider.site.zones:
        raise ValueError(f"no zone is called {zone}; one of {', '.join(decider.site.zones)}")
    if not who:
        raise ValueError("overtime needs a name: who asks for it")
    until = _instant(str(request.get("until", "")), decider, now)
    if not math.isfinite(until) or until <= now:
        raise ValueError("overtime ends in the future")
    start = _start(decider, zone, now)
    if until <= start:
        raise ValueError(f"{zone} is open until {local(start, decider.site.tz)} anyway")
    if until - start > LONGEST:
        latest = local(start + LONGEST, decider.site.tz)
        raise ValueError(f"at most 4 h at a time: until {latest}")
    add(decider, zone, Overtime(min(start, now), until, who), now)
    return {"zone": zone, "until": local(until, decider.site.tz), "name": who}


def _instant(text: str, decider: Decider, now: Instant) -> Instant:
    """HH:MM on the site's day of `now`, or ISO 8601 with offset. ValueError for anything else."""
    tz = decider.site.tz
    try:
        if len(text) <= 5:
            return instant_of(local_date(now, tz), parse_clock(text), tz)
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"overtime ends at HH:MM today, or at an ISO 8601 time, not at {text!r}") from None
    return found.timestamp() if found.tzinfo is not None else found.replace(tzinfo=tz).timestamp()


def _start(decider: Decider, zone: str, now: Instant) -> Instant:
    """Where the overtime begins to count: the close of the hours that run now, else now."""
    span = decider.spans(zone, now).at(now)
    return now if span is None else span.close


def add(decider: Decider, zone: str, overtime: Overtime, now: Instant) -> None:
    """Add a request to a zone and forget those that are long over."""
    kept = [o for o in decider.overtime.get(zone, ()) if o.until > now - KEPT]
    decider.overtime[zone] = (*kept, overtime)
    decider.touch_zone(zone)
