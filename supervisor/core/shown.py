"""Where a point is seen: the views that show it, and in which order a view of equipment shows its points. Made once of a site."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from config.points import Point
from config.roles import CIRCUIT_KINDS, Role
from config.site import Equipment, Site

_COMMANDED = (Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE)
_TOLD = (Role.RUN_STATUS, Role.FAULT, Role.HAND_AUTO, Role.ACTION)
_SHOWN = frozenset((*_COMMANDED, *_TOLD))
"""What a view of equipment shows. Its other points are sensors of its zone: news of them leaves the view as it is."""


class Unit(NamedTuple):
    """A piece of equipment, its points in the order of a view, and the ids of those that only tell."""

    equipment: Equipment
    points: tuple[Point | None, ...]
    statuses: tuple[str | None, ...]

    @classmethod
    def of(cls, equipment: Equipment) -> Unit:
        """The same for every view of it; None where a role is not mapped."""
        told = [equipment.points.get(role) for role in _TOLD]
        return cls(
            equipment,
            tuple(equipment.points.get(role) for role in _COMMANDED),
            tuple(None if point is None else point.id for point in told),
        )


Place: TypeAlias = tuple[str, tuple[str, ...], str]
"""The equipment (empty: none) and the zones whose views show a point, and its device. A plain tuple: it is taken apart for
each answer from the wire, and that of a named one takes three times as long."""


def places(site: Site) -> dict[str, Place]:
    """The place of each point, by id."""
    unit_of = {
        point.id: unit.id
        for unit in site.all_equipment
        for role, point in unit.points.items()
        if role in _SHOWN
    }
    shared: dict[Place, Place] = {}  # a few points have each
    found = {}
    for id_, point in site.points.items():
        place = (unit_of.get(id_, ""), _zones(site, point), point.device)
        found[id_] = shared.setdefault(place, place)
    return found


def _zones(site: Site, point: Point) -> tuple[str, ...]:
    """The zones whose views show a point: its own, or those that have its circuit together."""
    shared = site.shared.get(point.equipment or "") if point.zone is None else None
    if shared is not None:
        return shared.zones if shared.kind in CIRCUIT_KINDS else ()
    return (point.zone,) if point.zone else ()
