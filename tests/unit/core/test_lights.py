"""Golden days of `lights-close`, `corridor-delay` and `escape-route`."""

from __future__ import annotations

import pytest

from config.roles import Role, ZoneKind
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def test_the_lights_of_an_empty_office_go_off_ten_minutes_after_closing(day: Day) -> None:
    """Left at 17:35; somebody comes back later and has light."""
    day.at("17:35", people=0)
    day.at("17:39:59").expect(lights="on")
    day.at("17:40").expect(lights="off", rule="lights-close").complies(lights_close=True)
    day.at("17:50", people=1).expect(lights="on", slot=None)
    day.at("18:10", people=0).expect(lights="off", rule="lights-close")
    day.at("08:30").expect(lights="off", rule="vacancy-off")


def test_an_office_still_at_work_keeps_its_light(day: Day) -> None:
    """Presence is presence, at any hour."""
    day.at("21:00").expect(lights="on", slot=None).complies(lights_close=True)


def test_a_dead_sensor_keeps_the_light_half_an_hour_longer(day: Day) -> None:
    """Absent from close + 30 min."""
    day.at("17:00", people=UNKNOWN)
    day.at("17:59:59").expect(lights="on")
    day.at("18:00").expect(lights="off", rule="lights-close")


def test_a_circuit_declared_to_bear_it_blinks_five_minutes_before() -> None:
    """One second of dark at 17:35, then light until 17:40."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps(warn="blink")))
    day.at("17:32", people=0)
    day.at("17:35").expect(lights="off", rule="lights-close").complies(lights_close=True)
    day.at("17:35:01").expect(lights="on", slot=None)
    day.at("17:40").expect(lights="off")


@pytest.mark.parametrize(
    ("egress", "told"), [(180.0, "17:37"), (300.0, "17:35"), (3600.0, "17:35"), (0.0, "17:40")]
)
def test_a_binary_lighting_output_is_told_early_enough_to_warn_by_itself(egress: float, told: str) -> None:
    """Its three minutes of egress end at 17:40; nobody is warned more than five minutes ahead."""
    lamps = parts.lamps(warn="blink", object_type="binary-lighting-output")
    day = Day(parts.zone(parts.fan_coil(), lamps))
    day.building.outputs[lamps.points[Role.START_STOP].id].egress = egress
    day.at("17:32", people=0).expect(lights="on", slot=None)
    day.building.advance(day.when(told) - 1)
    day.building.decide()
    day.expect(lights="on", slot=None)
    day.at(told).expect(lights="off", rule="lights-close").complies(lights_close=True)
    decision = day.outcome("lights").decision
    assert decision.warned
    assert ("warning" in str(decision.reason)) == (told != "17:40")
    day.at("17:40").expect(lights="off", rule="lights-close")
    assert day.outcome("lights").decision.warned


@pytest.mark.parametrize(
    "lamp", [{"warn": "none"}, {"warn": "none", "object_type": "binary-lighting-output"}]
)
def test_other_circuits_are_not_made_to_blink(lamp: dict[str, str]) -> None:
    """Discharge lamps never: nothing before the close, and at the close a plain off."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps(**lamp)))
    day.at("17:32", people=0)
    day.at("17:35").expect(lights="on", slot=None)
    day.at("17:40").expect(lights="off")
    assert not day.outcome("lights").decision.warned


def test_a_weekend_keeps_the_lights_off_from_friday_on() -> None:
    """2026-07-17 is a Friday; on Sunday the close is out of sight and the reason needs no time."""
    day = Day(on="2026-07-17")
    day.at("17:35", people=0)
    for _saturday_then_sunday in range(2):
        day.at("12:00").expect(lights="off", rule="lights-close")
        day.at("13:00").expect(hvac="off", rule="pre-close-off")
    assert "{" not in str(day.outcome("lights").decision.reason)


def corridor(**more: object) -> Day:
    """A corridor with a lighting circuit and a presence sensor."""
    sensors = (Role.OCCUPANCY, *((Role.LUX,) if more.pop("lux", False) else ()))
    lamps = parts.lamps(**more)
    return Day(parts.zone(lamps, kind=ZoneKind.CORRIDOR, sensors=sensors))


@pytest.mark.parametrize("base", ["controller", "supervisor"])
def test_a_corridor_goes_dark_two_minutes_after_the_last_passer_by(base: str) -> None:
    """The plan's 延时开关, whoever owns the circuit."""
    day = corridor(base=base)
    day.at("20:00", people=1).expect(lights="on")
    day.at("20:00:20", people=0).expect(lights="on")
    day.at("20:02:19").expect(lights="on")
    day.at("20:02:20").expect(lights="off", rule="corridor-delay").complies(corridor_delay=True)
    day.at("20:30", people=1).expect(lights="on")


@pytest.mark.parametrize("base", ["controller", "supervisor"])
def test_a_corridor_whose_sensor_is_dead_is_lit(base: str) -> None:
    """Unknown presence = lit, and unmeasurable."""
    day = corridor(base=base)
    day.at("20:00", people=0)
    day.at("20:10").expect(lights="off")
    day.at("20:11", people=UNKNOWN).expect(lights="on").complies(corridor_delay=None)


def test_daylight_is_judged_while_the_lamps_are_out() -> None:
    """Lit lamps would judge themselves superfluous, and the corridor would flicker."""
    day = corridor(lux=True)
    day.at("10:00", people=0, lux=300)
    day.at("10:05").expect(lights="off")
    day.at("10:10", people=1).expect(lights="off", rule="corridor-delay")
    day.at("10:20", lux=30).expect(lights="on")
    day.at("10:20:05", lux=250).expect(lights="on")
    day.at("10:30", people=0)
    day.at("10:40", people=1).expect(lights="off")
    day.at("10:45", lux=49.9).expect(lights="on")
    day.at("10:50", people=0)
    day.at("10:55", people=1, lux=50).expect(lights="off")
    day.at("11:00", lux=0).expect(lights="on")


def test_an_escape_light_is_watched_and_never_named() -> None:
    """Writable by mistake: still on no list, in no outcome, whatever happens."""
    escape = parts.lamps(escape_route=True, base="supervisor")
    day = Day(parts.zone(escape, kind=ZoneKind.STAIR, sensors=(Role.OCCUPANCY,)))
    day.at("23:00", people=0)
    day.at("23:30", fire=True).expect(lights="on").complies(escape_route=True)
    assert day.building.answer is not None
    assert not day.building.answer.outcomes
    day.at("23:40", light_switch=False).complies(escape_route=False)
    assert day.building.view().equipment[0].writable_points() == ()


def test_an_escape_light_not_known_is_not_said_to_be_lit() -> None:
    """Its reading has gone stale."""
    escape = parts.lamps(escape_route=True)
    day = Day(parts.zone(escape, kind=ZoneKind.STAIR, sensors=()))
    day.at("10:00").complies(escape_route=True)
    next(iter(day.building.outputs.values())).known = False
    day.at("10:01").complies(escape_route=None)


def test_a_warning_that_could_not_be_given_is_no_violation() -> None:
    """A circuit that we may only read stays lit at 17:35; at 17:40 that counts."""
    day = Day(parts.zone(parts.lamps(warn="blink", writable=False)))
    day.at("17:32", people=0)
    day.at("17:35").complies(lights_close=True)
    day.at("17:40").complies(lights_close=False)
