"""What a message at `…/set` asks of a building: a place and octets go in, requests as the page makes them come out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from config.mqtt import Taken
from config.points import Point
from config.roles import EquipmentKind, Role
from config.site import Equipment, Site, Zone
from schedules.time import Instant, iso
from supervisor.core.asking import Refused, find_point, find_zone, holdable
from supervisor.telling.mqtt.payload import length_of, released_for, said_in, short

OVERTIME, RELEASE = "overtime", "release"
END: Final = frozenset({"end", "none", "结束"})
"""Words in place of a value that end what is held."""
_WHY: Final = "asked for by MQTT / 经 MQTT 请求"
_SETTINGS: Final = frozenset({Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE})
Said = dict[str, Any]


class Askable:
    """What may be asked of a building as one site file has it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._may = frozenset(holdable(site))
        self.groups = {zone.id: self._groups(zone) for zone in site.zones.values()}
        """Zone → role as it is published → the points of it that a person may hold, of those that have any."""
        self.sets: dict[str, frozenset[str]] = {
            zone: frozenset({OVERTIME, *of, *((RELEASE,) if of else ())}) for zone, of in self.groups.items()
        }
        """Zone → what can be asked of it as a whole."""
        self.places = frozenset(
            {*site.points, *(f"{zone}/{name}" for zone, names in self.sets.items() for name in names)}
        )
        """What may stand between the building and `/set`, and be answered with more than that nobody has it."""

    def _groups(self, zone: Zone) -> dict[str, tuple[str, ...]]:
        of: dict[str, list[str]] = {}
        for name, point in _named(zone):
            if point.id in self._may:
                of.setdefault(name, []).append(point.id)
        return {name: tuple(ids) for name, ids in of.items()}

    def asked(self, place: str, payload: bytes, taken: Taken, now: Instant) -> list[Said]:
        """The requests of one message, each for the daemon as the page and the command line make them.

        `place` is what stands between the building and `/set`: `zone/role`, or a point's id. Raises Refused.
        """
        said = said_in(payload)
        who = " ".join(str(said.get("name") or "").split())
        name = f"{who} ({taken.name})" if who else taken.name
        zone, _, role = place.rpartition("/")
        if role == OVERTIME and zone in self.groups:
            until = self._until(said, now) or str(said.get("value") or "")
            return [{"do": "overtime", "zone": zone, "until": until, "name": name}]
        if role == RELEASE and zone in self.groups:
            points = [p for p in self._may if self._site.points[p].zone == zone]
            if not points:
                raise Refused(f"nothing in {zone} may be written", f"{zone} 中没有可写的点")
            return [{"do": "release", "points": sorted(points), "seconds": released_for(said), "name": name}]
        held = self._points(place)
        if said.get("end") or str(said.get("value")).strip().lower() in END:
            return [{"do": "manual-end", "point": point, "name": name} for point in held]
        until = self._until(said, now) or iso(now + taken.lasts, self._site.tz)
        why = str(said.get("reason") or "").strip() or _WHY
        value = said.get("value", "")
        return [
            {"do": "manual", "point": point, "value": value, "until": until, "name": name, "why": why}
            for point in held
        ]

    def _points(self, place: str) -> tuple[str, ...]:
        """Points by a point's id, or a zone's by the role that is published. Raises Refused."""
        zone, _, role = place.rpartition("/")
        if place in self._site.points:
            return (place,)
        if zone in self.groups:
            if found := self.groups[zone].get(role):
                return found
            beneath = [point.id for name, point in _named(self._site.zones[zone]) if name == role]
            if beneath:  # there is one, and it may not be written: the daemon says why
                return (beneath[0],)
            known = sorted(self.sets[zone])
            raise Refused(
                f"{zone} takes {', '.join(known)} and its points by their ids, not {short(role)}",
                f"{zone} 接受 {'、'.join(known)} 以及各点的 id，而非 {short(role)}",
            )
        if place.count("/") == 1 and role in (OVERTIME, RELEASE):
            find_zone(self._site, short(zone))
        return (find_point(self._site, short(place)).id,)

    def _until(self, said: Mapping[str, Any], now: Instant) -> str:
        """When it ends, as the message says: `until`, or `for` so long; empty where it says neither. Raises Refused."""
        if "for" in said and "until" in said:
            raise Refused("either until or for, not both", "until 与 for 只能写一个")
        if "for" in said:
            return iso(now + length_of(said["for"]), self._site.tz)
        return str(said.get("until") or "")


def _named(zone: Zone) -> Iterator[tuple[str, Point]]:
    """The points of a zone's equipment that have a name there as it is published."""
    for equipment in zone.equipment:
        for role, point in equipment.points.items():
            if name := _published(equipment, role):
                yield name, point


class Current:
    """What may be asked of the building as it is: made anew with each site file."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._now = site
        self._site, self._askable = site(), Askable(site())

    @property
    def site(self) -> Site:
        """The site file in force."""
        return self._now()

    def __call__(self) -> Askable:
        """What may be asked by the site file in force."""
        site = self._now()
        if site is not self._site:
            self._site, self._askable = site, Askable(site)
        return self._askable


def _published(equipment: Equipment, role: Role) -> str:
    """The role as a zone publishes it; empty for one that is reached by its point's id alone."""
    if role is Role.START_STOP:
        if equipment.lights:
            return "lights_on"
        if equipment.hvac:
            return "hvac_on"
        return "plugs_on" if equipment.kind is EquipmentKind.PLUGS else ""
    return str(role) if equipment.hvac and role in _SETTINGS else ""
