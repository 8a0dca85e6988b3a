"""One winner a point, every loser kept; and what zones' requests mean for what they share."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from config.roles import EquipmentKind, Role
from config.rules import RuleId
from drivers.readings import Quality, Reading
from supervisor.core.decisions import KEEP, RELINQUISH, Because, Command, Demand, Outcome
from supervisor.core.engine import arbitrate
from supervisor.core.now import NO_ABSENCE
from supervisor.core.rule import Rule
from supervisor.core.rules import BY_ID
from supervisor.core.shared import evaluate_shared
from supervisor.core.views import EquipmentView, Facts, Fire, PointView, Release
from tests.unit.core import parts

WHY = Because("because", "因为")


def asked(rule: RuleId, value: Command, point: str = "p") -> tuple[Rule, Demand]:
    """A rule's demand."""
    return BY_ID[rule], Demand(point, value, WHY)


def test_the_upper_rule_wins_and_the_lower_is_kept_with_why_it_lost() -> None:
    """Window before base."""
    outcome = arbitrate(["p"], [asked(RuleId.WINDOW_OFF, False), asked(RuleId.BASE, True)], 10, 60.0)["p"]
    assert outcome.decision[:4] == ("p", False, 10, RuleId.WINDOW_OFF)
    assert outcome.decision.expires == 60.0
    assert outcome.decision.citation is BY_ID[RuleId.WINDOW_OFF].cites[0]
    assert outcome.losers == ((RuleId.BASE, True, WHY, RuleId.WINDOW_OFF),)


def test_a_point_that_nobody_wants_is_handed_back() -> None:
    """With a citation and a reason of its own."""
    outcome = arbitrate(["p"], [], 12, 60.0)["p"]
    assert outcome.decision[:4] == ("p", RELINQUISH, 12, RuleId.BASE)
    assert outcome.decision.inputs == ()
    assert outcome.decision.citation.clause
    assert not outcome.losers


def test_a_point_that_is_not_on_the_list_cannot_be_named() -> None:
    """Whatever a rule says."""
    assert set(arbitrate(["p"], [asked(RuleId.BASE, True, "escape")], 10, 60.0)) == {"p"}


def test_a_rest_leaves_an_equal_off_its_name_and_wins_against_an_on() -> None:
    """`min-off` only ever delays the contrary."""
    rest, off, on = asked(RuleId.MIN_OFF, False), asked(RuleId.VACANCY_OFF, False), asked(RuleId.BASE, True)
    outcome = arbitrate(["p"], [rest, off, on], 10, 60.0)["p"]
    assert outcome.decision.rule == RuleId.VACANCY_OFF
    assert {x.rule for x in outcome.losers} == {RuleId.MIN_OFF, RuleId.BASE}
    assert arbitrate(["p"], [rest, on], 10, 60.0)["p"].decision.rule == RuleId.MIN_OFF


# ---------------------------------------------------------------------- what several zones share

AT = 1_784_088_000.0


def handler(
    kind: EquipmentKind = EquipmentKind.AHU,
    base: str = "controller",
    ours: bool | None = None,
    present: bool = True,
    since: float = AT - 9000.0,
) -> EquipmentView:
    """An air handler, plant or fresh-air unit that two zones share."""
    item = replace(parts.equipment("ahu", kind, base=base), zones=("a", "b"), shared=True, id="ahu")
    reading = Reading(present, Quality.GOOD, AT, since)
    return EquipmentView(item, PointView(item.points[Role.START_STOP], reading, reading, ours))


def request(rule: RuleId, value: Command) -> Outcome:
    """What a zone's request came to."""
    return arbitrate(["z/plant_request"], [asked(rule, value, "z/plant_request")], 10, AT)["z/plant_request"]


CLOSED = request(RuleId.PRE_CLOSE_OFF, False)
MILD = request(RuleId.MILD_SEASON_OFF, False)
FROST = request(RuleId.FREEZE_PROTECT, True)
OVERTIME = request(RuleId.BASE, True)
OPEN = request(RuleId.BASE, RELINQUISH)


def decided(view: EquipmentView, a: Outcome | None, b: Outcome | None, fire: Fire = Fire.CLEAR) -> Outcome:
    """What becomes of the shared start-stop."""
    answer = evaluate_shared(view, {"a": a, "b": b}, Facts(fire=fire), AT)
    assert answer.wake_at > AT
    (outcome,) = answer.outcomes.values()
    return outcome


@pytest.mark.parametrize(
    ("base", "a", "b", "value", "rule"),
    [
        ("controller", CLOSED, CLOSED, False, RuleId.PRE_CLOSE_OFF),
        ("controller", CLOSED, MILD, False, RuleId.PRE_CLOSE_OFF),
        ("controller", MILD, MILD, False, RuleId.MILD_SEASON_OFF),
        ("controller", CLOSED, OPEN, RELINQUISH, RuleId.BASE),
        ("controller", CLOSED, None, RELINQUISH, RuleId.BASE),
        ("controller", CLOSED, FROST, True, RuleId.FREEZE_PROTECT),
        ("controller", OVERTIME, FROST, True, RuleId.FREEZE_PROTECT),
        ("controller", CLOSED, OVERTIME, True, RuleId.BASE),
        ("supervisor", CLOSED, CLOSED, False, RuleId.PRE_CLOSE_OFF),
        ("supervisor", CLOSED, OPEN, True, RuleId.BASE),
    ],
)
def test_an_air_handler_goes_off_only_when_none_of_its_zones_requests_it(
    base: str, a: Outcome | None, b: Outcome | None, value: Command, rule: RuleId
) -> None:
    """Frost and overtime force it on; else its own schedule has it, unless it is ours."""
    decision = decided(handler(base=base), a, b).decision
    assert (decision.value, decision.rule) == (value, rule)
    assert str(decision.reason)
    assert decision.reason.in_chinese()


def test_the_rule_of_most_zones_names_the_off() -> None:
    """Two that are closed outvote one with an open window; a tie goes to the upper rule."""
    window = request(RuleId.WINDOW_OFF, False)
    view = handler()
    answer = evaluate_shared(view, {"a": window, "b": CLOSED, "c": CLOSED}, Facts(), AT)
    assert next(iter(answer.outcomes.values())).decision.rule == RuleId.PRE_CLOSE_OFF
    assert decided(view, CLOSED, window).decision.rule == RuleId.WINDOW_OFF


def test_a_shared_answer_has_a_lease_a_priority_and_nothing_else() -> None:
    """No zone, so no compliance, no memory, no notices, and nobody who comes or goes."""
    answer = evaluate_shared(handler(), {"a": OPEN}, Facts(priority=12), AT, lease=60.0)
    (outcome,) = answer.outcomes.values()
    assert (outcome.decision.priority, outcome.decision.expires) == (12, AT + 60.0)
    assert answer[1:] == ({}, frozenset(), {}, (), AT + 60.0, {}, frozenset(), NO_ABSENCE, math.inf)


def test_the_reason_names_the_zones() -> None:
    """Who asked, or that nobody did."""
    assert "a, b" in str(decided(handler(), CLOSED, CLOSED).decision.reason)
    assert str(decided(handler(), CLOSED, FROST).decision.reason) == "frost protection of b"
    assert str(decided(handler(), OVERTIME, CLOSED).decision.reason) == "overtime of a"
    assert str(decided(handler(base="supervisor"), CLOSED, OPEN).decision.reason) == "requested by b"
    asked_for = decided(handler(base="supervisor"), None, OPEN).decision.reason
    assert (str(asked_for), asked_for.in_chinese()) == ("requested by a, b", "a, b 请求")
    forced = decided(handler(), FROST, FROST).decision.reason
    assert (str(forced), forced.in_chinese()) == ("frost protection of a, b", "a, b 防冻请求")
    late = decided(handler(), OVERTIME, OVERTIME).decision.reason
    assert (str(late), late.in_chinese()) == ("overtime of a, b", "a, b 加班请求")
    nobody = decided(handler(), CLOSED, CLOSED).decision.reason
    assert (str(nobody), nobody.in_chinese()) == ("no zone requests it: a, b", "无区域请求：a, b")


def test_fresh_air_runs_through_the_mild_seasons() -> None:
    """No cooling, no heating: only the other reasons stop it."""
    assert decided(handler(EquipmentKind.FRESH_AIR), MILD, CLOSED).decision.value is RELINQUISH
    assert decided(handler(EquipmentKind.FRESH_AIR, "supervisor"), MILD, MILD).decision.value is True
    assert decided(handler(EquipmentKind.FRESH_AIR), CLOSED, CLOSED).decision.value is False


def test_a_shared_lighting_circuit_goes_off_when_no_room_needs_it() -> None:
    """One room that says nothing of it keeps it."""
    assert decided(handler(EquipmentKind.LIGHTS), CLOSED, CLOSED).decision.value is False
    assert decided(handler(EquipmentKind.LIGHTS), CLOSED, OPEN).decision.value is RELINQUISH


def test_the_fire_alarm_hands_back_a_shared_air_handler_of_ours() -> None:
    """And the losing request is kept."""
    outcome = decided(handler(base="supervisor", ours=True), OPEN, OPEN, fire=Fire.ACTIVE)
    assert (outcome.decision.value, outcome.decision.rule) == (RELINQUISH, RuleId.FIRE_ALARM)
    assert outcome.losers[0].rule == RuleId.BASE
    assert decided(handler(ours=False), OPEN, OPEN, fire=Fire.CLEARING).decision.value is KEEP


def test_a_shared_compressor_rests_by_the_sites_own_minutes() -> None:
    """Stopped by us four minutes ago; ten by default, three where the site says so."""
    view = handler(EquipmentKind.PLANT, "supervisor", False, False, AT - 240.0)
    view = view._replace(equipment=replace(view.equipment, compressor=True))
    rest = decided(view, OPEN, OPEN).decision
    assert rest.rule == RuleId.MIN_OFF
    assert str(rest.reason).startswith("compressor stopped at ")
    assert [i.point for i in rest.inputs] == ["office-201/ahu/start_stop"]
    assert decided(view, CLOSED, CLOSED).decision.rule == RuleId.PRE_CLOSE_OFF
    answer = evaluate_shared(view, {"a": OPEN}, Facts(), AT)
    assert answer.wake_at == AT + 360.0
    answer = evaluate_shared(view, {"a": OPEN}, Facts(), AT, rest=180.0)
    assert next(iter(answer.outcomes.values())).decision.rule == RuleId.BASE


def test_a_shared_unit_is_released_on_an_operators_word_and_not_from_the_fire() -> None:
    """For ten minutes; what the zones wanted is kept as the loser."""
    view = handler(base="supervisor", ours=True)
    point = "office-201/ahu/start_stop"
    word = {point: Release(AT + 600.0, "Wang")}
    answer = evaluate_shared(view, {"a": OPEN}, Facts(), AT, released=word)
    outcome = answer.outcomes[point]
    assert (outcome.decision.value, answer.wake_at) == (RELINQUISH, AT + 600.0)
    assert outcome.losers[0].value is True
    later = evaluate_shared(view, {"a": OPEN}, Facts(), AT + 600.0, released=word)
    assert later.outcomes[point].decision.value is True
    burning = evaluate_shared(view, {"a": OPEN}, Facts(fire=Fire.ACTIVE), AT, released=word)
    assert burning.outcomes[point].decision.rule == RuleId.FIRE_ALARM


def test_an_air_handler_that_serves_nobody_is_left_alone() -> None:
    """No zone, no opinion."""
    (outcome,) = evaluate_shared(handler(base="supervisor"), {}, Facts(), AT).outcomes.values()
    assert outcome.decision.value is RELINQUISH


def test_an_air_handler_that_may_only_be_read_has_no_decision() -> None:
    """Not writable, not on the list."""
    item = parts.equipment("ahu", EquipmentKind.AHU, writable=False)
    view = EquipmentView(item, PointView(item.points[Role.START_STOP]))
    assert not evaluate_shared(view, {"a": CLOSED}, Facts(), AT).outcomes
