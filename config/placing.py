"""A point of the file → a `Point`: its object, unit, range, polls, and whether it may be written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from config.entries import PlacedPointEntry, PointEntry
from config.file import EquipmentEntry, SiteFile, Template
from config.mqtt import topics
from config.objects import is_input
from config.points import Point
from config.problems import Path
from config.roles import ROLES, WRITABLE_ROLES, Role, Shape
from config.units import UNITS, Unit
from config.values import ObjectRef

FAST: Mapping[Role, float] = {Role.FIRE_ALARM: 1.0, Role.WINDOW: 2.0, Role.OCCUPANCY: 2.0}
"""Longest poll, s, of inputs that a reaction time hangs on; COV, where offered, is faster still."""
SLOW: Mapping[Role, float] = {
    Role.ENERGY: 60.0,
    Role.WATER: 60.0,
    Role.OUTDOOR_TEMPERATURE: 30.0,
    Role.OUTDOOR_HUMIDITY: 60.0,
    Role.HUMIDITY: 30.0,
    Role.CO2: 30.0,
}
"""Shortest default poll, s, of what changes slowly."""


class Origin(NamedTuple):
    """Where in the file a point comes from: the placing entry, and the key that mapped it."""

    entry: Path
    mapped: Path


class Placer:
    """Makes the points of one file, and remembers each with its place in it."""

    def __init__(self, file: SiteFile) -> None:
        self.file = file
        self.points: dict[str, Point] = {}
        self.origins: dict[str, Origin] = {}
        self._topics = {
            (name, place): topic
            for name, device in file.devices.items()
            if device.mqtt is not None
            for _, place, topic in topics(device.mqtt)
        }

    def equipment_point(
        self, id_: str, role: Role, template: Template, entry: EquipmentEntry, zone: str | None
    ) -> Point | None:
        """A role of equipment: the template's point moved by the offset, and what the entry changes."""
        base, own = template.points.get(role), entry.points.get(role)
        place = own.object if own is not None else None
        if place is None and base is not None:
            place = ObjectRef(base.object.object_type, base.object.instance + entry.at.offset)
        if place is None:
            return None
        settings: PointEntry = base if base is not None else PointEntry()
        if own is not None:
            changed = own.model_fields_set - {"object"}
            settings = settings.model_copy(update={name: getattr(own, name) for name in changed})
        writable = settings.writable
        if (own is None or "writable" not in own.model_fields_set) and entry.writable is not None:
            writable = entry.writable and role in WRITABLE_ROLES and not is_input(place.object_type)
        if entry.escape_route or entry.smoke_control:
            writable = False
        return self.point(f"{id_}/{role}", role, entry.at.device, place, settings, zone, id_, writable)

    def placed(
        self,
        owner: str,
        role: Role,
        entry: PlacedPointEntry,
        path: Path,
        zone: str | None = None,
        suffix: str = "",
    ) -> Point:
        """A point that its entry places by device and object; its id is `owner/role` and the suffix."""
        device, place = entry.at
        point = self.point(f"{owner}/{role}{suffix}", role, device, place, entry, zone, None, entry.writable)
        self.keep(point, Origin(path, path))
        return point

    def point(
        self,
        id_: str,
        role: Role,
        device: str,
        place: ObjectRef,
        entry: PointEntry,
        zone: str | None,
        equipment: str | None,
        writable: bool,
    ) -> Point:
        """A point with its unit turned into scale and shift, and defaults for what the entry leaves out."""
        spec = ROLES[role]
        unit = UNITS.get(entry.unit or "", Unit(spec.unit))
        poll = entry.poll if entry.poll is not None else self.poll(device, role)
        number = spec.shape is Shape.NUMBER
        low = spec.low if entry.low is None else entry.low * unit.scale + unit.shift
        high = spec.high if entry.high is None else entry.high * unit.scale + unit.shift
        return Point(
            id=id_,
            role=role,
            device=device,
            object_type=place.object_type,
            instance=place.instance,
            zone=zone,
            equipment=equipment,
            writable=writable,
            priority_array=entry.priority_array and not is_input(place.object_type),
            invert=entry.invert,
            scale=unit.scale * entry.factor * (entry.scale or 1.0),
            shift=unit.shift,
            unit=entry.unit or "",
            counts=entry.scale,
            factor=entry.factor,
            states=dict(entry.states or {}),
            state_texts=entry.state_texts,
            low=low if number else -math.inf,
            high=high if number else math.inf,
            poll=poll,
            stale_after=self.stale_after(device, place, entry, poll),
            stale_told=entry.stale_after is not None,
        )

    def stale_after(self, device: str, place: ObjectRef, entry: PointEntry, poll: float) -> float:
        """How long a reading counts, s: what the entry says, else how often its topic is repeated, else six polls."""
        if entry.stale_after is not None:
            return entry.stale_after
        topic = self._topics.get((device, place))
        return topic.refresh if topic is not None else max(300.0, 6 * poll)

    def poll(self, device: str, role: Role) -> float:
        """Default poll of a role at a device, s: the device's, faster or slower where the role asks for it."""
        known = self.file.devices.get(device)
        poll = known.poll if known is not None else 10.0
        return max(min(poll, FAST.get(role, poll)), SLOW.get(role, 0.0))

    def keep(self, point: Point, origin: Origin) -> None:
        """Remember a point and where it comes from."""
        self.points[point.id] = point
        self.origins[point.id] = origin
