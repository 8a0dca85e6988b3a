"""Golden days of `fire-alarm`, `freeze-protect` and `min-off`."""

from __future__ import annotations

from dataclasses import replace

from config.roles import EquipmentKind, Role
from config.rules import RuleSettings
from config.site import Equipment
from schedules.seasons import Season
from supervisor.core.decisions import KEEP, RELINQUISH
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def value(day: Day, what: str) -> object:
    """What is decided of a point."""
    return day.outcome(what).decision.value


def test_the_alarm_hands_back_the_light_and_leaves_the_air_conditioning_off(day: Day) -> None:
    """At 18:00 both are held off. People must see; fans must not feed a fire."""
    day.at("17:00", people=0)
    day.at("18:00").expect(lights="off", hvac="off")
    day.at("18:01", fire=True).expect(lights="on", slot=None, rule="fire-alarm").expect(
        hvac="off", slot=False
    )
    assert value(day, "hvac") is KEEP
    day.at("18:04", fire=False).expect(lights="on", rule="fire-alarm")
    day.at("18:04:59").expect(lights="on")
    day.at("18:05").expect(lights="off", rule="lights-close").expect(hvac="off", rule="pre-close-off")


def test_the_alarm_hands_back_equipment_that_we_started() -> None:
    """A fan coil of ours runs: it is for the building to stop or keep."""
    day = Day(parts.zone(parts.fan_coil(base="supervisor"), parts.lamps(base="supervisor")))
    day.at("10:00").expect(hvac="on", slot=True).expect(lights="on", slot=True)
    day.at("10:05", fire=True).expect(hvac="on", slot=None, rule="fire-alarm").expect(lights="on", slot=True)
    day.at("10:06", cooling_knob=22.0).expect(cooling=22.0, slot=None, rule="fire-alarm")
    day.at("10:10", fire=False)
    day.at("10:11").expect(hvac="on", slot=True).expect(cooling=26.0)


def test_the_alarm_keeps_the_setpoints_that_we_hold(day: Day) -> None:
    """Only lights that are off and equipment that is on are let go."""
    day.at("10:00", cooling_knob=22.0).expect(slot=26.0, cooling=26.0)
    day.at("10:01", fire=True).expect(slot=26.0, cooling=26.0, rule="fire-alarm")
    assert value(day, "cooling") is KEEP


def test_an_alarm_whose_input_fails_has_been_cleared_by_nobody(day: Day) -> None:
    """Unknown after an alarm is still an alarm; unknown before one is an alert."""
    day.at("10:00", fire=UNKNOWN).expect(hvac="on", slot=None)
    assert len(day.told("alert", "fire-alarm")) == 1
    day.at("10:10", fire=True)
    day.at("10:20", fire=UNKNOWN, cooling_knob=22.0).expect(cooling=22.0, rule="fire-alarm")
    day.at("10:30", fire=False)
    day.at("10:31").expect(cooling=26.0, rule="summer-setpoint")


def test_no_exemption_lifts_the_fire_alarm(day: Day) -> None:
    """Even where a site file asks for one."""
    day.at("10:00", exempt=("fire-alarm", day.when("23:00")), fire=True)
    day.at("10:05", cooling_knob=22.0).expect(cooling=22.0, rule="fire-alarm")


def january(*items: Equipment, **more: object) -> Day:
    """A Wednesday in January, in winter."""
    zone = parts.zone(*(items or (parts.fan_coil(),)), **more)  # type: ignore[arg-type] # passed on
    return Day(zone, on="2026-01-14", season=Season.WINTER)


def test_a_room_near_freezing_is_heated_at_three_in_the_night() -> None:
    """Against the closed building and against an open window, until it has been a kelvin above the limit for a minute."""
    day = january()
    day.at("23:00", window="open", mode_knob="fan").expect(hvac="off")
    day.at("03:10", temperature=7.9).expect(hvac="off")
    day.at("03:10:59").expect(hvac="off")
    day.at("03:11").expect(hvac="on", mode="heat", heating=12.0, rule="freeze-protect")
    day.at("03:30", temperature=8.5).expect(hvac="on")
    day.at("04:05", temperature=9.0).expect(hvac="on", rule="freeze-protect")
    day.at("04:06").expect(hvac="off", rule="window-off").expect(mode="fan", slot=None)
    assert not day.building.memory.keys() & {"freeze-protect.since", "freeze-protect.turning"}
    assert not day.told("alert", "freeze-protect")


def test_one_false_reading_starts_nothing_and_a_storm_of_them_neither() -> None:
    """The next one says how warm it is: what was begun is begun anew by the next false one."""
    day = january()
    day.at("02:00", temperature=-3.0).expect(hvac="off")
    day.at("02:00:10", temperature=15.0).expect(hvac="off")
    for second in (20, 30, 40):
        day.at(f"02:00:{second}", temperature=-3.0 if second % 20 else 15.0)
    for clock, temperature in (
        ("02:01:30", -3.0),
        ("02:02:29", 15.0),
        ("02:02:31", -3.0),
        ("02:03:30", 15.0),
    ):
        day.at(clock, temperature=temperature).expect(hvac="off")
    day.at("02:10").expect(hvac="off")
    assert not day.building.memory


def test_a_cold_that_moves_stands_as_one_that_does_not() -> None:
    """7.9, 7.4, 7.8 °C: below the limit all the time. A sensor that tells changes alone says it once, and it counts."""
    day = january()
    for clock, temperature in (("02:00", 7.9), ("02:00:20", 7.4), ("02:00:40", 7.8)):
        day.at(clock, temperature=temperature).expect(hvac="off")
    day.at("02:01").expect(hvac="on", rule="freeze-protect")
    once = january()
    once.at("02:00", temperature=5.0).expect(hvac="off")
    assert once.building.answer is not None
    assert once.building.answer.wake_at == once.when("02:01")
    once.at("02:01").expect(hvac="on", rule="freeze-protect")


def test_one_false_reading_ends_no_heating_either() -> None:
    """A unit whose compressor would have to rest for ten minutes is not stopped for 40 °C that nobody else says."""
    day = january()
    day.at("02:00", temperature=6.0)
    day.at("02:01").expect(hvac="on")
    day.at("02:10", temperature=40.0).expect(hvac="on")
    day.at("02:10:10", temperature=6.1).expect(hvac="on", rule="freeze-protect")
    day.at("02:12").expect(hvac="on")


def test_a_sensor_that_is_asked_rarely_has_to_say_so_twice() -> None:
    """Every five minutes: a reading stands until the next but one, whatever the minute."""
    zone = parts.zone(parts.fan_coil())
    sensors = {
        **zone.sensors,
        Role.TEMPERATURE: tuple(replace(p, poll=300.0) for p in zone.sensors[Role.TEMPERATURE]),
    }
    day = Day(replace(zone, sensors=sensors), on="2026-01-14", season=Season.WINTER)
    day.at("20:00", temperature=-3.0)
    day.at("20:05", temperature=15.0).expect(hvac="off")
    day.at("20:10", temperature=5.0)
    day.at("20:15", temperature=5.1).expect(hvac="off")
    day.at("20:20").expect(hvac="on", rule="freeze-protect")


def test_what_stood_before_a_silence_does_not_count_after_it() -> None:
    """Cold for half a minute, not known for an hour, cold again: the minute begins anew."""
    day = january()
    day.at("02:00", temperature=5.0)
    day.at("02:00:30", temperature=UNKNOWN).expect(hvac="off")
    day.at("03:00", temperature=5.0).expect(hvac="off")
    day.at("03:00:59").expect(hvac="off")
    day.at("03:01").expect(hvac="on", rule="freeze-protect")


def test_the_minute_is_the_sites_to_choose() -> None:
    """Five of them, for a room whose sensor hangs beside a door; none is two polls, ten seconds each."""
    for confirm_for, then in (("5min", "02:05"), (0, "02:00:20")):
        rules = RuleSettings.model_validate({"freeze-protect": {"confirm_for": confirm_for}})
        day = january(rules=rules)
        day.at("02:00", temperature=5.0)
        day.building.advance(day.when(then) - 1.0)
        day.expect(hvac="off")
        day.at(then).expect(hvac="on", rule="freeze-protect")


def test_a_cool_room_is_not_a_freezing_one() -> None:
    """8.5 °C starts nothing, neither before the frost nor once it is over; 8.0 °C is not below it."""
    day = january()
    day.at("02:00", temperature=8.5).expect(hvac="off")
    day.at("02:10", temperature=8.0).expect(hvac="off")
    day.at("03:00", temperature=7.9)
    day.at("03:01").expect(hvac="on")
    day.at("04:00", temperature=9.0)
    day.at("04:01").expect(hvac="off")
    day.at("05:00", temperature=8.5).expect(hvac="off")
    assert not day.building.memory


def test_a_room_that_does_not_warm_within_half_an_hour_raises_an_alert() -> None:
    """Once, in words that stay the same while it lasts."""
    day = january()
    day.at("03:00", temperature=7.5)
    day.at("03:01", temperature=7.5)
    day.at("03:30:59", temperature=7.4)
    assert not day.told("alert", "freeze-protect")
    day.at("03:31")
    day.at("03:40", temperature=7.3)
    (alert,) = day.told("alert", "freeze-protect")
    assert "7.5" in str(alert.because)
    assert "7.5" in alert.because.in_chinese()


def test_a_thermometer_that_is_not_known_starts_nothing_and_proves_nothing() -> None:
    """Its own input is stale: the rule ends."""
    day = january()
    day.at("03:00", temperature=7.0)
    day.at("03:01").expect(hvac="on")
    day.at("03:10", temperature=UNKNOWN).expect(hvac="off").complies(freeze_protect=None)


def test_frost_asks_the_plant_and_sets_a_single_setpoint_only_where_it_heats() -> None:
    """A two-pipe thermostat on chilled water is not told 12 °C."""
    roles = (Role.START_STOP, Role.SETPOINT)
    day = january(parts.fan_coil(roles), served_by=("ahu",))
    day.at("03:00", temperature=7.0, changeover="cool")
    day.at("03:01").expect(request=True, hvac="on", setpoint=26.0)
    day.at("03:10", changeover="heat")
    day.at("03:11").expect(setpoint=12.0, rule="freeze-protect")


def test_frost_sets_a_single_setpoint_once_the_mode_is_heat() -> None:
    """The mode is ours to set: heat first, then 12 °C."""
    day = january(parts.fan_coil(parts.THERMOSTAT))
    day.at("03:00", temperature=7.0, mode_knob="cool")
    day.at("03:01").expect(mode="heat", setpoint=12.0, rule="freeze-protect")


def split_unit(base: str = "controller") -> Equipment:
    """A split unit: stopping it stops a compressor."""
    return parts.equipment("split", EquipmentKind.SPLIT, parts.FAN_COIL, base=base)


def test_a_compressor_that_stopped_for_a_window_rests_ten_minutes() -> None:
    """The window is closed again after five; `window-off` keeps the credit for its own part."""
    day = Day(parts.zone(split_unit()))
    day.at("10:00", window="open")
    day.at("10:01").expect(hvac="off", rule="window-off")
    day.at("10:05", window="closed").expect(hvac="off", rule="window-off")
    day.at("10:06").expect(hvac="off", rule="min-off")
    day.at("10:10:59").expect(hvac="off")
    day.at("10:11").expect(hvac="on", slot=None)


def test_a_compressor_of_ours_rests_too_and_an_off_is_never_delayed() -> None:
    """Base supervisor: stopped by somebody's vacancy, wanted again at once."""
    day = Day(parts.zone(split_unit("supervisor")))
    day.at("10:00", people=0)
    day.at("10:15").expect(hvac="off", rule="vacancy-off")
    day.at("10:16", people=1).expect(hvac="off", rule="min-off")
    day.at("10:25").expect(hvac="on", slot=True, rule="base")
    day.at("10:26", window="open")
    day.at("10:27").expect(hvac="off", rule="window-off")


def test_a_compressor_stopped_by_its_user_is_none_of_our_business() -> None:
    """Our slot is NULL: nothing of ours delays it."""
    day = Day(parts.zone(split_unit()))
    day.at("10:00", hvac_switch=False).expect(hvac="off", slot=None)


def test_a_compressor_rests_by_its_status_and_by_our_command_where_that_is_unknown() -> None:
    """It runs on for two minutes after the command; then the status is lost."""
    roles = (*parts.FAN_COIL, Role.RUN_STATUS)
    day = Day(parts.zone(parts.equipment("split", EquipmentKind.SPLIT, roles)))
    day.at("10:00", window="open")
    day.at("10:03", run_status=False)
    day.at("10:05", window="closed")
    day.at("10:12:59").expect(hvac="off", rule="min-off")
    day.at("10:13").expect(hvac="on", slot=None)
    day.at("11:00", window="open", run_status=UNKNOWN)
    day.at("11:02", window="closed")
    day.at("11:10").expect(hvac="off", rule="min-off")
    day.at("11:11").expect(hvac="on")


def test_a_compressor_of_ours_rests_also_after_somebody_else_stopped_it() -> None:
    """The operator stops it at slot 8 for a minute; ten minutes pass before we let it start."""
    day = Day(parts.zone(split_unit("supervisor")))
    day.at("10:00", held=("hvac", 8, False)).expect(hvac="off", rule="min-off").complies(min_off=True)
    day.at("10:01", held=("hvac", 8, None)).expect(hvac="off", rule="min-off")
    day.at("10:10").expect(hvac="on", rule="base")


def test_one_false_status_stops_no_compressor() -> None:
    """Ours runs, and its status says for ten seconds that it does not: to stop it for that would be the short cycle itself."""
    roles = (*parts.FAN_COIL, Role.RUN_STATUS)
    day = Day(parts.zone(parts.equipment("split", EquipmentKind.SPLIT, roles, base="supervisor")))
    day.at("10:00").expect(hvac="on", slot=True)
    day.at("10:10", run_status=False).expect(hvac="on", slot=True)
    day.at("10:10:10", run_status=True).expect(hvac="on", slot=True)
    day.at("10:20", run_status=False).expect(hvac="on")
    day.at("10:21").expect(hvac="off", rule="min-off")
    day.at("10:30").expect(hvac="on", rule="base")


def test_a_compressor_without_a_switch_of_its_own_is_left_alone() -> None:
    """Nothing to delay."""
    unit = parts.equipment("split", EquipmentKind.SPLIT, (Role.COOLING_SETPOINT,))
    Day(parts.zone(unit)).at("10:00").complies(min_off=True)


def test_fan_coils_need_no_rest(day: Day) -> None:
    """No compressor, no delay."""
    day.at("10:00", window="open")
    day.at("10:02", window="closed")
    day.at("10:03").expect(hvac="on")


def test_a_released_zone_is_handed_back_for_a_while_but_not_to_frost_or_fire() -> None:
    """The operator's word ends by itself; what protects life and equipment stays."""
    day = january()
    day.at("17:10").expect(hvac="off")
    day.at("17:15", release="17:30").expect(hvac="on", slot=None, rule="base").complies(pre_close_off=False)
    assert value(day, "hvac") is RELINQUISH
    assert {loser.rule for loser in day.outcome("hvac").losers} == {"pre-close-off"}
    day.at("17:19", temperature=5.0)
    day.at("17:20").expect(heating=12.0, rule="freeze-protect")
    day.at("17:24", temperature=20.0)
    day.at("17:25").expect(heating=20.0, slot=None)
    day.at("17:30").expect(hvac="off", rule="pre-close-off")


def test_frost_protection_is_judged_by_what_really_stands() -> None:
    """Setpoint and mode as well: an override breaks it, protection and silence cannot be judged."""
    day = january()
    day.at("02:59", temperature=7.0)
    day.at("03:00").complies(freeze_protect=True)
    day.at("03:01", held=("heating", 8, 18.0)).complies(freeze_protect=False)
    day.at("03:02", held=("heating", 8, 12.04)).complies(freeze_protect=True)
    day.at("03:03", held=("heating", 8, 11.94)).complies(freeze_protect=False)
    day.at("03:04", held=("heating", 8, None)).complies(freeze_protect=True)
    day.at("03:05", held=("mode", 8, "cool")).complies(freeze_protect=False)
    day.at("03:06", held=("mode", 8, None))
    day.at("03:07", held=("heating", 4, 18.0)).complies(freeze_protect=None)
    day.at("03:08", held=("heating", 4, None))
    day.building.outputs[day._point("heating")].known = False
    day.at("03:09").complies(freeze_protect=None)
