"""The allow-list: the points that may be written, by construction."""

from __future__ import annotations

from config.roles import Role
from config.site import Site
from drivers.values import encode
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.slot import Slot
from supervisor.store.rows import SlotKey


def commandables(site: Site, dry_run: bool | None = None) -> dict[str, Commandable]:
    """Every point that may be written, by id. An escape-route light can never be among them.

    `dry_run` overrides what site and zones say. Raises ValueError for a priority outside 9 to 16.
    """
    if not 9 <= site.priority <= 16:
        raise ValueError(f"priority {site.priority}: slots 1 to 8 are not ours, and there are 16")
    owners = {p.id: e for e in site.all_equipment for p in e.points.values()}
    escape = site.escape_objects
    found = {}
    for point in site.points.values():
        equipment = owners.get(point.id)
        if not point.writable or point.object_key in escape or (equipment and equipment.escape_route):
            continue
        key = SlotKey(*point.object_key, site.priority if point.priority_array else 0)
        found[point.id] = Commandable(
            Slot(key, point.id, point, point.priority_array),
            point,
            equipment,
            site.is_dry(point) if dry_run is None else dry_run,
        )
        if point.role is Role.HEARTBEAT:
            # Whichever of the two an earlier run left in our slot, it is ours.
            found[point.id].slot.sent.may_be([encode(point, flag) for flag in (False, True)])
    return found
