"""Recorded days lived again, as they were and as people ran the building before: what control itself saved, by rule."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from config.roles import Role, ZoneKind
from config.rules import RuleId
from config.site import Equipment, Site, Zone
from schedules.time import DAY
from simulator.plant.building import Building
from simulator.plant.changeover import heats
from supervisor.rehearsal.model import meters
from supervisor.rehearsal.model.drive import lived
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.numbers import Source
from supervisor.rehearsal.model.parameters import INPUTS
from supervisor.rehearsal.model.reading import units
from supervisor.rehearsal.model.record import HOUR, STEP, Flags, Floats, Record
from supervisor.rehearsal.model.used import MISSED, Z90
from supervisor.rehearsal.program import AIR, LIGHTS, SETPOINT, edges
from supervisor.store import schema

DRAWS: Final = 8
"""Buildings drawn from the spread besides the most probable one. Site choice."""
_SETPOINTS: Final = (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT)


class ByRule(NamedTuple):
    """What one rule did: joules that it saved alone, zone-hours in which it kept something off, setpoints it corrected."""

    saved: float
    blocked_hours: float
    corrected: int


class Relived(NamedTuple):
    """A record lived again. Joules of electricity and fuel, modelled on both sides."""

    days: float
    today: float
    """As people ran it before."""
    lived: float
    """As it was run."""
    low: float
    """90 % interval of today less lived."""
    high: float
    rules: Mapping[RuleId, ByRule]
    """Each alone: they need not add up to the whole, for two rules may save the same joule."""

    @property
    def saved(self) -> float:
        """Today less lived."""
        return self.today - self.lived


class Held(NamedTuple):
    """From `at` on a point was held by `rule`; None: by nobody of ours."""

    at: float
    rule: RuleId | None


def relived(
    connection: sa.Connection, source: Source, record: Record, by: Calibration, seed: int = 0
) -> Relived:
    """Live a record again on the calibrated building. Raises StoreProblem."""
    base = source.building
    variants = [by.building(base), *(by.drawn(base, seed, number) for number in range(DRAWS))]
    holds = _holds(connection, source.site, record)
    before = without_us(source, record, holds)
    old, new = _energy(variants, before), _energy(variants, record)
    saved = old - new
    wrong = max((abs(v) for k, v in by.ahead.meters.items() if k in ("hvac", "total", "gas")), default=0.3)
    unknown = float(np.hypot(wrong, Z90 * MISSED)) * abs(saved[0])  # see `used.intervals`
    half = float(np.hypot(Z90 * saved[1:].std(ddof=1), unknown))
    rules: dict[RuleId, ByRule] = {}
    for rule in RuleId:
        alone, blocked = _with(source, record, before, holds, rule)
        corrected = _corrected(source.site, holds, rule, record)
        if alone is None and not corrected:
            continue
        joules = float(old[0] - _energy(variants[:1], alone)[0]) if alone is not None else 0.0
        rules[rule] = ByRule(joules, blocked, corrected)
    return Relived(
        float(record.heard().sum()) * HOUR / DAY, float(old[0]), float(new[0]),
        float(saved[0]) - half, float(saved[0]) + half, rules,
    )  # fmt: skip


def as_today(source: Source, record: Record) -> Record:
    """The same weather, people and windows, and everything else as `today`: see `program`."""
    site, times = source.site, record.start + np.arange(record.steps) * STEP
    zones = [site.zones[zone] for zone in record.zones]
    spans = {
        (what, group): np.zeros(record.steps, dtype=np.bool_)
        for what in (AIR, LIGHTS)
        for group in source.tables
    }
    for edge in sorted(edges(site, source.tables, record.start, record.end)):
        spans[edge.what, edge.group][times >= edge.time] = edge.on
    air = np.column_stack(
        [
            np.full(record.steps, bool(units(site, zone))) & (spans[AIR, zone.hours] | (zone.kind is ZoneKind.SERVER_ROOM))
            for zone in zones
        ]
    )  # fmt: skip
    lamps = np.column_stack([spans[LIGHTS, zone.hours] for zone in zones]) | (record.people > 0.0)
    lit = np.array([any(e.lights for e in zone.units) for zone in zones])
    heating = np.array([heats(at, site) for at in times.tolist()])[:, None]
    handlers = [site.shared[handler.id] for handler in source.building.air_handlers]
    blows = [_any_of(air, record, handler) for handler in handlers]
    return replace(
        record,
        on=air,
        lights=np.where(lit, np.maximum(lamps * 1.0, 0.0), record.lights),
        cools=np.broadcast_to(~heating, air.shape),
        heats=np.broadcast_to(heating, air.shape),
        cooling_setpoint=np.full(air.shape, SETPOINT),
        heating_setpoint=np.full(air.shape, SETPOINT),
        handlers=np.column_stack(blows) if blows else record.handlers,
    )


def without_us(source: Source, record: Record, holds: Mapping[str, list[Held]]) -> Record:
    """The record as `today` wherever a rule of ours held a point, and as it was everywhere else: what people and the
    controllers did by themselves is no saving of ours."""
    today, times = as_today(source, record), _times(record)
    found = {
        name: getattr(record, name).copy()
        for name in ("on", "lights", "cooling_setpoint", "heating_setpoint")
    }
    for place, name in enumerate(record.zones):
        zone = source.site.zones[name]
        for equipment, roles, names in _reached(source.site, zone):
            held = _held(holds, equipment, roles, times, None)
            for each in names:
                found[each][held, place] = getattr(today, each)[held, place]
    return replace(
        record, handlers=record.handlers | (today.handlers & ~record.handlers & _ours(holds)), **found
    )


def _ours(holds: Mapping[str, list[Held]]) -> bool:
    return any(each.rule is not None for held in holds.values() for each in held)


def _times(record: Record) -> Floats:
    return (record.start + np.arange(record.steps) * STEP).astype(np.float64)


def _reached(
    site: Site, zone: Zone
) -> Iterable[tuple[tuple[Equipment, ...], tuple[Role, ...], tuple[str, ...]]]:
    """What of a zone rules hold: equipment, by which roles, and what of a record that is."""
    lamps = tuple(e for e in zone.units if e.lights)
    yield units(site, zone), (Role.START_STOP,), ("on",)
    yield lamps, (Role.START_STOP,), ("lights",)
    yield units(site, zone), (Role.COOLING_SETPOINT, Role.SETPOINT), ("cooling_setpoint",)
    yield units(site, zone), (Role.HEATING_SETPOINT, Role.SETPOINT), ("heating_setpoint",)


def _any_of(air: Flags, record: Record, handler: Equipment) -> Flags:
    served = [place for place, zone in enumerate(record.zones) if zone in handler.zones]
    return np.asarray(air[:, served].any(axis=1), dtype=np.bool_)


def _energy(variants: Sequence[Building], record: Record) -> Floats:
    """(variants,) J of electricity and fuel."""
    found, none = lived(variants, record), np.zeros(len(INPUTS))
    total: Floats = sum(
        (meters.counted(found, part, none)[:, record.heard()].sum(axis=(1, 2)) for part in ("total", "gas")),
        start=np.zeros(len(variants)),
    )
    return total


# ---------------------------------------------------------------------- by rule


def _holds(connection: sa.Connection, site: Site, record: Record) -> dict[str, list[Held]]:
    """By point which rule of ours held it from when on: what was written and read back, oldest first."""
    i, r = schema.intents.c, schema.results.c
    rows = connection.execute(
        sa.select(i.ts, i.point, i.rule, i.command.is_(None))
        .select_from(schema.intents.join(schema.results, r.intent_id == i.id))
        .where(i.ts < record.end, i.dry_run.is_(False), r.result == "ok")
        .order_by(i.id)
    )
    found: dict[str, list[Held]] = {}
    for at, point, rule, let_go in rows:
        if point in site.points:
            named = RuleId(rule) if not let_go and rule in set(RuleId) else None
            found.setdefault(point, []).append(Held(at, named))
    return found


def _with(
    source: Source, record: Record, before: Record, holds: Mapping[str, list[Held]], rule: RuleId
) -> tuple[Record | None, float]:
    """`before` with what one rule did, and the zone-hours in which it kept something off; None where it did nothing."""
    times, did = _times(record), False
    changed = {
        name: getattr(before, name).copy()
        for name in ("on", "lights", "cooling_setpoint", "heating_setpoint")
    }
    steps = 0
    for place, name in enumerate(record.zones):
        for equipment, roles, names in _reached(source.site, source.site.zones[name]):
            held = _held(holds, equipment, roles, times, rule)
            for each in names:
                was, now = getattr(before, each)[:, place], getattr(record, each)[:, place]
                other = held & (was != now)
                changed[each][other, place] = now[other]
                did = did or bool(other.any())
                if roles == (Role.START_STOP,):
                    steps += int((other & (now < was)).sum())
    if not did:
        return None, 0.0
    return replace(before, **changed), steps * STEP / 3600.0


def _held(
    holds: Mapping[str, list[Held]],
    of: Iterable[Equipment],
    roles: Sequence[Role],
    times: Floats,
    rule: RuleId | None,
) -> Flags:
    """When a rule (None: any of ours) held any of the points of some equipment."""
    found = np.zeros(len(times), dtype=np.bool_)
    for equipment in of:
        for role in roles:
            held = holds.get(equipment.points[role].id, ()) if role in equipment.points else ()
            mine = [each.rule is not None and rule in (None, each.rule) for each in held]
            if any(mine):
                named = np.array([False, *mine])
                found |= named[np.searchsorted([each.at for each in held], times, side="right")]
    return found


def _corrected(site: Site, holds: Mapping[str, list[Held]], rule: RuleId, record: Record) -> int:
    """How often a rule held a setpoint anew within the record, what it held at its begin included."""
    count = 0
    for point, held in holds.items():
        if site.points[point].role in _SETPOINTS:
            first = max(0, bisect_right([each.at for each in held], record.start) - 1)
            count += sum(each.rule is rule for each in held[first:])
    return count


def as_json(of: Relived) -> dict[str, Any]:
    """For programs, J."""
    return {
        "days": round(of.days, 3), "today_joules": of.today, "lived_joules": of.lived, "saved_joules": of.saved,
        "low_joules": of.low, "high_joules": of.high,
        "rules": {str(rule): each._asdict() for rule, each in of.rules.items()},
    }  # fmt: skip
