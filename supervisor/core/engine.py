"""One zone, one instant: rules, arbitration, compliance, and when to ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from config.rules import MinOff, RuleId
from config.site import Zone
from drivers.readings import Instant
from supervisor.core.arbitration import arbitrate, combine_requests
from supervisor.core.decisions import Because, Command, Demand, Notice, Outcome
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, Rule, Verdict
from supervisor.core.rules import ALL, BY_ID
from supervisor.core.rules.common import At, open_since, plant_request
from supervisor.core.rules.fire_alarm import FIRE_ALARM, demands_of
from supervisor.core.rules.min_off import MIN_OFF, resting
from supervisor.core.rules.setpoints import TOLERANCE
from supervisor.core.views import EquipmentView, Facts, ZoneView

LEASE = 900.0
"""s after which a decision is taken again even if nothing changed; a site choice."""


class ZonePlan(NamedTuple):
    """What never changes about a zone: the rules that concern it and the points that may be decided."""

    rules: tuple[Rule, ...]
    points: tuple[str, ...]


def plan_zone(zone: Zone) -> ZonePlan:
    """The rules and points of a zone. An escape-route circuit is never among the points."""
    points = [
        point.id
        for equipment in zone.equipment
        if not equipment.escape_route
        for point in equipment.points.values()
        if point.writable
    ]
    if zone.served_by:
        points.append(plant_request(zone))
    return ZonePlan(tuple(rule for rule in ALL if rule.applies(zone)), tuple(points))


class Evaluation(NamedTuple):
    """The answer for a zone.

    `outcomes` has every decidable point of the zone; `compliance` every rule that applies (None: not
    measurable); `blocked` the rules that keep equipment off in opening hours now.
    """

    outcomes: Mapping[str, Outcome]
    compliance: Mapping[RuleId, bool | None]
    blocked: frozenset[RuleId]
    memory: Memory
    notices: tuple[Notice, ...]
    wake_at: Instant


def evaluate(
    view: ZoneView,
    facts: Facts,
    memory: Memory,
    at: Instant,
    *,
    plan: ZonePlan | None = None,
    lease: float = LEASE,
) -> Evaluation:
    """Decide every point of a zone at an instant. Pure; the same arguments give the same answer."""
    plan = plan if plan is not None else plan_zone(view.zone)
    now = Now(at)
    demands: list[tuple[Rule, Demand]] = []
    verdicts: list[tuple[Rule, Verdict]] = []
    notices: list[Notice] = []
    for rule in plan.rules:
        if _exempt(rule.id, view, now, notices):
            continue
        verdict = rule.evaluate(view, facts, memory, now)
        verdicts.append((rule, verdict))
        demands.extend((rule, demand) for demand in verdict.demands)
        notices.extend(verdict.notices)
    opened = open_since(view, now)
    now.reached(at + lease)
    outcomes = arbitrate(plan.points, demands, facts.priority, now.wake_at)
    observed = dict(_observed(view))
    return Evaluation(
        outcomes,
        {rule.id: _complies(verdict, observed) for rule, verdict in verdicts},
        _blocking(outcomes, observed) if opened is not None else frozenset(),
        _remember(memory, verdicts),
        tuple(notices),
        now.wake_at,
    )


def _exempt(rule: RuleId, view: ZoneView, now: Now, notices: list[Notice]) -> bool:
    """Whether the zone is exempt from a rule now; a lapsed exemption raises an alert and exempts no more."""
    until = view.exempt_until.get(rule)
    if until is None:
        return False
    if not now.reached(until):
        return True
    text = Because("exemption ended at {}", "豁免已于 {} 到期", (At(until),))
    notices.append(Notice(rule, "alert", view.zone.id, text))
    return False


def _remember(memory: Memory, verdicts: list[tuple[Rule, Verdict]]) -> Memory:
    """The memory after the verdicts; the same object where nothing changed."""
    updates = {k: v for _, verdict in verdicts for k, v in verdict.remember.items() if memory.get(k) != v}
    if not updates:
        return memory
    return {k: v for k, v in {**memory, **updates}.items() if v is not None}


def _observed(view: ZoneView) -> Iterator[tuple[str, float | bool | str | None]]:
    """What each decidable point really does: running or not, the setpoint that stands; None if unknown."""
    for equipment in view.equipment:
        if equipment.start_stop is not None:
            yield equipment.start_stop.point.id, equipment.on
        for point in (
            equipment.cooling_setpoint,
            equipment.heating_setpoint,
            equipment.setpoint,
            equipment.mode,
        ):
            if point is not None:
                yield point.point.id, point.present.value if point.present.good else None


def _same(observed: float | bool | str, wanted: Command) -> bool:
    if isinstance(wanted, float) and isinstance(observed, int | float):
        return abs(observed - wanted) <= TOLERANCE
    return observed == wanted


def _complies(verdict: Verdict, observed: Mapping[str, float | bool | str | None]) -> bool | None:
    """Whether the zone is as the rule wants it; None where that cannot be said."""
    if verdict.compliance is not Compliance.BY_DEMANDS:
        return {Compliance.YES: True, Compliance.NO: False}.get(verdict.compliance)
    answers = [
        None if (value := observed[demand.point]) is None else _same(value, demand.value)
        for demand in verdict.demands
        if demand.point in observed
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _blocking(
    outcomes: Mapping[str, Outcome], observed: Mapping[str, float | bool | str | None]
) -> frozenset[RuleId]:
    return frozenset(
        outcome.decision.rule
        for point, outcome in outcomes.items()
        if outcome.decision.value is False
        and observed.get(point) is False
        and outcome.decision.rule is not RuleId.BASE
    )


def evaluate_shared(
    view: EquipmentView,
    requests: Mapping[str, Outcome | None],
    facts: Facts,
    at: Instant,
    *,
    lease: float = LEASE,
) -> Evaluation:
    """Decide an air handler or plant that serves several zones, from the zones' requests."""
    now = Now(at)
    demands = sorted(_shared_demands(view, requests, facts, now), key=lambda pair: ALL.index(pair[0]))
    now.reached(at + lease)
    points = tuple(p.point.id for p in view.writable_points())
    outcomes = arbitrate(points, demands, facts.priority, now.wake_at)
    return Evaluation(outcomes, {}, frozenset(), {}, (), now.wake_at)


def _shared_demands(
    view: EquipmentView, requests: Mapping[str, Outcome | None], facts: Facts, now: Now
) -> Iterator[tuple[Rule, Demand]]:
    if facts.fire.owns_building:
        yield from ((FIRE_ALARM, demand) for demand in demands_of(view))
    start_stop = view.start_stop
    if start_stop is None or not start_stop.point.writable:
        return
    combined = combine_requests(start_stop.point.id, requests, view.equipment.base)
    if combined is not None:
        yield BY_ID[combined[0]], combined[1]
    because = resting(view, MinOff().off_for, now)
    if because is not None:
        yield MIN_OFF, Demand(start_stop.point.id, False, because, (start_stop.as_input(),))
