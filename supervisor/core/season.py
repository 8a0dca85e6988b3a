"""The season in force, kept up from the building's own outdoor sensor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.file import Season as SeasonSection
from schedules.from_site import season_method, season_override
from schedules.seasons import Season, SeasonNow, Why, season_at
from schedules.thermal_seasons import ByTemperature, SeasonState, advance, typical_state
from schedules.time import Instant, local_date
from schedules.weather.daily_mean import DailyMean

REMEMBERED: Final = 12
"""Turns of the weather's season that are remembered, for whoever looks at days gone by: three years' worth."""


class SeasonKeeper:
    """Turns outdoor readings into daily means, daily means into seasons. `memory` survives a restart."""

    def __init__(
        self, section: SeasonSection, tz: ZoneInfo, now: Instant, typical: Sequence[float] = ()
    ) -> None:
        """Until the building's own record says otherwise, the season is that of the `typical` year.

        `typical`: 365 daily means in °C, or none: then the month decides.
        """
        self._method = season_method(section)
        self._override = season_override(section, tz)
        self._tz = tz
        self._weather = ByTemperature(southern=section.hemisphere == "south")
        self._mean = DailyMean.begin(now, tz)
        today = local_date(now, tz)
        self._state = typical_state(typical, today, self._weather) if typical else self._weather.begin(today)
        self._begun = today
        self._turns: list[tuple[date, Season]] = [(today, self._state.season)]
        """The weather's seasons, each with the first day on which it was in force; the last is in force."""
        self.told = "typical year" if typical else "month"
        """Where the weather decides the season: `measured`, `typical year` or `month`."""
        self._asked: tuple[Instant, SeasonNow] | None = None
        """What was said last, and from when on it holds, until it says itself or new weather comes."""

    def outdoor(self, at: Instant, value: float | None) -> None:
        """Take an outdoor reading in °C; None: not known from now on."""
        self._mean, ended = self._mean.add(at, value, self._tz)
        if ended:
            self._asked = None
        for day, mean in ended:
            self._state, self.told = advance(self._state, day, mean, self._weather), "measured"
            self._turned(day + timedelta(days=1))  # it is in force once the day that made it is over

    def now(self, at: Instant) -> SeasonNow:
        """The season in force and why."""
        if self._asked is not None:
            since, said = self._asked
            if since <= at and (said.until is None or at < said.until):
                return said
        said = season_at(self._method, self._state, self._override, at, self._tz)
        self._asked = at, said
        return said

    def source(self, at: Instant) -> str:
        """What the season in force rests on: `override`, `heating`, `dates`, or what `told` says."""
        why = self.now(at).why
        return self.told if why is Why.TEMPERATURE else str(why)

    def season(self, at: Instant) -> tuple[Season, Instant]:
        """The season in force, and until when that can be said without new weather."""
        current = self.now(at)
        return current.season, current.until if current.until is not None else math.inf

    def memory(self) -> Mapping[str, Any]:
        """Plain data for the store."""
        turns = [[day.isoformat(), season.value] for day, season in self._turns]
        return {"mean": self._mean.to_json(), "state": self._state.to_json(), "turns": turns}

    def _turned(self, day: date) -> None:
        """The season of the weather is what it is from this day on."""
        if self._turns[-1][1] is not self._state.season:
            self._turns = [*self._turns, (day, self._state.season)][-REMEMBERED:]

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Take up what `memory` gave. `ValueError` where it is not that."""
        mean, state = DailyMean.from_json(memory["mean"]), SeasonState.from_json(memory["state"])
        turns = turns_of(memory)
        self._mean, self._asked = mean, None
        if state.last is not None:  # else it has seen no day yet, and the typical year knows better
            self._state, self.told = state, "measured"
        self._turns = turns or [(state.since + timedelta(days=1), state.season)]
        self._turned(self._begun)


def turns_of(memory: Mapping[str, Any]) -> list[tuple[date, Season]]:
    """The seasons of the weather that a `memory` has on record, each with the first day on which it was in force: none in one of an
    earlier version. `ValueError` where it is no memory."""
    try:
        return [(date.fromisoformat(day), Season(season)) for day, season in memory.get("turns", ())]
    except TypeError as wrong:
        raise ValueError(f"not the turns of seasons: {wrong}") from wrong
