"""Golden days of `mild-season-off`: no cooling or heating in spring and autumn while the weather is normal."""

from __future__ import annotations

import math

import pytest

from config.roles import EquipmentKind, Role
from schedules.seasons import Season
from supervisor.core.now import Now
from supervisor.core.rules.mild_season_off import MILD_SEASON_OFF
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day

_ALL = (*parts.SENSORS, Role.HUMIDITY, Role.CO2)


def april(outdoor: float | str = 19.0, **more: object) -> Day:
    """A Wednesday in April."""
    day = Day(on="2026-04-15", season=Season.SPRING, **more)  # type: ignore[arg-type] # passed on
    return day.at("08:00", outdoor=outdoor)


def test_a_fan_coil_is_held_off_on_a_mild_day_in_april() -> None:
    """春秋季正常天气不开空调."""
    day = april()
    day.at("09:00").expect(hvac="off", rule="mild-season-off").complies(mild_season_off=True)
    day.at("10:00", season="summer").expect(hvac="on")


def test_a_sealed_room_that_grows_hot_suspends_the_rule_with_its_figure() -> None:
    """Rooms locked out in the mild season reached 44 °C in EnergyPlus: at 28.1 °C this one is let out."""
    day = april()
    day.at("14:00", temperature=28.0).expect(hvac="off")
    day.at("14:30", temperature=28.1).expect(hvac="on").complies(mild_season_off=True)
    exceptions = day.told("exception", "mild-season-off")
    assert [str(e.because) for e in exceptions] == ["mild-season lock-out suspended: temperature 28.1 °C"]
    day.at("15:30", temperature=27.1).expect(hvac="on")
    day.at("16:10", temperature=26.9).expect(hvac="off", rule="mild-season-off")
    assert len(day.told("exception", "mild-season-off")) == 1
    day.at("16:20", temperature=28.5).expect(hvac="on")
    assert len(day.told("exception", "mild-season-off")) == 2


def test_a_room_that_is_not_suspended_waits_for_no_moment() -> None:
    """Only where the rule gave way is there an hour to come at which it may hold again."""

    def wakes(day: Day) -> float:
        building, now = day.building, Now(day.building.now)
        MILD_SEASON_OFF.evaluate(building.view(), building.facts, building.memory, now)
        return now.wake_at

    day = april()
    assert wakes(day.at("10:00").expect(hvac="off")) == math.inf
    assert wakes(day.at("11:00", temperature=28.1).expect(hvac="on")) == day.when("11:30")


def test_cold_damp_and_stale_air_suspend_it_as_well() -> None:
    """Below 16 °C, above 70 % RH, above the CO2 limit; each until it is back by a margin."""
    day = april(zone=parts.zone(parts.fan_coil(), sensors=_ALL))
    day.at("10:00", temperature=15.9).expect(hvac="on")
    day.at("10:10", temperature=16.5).expect(hvac="on")
    day.at("10:40", temperature=17.0).expect(hvac="off")
    day.at("11:00", humidity=70.5).expect(hvac="on")
    day.at("11:30", humidity=65.0).expect(hvac="off")
    day.at("12:00", co2=1501).expect(hvac="on")
    day.at("12:30", co2=1300).expect(hvac="off")
    assert len(day.told("exception", "mild-season-off")) == 3


def test_abnormal_weather_lifts_it_for_everybody_with_a_margin() -> None:
    """Above 28 °C outdoors until it is below 27 again; unknown weather ends the rule."""
    day = april()
    day.at("11:59", outdoor=28.1).expect(hvac="off")
    day.at("12:00").expect(hvac="on").complies(mild_season_off=True)
    day.at("13:00", outdoor=27.5).expect(hvac="on")
    day.at("13:59", outdoor=27.0).expect(hvac="on")
    day.at("14:00").expect(hvac="off")
    day.at("15:00", outdoor=UNKNOWN).expect(hvac="on").complies(mild_season_off=None)
    day.at("15:10", outdoor=9.9).expect(hvac="on")
    day.at("15:20", outdoor=10.9).expect(hvac="on")
    day.at("15:29", outdoor=11.0).expect(hvac="on")
    day.at("15:30").expect(hvac="off")


@pytest.mark.parametrize("weather", [30.0, UNKNOWN])
def test_a_room_that_comes_back_while_the_weather_is_abnormal_is_suspended_no_more(
    weather: float | str,
) -> None:
    """Too hot at two, fit again at four while it is hot outdoors: when the weather turns, 27.5 °C is no reason left."""
    day = april()
    day.at("14:00", temperature=28.5).expect(hvac="on")
    day.at("15:00", outdoor=weather).expect(hvac="on")
    day.at("16:00", temperature=25.0).expect(hvac="on")
    day.at("16:10", temperature=27.5).expect(hvac="on")
    day.at("16:19", outdoor=20.0)
    day.at("16:20").expect(hvac="off", rule="mild-season-off")


def test_a_room_that_is_not_back_when_the_weather_turns_stays_suspended() -> None:
    """The margin is the room's own: a hot hour outdoors does not lock people into 27.5 °C, nor does a dead sensor."""
    day = april()
    day.at("14:00", temperature=28.5).expect(hvac="on")
    day.at("15:00", outdoor=30.0, temperature=UNKNOWN).expect(hvac="on")
    day.at("16:00", temperature=27.5).expect(hvac="on")
    day.at("16:20", outdoor=20.0).expect(hvac="on").complies(mild_season_off=True)
    day.at("16:30", temperature=26.9).expect(hvac="off")


def test_nobody_is_locked_into_a_room_that_is_no_longer_measured() -> None:
    """The thermometer falls silent: the rule ends for its zone."""
    day = april()
    day.at("10:00").expect(hvac="off")
    day.at("10:10", temperature=UNKNOWN).expect(hvac="on").complies(mild_season_off=None)


def test_fresh_air_keeps_running() -> None:
    """Only cooling and heating are off."""
    fresh = parts.equipment("fresh", EquipmentKind.FRESH_AIR, base="supervisor")
    day = april(zone=parts.zone(parts.fan_coil(), fresh))
    day.at("10:00").expect(hvac="off", fresh_air="on")


def test_a_season_that_is_not_known_is_not_compliant(day: Day) -> None:
    """And nothing is locked out."""
    day.at("10:00", season=None).expect(hvac="on").complies(mild_season_off=None)


def test_a_suspension_ends_with_the_season() -> None:
    """Suspended in spring; autumn begins anew, and 27.5 °C suspends nothing then."""
    day = april()
    day.at("10:00", temperature=28.4).expect(hvac="on").complies(mild_season_off=True)
    day.at("10:10", season="summer")
    assert not [key for key in day.building.memory if key.startswith("mild-season-off")]
    day.at("10:20", season="autumn", temperature=27.5).expect(hvac="off", rule="mild-season-off")


def test_a_suspension_lasts_half_an_hour_at_least() -> None:
    """A room at the limit is not switched on and off all day; once the half hour is over, the margin decides."""
    day = april()
    day.at("14:00", temperature=28.1).expect(hvac="on")
    day.at("14:05", temperature=26.5).expect(hvac="on").complies(mild_season_off=True)
    day.at("14:29:59").expect(hvac="on")
    day.at("14:30").expect(hvac="off", rule="mild-season-off")
    assert len(day.told("exception", "mild-season-off")) == 1


def test_a_unit_that_was_let_run_stays_on_for_ten_minutes_at_least() -> None:
    """The weather is abnormal for two minutes: whoever started meanwhile is not stopped at once."""
    day = april(zone=parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    day.at("12:00", run_status=False).expect(hvac="off")
    day.at("12:59", outdoor=28.1).expect(hvac="off")
    day.at("13:00").expect(hvac="on")
    day.at("13:01", run_status=True, outdoor=20.0)
    day.at("13:02").expect(hvac="on").complies(mild_season_off=True)
    day.at("13:10:59").expect(hvac="on")
    day.at("13:11").expect(hvac="off", rule="mild-season-off")


def test_an_open_window_does_not_wait_for_the_ten_minutes() -> None:
    """Windows go before."""
    day = april(zone=parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    day.at("12:00", run_status=False).expect(hvac="off")
    day.at("12:59", outdoor=28.1)
    day.at("13:00", run_status=True).expect(hvac="on")
    day.at("13:01", outdoor=20.0)
    day.at("13:02", window="open").expect(hvac="on")
    day.at("13:03").expect(hvac="off", rule="window-off")


def test_a_unit_that_somebody_switched_on_is_not_let_run() -> None:
    """Nothing had suspended the lock-out: it holds at once."""
    day = april(zone=parts.zone(parts.fan_coil((*parts.FAN_COIL, Role.RUN_STATUS))))
    day.at("12:00", run_status=False).expect(hvac="off")
    day.at("13:00", run_status=True).expect(hvac="off", rule="mild-season-off")


def test_a_suspension_remembered_without_its_beginning_has_lasted_long_enough() -> None:
    """What a daemon of before kept of it was only that it stands."""
    day = april()
    day.at("13:59", temperature=27.5).expect(hvac="off")
    day.building.memory = {**day.building.memory, "mild-season-off.suspended": True}
    day.at("14:00").expect(hvac="on")
    day.at("14:10", temperature=26.9).expect(hvac="off")
