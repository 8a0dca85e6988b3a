"""Golden days of `window-off`: no air conditioning through an open window."""

from __future__ import annotations

from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def test_a_window_opened_at_ten_stops_the_fan_coil_until_a_minute_after_it_closes(day: Day) -> None:
    """The plan's 开空调时不开窗, on an office with one window."""
    day.at("10:00", window="open").expect(hvac="on")
    day.at("10:00:59").expect(hvac="on")
    day.at("10:01").expect(hvac="off", rule="window-off").complies(window_off=True)
    day.at("10:20", window="closed").expect(hvac="off", rule="window-off").complies(window_off=True)
    day.at("10:20:59").expect(hvac="off")
    day.at("10:21").expect(hvac="on", slot=None)


def test_a_window_opened_for_half_a_minute_stops_nothing(day: Day) -> None:
    """Somebody shakes out a cloth."""
    day.at("10:00", window="open")
    day.at("10:00:30", window="closed")
    day.at("10:05").expect(hvac="on", slot=None).complies(window_off=True)


def test_a_window_reopened_within_the_minute_keeps_the_fan_coil_off(day: Day) -> None:
    """Closed and opened again at once: the fan coil does not start in between."""
    day.at("10:00", window="open")
    day.at("10:20", window="closed")
    day.at("10:20:50", window="open").expect(hvac="off", rule="window-off")
    day.at("10:21:30").expect(hvac="off")
    day.at("11:00", window="closed")
    day.at("11:01").expect(hvac="on")


def test_all_windows_must_be_closed() -> None:
    """Two windows: the one that is still open counts."""
    day = Day(parts.zone(parts.fan_coil(), windows=2))
    day.at("10:00", window_1="open", window_2="open")
    day.at("10:10", window_1="closed")
    day.at("10:30").expect(hvac="off")
    day.at("10:31", window_2="closed")
    day.at("10:32").expect(hvac="on")


def test_a_contact_that_falls_silent_ends_the_rule_and_measures_nothing(day: Day) -> None:
    """Unknown is not open, and not compliant either."""
    day.at("10:00", window="open")
    day.at("10:05").expect(hvac="off")
    day.at("10:10", window=UNKNOWN).expect(hvac="on").complies(window_off=None)


def test_a_window_left_open_for_four_hours_is_told_and_keeps_the_room_off(day: Day) -> None:
    """The manager is asked to close it; nobody heats the street meanwhile, the next morning neither."""
    day.at("10:00", window="open")
    day.at("13:59:59").expect(hvac="off", rule="window-off")
    assert not day.told("alert", "window-off")
    day.at("14:00").expect(hvac="off", rule="window-off").complies(window_off=True)
    (told,) = day.told("alert", "window-off")
    assert told.about == "office-201/window-1"
    day.at("09:30").expect(hvac="off", rule="window-off")
    day.at("10:30", window="closed")
    day.at("10:31").expect(hvac="on").complies(window_off=True)
    assert not day.building.memory


def test_a_contact_open_through_three_working_days_is_suspect(day: Day) -> None:
    """Wednesday's window: Thursday, Friday and Monday pass, the weekend does not count; then nothing is measured."""
    day.at("10:00", window="open")
    for _ in range(5):
        day.at("17:00").expect(hvac="off")
        day.at("06:00")
    day.at("12:00").expect(hvac="off", rule="window-off")
    day.at("17:31").complies(window_off=None)
    day.at("08:30").at("10:00").expect(hvac="on").complies(window_off=None)
    assert day.building.answer is not None
    (suspect,) = [n for n in day.building.answer.notices if "suspect" in day.words(n.because)[0]]
    assert "office-201/window-1" in day.words(suspect.because)[0]
    day.at("10:30", window="closed").complies(window_off=True)
    assert not day.building.memory
    day.at("11:00", window="open")
    day.at("11:01").expect(hvac="off", rule="window-off")


def test_a_contact_that_moves_between_is_never_suspect(day: Day) -> None:
    """Somebody opens it every morning: that is a window, not a fault."""
    for _ in range(6):
        day.at("09:30", window="open")
        day.at("17:00", window="closed")
    day.at("09:30", window="open").at("10:30").expect(hvac="off", rule="window-off")


def test_a_fan_coil_that_we_may_only_read_is_still_judged() -> None:
    """Read-only points have their compliance measured, and no decision."""
    day = Day(parts.zone(parts.fan_coil(writable=False)))
    day.at("10:00", window="open").complies(window_off=True)
    day.at("10:01").complies(window_off=False)
    assert day.building.answer is not None
    assert not day.building.answer.outcomes


def test_a_suspect_contact_is_remembered_over_a_holiday_week() -> None:
    """Suspect on 30 September; on 8 October, after the National Day, it is no better known."""
    day = Day(on="2026-09-24")
    day.at("08:00", window="open")
    for _ in range(16):
        day.at("06:00").at("09:15")
    day.expect(hvac="on").complies(window_off=None)


def test_a_suspect_contact_does_not_excuse_the_other_window() -> None:
    """Its alert stands while the room is off for the window that is believed, and until that has been closed."""
    day = Day(parts.zone(parts.fan_coil(), windows=2))
    day.at("08:00", window_1="open")
    for _ in range(7):
        day.at("06:00").at("07:00")
    day.at("13:00").expect(hvac="on")
    day.at("14:00", window_2="open")
    day.at("14:01").expect(hvac="off", rule="window-off").complies(window_off=True)
    assert "office-201/window-2" in day.why("hvac")[0]
    assert day.building.answer is not None
    assert [n.about for n in day.building.answer.notices] == ["office-201/window-1"]
    day.at("14:10", window_2="closed").expect(hvac="off")
    day.at("14:11").expect(hvac="on").complies(window_off=None)


def test_a_building_that_never_opens_suspects_no_window() -> None:
    """There are no opening hours to count."""
    day = Day(timetable=parts.timetable(()))
    day.at("07:00", window="open")
    for _ in range(8):
        day.at("20:00").complies(window_off=True)
    assert all("suspect" not in day.words(n.because)[0] for n in day.told("alert", "window-off"))
