"""A zone's last seven days as the store has them: temperature, setpoint, people every five minutes, and who held what."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

import sqlalchemy as sa

from config.points import Point
from config.roles import ROLES, Role, Shape
from config.site import Site
from drivers.values import decode
from schedules.time import local_date
from supervisor.store import days, past, readings
from supervisor.store.days import ZoneDay
from supervisor.store.past import Hold

STEP: Final = 300.0
"""s between two samples of a number, as `supervisor.ledger.samples` keeps them."""
DAYS: Final = 7
SILENT: Final = 900.0
"""s in which neither a meter of the building nor a point of the zone was read, after which the program is taken not to have
run: what stood before it is then not known. A site choice; meters are kept each minute."""
METERS: Final = 3
"""Meters that are asked for it: one is enough, and may be away."""
_SETTINGS: Final = (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT)
Values: TypeAlias = tuple[float | None, ...]


class Held(NamedTuple):
    """A stretch of a week in which a rule held something of a zone: `what` is `hvac`, `setpoint` or `lights`."""

    what: str
    start: float
    end: float
    rule: str
    dry: bool


class Week(NamedTuple):
    """From `start` until before `end`, POSIX seconds; each value is what was so at the end of its five minutes.

    °C; people 1 while anybody is in, 0 while nobody is; None is not known.
    """

    start: float
    end: float
    temperature: Values
    cooling: Values
    heating: Values
    people: Values
    held: tuple[Held, ...]
    days: tuple[ZoneDay, ...]

    @property
    def known(self) -> int:
        """Of how many five minutes the temperature is known."""
        return sum(value is not None for value in self.temperature)


def read(connection: sa.Connection, site: Site, zone: str, now: float) -> Week:
    """The last seven days of a zone of the site. Raises StoreProblem."""
    end = math.floor(now / STEP) * STEP
    start = end - DAYS * 86400.0
    points = [p for p in site.points.values() if _of(site, p, zone)]
    series = {p.id: list(readings.between(connection, p.id, start, end)) for p in points if _drawn(p)}
    alive = _alive(connection, site, series.values(), start, end)

    def told(pick: Callable[[Point], bool], fold: Callable[[list[float]], float]) -> Values:
        each = [
            _stepped(p, past.standing(connection, p.id, start), series[p.id], start, end)
            for p in points if p.id in series and pick(p)
        ]  # fmt: skip
        return _folded(each, alive, fold)

    first, last = local_date(start, site.tz), local_date(now, site.tz)
    return Week(
        start, end,
        told(lambda p: p.role is Role.TEMPERATURE, lambda v: math.fsum(v) / len(v)),
        told(lambda p: p.role in (Role.COOLING_SETPOINT, Role.SETPOINT), min),
        told(lambda p: p.role is Role.HEATING_SETPOINT, max),
        told(lambda p: p.role is Role.OCCUPANCY, max),
        _held(site, past.holds(connection, [p.id for p in points if p.writable], start, end), end),
        tuple(d for d in days.between(connection, first.isoformat(), last.isoformat()) if d.zone == zone),
    )  # fmt: skip


def _of(site: Site, point: Point, zone: str) -> bool:
    """Its own, or of what serves it together with others."""
    return point.zone == zone or (point.zone is None and point.equipment in site.zones[zone].shares)


def _drawn(point: Point) -> bool:
    return point.role in (Role.TEMPERATURE, Role.OCCUPANCY, *_SETTINGS)


def _alive(
    connection: sa.Connection,
    site: Site,
    own: Iterable[Sequence[tuple[float, float | None]]],
    start: float,
    end: float,
) -> list[bool]:
    """For each five minutes, whether anything is known to have been read lately; where no meter is read, always."""
    heard = [meter.point.id for meter in site.meters.values() if meter.point is not None][:METERS]
    slots = round((end - start) / STEP)
    if not heard:
        return [True] * slots
    seen = [False] * slots
    many = [*own, *(list(readings.between(connection, name, start - SILENT, end)) for name in heard)]
    reach = round(SILENT / STEP)
    for at in (row[0] for rows in many for row in rows):
        first = math.floor((at - start) / STEP)
        for slot in range(max(first, 0), min(first + reach, slots)):
            seen[slot] = True
    return seen


def _stepped(
    point: Point, value: float | None, rows: Sequence[tuple[float, float | None]], start: float, end: float
) -> list[float | None]:
    """What a point stood at, at the end of each five minutes."""
    found, number = [], 0
    for slot in range(round((end - start) / STEP)):
        until = start + (slot + 1) * STEP
        while number < len(rows) and rows[number][0] < until:
            value, number = rows[number][1], number + 1
        found.append(_in_unit(point, value))
    return found


def _in_unit(point: Point, value: float | None) -> float | None:
    """Kept is what the device said."""
    if value is None:
        return None
    if ROLES[point.role].shape is Shape.NUMBER:
        value = float(value)
    told = decode(point, value)
    return float(told) if isinstance(told, bool | int | float) else None


def _folded(
    each: Sequence[Sequence[float | None]], alive: Sequence[bool], fold: Callable[[list[float]], float]
) -> Values:
    found: list[float | None] = []
    for slot, awake in enumerate(alive):
        values = [v for v in (one[slot] for one in each) if v is not None]
        found.append(fold(values) if awake and values else None)
    return tuple(found)


def _held(site: Site, holds: Iterable[Hold], end: float) -> tuple[Held, ...]:
    """Stretches by what is held, those of several points under one rule put together."""
    found: list[Held] = []
    for point, rows in groupby(sorted(holds, key=lambda h: h.point), lambda h: h.point):
        steps = list(rows)
        for hold, until in zip(steps, [*(h.ts for h in steps[1:]), end], strict=True):
            if hold.held and until > hold.ts:
                found.append(Held(_what(site, point), hold.ts, until, hold.rule, hold.dry))
    joined: list[Held] = []
    for one in sorted(found, key=lambda h: (h.what, h.rule, h.dry, h.start)):
        last = joined[-1] if joined else None
        if last is not None and last[::3] == one[::3] and last.dry == one.dry and one.start <= last.end:
            joined[-1] = last._replace(end=max(last.end, one.end))
        else:
            joined.append(one)
    return tuple(sorted(joined, key=lambda h: (h.what, h.start)))


def _what(site: Site, point: str) -> str:
    known = site.points[point]
    if known.role in _SETTINGS:
        return "setpoint"
    lights = {p.id for e in site.all_equipment if e.lights for p in e.points.values()}
    return "lights" if point in lights else "hvac"
