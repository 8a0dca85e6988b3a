"""The people of a rehearsal: the same model as behind the demo, a day of events at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.site import Site
from drivers.readings import Instant
from schedules.hours import Timetable
from simulator.habits import Habits, Interval, Room
from simulator.people import Event, PeopleModel

Floats: TypeAlias = NDArray[np.float64]
_DAY = 86_400.0
HABITS = Habits(meddled_cooling=22.0, meddled_heating=22.0)
"""Whoever turns a knob turns it to what the building is run at today, so that `today` means 22 °C all year."""


class Crowd:
    """Who is where, which window is open. Arrays are in the order of `zones`, and new whenever they change."""

    def __init__(
        self, site: Site, tables: Mapping[str, Timetable], zones: Sequence[str], seed: int, start: Instant
    ) -> None:
        rooms = [Room(z, str(site.zones[z].kind), site.zones[z].people) for z in zones]

        def hours(room: str, day: date) -> Sequence[Interval]:
            return tables[site.zones[room].hours].day(day).intervals

        self._model = PeopleModel(seed, rooms, hours, site.tz, HABITS)
        self._places = {zone: place for place, zone in enumerate(zones)}
        at = self._model.at(start)
        self.people, self.windows, self.plugs = at.people, at.window_open, at.plugs
        self._events: list[Event] = []
        """Latest first."""
        self._known_to = start

    @property
    def next_at(self) -> Instant:
        """When somebody does something next."""
        while not self._events:
            until = self._known_to + _DAY
            self._events = self._model.events(self._known_to, until)[::-1]
            self._known_to = until
        return self._events[-1].time

    def advance(self, now: Instant) -> list[Event]:
        """What people did until `now`, in order; the arrays are what it has come to."""
        done = []
        while self.next_at <= now:
            done.append(self._events.pop())
        if done:
            self._apply(done)
        return done

    def _apply(self, events: list[Event]) -> None:
        fresh: dict[str, Floats] = {}
        names = {"people": "people", "window_open": "windows", "plugs": "plugs"}
        for event in events:
            name = names.get(event.what)
            if name is None:
                continue
            if name not in fresh:
                fresh[name] = getattr(self, name).copy()
            fresh[name][self._places[event.zone]] = float(event.value or 0.0)
        for name, values in fresh.items():
            setattr(self, name, values)
