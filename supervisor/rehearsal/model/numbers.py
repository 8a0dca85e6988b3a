"""Numbers of a record out of the store: temperatures, weather and meters on its grid of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from config.points import Point
from config.roles import Role
from config.site import MeterSpec, Site, Zone
from drivers.values import decode
from schedules.hours import Timetable
from schedules.time import DAY, Instant
from schedules.weather.series import Site as Place
from schedules.weather.series import Weather
from simulator.meters import GAS_HEAT
from simulator.plant.building import Building
from supervisor.rehearsal.model.meters import USES
from supervisor.rehearsal.model.record import HOUR, STEP, Floats
from supervisor.rehearsal.model.sky import Estimated, Recorded
from supervisor.store import readings

LEAST_KNOWN: Final = 0.5
"""Share of the time in which a zone's temperature must be known for the zone to count as recorded."""
GAP: Final = 1800.0
"""s between two readings of a number beyond which it stood still and then jumped."""
HELD: Final = DAY
"""s for which a number that is told only when it moves is believed to have stood still."""
OUTDOORS: Final = 3.0 * HOUR
"""s likewise of what is measured outdoors, where nothing stands still for long. Site choice."""


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


def raw_of(point: Point, raw: float) -> float | int:
    """Whole numbers as they came: states are no floats."""
    return raw if point.object_type.startswith("analog") or not raw.is_integer() else int(raw)


def _figures(connection: sa.Connection, point: Point, times: Floats, held: float = HELD) -> Floats:
    """What a number was at each instant: between two readings that are near, else as it was told last, for some hours."""
    rows = _moves(connection, point, times[0] - HELD, times[-1] + GAP)
    if not rows:
        return np.full(len(times), np.nan)
    at = np.array([*(row[0] for row in rows), rows[-1][0] + held])
    told = [None if raw is None else decode(point, raw_of(point, raw)) for _, raw in rows]
    value = np.array([*(v if isinstance(v, int | float) else np.nan for v in told), np.nan])
    after = np.clip(np.searchsorted(at, times, side="right"), 1, len(at) - 1)
    gap, before, there = at[after] - at[after - 1], value[after - 1], value[after]
    between = before + (there - before) * (times - at[after - 1]) / np.maximum(gap, 1e-3)
    stood: Floats = np.where((gap > GAP) | ~np.isfinite(there), before, between)
    stood[(times < at[0] - STEP) | (times > at[-1]) | (gap > held)] = np.nan
    return stood


def temperature(connection: sa.Connection, zone: Zone, times: Floats) -> Floats:
    """(steps,) °C of a zone: the mean of its thermometers; NaN where none says it."""
    each = [_figures(connection, point, times) for point in zone.sensors.get(Role.TEMPERATURE, ())]
    if not each:
        return np.full(len(times), np.nan)
    known = np.isfinite(each)
    total = np.where(known, each, 0.0).sum(axis=0)
    mean: Floats = np.full(len(times), np.nan)
    np.divide(total, known.sum(axis=0), out=mean, where=known.any(axis=0))
    return mean


def outdoor_of(connection: sa.Connection, site: Site, times: Floats, least: float) -> Floats | None:
    """(steps,) °C outdoors, gaps filled; None where too little is recorded."""
    point = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
    return None if point is None else _filled(_figures(connection, point, times, OUTDOORS), times, least)


def _filled(values: Floats, times: Floats, least: float = LEAST_KNOWN) -> Floats | None:
    known = np.isfinite(values)
    if not known.any() or known.mean() < least:
        return None
    # what is missing has the usual course of a day about what is known before and after: a straight line has no noon, nor sun
    place = ((times % DAY) // STEP).astype(np.intp)
    count = np.bincount(place[known], minlength=round(DAY / STEP))
    total = np.bincount(place[known], weights=values[known], minlength=round(DAY / STEP))
    usual = np.where(count > 0, total / np.maximum(count, 1), values[known].mean())[place]
    apart = np.interp(times, times[known], values[known] - usual[known])
    return np.where(known, values, usual + apart)


def weather_of(connection: sa.Connection, source: Source, times: Floats, outdoor: Floats | None) -> Weather:
    """What is known of the weather beside the outdoor temperature. Raises Unrecorded."""
    if outdoor is None:
        if source.weather is None:
            raise Unrecorded(_NO_WEATHER)
        return source.weather
    point = source.site.building_points.get(Role.OUTDOOR_HUMIDITY)
    humidity = None if point is None else _filled(_figures(connection, point, times, OUTDOORS), times)
    base = source.weather or Estimated(times, outdoor, source.place)
    return Recorded(base, times, outdoor, humidity)


_NO_WEATHER = Phrase(
    "no outdoor temperature is recorded: give the weather of those days with --weather F.epw",
    "没有室外温度记录：请用 --weather F.epw 给出当时的气象数据",
)


def meters_of(connection: sa.Connection, site: Site, start: Instant, end: Instant) -> dict[str, Floats]:
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


def instants(connection: sa.Connection, site: Site, start: Instant, end: Instant) -> set[float]:
    """Steps in which anything was told by any point, or booked of any meter: a small building whose rooms stand at their setpoint is not silent."""
    found = {
        row[0] // STEP * STEP
        for name in site.points
        for row in readings.between(connection, name, start, end)
    }
    for meter in site.meters.values():
        rows = readings.booked(connection, meter.id, start, end)
        found.update(
            row[edge] // STEP * STEP for row in rows if not row["estimated"] for edge in ("start", "end")
        )
    return found


def _moves(
    connection: sa.Connection, point: Point, start: Instant, end: Instant
) -> list[tuple[float, float | None]]:
    """(at, raw) of a number where it is another than before: the same said again, however often, is a sensor that stands still."""
    found: list[tuple[float, float | None]] = []
    for row in readings.between(connection, point.id, start, end):
        if not found or row[1] != found[-1][1]:
            found.append((row[0], row[1]))
    return found


def missing_weather(
    connection: sa.Connection, site: Site, times: Floats, spans: Sequence[tuple[int, int]]
) -> list[Phrase]:
    """What is said where the outdoor temperature is missing while rooms were recorded."""
    point = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
    if point is None:
        return []
    missing = ~np.isfinite(_figures(connection, point, times, OUTDOORS))
    for first, last in spans:
        missing[first:last] = False
    hours = float(missing.sum()) * STEP / HOUR
    if hours < 12.0 or missing.mean() > 1.0 - LEAST_KNOWN:
        return []
    return [
        Phrase(
            f"the outdoor temperature is missing for {hours:,.0f} hours: they are filled with a usual day's course",
            f"室外温度缺失 {hours:,.0f} 小时：按通常的日变化补足",
        )
    ]
