"""Which season is in force: by dates, by district heating, by the weather, or by a manager's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from schedules.thermal_seasons import ByTemperature, SeasonState, advance
from schedules.time import Instant, instant_of, local_date
from schedules.types import Season

__all__ = [
    "ByTemperature",
    "DistrictHeating",
    "FixedDates",
    "Method",
    "MonthDay",
    "Season",
    "SeasonNow",
    "SeasonOverride",
    "SeasonState",
    "Why",
    "advance",
    "next_season_change",
    "season_at",
]

_ONE = timedelta(days=1)


class MonthDay(NamedTuple):
    """A day of every year. 29 February is 1 March in a common year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class FixedDates:
    """Seasons by the day on which each starts; a season may be missing, or come twice.

    `ValueError` if there is none, if two start on the same day, or if a day does not exist.
    """

    starts: tuple[tuple[MonthDay, Season], ...]

    def __post_init__(self) -> None:
        days = [_in_year(start, 2000) for start, _ in self.starts]
        if not days or len(set(days)) != len(days):
            raise ValueError("fixed seasons need at least one start, and no two on the same day")
        object.__setattr__(self, "starts", tuple(sorted(self.starts)))

    def season(self, on: date) -> Season:
        """The season of a date: that of the last start up to it, across the turn of the year."""
        found = self.starts[-1][1]
        for start, season in self.starts:
            if (on.month, on.day) >= start:
                found = season
        return found


@dataclass(frozen=True, slots=True)
class DistrictHeating:
    """Winter while the district heats, `first` to `last` both inclusive; `otherwise` decides the rest.

    `ValueError` if a day does not exist.
    """

    first: MonthDay
    last: MonthDay
    otherwise: FixedDates | ByTemperature

    def __post_init__(self) -> None:
        _in_year(self.first, 2000)
        _in_year(self.last, 2000)

    def heats(self, on: date) -> bool:
        """True while the district heats."""
        today = (on.month, on.day)
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last


Method: TypeAlias = FixedDates | DistrictHeating | ByTemperature


@dataclass(frozen=True, slots=True)
class SeasonOverride:
    """A manager's word: this season until then, whatever the method says."""

    season: Season
    until: Instant


class Why(StrEnum):
    """What decided the season."""

    OVERRIDE = "override"
    HEATING = "heating"
    DATES = "dates"
    TEMPERATURE = "temperature"


class SeasonNow(NamedTuple):
    """The season in force and what decided it.

    `since` is the date on which it began, or None for an override and for a season that never changes.
    `until` is when it may change with no new weather, or None.
    """

    season: Season
    why: Why
    since: date | None
    until: Instant | None


def season_at(
    method: Method, state: SeasonState | None, override: SeasonOverride | None, t: Instant, tz: ZoneInfo
) -> SeasonNow:
    """The season in force at `t`. `ValueError` if the weather is to decide and there is no state."""
    until = next_season_change(method, override, t, tz)
    if override is not None and t < override.until:
        return SeasonNow(override.season, Why.OVERRIDE, None, until)
    on = local_date(t, tz)
    since = max((d for d in _turns(method, on.year) if d <= on), default=None)
    season, why = _dated(method, on)
    if season is not None:
        return SeasonNow(season, why, since, until)
    if state is None:
        raise ValueError("the season follows the weather, and no weather has been recorded")
    return SeasonNow(state.season, why, max(state.since, since or state.since), until)


def next_season_change(
    method: Method, override: SeasonOverride | None, after: Instant, tz: ZoneInfo
) -> Instant | None:
    """The first instant after `after` at which the season may change with no new weather, or None.

    That is the end of the override in force, else the local midnight at which dates change what they say.
    """
    if override is not None and after < override.until:
        return override.until
    on = local_date(after, tz)
    turn = min((d for d in _turns(method, on.year) if d > on), default=None)
    return None if turn is None else instant_of(turn, 0, tz)


def _dated(method: Method, on: date) -> tuple[Season | None, Why]:
    """What dates alone say of that day; no season where the weather decides."""
    if isinstance(method, DistrictHeating):
        if method.heats(on):
            return Season.WINTER, Why.HEATING
        method = method.otherwise
    if isinstance(method, FixedDates):
        return method.season(on), Why.DATES
    return None, Why.TEMPERATURE


@lru_cache(maxsize=256)
def _turns(method: Method, middle: int) -> tuple[date, ...]:
    """The days, from the year before `middle` to the year after it, on which dates change what they say.

    Asked at every step of the daemon, and the same all year.
    """
    starts: list[MonthDay] = []
    dates = method.otherwise if isinstance(method, DistrictHeating) else method
    if isinstance(dates, FixedDates):
        starts += [start for start, _ in dates.starts]
    turns = []
    for year in range(middle - 1, middle + 2):
        days = [_in_year(start, year) for start in starts]
        if isinstance(method, DistrictHeating):
            # 29 February as the last day of heating is 28 February in a common year: no later day is meant.
            days += [_in_year(method.first, year), _after(method.last, year)]
        turns += [day for day in days if _dated(method, day) != _dated(method, day - _ONE)]
    return tuple(turns)


def _in_year(day: MonthDay, year: int) -> date:
    if day == (2, 29):
        return date(year, 2, 28) + _ONE  # the 29th, or in a common year 1 March
    return date(year, *day)


def _after(day: MonthDay, year: int) -> date:
    """The first day of that year past `day`."""
    return date(year, 3, 1) if day == (2, 29) else date(year, *day) + _ONE
