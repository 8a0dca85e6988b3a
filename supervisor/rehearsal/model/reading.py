"""A record out of the store: what the daemon kept of points and meters, dry run or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import EquipmentKind, Mode, Role
from config.site import Equipment, Site, Zone
from drivers.values import decode
from schedules.time import DAY, Instant, instant_of, local_date
from simulator.people.people import STANDBY, UNATTENDED
from simulator.people.seen import AT_WORK, PRESENT
from simulator.plant.changeover import heats
from simulator.plant.from_site import blown
from supervisor.rehearsal.model import numbers, sound
from supervisor.rehearsal.model.numbers import LEAST_KNOWN, Source, Unrecorded
from supervisor.rehearsal.model.record import STEP, Flags, Floats, Record
from supervisor.store import readings

LEAST_DAYS: Final = 7
"""Days of a record below which nothing is fitted: a weekend, and weekdays on both sides of it."""
BEFORE: Final = 400 * DAY
"""s before a record in which a state may have been told that has stood since."""
FAR: Final = 1e11
"""An instant after all readings, POSIX seconds."""
DEFAULT_SETPOINT: Final = {Role.COOLING_SETPOINT: 26.0, Role.HEATING_SETPOINT: 20.0}
"""°C where no point says it: the plan's limits."""


def read(connection: sa.Connection, source: Source, start: Instant, end: Instant) -> Record:
    """The record from one whole hour until before another. Raises Unrecorded, StoreProblem."""
    times = np.arange(start, end, STEP)
    said = partial(_said, connection, source.site, times)
    zones = [source.site.zones[zone.id] for zone in source.building.zones]
    count, steps = len(zones), len(times)
    air = np.column_stack([numbers.temperature(connection, zone, times) for zone in zones])
    silent = sound.silences(numbers.instants(connection, source.site, start, end), start, end)
    spans = _until_midnight(silent, start, steps, source.site.tz)
    for first, last in spans:
        air[first:last] = np.nan
    awake = steps - sum(last - first for first, last in spans)
    least = LEAST_KNOWN * awake / max(1, steps)
    outdoor = numbers.outdoor_of(connection, source.site, times, least)
    sensed = [Role.TEMPERATURE in zone.sensors for zone in zones]
    air, odd_rooms = sound.rooms([z.id for z in zones], sensed, air, least)
    if not np.isfinite(air).any():
        raise Unrecorded(_no_rooms(odd_rooms))
    opened = [_opened(source, zone, times) for zone in zones]
    _refuse_contrary(said, zones, opened)
    heating = np.array([heats(at, source.site) for at in times.tolist()])
    seen = [_presence(said, zone, hours) for zone, hours in zip(zones, opened, strict=True)]
    present = [here for here, _ in seen]
    modes = [_modes(said, units(source.site, zone), heating, source.site) for zone in zones]
    setpoints = {
        role: np.column_stack([_setpoint(said, units(source.site, zone), role, steps) for zone in zones])
        for role in DEFAULT_SETPOINT
    }
    handlers = [source.site.shared[handler.id] for handler in source.building.air_handlers]
    on = np.column_stack([_runs(said, units(source.site, zone), steps) for zone in zones])
    cools, heats_ = (np.column_stack([mode[n] for mode in modes]) for n in (0, 1))
    cooled, heated = bool((on & cools).any()), bool((on & heats_).any())
    area = sum(zone.area_m2 for zone in zones)
    ran = {"hvac": bool(on.mean() > 0.05), "gas": False}
    counted, odd_meters = sound.meters(numbers.meters_of(connection, source.site, start, end), area, ran)
    if "hvac" in counted:
        counted.pop("total", None)  # it would count the same joules once more
    doubts = [
        *sound.gaps(silent), *odd_rooms, *odd_meters, *numbers.missing_weather(connection, source.site, times, spans),
        *sound.unseen([zone.id for zone, (_, sees) in zip(zones, seen, strict=True) if zone.people > 0.0 and not sees]),
        *sound.idle(cooled, heated),
    ]  # fmt: skip
    return Record(
        start,
        tuple(zone.id for zone in zones),
        air,
        np.column_stack([_count(zone) * here for zone, here in zip(zones, present, strict=True)]),
        np.column_stack([_any(said, zone.sensors.get(Role.WINDOW, ()), steps) * 1.0 for zone in zones]),
        np.column_stack([_lamps(said, zone, here) for zone, here in zip(zones, present, strict=True)]),
        np.column_stack([_machines(said, zone, at_work(here, times, source.site.tz)) for zone, here in zip(zones, present, strict=True)]),
        on,
        cools,
        heats_,
        setpoints[Role.COOLING_SETPOINT],
        np.minimum(setpoints[Role.HEATING_SETPOINT], setpoints[Role.COOLING_SETPOINT]),
        np.column_stack([_running(said, handler, steps, alone=True) for handler in handlers])
        if handlers else np.zeros((steps, 0), dtype=np.bool_),
        numbers.weather_of(connection, source, times, outdoor),
        counted,
        spans,
        tuple(doubts),
    ) if count else _nothing()  # fmt: skip


def _count(zone: Zone) -> float:
    """Persons in a room whose sensor sees somebody."""
    return max(1.0, float(round(zone.people * PRESENT))) if zone.people > 0.0 else 0.0


def _no_rooms(why: Sequence[Phrase]) -> Phrase:
    en = "no room's temperature is recorded for half of that time"
    zh = "该时段内没有任何房间的室温记录达到一半时间"
    return Phrase("; ".join([en, *(w.en for w in why[:3])]), "；".join([zh, *(w.zh for w in why[:3])]))


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
    values: list[Value] = [
        None if raw is None else decode(point, numbers.raw_of(point, raw)) for _, raw in rows
    ]
    place = np.searchsorted(at, times + STEP / 2.0, side="right") - 1
    return place.astype(np.float64), values


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


def _presence(said: Said, zone: Zone, opened: Flags) -> tuple[Flags, bool]:
    """Whether somebody is in: as the sensors saw it, and where they say nothing by the zone's hours; and whether they tell anything."""
    steps = len(opened)
    found, known = np.zeros(steps, dtype=np.bool_), np.zeros(steps, dtype=np.bool_)
    for point in zone.sensors.get(Role.OCCUPANCY, ()):
        yes, told = _flag(said, point, steps)
        found, known = found | yes, known | told
    if not known.any() or (found.all() and not opened.all()):  # who is seen day and night is nobody
        return opened, False
    return np.where(known, found, opened), True


def _opened(source: Source, zone: Zone, times: Floats) -> Flags:
    """Within the zone's hours, holidays of its calendar as that has them."""
    hours = np.zeros(len(times), dtype=np.bool_)
    day = local_date(times[0], source.site.tz) - timedelta(days=1)
    while day <= local_date(times[-1], source.site.tz):
        for begin, end in source.tables[zone.hours].day(day).intervals:
            hours |= (times >= begin) & (times < end)
        day += timedelta(days=1)
    return hours


def _until_midnight(
    spans: Sequence[tuple[int, int]], start: Instant, steps: int, tz: ZoneInfo
) -> tuple[tuple[int, int], ...]:
    """Silences until the end of their last day: at noon, behind units that run, air says nothing of the walls that a room begins anew with."""
    found: list[tuple[int, int]] = []
    for first, last in spans:
        day = local_date(start + last * STEP - 1.0, tz) + timedelta(days=1)
        until = min(steps, round((instant_of(day, 0, tz) - start) / STEP))
        begin = found.pop()[0] if found and found[-1][1] >= first else first
        found.append((begin, until))
    return tuple(found)


def _refuse_contrary(said: Said, zones: Sequence[Zone], opened: Sequence[Flags]) -> None:
    """Raises Unrecorded where a run status says the contrary of start-stop, or where there is none of the opening hours."""
    names = []
    for zone, hours in zip(zones, opened, strict=True):
        for unit in zone.equipment:
            if Role.RUN_STATUS not in unit.points or not (unit.hvac or unit.lights):
                continue
            runs, known = _flag(said, unit.points[Role.RUN_STATUS], len(hours))
            beside, told = hours, np.ones(len(hours), dtype=np.bool_)
            if Role.START_STOP in unit.points:
                wanted, there = _flag(said, unit.points[Role.START_STOP], len(hours))
                if there.any() and 0.05 < wanted[there].mean() < 0.95:
                    beside, told = wanted, there
            if sound.contrary(runs, beside, known & told):
                names.append(unit.points[Role.RUN_STATUS].id)
    if names:
        raise Unrecorded(sound.inverted(names))


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
