"""Equipment that several zones have together, at one instant: what they request of it, and what is decided on that."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from config.roles import CIRCUIT_KINDS, HVAC_KINDS, EquipmentKind
from config.rules import OPERATION, PRECEDENCE, MinOff, RuleId
from schedules.time import Instant
from supervisor.core import shared_circuits
from supervisor.core.compliance import NO_RULE, complies, set_but_off
from supervisor.core.decisions import Because, Demand, Outcome
from supervisor.core.engine import LEASE, Asked, Evaluation, arbitrate, let_go, rank, remember
from supervisor.core.now import Now
from supervisor.core.rule import NOTHING_REMEMBERED, Memory
from supervisor.core.rules import BY_ID
from supervisor.core.rules.fire_alarm import FIRE_ALARM, demands_of
from supervisor.core.rules.manual import MANUAL, held
from supervisor.core.rules.min_off import MIN_OFF, resting
from supervisor.core.shared_setpoints import ServedZones, bounds_of_served, judged
from supervisor.core.views import EquipmentView, Facts, Manual, Release

_NOT_RELEASED: Mapping[str, Release] = {}
_NOT_HELD: Mapping[str, Manual] = {}
_MILD = (RuleId.MILD_SEASON_OFF,)
_REQUESTED_KINDS = HVAC_KINDS | {EquipmentKind.FRESH_AIR, EquipmentKind.PLANT}
_REQUESTED = Because("requested by {}", "{} 请求")
_FORCED = {
    RuleId.FREEZE_PROTECT: Because("frost protection of {}", "{} 防冻请求"),
    RuleId.MANUAL: Because("held on by hand in {}", "{} 手动开启"),
    RuleId.BASE: Because("overtime of {}", "{} 加班请求"),
}


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
    demands = sorted(asked, key=rank)
    points = tuple(p.point.id for p in view.writable_points())
    demands = let_go(released, points, demands, now)
    now.reached(at + lease)
    outcomes = arbitrate(points, demands, facts.priority, now.wake_at)
    return Evaluation(
        outcomes,
        {rule.id: complies(verdict, {}) for rule, verdict in verdicts if rule.id not in OPERATION},
        NO_RULE,
        remember(memory, verdicts),
        tuple(notice for _, verdict in verdicts for notice in verdict.notices),
        now.wake_at,
        set_but_off=set_but_off(verdicts),
    )


def _shared_demands(
    view: EquipmentView,
    requests: Mapping[str, Outcome | None],
    facts: Facts,
    rest: float,
    served: ServedZones,
    now: Now,
) -> Iterator[Asked]:
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
    combined = _combined(start_stop.point.id, requests, view.equipment.base, regardless)
    if combined is not None:
        yield BY_ID[combined[0]], combined[1]
    because = resting(view, rest, now)
    if because is not None:
        yield MIN_OFF, Demand(start_stop.point.id, False, because, (start_stop.as_input(),))


def _combined(
    point: str,
    requests: Mapping[str, Outcome | None],
    base: str,
    regardless: Container[RuleId] = (),
) -> tuple[RuleId, Demand] | None:
    """What the zones' requests mean for a shared air handler: off only when none requests it.

    `requests` has an entry a zone; None, or a relinquished request, means that nothing keeps the zone from
    requesting. A zone that only a rule of `regardless` keeps from requesting still requests. Returns None
    where the equipment is the controller's own to run.
    """
    if not requests:
        return None
    refused = {z: o for z, o in requests.items() if o is not None and _refuses(o, regardless)}
    if len(refused) == len(requests):
        rules = [o.decision.rule for o in refused.values()]
        first = shared_circuits.of_most(rules)
        because = Because("no zone requests it: {}", "无区域请求：{}", (", ".join(sorted(requests)),))
        return first, Demand(point, False, because)
    forced = {z: o for z, o in requests.items() if o is not None and o.decision.value is True}
    if forced:
        first = min((o.decision.rule for o in forced.values()), key=PRECEDENCE.__getitem__)
        text = _FORCED.get(first, _REQUESTED)
        return first, Demand(point, True, text._replace(args=(", ".join(sorted(forced)),)))
    if base == "supervisor":
        wanting = ", ".join(sorted(requests.keys() - refused.keys()))
        return RuleId.BASE, Demand(point, True, _REQUESTED._replace(args=(wanting,)))
    return None


def _refuses(outcome: Outcome, regardless: Container[RuleId]) -> bool:
    return outcome.decision.value is False and outcome.decision.rule not in regardless
