"""Who is asked, and when again: whatever comes in, nobody oversleeps and nobody is woken for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.load import load
from config.roles import Role
from config.site import Site
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from supervisor.decider import Decider
from supervisor.state import State

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""


@pytest.fixture(scope="module")
def site() -> Site:
    """The example office."""
    loaded = load(Path(config.__file__).parent / "examples" / "office.yaml")
    assert loaded.site is not None
    return loaded.site


def _decider(site: Site) -> Decider:
    tables = timetables(site, calendar_of(site))
    return Decider(site, State(site), tables, lambda t: (Season.SUMMER, t + 86_400.0))


def _sensed(site: Site) -> list[str]:
    roles = (Role.TEMPERATURE, Role.OCCUPANCY, Role.WINDOW)
    return [p.id for zone in site.zones.values() for role in roles for p in zone.sensors.get(role, ())]


@given(
    story=st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([0, 1, 21.5]), st.floats(0.1, 4000.0)), max_size=40
    )
)
def test_nobody_oversleeps(site: Site, story: list[tuple[int, float, float]]) -> None:
    """After every step the next wake-up is the earliest of all; what wakes is asked, and only that."""
    decider = _decider(site)
    sensors = _sensed(site)
    now = NOON
    decider.step(now)
    for which, raw, later in story:
        now += later
        point = site.points[sensors[which % len(sensors)]]
        due = {zone for zone in site.zones if decider.evaluations[zone].wake_at <= now}
        touched: set[str] = set()
        if decider.state.put(point, raw, False, now) and decider.touch(point.id):
            touched = {point.zone or ""}
        before = decider.facts
        step = decider.step(now)
        if decider.facts == before:
            assert set(step.zones) == due | (touched & set(site.zones))
        waking = [e.wake_at for e in decider.evaluations.values()]
        assert now < decider.wake_at <= min(waking)


def test_a_thousand_readings_leave_no_thousand_wake_ups_behind(site: Site) -> None:
    """A thermometer that moves every second for a quarter of an hour: its room sleeps on, once."""
    decider = _decider(site)
    point = site.points[next(p for p in _sensed(site) if "temperature" in p)]
    for second in range(900):
        decider.state.put(point, 24.0 + second % 20 / 10, False, NOON + second)
        decider.touch(point.id)
        decider.step(NOON + second)
    entries = 1 + len(site.zones) + len(site.shared)
    assert len(decider._heap) <= 2 * entries


def test_what_is_shown_of_a_zone_is_what_the_rules_saw(site: Site) -> None:
    """Statistics look at the very view that was decided on."""
    decider = _decider(site)
    zone = next(iter(site.zones))
    assert decider.seen(zone) is None
    decider.step(NOON)
    assert decider.seen(zone) == decider.view(zone, NOON)
