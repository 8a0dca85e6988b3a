"""Faults in a rehearsal: which points say nothing new at the moment, and since when.

A stuck sensor goes on saying what it said. A silent device says nothing and takes no write: what was last heard of it
stands until it is too old to be believed (`stale_after`), as in the daemon. Its outputs stay as they were commanded.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from config.points import Point
from config.roles import Role
from config.site import Site
from schedules.time import Instant
from simulator.faults import Edge, Faults, Outage, edges, hours, outages

_STICK = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.OCCUPANCY, Role.WINDOW})
"""Roles whose sensors stick; a site choice. The outdoor sensor is outside, in a device that can fall silent."""


class Change(NamedTuple):
    """What begins and ends at a minute, by point."""

    lost: tuple[str, ...]
    """Points that say nothing new from now on."""
    stale: tuple[str, ...]
    """Points not heard of for so long that they are not believed."""
    back: tuple[str, ...]
    """Points that speak again; or whose device answers again, though they stick."""
    devices: tuple[str, ...]
    """Devices that answer again."""


class Troubles:
    """Every fault of a run, drawn once. `advance` says what changed."""

    def __init__(self, site: Site, faults: Faults, seed: int, begin: Instant, end: Instant) -> None:
        sensors = sorted(p.id for z in site.zones.values() for r in _STICK for p in z.sensors.get(r, ()))
        self._points: dict[str, list[Point]] = {device: [] for device in sorted(site.devices)}
        for _, point in sorted(site.points.items()):
            self._points[point.device].append(point)
        self.found: list[Outage] = outages(seed, faults, sensors, self._points, begin, end)
        self._edges: list[Edge] = edges(self.found)[::-1]
        self._mute: Counter[str] = Counter()
        """By point: how many faults keep it from saying anything new."""
        self._aging: list[tuple[Instant, str, Instant]] = []
        """When a point goes stale, whose, and since when its device has been silent."""
        self._since: dict[str, Instant] = {}
        self.silent: set[str] = set()
        """Devices that do not answer."""

    def mute(self, point_id: str) -> bool:
        """Whether a point says nothing new at the moment."""
        return self._mute[point_id] > 0 if self._mute else False

    @property
    def next_at(self) -> Instant:
        """When something fails or recovers next."""
        edge = self._edges[-1].time if self._edges else math.inf
        return min(edge, self._aging[0][0]) if self._aging else edge

    def advance(self, now: Instant) -> Change:
        """What happened until `now`."""
        before = set(self._mute)
        back: list[str] = []
        devices: list[str] = []
        while self._edges and self._edges[-1].time <= now:
            edge = self._edges.pop()
            back += self._turn(edge)
            if edge.what == "silent" and not edge.on and edge.id not in self.silent:
                devices.append(edge.id)
        stale = []
        while self._aging and self._aging[0][0] <= now:
            _, point, since = self._aging.pop(0)
            if self._since.get(point) == since:
                stale.append(point)
        lost = tuple(sorted(set(self._mute) - before))
        return Change(lost, tuple(stale), tuple(sorted(set(back))), tuple(devices))

    def _turn(self, edge: Edge) -> list[str]:
        """One fault begins or ends; the points that speak again."""
        points = [edge.id] if edge.what == "stuck" else [p.id for p in self._points[edge.id]]
        if edge.on:
            self._mute.update(points)
            if edge.what == "silent":
                self._fall_silent(edge)
            return []
        self._mute.subtract(points)
        self._mute += Counter()  # what stands at 0 is gone
        if edge.what == "silent":
            self.silent.discard(edge.id)
            for point in points:
                self._since.pop(point, None)
            return points
        return [point for point in points if point not in self._mute]

    def _fall_silent(self, edge: Edge) -> None:
        self.silent.add(edge.id)
        for point in self._points[edge.id]:
            self._since[point.id] = edge.time
            self._aging.append((edge.time + point.stale_after, point.id, edge.time))
        self._aging.sort()

    def hours(self, begin: Instant, end: Instant) -> tuple[float, float]:
        """Sensor-hours stuck and device-hours silent within a period."""
        return hours(self.found, "stuck", begin, end), hours(self.found, "silent", begin, end)
