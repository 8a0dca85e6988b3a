"""Who is where, as the physics is told of it: something new only where something is otherwise."""

from __future__ import annotations

import numpy as np

from supervisor.rehearsal.crowd import Crowd
from supervisor.rehearsal.world import MINUTE
from tests.unit.rehearsal import small


def test_who_passes_within_a_minute_is_nothing_new_to_the_rooms() -> None:
    """Through a workday's corridor somebody passes all the time, and often nobody is there before and after."""
    scenario = small.scenario("2026-07-15", 1)
    crowd = Crowd(
        scenario.site, scenario.days.tables, tuple(scenario.site.zones), scenario.seed, scenario.start
    )
    in_and_out = 0
    for minute in range(1, 1441):
        before, content = crowd.people, crowd.people.copy()
        events = crowd.advance(scenario.start + minute * MINUTE)
        assert np.array_equal(before, content)  # the plant goes by it still
        assert (crowd.people is before) == np.array_equal(crowd.people, before)
        in_and_out += crowd.people is before and any(event.what == "people" for event in events)
    assert in_and_out > 0
