"""The people of a trial's buildings: the same in each of several that differ in nothing but how they are run, and from a day on more or fewer of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from schedules.time import DAY, Instant
from simulator.people.habits import Day, Room
from simulator.people.people import PeopleModel, State
from supervisor.rehearsal.crowd import Crowd
from supervisor.rehearsal.scenario import Scenario

MARK: Final = 300.0
"""s: people come and go on five-minute marks, so that hundreds of them do not have a run stepped by single minutes all day long."""


class Tenants(NamedTuple):
    """Who rents the rooms; both by room."""

    twin: Mapping[str, str]
    """The room that it lives like."""
    more: Mapping[str, float]
    """By how much more people, and machines of theirs, it has than before, from a day on."""
    since: date


class Model(PeopleModel):
    """People of rooms that have twins."""

    def __init__(self, *about: Any, tenants: Tenants) -> None:
        super().__init__(*about)
        self._tenants = tenants
        self._room = {room.id: room for room in self.rooms}

    def _line(self, room: Room, day: date) -> tuple[list[Instant], list[State]]:
        return super()._line(self._room[self._tenants.twin[room.id]], day)

    def _day(self, room: Room, day: date) -> Day:
        return super()._day(self._let(room.id, day), day)

    def _merge(self, room: Room, day: date) -> tuple[list[Instant], list[State]]:
        share, end = self._share(room.id, day), self._midnight(day) + DAY
        found: dict[Instant, State] = {}
        for at, state in zip(*super()._merge(self._let(room.id, day), day), strict=True):
            mark = math.ceil(at / MARK) * MARK
            if mark < end:  # what falls on midnight is how the next day begins
                found[mark] = state._replace(plugs=state.plugs * share)
        return list(found), list(found.values())

    def _let(self, room: str, day: date) -> Room:
        """The room with as many people as it has then."""
        whole = self._room[room]
        return whole._replace(people=round(whole.people * self._share(room, day)))

    def _share(self, room: str, day: date) -> float:
        return self._tenants.more[room] if day >= self._tenants.since else 1.0


class Neighbours(Crowd):
    """The people of a rehearsal, by such a model."""

    def __init__(self, scenario: Scenario, zones: tuple[str, ...], start: Instant, tenants: Tenants) -> None:
        super().__init__(scenario.site, scenario.days.tables, zones, scenario.seed, start, scenario.habits)
        plain = self._model
        self._model = Model(
            scenario.seed, plain.rooms, plain._hours, scenario.site.tz, scenario.habits, tenants=tenants
        )
        at = self._model.at(start)
        self.people, self.windows, self.plugs, self.lights = at.people, at.window_open, at.plugs, at.lights
