"""The mean outdoor temperature of each local day, from readings as they come."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schedules.time import Instant, instant_of, local_date

HOLD = 3600.0
"""Seconds for which a reading stands for the air if no other follows. A site choice."""
COVERAGE = 0.75
"""Share of the day that readings must cover for its mean to be evidence. A site choice."""

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DailyMean:
    """The day under way, kept across restarts: K·s and seconds covered so far, and the last reading in °C."""

    day: date
    weighted: float = 0.0
    covered: float = 0.0
    time: Instant = -math.inf
    value: float | None = None

    @classmethod
    def begin(cls, t: Instant, tz: ZoneInfo) -> DailyMean:
        """A record with no reading yet, on the local day of `t`."""
        return cls(local_date(t, tz))

    def add(
        self, t: Instant, value: float | None, tz: ZoneInfo
    ) -> tuple[DailyMean, tuple[tuple[date, float | None], ...]]:
        """The record after a reading in °C at `t` (None or NaN: unknown from now on), and the days it ended.

        Each ended day comes with its time-weighted mean, or None if readings covered too little of it; days
        of which nothing is known are left out. A reading no newer than the last one is ignored, unless it is
        of an earlier day: then the clock was put back, and the record begins anew.
        """
        known = value if value is not None and math.isfinite(value) else None
        on = local_date(t, tz)
        if on < self.day:
            return DailyMean(on, time=t, value=known), ()
        if t <= self.time:
            return self, ()
        record = self
        ended: list[tuple[date, float | None]] = []
        while record.day < on:
            start, end = instant_of(record.day, 0, tz), instant_of(record.day + _ONE, 0, tz)
            record = record._credited(start, end)
            ended.append((record.day, record._mean(end - start)))
            # A reading holds for less than a day, so at most one more day has any of it.
            following = record.day + _ONE if record.time + HOLD > end else on
            record = DailyMean(following, time=record.time, value=record.value)
        record = record._credited(instant_of(on, 0, tz), t)
        return replace(record, time=t, value=known), tuple(ended)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON column, which `from_json` reads back."""
        return {
            "day": self.day.isoformat(),
            "weighted": self.weighted,
            "covered": self.covered,
            "time": self.time if math.isfinite(self.time) else None,
            "value": self.value,
        }

    @classmethod
    def from_json(cls, data: object) -> DailyMean:
        """The record that `to_json` wrote; `ValueError` for anything else."""
        try:
            if not isinstance(data, Mapping):
                raise TypeError("expected an object")
            time, value = data["time"], data["value"]
            return cls(
                date.fromisoformat(data["day"]),
                float(data["weighted"]),
                float(data["covered"]),
                -math.inf if time is None else float(time),
                None if value is None else float(value),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise ValueError(f"not a daily mean's record: {wrong!r}") from wrong

    def _credited(self, start: Instant, end: Instant) -> DailyMean:
        """With the last reading counted for what it covers between `start` and `end`."""
        seconds = min(end, self.time + HOLD) - max(start, self.time)
        if self.value is None or seconds <= 0:
            return self
        weighted = self.weighted + self.value * seconds
        return replace(self, weighted=weighted, covered=self.covered + seconds)

    def _mean(self, seconds: float) -> float | None:
        """The mean in °C of a day that lasted so many seconds (82,800 to 90,000 where the clock changes)."""
        enough = self.covered > 0 and self.covered >= COVERAGE * seconds
        return self.weighted / self.covered if enough else None
