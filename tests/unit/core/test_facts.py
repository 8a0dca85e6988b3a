"""What is true of the whole building: fire, weather, changeover, season."""

from __future__ import annotations

from typing import Any

from config.points import Point
from config.roles import Role
from config.rules import RuleId, RuleSettings
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from supervisor.core.facts import BuildingFacts, BuildingView, evaluate_building
from supervisor.core.now import Now
from supervisor.core.rule import Memory
from supervisor.core.views import Fire, SensorView

AT = 1_784_088_000.0
STALE = Quality.STALE


def sensor(value: Any, quality: Quality = Quality.GOOD, since: float = AT) -> SensorView:
    """A point of the building's own."""
    return SensorView(
        Point("building/x", Role.FIRE_ALARM, "d", "binary-input", 1), Reading(value, quality, AT, since)
    )


def facts(memory: Memory, at: float = AT, **points: SensorView) -> tuple[BuildingFacts, Now]:
    """The facts, and the moment they were asked at."""
    now = Now(at)
    return evaluate_building(BuildingView(RuleSettings(), 12, Season.AUTUMN, **points), memory, now), now


def test_a_building_without_inputs_says_what_it_does_not_know() -> None:
    """No fire input is not a clear one; weather and changeover are unknown; season and priority pass through."""
    found, now = facts({})
    assert found.facts.fire is Fire.NOT_WIRED
    assert not found.facts.fire.owns_building
    assert found.facts.weather_normal is None
    assert found.facts.changeover is None
    assert (found.facts.season, found.facts.priority) == (Season.AUTUMN, 12)
    assert (found.memory, found.notices, now.wake_at) == ({}, (), float("inf"))


def test_an_alarm_stands_until_a_minute_after_it_clears() -> None:
    """And wakes the building for it."""
    burning, _ = facts({}, fire=sensor(True))
    assert burning.facts.fire is Fire.ACTIVE
    assert burning.notices == ()
    clearing, now = facts(burning.memory, AT + 30, fire=sensor(False, since=AT + 10))
    assert clearing.facts.fire is Fire.CLEARING
    assert clearing.facts.fire.owns_building
    assert now.wake_at == AT + 70
    clear, _ = facts(clearing.memory, AT + 70, fire=sensor(False, since=AT + 10))
    assert clear.facts.fire is Fire.CLEAR
    assert clear.memory == {}
    assert facts({}, AT + 11, fire=sensor(False, since=AT + 10))[0].facts.fire is Fire.CLEAR


def test_an_input_that_fails_is_an_alert_and_after_an_alarm_still_an_alarm() -> None:
    """Nobody has cleared it."""
    unknown, _ = facts({}, fire=sensor(None, STALE))
    assert unknown.facts.fire is Fire.UNKNOWN
    assert not unknown.facts.fire.owns_building
    (notice,) = unknown.notices
    assert (notice.rule, notice.kind, notice.about) == (RuleId.FIRE_ALARM, "alert", "building/x")
    burning, _ = facts({}, fire=sensor(True))
    still, _ = facts(burning.memory, fire=sensor(None, STALE))
    assert still.facts.fire is Fire.ACTIVE
    assert facts(still.memory, fire=sensor(None, STALE))[0].facts.fire is Fire.ACTIVE
    assert facts(unknown.memory, fire=sensor(None, STALE))[0].facts.fire is Fire.UNKNOWN


def test_the_weather_is_normal_between_10_and_28_with_a_kelvin_to_come_back() -> None:
    """Both ends, both ways, each after a minute; unknown forgets."""

    def normal(value: float, memory: Memory) -> BuildingFacts:
        first = facts(memory, outdoor=sensor(value))[0]
        return facts(first.memory, AT + 60, outdoor=sensor(value))[0]

    assert normal(10.0, {}).facts.weather_normal is True
    assert normal(28.0, {}).facts.weather_normal is True
    hot = normal(28.1, {})
    assert hot.facts.weather_normal is False
    assert hot.facts.outdoor.value == 28.1
    assert normal(27.1, hot.memory).facts.weather_normal is False
    assert normal(27.0, hot.memory).facts.weather_normal is True
    cold = normal(9.9, {})
    assert cold.facts.weather_normal is False
    assert normal(10.9, cold.memory).facts.weather_normal is False
    assert normal(11.0, cold.memory).facts.weather_normal is True
    unknown, _ = facts(hot.memory, outdoor=sensor(30.0, STALE))
    assert unknown.facts.weather_normal is None
    assert unknown.memory == {}


def test_one_false_reading_of_the_weather_stops_no_building() -> None:
    """33 °C in October, 15 °C for ten seconds, 33 °C: the units go on. What stays for a minute counts, and is woken for."""
    hot, _ = facts({}, outdoor=sensor(33.0))
    false, now = facts(hot.memory, AT + 5, outdoor=sensor(15.0))
    assert false.facts.weather_normal is False
    assert now.wake_at == AT + 65
    true, now = facts(false.memory, AT + 15, outdoor=sensor(33.0))
    assert (true.facts.weather_normal, true.memory, now.wake_at) == (False, hot.memory, float("inf"))
    anew, _ = facts(true.memory, AT + 50, outdoor=sensor(15.0))
    assert facts(anew.memory, AT + 109, outdoor=sensor(15.0))[0].facts.weather_normal is False
    cool, _ = facts(anew.memory, AT + 110, outdoor=sensor(15.0))
    assert (cool.facts.weather_normal, cool.memory) == (True, {"mild-season-off.normal": True})


def test_one_false_reading_of_the_changeover_turns_no_setpoint() -> None:
    """Cold water does not become warm within ten seconds; not known ends at once, and what is known then counts at once."""
    cold, _ = facts({}, changeover=sensor("cool"))
    false, now = facts(cold.memory, AT + 5, changeover=sensor("heat"))
    assert (false.facts.changeover, now.wake_at) == ("cool", AT + 65)
    assert facts(false.memory, AT + 15, changeover=sensor("cool"))[0].memory == cold.memory
    assert facts(false.memory, AT + 65, changeover=sensor("heat"))[0].facts.changeover == "heat"
    unknown, _ = facts(false.memory, AT + 15, changeover=sensor(None, STALE))
    assert (unknown.facts.changeover, unknown.memory) == (None, {})
    assert facts(unknown.memory, AT + 16, changeover=sensor("heat"))[0].facts.changeover == "heat"


def test_the_changeover_is_cool_or_heat_or_not_known() -> None:
    """Anything else says nothing."""
    assert facts({}, changeover=sensor("cool"))[0].facts.changeover == "cool"
    assert facts({}, changeover=sensor("heat"))[0].facts.changeover == "heat"
    assert facts({}, changeover=sensor("auto"))[0].facts.changeover is None
    assert facts({}, changeover=sensor("cool", STALE))[0].facts.changeover is None


def test_what_the_building_remembers_otherwise_is_kept() -> None:
    """The facts' memory shares its place with nobody, and still throws nothing away."""
    assert facts({"else": 1.0})[0].memory == {"else": 1.0}
