"""One winner a point, and every loser kept with why it lost."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.decisions import RELINQUISH, Because, Decision, Demand, Loser, Outcome
from supervisor.core.rule import Rule
from supervisor.core.rules.base import BASE

_ORDER = list(RuleId)
_REQUESTED = Because("requested by {}", "{} 请求")
_FORCED = {
    RuleId.FREEZE_PROTECT: Because("frost protection of {}", "{} 防冻请求"),
    RuleId.MANUAL: Because("held on by hand in {}", "{} 手动开启"),
    RuleId.BASE: Because("overtime of {}", "{} 加班请求"),
}
_HANDED_BACK = Because("no rule needs this point: handed back", "无规则需要此点：交还")


def arbitrate(
    points: Iterable[str],
    demands: Iterable[tuple[Rule, Demand]],
    priority: int,
    expires: Instant,
) -> dict[str, Outcome]:
    """The outcome for each of `points`, from demands in order of precedence.

    Demands for other points are ignored: a rule cannot name what is not on the list. A point that nobody
    demands is relinquished.
    """
    by_point: dict[str, list[tuple[Rule, Demand]]] = {}
    for rule, demand in demands:
        by_point.setdefault(demand.point, []).append((rule, demand))
    outcomes = {}
    base, cite = BASE.id, BASE.cites[0]
    for point in points:
        found = by_point.get(point)
        if found is None:
            handed_back = Decision(point, RELINQUISH, priority, base, cite, _HANDED_BACK, (), expires)
            outcomes[point] = Outcome(handed_back, ())
        else:
            outcomes[point] = _one_winner(point, found, priority, expires)
    return outcomes


def _one_winner(point: str, found: list[tuple[Rule, Demand]], priority: int, expires: Instant) -> Outcome:
    losers: tuple[Loser, ...] = ()
    if len(found) == 1:
        rule, won = found[0]
    else:
        index = _first_that_stands(found)
        rule, won = found[index]
        losers = tuple(
            [
                Loser(other.id, demand.value, demand.because, rule.id)
                for i, (other, demand) in enumerate(found)
                if i != index
            ]
        )
    cite = rule.cites[0] if won.citation is None else won.citation
    decision = Decision(
        point, won.value, priority, rule.id, cite, won.because, won.inputs, expires, won.warned
    )
    return Outcome(decision, losers)


def _first_that_stands(found: list[tuple[Rule, Demand]]) -> int:
    """The highest demand; a rule that only delays the contrary leaves an equal demand its name."""
    rule, top = found[0]
    if rule.yields_to_equal:
        for i, (_, demand) in enumerate(found[1:], 1):
            if demand.value == top.value:
                return i
    return 0


def combine_requests(
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
        first = min(rules, key=lambda rule: (-rules.count(rule), _ORDER.index(rule)))
        because = Because("no zone requests it: {}", "无区域请求：{}", (", ".join(sorted(requests)),))
        return first, Demand(point, False, because)
    forced = {z: o for z, o in requests.items() if o is not None and o.decision.value is True}
    if forced:
        first = min((o.decision.rule for o in forced.values()), key=_ORDER.index)
        text = _FORCED.get(first, _REQUESTED)
        return first, Demand(point, True, text._replace(args=(", ".join(sorted(forced)),)))
    if base == "supervisor":
        wanting = ", ".join(sorted(requests.keys() - refused.keys()))
        return RuleId.BASE, Demand(point, True, _REQUESTED._replace(args=(wanting,)))
    return None


def _refuses(outcome: Outcome, regardless: Container[RuleId]) -> bool:
    return outcome.decision.value is False and outcome.decision.rule not in regardless
