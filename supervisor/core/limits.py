"""The limits in force for a setpoint: what a value is clamped to that is restored when we let go (design §4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from config.points import Point
from config.roles import ROLES, Role
from config.site import Site
from schedules.from_site import exemption_ends
from schedules.seasons import Season
from supervisor.core.now import Now
from supervisor.core.rule import Rule
from supervisor.core.rules.summer_setpoint import SUMMER_SETPOINT
from supervisor.core.rules.winter_setpoint import WINTER_SETPOINT
from supervisor.core.shared_setpoints import Served, strictest
from supervisor.core.views import Facts

_SEASONS: Final = {Season.SUMMER: SUMMER_SETPOINT, Season.WINTER: WINTER_SETPOINT}

_SETPOINTS: Final = (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT)


class LimitsInForce:
    """Asked for a point, its range in the role's unit: the role's, the site file's, and the rules' of the moment."""

    def __init__(self, site: Site, facts: Callable[[], Facts], now: Callable[[], float]) -> None:
        self._facts, self._now = facts, now
        zones = {id_: Served(zone, exemption_ends(zone, site.tz)) for id_, zone in site.zones.items()}
        self._served = {
            id_: [zones[zone] for zone in _served(site, point)]
            for id_, point in site.points.items()
            if point.role in _SETPOINTS
        }

    def __call__(self, point: Point) -> tuple[float, float]:
        """(low, high). A rule narrows it, and never beyond what the point may be written at all."""
        spec = ROLES[point.role]
        low, high = max(spec.low, point.low), min(spec.high, point.high)
        rule = self._rule(point)
        zone = None if rule is None else strictest(self._served[point.id], rule.id, Now(self._now()))
        if rule is None or zone is None:
            return low, high
        if rule is SUMMER_SETPOINT:
            return min(max(low, zone.rules.summer_setpoint.minimum), high), high
        return low, max(min(high, zone.rules.winter_setpoint.maximum), low)

    def _rule(self, point: Point) -> Rule | None:
        """A single setpoint is cooling's in summer and heating's in winter; in between neither limit is sure."""
        if point.role is Role.COOLING_SETPOINT:
            return SUMMER_SETPOINT
        if point.role is Role.HEATING_SETPOINT:
            return WINTER_SETPOINT
        season = self._facts().season
        return _SEASONS.get(season) if point.role is Role.SETPOINT and season is not None else None


def _served(site: Site, point: Point) -> tuple[str, ...]:
    """The zones that a point's equipment serves."""
    shared = site.shared.get(point.equipment or "")
    if shared is not None:
        return tuple(shared.zones)
    return (point.zone,) if point.zone is not None else ()
