"""Nothing polls the rules: asked only when something changes or wakes, they say what they would say each second."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.roles import Role
from schedules.seasons import Season
from schedules.types import Overtime
from supervisor.core.engine import Evaluation
from tests.unit.core import parts
from tests.unit.core.building import KNOB, Building
from tests.unit.core.test_machine import _STARTS, zones

Happening: TypeAlias = tuple[int, str, Any]
WINDOW = 500
"""s that are asked about one by one."""

_HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, WINDOW), st.just("people"), st.booleans()),
        st.tuples(st.integers(0, WINDOW), st.just("window"), st.booleans()),
        st.tuples(st.integers(0, WINDOW), st.just("temperature"), st.sampled_from([7.0, 9.5, 24.0, 29.0])),
        st.tuples(st.integers(0, WINDOW), st.just("knob"), st.sampled_from([18.0, 22.0, 27.0])),
        st.tuples(st.integers(0, WINDOW), st.just("fire"), st.booleans()),
        st.tuples(st.integers(0, WINDOW), st.just("overtime"), st.integers(30, 4000)),
    ),
    max_size=8,
)


def happen(building: Building, what: str, value: Any) -> None:
    """One thing happens to a building."""
    zone = building.zone
    roles = {"people": Role.OCCUPANCY, "window": Role.WINDOW, "temperature": Role.TEMPERATURE}
    if what in roles:
        for point in zone.sensors.get(roles[what], ()):
            building.put(point.id, value)
    elif what == "fire":
        building.put_fact("fire", value)
    elif what == "overtime":
        building.overtime = (*building.overtime, Overtime(building.now, building.now + value, "Li"))
    else:
        for output in building.outputs.values():
            if output.point.role in (Role.COOLING_SETPOINT, Role.SETPOINT):
                if output.point.priority_array:
                    output.slots[KNOB] = value
                else:
                    output.default = value


def told(answer: Evaluation | None) -> Any:
    """What an evaluation says, without when it expires."""
    assert answer is not None
    decided = {k: (o.decision._replace(expires=0.0), o.losers) for k, o in answer.outcomes.items()}
    return decided, answer.compliance, answer.blocked


@pytest.mark.timeout(300)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    number=st.integers(0, len(zones()) - 1),
    start=st.sampled_from(_STARTS),
    shift=st.integers(0, 2400),
    season=st.sampled_from(Season),
    happenings=_HAPPENINGS,
)
def test_asking_at_wake_ups_gives_what_asking_every_second_gives(
    number: int, start: float, shift: int, season: Season, happenings: list[Happening]
) -> None:
    """Eight minutes around openings and closings, second by second, decisions and compliance alike."""
    zone = zones()[number]
    sleeper, watcher = (Building(zone, parts.timetable(), start + shift, season) for _ in range(2))
    for building in (sleeper, watcher):
        for what, value in (("people", True), ("window", False), ("temperature", 24.0)):
            happen(building, what, value)
    for second in range(WINDOW + 1):
        at = start + shift + second
        if sleeper.answer is not None:
            sleeper.advance(at)
        watcher.now = at
        now = [(what, value) for when, what, value in happenings if when == second]
        for what, value in now:
            happen(sleeper, what, value)
            happen(watcher, what, value)
        if now or sleeper.answer is None or sleeper.answer.wake_at <= at:
            sleeper.decide()
        watcher.decide()
        assert told(sleeper.answer) == told(watcher.answer), at
    assert sleeper.evaluations < watcher.evaluations
