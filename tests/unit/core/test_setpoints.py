"""Golden days of `summer-setpoint` and `winter-setpoint`: a setpoint is judged beneath our slot."""

from __future__ import annotations

import pytest

from config.roles import EquipmentKind, Role
from config.rules import RuleId, RuleSettings
from schedules.seasons import Season
from supervisor.core.looks import outside
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def test_a_knob_turned_to_22_is_held_at_26_until_it_is_turned_back(day: Day) -> None:
    """The plan's 夏季不低于26度; 26.5 is the occupant's own choice."""
    day.at("10:30", cooling_knob=22.0).expect(cooling=26.0, slot=26.0, rule="summer-setpoint")
    day.complies(summer_setpoint=True)
    day.at("11:00", cooling_knob=25.9).expect(cooling=26.0, slot=26.0)
    day.at("11:40", cooling_knob=26.5).expect(cooling=26.5, slot=None).complies(summer_setpoint=True)


def test_a_winter_knob_at_24_is_held_at_20() -> None:
    """冬季不高于20度; 19 is the occupant's own choice."""
    day = Day(on="2026-01-14", season=Season.WINTER)
    day.at("09:10", heating_knob=24.0).expect(heating=20.0, slot=20.0, rule="winter-setpoint")
    day.at("10:00", heating_knob=19.0).expect(heating=19.0, slot=None).complies(winter_setpoint=True)


def test_cooling_in_spring_is_limited_too(day: Day) -> None:
    """A setpoint that is cooling's alone, °: a room that may cool for once in April does not cool to 22."""
    day.at("09:30", season="spring", mode_knob="heat", cooling_knob=22.0)
    day.expect(cooling=26.0, rule="summer-setpoint").complies(summer_setpoint=True)
    day.at("10:00", mode_knob="cool").expect(cooling=26.0, rule="summer-setpoint")
    day.at("10:30", cooling_knob=26.5).expect(cooling=26.5, slot=None).complies(summer_setpoint=True)


def test_heating_in_summer_is_limited_too(day: Day) -> None:
    """Likewise 24 °C for heating, set in July and waiting for October."""
    day.at("10:00", season="summer", heating_knob=24.0).expect(heating=20.0, rule="winter-setpoint")


def test_a_setting_below_the_limit_counts_while_its_unit_runs() -> None:
    """An override holds 22: a violation while the unit runs or nobody knows whether it does, none while it is off."""
    day = Day(parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    day.at("10:00", held=("cooling", 8, 22.0), run_status=True).complies(summer_setpoint=False)
    day.at("10:30", run_status=False).complies(summer_setpoint=True)
    day.at("11:00", run_status=UNKNOWN).complies(summer_setpoint=False)


def test_what_is_set_while_the_unit_is_off_is_a_figure_of_its_own() -> None:
    """Slot 8 holds 22: outside while it runs or nobody knows, "set but off" while it is off, never both."""
    day = Day(parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    found = []
    for clock, runs in (("10:00", True), ("10:30", False), ("11:00", UNKNOWN), ("11:30", False)):
        day.at(clock, held=("cooling", 8, 22.0), run_status=runs)
        assert day.building.answer is not None
        found.append(outside(day.building.answer, day.building.facts))
    rules = (RuleId.SUMMER_SETPOINT,)
    assert found == [(rules, ()), ((), rules), (rules, ()), ((), rules)]
    day.at("12:00", held=("cooling", 8, None))
    assert day.building.answer is not None
    assert outside(day.building.answer, day.building.facts) == ((), ())


def test_time_outside_a_rule_is_not_counted_during_a_fire_alarm() -> None:
    """Nothing may be written then: what stands outside a rule, or is set outside it, is nobody's doing."""
    day = Day(parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    for runs in (True, False):
        day.at("10:00", held=("cooling", 8, 22.0), run_status=runs, fire=True)
        assert day.building.answer is not None
        assert outside(day.building.answer, day.building.facts) == ((), ())
        day.at("10:30", fire=False)
        assert outside(day.building.answer, day.building.facts) == ((), ()), "60 s are to pass first"
        day.at("10:32")
        assert outside(day.building.answer, day.building.facts) != ((), ())
        day = Day(parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))


def test_one_setpoint_for_both_is_limited_while_it_cools() -> None:
    """In spring 22 °C on a thermostat that heats is fine; once it cools, it is not."""
    day = Day(parts.zone(parts.fan_coil(parts.THERMOSTAT)))
    day.at("09:30", season="spring", mode_knob="heat", setpoint_knob=19.0).expect(setpoint=19.0)
    day.at("10:00", mode_knob="cool").expect(setpoint=26.0, rule="summer-setpoint")


def test_an_override_that_holds_22_is_a_violation_and_the_wire_is_left_alone(day: Day) -> None:
    """Slot 8 outranks us; beneath our slot nothing breaks the limit."""
    day.at("10:00", held=("cooling", 8, 22.0)).expect(cooling=22.0, slot=None).complies(summer_setpoint=False)
    day.at("10:30", held=("cooling", 8, None)).complies(summer_setpoint=True)
    day.at("11:00", held=("cooling", 3, 18.0)).complies(summer_setpoint=None)


def test_a_setpoint_that_is_not_known_is_not_compliant(day: Day) -> None:
    """Unmeasurable, and nothing is written."""
    day.building.outputs[day._point("cooling")].known = False
    day.at("10:00", cooling_knob=22.0).expect(slot=None, cooling=22.0).complies(summer_setpoint=None)


def test_a_slot_held_while_the_array_is_not_known_stays_held(day: Day) -> None:
    """What lies beneath cannot be judged: what we hold is not let go for it."""
    day.at("10:00", cooling_knob=22.0)
    day.building.outputs[day._point("cooling")].known = False
    day.at("10:10").expect(cooling=26.0, slot=26.0)


def test_a_tenth_of_a_degree_lost_between_fahrenheit_and_celsius_is_no_breach(day: Day) -> None:
    """25.96 °C is 26 on the thermostat's own display."""
    day.at("10:00", cooling_knob=25.96).expect(slot=None, cooling=25.96).complies(summer_setpoint=True)
    day.at("10:10", cooling_knob=25.94).expect(slot=26.0, cooling=26.0)


def insist(day: Day, times: int, start: int = 9 * 60) -> None:
    """Somebody turns the knob to 22 and back to 27, `times` times, from 09:00, every four minutes."""
    for n in range(times):
        minute = start + 4 * n
        day.at(f"{minute // 60:02}:{minute % 60:02}", cooling_knob=22.0)
        minute += 2
        day.at(f"{minute // 60:02}:{minute % 60:02}", cooling_knob=27.0)


def test_the_seventh_correction_of_a_day_raises_an_alert_and_ends_the_back_and_forth(day: Day) -> None:
    """Correction is not a fight: from then on the slot stays at the limit, until the next day."""
    insist(day, 6)
    day.expect(cooling=27.0, slot=None)
    assert not day.told("alert", "summer-setpoint")
    insist(day, 1, 10 * 60)
    assert len(day.told("alert", "summer-setpoint")) == 1
    day.expect(cooling=26.0, slot=26.0)
    day.at("08:59:59").expect(slot=26.0, cooling=26.0)
    day.at("09:00").expect(slot=None, cooling=27.0)
    insist(day, 6)
    day.expect(slot=None, cooling=27.0)


def two_fan_coils(corrections: int) -> Day:
    """A hall with a terminal that has no setpoint of its own, and two that have."""
    air = parts.equipment("vav", EquipmentKind.VAV)
    one, two = (parts.equipment(name, EquipmentKind.FCU, parts.FAN_COIL) for name in ("one", "two"))
    rules = RuleSettings.model_validate({"summer-setpoint": {"corrections_a_day": corrections}})
    day = Day(parts.zone(air, one, two, rules=rules))
    for name in ("one", "two"):
        day.building.outputs[f"office-201/{name}/cooling_setpoint"].slots[13] = 22.0
    return day


def test_each_terminal_of_a_zone_is_corrected_and_counted_once() -> None:
    """Two corrections, however often they are looked at; one that goes and one that stays are told apart."""
    day = two_fan_coils(2)
    day.at("09:30")
    day.at("11:30", temperature=25)
    held = [day.building.outputs[f"office-201/{name}/cooling_setpoint"] for name in ("one", "two")]
    assert [output.ours for output in held] == [26.0, 26.0]
    assert not day.told("alert", "summer-setpoint")
    held[0].slots[13] = 27.0
    day.at("11:40")
    assert [output.ours for output in held] == [None, 26.0]
    held[0].slots[13] = 22.0
    day.at("11:50")
    assert len(day.told("alert", "summer-setpoint")) == 1
    assert len(two_fan_coils(1).at("09:30").told("alert", "summer-setpoint")) == 1


def test_a_fan_coil_with_two_setpoints_needs_no_mode_from_us(day: Day) -> None:
    """On automatic each setpoint has its meaning."""
    day.at("10:00", mode_knob="auto", cooling_knob=22.0).expect(mode="auto", slot=None).expect(cooling=26.0)


def no_array() -> Day:
    """A fan coil whose setpoints have no priority array."""
    return Day(parts.zone(parts.fan_coil(priority_array=False)))


def test_without_a_priority_array_the_limit_is_written_once_after_two_minutes() -> None:
    """The occupant's turn of the knob is overwritten, and then let be."""
    day = no_array()
    day.at("10:00", hvac_switch=True, cooling_knob=22.0).expect(cooling=22.0).complies(summer_setpoint=False)
    day.at("10:01:59").expect(cooling=22.0)
    day.at("10:02").expect(cooling=26.0).complies(summer_setpoint=True)
    day.at("10:10").expect(cooling=26.0, slot=None)
    day.at("11:00", cooling_knob=27.0).expect(cooling=27.0)


def test_without_a_priority_array_heating_is_given_its_two_minutes_too() -> None:
    """A knob at 24 in January."""
    day = Day(parts.zone(parts.fan_coil(priority_array=False)), on="2026-01-14", season=Season.WINTER)
    day.at("10:00", heating_knob=24.0).expect(heating=24.0)
    day.at("10:01:59").expect(heating=24.0)
    day.at("10:02").expect(heating=20.0)


def test_without_a_priority_array_a_fight_ends_with_the_alert() -> None:
    """The seventh correction is written; the eighth is not, and counts as a violation."""
    day = no_array()
    day.at("08:59", hvac_switch=True)
    for n in range(8):
        day.at(f"{9 + n // 4:02}:{15 * (n % 4):02}", cooling_knob=22.0)
        day.at(f"{9 + n // 4:02}:{15 * (n % 4) + 5:02}").expect(cooling=26.0 if n < 7 else 22.0)
    day.complies(summer_setpoint=False)
    assert len(day.told("alert", "summer-setpoint")) == 1


def test_a_correction_that_is_given_up_waits_for_nothing() -> None:
    """A fire alarm holds back the seventh; the thermostat is set anew: asked again, nothing more is awaited."""
    day = no_array()
    for n in range(6):
        day.at(f"{9 + n // 4:02}:{15 * (n % 4):02}", cooling_knob=22.0)
        day.at(f"{9 + n // 4:02}:{15 * (n % 4) + 5:02}").expect(cooling=26.0)
    day.at("10:30", cooling_knob=22.0)
    day.at("10:31", fire=True)
    day.at("10:35").expect(cooling=22.0)
    day.at("10:36", cooling_knob=21.0)
    first, second = day.building.answer, day.building.ask()
    assert first is not None
    assert (first.wake_at, first.outcomes) == (second.wake_at, second.outcomes)


def thermostat(*more: Role, roles: tuple[Role, ...] = parts.THERMOSTAT, **options: object) -> Day:
    """An office with a thermostat that has one setpoint."""
    return Day(parts.zone(parts.fan_coil((*roles, *more), **options)))


def test_a_single_setpoint_follows_the_mode() -> None:
    """Cooling: no lower than 26. Heating: no higher than 20, even in July."""
    day = thermostat()
    day.at("10:00", setpoint_knob=22.0).expect(setpoint=26.0, rule="summer-setpoint")
    day.complies(summer_setpoint=True, winter_setpoint=True)
    day.at("10:10", mode_knob="heat").expect(setpoint=20.0, rule="winter-setpoint")
    day.at("10:20", mode_knob="fan").expect(setpoint=22.0, slot=None).complies(summer_setpoint=True)


def test_a_single_setpoint_follows_the_running_action_before_the_mode() -> None:
    """An automatic thermostat that says what it does needs no mode from us."""
    day = thermostat(Role.ACTION)
    day.at("10:00", mode_knob="auto", action="heat", setpoint_knob=24.0)
    day.expect(setpoint=20.0, rule="winter-setpoint").expect(mode="auto", slot=None)


def test_a_two_pipe_thermostat_follows_the_changeover() -> None:
    """No mode of its own: the plant circulates chilled water."""
    day = thermostat(roles=(Role.START_STOP, Role.SETPOINT))
    day.at("10:00", setpoint_knob=22.0).expect(setpoint=22.0, slot=None).complies(summer_setpoint=None)
    day.at("10:10", changeover="cool").expect(setpoint=26.0, rule="summer-setpoint")
    day.at("10:20", changeover="unknown").expect(setpoint=22.0).complies(summer_setpoint=None)


@pytest.mark.parametrize("priority_array", [True, False])
def test_a_thermostat_on_automatic_is_given_the_seasons_mode_first(priority_array: bool) -> None:
    """Then its setpoint has a meaning. The mode stays ours: no flicker between automatic and cooling."""
    day = thermostat(priority_array=priority_array)
    day.at("10:00", mode_knob="auto", setpoint_knob=22.0).expect(
        mode="cool", slot="cool", rule="summer-setpoint"
    )
    day.at("10:05").expect(setpoint=26.0).expect(mode="cool", slot="cool").complies(summer_setpoint=True)
    day.at("11:00", mode_knob="heat" if priority_array else "fan")
    assert day.building.outputs[day._point("mode")].ours is None


def test_a_thermostat_on_automatic_that_may_not_be_set_is_unmeasurable() -> None:
    """Neither known: no write, and never compliant."""
    day = thermostat(writable=False)
    day.at("10:00", mode_knob="auto", setpoint_knob=22.0).expect(setpoint=22.0).complies(summer_setpoint=None)


def test_outside_summer_a_thermostat_on_automatic_is_left_alone(day: Day) -> None:
    """Spring has no mode to write; unknown while it runs, compliant while it stands still."""
    day = thermostat()
    day.at("09:30", season="spring", mode_knob="auto", setpoint_knob=22.0).expect(mode="auto", slot=None)
    day.complies(summer_setpoint=None)
    day.at("09:40", hvac_switch=False).complies(summer_setpoint=True)


def test_a_local_limit_of_27_is_held_as_such() -> None:
    """Localities may be stricter."""
    rules = RuleSettings.model_validate({"summer-setpoint": {"minimum": 27}})
    day = Day(parts.zone(parts.fan_coil(), rules=rules))
    day.at("10:00", cooling_knob=26.5).expect(cooling=27.0, rule="summer-setpoint")


def test_a_unit_that_can_only_cool_is_held_in_summer_whatever_it_says_of_itself() -> None:
    """One cooling setpoint, no mode, no action: its own setpoint needs neither in its season."""
    day = Day(parts.zone(parts.fan_coil((Role.START_STOP, Role.COOLING_SETPOINT))))
    day.at("10:00", cooling_knob=22.0).expect(cooling=26.0, slot=26.0).complies(summer_setpoint=True)
    day.at("10:10", season="spring").expect(cooling=26.0, slot=26.0).complies(summer_setpoint=True)
