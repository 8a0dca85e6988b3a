"""Objects with their guessed roles as rows of a points list: machines, rooms, and what is left for a person.

Nothing is made writable here, whatever was guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.roles import (
    CIRCULATION,
    EQUIPMENT_ROLES,
    ROLES,
    SENSOR_ROLES,
    EquipmentKind,
    Mode,
    Role,
    Shape,
    ZoneKind,
)
from config.state_words import sense
from config.values import ObjectRef
from supervisor.field.pointlist.cells import ident
from supervisor.field.pointlist.rows import Row
from supervisor.field.survey.evidence import Seen
from supervisor.field.survey.guess import Guess, guess
from supervisor.field.survey.heard import hear
from supervisor.field.survey.objects import Survey, Thing
from supervisor.field.survey.whereabouts import Where, where

_BUILDING: Final = frozenset({Role.OUTDOOR_TEMPERATURE, Role.OUTDOOR_HUMIDITY, Role.FIRE_ALARM})
_METERED: Final = frozenset({Role.ENERGY, Role.WATER})
_SWITCHED: Final = frozenset({EquipmentKind.LIGHTS, EquipmentKind.PLUGS})
MOST_TEMPLATES: Final = 5
"""Templates of a kind that are made for machines alike; all that are like none of these share one more."""


class Left(NamedTuple):
    """An object that is not in the file, and why."""

    thing: Thing
    why: Phrase
    guess: Guess


@dataclass(slots=True)
class Mapped:
    """Rows, meters (role and object), and what is left."""

    rows: list[Row] = field(default_factory=list)
    meters: list[tuple[Role, Thing]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    """Zones whose lights were taken for an escape route's, since they light a corridor, a stair or a lobby."""


@dataclass(slots=True)
class _Point:
    thing: Thing
    guess: Guess
    role: Role
    where: Where
    settings: dict[str, str]


def mapped(survey: Survey, devices: Mapping[int, str], *, named: bool = True) -> Mapped:
    """What a survey becomes. `devices`: the id of each in the site file; `named`: machines that are alike get templates by
    number, as in a file that has none yet."""
    return _Mapping(survey, devices).made(named=named)


class _Mapping:
    def __init__(self, survey: Survey, devices: Mapping[int, str]) -> None:
        self.survey, self.devices = survey, devices
        self.found = Mapped()
        self.taken: set[str] = set()
        self.zones: dict[tuple[object, ...], str] = {}
        self.kinds: dict[str, ZoneKind] = {}
        self.names: dict[str, str] = {}
        self.machines: dict[tuple[str, str], list[_Point]] = {}
        self.machine_kind: dict[tuple[str, str], EquipmentKind] = {}

    def made(self, *, named: bool) -> Mapped:
        """All of it."""
        groups: dict[tuple[int, str], list[_Point]] = {}
        for thing in self.survey.things.values():
            point = self._point(thing)
            if point is not None:
                groups.setdefault((thing.device, point.where.stem), []).append(point)
        for (device, stem), points in groups.items():
            self._group(device, stem, points)
        wanted = self._wanted() if named else {}
        for key, points in self.machines.items():
            self._machine(key, points, wanted.get(key, ""))
        return self.found

    def _left(self, thing: Thing, why: Phrase, guessed: Guess) -> None:
        self.found.left.append(Left(thing, why, guessed))

    def _point(self, thing: Thing) -> _Point | None:
        about = self.survey.devices.get(thing.device)
        context = thing.context or (about.name if about is not None else "")
        guessed = guess(
            Seen(thing.name, thing.description, thing.unit, thing.object_type, thing.states, context)
        )
        role = guessed.adopted
        if role is None:
            self._left(thing, guessed.why if guessed.role is None else _UNSURE, guessed)
            return None
        if role in _METERED:
            self.found.meters.append((role, thing))
            return None
        settings = {"unit": thing.unit or ""} if ROLES[role].shape is Shape.NUMBER else {}
        if ROLES[role].shape is Shape.MODE:
            states = _modes(thing.states)
            if not states:
                self._left(thing, _STATES, guessed)
                return None
            settings["states"] = states
        if role in _BUILDING:
            if any(row.role is role for row in self.found.rows):
                self._left(thing, _SECOND, guessed)
            else:
                self.found.rows.append(self._row((), "", role, thing, settings))
            return None
        if role not in SENSOR_ROLES | EQUIPMENT_ROLES:
            self._left(thing, _BY_HAND, guessed)
            return None
        named = thing.name if hear(thing.name).about - {""} or not thing.description else thing.description
        return _Point(thing, guessed, role, where(named, thing.description), settings)

    # ------------------------------------------------------------------ machines

    def _group(self, device: int, stem: str, points: Sequence[_Point]) -> None:
        """The points of one name: an air conditioner, a circuit, sockets, each with what is its own; sensors of the room."""
        air = Counter(
            p.guess.kind for p in points if p.guess.kind is not None and p.guess.kind not in _SWITCHED
        )
        main = air.most_common(1)[0][0] if air else None
        by_kind: dict[EquipmentKind, list[_Point]] = {}
        sensors = []
        for point in points:
            kind = point.guess.kind if point.guess.kind in _SWITCHED else main
            if kind in _SWITCHED and point.role in SENSOR_ROLES:
                kind = main
            if kind is None:
                sensors.append(point)
            else:
                by_kind.setdefault(kind, []).append(point)
        zone = self._zone(device, stem, points)
        for kind, mine in by_kind.items():
            once, rest = self._once(mine)
            if not any(p.role is Role.START_STOP for p in once):
                rest += once
            else:
                self._take(zone, kind, stem, once)
            sensors += rest
        for point in sensors:
            if point.role in SENSOR_ROLES:
                self.found.rows.append(self._row((zone,), "", point.role, point.thing, point.settings))
            else:
                self._left(point.thing, _NO_MACHINE, point.guess)

    def _once(self, points: Sequence[_Point]) -> tuple[list[_Point], list[_Point]]:
        """Each role once; of what may be commanded none, where two say that they are it."""
        times = Counter(p.role for p in points)
        once, rest, had = [], [], set()
        for point in points:
            if point.role in EQUIPMENT_ROLES and times[point.role] > 1:
                self._left(point.thing, _TWICE, point.guess)
            elif point.role in had:
                rest.append(point)
            elif point.role is Role.SETPOINT and times.keys() & {
                Role.COOLING_SETPOINT,
                Role.HEATING_SETPOINT,
            }:
                self._left(point.thing, _SINGLE, point.guess)
            else:
                had.add(point.role)
                once.append(point)
        return once, rest

    def _take(self, zone: str, kind: EquipmentKind, stem: str, points: list[_Point]) -> None:
        key = kind.value
        if (zone, key) in self.machines:
            key = ident(stem.strip("#"), kind.value, {k for z, k in self.machines if z == zone})
        self.machines[zone, key] = points
        self.machine_kind[zone, key] = kind

    def _machine(self, key: tuple[str, str], points: Sequence[_Point], template: str) -> None:
        zone, name = key
        kind = self.machine_kind[key]
        for point in points:
            row = self._row((zone,), name, point.role, point.thing, point.settings)
            said = dict(row.said) | {"type": kind.value, "template": template}
            if kind is EquipmentKind.LIGHTS and self.kinds[zone] in CIRCULATION:
                said["escape_route"] = "yes"
                if zone not in self.found.escapes:
                    self.found.escapes.append(zone)
            self.found.rows.append(
                Row(row.zones, row.equipment, row.role, row.device, row.object, said, row.line)
            )

    def _wanted(self) -> dict[tuple[str, str], str]:
        """The template of each machine. Machines with the same roles, read in the same way, share one; a shape that a good part
        of them has gets its own; what is left when there are enough templates shares the last."""
        alike: dict[EquipmentKind, dict[object, dict[object, list[tuple[str, str]]]]] = {}
        for key, points in self.machines.items():
            low = min(p.thing.instance for p in points)
            read = frozenset((p.role, p.thing.object_type, tuple(p.settings.values())) for p in points)
            shape = frozenset((p.role, p.thing.instance - low) for p in points)
            alike.setdefault(self.machine_kind[key], {}).setdefault(read, {}).setdefault(shape, []).append(
                key
            )
        found: dict[tuple[str, str], str] = {}
        for kind, by_reading in alike.items():
            names = [kind.value, *(f"{kind.value}-{n}" for n in range(2, MOST_TEMPLATES + 1))]
            for shapes in sorted(by_reading.values(), key=_size, reverse=True):
                first = names.pop(0) if names else f"{kind.value}-other"
                ranked = sorted(shapes.values(), key=len, reverse=True)
                for n, keys in enumerate(ranked):
                    many = len(keys) >= max(2, _PART * _size(shapes))
                    found |= dict.fromkeys(keys, names.pop(0) if n and many and len(names) > 1 else first)
        return found

    # ------------------------------------------------------------------ rooms

    def _zone(self, device: int, stem: str, points: Sequence[_Point]) -> str:
        room = points[0].where.room
        key: tuple[object, ...] = (room,) if room else (device, stem)
        if key not in self.zones:
            about = self.survey.devices.get(device)
            called = (
                room or stem.strip("#") or (about.name if about is not None else "") or f"device {device}"
            )
            self.zones[key] = ident(_spelt(called, room, points), "zone", self.taken)
            self.taken.add(self.zones[key])
            self.names[self.zones[key]] = called
        zone = self.zones[key]
        if self.kinds.get(zone, ZoneKind.OFFICE) is ZoneKind.OFFICE:
            self.kinds[zone] = next(
                (p.where.kind for p in points if p.where.kind is not ZoneKind.OFFICE), ZoneKind.OFFICE
            )
        return zone

    def _row(
        self, zones: tuple[str, ...], equipment: str, role: Role, thing: Thing, settings: Mapping[str, str]
    ) -> Row:
        said = {column: cell for column, cell in settings.items() if cell}
        about = self.survey.devices[thing.device]
        said["instance"] = str(about.instance)
        if about.address:
            said["address"] = about.address
        if zones:
            said["name"] = self.names.get(zones[0], "")
            if self.kinds.get(zones[0], ZoneKind.OFFICE) is not ZoneKind.OFFICE:
                said["kind"] = self.kinds[zones[0]].value
        return Row(
            zones,
            equipment,
            role,
            self.devices[thing.device],
            ObjectRef(thing.object_type, thing.instance),
            said,
            thing.line,
        )


def _spelt(called: str, room: str, points: Sequence[_Point]) -> str:
    """A zone's name in Latin letters: `r301`, `fresh_air-2` for 新风机组2."""
    if room:
        return f"r{room}"
    latin = re.sub(r"[^0-9A-Za-z]+", "-", called).strip("-")
    if latin and not latin[0].isdigit():
        return latin
    kind = next((p.guess.kind.value for p in points if p.guess.kind is not None), "zone")
    return f"{kind}-{latin}" if latin else kind


def _size(shapes: Mapping[object, Sequence[object]]) -> int:
    return sum(map(len, shapes.values()))


_PART: Final = 0.1
"""Of the machines with one set of roles, from which on a shape has a template of its own."""


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Rows with several sensors of one role in a room told apart."""
    times: Counter[tuple[object, ...]] = Counter()
    found = []
    for row in rows:
        key = (row.zones, row.equipment, row.role)
        nth = times[key] if not row.equipment and row.zones else 0
        times[key] += 1
        found.append(Row(row.zones, row.equipment, row.role, row.device, row.object, row.said, row.line, nth))
    return found


def _modes(texts: Sequence[str]) -> str:
    """`1=cool 2=heat`, where the texts of all states say which mode they are; empty where one does not."""
    found = []
    for number, text in enumerate(texts, 1):
        said = sense(Role.MODE, text)
        about = hear(text).about
        mode = (
            Mode(said) if said is not None else next((m for m, subject in _MODES if subject in about), None)
        )
        if mode is None:
            return ""
        found.append(f"{number}={mode.value}")
    return " ".join(found)


_MODES: Final = (
    (Mode.COOL, "cool"), (Mode.HEAT, "heat"), (Mode.AUTO, "auto"), (Mode.FAN, "fan"), (Mode.DRY, "humidifier"),
)  # fmt: skip
_UNSURE: Final = Phrase("not sure enough", "把握不足")
_STATES: Final = Phrase(
    "what its states mean is not told: write states: {1: cool, …}",
    "各状态的含义未知：请写 states: {1: cool, …}",
)
_SECOND: Final = Phrase("the building has one of these already", "全楼已有一个这样的点")
_BY_HAND: Final = Phrase(
    "written by hand: devices: … heartbeat, or changeover under points", "请手工填写（心跳、冷热切换）"
)
_NO_MACHINE: Final = Phrase("no start-stop was found for its machine", "未找到其所属设备的启停点")
_SINGLE: Final = Phrase(
    "the machine has setpoints for cooling or heating too: keep the ones that the controller obeys",
    "该设备另有制冷或制热设定：请保留控制器实际执行的那个",
)
_TWICE: Final = Phrase(
    "two objects of one machine say that they are this: neither is taken",
    "同一设备有两个对象都像是这个角色：都未采用",
)
