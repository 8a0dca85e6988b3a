"""The people of a rehearsal: the same model as behind the demo, a day of events at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.site import Site
from schedules.hours import Timetable
from schedules.time import DAY, Instant
from simulator.people.character import People
from simulator.people.habits import Habits, Interval, Room
from simulator.people.people import Event, PeopleModel
from simulator.people.seen import Seen

Floats: TypeAlias = NDArray[np.float64]
_ARRAYS = {"people": "people", "window_open": "windows", "plugs": "plugs", "lights": "lights"}
"""By what people do, the array that says how far it has come."""
_USUAL = Habits(meddled_cooling=22.0, meddled_heating=22.0, lights_left_on=0.05)
"""Whoever turns a knob turns it to what the building is run at today, so that `today` means 22 °C all year."""
HABITS = {
    People.TIDY: replace(
        _USUAL, lights_left_on=0.0, window_warm=0.05, window_cold=0.03, window_mild=0.3, window_forgotten=0.0,
        meddle=0.05,
    ),
    People.USUAL: _USUAL,
    People.CARELESS: replace(
        Habits.careless(), meddled_cooling=22.0, meddled_heating=22.0, lights_left_on=0.3
    ),
}  # fmt: skip
"""By kind of people. Today's lights go off by the schedule an hour after closing, so what stays on is what somebody
held on at the wall switch: less often than a light is forgotten where there is no schedule. Site choices."""


class Crowd:
    """Who is where, which window is open. Arrays are in the order of `zones`, and new whenever they change."""

    def __init__(
        self,
        site: Site,
        tables: Mapping[str, Timetable],
        zones: Sequence[str],
        seed: int,
        start: Instant,
        habits: Habits = HABITS[People.USUAL],
        seen: Seen | None = None,
    ) -> None:
        rooms = [Room(z, str(site.zones[z].kind), site.zones[z].people) for z in zones]

        def hours(room: str, day: date) -> Sequence[Interval]:
            return tables[site.zones[room].hours].day(day).intervals

        self._model = PeopleModel(seed, rooms, hours, site.tz, habits, seen)
        self._places = {zone: place for place, zone in enumerate(zones)}
        at = self._model.at(start)
        self.people, self.windows, self.plugs = at.people, at.window_open, at.plugs
        self.lights = at.lights
        """What the wall switches say: on from the first who comes until the last who goes, or forgets it."""
        self._events: list[Event] = []
        """Latest first."""
        self._known_to = start

    @property
    def next_at(self) -> Instant:
        """When somebody does something next."""
        while not self._events:
            until = self._known_to + DAY
            self._events = self._model.events(self._known_to, until)[::-1]
            self._known_to = until
        return self._events[-1].time

    def advance(self, now: Instant) -> list[Event]:
        """What people did until `now`, in order; the arrays are what it has come to."""
        done: list[Event] = []
        while self.next_at <= now:
            events = self._events
            while events and events[-1].time <= now:
                done.append(events.pop())
        if done:
            self._apply(done)
        return done

    def _apply(self, events: list[Event]) -> None:
        fresh: dict[str, Floats] = {}
        for event in events:
            name = _ARRAYS.get(event.what)
            if name is None:
                continue
            values = fresh.get(name)
            if values is None:
                values = fresh[name] = getattr(self, name).copy()
            values[self._places[event.zone]] = event.value or 0.0
        for name, values in fresh.items():
            # Of those who pass through a corridor every other one has come and gone within a minute.
            if values.tobytes() != getattr(self, name).tobytes():
                setattr(self, name, values)
