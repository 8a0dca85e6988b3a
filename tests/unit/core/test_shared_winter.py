"""What several rooms share, in winter and after a stop: whose limit counts, and what goes before what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.roles import EquipmentKind, Role
from config.rules import RuleId, RuleSettings, WinterSetpoint
from config.site import Zone
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from supervisor.core.decisions import Outcome
from supervisor.core.shared import evaluate_shared
from supervisor.core.shared_setpoints import Served
from supervisor.core.views import EquipmentView, Facts, PointView
from tests.unit.core import parts
from tests.unit.core.test_arbitration import AT, OPEN, OVERTIME, handler

WINTER = RuleId.WINTER_SETPOINT


def _room(name: str, maximum: float) -> Zone:
    rules = RuleSettings(winter_setpoint=WinterSetpoint(maximum=maximum))
    return replace(parts.zone(rules=rules, served_by=("ahu",)), id=name)


def heated(*served: Served, knob: float = 23.0) -> Outcome:
    """What is decided of the heating setpoint of an air handler of these rooms, in winter."""
    roles = (Role.START_STOP, Role.HEATING_SETPOINT)
    item = replace(
        parts.equipment("ahu", EquipmentKind.AHU, roles), id="ahu", zones=("a", "b", "c"), shared=True
    )
    running, stands = (Reading(value, Quality.GOOD, AT, AT - 9000) for value in (True, knob))
    start_stop, heating = (item.points[role] for role in roles)
    view = EquipmentView(
        item, PointView(start_stop, running, running), None, PointView(heating, stands, stands)
    )
    answer = evaluate_shared(view, {}, Facts(season=Season.WINTER), AT, served=served)
    return answer.outcomes[heating.id]


@pytest.mark.parametrize("order", [(20.0, 18.0, 19.0), (18.0, 20.0, 19.0), (19.0, 20.0, 18.0)])
def test_in_winter_the_room_that_may_have_least_sets_the_limit(order: tuple[float, ...]) -> None:
    """One air stream cannot keep 18 here and 20 there: 18 it is, whichever room the file names first."""
    decision = heated(
        *(Served(_room(name, limit)) for name, limit in zip("abc", order, strict=True))
    ).decision
    assert (decision.value, decision.rule) == (18.0, WINTER)


def test_the_room_that_may_have_least_does_not_count_while_it_is_exempt() -> None:
    """A cold store's 16 is set aside for the works; the other two may have 19."""
    store = Served(_room("a", 16.0), {WINTER: AT + 3600.0})
    decision = heated(store, Served(_room("b", 20.0)), Served(_room("c", 19.0))).decision
    assert (decision.value, decision.rule) == (19.0, WINTER)


@pytest.mark.parametrize("wanted", [OPEN, OVERTIME])
def test_a_chiller_of_ours_that_has_just_stopped_rests_though_somebody_wants_it(wanted: Outcome) -> None:
    """Three minutes for the compressor go before the request of an open room, and before overtime."""
    view = handler(EquipmentKind.PLANT, base="supervisor", present=False, since=AT - 60.0)
    view = view._replace(equipment=replace(view.equipment, compressor=True))
    (outcome,) = evaluate_shared(view, {"a": wanted}, Facts(), AT).outcomes.values()
    assert (outcome.decision.value, outcome.decision.rule) == (False, RuleId.MIN_OFF)
    assert [loser.rule for loser in outcome.losers] == [RuleId.BASE]
