"""Three days of twenty years, anywhere: asked at wake-ups alone, the rules miss nothing."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schedules.hours import Timetable
from schedules.seasons import Season
from supervisor.core.decisions import Because, Decision, Loser
from supervisor.core.engine import Evaluation
from tests.unit.core.building import Building
from tests.unit.core.test_machine import zones
from tests.unit.core.test_wake import happen, told
from tests.unit.schedules.drawn import calendars, places, special_days, weeks

WINDOW = 72 * 3600
LOOKS = 60
"""Moments at which the watcher asks without need, and twice; more around each of the sleeper's wake-ups."""

_HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, WINDOW),
        st.one_of(
            st.tuples(st.just("people"), st.booleans()),
            st.tuples(st.just("window"), st.booleans()),
            st.tuples(st.just("temperature"), st.sampled_from([4.0, 7.0, 9.5, 24.0, 29.0, 36.0])),
            st.tuples(st.just("knob"), st.sampled_from([18.0, 22.0, 27.0])),
            st.tuples(st.just("fire"), st.booleans()),
            st.tuples(st.just("overtime"), st.integers(30, 40_000)),
        ),
    ),
    max_size=12,
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Building, Building]:
    """A building of any make on any hours, calendar, special days and zone, in any season; and its twin."""
    zone, minute = draw(places())
    start = 60.0 * minute
    near = datetime.fromtimestamp(start, ZoneInfo(zone)).date()
    calendar, week, specials = draw(calendars), draw(weeks), draw(special_days(near))
    made = draw(st.sampled_from(zones()))
    season = draw(st.sampled_from(Season))
    one, other = (
        Building(made, Timetable(ZoneInfo(zone), calendar, week, specials, "office"), start, season)
        for _ in range(2)
    )
    return one, other


def in_sight(answer: Evaluation | None) -> Any:
    """What an evaluation says, but for the hour of a close that goes out of sight after two days.

    Then the reason is "closed", no longer "closed since": the same decision, for whose words nobody is woken.
    """
    decided, *rest = told(answer)
    return {
        point: (_timeless(best), tuple(map(_timeless, losers))) for point, (best, losers) in decided.items()
    }, rest


def _timeless(said: Decision | Loser) -> Decision | Loser:
    if said.reason.en not in ("closed", "closed since {}"):
        return said
    return said._replace(reason=Because("closed", "未开放"))


def arrive(building: Building, at: float, now: list[tuple[str, Any]]) -> None:
    """Sleep until then, wake on the way as asked, and take what happens."""
    building.advance(at)
    for what, value in now:
        happen(building, what, value)


@pytest.mark.timeout(300)
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than a test may
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(twins=pairs(), happenings=_HAPPENINGS, seed=st.integers(0, 2**32))
def test_asking_whenever_one_likes_gives_what_asking_at_wake_ups_gives(
    twins: tuple[Building, Building], happenings: list[tuple[int, tuple[str, Any]]], seed: int
) -> None:
    """72 hours: who asks at wake-ups and on events has at every moment what who asks all the time has."""
    sleeper, watcher = twins
    start, chance = sleeper.now, random.Random(seed)
    for what, value in (("people", True), ("window", False), ("temperature", 24.0)):
        happen(sleeper, what, value)
        happen(watcher, what, value)
    looks = {start + chance.randrange(WINDOW) for _ in range(LOOKS)} | {start + at for at, _ in happenings}
    sleeper.decide()
    while looks:
        at = min(looks)
        looks.remove(at)
        now = [event for after, event in happenings if start + after == at]
        arrive(sleeper, at, now)
        if now or (sleeper.answer is not None and sleeper.answer.wake_at <= at):
            sleeper.decide()
        arrive(watcher, at, now)
        for _ in range(2):
            watcher.decide()
            assert in_sight(sleeper.answer) == in_sight(watcher.answer), at - start
        assert sleeper.answer is not None
        wake = sleeper.answer.wake_at
        if len(looks) < 4 * LOOKS:
            looks |= {t for t in (wake - 1, wake, wake + 1) if at < t < start + WINDOW}
    assert sleeper.evaluations < watcher.evaluations
