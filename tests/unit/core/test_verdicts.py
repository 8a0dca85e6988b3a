"""Rules that regard no sensor: asked again where they could say something else, and not before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.roles import Role
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from supervisor.core.engine import ZonePlan, evaluate
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, NOTHING_REMEMBERED, Rule, Verdict
from supervisor.core.rules import ALL
from supervisor.core.verdicts import Verdicts
from supervisor.core.views import Facts, ZoneView
from tests.unit.core import parts
from tests.unit.core.building import Building

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""
FACTS = Facts(season=Season.SUMMER, weather_normal=True)
BLIND = [rule for rule in ALL if not rule.regards_sensors]


class Untouchable:
    """What nobody may look at."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"its {name} was asked for")


def noon() -> ZoneView:
    """An office with a fan coil and lights at noon, somebody in."""
    zone = replace(parts.zone(parts.fan_coil(), parts.lamps()), id="office")
    building = Building(zone, parts.timetable(), NOON, Season.SUMMER)
    for role, value in ((Role.TEMPERATURE, 25.0), (Role.OCCUPANCY, True), (Role.WINDOW, False)):
        building.readings[zone.sensors[role][0].id] = Reading(value, Quality.GOOD, NOON, NOON - 1200.0)
    for output in building.outputs.values():
        output.settle(NOON)
    return building.view()


@pytest.mark.parametrize("rule", BLIND, ids=lambda rule: str(rule.id))
def test_a_rule_that_is_said_to_regard_no_sensor_looks_at_none(rule: Rule) -> None:
    """By day and by night, in every season, its verdict is the same with sensors, and all else that is not compared, out of reach."""
    view, trap = noon(), Untouchable()
    blind = view._replace(
        temperature=trap, humidity=trap, co2=trap, lux=trap, occupancy=trap, windows=trap,  # type: ignore[arg-type]
        circuits=trap, exempt_until=trap, released=trap, manual=trap,  # type: ignore[arg-type]
    )  # fmt: skip
    for season in Season:
        for hour in range(-12, 24):
            facts, at = FACTS._replace(season=season), NOON + 3600.0 * hour
            told = [rule.evaluate(v, facts, NOTHING_REMEMBERED, Now(at)) for v in (view, blind)]
            assert told[0] == told[1]


class Counted:
    """A rule that waits for a moment, and counts how often it is asked."""

    def __init__(self, **said: Any) -> None:
        self.asked, self._said = 0, Verdict(**said)
        self.plan = ZonePlan((BLIND[0]._replace(evaluate=self.evaluate),), ())

    def evaluate(self, _view: ZoneView, _facts: Facts, _memory: Any, now: Now) -> Verdict:
        """Nothing, once it is one o'clock."""
        self.asked += 1
        return NO_OPINION if now.reached(NOON + 3600.0) else self._said


def test_it_is_asked_again_when_its_moment_comes_when_the_clock_is_put_back_and_when_anything_is_new() -> (
    None
):
    """Time, the equipment, the facts, the memory: each alone; and meanwhile the wake-up is told all the same."""
    said, view, one = Verdicts(), noon(), Counted()

    def ask(at: float, view: ZoneView = view, facts: Facts = FACTS, memory: Any = NOTHING_REMEMBERED) -> int:
        wakes = evaluate(view, facts, memory, at, plan=one.plan, lease=7200.0, said=said).wake_at
        assert wakes == (NOON + 3600.0 if at < NOON + 3600.0 else at + 7200.0)
        return one.asked

    assert [ask(NOON), ask(NOON + 60.0), ask(NOON + 3599.0)] == [1, 1, 1]
    assert ask(NOON + 60.0, view._replace(temperature=None)) == 1, "a sensor is nothing to it"
    assert [ask(NOON + 3600.0), ask(NOON + 7200.0)] == [2, 2]
    assert [ask(NOON), ask(NOON - 60.0), ask(NOON)] == [3, 4, 4]
    assert ask(NOON, view._replace(equipment=tuple(e._replace() for e in view.equipment))) == 5
    assert [ask(NOON), ask(NOON, facts=FACTS._replace())] == [6, 7]
    assert ask(NOON, memory={}) == 8


def test_what_changes_the_memory_is_never_kept() -> None:
    """A verdict that remembers is asked for each time, however alike everything is."""
    said, view, one = Verdicts(), noon(), Counted(remember={"x": 1.0})
    for times in (1, 2, 3):
        evaluate(view, FACTS, NOTHING_REMEMBERED, NOON, plan=one.plan, said=said)
        assert one.asked == times
