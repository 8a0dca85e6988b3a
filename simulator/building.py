"""A building that lives: physics and people behind real controllers, at the pace of the site clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from config.points import Point, Value
from config.roles import CIRCUIT_KINDS, Mode, Role
from config.site import Equipment, Site
from drivers.values import decode, encode
from schedules.from_site import calendar_of, timetables
from schedules.time import Instant
from simulator.bacnet import front as wire
from simulator.meters import JOULES_PER_KWH, Meter, MeterBank
from simulator.people.habits import Habits, Interval, Room
from simulator.people.people import Event, PeopleModel, State
from simulator.plant.base import Central, Commands, Observations
from simulator.plant.choice import plant_for
from simulator.plant.from_site import blown, building_of
from simulator.plant.kind import PlantKind
from simulator.weather import SyntheticShanghai

MAX_STEP = 60.0
"""s of one step of the physics."""
KNOB_PRIORITY = 13
"""The slot that an occupant's thermostat or wall switch writes; a site choice, below the supervisor's 10."""
COOLING_MONTHS = frozenset({5, 6, 7, 8, 9})
HEATING_MONTHS = frozenset({11, 12, 1, 2, 3})

_KNOBS = {"cooling_setpoint": Role.COOLING_SETPOINT, "heating_setpoint": Role.HEATING_SETPOINT}

Sent = list[wire.Input]


@dataclass(frozen=True, slots=True)
class Knob:
    """Somebody commands a slot at the controller: None lets go."""

    point: Point
    value: float | int | None


class SimulatedBuilding:
    """Steps the plant and the people of a site, and says what its controllers should show.

    Without I/O: `commands` takes what the controllers command now, `advance` gives what their inputs become
    and which knobs were turned. The same class stands behind the wire and behind a test.
    """

    def __init__(
        self,
        site: Site,
        start: Instant,
        seed: int = 1,
        habits: Habits | None = None,
        plant: PlantKind = PlantKind.RC,
    ) -> None:
        self.site = site
        self.time = start
        self.weather = SyntheticShanghai(seed)
        physical = building_of(site)
        self.plant = plant_for(plant, site, physical, self.weather, start)
        self._zones = [site.zones[id_] for id_ in self.plant.zones]
        self._tables = timetables(site, calendar_of(site))
        rooms = [Room(z.id, _room_kind(str(z.kind)), z.people) for z in self._zones]
        self.people = PeopleModel(seed, rooms, self._hours, site.tz, habits or Habits.careless())
        meters = [Meter(m.id, m.subitem, start=1000.0) for m in site.meters.values()]
        self._meters = MeterBank(meters, physical)
        self._commands = Commands.idle(len(self._zones), len(self.plant.air_handlers))
        self._commanded: dict[str, bool] = {}
        """Whether a zone's own equipment is commanded on: of two circuits, or two units, each by its own switch."""
        self._circuits: dict[str, bool] = {}
        """Whether a circuit that several rooms share is live."""
        self.fire = False
        self._stuck_windows: dict[str, bool] = {}
        self.seen: Observations | None = None

    def _hours(self, room: str, day: date) -> Sequence[Interval]:
        table = self._tables[self.site.zones[room].hours]
        return table.day(day).intervals

    # ------------------------------------------------------------------ from the controllers

    def commandable(self) -> Iterator[Point]:
        """The points whose Present_Value moves the building."""
        for point in self.site.points.values():
            if point.role in (
                Role.START_STOP,
                Role.COOLING_SETPOINT,
                Role.HEATING_SETPOINT,
                Role.SETPOINT,
                Role.MODE,
            ):
                yield point

    def command(self, present: Callable[[Point], float | int]) -> None:
        """Take what the controllers command now; `present` gives a point's raw present value."""

        def value(point: Point) -> Value:
            return decode(point, present(point))

        crowd = self.people.at(self.time)
        month = datetime.fromtimestamp(self.time, self.site.tz).month
        count = len(self._zones)
        lights, on = np.zeros(count), np.zeros(count, dtype=np.bool_)
        cool = np.full(count, month in COOLING_MONTHS)
        heat = np.full(count, month in HEATING_MONTHS)
        cooling, heating = np.full(count, 26.0), np.full(count, 20.0)
        for i, zone in enumerate(self._zones):
            circuits = [e for e in zone.units if e.lights]
            if circuits:
                lights[i] = np.mean([bool(value(e.points[Role.START_STOP])) for e in circuits])
            terminals = [e for e in zone.equipment if e.hvac]
            terminals = terminals or [e for e in (blown(self.site, zone),) if e is not None]
            on[i] = any(_on(e, value) for e in terminals)
            if terminals:
                cooling[i], heating[i] = self._setpoints(terminals, value)
                mode = _mode(terminals, value)
                cool[i] &= mode in (None, Mode.COOL, Mode.AUTO, Mode.DRY)
                heat[i] &= mode in (None, Mode.HEAT, Mode.AUTO)
        self._commanded = {e.id: _on(e, value) for zone in self._zones for e in zone.equipment}
        self._circuits = {
            e.id: bool(value(e.points[Role.START_STOP]))
            for e in self.site.shared.values()
            if e.kind in CIRCUIT_KINDS
        }
        handlers = np.array(
            [_on(self.site.shared[id_], value) for id_ in self.plant.air_handlers],
            dtype=np.bool_,
        )
        self._commands = replace(
            self._commands,
            people=crowd.people, window_open=self._windows(crowd.window_open), plugs=crowd.plugs,
            lights=lights, terminal_on=on, cooling=cool, heating=heat, cooling_setpoint=cooling, heating_setpoint=heating,
            air_handler_on=handlers,
            central=Central(chiller_on=month in COOLING_MONTHS, boiler_on=month in HEATING_MONTHS),
        )  # fmt: skip

    @staticmethod
    def _setpoints(terminals: list[Equipment], value: Callable[[Point], Value]) -> tuple[float, float]:
        def of(role: Role, default: float) -> float:
            found = [value(e.points[role]) for e in terminals if role in e.points]
            return float(found[0]) if found and found[0] is not None else default

        single = of(Role.SETPOINT, 26.0)
        return of(Role.COOLING_SETPOINT, single), min(
            of(Role.HEATING_SETPOINT, 20.0), of(Role.COOLING_SETPOINT, single)
        )

    def _windows(self, opened: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._stuck_windows:
            return opened
        forced = opened.copy()
        for i, zone in enumerate(self._zones):
            if zone.id in self._stuck_windows:
                forced[i] = float(self._stuck_windows[zone.id])
        return forced

    def hold_window(self, zone: str, is_open: bool | None) -> None:
        """A person at the scene opens or shuts a zone's windows; None leaves them to the people model."""
        if is_open is None:
            self._stuck_windows.pop(zone, None)
        else:
            self._stuck_windows[zone] = is_open

    # ------------------------------------------------------------------ to the controllers

    def advance(self, until: Instant) -> tuple[Sent, list[Knob]]:
        """Live until `until`: new values of the controllers' inputs, and the knobs turned on the way."""
        events = self.people.events(self.time, until)
        while self.time < until:
            dt = min(MAX_STEP, until - self.time)
            self.seen = self.plant.step(dt, self._commands)
            self.time += dt
        return list(self._inputs()), [knob for event in events for knob in self._turned(event)]

    def _turned(self, event: Event) -> Iterator[Knob]:
        for equipment in self.site.zones[event.zone].units:
            yield from self._knob(equipment, event.what, event.value)

    def standing(self, equipment: Equipment, state: State) -> Iterator[Knob]:
        """The knobs as people have left them."""
        for what in ("lights", "cooling_setpoint", "heating_setpoint"):
            value = getattr(state, what)
            if value is not None:
                yield from self._knob(equipment, what, value)

    def _knob(self, equipment: Equipment, what: str, value: float | None) -> Iterator[Knob]:
        if what in _KNOBS and _KNOBS[what] in equipment.points:
            point = equipment.points[_KNOBS[what]]
            if not point.object_type.endswith("-input"):
                yield Knob(point, None if value is None else encode(point, float(value)))
        elif what == "lights" and equipment.lights and not self._circulation(equipment):
            point = equipment.points[Role.START_STOP]
            yield Knob(point, encode(point, bool(value) or self._lit_for_others(equipment)))

    def _circulation(self, equipment: Equipment) -> bool:
        """A circuit without a wall switch: of corridors, stairs and lobbies alone."""
        return all(self.site.zones[zone].circulation for zone in equipment.zones)

    def _lit_for_others(self, equipment: Equipment) -> bool:
        """Whether somebody still wants the one switch on that several rooms share."""
        if not equipment.shared:
            return False
        rooms = (room for room in self.people.rooms if room.id in equipment.zones)
        return any(self.people.state(room, self.time).lights > 0.0 for room in rooms)

    def _inputs(self) -> Iterator[wire.Input]:
        assert self.seen is not None
        seen, crowd, opened = self.seen, self.people.at(self.time), self._commands.window_open
        humid = seen.relative_humidity
        for i, zone in enumerate(self._zones):
            values: dict[Role, Value] = {
                Role.TEMPERATURE: float(seen.air[i]),
                Role.HUMIDITY: float(min(humid[i], 100.0)),
                Role.CO2: float(seen.co2[i]),
                Role.OCCUPANCY: bool(crowd.people[i] > 0),
                Role.WINDOW: bool(opened[i] > 0),
            }
            for role, points in zone.sensors.items():
                for point in points:
                    if role in values:
                        yield _input(point, values[role])
            for equipment in zone.equipment:
                on = self._commanded[equipment.id] and (equipment.lights or bool(seen.running[i]))
                yield from self._status(equipment, on)
        for id_, live in self._circuits.items():
            yield from self._status(self.site.shared[id_], live)
        for i, id_ in enumerate(self.plant.air_handlers):
            yield from self._status(self.site.shared[id_], bool(seen.air_handler_running[i]))
        yield from self._building(seen)

    @staticmethod
    def _status(equipment: Equipment, running: bool) -> Iterator[wire.Input]:
        for role, value in ((Role.RUN_STATUS, running), (Role.FAULT, False), (Role.HAND_AUTO, False)):
            if role in equipment.points:
                yield _input(equipment.points[role], value)

    def _building(self, seen: Observations) -> Iterator[wire.Input]:
        values: dict[Role, Value] = {
            Role.OUTDOOR_TEMPERATURE: seen.outdoor.dry_bulb,
            Role.OUTDOOR_HUMIDITY: seen.outdoor.relative_humidity,
            Role.FIRE_ALARM: self.fire,
        }
        for role, point in self.site.building_points.items():
            if role in values:
                yield _input(point, values[role])
        for meter, shown in zip(self.site.meters.values(), self._meters.read(seen), strict=True):
            raw = shown * JOULES_PER_KWH if meter.energy else shown
            if meter.point is not None:
                yield _input(meter.point, float(raw))


def _input(point: Point, value: Value) -> wire.Input:
    return wire.Input(point.device, point.object_type, point.instance, encode(point, value))


def _on(equipment: Equipment, value: Callable[[Point], Value]) -> bool:
    """Whether equipment is commanded on; what nobody commands runs."""
    point = equipment.points.get(Role.START_STOP)
    return point is None or bool(value(point))


def _mode(terminals: list[Equipment], value: Callable[[Point], Value]) -> Value:
    return next((value(e.points[Role.MODE]) for e in terminals if Role.MODE in e.points), None)


def _room_kind(kind: str) -> str:
    return "office" if kind in ("duty", "clinic", "archive", "other") else kind
