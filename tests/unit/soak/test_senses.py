"""The soak's reckoning of what a supervisor may believe, apart from any supervisor."""

from __future__ import annotations

from config.roles import Role
from tests.soak.senses import ROOM, WEATHER, Senses

T, C = Role.TEMPERATURE, Role.CO2
NOTICED = 90.0


def room() -> Senses:
    """A fit room with a thermometer and a CO2 sensor."""
    return Senses(ROOM, {T: 22.0, C: 600.0})


def test_a_hot_room_is_unfit_once_that_must_have_been_noticed_and_until_it_is_back_by_a_margin() -> None:
    """28.5 °C, then 27.5, then 26.5; a moment after each change either may still be believed."""
    it = room()
    it.show(T, 28.5, 1000.0, 1000.0 + NOTICED)
    assert it.beyond(1050.0) is None
    assert it.beyond(1100.0) is True
    it.show(T, 27.5, 2000.0, 2000.0 + NOTICED)
    assert it.beyond(2010.0) is True
    it.show(T, 26.5, 3000.0, 3000.0 + NOTICED)
    assert it.beyond(3010.0) is None
    assert it.beyond(3100.0) is False


def test_a_peak_that_may_have_been_missed_leaves_both_possible_within_the_margin() -> None:
    """The notification of 28.5 °C was lost; before the next poll it was 27.5: noticed or not, both are right."""
    it = room()
    it.show(T, 28.5, 1000.0, 1000.0 + 990.0)
    it.show(T, 27.5, 1300.0, 1300.0 + NOTICED)
    assert it.beyond(9000.0) is None
    it.show(T, 24.0, 9000.0, 9000.0 + NOTICED)
    assert it.beyond(9100.0) is False


def test_the_margin_is_of_the_room_and_not_of_one_sensor() -> None:
    """Suspended for its air, a room at 27.5 °C is not back within all its limits when the air is."""
    it = room()
    it.show(C, 1600.0, 1000.0, 1090.0)
    it.show(T, 27.5, 2000.0, 2090.0)
    it.show(C, 700.0, 3000.0, 3090.0)
    assert it.beyond(3100.0) is True


def test_a_sensor_that_lies_is_unknown_and_may_make_forget() -> None:
    """Neither in nor out while it lies; then what stood before may be forgotten, not so a fresh excess."""
    it = Senses(WEATHER, {Role.OUTDOOR_TEMPERATURE: 30.0})
    it.show(Role.OUTDOOR_TEMPERATURE, 29.0, 0.0, NOTICED)
    assert it.beyond(100.0) is True
    it.lie(Role.OUTDOOR_TEMPERATURE, 1000.0, 1090.0)
    assert (it.unknown(1010.0), it.beyond(1010.0)) == (False, None)
    assert (it.unknown(1100.0), it.beyond(1100.0)) == (True, None)
    it.show(Role.OUTDOOR_TEMPERATURE, 27.5, 2000.0, 2090.0)
    assert (it.unknown(2010.0), it.beyond(2010.0)) == (False, None)
    assert it.beyond(2100.0) is None
    it.show(Role.OUTDOOR_TEMPERATURE, 28.5, 3000.0, 3090.0)
    assert it.beyond(3100.0) is True


def test_nothing_is_certain_over_a_bad_line_nor_at_once_after_it() -> None:
    """A value shown meanwhile counts when the line has been good for a while."""
    it = room()
    it.doubt(1000.0, 5000.0)
    it.show(T, 30.0, 2000.0, 2000.0 + NOTICED)
    assert it.beyond(4999.0) is None
    assert it.beyond(5000.0) is True


def test_while_the_rule_does_not_hold_an_excess_may_be_forgotten_but_not_invented() -> None:
    """At 27.5 °C after 28.5 both are possible once the rule has lapsed; a room that was never hot stays fit."""
    it, cool = room(), room()
    it.show(T, 28.5, 0.0, NOTICED)
    it.show(T, 27.5, 1000.0, 1090.0)
    it.forget()
    cool.forget()
    assert it.beyond(2000.0) is None
    assert cool.beyond(2000.0) is False


def test_a_suspension_begins_for_sure_only_in_a_room_that_was_fit_for_long() -> None:
    """Out of the limits after hours within them; not so soon after it may have been out, nor once it may be forgotten."""
    it, again, lapsed = room(), room(), room()
    for each in (it, again, lapsed):
        each.show(T, 29.0, 10_000.0, 10_000.0 + NOTICED)
        assert each.left == 10_000.0
    again.show(T, 24.0, 10_300.0, 10_390.0)
    assert again.beyond(11_000.0) is False
    again.show(T, 29.0, 12_000.0, 12_090.0)
    assert again.left is None
    lapsed.forget()
    assert lapsed.left is None
    it.doubt(11_000.0, 15_000.0)
    assert it.left is None


def test_an_excess_that_was_over_before_anybody_must_have_seen_it_began_nothing_for_sure() -> None:
    """Between two polls the room was hot for half a minute: a supervisor may have missed it."""
    it = room()
    it.show(T, 29.0, 10_000.0, 10_000.0 + 900.0)
    it.show(T, 20.0, 10_030.0, 10_030.0 + 900.0)
    assert it.left is None
    assert it.beyond(11_000.0) is False


def test_nearly_outside_again_before_a_suspension_is_over_it_may_end_or_go_on() -> None:
    """Hot, well back, and at 27.5 °C before the half hour was over: either may be believed, until it is clear again."""
    it = room()
    it.show(T, 29.0, 10_000.0, 10_000.0 + NOTICED)
    it.show(T, 25.0, 10_400.0, 10_400.0 + NOTICED)
    assert it.beyond(11_000.0) is False
    it.show(T, 27.5, 11_200.0, 11_200.0 + NOTICED)
    assert it.beyond(13_000.0) is None
    it.show(T, 25.0, 14_000.0, 14_000.0 + NOTICED)
    assert it.beyond(15_000.0) is False
