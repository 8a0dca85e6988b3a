"""What a rule held a zone's settings to, day by day: the limit of a winter's day is not a summer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from config.site import Site
from schedules.from_site import season_method, season_override
from schedules.seasons import Season, SeasonState, season_at
from schedules.time import Instant, instant_of, local_date
from supervisor.core.season import turns_of


class Limit(NamedTuple):
    """From an instant until before another, settings are held to so many °C; None: to how many is not on record."""

    start: Instant
    end: Instant
    value: float | None


def limits(
    site: Site, zone: str, start: Instant, end: Instant, memory: Mapping[str, Any] | None
) -> list[Limit]:
    """The limits of a zone's days between two instants, by the file in force and each day's own season; days alike are one.

    `memory`: what the store keeps of the season. A day before the first season of the weather that is on record is one of which
    it is not known.
    """
    found: list[Limit] = []
    day, turns = local_date(start, site.tz), _turns(memory)
    while (begin := instant_of(day, 0, site.tz)) < end:
        season = _season(site, turns, day, begin)
        day += timedelta(1)
        until = min(instant_of(day, 0, site.tz), end)
        value = _of(site, zone, season) if season is not None else None
        if value is None and season is not None:
            continue
        if found and found[-1].value == value and found[-1].end == begin:
            found[-1] = found[-1]._replace(end=until)
        else:
            found.append(Limit(max(begin, start), until, value))
    return found


def _turns(memory: Mapping[str, Any] | None) -> list[tuple[date, Season]]:
    """The weather's seasons with their first days in force; of a memory without them, the one that stands."""
    if memory is None:
        return []
    try:
        state = SeasonState.from_json(memory["state"])
        return turns_of(memory) or [(state.since + timedelta(1), state.season)]
    except (KeyError, TypeError, ValueError):
        return []


def _season(site: Site, turns: Sequence[tuple[date, Season]], day: date, at: Instant) -> Season | None:
    """The season of a day; None where it is not on record."""
    state = next((SeasonState(season, since) for since, season in reversed(turns) if since <= day), None)
    override = season_override(site.season, site.tz)
    try:
        return season_at(season_method(site.season), state, override, at, site.tz).season
    except ValueError:
        return None


def _of(site: Site, zone: str, season: Season) -> float | None:
    rules = site.zones[zone].rules
    if season == Season.SUMMER:
        return rules.summer_setpoint.minimum
    return rules.winter_setpoint.maximum if season == Season.WINTER else None
