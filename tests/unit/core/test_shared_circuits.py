"""One lighting circuit over several rooms: off when every room of it wants it off, lit while one needs it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from config.points import Value
from config.rules import RuleId
from drivers.readings import Quality
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from schedules.time import Instant
from supervisor.core.decider import Decider, rules_of
from supervisor.core.decisions import RELINQUISH, Command, Outcome
from supervisor.core.known import Known
from supervisor.core.views import Release
from tests.site_files import site_of_text

WING = """
version: 1
building: wing
timezone: Asia/Shanghai
dry_run: false
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:30}, late: {workday: 09:00-20:00}}
templates:
  lamps:
    kind: lights
    points: {start_stop: {object: BO0, writable: true}, run_status: BI0}
zones:
  r401: {name: 401 办公室, hours: office, sensors: {occupancy: ddc/BI1}}
  r402: {name: 402 办公室, hours: office, sensors: {occupancy: ddc/BI2}}
  r403: {name: 403 档案室, hours: late}
  way: {kind: corridor, name: 四层走廊, hours: office, sensors: {occupancy: ddc/BI4, lux: ddc/AI4}}
points: {fire_alarm: ddc/BI9}
equipment:
  rooms: {template: lamps, at: ddc/50, serves: [r401, r402], name: 四层东侧照明}
  late: {template: lamps, at: ddc/60, serves: [r402, r403]}
  mixed: {template: lamps, at: ddc/70, serves: [r401, way], escape_route: false}
  egress: {template: lamps, at: ddc/80, serves: [r401, way], escape_route: true, writable: false}
devices: {ddc: {instance: 1, address: 127.0.0.2:47808}}
"""


class Wing:
    """Four rooms and four circuits on a working day, 2026-07-15, lit as commanded."""

    def __init__(self, text: str = WING) -> None:
        self.site = site_of_text(text)
        self.known = Known(self.site)
        tables = timetables(self.site, calendar_of(self.site))
        self.decider = Decider(self.site, self.known, tables, lambda t: (Season.SUMMER, t + 9e6))
        self.now = self.when("10:00")
        self.outcomes: dict[str, Outcome] = {}
        self.stuck: set[str] = set()
        """Circuits whose lamps follow no command."""
        self._put("building/fire_alarm", False)
        self._put("way/lux", 10.0)
        for zone in ("r401", "r402", "way"):
            self._put(f"{zone}/occupancy", True)
        for circuit in self.site.shared:
            self._put(f"{circuit}/start_stop", True)
            self._put(f"{circuit}/run_status", True)
        self._settle()

    def when(self, clock: str) -> Instant:
        """That time of the day."""
        day = dt.datetime.combine(
            dt.date(2026, 7, 15), dt.time.fromisoformat(clock), ZoneInfo("Asia/Shanghai")
        )
        return day.timestamp()

    def _put(self, point: str, value: Value) -> None:
        if self.known.put_value(point, value, Quality.GOOD, self.now):
            self.decider.touch(point)

    def _settle(self) -> None:
        step = self.decider.step(self.now)
        self.outcomes.update(step.outcomes)
        for id_, outcome in step.outcomes.items():
            assert id_ in self.site.points, "what a room only asks for is no command"
            if isinstance(outcome.decision.value, bool) and self.site.points[id_].writable:
                self._put(id_, outcome.decision.value)
                if id_ not in self.stuck:
                    self._put(id_.replace("start_stop", "run_status"), outcome.decision.value)
        if self.decider.dirty:
            self.outcomes.update(self.decider.step(self.now).outcomes)

    def at(self, clock: str, **happens: Value) -> Wing:
        """Let time pass, then let things happen: `r401=False` is a room that empties."""
        until = self.when(clock)
        while self.decider.wake_at <= until:
            self.now = self.decider.wake_at
            self._settle()
        self.now = until
        for name, value in happens.items():
            self._put(_POINTS.get(name, f"{name}/occupancy"), value)
        self._settle()
        return self

    def said(self, circuit: str) -> tuple[Command, RuleId]:
        """What stands decided for a circuit, and by which rule."""
        decision = self.outcomes[f"{circuit}/start_stop"].decision
        return decision.value, decision.rule


_POINTS = {"the contactor": "rooms/run_status", "fire": "building/fire_alarm", "lux": "way/lux"}
BACK = (RELINQUISH, RuleId.BASE)


def test_the_circuit_stays_while_one_of_its_rooms_has_somebody_in() -> None:
    """401 is empty for an hour and 402 is not: lit; ten minutes after 402 empties too, dark, with both rooms' names."""
    wing = Wing().at("11:00", r401=False)
    assert wing.at("12:00").said("rooms") == BACK
    wing.at("12:00", r402=False)
    assert wing.at("12:09").said("rooms") == BACK
    assert wing.at("12:10").said("rooms") == (False, RuleId.VACANCY_OFF)
    decision = wing.outcomes["rooms/start_stop"].decision
    assert decision.reason.in_chinese() == "该回路各房间均不需要：401 办公室、402 办公室"
    assert {each.point for each in decision.inputs} >= {"r401/occupancy", "r402/occupancy"}
    assert "（二）减少照明电耗" in decision.citation.clause


def test_one_who_comes_back_lights_it_again_at_once() -> None:
    """Into either of the rooms."""
    wing = Wing().at("11:00", r401=False, r402=False)
    assert wing.at("11:30").said("rooms")[0] is False
    assert wing.at("11:31", r401=True).said("rooms") == BACK


def test_after_closing_the_room_that_closes_last_counts() -> None:
    """402 closes at 17:30 and 403, where nobody is sensed, at 20:00: dark half an hour later."""
    wing = Wing().at("17:00", r402=False)
    assert wing.at("20:29").said("late") == BACK
    assert wing.at("20:30").said("late") == (False, RuleId.LIGHTS_CLOSE)


def test_a_room_is_not_outside_its_rule_while_another_needs_the_light() -> None:
    """401 is empty and lit for 402: compliant. Both empty and a lamp that stays on: both are outside."""
    wing = Wing().at("11:00", r401=False)
    wing.at("12:00")
    rule = RuleId.VACANCY_OFF
    assert wing.decider.evaluations["r401"].compliance[rule] is True
    wing.at("12:00", r402=False).at("12:30")
    assert wing.decider.evaluations["r401"].compliance[rule] is True
    wing.stuck.add("rooms/start_stop")
    wing.at("12:31", **{"the contactor": True})
    assert [wing.decider.evaluations[z].compliance[rule] for z in ("r401", "r402")] == [False, False]
    assert wing.decider.evaluations["way"].compliance.get(rule) is None


def test_a_corridor_on_the_circuit_of_a_room_is_lit_for_either() -> None:
    """The room is empty and somebody walks by: lit; two minutes after the corridor is empty, dark."""
    wing = Wing().at("11:00", r401=False)
    assert wing.at("11:30").said("mixed") == BACK
    wing.at("11:30", way=False)
    assert wing.at("11:31").said("mixed") == BACK
    assert wing.at("11:32").said("mixed")[0] is False
    assert wing.at("11:40", way=True).said("mixed") == BACK


def test_an_unknown_corridor_keeps_its_circuit_lit() -> None:
    """A sensor that is silent is no empty corridor."""
    wing = Wing().at("11:00", r401=False)
    wing.known.put_value("way/occupancy", None, Quality.STALE, wing.now)
    wing.decider.touch("way/occupancy")
    assert wing.at("16:00").said("mixed") == BACK


def test_a_circuit_on_an_escape_route_is_never_decided() -> None:
    """Whatever its rooms want."""
    wing = Wing().at("11:00", r401=False, way=False).at("23:00")
    assert "egress/start_stop" not in wing.outcomes
    assert not any(
        "egress" in id_ for zone in ("r401", "way") for id_ in wing.decider.evaluations[zone].outcomes
    )


def test_fire_hands_a_dark_circuit_back() -> None:
    """People are to see."""
    wing = Wing().at("11:00", r401=False, r402=False).at("11:30")
    assert wing.said("rooms")[0] is False
    wing.known.put_ours("rooms/start_stop", False)
    wing.decider.touch("rooms/start_stop")
    assert wing.at("11:31", fire=True).said("rooms") == (RELINQUISH, RuleId.FIRE_ALARM)


def test_a_person_s_word_lets_go_of_it() -> None:
    """`release` of a shared circuit."""
    wing = Wing().at("11:00", r401=False, r402=False).at("11:30")
    wing.decider.released = {"rooms/start_stop": Release(wing.when("13:00"), "Wang Min")}
    wing.decider.touch("rooms/start_stop")
    assert wing.at("11:31").said("rooms") == BACK
    assert wing.at("13:01").said("rooms") == (False, RuleId.VACANCY_OFF)


def test_a_circuit_that_is_ours_is_switched_on_for_whoever_needs_it() -> None:
    """`base: supervisor`: on while one of its rooms is open and has somebody in, else off."""
    wing = Wing(WING.replace("kind: lights", "kind: lights\n    base: supervisor"))
    assert wing.said("rooms") == (True, RuleId.BASE)
    wing.at("11:00", r401=False)
    assert wing.at("11:30").said("rooms") == (True, RuleId.BASE)
    assert wing.outcomes["rooms/start_stop"].decision.reason.in_chinese() == "402 办公室 需要"
    assert wing.at("11:30", r402=False).at("11:45").said("rooms") == (False, RuleId.VACANCY_OFF)


def test_an_exempt_room_keeps_its_circuit() -> None:
    """Nothing of the sweep is wanted in a room that is exempt from it."""
    exempt = "exemptions: [{zones: [r403], rules: [lights-close], reason: 夜班, approver: 王敏, until: 2028-12-31}]\n"
    wing = Wing(WING + exempt).at("17:00", r402=False)
    assert wing.at("23:00").said("late") == BACK


def test_lights_alone_ask_for_no_air() -> None:
    """A room that shares a circuit has no air conditioning by that, and no rule of the air."""
    wing = Wing()
    rules = {rule for _, rule in rules_of(wing.site)}
    assert rules == {RuleId.LIGHTS_CLOSE, RuleId.VACANCY_OFF, RuleId.CORRIDOR_DELAY}
    assert wing.site.zones["r401"].served_by == ()
    assert wing.site.zones["r401"].shares == ("rooms", "mixed", "egress")
