"""One zone, one instant: its rules, one winner a point with every loser kept, and when to ask again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from config.roles import Role
from config.rules import OPERATION, PRECEDENCE, RuleId
from config.site import Equipment, Zone
from schedules.time import DAY, Instant
from supervisor.core.compliance import NO_RULE, blocking, complies, observed, set_but_off
from supervisor.core.decisions import RELINQUISH, Because, Decision, Demand, Loser, Notice, Outcome
from supervisor.core.now import ANYWHERE, NO_ABSENCE, NOWHERE, Absence, Between, Now
from supervisor.core.rule import COMPLIANT, NO_OPINION, Compliance, Memory, MemoryValue, Rule, Verdict
from supervisor.core.rules import ALL
from supervisor.core.rules.base import BASE
from supervisor.core.rules.common import At, circuit_request, has_sensor, open_since, plant_request
from supervisor.core.rules.manual import MANUAL
from supervisor.core.verdicts import Verdicts
from supervisor.core.views import Facts, Release, ZoneView

LEASE = 900.0
"""s after which a decision is taken again even if nothing changed; a site choice."""
NO_LEASE = 400 * DAY
"""s: for whoever asks ahead by the clock alone, nothing is to be renewed; longer than anybody looks ahead."""
NEVER_EXEMPT = frozenset({RuleId.FIRE_ALARM, RuleId.ESCAPE_ROUTE})
"""Rules that no exemption lifts."""
MEASURED = (Role.TEMPERATURE, Role.HUMIDITY, Role.CO2)
"""Roles whose figures rules compare through `Now.over` and `Now.under` alone."""
_NOTHING_COMPARED: Mapping[Role, Between] = {}
_ANY_FIGURE_ASKS: Mapping[Role, Between] = dict.fromkeys(MEASURED, NOWHERE)
_ABOVE_RELEASE = frozenset({RuleId.FIRE_ALARM, RuleId.FREEZE_PROTECT, RuleId.MIN_OFF})
_HANDED_BACK = Because("no rule needs this point: handed back", "无规则需要此点：交还")
_YES, _BY_DEMANDS = Compliance.YES, Compliance.BY_DEMANDS
"""What a verdict without a demand says where the zone is as the rule wants it."""
_new = tuple.__new__
"""Makes a decision and its outcome of their fields, in half the time that their own constructors take: of every point of a
zone, each time that it is asked."""
Asked: TypeAlias = tuple[Rule, Demand]


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


def minded_only_where_wanted(zone: Zone, equipment: Equipment) -> bool:
    """Whether the rules look at equipment only where they want something of it: lamps, but for those that warn before they go
    off, those of an escape route, and those beside which daylight is judged."""
    by_daylight = zone.circulation and has_sensor(zone, Role.LUX)
    return equipment.lights and not (equipment.escape_route or equipment.warn == "blink" or by_daylight)


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
    set_but_off: frozenset[RuleId] = NO_RULE
    """Rules outside whose limit a setting is, though its unit is off."""
    absence: Absence = NO_ABSENCE
    """For how long nobody may have been there for all this to stand."""
    wakes_anyway: Instant = math.inf
    """When to ask again whoever comes or goes; `wake_at` may be sooner, should nobody come."""

    def stands(self, role: Role, figure: float) -> bool:
        """Whether the answers are those that a figure of this role would give."""
        return self.between.get(role, ANYWHERE).holds(figure)

    def unwanted(self, point: str) -> bool:
        """Whether no rule wants anything of a point that may be decided."""
        outcome = self.outcomes.get(point)
        return outcome is not None and outcome.decision.reason is _HANDED_BACK


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
    demands: list[Asked] = []
    verdicts: list[tuple[Rule, Verdict]] = []
    notices: list[Notice] = []
    remembers = idles = False
    exempt = view.exempt_until
    if said is not None:
        said.look(view, facts, memory)
    for number, rule in enumerate(plan.rules):
        if exempt and rule.id in exempt and _exempt(rule.id, view, now, notices):
            continue
        if said is None or rule.regards_sensors:
            verdict = rule.evaluate(view, facts, memory, now)
        elif (before := said.of(number, now)) is not None:
            verdict = before
        else:
            alone = Now(at)
            verdict = rule.evaluate(view, facts, memory, alone)
            said.keep(number, verdict, alone)
            now.reached(alone.wake_at)
        verdicts.append((rule, verdict))
        if verdict is NO_OPINION or verdict is COMPLIANT:
            continue  # as most are: there is nothing more to take from it
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
        demands = let_go(view.released, plan.points, demands, now)
    opened = open_since(view, now)
    now.reached(at + lease)
    outcomes = arbitrate(plan.points, demands, facts.priority, now.wake_at)
    stands = observed(view) if demands else {}
    remembered = remember(memory, verdicts) if remembers else memory
    # What is remembered from now on may compare with other limits: the next figure, or person, asks again.
    same = remembered is memory
    return _new(
        Evaluation,
        (
            outcomes,
            _compliance(verdicts, stands),
            blocking(outcomes, stands) if demands and opened is not None else NO_RULE,
            remembered,
            tuple(notices),
            now.wake_at if now.wake_at < now.empty_at else now.empty_at,
            now.between if same else _ANY_FIGURE_ASKS,
            set_but_off(verdicts) if idles else NO_RULE,
            now.absence if same else NO_ABSENCE,
            now.wake_at,
        ),
    )


def _compliance(
    verdicts: list[tuple[Rule, Verdict]], stands: Mapping[str, float | bool | str | None]
) -> dict[RuleId, bool | None]:
    """How the zone stands to each rule that it can stand to. Most want nothing, and say so or have nothing to say: that complies."""
    return {
        rule.id: (
            verdict is NO_OPINION
            or verdict is COMPLIANT
            or (not verdict.demands and (verdict.compliance is _BY_DEMANDS or verdict.compliance is _YES))
            or complies(verdict, stands)
        )
        for rule, verdict in verdicts
        if rule.id not in OPERATION
    }


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
    view: ZoneView, facts: Facts, memory: Memory, now: Now, demands: list[Asked], notices: list[Notice]
) -> list[Asked]:
    """What a person holds, at its place among what the rules want."""
    verdict = MANUAL.evaluate(view, facts, memory, now)
    notices.extend(verdict.notices)
    return sorted([*demands, *((MANUAL, demand) for demand in verdict.demands)], key=rank)


def rank(asked: Asked) -> int:
    """Where a demand stands among others: the upper rule's before the lower's."""
    return PRECEDENCE[asked[0].id]


def let_go(
    released: Mapping[str, Release], points: tuple[str, ...], demands: list[Asked], now: Now
) -> list[Asked]:
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


def remember(memory: Memory, verdicts: list[tuple[Rule, Verdict]]) -> Memory:
    """The memory after the verdicts; the same object where nothing changed."""
    updates: dict[str, MemoryValue] = {}
    for _, verdict in verdicts:
        if verdict.remember:
            updates.update({k: v for k, v in verdict.remember.items() if memory.get(k) != v})
    if not updates:
        return memory
    return {k: v for k, v in {**memory, **updates}.items() if v is not None}


def arbitrate(
    points: Iterable[str],
    demands: Iterable[Asked],
    priority: int,
    expires: Instant,
) -> dict[str, Outcome]:
    """The outcome for each of `points`, from demands in order of precedence.

    Demands for other points are ignored: a rule cannot name what is not on the list. A point that nobody
    demands is relinquished.
    """
    by_point: dict[str, list[Asked]] = {}
    for rule, demand in demands:
        by_point.setdefault(demand.point, []).append((rule, demand))
    outcomes = {}
    base, cite = BASE.id, BASE.cites[0]
    for point in points:
        found = by_point.get(point)
        if found is None:
            handed_back = _new(
                Decision, (point, RELINQUISH, priority, base, cite, _HANDED_BACK, (), expires, False)
            )
            outcomes[point] = _new(Outcome, (handed_back, ()))
        else:
            outcomes[point] = _one_winner(point, found, priority, expires)
    return outcomes


def _one_winner(point: str, found: list[Asked], priority: int, expires: Instant) -> Outcome:
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
    decision = _new(
        Decision,
        (point, won.value, priority, rule.id, cite, won.because, won.inputs, expires, won.warned),
    )
    return _new(Outcome, (decision, losers))


def _first_that_stands(found: list[Asked]) -> int:
    """The highest demand; a rule that only delays the contrary leaves an equal demand its name."""
    rule, top = found[0]
    if rule.yields_to_equal:
        for i, (_, demand) in enumerate(found[1:], 1):
            if demand.value == top.value:
                return i
    return 0
