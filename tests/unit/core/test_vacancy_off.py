"""Golden days of `vacancy-off`: no air conditioning and no light for nobody."""

from __future__ import annotations

from config.roles import Role, ZoneKind
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def test_a_meeting_room_left_at_two_is_dark_at_ten_past_and_off_at_a_quarter_past(day: Day) -> None:
    """The plan's 无人办公时关闭空调; the lights are the site's choice."""
    day.at("13:59").complies(vacancy_off=True)
    day.at("14:00", people=0).expect(hvac="on", lights="on").complies(vacancy_off=True)
    day.at("14:09:59").expect(lights="on")
    day.at("14:10").expect(lights="off", hvac="on").expect(lights="off", rule="vacancy-off")
    day.at("14:14:59").expect(hvac="on")
    day.at("14:15").expect(hvac="off", rule="vacancy-off").complies(vacancy_off=True)
    day.at("15:02", people=1).expect(hvac="on", lights="on", slot=None)


def test_lights_and_air_each_cite_their_own_clause(day: Day) -> None:
    """无人办公时关闭空调 says nothing of lights: their audit row must not claim that it does."""
    day.at("14:00", people=0)
    day.at("14:15").expect(lights="off", hvac="off", rule="vacancy-off")
    lights, air = (day.outcome(what).decision.citation for what in ("lights", "hvac"))
    assert (air.clause, air.site_choice) == ("（二）无人办公时关闭空调", False)
    assert (lights.clause, lights.site_choice) == ("（二）减少照明电耗", True)


def test_a_sensor_that_falls_silent_in_hours_counts_as_somebody(day: Day) -> None:
    """Unknown is not empty; and it is not compliant either."""
    day.at("14:00", people=0)
    day.at("14:20", people=UNKNOWN).expect(hvac="on", lights="on").complies(vacancy_off=None)


def test_a_room_left_before_closing_stays_off_through_the_close(day: Day) -> None:
    """No light comes back between 17:30 and the sweep at 17:40."""
    day.at("15:00", people=0)
    day.at("17:30").expect(lights="off", rule="vacancy-off")
    day.at("17:35").expect(lights="off")
    day.at("17:40").expect(lights="off", rule="lights-close")


def test_an_empty_room_is_prepared_for_its_opening_and_let_go_if_nobody_comes(day: Day) -> None:
    """Empty all night: prestart at 08:30, off again a quarter of an hour after opening; lights stay out."""
    day.at("17:00", people=0)
    day.at("08:30").expect(hvac="on", lights="off")
    day.at("09:00").expect(hvac="on", lights="off")
    day.at("09:15").expect(hvac="off", rule="vacancy-off")
    day.at("09:20", people=1).expect(hvac="on", lights="on")


def test_a_room_exempt_from_the_close_whose_sensor_is_dead_counts_as_empty_after_hours(day: Day) -> None:
    """Stale occupancy: present in hours, absent from half an hour after closing."""
    day.at("16:00", people=UNKNOWN, exempt=("pre-close-off", day.when("05:59")))
    day.at("18:14:59").expect(hvac="on")
    day.at("18:15").expect(hvac="off", rule="vacancy-off").complies(vacancy_off=None)


def test_a_room_without_a_sensor_has_no_such_rule() -> None:
    """未监测: nothing is decided by it, and nothing measured."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps(), sensors=(Role.TEMPERATURE,)))
    day.at("14:00").expect(hvac="on")
    assert day.building.answer is not None
    assert "vacancy-off" not in day.building.answer.compliance


def test_lobby_lights_are_not_its_business() -> None:
    """Circulation is lit by `corridor-delay`."""
    lobby = parts.zone(parts.fan_coil(), parts.lamps(), kind=ZoneKind.LOBBY)
    day = Day(lobby)
    day.at("14:00", people=0)
    day.at("14:30").expect(hvac="off", rule="vacancy-off").expect(lights="off", rule="corridor-delay")
