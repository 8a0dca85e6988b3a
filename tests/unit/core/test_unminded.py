"""Lamps of which nobody wants anything may go on and off: nobody is asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.roles import Role
from config.site import Site, Zone
from drivers.readings import PriorityArray, Quality, Slot
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from supervisor.core.decider import Decider
from supervisor.core.decisions import RELINQUISH
from supervisor.core.engine import minded_only_where_wanted
from supervisor.core.known import Known
from tests.unit.core import parts
from tests.unit.core.building import KNOB, Building
from tests.unit.core.office import CORRIDOR, NOON, office
from tests.unit.core.test_machine import _STARTS, zones
from tests.unit.core.test_wake import happen, told

site = pytest.fixture(scope="module", name="site")(office)


def test_lamps_that_were_handed_back_ask_nobody_when_they_go_on(site: Site) -> None:
    """Held off they are looked at, and so are they while another master holds them: both are told of elsewhere."""
    lamps = next(e for e in site.zones[CORRIDOR].equipment if e.lights)
    switch, status = (lamps.points[role].id for role in (Role.START_STOP, Role.RUN_STATUS))
    sensor = site.zones[CORRIDOR].sensors[Role.OCCUPANCY][0].id
    known = Known(site)
    decider = Decider(
        site, known, timetables(site, calendar_of(site)), lambda t: (Season.SUMMER, t + 86_400.0)
    )

    def reads(point: str, value: bool, seconds: float) -> bool:
        assert known.put_value(point, value, Quality.GOOD, NOON + seconds)
        return decider.touch(point)

    for somebody, at in ((True, 0.0), (False, 1.0)):
        known.put_value(sensor, somebody, Quality.GOOD, NOON + at)
    decider.step(NOON + 200.0)
    decision = decider.decision(switch)
    assert decision is not None and decision.value is False
    assert reads(switch, False, 201.0), "held off: whether it is off is what the zone stands by"
    decider.step(NOON + 201.0)
    assert reads(sensor, True, 300.0)
    decider.step(NOON + 300.0)
    decision = decider.decision(switch)
    assert decision is not None and decision.value is RELINQUISH
    assert not reads(switch, True, 301.0)
    assert not reads(status, True, 302.0)
    assert known.put_array(switch, PriorityArray((Slot(8, 1),), 0))
    assert decider.touch(switch)
    decider.step(NOON + 303.0)
    assert known.put_array(switch, PriorityArray((), 0))
    assert decider.touch(switch), "let go by the other master"


def _lit(number: int) -> Zone:
    """A zone of any make, and a plain circuit of lamps in it."""
    zone = zones()[number]
    return zone if any(e.lights for e in zone.equipment[:-1]) else replace(
        zone, equipment=(*zone.equipment, parts.lamps())
    )  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    number=st.integers(0, len(zones()) - 1),
    start=st.sampled_from(_STARTS),
    minutes=st.integers(0, 60),
    season=st.sampled_from(Season),
    before=st.lists(st.tuples(st.sampled_from(["people", "window", "fire"]), st.booleans()), max_size=4),
    held=st.sampled_from([None, True, False]),
    on=st.booleans(),
)
def test_what_nobody_wants_anything_of_is_in_no_answer(
    number: int,
    start: float,
    minutes: int,
    season: Season,
    before: list[tuple[str, bool]],
    held: bool | None,
    on: bool,
) -> None:
    """Whatever such lamps do, decisions, evidence, compliance and what is remembered are as they were."""
    building = Building(_lit(number), parts.timetable(), start, season)
    for what, value in (("people", True), ("temperature", 24.0), *before):
        happen(building, what, value)
    building.advance(start + 60.0 * minutes)
    answer = building.decide()
    lamps = [
        e.points[Role.START_STOP].id
        for e in building.zone.equipment
        if minded_only_where_wanted(building.zone, e) and answer.unwanted(e.points[Role.START_STOP].id)
    ]
    assume(lamps)
    memory = building.memory
    for id_ in lamps:
        output = building.outputs[id_]
        output.default = on
        output.slots = {} if held is None else {KNOB: held}
        output.settle(building.now)
    assert told(building.ask()) == told(answer)
    assert building.memory == memory
