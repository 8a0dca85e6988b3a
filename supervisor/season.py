"""The season in force, kept up from the building's own outdoor sensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from config.file import Season as SeasonSection
from drivers.readings import Instant
from schedules.dailymean import DailyMean
from schedules.from_site import season_method, season_override
from schedules.localtime import local_date
from schedules.seasons import Season, SeasonNow, season_at
from schedules.weather import ByTemperature, SeasonState, advance


class SeasonKeeper:
    """Turns outdoor readings into daily means, daily means into seasons. `memory` survives a restart."""

    def __init__(self, section: SeasonSection, tz: ZoneInfo, now: Instant) -> None:
        self._method = season_method(section)
        self._override = season_override(section, tz)
        self._tz = tz
        self._weather = ByTemperature(southern=section.hemisphere == "south")
        self._mean = DailyMean.begin(now, tz)
        self._state: SeasonState = self._weather.begin(local_date(now, tz))

    def outdoor(self, at: Instant, value: float | None) -> None:
        """Take an outdoor reading in °C; None: not known from now on."""
        self._mean, ended = self._mean.add(at, value, self._tz)
        for day, mean in ended:
            self._state = advance(self._state, day, mean, self._weather)

    def now(self, at: Instant) -> SeasonNow:
        """The season in force and why."""
        return season_at(self._method, self._state, self._override, at, self._tz)

    def season(self, at: Instant) -> tuple[Season, Instant]:
        """The season in force, and until when that can be said without new weather."""
        current = self.now(at)
        return current.season, current.until if current.until is not None else math.inf

    def memory(self) -> Mapping[str, Any]:
        """Plain data for the store."""
        return {"mean": self._mean.to_json(), "state": self._state.to_json()}

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Take up what `memory` gave. `ValueError` where it is not that."""
        self._mean = DailyMean.from_json(memory["mean"])
        self._state = SeasonState.from_json(memory["state"])
