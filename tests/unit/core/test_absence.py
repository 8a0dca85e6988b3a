"""People come and go all day: a zone is asked only when that could change an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.roles import Role
from config.site import Site
from drivers.readings import Quality
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.looks import felt, look_at
from supervisor.core.now import ANY_ABSENCE, NO_ABSENCE, Absence, Now
from supervisor.core.tally import Tally
from tests.unit.core import parts
from tests.unit.core.building import Building
from tests.unit.core.office import CORRIDOR, NOON, office
from tests.unit.core.test_machine import _STARTS, zones
from tests.unit.core.test_wake import told

site = pytest.fixture(scope="module", name="site")(office)


class Walked:
    """A zone of the example office in which somebody comes or leaves, some seconds after noon."""

    def __init__(self, site: Site, zone: str) -> None:
        self.zone = site.zones[zone]
        self.sensor = self.zone.sensors[Role.OCCUPANCY][0].id
        self.decider = Decider(
            site, Known(site), timetables(site, calendar_of(site)), lambda t: (Season.SUMMER, t + 86_400.0)
        )
        for each in site.zones.values():
            for point in each.sensors.get(Role.OCCUPANCY, ()):
                self.decider.known.put_value(point.id, True, Quality.GOOD, NOON)
        self.decider.step(NOON)

    def sees(self, somebody: bool, seconds: float, quality: Quality = Quality.GOOD) -> bool:
        """Whether the zone is asked for it."""
        assert self.decider.known.put_value(self.sensor, somebody, quality, NOON + seconds)
        return self.decider.touch(self.sensor)

    def asked(self, seconds: float) -> bool:
        """Whether the zone is asked at that second."""
        return self.zone.id in self.decider.step(NOON + seconds).zones


def test_how_long_nobody_may_be_there_is_remembered() -> None:
    """Compared with one, two and ten minutes, three of absence stand for all between two and ten, and end then."""
    now = Now(NOON)
    assert now.absence == ANY_ABSENCE
    asked = [now.empty_for(NOON - 180.0, seconds) for seconds in (60.0, 120.0, 600.0, 900.0)]
    assert (asked, now.absence, now.empty_at) == (
        [True, True, False, False],
        Absence(120.0, 600.0),
        NOON + 420.0,
    )
    assert [now.absence.holds(NOON - s, NOON) for s in (119.0, 120.0, 599.0, 600.0)] == [
        False,
        True,
        True,
        False,
    ]
    assert not now.absence.holds(None, NOON), "somebody is there"
    here = Now(NOON)
    assert not here.empty_for(None, 120.0)
    assert here.absence.holds(None, NOON) and here.absence.holds(NOON - 119.0, NOON)
    assert (here.absence.ends(None), here.absence.ends(NOON)) == (math.inf, NOON + 120.0)
    here.noticed()
    assert here.absence == NO_ABSENCE
    assert not here.absence.holds(None, NOON) and not here.absence.holds(NOON, NOON)


def test_a_corridor_is_not_asked_for_who_passes_while_it_is_lit(site: Site) -> None:
    """Two minutes after the last who passed, and no sooner, its lights are decided."""
    walked = Walked(site, CORRIDOR)
    light = next(e for e in walked.zone.equipment if e.lights).points[Role.START_STOP].id
    for seconds in (10, 70, 130, 190):
        assert not walked.sees(False, seconds)
        assert not walked.asked(seconds + 50)
        if seconds < 190:
            assert not walked.sees(True, seconds + 55)
    assert walked.decider.evaluations[CORRIDOR].wake_at == NOON + 310
    assert not walked.asked(309)
    assert walked.asked(310)
    decision = walked.decider.evaluations[CORRIDOR].outcomes[light].decision
    assert (decision.value, str(decision.rule)) == (False, "corridor-delay")
    assert walked.sees(True, 400), "whoever comes into the dark is lit at once"


def test_what_is_not_known_asks(site: Site) -> None:
    """A sensor that fails, and one that works again, whoever it sees."""
    walked = Walked(site, CORRIDOR)
    assert walked.sees(True, 10, Quality.FAULT)
    assert walked.asked(10)
    assert walked.sees(True, 20)


def test_a_zone_that_is_due_is_asked_whoever_comes(site: Site) -> None:
    """Its two minutes were over before it was looked at: that somebody came does not undo them unasked."""
    walked = Walked(site, CORRIDOR)
    assert not walked.sees(False, 10)
    assert walked.sees(True, 140)
    assert walked.asked(140)


def test_who_was_there_is_counted_though_nobody_was_asked(site: Site) -> None:
    """A minute in, a minute out, a minute in: two of the three are occupied."""
    walked, tally = Walked(site, CORRIDOR), Tally()
    tally.look(CORRIDOR, look_at(walked.decider, walked.zone, NOON))
    for seconds, somebody in ((60.0, False), (120.0, True)):
        assert not walked.sees(somebody, seconds)
        tally.warmed(CORRIDOR, felt(walked.decider.known, walked.zone, NOON + seconds))
    tally.settle(NOON + 180.0)
    assert tally.totals().occupied_seconds[CORRIDOR] == 120.0


@pytest.mark.timeout(300)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    number=st.sampled_from([n for n, zone in enumerate(zones()) if Role.OCCUPANCY in zone.sensors]),
    start=st.sampled_from(_STARTS),
    shift=st.integers(0, 2400),
    season=st.sampled_from(Season),
    moves=st.lists(
        st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from([Quality.GOOD] * 6 + [Quality.STALE])),
        max_size=20,
    ),
)
def test_asking_when_an_absence_ends_gives_what_asking_at_every_move_gives(
    number: int, start: float, shift: int, season: Season, moves: list[tuple[int, bool, Quality]]
) -> None:
    """Minutes between who comes and who goes, around openings and closings: decisions and compliance alike."""
    zone = zones()[number]
    sleeper, watcher = (Building(zone, parts.timetable(), start + shift, season) for _ in range(2))
    at, wake_at, known, before = start + shift, -math.inf, False, (False, Quality.MISSING)
    for minutes, somebody, quality in [(0, True, Quality.GOOD), *moves]:
        for _ in range(4 * minutes or 1):
            at += 15.0 if minutes else 0.0
            sleeper.now = watcher.now = at
            if wake_at <= at:
                wake_at = sleeper.decide().wake_at
            watcher.decide()
            assert told(sleeper.answer) == told(watcher.answer), at
        if (somebody, quality) == before:
            continue
        before = somebody, quality
        for building in (sleeper, watcher):
            for point in zone.sensors[Role.OCCUPANCY]:
                building.put(point.id, somebody, quality)
        answer, reading = sleeper.answer, sleeper.view().occupancy
        assert answer is not None and reading is not None
        since = None if reading.reading.value else reading.reading.since
        if known and reading.reading.good and answer.absence.holds(since, at):
            wake_at = min(answer.wakes_anyway, answer.absence.ends(since))
        else:
            wake_at = sleeper.decide().wake_at
        known = reading.reading.good
        watcher.decide()
        assert told(sleeper.answer) == told(watcher.answer), at
    assert sleeper.evaluations <= watcher.evaluations
