"""What the rules are told of the rooms, and when: exact figures whenever they look, and a call when it matters.

An evaluation says between which figures of temperature, humidity and CO₂ its answers stand: the zone is asked again
only when one lies outside. Whenever it is asked, for whatever reason, it sees the figures of that minute. Together
that gives the answers of a building that reports every minute.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.roles import Role
from config.rules import RuleId
from config.site import Site, Zone
from drivers.readings import UNKNOWN, Quality, Reading
from schedules.time import Instant
from schedules.types import Spans
from simulator.plant.base import Plant, Stride
from supervisor.core.engine import MEASURED, Evaluation
from supervisor.core.known import Known
from supervisor.core.now import ANYWHERE, NOWHERE
from supervisor.core.views import ZoneView

Floats: TypeAlias = NDArray[np.float64]
_GOOD = Quality.GOOD
_new = tuple.__new__
"""Makes a reading and a view of all their fields, in half the time that their own constructors take."""
_NO_WORDS: Mapping[str, Any] = {}
"""Nobody has released a point or holds one by hand."""


class LiveKnown(Known):
    """What is known where analog sensors always read what the plant says now."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.now: Instant = -math.inf
        self._figures: dict[str, Callable[[], float]] = {}
        self._parked: dict[str, Callable[[], float]] = {}

    def follow(self, point_id: str, figure: Callable[[], float]) -> None:
        """Let a sensor read `figure()` from now on."""
        self._figures[point_id] = figure

    def reading(self, point_id: str) -> Reading:
        """What is known of a point."""
        figure = self._figures.get(point_id)
        if figure is None:
            return self.readings.get(point_id, UNKNOWN)
        return _new(Reading, (figure(), _GOOD, self.now, self.now))

    # ------------------------------------------------------------------ what fails

    def follows(self, point_id: str) -> bool:
        """Whether a sensor reads what the plant says now."""
        return point_id in self._figures

    def freeze(self, point_id: str) -> None:
        """A sensor goes on saying what it says now."""
        figure = self._figures.pop(point_id, None)
        if figure is not None:
            self._parked[point_id] = figure
            self.recall(point_id, Reading(figure(), Quality.GOOD, self.now, self.now))

    def thaw(self, point_id: str) -> bool:
        """A sensor follows its figure again. False for a point that follows none."""
        figure = self._parked.pop(point_id, None)
        if figure is not None:
            self._figures[point_id] = figure
        return figure is not None

    def doubt(self, point_id: str) -> None:
        """A point was not heard of for too long."""
        self._judge(point_id, Quality.GOOD, Quality.STALE)

    def believe(self, point_id: str) -> None:
        """It was heard of again, and says what it said."""
        self._judge(point_id, Quality.STALE, Quality.GOOD)

    def _judge(self, point_id: str, before: Quality, after: Quality) -> None:
        known = self.readings.get(point_id)
        if known is not None and known.quality is before:
            self.recall(point_id, known._replace(quality=after, time=self.now))

    # ------------------------------------------------------------------ what the rules see

    def zone(self, zone: Zone, spans: Spans, exempt_until: Mapping[RuleId, Instant]) -> ZoneView:
        """A zone as it stands: what has not changed as it was, and the figures of this minute."""
        view = self._zones.get(zone.id)
        if view is None or (view.temperature is None and view.humidity is None and view.co2 is None):
            return super().zone(zone, spans, exempt_until)
        _, _, temperature, humidity, co2, lux, occupancy, windows, equipment, circuits, *_ = view
        return _new(
            ZoneView,
            (
                zone,
                spans,
                temperature and self.sensed(zone, Role.TEMPERATURE),
                humidity and self.sensed(zone, Role.HUMIDITY),
                co2 and self.sensed(zone, Role.CO2),
                lux,
                occupancy,
                windows,
                equipment,
                circuits,
                exempt_until,
                _NO_WORDS,
                _NO_WORDS,
            ),
        )


class Rooms:
    """Figures of every room, and the zones that should be asked about them."""

    def __init__(self, site: Site, plant: Plant) -> None:
        self._zones = [site.zones[zone] for zone in plant.zones]
        self._places = {zone: place for place, zone in enumerate(plant.zones)}
        self._plant = plant
        self._points = [
            [
                (row, role, tuple(point.id for point in zone.sensors[role]))
                for row, role in enumerate(MEASURED)
                if zone.sensors.get(role)
            ]
            for zone in self._zones
        ]
        """Of each zone the rows and sensors of what is measured there."""
        self._sensed = [any(role in z.sensors for z in self._zones) for role in MEASURED]
        count = len(self._zones)
        self._figures = np.zeros((len(MEASURED), count))
        self._low = np.full((len(MEASURED), count), -math.inf)
        self._high = np.full((len(MEASURED), count), math.inf)
        self._coldest, self._hottest = self._low[0], self._high[0]
        self._beyond = np.zeros((2, count), dtype=np.bool_)
        """Whether the air is at its lower and its upper limit, or beyond."""
        self._below, self._above = self._beyond
        self._more: set[int] = set()
        """Zones whose answers turn on humidity or CO2 too: only in mild seasons."""
        self._time: Instant = -math.inf
        self._air = np.zeros(count)
        self._humid_at, self._humid = -math.inf, np.zeros(count)

    def mind(self, zone: str, evaluation: Evaluation, known: LiveKnown) -> None:
        """Between which figures the answers of a zone stand, after it was asked."""
        place, told = self._places[zone], False
        for row, role, points in self._points[place]:
            between = evaluation.between.get(role, ANYWHERE)
            follow = [known.follows(point) for point in points]
            if not all(follow):
                # Of some that move and some that stick the mean is not the room's.
                between = NOWHERE if any(follow) else ANYWHERE
            self._low[row, place], self._high[row, place] = between
            told = told or (row > 0 and between != ANYWHERE)
        (self._more.add if told else self._more.discard)(place)

    def follow(self, known: LiveKnown) -> None:
        """Connect the sensors of every zone with what is seen."""
        asked: Sequence[Callable[[int], float]] = (self._temperature, self._humidity, self._carbon)
        for place, zone in enumerate(self._zones):
            for figure, role in zip(asked, MEASURED, strict=True):
                for point in zone.sensors.get(role, ()):
                    known.follow(point.id, partial(figure, place))

    def _temperature(self, place: int) -> float:
        return float(self._air[place])

    def _humidity(self, place: int) -> float:
        if self._humid_at != self._time:
            self._humid_at, self._humid = self._time, self._plant.observe().relative_humidity
        return min(100.0, float(self._humid[place]))

    def _carbon(self, place: int) -> float:
        return float(self._plant.observe().co2[place])

    def unheard(self, air: Floats) -> int:
        """Of (minutes, zones) °C: how many minutes pass until a figure changes an answer, with that minute; else all."""
        if self._more and (self._sensed[1] or self._sensed[2]):
            return 1  # humidity and CO2 are known of the minute that has passed alone
        outside = (air <= self._coldest) | (air >= self._hottest)
        if 1 not in outside.tobytes():  # a fraction of what `any` takes
            return len(air)
        return int(np.logical_or.reduce(outside, axis=1).argmax()) + 1

    def take(self, passed: Stride) -> NDArray[np.intp] | None:
        """Take the figures of the last minute; the places of zones whose answers they may change, or None."""
        self._time, self._air = passed.time, passed.air[-1]
        if not self._more:
            np.less_equal(self._air, self._coldest, out=self._below)
            np.greater_equal(self._air, self._hottest, out=self._above)
            if 1 not in self._beyond.tobytes():
                return None
            return np.flatnonzero(self._below | self._above)
        figures, rows = self._figures, len(MEASURED)
        figures[0] = self._air
        if self._sensed[1] or self._sensed[2]:
            seen = self._plant.observe()
            if self._sensed[1]:
                np.minimum(seen.relative_humidity, 100.0, out=figures[1])
            if self._sensed[2]:
                figures[2] = seen.co2
        outside = (figures <= self._low[:rows]) | (figures >= self._high[:rows])
        if not outside.any():
            return None
        places: NDArray[np.intp] = np.flatnonzero(outside.any(axis=0))
        return places


def outdoor_limits(site: Site) -> tuple[float, ...]:
    """Every figure that a rule compares the outdoor temperature with."""
    mild = site.rules.mild_season_off
    return (
        mild.outdoor_low, mild.outdoor_low + mild.outdoor_band,
        mild.outdoor_high - mild.outdoor_band, mild.outdoor_high,
    )  # fmt: skip
