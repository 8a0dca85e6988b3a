"""Overtime: a person asks for a zone to stay open, to an hour, with a name; it ends by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from schedules.time import DAY, Instant, clock, iso
from schedules.types import Overtime
from supervisor.core.asking import Refused, find_zone, until_of
from supervisor.core.decider import Decider

LONGEST = 4 * 3600.0
"""s of overtime at a time; a site choice of the design (at most 4 h)."""
KEPT = DAY
"""s that a request that is over is still listed."""


def admit(decider: Decider, request: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    """Take a request `{zone, until, name}`; a zone goes by its id or its name. Raises Refused."""
    zone, who = find_zone(decider.site, str(request.get("zone", ""))), str(request.get("name", "")).strip()
    if not who:
        raise Refused("overtime needs a name: who asks for it", "加班须注明姓名")
    tz = decider.site.tz
    until = _instant(str(request.get("until", "")), decider, zone, now)
    if not math.isfinite(until) or until <= now:
        raise Refused("overtime ends in the future", "加班的结束时间须晚于现在")
    extra = _beyond_hours(decider, zone, now, until)
    if extra.begin >= extra.end:
        raise Refused(
            f"{zone} is open until {iso(extra.begin, tz)} anyway",
            f"{zone} 本就开放至 {clock(extra.begin, tz, now)}",
        )
    if extra.end - extra.begin > LONGEST:
        latest = extra.begin + LONGEST
        raise Refused(
            f"at most 4 h at a time: until {iso(latest, tz)}", f"一次最长 4 小时：至 {clock(latest, tz, now)}"
        )
    add(decider, zone, Overtime(extra.since, until, who), now)
    return {"zone": zone, "until": iso(until, tz), "name": who}


def _instant(text: str, decider: Decider, zone: str, now: Instant) -> Instant:
    """HH:MM on the site's day of `now`, or ISO 8601 with offset. Raises Refused for anything else."""
    running = decider.spans(zone, now).at(now)
    latest = (now if running is None else running.close) + LONGEST
    try:
        return until_of(text, now, decider.site.tz, latest)
    except ValueError:
        raise Refused(
            f"overtime ends at HH:MM today, or at an ISO 8601 time, not at {text!r}",
            f"加班的结束时间应为当日 HH:MM 或 ISO 8601 时间，而非 {text!r}",
        ) from None


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
