"""How people name a zone, a point and a time when they ask for something; and what they are told where it is refused."""

from __future__ import annotations

import datetime as dt
import difflib
from zoneinfo import ZoneInfo

from config import spoken
from config.phrase import Phrase
from config.points import Point
from config.problems import apart
from config.roles import Role
from config.signs.alike import same_name
from config.site import Site
from config.values import parse_clock
from schedules.moments import instant
from schedules.time import Instant, instant_of, local_date


class Refused(ValueError):
    """A request that makes no sense; why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.phrase = Phrase(en, zh)


class UnknownPoint(Refused):
    """No point has that name; the message says which come near."""


def holdable(site: Site) -> tuple[str, ...]:
    """Points that a person may hold: what may be written of equipment that is on no escape route, by whatever name."""
    never = site.escape_objects
    found = (p for p in site.points.values() if p.writable and p.role is not Role.HEARTBEAT)
    return tuple(p.id for p in found if p.object_key not in never)


def find_zone(site: Site, name: str) -> str:
    """A zone's id by its id, or by its name where only one zone has it. Raises Refused."""
    name = name.strip()
    if name in site.zones:
        return name
    found = [zone.id for zone in site.zones.values() if same_name(zone.name) == same_name(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(
            f"{name} could be {', '.join(found)}: name one of them",
            f"{name} 可能是 {'、'.join(found)}：请指明其一",
        )
    raise Refused(
        f"no zone is called {name}; one of {', '.join(site.zones)}",
        f"没有名为 {name} 的区域；可选 {'、'.join(site.zones)}",
    )


def find_point(site: Site, name: str) -> Point:
    """A point by its id, or by zone and role where that is unique; a zone may go by its name. Raises UnknownPoint."""
    name = _by_id(site, name.strip())
    if name in site.points:
        return site.points[name]
    zone, _, role = name.rpartition("/")
    found = [p for p in site.points.values() if p.zone == zone and p.role == role]
    if len(found) == 1:
        return found[0]
    if found:
        ids = [p.id for p in found]
        raise UnknownPoint(
            f"{name} could be {', '.join(ids)}: name one of them",
            f"{name} 可能是 {'、'.join(ids)}：请指明其一",
        )
    near = [p for p in difflib.get_close_matches(name, site.points, n=9, cutoff=0.5) if not apart(name, p)][
        :3
    ]
    hint = f"; did you mean {' or '.join(near)}?" if near else "; points are named zone/equipment/role"
    hint_zh = f"；是否指 {' 或 '.join(near)}？" if near else "；点的写法为 区域/设备/角色"
    raise UnknownPoint(f"no point is called {name}{hint}", f"没有名为 {name} 的点{hint_zh}")


def _by_id(site: Site, name: str) -> str:
    """The zone's id in place of its name, where no zone has that for an id."""
    if name.partition("/")[0] in site.zones:
        return name
    found = [zone for zone in site.zones.values() if zone.name and name.startswith(f"{zone.name}/")]
    return f"{found[0].id}{name.removeprefix(found[0].name)}" if len(found) == 1 else name


def until_of(text: str, now: Instant, tz: ZoneInfo, latest: Instant) -> Instant:
    """An hour of the site's day of `now` (HH:MM, 下午6点半), or a day and a time (ISO 8601, 2026年10月1日 20:00). ValueError for
    anything else.

    An hour that is over today is tomorrow's where that is not after `latest`: 00:30, asked for at 22:00.
    """
    if len(text) > 5 and spoken.clock(text) is None:
        return instant(text, tz)
    today, minutes = local_date(now, tz), parse_clock(text)
    at = instant_of(today, minutes, tz)
    tomorrow = instant_of(today + dt.timedelta(days=1), minutes, tz)
    return tomorrow if at <= now and tomorrow <= latest else at
