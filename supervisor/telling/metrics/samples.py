"""How each metric is read off a snapshot: label values, and the value; no sample for what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import repeat
from operator import itemgetter
from typing import TypeAlias
from zoneinfo import ZoneInfo

from config.rules import OF_SETTINGS, RuleId
from config.trial import Arm
from schedules.types import Season
from supervisor.core.rules import BY_ID
from supervisor.core.views import Fire
from supervisor.telling.snapshot import MeterStatus, SavingStatus, Snapshot, YearStatus, ZoneStatus

WRITE_RESULTS = ("ok", "refused", "failed", "mismatch", "dry_run")

Sample: TypeAlias = tuple[tuple[str, ...], float]
"""Label values after `building`, and the value."""


def one(value: float | None) -> Iterator[Sample]:
    """A figure of the whole building, where it is known."""
    if value is not None:
        yield (), float(value)


def arms(snapshot: Snapshot) -> Iterator[Sample]:
    """The arm of a trial that is in force."""
    if snapshot.arm:
        yield from (((arm,), float(arm == snapshot.arm)) for arm in Arm)


def hubs(snapshot: Snapshot) -> Iterator[Sample]:
    """Which hub is reached, of those that are named."""
    hub = snapshot.hub
    if hub is not None:
        for name in ("primary", "failover") if hub.failover else ("primary",):
            yield (name,), float(hub.active == name)


def savings(of: Callable[[SavingStatus], float]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample a method that has a figure."""
    return lambda snapshot: (((method,), of(saving)) for method, saving in snapshot.savings.items())


def year(of: Callable[[YearStatus], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample per area and per head, none while it is not known."""

    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for per, year in snapshot.targets.items():
            value = of(year)
            if value is not None:
                yield (per,), value

    return samples


def zones(of: Callable[[ZoneStatus], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample a zone, none while the value is not known."""

    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for zone in snapshot.zones:
            value = of(zone)
            if value is not None:
                yield (zone.id,), float(value)

    return samples


def info(snapshot: Snapshot) -> Iterator[Sample]:
    """The building by its name."""
    yield (snapshot.name, snapshot.version), 1.0


def zone_info(snapshot: Snapshot) -> Iterator[Sample]:
    """Each zone by its name, floor and kind."""
    for zone in snapshot.zones:
        floor = "" if zone.floor is None else str(zone.floor)
        yield (zone.id, zone.name or zone.id, floor, zone.kind), 1.0


def rule_info(snapshot: Snapshot) -> Iterator[Sample]:
    """Each rule that applies somewhere, by its titles."""
    for rule in dict.fromkeys(map(itemgetter(1), pairs(snapshot))):
        title = BY_ID[rule].title
        yield (rule.value, title.en, title.zh), 1.0


def season(snapshot: Snapshot) -> Iterator[Sample]:
    """One of the seasons."""
    if snapshot.season is not None:
        for each in Season:
            yield (each.value,), float(each == snapshot.season)


def fire(snapshot: Snapshot) -> Iterator[Sample]:
    """One of the states of the fire-alarm input, where one is wired."""
    if snapshot.fire and snapshot.fire != Fire.NOT_WIRED:
        for state in (Fire.CLEAR, Fire.ACTIVE, Fire.CLEARING, Fire.UNKNOWN):
            yield (state.value,), float(state == snapshot.fire)


def setpoints(snapshot: Snapshot) -> Iterator[Sample]:
    """The setpoint in force of each zone, by mode."""
    for zone in snapshot.zones:
        if zone.cooling_setpoint is not None:
            yield (zone.id, "cooling"), zone.cooling_setpoint
        if zone.heating_setpoint is not None:
            yield (zone.id, "heating"), zone.heating_setpoint


def compliance(snapshot: Snapshot) -> Iterator[Sample]:
    """Each pair that can be judged now."""
    for zone in snapshot.zones:
        for rule, compliant in zone.compliance.items():
            if compliant is not None:
                yield (zone.id, rule), float(compliant)


def pairs(snapshot: Snapshot) -> tuple[tuple[str, RuleId], ...]:
    """The (zone, rule) pairs that apply: their counters begin at 0, so that a first increase is seen."""
    return snapshot.pairs or tuple((zone.id, rule) for zone in snapshot.zones for rule in zone.compliance)


def counted(snapshot: Snapshot, of: Mapping[tuple[str, RuleId], float]) -> Iterator[Sample]:
    """Each pair that applies, from 0; then what was counted besides in zones that there are: what a person held, and of rules
    that no longer apply."""
    applying = pairs(snapshot)
    yield from zip(applying, map(of.get, applying, repeat(0.0)), strict=True)
    if len(of) > sum(map(of.__contains__, applying)):
        known, there = set(applying), {zone.id for zone in snapshot.zones}
        for pair, value in of.items():
            if pair not in known and pair[0] in there:
                yield pair, float(value)


def violations(snapshot: Snapshot) -> Iterator[Sample]:
    """Time outside, of each pair."""
    return counted(snapshot, snapshot.totals.violation_seconds)


def set_but_off(snapshot: Snapshot) -> Iterator[Sample]:
    """Time outside while the unit was off, of rules that judge a setting."""
    seconds = snapshot.totals.set_but_off_seconds
    judged = (pair for pair in pairs(snapshot) if pair[1] in OF_SETTINGS)
    return ((pair, seconds.get(pair, 0.0)) for pair in judged)


def enforcements(snapshot: Snapshot) -> Iterator[Sample]:
    """Corrections of each pair."""
    return counted(snapshot, snapshot.totals.enforcements)


def blocked(snapshot: Snapshot) -> Iterator[Sample]:
    """Time kept off in hours, of each pair."""
    return counted(snapshot, snapshot.totals.blocked_seconds)


def occupied_seconds(zone: ZoneStatus, snapshot: Snapshot) -> float | None:
    """A zone's occupied time, from 0 where it is sensed."""
    seconds = snapshot.totals.occupied_seconds.get(zone.id)
    return 0.0 if seconds is None and zone.has_occupancy else seconds


def occupied(snapshot: Snapshot) -> Iterator[Sample]:
    """Occupied time of each zone."""
    return zones(lambda zone: occupied_seconds(zone, snapshot))(snapshot)


def discomfort(snapshot: Snapshot) -> Iterator[Sample]:
    """Kelvin seconds of discomfort of each zone, by direction."""
    totals = snapshot.totals.discomfort_kelvin_seconds
    for zone in snapshot.zones:
        measured = zone.has_occupancy and zone.temperature is not None
        for direction in ("hot", "cold"):
            value = totals.get((zone.id, direction))
            if value is not None or measured:
                yield (zone.id, direction), value or 0.0


def overtime(snapshot: Snapshot) -> Iterator[Sample]:
    """Whether each zone is kept open on request."""
    asked = set(snapshot.overtime)
    return (((zone.id,), float(zone.id in asked)) for zone in snapshot.zones)


def dry_zones(snapshot: Snapshot) -> Iterator[Sample]:
    """Whether writes to each zone are only pretended."""
    return (((zone.id,), float(snapshot.dry_run or zone.dry_run)) for zone in snapshot.zones)


def by_hand(snapshot: Snapshot) -> Iterator[Sample]:
    """Where and what a person holds."""
    return ((labels, 1.0) for labels in sorted({(held.zone, held.role) for held in snapshot.by_hand}))


def protected(snapshot: Snapshot) -> Iterator[Sample]:
    """The most urgent slot, where several points of one role are held."""
    urgent: dict[tuple[str, str], int] = {}
    for held in snapshot.protected:
        where = (held.zone, held.role)
        urgent[where] = min(held.priority, urgent.get(where, held.priority))
    return ((where, float(slot)) for where, slot in sorted(urgent.items()))


def overrides(snapshot: Snapshot) -> Iterator[Sample]:
    """Where and what another master holds."""
    held = sorted({(override.zone, override.role) for override in snapshot.overrides})
    return ((labels, 1.0) for labels in held)


def energy(snapshot: Snapshot) -> Iterator[Sample]:
    """Energy meters that never fall, as booked."""
    return (
        ((meter.id, meter.subitem), meter.value)
        for meter in snapshot.meters
        if not meter.water and meter.value is not None and meter.counts
    )


def water(snapshot: Snapshot) -> Iterator[Sample]:
    """Water meters that never fall, as booked."""
    return (((m.id,), m.value) for m in snapshot.meters if m.water and m.value is not None and m.counts)


def due(snapshot: Snapshot) -> Iterator[Sample]:
    """The end of the day until which each meter is verified."""
    zone = ZoneInfo(snapshot.timezone)
    for meter in snapshot.meters:
        if meter.verify_by is not None:
            end = datetime.combine(meter.verify_by + timedelta(days=1), time(), zone)
            yield (meter.id,), end.timestamp()


def healthy(meter: MeterStatus) -> Sample:
    """Whether a meter is whole."""
    return (meter.id,), float(meter.healthy)


def writes(snapshot: Snapshot) -> Iterator[Sample]:
    """Writes by result, from 0."""
    return (((result,), float(snapshot.totals.writes.get(result, 0))) for result in WRITE_RESULTS)
