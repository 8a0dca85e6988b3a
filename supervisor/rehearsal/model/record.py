"""What a building recorded, on one grid of time: what acted on its rooms, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        )  # fmt: skip
