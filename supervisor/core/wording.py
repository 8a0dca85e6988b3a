"""Reasons, points and values in words, in the site's own time zone."""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase
from config.roles import ROLES, Role
from config.site import Site
from schedules.time import Instant, clock
from supervisor.core.decisions import KEEP, RELINQUISH, Because, Command
from supervisor.core.rules.common import At


def because(reason: Because, site: Site, now: Instant | None = None) -> Phrase:
    """A reason in words: instants as local time, points by the name of their zone."""
    return Phrase(
        reason.en.format(*(_shown(arg, site, False, now) for arg in reason.args)),
        reason.zh.format(*(_shown(arg, site, True, now) for arg in reason.args)),
    )


_WINDOW: Final = "窗户"
"""The thing: 窗户自 10:00 开启. Its role is called by the state, 开窗."""


def _shown(arg: object, site: Site, zh: bool, now: Instant | None) -> object:
    if isinstance(arg, At):
        return clock(float(arg), site.tz, now)
    if isinstance(arg, str) and arg in site.points:
        return point_name(arg, site, zh=zh)
    return arg


def point_name(point_id: str, site: Site, *, zh: bool = False) -> str:
    """A point as people call it: in Chinese by its zone's name and its role, in English by its id, which says as much."""
    point = site.points.get(point_id)
    if point is None or not zh:
        return point_id
    zone = site.zones[point.zone].name or point.zone if point.zone is not None else (point.equipment or "")
    return f"{zone} {_WINDOW if point.role is Role.WINDOW else ROLES[point.role].meaning_zh}"


_JOULES_PER_KWH: Final = 3.6e6
_UNITS: Final = {"degC": "°C", "m3": "m³"}


def command(value: Command, role: Role | None = None, *, zh: bool = False) -> str:
    """A command, or what a point shows, in words: on, off, 26.0 °C, 1001.5 kWh, relinquish."""
    if value is RELINQUISH:
        return "释放" if zh else "relinquish"
    if value is KEEP:
        return "不写" if zh else "nothing written"
    if isinstance(value, bool):
        return ("开" if value else "关") if zh else ("on" if value else "off")
    if isinstance(value, float | int):
        unit = "degC" if role is None else ROLES[role].unit
        if unit == "J":  # a meter's plate has kWh
            value, unit = value / _JOULES_PER_KWH, "kWh"
        return f"{value:.1f} {_UNITS.get(unit, unit)}".rstrip()
    return str(value)
