"""Golden days of `pre-close-off`: the air conditioning stops half an hour before closing."""

from __future__ import annotations

from config.roles import Role
from schedules.types import ALL_DAY, Interval, Overtime, WeekHours
from tests.unit.core import parts
from tests.unit.core.story import Day


def test_the_fan_coil_stops_at_five_in_an_office_that_closes_at_half_past(day: Day) -> None:
    """The plan's 下班前半小时关闭空调, and prestart the next morning."""
    day.at("16:59:59").expect(hvac="on", slot=None)
    day.at("17:00").expect(hvac="off", rule="pre-close-off").complies(pre_close_off=True)
    day.at("17:30").expect(hvac="off", rule="pre-close-off")
    day.at("08:29:59").expect(hvac="off")
    day.at("08:30").expect(hvac="on", slot=None)


def test_lunch_is_not_a_close(day: Day) -> None:
    """Closed from 12:00 to 13:00: the fan coil runs through."""
    day.at("11:45").expect(hvac="on")
    day.at("12:30").expect(hvac="on")


def test_overtime_until_eight_moves_the_half_hour(day: Day) -> None:
    """Li stays until 20:00 and asks the plant for air."""
    day.at("16:30", overtime=("20:00", "Li")).expect(hvac="on")
    day.at("19:29:59").expect(hvac="on")
    day.at("19:30").expect(hvac="off", rule="pre-close-off")


def test_overtime_asked_for_after_closing_starts_the_fan_coil_again(day: Day) -> None:
    """At 18:00, half an hour after closing; it ends by itself."""
    day.at("18:00").expect(hvac="off")
    day.at("18:01", overtime=("20:00", "Li")).expect(hvac="on")
    day.at("19:30").expect(hvac="off", rule="pre-close-off")


def test_overtime_that_begins_soon_after_closing_does_not_prepare_the_last_half_hour(day: Day) -> None:
    """Prestart never reaches back beyond the close before it."""
    day.at("16:00")
    begin, end = day.when("17:45"), day.when("20:00")
    day.building.overtime = (Overtime(begin, end, "Li"),)
    day.at("17:29:59").expect(hvac="off", rule="pre-close-off")
    day.at("17:30").expect(hvac="on")


def test_an_opening_too_short_for_the_rule_starts_nothing() -> None:
    """Twenty minutes of opening lie within the last half hour altogether, prestart included."""
    day = Day(timetable=parts.timetable((Interval(10 * 60, 10 * 60 + 20),)))
    day.at("09:45").expect(hvac="off", rule="pre-close-off")
    day.at("10:10").expect(hvac="off", rule="pre-close-off")


def test_an_early_closing_counts() -> None:
    """The eve of a holiday closes at 15:00."""
    day = Day(timetable=parts.timetable(specials=[parts.early_closing("2026-07-15", 15 * 60)]))
    day.at("14:29:59").expect(hvac="on")
    day.at("14:30").expect(hvac="off", rule="pre-close-off")


def test_a_room_without_hours_to_close_is_never_stopped_by_the_clock() -> None:
    """A duty room, 24 hours."""
    week = WeekHours(ALL_DAY, weekend=ALL_DAY, holiday=ALL_DAY)
    day = Day(timetable=parts.timetable(week=week))
    day.at("17:15").expect(hvac="on", slot=None)
    day.at("03:00").expect(hvac="on", slot=None)


def test_a_switch_at_slot_eight_that_keeps_it_running_is_a_violation_not_a_fight(day: Day) -> None:
    """The operator's manual override outranks us: respected, and counted for as long as it lasts."""
    day.at("17:10", held=("hvac", 8, True)).expect(hvac="on", rule="pre-close-off").complies(
        pre_close_off=False
    )
    day.at("18:00", held=("hvac", 8, None)).expect(hvac="off").complies(pre_close_off=True)


def test_a_protection_slot_is_recorded_and_never_judged(day: Day) -> None:
    """Slot 5, critical equipment, keeps it running: neither compliant nor in violation."""
    day.at("17:10", held=("hvac", 5, True)).expect(hvac="on").complies(pre_close_off=None)


def test_a_fan_coil_in_hand_that_runs_on_is_a_violation() -> None:
    """The switch at the unit stands on hand: the status decides, whatever was written."""
    roles = (*parts.FAN_COIL, Role.RUN_STATUS, Role.HAND_AUTO)
    day = Day(parts.zone(parts.fan_coil(roles)))
    day.at("16:00", hand=True, run_status=True)
    day.at("17:10").expect(hvac="off").complies(pre_close_off=False)
    assert day.building.view().equipment[0].in_hand
    day.at("17:20", run_status=False).complies(pre_close_off=True)
    day.at("17:25", run_status="unknown").complies(pre_close_off=None)


def test_an_exempt_room_runs_on_until_the_exemption_lapses_with_an_alert(day: Day) -> None:
    """Approved until 18:00 today; from then on the rule applies, and somebody is told."""
    day.at("16:00", exempt=("pre-close-off", day.when("18:00")))
    day.at("17:30").expect(hvac="on")
    assert day.building.answer is not None
    assert "pre-close-off" not in day.building.answer.compliance
    day.at("18:00").expect(hvac="off", rule="pre-close-off")
    assert len(day.told("alert", "pre-close-off")) == 1
