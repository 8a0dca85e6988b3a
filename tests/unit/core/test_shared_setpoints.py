"""An air handler for two rooms has one setpoint: whose limit counts, and how both rooms stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from config.roles import EquipmentKind, Role
from config.rules import RuleId, RuleSettings, SummerSetpoint
from config.site import Zone
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from supervisor.core.decisions import RELINQUISH, Outcome
from supervisor.core.engine import Evaluation
from supervisor.core.rule import Memory
from supervisor.core.shared import evaluate_shared
from supervisor.core.shared_setpoints import Served
from supervisor.core.views import EquipmentView, Facts, Held, PointView
from tests.unit.core import parts

AT = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""
SUMMER = RuleId.SUMMER_SETPOINT


def _room(name: str, minimum: float = 26.0) -> Zone:
    rules = RuleSettings(summer_setpoint=SummerSetpoint(minimum=minimum))
    return replace(parts.zone(rules=rules, served_by=("ahu",)), id=name)


@dataclass
class Handler:
    """The air handler of rooms `a` and `b`, whose knob (beneath our slot) stands at 24 °C."""

    served: list[Served] = field(default_factory=lambda: [Served(_room("a")), Served(_room("b"))])
    roles: tuple[Role, ...] = (Role.START_STOP, Role.COOLING_SETPOINT)
    kind: EquipmentKind = EquipmentKind.AHU
    knob: float = 24.0
    ours: float | None = None
    override: Held | None = None
    season: Season = Season.SUMMER
    memory: Memory = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = parts.equipment("ahu", self.kind, self.roles)
        self.equipment = replace(made, id="ahu", zones=("a", "b"), shared=True)

    def decide(self, at: float = AT) -> Evaluation:
        """Ask, and obey."""
        points = self.equipment.points
        setpoint = points[Role.COOLING_SETPOINT]
        stands = self.ours if self.ours is not None else self.knob
        present, beneath = (Reading(value, Quality.GOOD, at, AT - 9000) for value in (stands, self.knob))
        running = Reading(True, Quality.GOOD, at, AT - 9000)
        view = EquipmentView(
            self.equipment,
            PointView(points[Role.START_STOP], running, running),
            PointView(setpoint, present, beneath, self.ours, self.override),
        )
        answer = evaluate_shared(
            view, {}, Facts(season=self.season), at, served=self.served, memory=self.memory
        )
        self.memory = answer.memory
        value = answer.outcomes[setpoint.id].decision.value
        self.ours = value if isinstance(value, float) else None
        return answer

    def outcome(self) -> Outcome:
        """What is decided of the setpoint."""
        return self.decide().outcomes[self.equipment.points[Role.COOLING_SETPOINT].id]


def test_a_day_of_the_air_handler() -> None:
    """Set to 24 at 12:00, held at 26; set to 26.5 at 13:00, handed back; and the two rooms stand as it does."""
    ahu = Handler()
    answer = ahu.decide()
    decision = answer.outcomes[ahu.equipment.points[Role.COOLING_SETPOINT].id].decision
    assert (decision.value, decision.rule) == (26.0, SUMMER)
    assert "26" in decision.citation.clause
    assert answer.compliance == {SUMMER: False}
    assert ahu.decide().compliance == {SUMMER: True}
    ahu.knob = 26.5
    assert ahu.outcome().decision.value is RELINQUISH
    assert ahu.decide().compliance == {SUMMER: True}


def test_the_strictest_room_sets_the_limit() -> None:
    """One air stream cannot keep 26 here and 27 there: 27 it is. A site choice."""
    ahu = Handler(served=[Served(_room("a")), Served(_room("b", 27.0))])
    assert ahu.outcome().decision.value == 27.0


def test_an_exempt_room_does_not_count_until_its_exemption_ends() -> None:
    """Room b has its own 27 and is exempt for an hour: 26 until then, and the answer wakes up for it."""
    until = {SUMMER: AT + 3600}
    ahu = Handler(served=[Served(_room("a")), Served(_room("b", 27.0), until)])
    answer = ahu.decide()
    assert answer.outcomes[ahu.equipment.points[Role.COOLING_SETPOINT].id].decision.value == 26.0
    assert answer.wake_at <= AT + 3600
    later = ahu.decide(AT + 3600)
    assert later.outcomes[ahu.equipment.points[Role.COOLING_SETPOINT].id].decision.value == 27.0


def test_where_every_room_is_exempt_nothing_is_judged() -> None:
    """Neither held nor measured."""
    until = {SUMMER: AT + 3600}
    ahu = Handler(served=[Served(_room("a"), until), Served(_room("b"), until)])
    assert ahu.outcome().decision.value is RELINQUISH
    assert ahu.decide().compliance == {}


def test_a_setpoint_that_protection_holds_is_recorded_and_not_judged() -> None:
    """Slot 5 has it: the rooms stand neither in nor out."""
    ahu = Handler(override=Held(5, 20.0))
    assert ahu.decide().compliance == {SUMMER: None}


@pytest.mark.parametrize("kind", [EquipmentKind.PLANT, EquipmentKind.FRESH_AIR])
def test_water_and_fresh_air_have_no_room_setpoint(kind: EquipmentKind) -> None:
    """A chiller's 7 °C is no breach of anything."""
    ahu = Handler(kind=kind, knob=7.0)
    assert ahu.outcome().decision.value is RELINQUISH
    assert ahu.decide().compliance == {}


def test_a_shared_knob_that_is_turned_all_day_raises_one_alert() -> None:
    """Seven times a day: somebody insists; the alert names the air handler."""
    ahu = Handler()
    for n in range(8):
        ahu.knob = 24.0
        answer = ahu.decide(AT + 600 * n)
        ahu.knob = 27.0
        if n < 7:
            ahu.decide(AT + 600 * n + 300)
    assert [(notice.rule, notice.about) for notice in answer.notices] == [(SUMMER, "ahu")]


def test_its_own_cooling_setpoint_is_limited_in_winter_too() -> None:
    """24 °C for cooling, on an air handler that heats: held at 26, for the first warm day."""
    assert Handler(season=Season.WINTER).outcome().decision.value == 26.0
