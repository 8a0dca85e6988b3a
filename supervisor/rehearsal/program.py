"""How the building is run today: the controllers' own schedules, which stand beneath the supervisor's slot.

The definition (issue D): 22 °C all year, on from 1 h before opening until 1 h after closing, lights until 1 h after
closing. Cooling is on offer from April to October and heating from November to March: a site choice, the changeover
that a caretaker makes. A room in which people stay longer is lit for as long as they stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from config.points import Value
from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.site import Equipment, Site
from schedules.hours import Timetable
from schedules.time import Instant, instant_of, local_date
from simulator.plant.changeover import cold_month, heats
from supervisor.rehearsal.controllers import PROGRAM_PRIORITY, Controllers, seasonal_mode

SETPOINT = 22.0
"""°C."""
BEFORE = AFTER = 3600.0
"""s before opening and after closing."""
_SETPOINTS = (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT)
AIR, LIGHTS, _SEASON = "air", "lights", "season"


class Edge(NamedTuple):
    """At `time` the air conditioning or the lights of an hours group go on or off, or the season turns."""

    time: Instant
    what: str
    group: str
    on: bool


class Programme:
    """Writes the controllers' own slots at the edges of the opening hours."""

    def __init__(
        self,
        site: Site,
        tables: Mapping[str, Timetable],
        controllers: Controllers,
        start: Instant,
        end: Instant,
    ) -> None:
        self._site = site
        self._controllers = controllers
        self._alone = {e.id: e for e in site.shared.values() if Role.START_STOP not in e.points}
        """Shared equipment that nobody can command through us: it runs by its own schedule, whatever we decide."""
        self._runs: set[str] = set()
        self.shifted: set[str] = set()
        """Ids of such equipment that went on or off since somebody last looked."""
        self._on = {(what, group): False for what in (AIR, LIGHTS) for group in tables}
        found = [*edges(site, tables, start, end), *_seasons(site, start, end)]
        self._edges = sorted(
            found, key=lambda edge: (edge.time, edge.what, edge.on, edge.group), reverse=True
        )
        self.heating = heats(start, site)
        self.turned = True
        """The season turned since somebody last looked."""
        self._begin()

    @property
    def next_at(self) -> Instant:
        """When something happens next."""
        return self._edges[-1].time if self._edges else float("inf")

    def advance(self, now: Instant) -> None:
        """Do what is due by `now`."""
        while self._edges and self._edges[-1].time <= now:
            edge = self._edges.pop()
            if edge.what == _SEASON:
                self.heating, self.turned = edge.on, True
                self._modes()
                continue
            self._on[edge.what, edge.group] = edge.on
            self._switch(edge)

    def runs(self, equipment: str) -> bool:
        """Whether shared equipment that is not ours to command is on."""
        return equipment in self._runs

    def _begin(self) -> None:
        for id_, equipment in self._alone.items():
            if self._followed(equipment) is None:
                self._runs.add(id_)
        for equipment in self._site.all_equipment:
            for role in _SETPOINTS:
                self._put(equipment, role, SETPOINT)
        self._modes()
        for what, group in list(self._on):
            self._switch(Edge(0.0, what, group, False))

    def _modes(self) -> None:
        for equipment in self._site.all_equipment:
            if Role.MODE in equipment.points:
                self._put(equipment, Role.MODE, seasonal_mode(equipment.points[Role.MODE], self.heating))

    def _switch(self, edge: Edge) -> None:
        for equipment in self._site.all_equipment:
            groups = {self._site.zones[zone].hours for zone in equipment.zones}
            if edge.group in groups and self._followed(equipment) == edge.what:
                on = any(self._on[edge.what, group] for group in groups)
                self._put(equipment, Role.START_STOP, on)
                if equipment.id in self._alone and on is not self.runs(equipment.id):
                    self._runs ^= {equipment.id}
                    self.shifted.add(equipment.id)

    def _followed(self, equipment: Equipment) -> str | None:
        """Which of the two schedules equipment follows; None: it always runs (sockets, escape routes, server rooms)."""
        if equipment.lights:
            return None if equipment.escape_route else LIGHTS
        if equipment.kind in (EquipmentKind.PLUGS, EquipmentKind.SENSORS):
            return None
        if equipment.kind is EquipmentKind.PLANT and equipment.id in self._alone:
            return None  # it makes water for whoever takes some
        machines = any(self._site.zones[zone].kind is ZoneKind.SERVER_ROOM for zone in equipment.zones)
        return None if machines else AIR

    def _put(self, equipment: Equipment, role: Role, value: Value | Mode) -> None:
        point = equipment.points.get(role)
        if point is not None and value is not None:
            self._controllers.command(point, value, PROGRAM_PRIORITY)


def edges(site: Site, tables: Mapping[str, Timetable], start: Instant, end: Instant) -> Iterator[Edge]:
    """When air conditioning and lights of each hours group go on and off, from before a time until after it."""
    for group, table in tables.items():
        for what, before in ((AIR, BEFORE), (LIGHTS, 0.0)):
            spans: list[list[Instant]] = []
            day, last = local_date(start, site.tz) - timedelta(days=2), local_date(end, site.tz)
            while day <= last:
                for opens, closes in table.day(day).intervals:
                    if spans and opens - before <= spans[-1][1]:
                        spans[-1][1] = closes + AFTER
                    else:
                        spans.append([opens - before, closes + AFTER])
                day += timedelta(days=1)
            for opens, closes in spans:
                yield Edge(opens, what, group, True)
                yield Edge(closes, what, group, False)


def _seasons(site: Site, start: Instant, end: Instant) -> Iterator[Edge]:
    day, last = local_date(start, site.tz), local_date(end, site.tz)
    while day <= last:
        if day.day == 1 and cold_month(day.month, site) is not cold_month((day.month + 10) % 12 + 1, site):
            yield Edge(instant_of(day, 0, site.tz), _SEASON, "", cold_month(day.month, site))
        day += timedelta(days=1)
