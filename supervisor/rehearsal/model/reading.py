"""A record out of the store: what the daemon kept of points and meters, dry run or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import EquipmentKind, Mode, Role
from config.site import Equipment, MeterSpec, Site, Zone
from drivers.values import decode
from schedules.hours import Timetable
from schedules.time import DAY, Instant, instant_of, local_date
from schedules.weather.series import Site as Place
from schedules.weather.series import Weather
from simulator.meters import GAS_HEAT
from simulator.people.people import STANDBY, UNATTENDED
from simulator.people.seen import AT_WORK, PRESENT
from simulator.plant.building import Building
from simulator.plant.changeover import heats
from simulator.plant.from_site import blown
from supervisor.rehearsal.model.meters import USES
from supervisor.rehearsal.model.record import HOUR, STEP, Flags, Floats, Record
from supervisor.rehearsal.model.sky import Estimated, Recorded
from supervisor.store import readings

LEAST_DAYS: Final = 7
"""Days of a record below which nothing is fitted: a weekend, and weekdays on both sides of it."""
LEAST_KNOWN: Final = 0.5
"""Share of the time in which a zone's temperature must be known for the zone to count as recorded."""
GAP: Final = 1800.0
"""s between two readings of a number beyond which it stood still and then jumped."""
BEFORE: Final = 400 * DAY
"""s before a record in which a state may have been told that has stood since."""
FAR: Final = 1e11
"""An instant after all readings, POSIX seconds."""
HELD: Final = DAY
"""s for which a number that is told only when it moves is believed to have stood still."""
DEFAULT_SETPOINT: Final = {Role.COOLING_SETPOINT: 26.0, Role.HEATING_SETPOINT: 20.0}
"""°C where no point says it: the plan's limits."""


class Unrecorded(ValueError):
    """Why a store's record will not do."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said.en)
        self.said = said


class Source(NamedTuple):
    """Where and of what a record is read."""

    site: Site
    building: Building
    tables: Mapping[str, Timetable]
    place: Place
    """Where the sun stands."""
    weather: Weather | None
    """Measured weather of those days, for all but the outdoor temperature; None: the sun is estimated."""


def read(connection: sa.Connection, source: Source, start: Instant, end: Instant) -> Record:
    """The record from one whole hour until before another. Raises Unrecorded, StoreProblem."""
    times = np.arange(start, end, STEP)
    said = partial(_said, connection, source.site, times)
    zones = [source.site.zones[zone.id] for zone in source.building.zones]
    count, steps = len(zones), len(times)
    outdoor = _outdoor(connection, source.site, times)
    air = np.column_stack([_temperature(connection, zone, times) for zone in zones])
    known = np.isfinite(air).mean(axis=0)
    if not (known >= LEAST_KNOWN).any():
        raise Unrecorded(_NO_ROOMS)
    heating = np.array([heats(at, source.site) for at in times.tolist()])
    present = [_presence(said, source, zone, times) for zone in zones]
    modes = [_modes(said, units(source.site, zone), heating, source.site) for zone in zones]
    setpoints = {
        role: np.column_stack([_setpoint(said, units(source.site, zone), role, steps) for zone in zones])
        for role in DEFAULT_SETPOINT
    }
    handlers = [source.site.shared[handler.id] for handler in source.building.air_handlers]
    return Record(
        start,
        tuple(zone.id for zone in zones),
        np.where(known >= LEAST_KNOWN, air, np.nan),
        np.column_stack([_count(zone) * here for zone, here in zip(zones, present, strict=True)]),
        np.column_stack([_any(said, zone.sensors.get(Role.WINDOW, ()), steps) * 1.0 for zone in zones]),
        np.column_stack([_lamps(said, zone, here) for zone, here in zip(zones, present, strict=True)]),
        np.column_stack([_machines(said, zone, at_work(here, times, source.site.tz)) for zone, here in zip(zones, present, strict=True)]),
        np.column_stack([_runs(said, units(source.site, zone), steps) for zone in zones]),
        np.column_stack([cool for cool, _ in modes]),
        np.column_stack([heat for _, heat in modes]),
        setpoints[Role.COOLING_SETPOINT],
        np.minimum(setpoints[Role.HEATING_SETPOINT], setpoints[Role.COOLING_SETPOINT]),
        np.column_stack([_running(said, handler, steps, alone=True) for handler in handlers])
        if handlers else np.zeros((steps, 0), dtype=np.bool_),
        _weather(connection, source, times, outdoor),
        _meters(connection, source.site, start, end),
    ) if count else _nothing()  # fmt: skip


def _count(zone: Zone) -> float:
    """Persons in a room whose sensor sees somebody."""
    return max(1.0, float(round(zone.people * PRESENT))) if zone.people > 0.0 else 0.0


_NO_ROOMS = Phrase(
    "no room's temperature is recorded for half of that time", "该时段内没有任何房间的室温记录达到一半时间"
)


def _nothing() -> Record:
    raise Unrecorded(Phrase("the site has no zones", "站点没有区域"))


def reach(connection: sa.Connection, site: Site) -> tuple[Instant, Instant] | None:
    """The first and last instant at which any room's temperature was kept; None where none was."""
    names = [p.id for zone in site.zones.values() for p in zone.sensors.get(Role.TEMPERATURE, ())]
    found = [readings.edges(connection, name, FAR, 0.0) for name in names]
    lasts = [last for last, _ in found if last is not None]
    firsts = [first for _, first in found if first is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


Said = Callable[[Point], tuple[Floats, Sequence[Value]]]


def _said(
    connection: sa.Connection, site: Site, times: Floats, point: Point
) -> tuple[Floats, Sequence[Value]]:
    """For each step which of the values that a point took stood (-1: none yet), and these values."""
    rows = list(readings.between(connection, point.id, times[0] - BEFORE, times[-1] + STEP))
    at = np.array([row[0] for row in rows])
    values: list[Value] = [None if raw is None else decode(point, _raw(point, raw)) for _, raw in rows]
    place = np.searchsorted(at, times + STEP / 2.0, side="right") - 1
    return place.astype(np.float64), values


def _raw(point: Point, raw: float) -> float | int:
    """Whole numbers as they came: states are no floats."""
    return raw if point.object_type.startswith("analog") or not raw.is_integer() else int(raw)


def _flag(said: Said, point: Point, steps: int) -> tuple[Flags, Flags]:
    """Whether a point said yes, and whether it said anything."""
    which, values = said(point)
    if not values:
        return np.zeros(steps, dtype=np.bool_), np.zeros(steps, dtype=np.bool_)
    told = np.array([value is not None for value in values] + [False])
    yes = np.array([value is True for value in values] + [False])
    place = which.astype(np.intp)
    return yes[place], told[place]


def _any(said: Said, points: Iterable[Point], steps: int) -> Flags:
    found = np.zeros(steps, dtype=np.bool_)
    for point in points:
        found |= _flag(said, point, steps)[0]
    return found


def _presence(said: Said, source: Source, zone: Zone, times: Floats) -> Flags:
    """Whether somebody is in: as the sensors saw it, and where they say nothing by the zone's hours."""
    hours = np.zeros(len(times), dtype=np.bool_)
    day = local_date(times[0], source.site.tz) - timedelta(days=1)
    while day <= local_date(times[-1], source.site.tz):
        for begin, end in source.tables[zone.hours].day(day).intervals:
            hours |= (times >= begin) & (times < end)
        day += timedelta(days=1)
    found, known = np.zeros(len(times), dtype=np.bool_), np.zeros(len(times), dtype=np.bool_)
    for point in zone.sensors.get(Role.OCCUPANCY, ()):
        yes, told = _flag(said, point, len(times))
        found, known = found | yes, known | told
    return np.where(known, found, hours)


def units(site: Site, zone: Zone) -> tuple[Equipment, ...]:
    """What conditions a zone: its own units, else the air handler that is all it has."""
    own = tuple(e for e in zone.equipment if e.hvac)
    handler = blown(site, zone)
    return own or ((handler,) if handler is not None else ())


def _running(said: Said, equipment: Equipment, steps: int, *, alone: bool = False) -> Flags:
    """Whether equipment ran: by its run status, else its start-stop; what says neither runs where it is `alone`."""
    for role in (Role.RUN_STATUS, Role.START_STOP):
        if role in equipment.points:
            yes, told = _flag(said, equipment.points[role], steps)
            if told.any():
                return yes
    return np.full(steps, alone)


def _runs(said: Said, units: Sequence[Equipment], steps: int) -> Flags:
    found = np.zeros(steps, dtype=np.bool_)
    for unit in units:
        found |= _running(said, unit, steps)
    return found


def _lamps(said: Said, zone: Zone, present: Flags) -> Floats:
    circuits = [e for e in zone.units if e.lights]
    if not circuits:
        return present.astype(np.float64)
    found = np.zeros(len(present))
    for circuit in circuits:
        found += _running(said, circuit, len(present)) / len(circuits)
    return found


def at_work(present: Flags, times: Floats, tz: ZoneInfo) -> Flags:
    """From the first of a day who was seen in until the last: machines stay on over lunch, as `people.habits` has it."""
    found, row = np.zeros(len(times), dtype=np.bool_), 0
    day = local_date(times[0], tz)
    while row < len(times):
        day += timedelta(days=1)
        end = int(np.searchsorted(times, instant_of(day, 0, tz)))
        seen = np.flatnonzero(present[row:end])
        if len(seen):
            found[row + seen[0] : row + seen[-1] + 1] = True
        row = end
    return found


def _machines(said: Said, zone: Zone, at_work: Flags) -> Floats:
    share = UNATTENDED.get(str(zone.kind))
    drawn = STANDBY + (1.0 - STANDBY) * AT_WORK * at_work.astype(np.float64)
    if share is not None:
        drawn = np.full(len(at_work), share, dtype=np.float64)
    sockets = [e for e in zone.units if e.kind is EquipmentKind.PLUGS]
    if sockets:
        live = [_running(said, socket, len(at_work), alone=True) for socket in sockets]
        drawn = drawn * np.mean(live, axis=0).astype(np.float64)
    return drawn


def _modes(said: Said, units: Sequence[Equipment], heating: Flags, site: Site) -> tuple[Flags, Flags]:
    """Whether a zone's unit may cool and may heat: by what says so on the wire, else by the season of `today`."""
    points = [u.points[role] for u in units for role in (Role.ACTION, Role.MODE) if role in u.points]
    if Role.CHANGEOVER in site.building_points:
        points.append(site.building_points[Role.CHANGEOVER])
    for point in points:
        which, values = said(point)
        if any(isinstance(value, Mode) for value in values):
            place = which.astype(np.intp)
            cool = np.array([v in (Mode.COOL, Mode.DRY, Mode.AUTO) for v in values] + [False])[place]
            heat = np.array([v in (Mode.HEAT, Mode.AUTO) for v in values] + [False])[place]
            told = np.array([v is not None for v in values] + [False])[place]
            auto = np.array([v is Mode.AUTO for v in values] + [False])[place]
            cool, heat = cool & ~(auto & heating), heat & ~(auto & ~heating)
            return np.where(told, cool, ~heating), np.where(told, heat, heating)
    return ~heating, heating


def _setpoint(said: Said, units: Sequence[Equipment], role: Role, steps: int) -> Floats:
    found = np.full(steps, DEFAULT_SETPOINT[role])
    for wanted in (role, Role.SETPOINT):
        for unit in units:
            if wanted in unit.points:
                which, values = said(unit.points[wanted])
                told = np.array([v if isinstance(v, float | int) else np.nan for v in values] + [np.nan])
                stood = told[which.astype(np.intp)]
                if np.isfinite(stood).any():
                    return np.where(np.isfinite(stood), stood, np.nanmedian(stood))
    return found


# ---------------------------------------------------------------------- numbers


def _figures(connection: sa.Connection, point: Point, times: Floats) -> Floats:
    """What a number was at each instant: between two readings that are near, else as it was told last, for some hours."""
    rows = list(readings.between(connection, point.id, times[0] - HELD, times[-1] + GAP))
    if not rows:
        return np.full(len(times), np.nan)
    at = np.array([*(row[0] for row in rows), rows[-1][0] + HELD])
    told = [None if raw is None else decode(point, _raw(point, raw)) for _, raw in rows]
    value = np.array([*(v if isinstance(v, int | float) else np.nan for v in told), np.nan])
    after = np.clip(np.searchsorted(at, times, side="right"), 1, len(at) - 1)
    gap, before, there = at[after] - at[after - 1], value[after - 1], value[after]
    between = before + (there - before) * (times - at[after - 1]) / np.maximum(gap, 1e-3)
    stood: Floats = np.where((gap > GAP) | ~np.isfinite(there), before, between)
    stood[(times < at[0] - STEP) | (times > at[-1]) | (gap > HELD)] = np.nan
    return stood


def _temperature(connection: sa.Connection, zone: Zone, times: Floats) -> Floats:
    each = [_figures(connection, point, times) for point in zone.sensors.get(Role.TEMPERATURE, ())]
    if not each:
        return np.full(len(times), np.nan)
    known = np.isfinite(each)
    total = np.where(known, each, 0.0).sum(axis=0)
    mean: Floats = np.full(len(times), np.nan)
    np.divide(total, known.sum(axis=0), out=mean, where=known.any(axis=0))
    return mean


def _outdoor(connection: sa.Connection, site: Site, times: Floats) -> Floats | None:
    point = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
    return None if point is None else _filled(_figures(connection, point, times), times)


def _filled(values: Floats, times: Floats) -> Floats | None:
    known = np.isfinite(values)
    if known.mean() < LEAST_KNOWN:
        return None
    return np.interp(times, times[known], values[known])


def _weather(connection: sa.Connection, source: Source, times: Floats, outdoor: Floats | None) -> Weather:
    if outdoor is None:
        if source.weather is None:
            raise Unrecorded(_NO_WEATHER)
        return source.weather
    point = source.site.building_points.get(Role.OUTDOOR_HUMIDITY)
    humidity = None if point is None else _filled(_figures(connection, point, times), times)
    base = source.weather or Estimated(times, outdoor, source.place)
    return Recorded(base, times, outdoor, humidity)


_NO_WEATHER = Phrase(
    "no outdoor temperature is recorded: give the weather of those days with --weather F.epw",
    "没有室外温度记录：请用 --weather F.epw 给出当时的气象数据",
)


def _meters(connection: sa.Connection, site: Site, start: Instant, end: Instant) -> dict[str, Floats]:
    """By sub-item the hours that all its topmost meters have in full."""
    found: dict[str, Floats] = {}
    for subitem in USES:
        named = [m for m in site.meters.values() if m.subitem == subitem]
        top = [m for m in named if not any(m.parent == other.id for other in named)]
        if top:
            joules = sum(
                (_hours(connection, site, m, start, end) for m in top),
                start=np.zeros(round((end - start) / HOUR)),
            )
            if np.isfinite(joules).any():
                found[subitem] = joules
    if "hvac" in found:
        found.pop("total", None)  # it would count the same joules once more
    return found


def _hours(connection: sa.Connection, site: Site, meter: MeterSpec, start: Instant, end: Instant) -> Floats:
    """J of each hour; NaN where a tenth of it or more is not booked, or only estimated."""
    count, joule = round((end - start) / HOUR), 1.0 if meter.energy else GAS_HEAT
    if meter.of:
        parts = [
            part.sign * _hours(connection, site, site.meters[part.meter], start, end) for part in meter.of
        ]
        return np.sum(parts, axis=0).astype(np.float64) if parts else np.full(count, np.nan)
    joules, known = np.zeros(count), np.zeros(count)
    for row in readings.booked(connection, meter.id, start, end):
        if row["estimated"]:
            continue
        length = row["end"] - row["start"]
        for hour in range(
            max(0, int((row["start"] - start) // HOUR)), min(count, math.ceil((row["end"] - start) / HOUR))
        ):
            begin = start + hour * HOUR
            inside = min(row["end"], begin + HOUR) - max(row["start"], begin)
            if inside > 0.0:
                joules[hour] += row["amount"] * joule * inside / length
                known[hour] += inside
    return np.where(known >= 0.9 * HOUR, joules, np.nan)
