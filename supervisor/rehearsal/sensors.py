"""What the rules are told of the rooms, and when: exact figures whenever they look, and a call when it matters.

Rules compare temperature, humidity and CO₂ with fixed limits and nothing else. So a figure that moves between two
limits cannot change an answer: the zone is asked again only when one is crossed. Whenever it is asked, for whatever
reason, it sees the figures of that minute. Together that gives the answers of a building that reports every minute.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.roles import Role
from config.site import Site, Zone
from drivers.readings import Instant, Quality, Reading
from simulator.plant.base import Observations
from supervisor.state import State

Floats: TypeAlias = NDArray[np.float64]
FROST_BAND = 1.0
"""K above its limit at which `freeze-protect` lets go again."""
_ROOM = (Role.TEMPERATURE, Role.HUMIDITY, Role.CO2)


class LiveState(State):
    """A state whose analog sensors always read what the plant says now."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.now: Instant = -math.inf
        self._figures: dict[str, Callable[[], float]] = {}

    def follow(self, point_id: str, figure: Callable[[], float]) -> None:
        """Let a sensor read `figure()` from now on."""
        self._figures[point_id] = figure

    def reading(self, point_id: str) -> Reading:
        """What is known of a point."""
        figure = self._figures.get(point_id)
        if figure is None:
            return super().reading(point_id)
        return Reading(figure(), Quality.GOOD, self.now, self.now)


class Rooms:
    """Figures of every room, and which zones have crossed a limit since they were last looked at."""

    def __init__(self, site: Site, zones: Sequence[str]) -> None:
        self._zones = [site.zones[zone] for zone in zones]
        self._limits = [_table([limits(zone, role) for zone in self._zones]) for role in _ROOM]
        self._sensed = [any(role in z.sensors for z in self._zones) for role in _ROOM]
        count = len(self._zones)
        self._low = np.full((len(_ROOM), count), math.inf)
        self._high = np.full((len(_ROOM), count), -math.inf)
        self.figures = np.zeros((len(_ROOM), count))

    def follow(self, state: LiveState) -> None:
        """Connect the sensors of every zone with its figures."""
        for place, zone in enumerate(self._zones):
            for row, role in enumerate(_ROOM):
                for point in zone.sensors.get(role, ()):
                    state.follow(point.id, lambda row=row, place=place: float(self.figures[row, place]))  # type: ignore[misc] # bound now

    def take(self, seen: Observations) -> NDArray[np.intp] | None:
        """Take the figures of a minute; the places of zones in which a limit was crossed, or None."""
        figures = self.figures
        figures[0] = seen.air
        if self._sensed[1]:
            np.minimum(seen.relative_humidity, 100.0, out=figures[1])
        if self._sensed[2]:
            figures[2] = seen.co2
        outside = (figures < self._low) | (figures >= self._high)
        if not outside.any():
            return None
        return self._settle(outside)

    def _settle(self, outside: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Find the cell between two limits in which each figure lies now."""
        for row, place in np.argwhere(outside):
            edges = self._limits[row][place]
            cell = int(np.searchsorted(edges, self.figures[row, place], side="right"))
            self._low[row, place], self._high[row, place] = edges[cell - 1], edges[cell]
        places: NDArray[np.intp] = np.flatnonzero(outside.any(axis=0))
        return places


def limits(zone: Zone, role: Role) -> tuple[float, ...]:
    """Every figure that a rule compares a room's sensor with."""
    if role not in zone.sensors:
        return ()
    mild, frost = zone.rules.mild_season_off, zone.rules.freeze_protect
    if role is Role.TEMPERATURE:
        return (
            frost.below, frost.below + FROST_BAND, mild.zone_low, mild.zone_low + mild.zone_band,
            mild.zone_high - mild.zone_band, mild.zone_high,
        )  # fmt: skip
    if role is Role.HUMIDITY:
        return (mild.humidity_high - mild.humidity_band, mild.humidity_high)
    return (mild.co2_high - mild.co2_band, mild.co2_high)


def outdoor_limits(site: Site) -> tuple[float, ...]:
    """Every figure that a rule compares the outdoor temperature with."""
    mild = site.rules.mild_season_off
    return (
        mild.outdoor_low, mild.outdoor_low + mild.outdoor_band,
        mild.outdoor_high - mild.outdoor_band, mild.outdoor_high,
    )  # fmt: skip


def _table(rows: Sequence[Sequence[float]]) -> list[Floats]:
    return [np.array([-math.inf, *sorted(set(row)), math.inf]) for row in rows]
