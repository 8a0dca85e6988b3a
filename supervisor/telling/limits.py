"""What a rule held a zone's settings to, day by day: the limit of a winter's day is not a summer's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from config.site import Site
from schedules.from_site import season_method, season_override
from schedules.seasons import Season, SeasonState, season_at
from schedules.time import Instant, instant_of, local_date


class Limit(NamedTuple):
    """From an instant until before another, settings are held to so many °C."""

    start: Instant
    end: Instant
    value: float


def limits(
    site: Site, zone: str, start: Instant, end: Instant, memory: Mapping[str, Any] | None
) -> list[Limit]:
    """The limits of a zone's days between two instants, by the file in force and each day's own season; days alike are one.

    `memory`: what the store keeps of the season. A day before the season that the weather decided has none: which one it was
    then is not on record.
    """
    found: list[Limit] = []
    day, state = local_date(start, site.tz), _state(memory)
    while (begin := instant_of(day, 0, site.tz)) < end:
        day += timedelta(1)
        until = min(instant_of(day, 0, site.tz), end)
        value = _of(site, zone, _season(site, state, begin))
        if value is None:
            continue
        if found and found[-1].value == value and found[-1].end == begin:
            found[-1] = found[-1]._replace(end=until)
        else:
            found.append(Limit(max(begin, start), until, value))
    return found


def _state(memory: Mapping[str, Any] | None) -> SeasonState | None:
    try:
        return SeasonState.from_json(memory["state"]) if memory is not None else None
    except (KeyError, ValueError):
        return None


def _season(site: Site, state: SeasonState | None, at: Instant) -> Season | None:
    override = season_override(site.season, site.tz)
    if state is not None and local_date(at, site.tz) < state.since:
        state = None
    try:
        return season_at(season_method(site.season), state, override, at, site.tz).season
    except ValueError:
        return None


def _of(site: Site, zone: str, season: Season | None) -> float | None:
    rules = site.zones[zone].rules
    if season == Season.SUMMER:
        return rules.summer_setpoint.minimum
    return rules.winter_setpoint.maximum if season == Season.WINTER else None
