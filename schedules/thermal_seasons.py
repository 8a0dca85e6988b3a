"""Seasons from the thermometer: GB/T 42074-2022's thresholds as a state machine that is told day by day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from schedules.types import Season

TRAILING_DAYS = 5
"""GB/T 42074-2022: the mean is of five days, and five such means in a row make a season."""
HOT = 22.0
"""°C, GB/T 42074-2022: at or above it is summer."""
COLD = 10.0
"""°C, GB/T 42074-2022: below it is winter."""
MEASURED_DAYS = 4
"""Of the five days of a trailing mean, how many must be measured, the last among them. A site choice."""
CLOCK_RIGHTED_DAYS = 31
"""A step back of this many days is a clock put right, not a day told twice. A site choice."""


class Band(StrEnum):
    """Where a trailing mean lies."""

    HOT = "hot"
    MILD = "mild"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class ByTemperature:
    """Seasons by the 5-day trailing mean of the daily mean outdoor temperature.

    Thresholds in °C, the standard's unless a locality has its own; `southern` mirrors the year, south of the
    equator. `ValueError` unless `cold` is below `hot`.
    """

    hot: float = HOT
    cold: float = COLD
    southern: bool = False

    def __post_init__(self) -> None:
        if not self.cold < self.hot:
            raise ValueError(f"winter's threshold, {self.cold} °C, must be below summer's, {self.hot} °C")

    def band(self, mean: float) -> Band:
        """The band of a trailing mean in °C: hot from `hot`, cold below `cold`."""
        if mean >= self.hot:
            return Band.HOT
        return Band.COLD if mean < self.cold else Band.MILD

    def season(self, band: Band, on: date) -> Season:
        """The season that a band makes on a date.

        A mild day is of spring before mid-July and of autumn after; half a year on, from mid-January, it is
        of spring again, for places with no winter (that second boundary is ours).
        """
        if band is Band.MILD:
            first_half = (1, 15) <= (on.month, on.day) < (7, 15)
            return Season.SPRING if first_half is not self.southern else Season.AUTUMN
        return Season.SUMMER if band is Band.HOT else Season.WINTER

    def begin(self, on: date) -> SeasonState:
        """A state with no evidence yet: the season of the month (March to May is spring, in the north)."""
        north = (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)
        quarter = on.month % 12 // 3 + (2 if self.southern else 0)
        return SeasonState(north[quarter % 4], on)


@dataclass(frozen=True, slots=True)
class SeasonState:
    """What the thermometer has said so far; kept across restarts. See `advance`.

    `since` is the fifth of the days that made the season: control switches when that day is over. `means`
    are the daily means of the last five days in °C, oldest first, None where unknown; `last` is the date of
    the newest. `run` counts the days in a row, up to it, whose trailing mean lay in `band`.
    """

    season: Season
    since: date
    last: date | None = None
    means: tuple[float | None, ...] = ()
    band: Band | None = None
    run: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON column, which `from_json` reads back."""
        return {
            "season": self.season.value,
            "since": self.since.isoformat(),
            "last": self.last.isoformat() if self.last else None,
            "means": list(self.means),
            "band": self.band.value if self.band else None,
            "run": self.run,
        }

    @classmethod
    def from_json(cls, data: object) -> SeasonState:
        """The state that `to_json` wrote; `ValueError` for anything else."""
        try:
            if not isinstance(data, Mapping):
                raise TypeError("expected an object")
            last, band = data["last"], data["band"]
            return cls(
                Season(data["season"]),
                date.fromisoformat(data["since"]),
                None if last is None else date.fromisoformat(last),
                tuple(None if mean is None else float(mean) for mean in data["means"])[-TRAILING_DAYS:],
                None if band is None else Band(band),
                int(data["run"]),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise ValueError(f"not a season's state: {wrong!r}") from wrong


def typical_state(means: Sequence[float], on: date, method: ByTemperature | None = None) -> SeasonState:
    """The season in which day `on` begins in a typical year: no evidence of this year's, as `begin`.

    `means` are 365 daily means in °C, 1 January first; 29 February takes the 28th's. `ValueError` for another
    number of them.
    """
    if len(means) != 365:
        raise ValueError(f"a typical year has 365 days, not {len(means)}")
    method = method or ByTemperature()
    day = on - timedelta(days=365)
    state = method.begin(day)
    while day < on:
        number = date(2025, day.month, min(day.day, 28) if day.month == 2 else day.day).timetuple().tm_yday
        state = advance(state, day, means[number - 1], method)
        day += timedelta(days=1)
    return SeasonState(state.season, state.since)


def advance(
    state: SeasonState, on: date, daily_mean: float | None, method: ByTemperature | None = None
) -> SeasonState:
    """The state after day `on` with that daily mean outdoor temperature in °C (None or NaN: unknown).

    Five days in a row whose trailing mean lies in one band make its season, and a season may return: the
    standard's plain order, each season once a year, would lose a summer to a cool week in June. An unknown
    day is no evidence, so the row starts anew after it; days left out between `last` and `on` are unknown.
    A day already told changes nothing.
    """
    method = method or ByTemperature()
    if state.last is not None and on <= state.last:
        if (state.last - on).days < CLOCK_RIGHTED_DAYS:
            return state
        state = SeasonState(state.season, on)
    if state.last is not None:
        for _ in range(min((on - state.last).days - 1, TRAILING_DAYS)):
            state = _told(state, on, None, method)
    known = daily_mean is not None and math.isfinite(daily_mean)
    return _told(state, on, daily_mean if known else None, method)


def _told(state: SeasonState, on: date, mean: float | None, method: ByTemperature) -> SeasonState:
    means = (*state.means, mean)[-TRAILING_DAYS:]
    trailing = _trailing_mean(means)
    if trailing is None:
        return replace(state, last=on, means=means, band=None, run=0)
    band = method.band(trailing)
    run = state.run + 1 if band is state.band else 1
    season = method.season(band, on) if run >= TRAILING_DAYS else state.season
    since = state.since if season is state.season else on
    return SeasonState(season, since, on, means, band, run)


def _trailing_mean(means: tuple[float | None, ...]) -> float | None:
    """The mean of the days measured, in °C; None without today, or with too few."""
    measured = [mean for mean in means if mean is not None]
    if len(means) < TRAILING_DAYS or means[-1] is None or len(measured) < MEASURED_DAYS:
        return None
    return math.fsum(measured) / len(measured)
