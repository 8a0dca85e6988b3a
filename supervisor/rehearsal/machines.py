"""What the controllers command, as the plant takes it; an array is new only where something in it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.points import Point
from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.site import Equipment, Site, Zone
from simulator.plant.base import Central, Commands
from simulator.plant.building import Building
from simulator.plant.from_site import blown
from supervisor.rehearsal.controllers import Controllers
from supervisor.rehearsal.crowd import Crowd
from supervisor.rehearsal.program import SETPOINT

_Any: TypeAlias = NDArray[np.generic]
_LIGHTS, _SOCKETS, _TERMINALS, _SETPOINTS, _MODES = range(5)
"""What in a room one point can concern."""
_SETPOINT_ROLES = (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT)
_PLANT = frozenset({"terminal_on", "cooling", "air_handler_on"})
"""What the plant room goes by."""


def _part(equipment: Equipment, role: Role) -> int | None:
    if role is Role.START_STOP:
        if equipment.lights:
            return _LIGHTS
        if equipment.kind is EquipmentKind.PLUGS:
            return _SOCKETS
        return _TERMINALS if equipment.hvac else None
    if not equipment.hvac:
        return None
    return _MODES if role is Role.MODE else _SETPOINTS if role in _SETPOINT_ROLES else None


class _Room(NamedTuple):
    """What commands a room, found once."""

    circuits: tuple[Equipment, ...]
    terminals: tuple[Equipment, ...]
    sockets: tuple[Equipment, ...]
    cooling: tuple[Point, ...]
    """The setpoints to look at, the first that says a number counts."""
    heating: tuple[Point, ...]
    mode: Point | None

    @classmethod
    def of(cls, zone: Zone, handler: Equipment | None) -> _Room:
        """The equipment of a zone; of one that has no unit of its own, the air handler `handler`."""
        terminals = tuple(e for e in zone.equipment if e.hvac)
        if handler is not None:
            terminals = (handler,)

        def every(*roles: Role) -> tuple[Point, ...]:
            return tuple(e.points[role] for role in roles for e in terminals if role in e.points)

        return cls(
            tuple(e for e in zone.units if e.lights),
            terminals,
            tuple(e for e in zone.units if e.kind is EquipmentKind.PLUGS),
            every(Role.COOLING_SETPOINT, Role.SETPOINT),
            every(Role.HEATING_SETPOINT, Role.SETPOINT),
            next(iter(every(Role.MODE)), None),
        )


class Machines:
    """Turns present values and people into `Commands`. `runs` says of equipment that nobody commands whether it is on."""

    def __init__(
        self,
        site: Site,
        building: Building,
        controllers: Controllers,
        zones: tuple[str, ...],
        handlers: tuple[str, ...],
        runs: Callable[[str], bool],
    ) -> None:
        self._site, self._controllers, self._runs = site, controllers, runs
        self._zones = [site.zones[zone] for zone in zones]
        self._handlers = [site.shared[handler] for handler in handlers]
        self._plants = [e for e in site.shared.values() if e.kind is EquipmentKind.PLANT]
        blowing = [blown(site, zone) for zone in self._zones]
        self._rooms = [_Room.of(*pair) for pair in zip(self._zones, blowing, strict=True)]
        self._blown = [place for place, handler in enumerate(blowing) if handler is not None]
        self._parts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        """By point: the places of its rooms, and what in each it concerns."""
        for place, (zone, handler) in enumerate(zip(self._zones, blowing, strict=True)):
            for equipment in (*zone.units, *((handler,) if handler is not None else ())):
                for role, point in equipment.points.items():
                    if (part := _part(equipment, role)) is not None:
                        self._parts[point.id].append((place, part))
        self._water = np.array([zone.terminal.water for zone in building.zones])
        self._always_cool = np.array([z.kind is ZoneKind.SERVER_ROOM for z in self._zones])
        self.commands = Commands.idle(len(zones), len(handlers))
        self._sockets = np.ones(len(zones))
        self._machines_on: _Any | None = None
        """What the machines in the rooms were when they were last taken over."""
        self._heating = False
        self._take = (self._light, self._power, self._start, self._set_to, self._change_over)

    def season(self, heating: bool) -> None:
        """The caretaker's changeover: what the plant offers from now on."""
        self._heating = heating
        for place in range(len(self._rooms)):
            self._modes(place)
        self._plantroom()

    def take(self, moved: Sequence[Point], crowd: Crowd, *, everything: bool = False) -> bool:
        """Take over what moved and who is in. True if the plant is told anything new."""
        before, shared = self.commands, everything
        changed: dict[str, _Any] = {}
        if everything:
            self._take_over(self._every_part(), changed)
        elif moved:
            shared = any(p.zone is None for p in moved)
            self._take_over([x for p in moved for x in self._parts.get(p.id, ())], changed)
        if shared:
            self._blow(changed)
        if crowd.plugs is not self._machines_on or "sockets" in changed:
            self._machines_on = crowd.plugs
            changed.pop("sockets", None)
            changed["plugs"] = crowd.plugs * self._sockets
        if crowd.people is not before.people:
            changed["people"] = crowd.people
        if crowd.windows is not before.window_open:
            changed["window_open"] = crowd.windows
        if changed:
            self.commands = before.but(**changed)
        if shared or not _PLANT.isdisjoint(changed):
            self._plantroom()
        return self.commands is not before

    def _take_over(self, concerned: Iterable[tuple[int, int]], changed: dict[str, _Any]) -> None:
        for place, part in set(concerned):
            self._take[part](place, changed)

    def shift(self) -> None:
        """Look again at what nobody commands through us."""
        changed: dict[str, _Any] = {}
        self._blow(changed)
        for place in self._blown:
            self._start(place, changed)
        if changed:
            self.commands = self.commands.but(**changed)
        self._plantroom()

    def _blow(self, changed: dict[str, _Any]) -> None:
        on = np.array([self.on(h) for h in self._handlers], dtype=np.bool_)
        if not np.array_equal(on, self.commands.air_handler_on):
            changed["air_handler_on"] = on

    def _every_part(self) -> list[tuple[int, int]]:
        """Of every room all that is in it, also what no point commands."""
        found: list[tuple[int, int]] = []
        for place, room in enumerate(self._rooms):
            found += [(place, _LIGHTS)] if room.circuits else []
            found += [(place, _SOCKETS)] if room.sockets else []
            found += [(place, part) for part in (_TERMINALS, _SETPOINTS, _MODES)] if room.terminals else []
        return found

    def _light(self, place: int, changed: dict[str, _Any]) -> None:
        circuits = self._rooms[place].circuits
        self._set(changed, "lights", place, sum(map(self.on, circuits)) / len(circuits))

    def _power(self, place: int, changed: dict[str, _Any]) -> None:
        sockets = self._rooms[place].sockets
        live = sum(map(self.on, sockets)) / len(sockets)
        if live != self._sockets[place]:
            self._sockets[place] = live
            changed["sockets"] = self._sockets

    def _start(self, place: int, changed: dict[str, _Any]) -> None:
        self._set(changed, "terminal_on", place, any(map(self.on, self._rooms[place].terminals)))

    def _set_to(self, place: int, changed: dict[str, _Any]) -> None:
        room = self._rooms[place]
        self._set(changed, "cooling_setpoint", place, self._setpoint(room.cooling))
        self._set(changed, "heating_setpoint", place, self._setpoint(room.heating))

    def _change_over(self, place: int, changed: dict[str, _Any]) -> None:
        cool, heat = self._actions(self._rooms[place], place)
        self._set(changed, "cooling", place, cool)
        self._set(changed, "heating", place, heat)

    def _set(self, changed: dict[str, _Any], name: str, place: int, value: float | bool) -> None:
        array = changed.get(name, getattr(self.commands, name))
        if array[place] != value:
            if name not in changed:
                changed[name] = array = array.copy()
            array[place] = value

    def _modes(self, place: int) -> None:
        changed: dict[str, _Any] = {}
        if self._rooms[place].terminals:
            self._change_over(place, changed)
        if changed:
            self.commands = self.commands.but(**changed)

    def _actions(self, room: _Room, place: int) -> tuple[bool, bool]:
        """Whether a zone's terminals may cool and heat: by what is on offer and by their mode."""
        cool, heat = not self._heating or bool(self._always_cool[place]), self._heating
        mode = None if room.mode is None else self._controllers.value(room.mode)
        return (
            cool and mode in (None, Mode.COOL, Mode.AUTO, Mode.DRY),
            heat and mode in (None, Mode.HEAT, Mode.AUTO),
        )

    def _setpoint(self, points: tuple[Point, ...]) -> float:
        for point in points:
            value = self._controllers.value(point)
            if isinstance(value, int | float):
                return float(value)
        return SETPOINT

    def on(self, equipment: Equipment) -> bool:
        """Whether equipment is commanded on; of what nobody commands, whether it runs by itself."""
        start_stop = equipment.points.get(Role.START_STOP)
        return self._runs(equipment.id) if start_stop is None else bool(self._controllers.value(start_stop))

    def _plantroom(self) -> None:
        """The plant room turns while some unit of its takes water, and nobody has stopped the plant."""
        commands = self.commands
        takes = commands.terminal_on & self._water
        wanted = bool(np.count_nonzero(takes) or np.count_nonzero(commands.air_handler_on))
        wanted = wanted and (not self._plants or any(map(self.on, self._plants)))
        cold = wanted and (not self._heating or bool(np.count_nonzero(commands.cooling & takes)))
        central = commands.central
        heat = wanted and self._heating
        if (central.chiller_on, central.boiler_on) != (cold, heat):
            self.commands = commands.but(central=Central(chiller_on=cold, boiler_on=heat))
