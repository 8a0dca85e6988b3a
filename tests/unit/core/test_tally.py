"""Seconds in and out of the rules, and kelvin-seconds outside the comfort band, between one look and the next."""

from __future__ import annotations

import pytest

from config.rules import RuleId
from drivers.readings import Quality, Reading
from supervisor.core.looks import warmth
from supervisor.core.tally import Look, Tally, Warmth
from tests.unit.core import parts

NOON = 1_784_088_000.0


def _look(at: float, *, occupied: bool) -> Look:
    return Look(at, (), (), occupied, 0.0, 0.0)


def test_a_room_that_grows_hot_is_counted_though_nobody_decides_anything() -> None:
    """A minute at 28 °C, a minute at 29, a minute at ease: one and two kelvin-minutes above the band's 27 °C."""
    zone = parts.zone(parts.fan_coil())
    assert (zone.comfort.low, zone.comfort.high) == (19.0, 27.0)
    tally = Tally()
    tally.look(zone.id, _look(NOON, occupied=True))
    for minute, temperature in ((1, 28.0), (2, 29.0), (3, 24.0)):
        at = NOON + 60.0 * minute
        tally.warmed(zone.id, warmth(zone, Reading(temperature, Quality.GOOD, at, at), at))
    tally.settle(NOON + 600.0)
    totals = tally.totals()
    assert totals.discomfort_kelvin_seconds[zone.id, "hot"] == pytest.approx(180.0)
    assert totals.discomfort_kelvin_seconds[zone.id, "cold"] == 0.0
    assert totals.occupied_seconds[zone.id] == pytest.approx(600.0)


def test_an_empty_room_is_never_uncomfortable() -> None:
    """Nobody is there to feel it."""
    tally = Tally()
    tally.look("room", _look(NOON, occupied=False))
    tally.warmed("room", Warmth(NOON + 60.0, 5.0, 0.0))
    tally.settle(NOON + 600.0)
    assert not tally.totals().discomfort_kelvin_seconds


def test_what_was_set_but_off_is_counted_apart_and_survives_a_restart() -> None:
    """Ten minutes outside while it ran, twenty set but off; the store gives both back."""
    rule = RuleId.SUMMER_SETPOINT
    tally = Tally()
    tally.look("room", Look(NOON, (rule,), (), False, 0.0, 0.0))
    tally.look("room", Look(NOON + 600.0, (), (), False, 0.0, 0.0, (rule,)))
    tally.settle(NOON + 1800.0)
    again = Tally()
    again.restore(tally.counters())
    for totals in (tally.totals(), again.totals()):
        assert totals.violation_seconds == {("room", rule): 600.0}
        assert totals.set_but_off_seconds == {("room", rule): 1200.0}


def test_a_temperature_that_is_not_known_is_not_held_against_the_room() -> None:
    """Stale: neither hot nor cold."""
    zone = parts.zone(parts.fan_coil())
    assert warmth(zone, Reading(35.0, Quality.STALE, NOON, NOON), NOON) == Warmth(NOON, 0.0, 0.0)
    assert warmth(zone, Reading(18.0, Quality.GOOD, NOON, NOON), NOON) == Warmth(NOON, 0.0, 1.0)


def test_what_is_counted_some_zones_at_a_time_is_counted_once() -> None:
    """A zone that is looked at while others are being counted keeps its newer look; a clock that was set back is followed."""
    tally = Tally()
    for number in range(120):
        tally.look(f"z{number}", _look(NOON, occupied=True))
    for turn, _ in enumerate(tally.settling(NOON + 60.0)):
        if turn == 0:
            tally.look("z119", _look(NOON + 90.0, occupied=True))
    tally.settle(NOON + 120.0)
    seconds = tally.totals().occupied_seconds
    assert set(seconds.values()) == {120.0}
    tally.settle(NOON)
    tally.settle(NOON + 30.0)
    assert set(tally.totals().occupied_seconds.values()) == {150.0}
