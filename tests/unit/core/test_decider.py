"""Who is asked, and when again: whatever comes in, nobody oversleeps and nobody is woken for nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.roles import Role
from config.rules import RuleId
from config.site import Site
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from supervisor.core.decider import Decider, rules_of
from supervisor.core.engine import Evaluation
from supervisor.core.known import Known
from tests.site_files import OFFICE, site_of_file, site_of_text

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""


@pytest.fixture(scope="module")
def site() -> Site:
    """The example office."""
    return site_of_file(OFFICE)


def _decider(site: Site, *, guarded: bool = False) -> Decider:
    tables = timetables(site, calendar_of(site))
    return Decider(site, Known(site), tables, lambda t: (Season.SUMMER, t + 86_400.0), guarded=guarded)


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
        if decider.known.put(point, raw, False, now) and decider.touch(point.id):
            touched = {point.zone or ""}
        before = decider.facts
        step = decider.step(now)
        if decider.facts == before:
            assert set(step.zones) == due | (touched & set(site.zones))
        waking = [e.wake_at for e in decider.evaluations.values()]
        assert now < decider.wake_at <= min(waking)


def test_frost_that_begins_while_the_clock_is_a_year_ahead_does_not_wait_for_that_year(site: Site) -> None:
    """The time server answers a minute after the box came up: what is remembered of the minute before becomes of now."""
    decider = _decider(site)
    room = next(
        zone
        for zone in site.zones.values()
        if RuleId.FREEZE_PROTECT in {r for z, r in rules_of(site) if z == zone.id}
    )
    sensors = room.sensors[Role.TEMPERATURE]

    def step(at: float) -> set[object]:
        for sensor in sensors:
            if decider.known.put(sensor, 5.0, False, at):
                decider.touch(sensor.id)
        decider.step(at)
        wanted = decider.evaluations[room.id].outcomes.values()
        return {o.decision.rule for o in wanted}

    ahead = NOON + 366 * 86_400.0
    for second in (0.0, 10.0, 20.0):
        assert RuleId.FREEZE_PROTECT not in step(ahead + second)
    decider.put_back(NOON)
    assert RuleId.FREEZE_PROTECT not in step(NOON)
    assert decider.wake_at <= NOON + 120.0
    step(NOON + 60.0)
    assert RuleId.FREEZE_PROTECT in step(NOON + 120.0)


SHARED = """
version: 1
building: annex
timezone: Asia/Shanghai
dry_run: false
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:30}}
templates:
  ahu:
    kind: ahu
    points:
      start_stop: {object: binary-value:1, writable: true}
      cooling_setpoint: {object: analog-value:1, writable: true}
zones:
  east: {hours: office, sensors: {temperature: ddc/analog-input:1}}
  west: {hours: office, sensors: {temperature: ddc/analog-input:2}}
  archive: {hours: office, sensors: {temperature: ddc/analog-input:3}}
equipment:
  ahu: {at: ddc/10, serves: [east, west, archive]}
exemptions:
  - {zones: [archive], rules: [summer-setpoint], reason: paper, approver: Wang Min, until: 2028-12-31}
devices:
  ddc: {instance: 1, address: 127.0.0.2:47808}
"""


def test_rooms_stand_as_the_air_handler_that_they_share() -> None:
    """24 °C on it: east and west are outside the rule, and have a metric for it; the exempt archive has neither."""
    site = site_of_text(SHARED)
    rule = RuleId.SUMMER_SETPOINT
    decider = _decider(site)
    setpoint = site.points["ahu/cooling_setpoint"]
    decider.step(NOON)
    assert [decider.evaluations[z].compliance.get(rule) for z in ("east", "west")] == [None, None]
    assert {z for z, r in rules_of(site) if r is rule} >= {"east", "west"}
    for value, complies in ((24.0, False), (26.5, True)):
        decider.known.put(setpoint, value, False, NOON + value)
        assert decider.touch(setpoint.id)
        step = decider.step(NOON + value)
        assert set(step.zones) == {"east", "west"}
        assert [decider.evaluations[z].compliance.get(rule) for z in ("east", "west")] == [complies] * 2
        assert rule not in decider.evaluations["archive"].compliance
        assert (step.outcomes[setpoint.id].decision.value == 26.0) is not complies
    decider.touch_zone("east")
    decider.step(NOON + 100)
    assert decider.evaluations["east"].compliance[rule] is True


def test_a_thousand_readings_leave_no_thousand_wake_ups_behind(site: Site) -> None:
    """Somebody plays with a thermostat for a quarter of an hour: the room is asked each second, and sleeps on, once."""
    decider = _decider(site)
    point = next(p for p in site.points.values() if p.role is Role.COOLING_SETPOINT and p.zone is not None)
    for second in range(900):
        decider.known.put(point, 26.0 + second % 20 / 10, False, NOON + second)
        assert decider.touch(point.id)
        assert point.zone in decider.step(NOON + second).zones
    entries = 1 + len(site.zones) + len(site.shared)
    assert len(decider._sleepers._heap) <= 2 * entries


def test_what_is_shown_of_a_zone_is_what_the_rules_saw(site: Site) -> None:
    """Statistics look at the very view that was decided on."""
    decider = _decider(site)
    zone = next(iter(site.zones))
    assert decider.seen(zone) is None
    decider.step(NOON)
    assert decider.seen(zone) == decider.view(zone, NOON)


def test_a_room_is_asked_about_its_temperature_when_that_could_change_an_answer(site: Site) -> None:
    """On a summer's day only frost turns on it: warmer or cooler asks nobody; frozen, unknown and known again do."""
    decider = _decider(site)
    point = site.points[next(p for p in _sensed(site) if "temperature" in p)]
    asked = []
    for second, raw in enumerate([24.0, 24.5, 31.0, 9.0, 7.9, 7.8, 24.0, 24.1, math.nan, 24.2, 24.3]):
        decider.known.put(point, raw, False, NOON + second)
        decider.touch(point.id)
        asked.append(point.zone in decider.step(NOON + second).zones)
    #               first  within two limits    frost, colder  let go     unknown, known
    assert asked == [True, False, False, False, True, True, True, True, True, True, False]
    assert decider.view(point.zone or "", NOON + 11).temperature.reading.value == 24.3  # type: ignore[union-attr] # there


def test_a_rule_that_fails_is_asked_again_at_each_reading(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last answer says nothing of the figure at which it failed."""
    failed: list[str] = []
    decider = _decider(site, guarded=True)
    point = site.points[next(p for p in _sensed(site) if "temperature" in p)]
    decider.step(NOON)

    def broken(*_: object, **__: object) -> Evaluation:
        raise ZeroDivisionError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr("supervisor.core.decider.evaluate", broken)
        for second in (1, 2, 3):
            decider.known.put(point, 24.0 + second, False, NOON + second)
            assert decider.touch(point.id)
            failed += [f"{what}: {error}" for what, error in decider.step(NOON + second).failed]
    assert failed == [f"{point.zone}: a defect"] * 3
    decider.known.put(point, 24.0, False, NOON + 4)
    assert decider.touch(point.id)
    decider.step(NOON + 4)
    decider.known.put(point, 24.1, False, NOON + 5)
    assert not decider.touch(point.id)
