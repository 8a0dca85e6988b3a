"""What an evaluation says beside its decisions: what is blocked, what is remembered, when to ask again."""

from __future__ import annotations

from config.roles import EquipmentKind, Role, ZoneKind
from config.rules import RuleId
from config.site import Equipment
from supervisor.core.engine import LEASE, Evaluation, evaluate, plan_zone
from supervisor.core.now import Now
from supervisor.core.rules import ALL
from supervisor.core.views import Facts
from tests.unit.core import parts
from tests.unit.core.story import Day


def answer(day: Day) -> Evaluation:
    """What was answered last."""
    assert day.building.answer is not None
    return day.building.answer


def test_a_rule_blocks_while_it_keeps_equipment_off_in_hours(day: Day) -> None:
    """By the window in hours; the night is no such time, and a fan coil that runs on is not blocked."""
    assert answer(day.at("10:00", window="open")).blocked == frozenset()
    assert answer(day.at("10:01")).blocked == {RuleId.WINDOW_OFF}
    assert answer(day.at("10:02", held=("hvac", 8, True))).blocked == frozenset()
    assert answer(day.at("10:03", held=("hvac", 8, None))).blocked == {RuleId.WINDOW_OFF}
    assert answer(day.at("10:10", window="closed")).blocked == {RuleId.WINDOW_OFF}
    assert answer(day.at("10:11")).blocked == frozenset()
    assert answer(day.at("12:30", people=0)).blocked == frozenset()
    assert answer(day.at("12:45")).blocked == {RuleId.VACANCY_OFF}
    assert answer(day.at("17:10", people=1)).blocked == {RuleId.PRE_CLOSE_OFF}
    assert answer(day.at("17:30")).blocked == frozenset()


def test_base_operation_blocks_nothing() -> None:
    """Nobody is kept from what is simply not wanted."""
    fresh = parts.equipment("fresh", EquipmentKind.FRESH_AIR, base="supervisor")
    day = Day(parts.zone(fresh))
    day.at("10:00", people=0)
    assert answer(day.at("10:20").expect(fresh_air="off", rule="base")).blocked == frozenset()


def test_a_plan_holds_the_rules_that_apply_and_the_points_that_may_be_decided() -> None:
    """In the order of precedence; escape routes and read-only points are on no list."""
    zone = parts.zone(
        parts.fan_coil((Role.START_STOP, Role.COOLING_SETPOINT, Role.RUN_STATUS)),
        parts.equipment("escape", EquipmentKind.LIGHTS, escape_route=True),
        parts.equipment("read", EquipmentKind.LIGHTS, writable=False),
        served_by=("ahu",),
    )
    plan = plan_zone(zone)
    assert plan.points == (
        "office-201/fcu/start_stop",
        "office-201/fcu/cooling_setpoint",
        "office-201/plant_request",
    )
    ids = [rule.id for rule in plan.rules]
    assert ids == [
        RuleId.FIRE_ALARM, RuleId.ESCAPE_ROUTE, RuleId.FREEZE_PROTECT, RuleId.WINDOW_OFF, RuleId.PRE_CLOSE_OFF,
        RuleId.LIGHTS_CLOSE, RuleId.VACANCY_OFF, RuleId.MILD_SEASON_OFF, RuleId.SUMMER_SETPOINT, RuleId.BASE,
    ]  # fmt: skip


def test_which_rules_apply_follows_from_what_a_zone_has() -> None:
    """Nothing at all; a lobby with lamps; a store room with sockets; a room on an air handler only."""

    def rules(*items: Equipment, **more: object) -> set[str]:
        zone = parts.zone(*items, **more)  # type: ignore[arg-type] # passed on
        return {str(rule.id) for rule in ALL if rule.applies(zone)}

    assert rules() == set()
    assert rules(parts.lamps(), kind=ZoneKind.LOBBY) == {"fire-alarm", "corridor-delay"}
    assert rules(parts.lamps(writable=False), sensors=()) == {"lights-close"}
    assert rules(parts.equipment("p", EquipmentKind.PLUGS), sensors=()) == {"fire-alarm", "plug-close"}
    on_air = rules(served_by=("ahu",))
    assert on_air == {
        "freeze-protect",
        "window-off",
        "pre-close-off",
        "vacancy-off",
        "mild-season-off",
        "base",
    }
    thermostat = rules(parts.fan_coil(parts.THERMOSTAT), sensors=())
    assert thermostat == {
        "fire-alarm", "pre-close-off", "mild-season-off", "summer-setpoint", "winter-setpoint"
    }  # fmt: skip
    assert rules(parts.lamps(escape_route=True, writable=False), sensors=()) == {"escape-route"}
    assert "min-off" in rules(parts.equipment("s", EquipmentKind.SPLIT))


def test_an_answer_is_asked_for_again_within_the_lease(day: Day) -> None:
    """Even where nothing is due; and its decisions expire then."""
    found = answer(day.at("10:00"))
    assert found.wake_at == day.building.now + LEASE
    assert {o.decision.expires for o in found.outcomes.values()} == {found.wake_at}
    shorter = evaluate(day.building.view(), day.building.facts, {}, day.building.now, lease=60.0)
    assert shorter.wake_at == day.building.now + 60.0


def test_a_zone_without_a_plan_is_planned_on_the_spot(day: Day) -> None:
    """The plan is a convenience."""
    b = day.at("10:00").building
    assert evaluate(b.view(), b.facts, b.memory, b.now) == evaluate(
        b.view(), b.facts, b.memory, b.now, plan=plan_zone(b.zone)
    )


def test_memory_that_does_not_change_is_the_same_object_and_what_is_over_is_forgotten(day: Day) -> None:
    """Whoever persists it writes only what is new."""
    day.at("10:00", window="open")
    day.at("10:01")
    held = day.building.memory
    assert held["window-off.held"] is True
    day.at("10:05", temperature=23.0)
    assert day.building.memory is held
    day.at("10:10", window="closed")
    day.at("10:11")
    assert "window-off.held" not in day.building.memory
    assert held["window-off.held"] is True


def test_the_priority_is_the_sites(day: Day) -> None:
    """Every decision carries it."""
    view = day.at("10:00").building.view()
    found = evaluate(view, Facts(priority=14), {}, day.building.now)
    assert {o.decision.priority for o in found.outcomes.values()} == {14}


def test_now_remembers_the_earliest_moment_not_yet_reached() -> None:
    """The moment itself is reached; what has been reached is never woken for."""
    now = Now(100.0)
    assert now.wake_at == float("inf")
    assert now.reached(100.0)
    assert now.reached(99.0)
    assert not now.reached(300.0)
    assert not now.reached(200.0)
    assert not now.reached(250.0)
    assert now.wake_at == 200.0
