"""A rehearsal in which sensors stick and devices drop off the network: the rules live with it as in life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.readings import Quality
from simulator.faults import Faults
from simulator.people.character import Failing, People
from supervisor.rehearsal.crowd import HABITS
from supervisor.rehearsal.job import rehearse
from supervisor.rehearsal.run import Rehearsal
from supervisor.store.memory import MemoryJournal
from tests.unit.rehearsal import small
from tests.unit.rehearsal.test_simulate import figures, job

DAILY = Faults(stuck_every=2.0, silent_every=1.0)
"""Something fails every few hours: more in a day than in a year of a building that is looked after."""


def lived(
    first: str, *, every_minute: bool = False, controlled: bool = True
) -> tuple[Rehearsal, MemoryJournal, list[float]]:
    """A day of the small building with its faults."""
    journal = MemoryJournal()
    scenario = replace(small.scenario(first, 1, controlled=controlled), faults=DAILY)
    rehearsal = Rehearsal(scenario, every_minute=every_minute, journal=journal, warm_up=21_600.0)
    return rehearsal, journal, rehearsal.run().uses.sum(axis=1).tolist()


@pytest.mark.parametrize("first", ["2026-01-14", "2026-07-09"])
def test_with_faults_too_it_decides_as_a_building_that_reports_every_minute(first: str) -> None:
    """Stuck figures, stale rooms, devices that come back: asked at events only, or each minute, the same writes."""
    rehearsal, journal, energy = lived(first)
    stuck, silent = rehearsal.failed()
    assert stuck > 24.0 and silent > 1.0, "too little failed that day: it proves nothing"
    again = lived(first, every_minute=True)
    writes = [(i.ts, i.point, i.command, i.rule) for i in journal.intents.values()]
    assert writes == [(i.ts, i.point, i.command, i.rule) for i in again[1].intents.values()]
    assert energy == again[2]


def test_a_silent_device_takes_no_write_and_goes_stale_and_both_end_with_it() -> None:
    """While it is silent nothing is written to it; its readings go stale; afterwards everything is known again."""
    rehearsal, journal, _ = lived("2026-07-09")
    silences = [o for o in rehearsal.troubles.found if o.what == "silent" and o.end - o.begin > 1800.0]
    inside = [o for o in silences if rehearsal.scenario.start < o.begin and o.end < rehearsal.scenario.end]
    assert inside
    for outage in inside:
        points = {p.id for p in rehearsal.site.points.values() if p.device == outage.id}
        written = [i.ts for i in journal.intents.values() if i.point in points]
        assert not [at for at in written if outage.begin + 60.0 <= at < outage.end]
    seen: list[Quality] = []
    scenario = replace(small.scenario("2026-07-09", 1), faults=DAILY)
    watched = Rehearsal(scenario, every_minute=True, warm_up=21_600.0)
    point = next(
        p for p in watched.site.points.values() if p.device == inside[0].id and p.role == "occupancy"
    )
    watched.listeners.append(
        lambda turn: (
            seen.append(watched.known.reading(point.id).quality)
            if inside[0].begin + point.stale_after + 60.0 <= turn.now < inside[0].end
            else None
        )
    )
    watched.run()
    assert set(seen) == {Quality.STALE}


def test_faults_and_people_are_the_same_on_both_sides() -> None:
    """What fails and what people do belongs to the building, not to who controls it."""
    ours, today = lived("2026-07-09")[0], lived("2026-07-09", controlled=False)[0]
    assert ours.failed() == today.failed()
    assert ours.account.occupied_seconds == today.account.occupied_seconds


def test_careless_people_cost_more_than_tidy_ones_and_faults_change_the_figures() -> None:
    """Windows, knobs and lights by how careful people are; `never` is a building without faults."""
    day = job("2026-07-09")
    tidy, careless = (
        rehearse(replace(day, people=people, controlled=False)) for people in (People.TIDY, People.CARELESS)
    )
    assert careless.hvac > tidy.hvac
    assert careless.energy["lights"] > tidy.energy["lights"]
    assert HABITS[People.TIDY].lights_left_on == 0.0
    often = rehearse(replace(day, last=day.last.replace(day=12), failing=Failing.OFTEN))
    assert often.stuck_hours + often.silent_hours > 0.0
    assert figures(often) != figures(rehearse(replace(day, last=day.last.replace(day=12))))
