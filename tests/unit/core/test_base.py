"""Golden days of `base` and `plug-close`: equipment that is ours all day, and sockets."""

from __future__ import annotations

from config.roles import EquipmentKind
from config.rules import RuleSettings
from schedules.types import Overtime
from supervisor.core.decisions import RELINQUISH
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def ours(**lamp: str) -> Day:
    """An office whose fan coil, fresh air, lights and sockets are all decided by us."""
    fresh = parts.equipment("fresh", EquipmentKind.FRESH_AIR, base="supervisor")
    sockets = parts.equipment("sockets", EquipmentKind.PLUGS, base="supervisor")
    lamps = parts.lamps(base="supervisor", **lamp)
    return Day(parts.zone(parts.fan_coil(base="supervisor"), fresh, lamps, sockets))


def test_a_day_of_equipment_that_is_ours() -> None:
    """Prepared at 08:30, lit at nine, off as the rules say, and as nobody is there."""
    day = ours()
    day.at("07:00", people=0).expect(hvac="off", lights="off", fresh_air="off", sockets="off")
    day.at("08:30").expect(hvac="on", fresh_air="on", rule="base").expect(lights="off", sockets="on")
    day.at("08:50", people=1).expect(lights="on", rule="base")
    day.at("12:00", people=0)
    day.at("12:10").expect(lights="off", hvac="on", fresh_air="on")
    day.at("12:15").expect(hvac="off", fresh_air="off", sockets="on")
    day.at("13:00", people=1).expect(hvac="on", lights="on", fresh_air="on", slot=True)
    day.at("17:00").expect(hvac="off", rule="pre-close-off").expect(fresh_air="on")
    day.at("17:30").expect(fresh_air="off", lights="on", sockets="on")
    day.at("17:36", people=0).expect(lights="on", rule="base")
    day.at("17:40").expect(lights="off", rule="lights-close").expect(sockets="on")
    day.at("18:00").expect(sockets="off", rule="plug-close")


def test_lights_of_ours_blink_before_the_sweep() -> None:
    """The warning is seen, because the light is still there."""
    day = ours(warn="blink")
    day.at("17:32", people=0).expect(lights="on")
    day.at("17:35").expect(lights="off")
    day.at("17:35:01").expect(lights="on", slot=True)


def test_lights_of_ours_with_a_dead_sensor_are_lit_in_hours_and_half_an_hour_longer() -> None:
    """Present in hours, absent from close + 30 min; dark in the morning until opening."""
    day = ours()
    day.at("09:30", people=UNKNOWN).expect(lights="on", fresh_air="on")
    day.at("17:59:59").expect(lights="on", sockets="on")
    day.at("18:00").expect(lights="off", sockets="off")
    day.at("08:59:59").expect(lights="off", rule="base")
    day.at("09:00").expect(lights="on")


def test_sockets_stay_on_while_somebody_is_there() -> None:
    """Circuits that the site lists, controller's or ours; the last one leaves at nine."""
    for base in ("controller", "supervisor"):
        day = Day(parts.zone(parts.equipment("sockets", EquipmentKind.PLUGS, base=base)))
        day.at("18:30").expect(sockets="on")
        day.at("21:00", people=0).expect(sockets="off", rule="plug-close").complies(plug_close=True)
        day.at("08:30").expect(sockets="on")


def test_sockets_whose_room_is_not_known_wait_for_the_longer_of_two_delays() -> None:
    """Five minutes by the site's choice; half an hour where nobody knows."""
    rules = RuleSettings.model_validate({"plug-close": {"delay": "5min"}})
    for base in ("controller", "supervisor"):
        sockets = parts.equipment("sockets", EquipmentKind.PLUGS, base=base)
        day = Day(parts.zone(sockets, rules=rules))
        day.at("17:30", people=0)
        day.at("17:34:59").expect(sockets="on")
        day.at("17:35").expect(sockets="off", rule="plug-close")
        day.at("17:40", people=UNKNOWN).expect(sockets="on")
        day.at("17:59:59").expect(sockets="on")
        day.at("18:00").expect(sockets="off", rule="plug-close")


def test_exemptions_lift_the_offs_of_equipment_that_is_ours_too() -> None:
    """A server room may be ours all day, and is never stopped for the night; until the exemption ends."""
    day = ours()
    for rule in ("pre-close-off", "vacancy-off", "lights-close", "plug-close"):
        day.at("06:00", exempt=(rule, day.when("23:00")))
    day.at("10:00", people=0)
    day.at("12:00").expect(hvac="on", lights="on", sockets="on", rule="base").expect(fresh_air="off")
    day.at("22:00").expect(hvac="on", lights="on", sockets="on", rule="base")
    assert day.why("hvac") == day.why("lights") == day.why("sockets") == ("exempt", "已豁免")
    day.at("23:00").expect(hvac="off", lights="off", sockets="off")


def test_a_room_exempt_from_vacancy_alone_keeps_its_air_in_hours() -> None:
    """A clinic's waiting room: empty for an hour, conditioned until the close."""
    day = ours()
    day.at("06:00", exempt=("vacancy-off", day.when("23:00")))
    day.at("10:00", people=0)
    day.at("11:00").expect(hvac="on", lights="on", rule="base")
    day.at("17:00").expect(hvac="off", rule="pre-close-off")


def test_somebody_who_works_late_has_light_and_no_air() -> None:
    """Presence keeps lights; the close is the close for air."""
    day = ours()
    day.at("20:00").expect(lights="on", rule="base").expect(hvac="off", fresh_air="off")


def test_overtime_asks_the_air_handler_for_air_and_lets_go_by_itself() -> None:
    """Its own schedule does not know of Li's evening."""
    day = Day(parts.zone(parts.fan_coil(), served_by=("ahu",)))
    day.at("16:00")
    assert day.outcome("request").decision.rule == "base"
    day.at("17:00").expect(request=False, rule="pre-close-off")
    day.at("17:10", overtime=("20:00", "Li")).expect(request=True, rule="base")
    assert "Li" in str(day.outcome("request").decision.reason)
    day.at("18:00", window="open")
    day.at("18:01").expect(request=False, rule="window-off")
    day.at("18:10", window="closed")
    day.at("18:11").expect(request=True)
    day.at("19:30").expect(request=False, rule="pre-close-off")
    day.at("20:00").expect(request=False)


def test_overtime_asks_for_air_beside_what_is_ours_anyway() -> None:
    """Li's fan coil is ours, and on a Saturday on for Li."""
    zone = parts.zone(parts.fan_coil(base="supervisor"), served_by=("ahu",))
    day = Day(zone, on="2026-07-18")
    day.at("12:00", overtime=("16:00", "Li")).expect(request=True, rule="base").expect(hvac="on", slot=True)


def test_overtime_asks_for_air_from_when_it_begins() -> None:
    """Li comes on Saturday from two to six: nothing is asked for before."""
    day = Day(parts.zone(parts.fan_coil(), served_by=("ahu",)), on="2026-07-18")
    day.at("12:00")
    day.building.overtime = (Overtime(day.when("14:00"), day.when("18:00"), "Li"),)
    day.at("13:45").expect(request=RELINQUISH, rule="base")
    day.at("14:00").expect(request=True, rule="base")
    day.at("17:30").expect(request=False, rule="pre-close-off")
