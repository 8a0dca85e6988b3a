"""One zone, one instant: rules, arbitration, compliance, and when to ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from config.roles import CIRCUIT_KINDS, HVAC_KINDS, EquipmentKind, Role
from config.rules import OPERATION, MinOff, RuleId
from config.site import Zone
from schedules.time import Instant
from supervisor.core import shared_circuits
from supervisor.core.arbitration import arbitrate, combine_requests
from supervisor.core.decisions import RELINQUISH, Because, Command, Demand, Notice, Outcome
from supervisor.core.now import ANYWHERE, NOWHERE, Between, Now
from supervisor.core.rule import NOTHING_REMEMBERED, Compliance, Memory, MemoryValue, Rule, Verdict
from supervisor.core.rules import ALL, BY_ID
from supervisor.core.rules.base import BASE
from supervisor.core.rules.common import At, circuit_request, open_since, plant_request
from supervisor.core.rules.fire_alarm import FIRE_ALARM, demands_of
from supervisor.core.rules.manual import MANUAL, held
from supervisor.core.rules.min_off import MIN_OFF, resting
from supervisor.core.rules.setpoints import TOLERANCE
from supervisor.core.shared_setpoints import ServedZones, bounds_of_served, judged
from supervisor.core.verdicts import Verdicts
from supervisor.core.views import EquipmentView, Facts, Manual, PointView, Release, ZoneView

LEASE = 900.0
"""s after which a decision is taken again even if nothing changed; a site choice."""
NEVER_EXEMPT = frozenset({RuleId.FIRE_ALARM, RuleId.ESCAPE_ROUTE})
"""Rules that no exemption lifts."""
_NOT_RELEASED: Mapping[str, Release] = {}
_NOT_HELD: Mapping[str, Manual] = {}
_NO_RULE: frozenset[RuleId] = frozenset()
MEASURED = (Role.TEMPERATURE, Role.HUMIDITY, Role.CO2)
"""Roles whose figures rules compare through `Now.over` and `Now.under` alone."""
_NOTHING_COMPARED: Mapping[Role, Between] = {}
_ANY_FIGURE_ASKS: Mapping[Role, Between] = dict.fromkeys(MEASURED, NOWHERE)
_ABOVE_RELEASE = frozenset({RuleId.FIRE_ALARM, RuleId.FREEZE_PROTECT, RuleId.MIN_OFF})
_MILD = (RuleId.MILD_SEASON_OFF,)
_YES, _BY_DEMANDS = Compliance.YES, Compliance.BY_DEMANDS
_REQUESTED_KINDS = HVAC_KINDS | {EquipmentKind.FRESH_AIR, EquipmentKind.PLANT}
_RANK = {rule.id: rank for rank, rule in enumerate(ALL)}
_Asked: TypeAlias = tuple[Rule, Demand]


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
    points += [circuit_request(zone, circuit) for circuit in zone.circuits if not circuit.escape_route]
    return ZonePlan(tuple(rule for rule in ALL if rule.applies(zone)), tuple(points))


class Evaluation(NamedTuple):
    """The answer for a zone.

    `outcomes` has every decidable point of the zone; `compliance` every rule of the plan that applies and
    from which the zone is not exempt (None: not measurable); `blocked` the rules that keep equipment off in
    opening hours now. `between` has, for temperature, humidity and CO2, the figures for which all this
    stands; a role that is not there was compared with nothing.
    """

    outcomes: Mapping[str, Outcome]
    compliance: Mapping[RuleId, bool | None]
    blocked: frozenset[RuleId]
    memory: Memory
    notices: tuple[Notice, ...]
    wake_at: Instant
    between: Mapping[Role, Between] = _NOTHING_COMPARED
    set_but_off: frozenset[RuleId] = _NO_RULE
    """Rules outside whose limit a setting is, though its unit is off."""

    def stands(self, role: Role, figure: float) -> bool:
        """Whether the answers are those that a figure of this role would give."""
        return self.between.get(role, ANYWHERE).holds(figure)


def evaluate(
    view: ZoneView,
    facts: Facts,
    memory: Memory,
    at: Instant,
    *,
    plan: ZonePlan | None = None,
    lease: float = LEASE,
    said: Verdicts | None = None,
) -> Evaluation:
    """Decide every point of a zone at an instant. Pure; the same arguments give the same answer.

    `said` is what rules of this zone and plan have said before; it spares asking, and changes no answer.
    """
    plan = plan if plan is not None else plan_zone(view.zone)
    now = Now(at)
    demands: list[_Asked] = []
    verdicts: list[tuple[Rule, Verdict]] = []
    notices: list[Notice] = []
    remembers = idles = False
    for number, rule in enumerate(plan.rules):
        if rule.id in view.exempt_until and _exempt(rule.id, view, now, notices):
            continue
        if said is None or rule.regards_sensors:
            verdict = rule.evaluate(view, facts, memory, now)
        else:
            verdict = said.ask(number, rule, view, facts, memory, now)
        verdicts.append((rule, verdict))
        if verdict.demands:
            demands.extend([(rule, demand) for demand in verdict.demands])
        if verdict.notices:
            notices.extend(verdict.notices)
        if verdict.remember:
            remembers = True
        if verdict.set_but_off:
            idles = True
    if view.manual:
        demands = _by_hand(view, facts, memory, now, demands, notices)
    if view.released:
        demands = _let_go(view.released, plan.points, demands, now)
    opened = open_since(view, now)
    now.reached(at + lease)
    outcomes = arbitrate(plan.points, demands, facts.priority, now.wake_at)
    observed = _observed(view) if demands else {}
    remembered = _remember(memory, verdicts) if remembers else memory
    return Evaluation(
        outcomes,
        {
            # Most rules want nothing, and say so or have nothing to say: that complies.
            rule.id: (
                not verdict.demands and (verdict.compliance is _BY_DEMANDS or verdict.compliance is _YES)
            )
            or _complies(verdict, observed)
            for rule, verdict in verdicts
            if rule.id not in OPERATION
        },
        _blocking(outcomes, observed) if demands and opened is not None else _NO_RULE,
        remembered,
        tuple(notices),
        now.wake_at,
        # What is remembered from now on may compare with other limits: the next figure asks again.
        now.between if remembered is memory else _ANY_FIGURE_ASKS,
        _set_but_off(verdicts) if idles else _NO_RULE,
    )


def _exempt(rule: RuleId, view: ZoneView, now: Now, notices: list[Notice]) -> bool:
    """Whether the zone is exempt from a rule now; a lapsed exemption raises an alert and exempts no more."""
    if rule in NEVER_EXEMPT:
        return False
    until = view.exempt_until[rule]
    if not now.reached(until):
        return True
    text = Because("exemption ended at {}", "豁免已于 {} 到期", (At(until),))
    notices.append(Notice(rule, "alert", view.zone.id, text))
    return False


def _by_hand(
    view: ZoneView, facts: Facts, memory: Memory, now: Now, demands: list[_Asked], notices: list[Notice]
) -> list[_Asked]:
    """What a person holds, at its place among what the rules want."""
    verdict = MANUAL.evaluate(view, facts, memory, now)
    notices.extend(verdict.notices)
    return sorted([*demands, *((MANUAL, demand) for demand in verdict.demands)], key=_rank)


def _rank(asked: _Asked) -> int:
    return _RANK[asked[0].id]


def _let_go(
    released: Mapping[str, Release], points: tuple[str, ...], demands: list[_Asked], now: Now
) -> list[_Asked]:
    """On an operator's word a point is handed back for a while, beneath what protects life and equipment."""
    words = [
        (
            BASE,
            Demand(
                point, RELINQUISH, Because("released by {} until {}", "{} 释放至 {}", (r.who, At(r.until)))
            ),
        )
        for point in points
        if (r := released.get(point)) is not None and not now.reached(r.until)
    ]
    above = [pair for pair in demands if pair[0].id in _ABOVE_RELEASE]
    beneath = [pair for pair in demands if pair[0].id not in _ABOVE_RELEASE]
    return [*above, *words, *beneath]


def _remember(memory: Memory, verdicts: list[tuple[Rule, Verdict]]) -> Memory:
    """The memory after the verdicts; the same object where nothing changed."""
    updates: dict[str, MemoryValue] = {}
    for _, verdict in verdicts:
        if verdict.remember:
            updates.update({k: v for k, v in verdict.remember.items() if memory.get(k) != v})
    if not updates:
        return memory
    return {k: v for k, v in {**memory, **updates}.items() if v is not None}


def _set_but_off(verdicts: list[tuple[Rule, Verdict]]) -> frozenset[RuleId]:
    return frozenset([rule.id for rule, verdict in verdicts if verdict.set_but_off]) or _NO_RULE


def _observed(view: ZoneView) -> dict[str, float | bool | str | None]:
    """What each point really does: running or not, the setpoint that stands; None if unknown.

    What a slot of protection (1 to 7) holds is recorded, never judged: None as well.
    """
    found: dict[str, float | bool | str | None] = {}
    for equipment in view.equipment:
        start_stop = equipment.start_stop
        if start_stop is not None:
            found[start_stop.point.id] = None if _protected(start_stop) else equipment.on
        for point in equipment.settings:
            if point is not None:
                known = point.present.good and not _protected(point)
                found[point.point.id] = point.present.value if known else None
    return found


def _protected(point: PointView) -> bool:
    return point.override is not None and point.override.protection


def _same(observed: float | bool | str, wanted: Command) -> bool:
    if isinstance(wanted, float) and isinstance(observed, int | float):
        return abs(observed - wanted) <= TOLERANCE
    return observed == wanted


def _complies(verdict: Verdict, observed: Mapping[str, float | bool | str | None]) -> bool | None:
    """Whether the zone is as the rule wants it; None where that cannot be said."""
    compliance = verdict.compliance
    if compliance is Compliance.YES:
        return True
    if compliance is not Compliance.BY_DEMANDS:
        return False if compliance is Compliance.NO else None
    if not verdict.demands:
        return True
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
        and outcome.decision.rule not in OPERATION
    )


def evaluate_shared(
    view: EquipmentView,
    requests: Mapping[str, Outcome | None],
    facts: Facts,
    at: Instant,
    *,
    lease: float = LEASE,
    rest: float = MinOff().off_for,
    released: Mapping[str, Release] = _NOT_RELEASED,
    served: ServedZones = (),
    memory: Memory = NOTHING_REMEMBERED,
    manual: Mapping[str, Manual] = _NOT_HELD,
) -> Evaluation:
    """Decide an air handler, a plant or a circuit that serves several zones, from the zones' requests.

    `rest` is the site's `min-off`, s; `released` what an operator asked to let go of; `manual` what a person holds;
    `served` the zones by whose limits its setpoints are judged. `compliance` has those rules alone.
    """
    now = Now(at)
    verdicts = list(judged(view, served, facts, memory, now))
    asked = [*_shared_demands(view, requests, facts, rest, served, now)]
    if manual:
        verdicts.append((MANUAL, held(view, manual, bounds_of_served(served, now), facts, now)))
    asked += [(rule, demand) for rule, verdict in verdicts for demand in verdict.demands]
    demands = sorted(asked, key=_rank)
    points = tuple(p.point.id for p in view.writable_points())
    demands = _let_go(released, points, demands, now)
    now.reached(at + lease)
    outcomes = arbitrate(points, demands, facts.priority, now.wake_at)
    return Evaluation(
        outcomes,
        {rule.id: _complies(verdict, {}) for rule, verdict in verdicts if rule.id not in OPERATION},
        _NO_RULE,
        _remember(memory, verdicts),
        tuple(notice for _, verdict in verdicts for notice in verdict.notices),
        now.wake_at,
        set_but_off=_set_but_off(verdicts),
    )


def _shared_demands(
    view: EquipmentView,
    requests: Mapping[str, Outcome | None],
    facts: Facts,
    rest: float,
    served: ServedZones,
    now: Now,
) -> Iterator[_Asked]:
    if facts.fire.owns_building:
        yield from ((FIRE_ALARM, demand) for demand in demands_of(view))
    if view.equipment.kind in CIRCUIT_KINDS:
        names = {each.zone.id: each.zone.name for each in served}
        wish = shared_circuits.combined(view, requests, names)
        if wish is not None:
            yield BY_ID[wish[0]], wish[1]
        return
    start_stop = view.start_stop
    if start_stop is None or view.equipment.kind not in _REQUESTED_KINDS:
        return
    # Fresh air is no cooling and no heating: the mild seasons leave it alone.
    regardless = _MILD if view.equipment.kind is EquipmentKind.FRESH_AIR else ()
    combined = combine_requests(start_stop.point.id, requests, view.equipment.base, regardless)
    if combined is not None:
        yield BY_ID[combined[0]], combined[1]
    because = resting(view, rest, now)
    if because is not None:
        yield MIN_OFF, Demand(start_stop.point.id, False, because, (start_stop.as_input(),))
