"""What a building recorded, on one grid of time: what acted on its rooms, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from schedules.time import DAY, Instant
from schedules.weather.series import Weather

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEP = 300.0
"""s of the grid: as often as the daemon keeps a number that moves."""
HOUR = 3600.0
PER_HOUR = round(HOUR / STEP)


@dataclass(frozen=True, eq=False)
class Record:
    """A time on a grid of `STEP`. Arrays over time have a row a step, (steps, …); zones in the plant's order.

    What acts is that of the step from its row's instant on; `air` is what stood at that instant.
    """

    start: Instant
    """A whole hour."""
    zones: tuple[str, ...]
    air: Floats
    """(steps, zones) °C; NaN where no sensor said it."""
    people: Floats
    windows: Floats
    lights: Floats
    plugs: Floats
    on: Flags
    """(steps, zones) the unit runs."""
    cools: Flags
    """(steps, zones) it may cool; `heats`: it may heat."""
    heats: Flags
    cooling_setpoint: Floats
    heating_setpoint: Floats
    handlers: Flags
    """(steps, air handlers) that run."""
    weather: Weather
    """As recorded: see `sky`."""
    meters: dict[str, Floats]
    """By sub-item: (hours,) J, NaN where not known."""
    silences: tuple[tuple[int, int], ...] = ()
    """Steps from which until before which nobody recorded: what acted then is not known either."""
    doubts: tuple[Phrase, ...] = ()
    """What of it was left out, or should be looked at."""

    @property
    def steps(self) -> int:
        """How many there are: a whole number of hours."""
        return len(self.air)

    @property
    def hours(self) -> int:
        """Whole hours."""
        return self.steps // PER_HOUR

    @property
    def end(self) -> Instant:
        """After the last step."""
        return self.start + self.steps * STEP

    @property
    def weather_guessed(self) -> bool:
        """Nobody measured the sun."""
        return bool(getattr(self.weather, "guessed", False))

    @property
    def days(self) -> int:
        """Begun days, by local standard time."""
        return int(self.day(np.array([self.end - 1.0]))[0]) + 1

    @property
    def resumes(self) -> frozenset[int]:
        """Steps at which rooms are known again after a silence."""
        return frozenset(last for _, last in self.silences if last < self.steps)

    def unknown(self, after: float = 0.0) -> Flags:
        """(steps,) in a silence, or less than so many hours after one."""
        found = np.zeros(self.steps, dtype=np.bool_)
        for first, last in self.silences:
            found[first : last + round(after * PER_HOUR)] = True
        return found

    def heard(self) -> Flags:
        """(hours,) of which all is known."""
        by_hour = self.unknown()[: self.hours * PER_HOUR].reshape(-1, PER_HOUR)
        found: Flags = by_hour.sum(axis=1) == 0
        return found

    def day(self, times: Floats) -> NDArray[np.intp]:
        """Which day of the record POSIX times are in, by local standard time; what is outside of it belongs to its first or last."""
        offset = self.weather.site.utc_offset * HOUR
        first, last = ((at + offset) // DAY for at in (self.start, self.end - 1.0))
        return (np.clip((times + offset) // DAY, first, last) - first).astype(np.intp)

    def part(self, first: int, last: int) -> Record:
        """From one hour until before another, counted from the start."""
        rows, hours = slice(first * PER_HOUR, last * PER_HOUR), slice(first, last)
        return Record(
            self.start + first * HOUR, self.zones, self.air[rows], self.people[rows], self.windows[rows],
            self.lights[rows], self.plugs[rows], self.on[rows], self.cools[rows], self.heats[rows],
            self.cooling_setpoint[rows], self.heating_setpoint[rows], self.handlers[rows], self.weather,
            {subitem: joules[hours] for subitem, joules in self.meters.items()},
            tuple(
                (max(0, a - rows.start), min(rows.stop, b) - rows.start)
                for a, b in self.silences if a < rows.stop and b > rows.start
            ),
            self.doubts,
        )  # fmt: skip
