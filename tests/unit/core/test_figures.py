"""Temperature, humidity and CO2 move all the time: a zone is asked only when one of them could change an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.roles import Role
from drivers.readings import Quality
from schedules.seasons import Season
from supervisor.core.engine import MEASURED, Evaluation
from supervisor.core.now import ANYWHERE, NOWHERE, Between, Now
from tests.unit.core import parts
from tests.unit.core.building import Building
from tests.unit.core.test_machine import _STARTS, zones
from tests.unit.core.test_wake import told

_FIGURES = {
    Role.TEMPERATURE: st.one_of(st.sampled_from([8.0, 9.0, 16.0, 17.0, 27.0, 28.0]), st.floats(4.0, 34.0)),
    Role.HUMIDITY: st.one_of(st.sampled_from([65.0, 70.0]), st.floats(20.0, 90.0)),
    Role.CO2: st.one_of(st.sampled_from([1300.0, 1500.0]), st.floats(400.0, 2000.0)),
}
_QUALITY = st.sampled_from([Quality.GOOD] * 9 + [Quality.STALE])
_MINUTE = st.fixed_dictionaries({role: st.tuples(figure, _QUALITY) for role, figure in _FIGURES.items()})


def test_a_figure_stands_between_the_limits_next_to_it() -> None:
    """Compared with 16, 28 and 30 °C, 24 °C stands for everything between 16 and 28."""
    now = Now(0.0)
    assert now.under(Role.TEMPERATURE, 24.0, 30.0)
    assert not now.over(Role.TEMPERATURE, 24.0, 28.0)
    assert not now.under(Role.TEMPERATURE, 24.0, 16.0)
    assert now.between == {Role.TEMPERATURE: Between(16.0, 28.0)}
    between = now.between[Role.TEMPERATURE]
    assert [between.holds(t) for t in (16.0, 16.1, 27.9, 28.0, math.nan)] == [False, True, True, False, False]


def test_a_figure_on_a_limit_stands_for_itself_alone() -> None:
    """At 28.0 °C nothing is said yet, and at the next hundredth either way it may be."""
    now = Now(0.0)
    assert not now.over(Role.TEMPERATURE, 28.0, 28.0)
    assert not now.between[Role.TEMPERATURE].holds(28.01)
    assert not now.between[Role.TEMPERATURE].holds(27.99)


def test_a_figure_that_is_part_of_the_answer_asks_again_whenever_it_moves() -> None:
    """The reason says how cold the room is."""
    now = Now(0.0)
    now.told(Role.TEMPERATURE)
    assert now.under(Role.TEMPERATURE, 5.0, 8.0)
    assert now.between[Role.TEMPERATURE] == NOWHERE


@pytest.mark.parametrize(
    ("season", "temperature", "between"),
    [
        (Season.SUMMER, 24.0, Between(8.0, math.inf)),
        (Season.SPRING, 24.0, Between(16.0, 28.0)),
        (Season.SPRING, 12.0, NOWHERE),
    ],
)
def test_an_office_says_which_temperatures_would_change_nothing(
    season: Season, temperature: float, between: Between
) -> None:
    """In summer only frost matters; in spring the lock-out too; having just suspended it, whatever comes next."""
    building = Building(parts.zone(parts.fan_coil()), parts.timetable(), _STARTS[0], season)
    building.put_fact("outdoor", 19.0)
    for point in building.zone.sensors[Role.TEMPERATURE]:
        building.put(point.id, temperature)
    assert building.ask().between.get(Role.TEMPERATURE, ANYWHERE) == between


@pytest.mark.timeout(300)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    number=st.sampled_from([n for n, zone in enumerate(zones()) if Role.TEMPERATURE in zone.sensors]),
    start=st.sampled_from(_STARTS),
    season=st.sampled_from(Season),
    outdoor=st.sampled_from([19.0, 35.0]),
    minutes=st.lists(_MINUTE, min_size=10, max_size=60),
)
def test_asking_when_a_limit_is_crossed_gives_what_asking_at_every_figure_gives(
    number: int,
    start: float,
    season: Season,
    outdoor: float,
    minutes: list[dict[Role, tuple[float, Quality]]],
) -> None:
    """An hour of figures, each of them told: decisions, compliance and what is remembered are alike."""
    zone = zones()[number]
    dozer, watcher = (Building(zone, parts.timetable(), start, season) for _ in range(2))
    for building in (dozer, watcher):
        building.put_fact("outdoor", outdoor)
    known: dict[Role, tuple[float, Quality]] = {}
    for minute, figures in enumerate(minutes):
        at = start + 60.0 * minute
        if dozer.answer is not None:
            dozer.advance(at)
        watcher.now = at
        for role in zone.sensors.keys() & figures.keys():
            for building in (dozer, watcher):
                for point in zone.sensors[role]:
                    building.put(point.id, *figures[role])
        answer = dozer.answer
        if (
            answer is None
            or answer.wake_at <= at
            or not all(_stands(answer, r, known, figures) for r in MEASURED)
        ):
            dozer.decide()
            known = figures
        watcher.decide()
        assert told(dozer.answer) == told(watcher.answer), at
        assert dozer.memory == watcher.memory
    assert dozer.evaluations <= watcher.evaluations


def _stands(
    answer: Evaluation,
    role: Role,
    before: dict[Role, tuple[float, Quality]],
    figures: dict[Role, tuple[float, Quality]],
) -> bool:
    """As the daemon judges it: known before and now, and between the same limits; or as unknown as before."""
    good = [of[role][1] is Quality.GOOD for of in (before, figures)]
    return answer.stands(role, figures[role][0]) if all(good) else not any(good)
