"""The frozen snapshot that metrics, page, console and API show, made from what the daemon knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import is_
from types import MappingProxyType
from typing import NamedTuple

from config.phrase import Phrase
from config.points import Point
from config.roles import EquipmentKind, Role
from config.rules import RuleId
from config.site import Site, Zone
from drivers.refused import in_both
from schedules.from_site import exemption_ends
from schedules.time import DAY, Instant
from schedules.types import DayType
from supervisor.core.asking import holdable
from supervisor.core.decider import Decider, rules_of
from supervisor.core.decisions import KEEP, RELINQUISH, Decision
from supervisor.core.engine import Evaluation
from supervisor.core.forecast import forecast
from supervisor.core.rules import BY_ID
from supervisor.core.rules.common import hvac, lights, plant_request
from supervisor.core.views import EquipmentView, PointView, ZoneView
from supervisor.core.wording import command
from supervisor.field.watch import DeviceHealth
from supervisor.telling.snapshot import (
    Change,
    DeviceStatus,
    Override,
    Silence,
    Trouble,
    Why,
    ZoneStatus,
)

_LIGHTS, _HVAC = Phrase("lights", "照明"), Phrase("HVAC", "空调")
_NOBODY: Mapping[str, Phrase] = MappingProxyType({})
_ALL_ANSWER: Mapping[str, Instant | None] = MappingProxyType({})
_NEVER: Mapping[RuleId, Instant] = MappingProxyType({})
_WEEK = 7 * DAY
_DECIDING = (Role.START_STOP,)


class _Cached(NamedTuple):
    evaluation: Evaluation
    change: Change | None


class _Seen(NamedTuple):
    """What a zone's status turns on beside the answers of the rules."""

    moves: tuple[int, ...]
    """How often its readings and slots, and those of what it shares, have changed."""
    open: bool
    exempt: Mapping[RuleId, str]
    barred: tuple[Phrase | None, ...]
    silent: tuple[Silence, ...]
    unwritten: tuple[Trouble, ...]
    change: Change | None
    judged: bool
    """No fire alarm owns the building."""


class _Kept(NamedTuple):
    seen: _Seen
    answers: Sequence[Evaluation | None]
    """Of its own rules, and of those of what it shares: the same objects, until they are asked anew."""
    status: ZoneStatus


class _Standing(NamedTuple):
    """Of a controller: how many of its points are not known, and what holds them above our slot."""

    moves: int
    stale: int
    held: tuple[Override, ...]


class Looking:
    """Makes zone statuses: a status, the very same object, is kept until something in it changes, a forecast until the zone is
    decided anew."""

    def __init__(
        self,
        site: Site,
        decider: Decider,
        unwritten: Callable[[Point], Phrase | None] = lambda point: None,
    ) -> None:
        self._site = site
        self._unwritten = unwritten
        """Why what is wanted of a point does not stand."""
        shared = {e.id: e for e in site.shared.values()}
        self._of_zone = {
            zone.id: (
                *(point for points in zone.sensors.values() for point in points),
                *(
                    p
                    for e in (*zone.equipment, *(shared[id_] for id_ in zone.shares))
                    for p in e.points.values()
                ),
            )
            for zone in site.zones.values()
        }
        self._commanded = {id_: tuple(p for p in ps if p.writable) for id_, ps in self._of_zone.items()}
        self._decider = decider
        self._known = decider.known
        self._changes: dict[str, _Cached] = {}
        self._kept: dict[bool, dict[str, _Kept]] = {False: {}, True: {}}
        """By whether they tell what comes next, and by zone."""
        self._standing: dict[str, _Standing] = {}
        self._devices = {id_: tuple(dict.fromkeys(p.device for p in ps)) for id_, ps in self._of_zone.items()}
        """The controllers that each zone hangs on."""
        self._hangs_on = {id_: (id_, *zone.shares) for id_, zone in site.zones.items()}
        """Itself, and what it shares."""
        self._ends = {id_: ends for id_, z in site.zones.items() if (ends := exemption_ends(z, site.tz))}
        self.pairs = rules_of(site)
        """The (zone, rule) pairs that apply."""
        self._lights = {e.id for e in site.all_equipment if e.lights}
        self._points: dict[str, list[Point]] = {device: [] for device in site.devices}
        for point in site.points.values():
            self._points[point.device].append(point)
        self._writable: dict[str, list[str]] = {}
        """Points that a person may hold, by controller."""
        for id_ in holdable(site):
            self._writable.setdefault(site.points[id_].device, []).append(id_)

    def view(self, zone: Zone, now: Instant) -> ZoneView:
        """The zone as the rules see it now."""
        return self._decider.view(zone.id, now)

    def zone(
        self,
        zone: Zone,
        now: Instant,
        *,
        changes: bool = True,
        barred: Mapping[str, Phrase] = _NOBODY,
        silent: Mapping[str, Instant | None] = _ALL_ANSWER,
    ) -> ZoneStatus:
        """One zone now; with what changes next by the clock alone, unless told otherwise. `barred` are controllers to which
        nothing is written, and why; `silent` those that do not answer, and since when: nothing that hangs on them is said
        to comply."""
        moves, hangs_on, ends = self._known.moves, self._hangs_on[zone.id], self._ends.get(zone.id, _NEVER)
        seen = _Seen(
            tuple([moves[id_] for id_ in hangs_on]),
            self._decider.spans(zone.id, now).is_open(now),
            self._exempt(zone, ends, now) if ends else {},
            tuple([barred.get(device) for device in self._devices[zone.id]]) if barred else (),
            self._unheard(zone, silent) if silent else (),
            self._hindered(zone),
            self._next(zone, self._decider.evaluations.get(zone.id), now) if changes else None,
            not self._decider.facts.fire.owns_building,
        )
        answers = [self._decider.evaluations.get(id_) for id_ in hangs_on]
        kept = self._kept[changes].get(zone.id)
        if kept is not None and kept.seen == seen and all(map(is_, answers, kept.answers)):
            return kept.status
        status = self._made(zone, now, seen, barred)
        # why a reading is not believed may change with no new reading: only what is all good is kept
        readings, points = self._known.readings, self._of_zone[zone.id]
        if all((r := readings.get(p.id)) is not None and r.good for p in points):
            self._kept[changes][zone.id] = _Kept(seen, answers, status)
        return status

    def _made(self, zone: Zone, now: Instant, seen: _Seen, barred: Mapping[str, Phrase]) -> ZoneStatus:
        view = self.view(zone, now)
        terminals, lamps = tuple(hvac(view)), tuple(lights(view))
        sockets = [e for e in view.units if e.equipment.kind is EquipmentKind.PLUGS]
        evaluation = self._decider.evaluations.get(zone.id)
        compliance = dict(evaluation.compliance) if evaluation is not None else {}
        if seen.silent:
            compliance = {rule: None if kept else kept for rule, kept in compliance.items()}
        if not seen.judged:
            compliance = dict.fromkeys(compliance)
        return ZoneStatus(
            id=zone.id,
            name=zone.name or zone.id,
            kind=str(zone.kind),
            floor=zone.floor,
            open=seen.open,
            temperature=_number(view.temperature),
            humidity=_number(view.humidity),
            co2=_number(view.co2),
            cooling_setpoint=_setpoint(terminals, "cooling_setpoint"),
            heating_setpoint=_setpoint(terminals, "heating_setpoint"),
            occupied=_flag(view.occupancy),
            window_open=_any([_flag(w) for w in view.windows]),
            hvac_on=_any([e.on for e in terminals]),
            lights_on=_any([e.on for e in view.units if e.equipment.lights]),
            plugs_on=_any([e.on for e in sockets]),
            has_temperature=view.temperature is not None,
            has_window=bool(view.windows),
            has_occupancy=view.occupancy is not None,
            has_hvac=bool(zone.served_by) or any(e.hvac for e in zone.equipment),
            has_lights=any(e.lights for e in zone.units),
            has_plugs=bool(sockets),
            has_humidity=view.humidity is not None,
            has_co2=view.co2 is not None,
            has_cooling_setpoint=any(_has_setpoint(e, "cooling_setpoint") for e in terminals),
            has_heating_setpoint=any(_has_setpoint(e, "heating_setpoint") for e in terminals),
            escape_route=any(e.escape_route for e in zone.units),
            dry_run=self._site.dry_run or zone.dry_run,
            compliance=compliance,
            judged=seen.judged,
            exempt=seen.exempt,
            why_hvac=self._why(evaluation, [e.start_stop for e in terminals], zone, barred),
            why_lights=self._why(evaluation, [e.start_stop for e in lamps], None, barred),
            why_setpoint=self._why(evaluation, [p for e in terminals for p in _setpoints(e)], None, barred),
            next_change=seen.change,
            unwritten=seen.unwritten,
            doubtful=self._doubtful(self._of_zone[zone.id]),
            silent=seen.silent,
        )

    def _unheard(self, zone: Zone, silent: Mapping[str, Instant | None]) -> tuple[Silence, ...]:
        """Those of the silent controllers that a zone hangs on."""
        ids = [device for device in self._devices[zone.id] if device in silent]
        return tuple(Silence(self._site.devices[id_].name or id_, silent[id_]) for id_ in ids)

    def _hindered(self, zone: Zone) -> tuple[Trouble, ...]:
        """Points of a zone and of what serves it of which something is decided that does not stand."""
        unwritten = self._unwritten
        return tuple(
            [Trouble(p.id, why) for p in self._commanded[zone.id] if (why := unwritten(p)) is not None]
        )

    def _doubtful(self, points: Iterable[Point]) -> tuple[Trouble, ...]:
        known, readings = self._known, self._known.readings
        # nearly every reading is good, and a thousand zones have eleven thousand
        doubted = [p.id for p in points if (r := readings.get(p.id)) is None or not r.good]
        if not doubted:
            return ()
        found = ((id_, known.doubt(id_)) for id_ in doubted if known.faulty(id_))
        return tuple(Trouble(point, why) for point, why in found if why is not None)

    @staticmethod
    def _exempt(zone: Zone, ends: Mapping[RuleId, Instant], now: Instant) -> dict[RuleId, str]:
        return {
            rule: exemption.reason
            for rule, until in ends.items()
            if now < until and (exemption := zone.exemption(rule)) is not None
        }

    def _why(
        self,
        evaluation: Evaluation | None,
        points: Iterable[PointView | None],
        zone: Zone | None,
        barred: Mapping[str, Phrase],
    ) -> Why | None:
        """The decision that restricts most among several points: a value before a hand-back."""
        if evaluation is None:
            return None
        ids = [p.point.id for p in points if p is not None]
        if zone is not None and zone.served_by:
            ids.append(plant_request(zone))
        own = {id_: outcome.decision for id_ in ids if (outcome := evaluation.outcomes.get(id_)) is not None}
        found = (own.get(id_) or self._decider.decision(id_) for id_ in ids)
        decisions = [decision for decision in found if decision is not None]
        if not decisions:
            return None
        chosen = min(
            decisions, key=lambda d: (d.value is RELINQUISH or d.value is KEEP, d.value is not False)
        )
        of = [p.device for id_ in ids if barred and (p := self._site.points.get(id_)) is not None]
        withheld = next((barred[device] for device in of if device in barred), None)
        on = chosen.value if isinstance(chosen.value, bool) else None
        return Why(chosen.rule, chosen.reason, on, withheld)

    def _next(self, zone: Zone, evaluation: Evaluation | None, now: Instant) -> Change | None:
        if evaluation is None:
            return None
        cached = self._changes.get(zone.id)
        if cached is not None and cached.evaluation is evaluation and not _past(cached.change, now):
            return cached.change
        change = self._forecast(zone, now)
        self._changes[zone.id] = _Cached(evaluation, change)
        return change

    def _forecast(self, zone: Zone, now: Instant) -> Change | None:
        """The first change of the zone by the clock alone."""
        changes = forecast(
            lambda at: self._decider.view(zone.id, at),
            lambda _at: self._decider.facts,
            self._decider.memory.get(zone.id, {}),
            now,
            now + _WEEK,
        )
        for at, point, outcome in changes:
            if at > now and (found := self._site.points.get(point)) is not None and found.role in _DECIDING:
                return self._change(at, point, outcome.decision)
        return None

    def _change(self, at: Instant, point: str, decision: Decision) -> Change:
        light = self._site.points[point].equipment in self._lights
        what = _LIGHTS if light else _HVAC
        title = BY_ID[decision.rule].title.zh
        back = decision.value is RELINQUISH
        return Change(
            at,
            Phrase(
                f"{what.en} {'handed back' if back else command(decision.value)} ({decision.rule})",
                f"{what.zh}{'交还' if back else command(decision.value, zh=True)}（{title}）",
            ),
        )

    def device(
        self,
        id_: str,
        health: DeviceHealth,
        quarantine: Phrase | None = None,
        elsewhere: Phrase | None = None,
    ) -> DeviceStatus:
        """One controller, and how many of its points are not known."""
        points, standing = self._points[id_], self._stands(id_)
        name = self._site.devices[id_].name
        up, problem = health.up and quarantine is None, quarantine or elsewhere
        if problem is None and health.problem:
            problem = in_both(health.problem)
        return DeviceStatus(
            id_,
            name,
            up,
            health.last_answer,
            len(points),
            standing.stale,
            problem,
            quarantine,
            elsewhere,
            doubtful=self._doubtful(points) if standing.stale else (),
            writable=tuple(self._writable.get(id_, ())),
            answers=health.answers and not health.up,
        )

    def held_above(self, device: str) -> Iterable[Override]:
        """Every slot above ours that holds one of a controller's points, protection's (1 to 7) as well, and every unit
        switched to hand."""
        return self._stands(device).held

    def _stands(self, device: str) -> _Standing:
        moves = self._known.moves_of[device]
        kept = self._standing.get(device)
        if kept is None or kept.moves != moves:
            reading = self._known.reading
            stale = sum([not reading(point.id).good for point in self._points[device]])
            kept = self._standing[device] = _Standing(moves, stale, tuple(self._held_above(device)))
        return kept

    def _held_above(self, device: str) -> Iterable[Override]:
        known, priority = self._known, self._site.priority
        for point in self._points[device]:
            id_ = point.id
            if point.role is Role.HAND_AUTO:
                reading = known.reading(id_)
                if reading.good and reading.value:
                    yield Override(point.place, str(point.role), id_, 0, True)
            elif point.writable and (array := known.arrays.get(id_)) and array.above(priority) is not None:
                held = known.point(point).override
                if held is not None:
                    yield Override(point.place, str(point.role), id_, held.priority, held.value)

    def lapsed(self, now: Instant) -> Iterable[tuple[str, RuleId]]:
        """Zones whose exemption from a rule has ended."""
        return [(zone, rule) for zone, rule, end in self._exemptions if end <= now]

    @cached_property
    def _exemptions(self) -> tuple[tuple[str, RuleId, Instant], ...]:
        """Zone, rule and end of each."""
        return tuple((zone, rule, end) for zone, ends in self._ends.items() for rule, end in ends.items())

    def day_type(self, now: Instant) -> tuple[DayType, bool]:
        """Today's type by the state's calendar, and whether its year has been announced."""
        table = next(iter(self._decider.timetables.values()))
        day = table.spans(now).day(now)
        return day.day.type, day.ordinary.announced


def _past(change: Change | None, now: Instant) -> bool:
    return change is not None and change.at <= now


def _number(sensor: object) -> float | None:
    reading = getattr(sensor, "reading", None)
    return (
        float(reading.value) if reading is not None and reading.good and reading.value is not None else None
    )


def _flag(sensor: object) -> bool | None:
    reading = getattr(sensor, "reading", None)
    return bool(reading.value) if reading is not None and reading.good else None


def _any(values: list[bool | None]) -> bool | None:
    """True if any is; None if none is but some are not known, or there are none."""
    if True in values:
        return True
    return None if not values or None in values else False


def _setpoints(equipment: EquipmentView) -> tuple[PointView, ...]:
    points = (equipment.cooling_setpoint, equipment.heating_setpoint, equipment.setpoint)
    return tuple(p for p in points if p is not None)


def _has_setpoint(equipment: EquipmentView, role: str) -> bool:
    return (getattr(equipment, role) or equipment.setpoint) is not None


def _setpoint(terminals: Iterable[EquipmentView], role: str) -> float | None:
    """The setpoint in force; the one furthest from economy where terminals differ."""
    values = []
    for equipment in terminals:
        point: PointView | None = getattr(equipment, role) or equipment.setpoint
        if point is not None and point.present.good and point.present.value is not None:
            values.append(float(point.present.value))
    if not values:
        return None
    return min(values) if role == "cooling_setpoint" else max(values)
