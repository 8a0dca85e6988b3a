"""Overtime: a person asks for a zone to stay open, to an hour, with a name; it ends by itself."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from config.values import parse_clock
from schedules.time import DAY, Instant, from_iso, instant_of, iso, local_date
from schedules.types import Overtime
from supervisor.core.decider import Decider

LONGEST = 4 * 3600.0
"""s of overtime at a time; a site choice of the design (at most 4 h)."""
KEPT = DAY
"""s that a request that is over is still listed."""


def admit(decider: Decider, request: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    """Take a request `{zone, until, name}`. ValueError where it must be refused."""
    zone, who = str(request.get("zone", "")), str(request.get("name", "")).strip()
    if zone not in decider.site.zones:
        raise ValueError(f"no zone is called {zone}; one of {', '.join(decider.site.zones)}")
    if not who:
        raise ValueError("overtime needs a name: who asks for it")
    until = _instant(str(request.get("until", "")), decider, zone, now)
    if not math.isfinite(until) or until <= now:
        raise ValueError("overtime ends in the future")
    extra = _beyond_hours(decider, zone, now, until)
    if extra.begin >= extra.end:
        raise ValueError(f"{zone} is open until {iso(extra.begin, decider.site.tz)} anyway")
    if extra.end - extra.begin > LONGEST:
        latest = iso(extra.begin + LONGEST, decider.site.tz)
        raise ValueError(f"at most 4 h at a time: until {latest}")
    add(decider, zone, Overtime(extra.since, until, who), now)
    return {"zone": zone, "until": iso(until, decider.site.tz), "name": who}


def _instant(text: str, decider: Decider, zone: str, now: Instant) -> Instant:
    """HH:MM on the site's day of `now`, or ISO 8601 with offset. ValueError for anything else.

    An hour that is over today is tomorrow's where that is within the longest overtime: 00:30, asked for at 22:00.
    """
    tz = decider.site.tz
    try:
        if len(text) <= 5:
            today, minutes = local_date(now, tz), parse_clock(text)
            at = instant_of(today, minutes, tz)
            tomorrow = instant_of(today + dt.timedelta(days=1), minutes, tz)
            running = decider.spans(zone, now).at(now)
            longest = (now if running is None else running.close) + LONGEST
            return tomorrow if at <= now and tomorrow <= longest else at
        return from_iso(text, tz)
    except ValueError:
        raise ValueError(f"overtime ends at HH:MM today, or at an ISO 8601 time, not at {text!r}") from None


class _Extra(NamedTuple):
    """What a request adds to the hours: from `begin` to `end`. It is kept as overtime from `since`."""

    begin: Instant
    end: Instant
    since: Instant


def _beyond_hours(decider: Decider, zone: str, now: Instant, until: Instant) -> _Extra:
    """The close of the last hours before `until`, running or still to come, else now."""
    last = next(
        (s for s in reversed(decider.spans(zone, now).spans) if s.open < until and s.close > now), None
    )
    if last is None:
        return _Extra(now, until, now)
    if last.close < until:
        return _Extra(last.close, until, max(now, last.open))
    if last.open <= now:
        return _Extra(last.close, until, now)
    return _Extra(now, last.open, now)


def add(decider: Decider, zone: str, overtime: Overtime, now: Instant) -> None:
    """Add a request to a zone and forget those that are long over."""
    kept = [o for o in decider.overtime.get(zone, ()) if o.until > now - KEPT]
    decider.overtime[zone] = (*kept, overtime)
    decider.touch_zone(zone)
