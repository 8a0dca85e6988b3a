"""What the controllers command, as the plant takes it; an array is new only where something in it changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.site import Equipment, Point, Site, Zone
from simulator.plant.base import Central, Commands
from simulator.plant.building import Building
from supervisor.rehearsal.controllers import Controllers
from supervisor.rehearsal.crowd import Crowd
from supervisor.rehearsal.program import SETPOINT

_Any: TypeAlias = NDArray[np.generic]


class Machines:
    """Turns present values and people into `Commands`."""

    def __init__(
        self,
        site: Site,
        building: Building,
        controllers: Controllers,
        zones: tuple[str, ...],
        handlers: tuple[str, ...],
    ) -> None:
        self._site, self._controllers = site, controllers
        self._zones = [site.zones[zone] for zone in zones]
        self._handlers = [site.shared[handler] for handler in handlers]
        self._plants = [e for e in site.shared.values() if e.kind is EquipmentKind.PLANT]
        self._place = {zone: place for place, zone in enumerate(zones)}
        self._water = np.array([zone.terminal.water for zone in building.zones])
        self._always_cool = np.array([z.kind is ZoneKind.SERVER_ROOM for z in self._zones])
        self.commands = Commands.idle(len(zones), len(handlers))
        self._sockets = np.ones(len(zones))
        self._machines_on: _Any | None = None
        """What the machines in the rooms were when they were last taken over."""
        self._heating = False

    def season(self, heating: bool) -> None:
        """The caretaker's changeover: what the plant offers from now on."""
        self._heating = heating
        for zone in self._zones:
            self._modes(zone)
        self._plantroom()

    def take(self, moved: Iterable[Point], crowd: Crowd, *, everything: bool = False) -> bool:
        """Take over what moved and who is in. True if the plant is told anything new."""
        before = self.commands
        zones = set(self._place) if everything else {p.zone for p in moved if p.zone is not None}
        changed: dict[str, _Any] = {}
        for zone in sorted(zones):
            self._zone(self._place[zone], changed)
        if everything or any(p.zone is None for p in moved):
            on = np.array([self._is_on(h) for h in self._handlers], dtype=np.bool_)
            if not np.array_equal(on, before.air_handler_on):
                changed["air_handler_on"] = on
        if crowd.plugs is not self._machines_on or "sockets" in changed:
            self._machines_on = crowd.plugs
            changed.pop("sockets", None)
            changed["plugs"] = crowd.plugs * self._sockets
        if crowd.people is not before.people:
            changed["people"] = crowd.people
        if crowd.windows is not before.window_open:
            changed["window_open"] = crowd.windows
        if changed:
            self.commands = replace(before, **changed)  # type: ignore[arg-type] # names and arrays of Commands
        if everything or moved or "terminal_on" in changed:
            self._plantroom()
        return self.commands is not before

    def _zone(self, place: int, changed: dict[str, _Any]) -> None:
        zone = self._zones[place]
        circuits = [e for e in zone.equipment if e.lights]
        terminals = [e for e in zone.equipment if e.hvac]
        lit = sum(self._is_on(e) for e in circuits) / len(circuits) if circuits else 0.0
        self._set(changed, "lights", place, lit)
        self._set(changed, "terminal_on", place, any(self._is_on(e) for e in terminals))
        sockets = [e for e in zone.equipment if e.kind is EquipmentKind.PLUGS]
        if sockets:
            live = sum(self._is_on(e) for e in sockets) / len(sockets)
            if live != self._sockets[place]:
                self._sockets[place] = live
                changed["sockets"] = self._sockets
        if terminals:
            self._set(changed, "cooling_setpoint", place, self._setpoint(terminals, Role.COOLING_SETPOINT))
            self._set(changed, "heating_setpoint", place, self._setpoint(terminals, Role.HEATING_SETPOINT))
            cool, heat = self._actions(zone, place)
            self._set(changed, "cooling", place, cool)
            self._set(changed, "heating", place, heat)

    def _set(self, changed: dict[str, _Any], name: str, place: int, value: float | bool) -> None:
        array = changed.get(name, getattr(self.commands, name))
        if array[place] != value:
            if name not in changed:
                changed[name] = array = array.copy()
            array[place] = value

    def _modes(self, zone: Zone) -> None:
        changed: dict[str, _Any] = {}
        if any(e.hvac for e in zone.equipment):
            place = self._place[zone.id]
            cool, heat = self._actions(zone, place)
            self._set(changed, "cooling", place, cool)
            self._set(changed, "heating", place, heat)
        if changed:
            self.commands = replace(self.commands, **changed)  # type: ignore[arg-type] # as above

    def _actions(self, zone: Zone, place: int) -> tuple[bool, bool]:
        """Whether a zone's terminals may cool and heat: by what is on offer and by their mode."""
        cool, heat = not self._heating or bool(self._always_cool[place]), self._heating
        mode = next(
            (
                self._controllers.value(e.points[Role.MODE])
                for e in zone.equipment
                if e.hvac and Role.MODE in e.points
            ),
            None,
        )
        return (
            cool and mode in (None, Mode.COOL, Mode.AUTO, Mode.DRY),
            heat and mode in (None, Mode.HEAT, Mode.AUTO),
        )

    def _setpoint(self, terminals: list[Equipment], role: Role) -> float:
        for wanted in (role, Role.SETPOINT):
            for equipment in terminals:
                if wanted in equipment.points:
                    value = self._controllers.value(equipment.points[wanted])
                    if isinstance(value, int | float):
                        return float(value)
        return SETPOINT

    def _is_on(self, equipment: Equipment) -> bool:
        return bool(self._controllers.value(equipment.points[Role.START_STOP]))

    def _plantroom(self) -> None:
        """The plant room turns while some unit of its takes water, and nobody has stopped the plant."""
        commands = self.commands
        wanted = bool((commands.terminal_on & self._water).any()) or bool(commands.air_handler_on.any())
        wanted = wanted and (not self._plants or any(self._is_on(plant) for plant in self._plants))
        cold = wanted and bool(
            (commands.cooling & self._water & commands.terminal_on).any() or not self._heating
        )
        central = commands.central
        heat = wanted and self._heating
        if (central.chiller_on, central.boiler_on) != (cold, heat):
            self.commands = replace(commands, central=Central(chiller_on=cold, boiler_on=heat))
