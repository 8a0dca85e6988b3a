"""The building of a rehearsal: plant, people and controllers, and what their sensors come to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from operator import is_

import numpy as np

from config.points import Point, Value
from config.roles import Mode, Role
from config.site import Equipment, Zone
from schedules.time import Instant
from simulator.building import KNOB_PRIORITY
from simulator.people.people import Event
from simulator.plant.base import Flags, Stop, Stride
from simulator.plant.choice import plant_for
from simulator.plant.from_site import building_of
from supervisor.rehearsal.controllers import Controllers
from supervisor.rehearsal.crowd import Crowd
from supervisor.rehearsal.machines import Machines
from supervisor.rehearsal.program import Programme
from supervisor.rehearsal.scenario import Scenario

MINUTE = 60.0
Tell = Callable[[Point, Value], None]
"""Hears a sensor's value whenever it may have changed."""
_KNOBS = {"cooling_setpoint": Role.COOLING_SETPOINT, "heating_setpoint": Role.HEATING_SETPOINT}


class World:
    """Everything that is not ours. `happen` does what is due at a minute, `minutes` lets some pass."""

    def __init__(self, scenario: Scenario, start: Instant, tell: Tell) -> None:
        self.site = scenario.site
        self._tell = tell
        building = scenario.building or building_of(self.site)
        self.plant = plant_for(scenario.plant, self.site, building, scenario.weather, start, scenario.end)
        self.zones = [self.site.zones[zone] for zone in self.plant.zones]
        tables = scenario.days.tables
        self.controllers = Controllers(self.site)
        self.programme = Programme(self.site, tables, self.controllers, start, scenario.end)
        self.crowd = Crowd(
            self.site, tables, self.plant.zones, scenario.seed, start, scenario.habits, scenario.seen
        )
        self.machines = Machines(
            self.site,
            building,
            self.controllers,
            self.plant.zones,
            self.plant.air_handlers,
            self.programme.runs,
        )
        self._place = {zone.id: place for place, zone in enumerate(self.zones)}
        terminals = [zone.terminal for zone in building.zones]
        self._plain = ~np.array([terminal.compressor for terminal in terminals], dtype=np.bool_)
        self._vav = np.array([terminal.kind == "vav" for terminal in terminals])
        self._any_vav = bool(self._vav.any())
        handlers = self.plant.air_handlers
        self._handler = np.array(
            [handlers.index(z.air_handler) if z.air_handler else -1 for z in building.zones]
        )
        self.running: Flags = np.zeros(len(self.zones), dtype=np.bool_)
        """(zones,) what the terminals' run status says."""
        self._plant_running: Flags = self.running
        self._compared: tuple[Flags | None, ...] = (None, None, None)
        """What `_runs` followed from when that was last compared with `running`."""
        self._held_on: set[str] = set()
        """Rooms whose wall switch holds the light on."""
        self._said: tuple[Flags | None, ...] = (None, None, None)
        """What `running` follows from, as it was when it was last said."""
        self._shifting = True
        """Run statuses may not be what was last said of them."""
        self._seen_in: set[str] = set()
        """Zones whose presence sensor shows somebody."""
        self._held_seen: set[str] = set()
        """Zones whose sensor shows somebody who has passed already."""
        self._pulses: Instant = math.inf
        """When a sensor that has only just seen somebody looks again."""

    # ------------------------------------------------------------------ what happens

    def begin(self, now: Instant) -> Stride:
        """Settle everything as it stands at `now`; the first minute, so that there is something to see."""
        self.programme.advance(now)
        for zone, people in zip(self.zones, self.crowd.people, strict=True):
            self._presence(zone.id, bool(people > 0.0))
            self._wall_switch(zone)
            self._window(zone, bool(self.crowd.windows[self._place[zone.id]] > 0.0))
            for equipment in (*zone.equipment, *self.site.shared.values()):
                for role in (Role.FAULT, Role.HAND_AUTO):
                    self._say(equipment, role, False)
            for point in zone.sensors.get(Role.LUX, ()):
                self._tell(point, 0.0)
        if Role.FIRE_ALARM in self.site.building_points:
            self._tell(self.site.building_points[Role.FIRE_ALARM], False)
        self.machines.season(self.programme.heating)
        self.machines.take((), self.crowd, everything=True)
        seen = self.minutes(1, lambda _air, _outdoors: 1)
        self.report(self.site.points.values())
        self._turned()
        return seen

    @property
    def next_at(self) -> Instant:
        """When something happens by itself."""
        return min(self.crowd.next_at, self.programme.next_at, self._pulses)

    def happen(self, now: Instant) -> None:
        """What people and schedules do at a minute."""
        events = self.crowd.advance(now)
        if self._pulses <= now or events:
            self._pulses = math.inf
            self._people(events, now)
        if self.programme.next_at <= now:
            self.programme.advance(now)
        if self.programme.turned:
            self.machines.season(self.programme.heating)
            self._turned()
        if self.programme.shifted:
            self.machines.shift()
            self._by_themselves()

    def _people(self, events: list[Event], now: Instant) -> None:
        passed: set[str] = set()
        moved, self._held_seen = self._held_seen, set()
        for event in events:
            if event.what == "people":
                moved.add(event.zone)
                if event.value:
                    passed.add(event.zone)
            elif event.what == "window_open":
                self._window(self.site.zones[event.zone], bool(event.value))
            elif event.what in _KNOBS:
                self._turn(self.site.zones[event.zone], _KNOBS[event.what], event.value)
            elif event.what == "lights":
                self._wall_switch(self.site.zones[event.zone])
        for zone_id in sorted(moved):
            here = bool(self.crowd.people[self._place[zone_id]] > 0.0)
            if not here and zone_id in passed:
                # A sensor holds a passer-by for a moment: never less than the physics can see.
                self._pulses = now + MINUTE
                self._held_seen.add(zone_id)
            self._presence(zone_id, here or zone_id in passed)

    def _presence(self, zone_id: str, somebody: bool) -> None:
        """What the presence sensor sees, and the wall switch with it."""
        if somebody == (zone_id in self._seen_in):
            if not somebody:
                self._sense(self.site.zones[zone_id], Role.OCCUPANCY, False)
            return
        (self._seen_in.add if somebody else self._seen_in.discard)(zone_id)
        zone = self.site.zones[zone_id]
        self._sense(zone, Role.OCCUPANCY, somebody)
        self._wall_switch(zone)

    def _wall_switch(self, zone: Zone) -> None:
        """A room is lit for as long as somebody stays, and longer if the last to go forgets the switch."""
        on = zone.id in self._seen_in or bool(self.crowd.lights[self._place[zone.id]] > 0.0)
        if zone.circulation or on is (zone.id in self._held_on):
            return
        (self._held_on.add if on else self._held_on.discard)(zone.id)
        for equipment in zone.units:
            if equipment.lights:
                held = any(room in self._held_on for room in equipment.zones)
                self.controllers.command(
                    equipment.points[Role.START_STOP], True if held else None, KNOB_PRIORITY
                )

    def _turn(self, zone: Zone, role: Role, value: float | None) -> None:
        """Somebody turns the thermostat, or back."""
        for equipment in zone.equipment:
            point = equipment.points.get(role) or equipment.points.get(Role.SETPOINT)
            if point is not None and not point.object_type.endswith("-input"):
                self.controllers.command(point, value, KNOB_PRIORITY)

    def _window(self, zone: Zone, is_open: bool) -> None:
        self._sense(zone, Role.WINDOW, is_open)

    def _sense(self, zone: Zone, role: Role, value: bool) -> None:
        for point in zone.sensors.get(role, ()):
            self._tell(point, value)

    def _turned(self) -> None:
        """The changeover shows on whatever says what the plant circulates."""
        self.programme.turned = False
        mode = Mode.HEAT if self.programme.heating else Mode.COOL
        for zone in self.zones:
            for equipment in zone.equipment:
                self._say(equipment, Role.ACTION, mode)
        if Role.CHANGEOVER in self.site.building_points:
            self._tell(self.site.building_points[Role.CHANGEOVER], mode)

    def _by_themselves(self) -> None:
        """What went on or off without us shows on its run status."""
        shifted, self.programme.shifted = self.programme.shifted, set()
        for id_ in sorted(shifted):
            self._say(self.site.shared[id_], Role.RUN_STATUS, self.programme.runs(id_))

    # ------------------------------------------------------------------ what is seen

    def minutes(self, most: int, stop: Stop) -> Stride:
        """Let some minutes pass: `most`, or as many of them as the plant takes at once and `stop` allows."""
        passed = self.plant.stride(MINUTE, self.machines.commands, most, stop)
        self._plant_running = passed.running
        return passed

    @property
    def shifted(self) -> bool:
        """A compressor has begun or ended its rest: statuses are to be reported."""
        if all(map(is_, known := self._run_by(), self._compared)):
            return self._shifting
        self._compared = known
        self._shifting = not np.array_equal(self.running, self._runs())
        return self._shifting

    def _run_by(self) -> tuple[Flags | None, ...]:
        """What `_runs` follows from."""
        commands = self.machines.commands
        return commands.terminal_on, commands.air_handler_on, self._plant_running

    def _runs(self) -> Flags:
        """What runs: at once as commanded, but for a compressor that rests and a box without its air."""
        commands = self.machines.commands
        runs = commands.terminal_on & (self._plain | self._plant_running)
        if self._any_vav:
            runs &= ~self._vav | np.append(commands.air_handler_on, False)[self._handler]
        return runs

    def _turned_on_or_off(self) -> set[int]:
        """Places of the zones in which what runs is no longer what was said."""
        known = self._run_by()
        if all(map(is_, known, self._said)):
            return set()
        before, self._said, self.running = self.running, known, self._runs()
        return set(np.flatnonzero(self.running != before).tolist())

    def report(self, moved: Iterable[Point]) -> None:
        """Take over what moved, and say what follows: present values and run statuses."""
        moved = tuple(moved)
        self.machines.take(moved, self.crowd)
        if not moved and not self.shifted:
            return
        self._shifting = False
        places = self._turned_on_or_off()
        places.update(self._place[p.zone] for p in moved if p.zone is not None and p.role is Role.START_STOP)
        runs = self.running
        for place in sorted(places):
            zone = self.zones[place]
            for equipment in zone.equipment:
                if Role.START_STOP in equipment.points:
                    on = bool(self.controllers.value(equipment.points[Role.START_STOP]))
                    self._say(equipment, Role.RUN_STATUS, on and (not equipment.hvac or bool(runs[place])))
        if any(point.zone is None for point in moved):
            for equipment in self.site.shared.values():
                self._say(equipment, Role.RUN_STATUS, self.machines.on(equipment))

    def _say(self, equipment: Equipment, role: Role, value: Value) -> None:
        point = equipment.points.get(role)
        if point is not None:
            self._tell(point, value)
