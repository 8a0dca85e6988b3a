"""Anything may happen, in any order: what must never be decided never is. Ten thousand steps and more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from config.roles import EquipmentKind, Role, ZoneKind
from config.rules import RuleId
from config.site import Zone
from drivers.readings import Quality
from schedules.seasons import Season
from schedules.types import ALL_DAY, Interval, Overtime, WeekHours
from supervisor.core.decisions import KEEP, RELINQUISH, Decision
from supervisor.core.engine import LEASE
from supervisor.core.views import Release
from tests.unit.core import parts
from tests.unit.core.building import KNOB, Building

EXAMPLES, STEPS = 130, 100
"""More than 10,000 steps."""
FIXTURE = parts.equipment("escape", EquipmentKind.LIGHTS, escape_route=True, base="supervisor")
"""An escape-route circuit, writable by mistake."""
_QUALITIES = st.sampled_from([Quality.GOOD] * 6 + [q for q in Quality if q is not Quality.GOOD])
_HOURS = (
    WeekHours(parts.OFFICE_HOURS),
    WeekHours((Interval(20 * 60, 26 * 60),), weekend=(Interval(10 * 60, 10 * 60 + 20),)),
    WeekHours(ALL_DAY, weekend=ALL_DAY, holiday=ALL_DAY),
    WeekHours(),
)
_STARTS = [
    datetime.fromisoformat(f"2026-{day}").replace(tzinfo=parts.SHANGHAI).timestamp()
    for day in ("07-15T08:20", "07-15T16:50", "07-18T03:00", "02-14T17:00", "10-01T12:00")
]
_SPAN = st.sampled_from([0.5, 20.0, 61.0, 125.0, 600.0, 901.0, 1800.0, 4000.0, 16_000.0, 80_000.0])


def zones() -> list[Zone]:
    """Zones of every make: whose equipment it is, one setpoint or two, with and without arrays."""
    thermostat = (*parts.THERMOSTAT, Role.ACTION)
    status = (*parts.FAN_COIL, Role.RUN_STATUS, Role.HAND_AUTO)
    sockets = parts.equipment("sockets", EquipmentKind.PLUGS)
    more = (*parts.SENSORS, Role.HUMIDITY, Role.CO2, Role.LUX)
    return [
        parts.zone(parts.fan_coil(), parts.lamps(warn="blink"), sockets, FIXTURE, windows=2),
        parts.zone(
            parts.fan_coil(base="supervisor"), parts.lamps(base="supervisor"), FIXTURE, served_by=("ahu",)
        ),
        parts.zone(parts.fan_coil(thermostat), FIXTURE, sensors=more),
        parts.zone(parts.fan_coil(parts.THERMOSTAT, priority_array=False), FIXTURE),
        parts.zone(parts.fan_coil(priority_array=False), FIXTURE),
        parts.zone(parts.equipment("split", EquipmentKind.SPLIT, status, base="supervisor"), FIXTURE),
        parts.zone(parts.equipment("split", EquipmentKind.SPLIT, status), FIXTURE, sensors=()),
        parts.zone(parts.lamps(base="supervisor"), FIXTURE, kind=ZoneKind.CORRIDOR, sensors=more),
        parts.zone(parts.fan_coil(), parts.lamps(), FIXTURE, kind=ZoneKind.LOBBY, served_by=("ahu",)),
    ]


class AnythingHappens(RuleBasedStateMachine):
    """One zone, and whatever a building, its people and its clock can do to it."""

    building: Building
    steps = 0

    @initialize(
        number=st.integers(0, len(zones()) - 1),
        hours=st.sampled_from(_HOURS),
        start=st.sampled_from(_STARTS),
        season=st.sampled_from(Season),
    )
    def begin(self, number: int, hours: WeekHours, start: float, season: Season) -> None:
        """A building somewhere in its year."""
        zone = zones()[number]
        self.building = Building(zone, parts.timetable(week=hours), start, season)
        for point in (p for found in zone.sensors.values() for p in found):
            value: Any = {Role.OCCUPANCY: True, Role.WINDOW: False}.get(point.role, 24.0)
            self.building.put(point.id, value)
        self.building.decide()

    # ------------------------------------------------------------------ what may happen

    @rule(data=st.data(), quality=_QUALITIES)
    def sense(self, data: st.DataObject, quality: Quality) -> None:
        """A sensor reads something, or fails."""
        points = [p for found in self.building.zone.sensors.values() for p in found]
        if points:
            point = data.draw(st.sampled_from(points))
            values: dict[Role, list[Any]] = {
                Role.OCCUPANCY: [False, True],
                Role.WINDOW: [False, True],
                Role.CO2: [600.0, 1400.0, 2000.0],
                Role.HUMIDITY: [50.0, 68.0, 80.0],
                Role.LUX: [0.0, 300.0],
            }
            value = data.draw(
                st.sampled_from(values.get(point.role, [7.5, 8.5, 15.0, 16.5, 24.0, 27.5, 30.0]))
            )
            self.building.put(point.id, value, quality)
        self.building.decide()

    @rule(data=st.data(), quality=_QUALITIES)
    def status(self, data: st.DataObject, quality: Quality) -> None:
        """A machine says what it does."""
        points = [
            p
            for e in self.building.zone.equipment
            for p in e.points.values()
            if p.role in (Role.RUN_STATUS, Role.HAND_AUTO, Role.ACTION)
        ]
        if points:
            point = data.draw(st.sampled_from(points))
            values: list[Any] = ["cool", "heat", "off"] if point.role is Role.ACTION else [False, True]
            self.building.put(point.id, data.draw(st.sampled_from(values)), quality)
        self.building.decide()

    @rule(data=st.data(), slot=st.sampled_from([2, 5, 8, 9, *[KNOB] * 8, 16]))
    def somebody_else_writes(self, data: st.DataObject, slot: int) -> None:
        """Another master, or an occupant at a knob."""
        output = self.building.outputs[data.draw(st.sampled_from(sorted(self.building.outputs)))]
        settings_ = [14.0, 19.0, 20.0, 22.0, 25.0, 26.0, 28.0]
        values: dict[Role, list[Any]] = {
            Role.START_STOP: [False, True],
            Role.MODE: ["cool", "heat", "auto", "fan"],
        }
        value = data.draw(st.sampled_from([None, *values.get(output.point.role, settings_)]))
        if not output.point.priority_array:
            output.default = output.default if value is None else value
        elif value is None:
            output.slots.pop(slot, None)
        else:
            output.slots[slot] = value
        self.building.decide()

    @rule(data=st.data())
    def a_controller_restarts_or_falls_silent(self, data: st.DataObject) -> None:
        """Slots are lost, or a point is not known for a while."""
        output = self.building.outputs[data.draw(st.sampled_from(sorted(self.building.outputs)))]
        if data.draw(st.booleans()):
            output.slots.clear()
            output.ours = None if output.point.priority_array else output.ours
        else:
            output.known = not output.known
        self.building.decide()

    @rule(
        name=st.sampled_from(["fire", "outdoor", "outdoor", "changeover"]), data=st.data(), quality=_QUALITIES
    )
    def something_about_the_building(self, name: str, data: st.DataObject, quality: Quality) -> None:
        """Fire, weather, changeover."""
        values: dict[str, list[Any]] = {
            "fire": [True, *[False] * 8],
            "outdoor": [5.0, 10.5, 19.0, 27.5, 35.0],
            "changeover": ["cool", "heat"],
        }
        self.building.put_fact(name, data.draw(st.sampled_from(values[name])), quality)
        self.building.decide()

    @rule(season=st.sampled_from([*Season, None]))
    def the_season_changes(self, season: Season | None) -> None:
        """By the weather, a date, or a manager's word."""
        self.building.season = season
        self.building.decide()

    @rule(exempt=st.sampled_from(RuleId), seconds=st.sampled_from([61.0, 1800.0, 4000.0]))
    def an_exemption_is_granted(self, exempt: RuleId, seconds: float) -> None:
        """Until some time."""
        self.building.exempt_until[exempt] = self.building.now + seconds
        self.building.decide()

    @rule(wait=st.sampled_from([0.0, 600.0, 5000.0]), seconds=_SPAN)
    def somebody_asks_for_overtime(self, wait: float, seconds: float) -> None:
        """From now, or from later on."""
        start = self.building.now + wait
        self.building.overtime = (*self.building.overtime[-2:], Overtime(start, start + seconds, "Li"))
        self.building.decide()

    @rule(seconds=st.sampled_from([61.0, 1800.0]), data=st.data())
    def a_point_is_released(self, seconds: float, data: st.DataObject) -> None:
        """An operator's word."""
        if self.building.plan.points:
            point = data.draw(st.sampled_from(self.building.plan.points))
            self.building.released[point] = Release(self.building.now + seconds, "Wang")
        self.building.decide()

    @rule(quarter=st.integers(1, 8))
    def everybody_leaves_for_a_while(self, quarter: int) -> None:
        """The room stands empty for some quarters of an hour."""
        for point in self.building.zone.sensors.get(Role.OCCUPANCY, ()):
            self.building.put(point.id, False)
        self.building.decide()
        self.building.advance(self.building.now + 900.0 * quarter)
        self.building.decide()

    @rule(value=st.sampled_from([14.0, 19.0, 22.0, 25.0, 28.0]))
    def somebody_turns_every_knob(self, value: float) -> None:
        """To their liking."""
        for output in self.building.outputs.values():
            if "setpoint" in output.point.role:
                if output.point.priority_array:
                    output.slots[KNOB] = value
                else:
                    output.default = value
        self.building.decide()

    @rule(seconds=_SPAN)
    def time_passes(self, seconds: float) -> None:
        """Decided at wake-ups only."""
        self.building.advance(self.building.now + seconds)
        self.building.decide()

    @rule(hour=st.sampled_from([-3600.0, 3600.0]))
    def the_clock_steps(self, hour: float) -> None:
        """Somebody sets the clock: a reading from the future counts from now on."""
        b = self.building
        b.now += hour
        for id_, reading in b.readings.items():
            b.readings[id_] = reading._replace(since=min(reading.since, b.now), time=min(reading.time, b.now))
        for output in b.outputs.values():
            output.reading = output.reading._replace(since=min(output.reading.since, b.now))
        b.decide()

    # ------------------------------------------------------------------ what must always hold

    def decisions(self) -> list[Decision]:
        """What is decided now."""
        assert self.building.answer is not None
        return [outcome.decision for outcome in self.building.answer.outcomes.values()]

    @invariant()
    def no_cooling_below_26_in_summer(self) -> None:
        """Not by any rule. A single setpoint may be low only where it heats."""
        if not hasattr(self, "building") or self.building.facts.season is not Season.SUMMER:
            return
        for decision in self.decisions():
            if isinstance(decision.value, float) and decision.value < 26.0:
                assert not decision.point.endswith("cooling_setpoint")
                if decision.point.endswith("/setpoint"):
                    assert decision.rule in (RuleId.FREEZE_PROTECT, RuleId.WINTER_SETPOINT)

    @invariant()
    def no_escape_light_and_one_winner_a_point(self) -> None:
        """Every point of the zone's list has its one decision, and nothing else has one."""
        if not hasattr(self, "building"):
            return
        found = self.decisions()
        assert sorted(d.point for d in found) == sorted(self.building.plan.points)
        assert not any("escape" in d.point for d in found)
        assert not any(slot == 10 for slot in self.building.outputs[f"{parts.ZONE}/escape/start_stop"].slots)

    @invariant()
    def every_decision_is_cited_explained_and_in_force(self) -> None:
        """Citation, reason in both languages, our priority, not expired."""
        if not hasattr(self, "building"):
            return
        for outcome in self.building.answer.outcomes.values() if self.building.answer else ():
            decision = outcome.decision
            assert decision.citation.clause
            assert decision.citation.document.title.zh
            assert decision.priority == 10
            assert decision.expires > self.building.now
            for reason in (decision.reason, *(loser.reason for loser in outcome.losers)):
                for text in (str(reason), reason.in_chinese()):
                    assert text
                    assert "{" not in text
                    assert "inf" not in text

    @invariant()
    def the_wake_up_lies_ahead_and_within_the_lease(self) -> None:
        """Never in the past, never now, and no decision outlives it."""
        if hasattr(self, "building") and self.building.answer is not None:
            assert self.building.now < self.building.answer.wake_at <= self.building.now + LEASE
            assert all(d.expires >= self.building.answer.wake_at for d in self.decisions())

    @invariant()
    def asking_twice_changes_nothing(self) -> None:
        """The same view, memory and instant give the same answer, and remember nothing new."""
        if not hasattr(self, "building") or self.building.answer is None:
            return
        type(self).steps += 1
        before, memory = self.building.answer, self.building.memory
        again = self.building.ask()
        assert again.outcomes == before.outcomes
        assert again.compliance == before.compliance
        assert again.wake_at == before.wake_at
        assert self.building.memory is memory

    @invariant()
    def no_air_conditioning_in_the_last_half_hour(self) -> None:
        """Unless fire, frost, an exemption or the operator's word is the recorded reason; overtime moves it."""
        if not hasattr(self, "building"):
            return
        b = self.building
        spans = b.view().spans
        span, following = spans.at(b.now), spans.next(b.now)
        if span is not None and span.overtime and following is not None and following.open - 1800.0 <= b.now:
            return  # prepared for the next opening: overtime before it takes nothing away
        if (
            span is None
            or span.close - b.now > 1800.0
            or b.exempt_until.get(RuleId.PRE_CLOSE_OFF, 0.0) > b.now
        ):
            return
        stops = {e.points[Role.START_STOP].id for e in b.zone.equipment if e.hvac}
        for decision in (d for d in self.decisions() if d.point in stops):
            release = b.released.get(decision.point)
            handed_back = release is not None and release.until > b.now and decision.value is RELINQUISH
            if not handed_back and decision.rule not in (RuleId.FIRE_ALARM, RuleId.FREEZE_PROTECT):
                assert decision.value is False, decision

    @invariant()
    def a_fire_alarm_is_answered_with_nothing_but_letting_go(self) -> None:
        """While it owns the building no value is decided for a device."""
        if hasattr(self, "building") and self.building.facts.fire.owns_building:
            for decision in self.decisions():
                if decision.point in self.building.outputs:
                    assert decision.value in (KEEP, RELINQUISH)


@pytest.mark.timeout(300)
def test_whatever_happens_the_promises_hold() -> None:
    """More than 10,000 steps of random readings, times, faults, fire, windows, seasons, exemptions and overtime."""
    AnythingHappens.steps = 0
    run_state_machine_as_test(
        AnythingHappens,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than a test may
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert AnythingHappens.steps >= 10_000


@pytest.mark.parametrize("zone", zones(), ids=range(len(zones())))
def test_the_escape_light_of_each_make_of_zone_is_on_no_list(zone: Zone) -> None:
    """By construction: not in the plan, whatever its points say."""
    item = replace(zone.equipment[-1])
    assert item.points[Role.START_STOP].writable
    assert item.points[Role.START_STOP].id not in Building(zone, parts.timetable(), 0.0, None).plan.points
