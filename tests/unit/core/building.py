"""A small virtual building around the real engine: it obeys priority arrays, and nothing else is made up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from config.points import Point, Value
from config.roles import Role
from config.rules import RuleId
from config.site import Equipment, Zone
from drivers.readings import UNKNOWN, Quality, Reading
from schedules.hours import Timetable, with_overtime
from schedules.seasons import Season
from schedules.time import Instant
from schedules.types import Overtime
from supervisor.core.decisions import KEEP, Command, Notice, Special
from supervisor.core.engine import Evaluation, evaluate, plan_zone
from supervisor.core.facts import BuildingView, evaluate_building
from supervisor.core.now import Now
from supervisor.core.rule import Memory
from supervisor.core.views import EquipmentView, Facts, Held, Manual, PointView, Release, SensorView, ZoneView

PRIORITY = 10
KNOB = 13
"""The slot in which occupants turn knobs and press switches."""
_COMMANDED = (Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE)
_DEFAULTS: dict[Role, float | bool | str] = {
    Role.START_STOP: True,
    Role.COOLING_SETPOINT: 26.0,
    Role.HEATING_SETPOINT: 20.0,
    Role.SETPOINT: 26.0,
    Role.MODE: "cool",
}
_TURNS_BEFORE_IT_SETTLES = 6


@dataclass
class Output:
    """A commanded object: sixteen slots over a relinquish default, or a plain value without them."""

    point: Point
    default: float | bool | str
    slots: dict[int, float | bool | str] = field(default_factory=dict)
    ours: float | bool | str | None = None
    known: bool = True
    reading: Reading = UNKNOWN
    egress: float = 0.0

    def value(self, floor: int = 0) -> float | bool | str:
        """What stands, or what would stand beneath slot `floor`."""
        for slot in sorted(self.slots):
            if slot > floor:
                return self.slots[slot]
        return self.default

    def settle(self, at: Instant) -> None:
        """Take the present value as read at `at`."""
        value = self.value()
        quality = Quality.GOOD if self.known else Quality.STALE
        if (value, quality) == self.reading[:2]:
            return
        since = self.reading.since if value == self.reading.value else at
        self.reading = Reading(value, quality, at, since)

    def command(self, value: Command) -> None:
        """What the gateway makes of a decision's value."""
        if value is KEEP:
            return
        if self.point.priority_array:
            self.slots.pop(PRIORITY, None)
            self.ours = None
            if not isinstance(value, Special):
                self.slots[PRIORITY] = self.ours = value
        elif isinstance(value, Special):
            self.ours = None
        else:
            self.default = self.ours = value

    def view(self) -> PointView:
        """What the rules see of it."""
        above = [s for s in sorted(self.slots) if s < PRIORITY]
        held = Held(above[0], self.slots[above[0]]) if above else None
        if not self.point.priority_array:
            beneath = UNKNOWN if self.ours is not None else self.reading
            return PointView(self.point, self.reading, beneath, self.ours, None, self.egress)
        beneath = self.reading._replace(value=self.value(PRIORITY))
        return PointView(self.point, self.reading, beneath, self.ours, held, self.egress)


class Building:
    """One zone, its hours and the building's own inputs; decided at wake-ups and when an input changes."""

    def __init__(self, zone: Zone, timetable: Timetable, at: Instant, season: Season | None) -> None:
        self.zone, self.timetable, self.now = zone, timetable, at
        self.plan = plan_zone(zone)
        self.readings: dict[str, Reading] = {}
        self.outputs: dict[str, Output] = {}
        for item in zone.equipment:
            for role, point in item.points.items():
                if role in _COMMANDED:
                    self.outputs[point.id] = Output(point, _DEFAULTS[role])
        self.season = season
        self.fire: Reading | None = None
        self.outdoor: Reading | None = None
        self.changeover: Reading | None = None
        self.overtime: tuple[Overtime, ...] = ()
        self.exempt_until: dict[RuleId, Instant] = {}
        self.released: dict[str, Release] = {}
        self.manual: dict[str, Manual] = {}
        self.memory: Memory = {}
        self.building_memory: Memory = {}
        self.facts = Facts()
        self.answer: Evaluation | None = None
        self.notices: list[Notice] = []
        self.evaluations = 0

    # ------------------------------------------------------------------ what changes

    def put(self, point_id: str, value: Value, quality: Quality = Quality.GOOD) -> None:
        """A new reading of a point; `since` is kept where the value is the one it had before a silence."""
        self.readings[point_id] = self._new(self.readings.get(point_id), value, quality)

    def _new(self, old: Reading | None, value: Value, quality: Quality) -> Reading:
        if quality is not Quality.GOOD and old is not None:
            return old._replace(quality=quality)
        since = old.since if old is not None and old.value == value else self.now
        return Reading(value, quality, self.now, since)

    def put_fact(self, name: str, value: Value, quality: Quality = Quality.GOOD) -> None:
        """A reading of the building's own: `fire`, `outdoor` or `changeover`."""
        setattr(self, name, self._new(getattr(self, name), value, quality))

    # ------------------------------------------------------------------ what the rules see

    def view(self) -> ZoneView:
        """The zone as it stands."""
        sensors = self.zone.sensors

        def one(role: Role) -> SensorView | None:
            return self._sensor(sensors[role][0]) if role in sensors else None

        return ZoneView(
            self.zone,
            with_overtime(self.timetable.spans(self.now), self.overtime),
            temperature=one(Role.TEMPERATURE),
            humidity=one(Role.HUMIDITY),
            co2=one(Role.CO2),
            lux=one(Role.LUX),
            occupancy=one(Role.OCCUPANCY),
            windows=tuple(self._sensor(p) for p in sensors.get(Role.WINDOW, ())),
            equipment=tuple(self._equipment(e) for e in self.zone.equipment),
            exempt_until=self.exempt_until,
            released=self.released,
            manual=self.manual,
        )

    def _sensor(self, point: Point) -> SensorView:
        return SensorView(point, self.readings.get(point.id, UNKNOWN))

    def _equipment(self, item: Equipment) -> EquipmentView:
        def output(role: Role) -> PointView | None:
            point = item.points.get(role)
            return None if point is None else self.outputs[point.id].view()

        def status(role: Role) -> Reading | None:
            point = item.points.get(role)
            return None if point is None else self.readings.get(point.id, UNKNOWN)

        return EquipmentView(
            item,
            output(Role.START_STOP),
            output(Role.COOLING_SETPOINT),
            output(Role.HEATING_SETPOINT),
            output(Role.SETPOINT),
            output(Role.MODE),
            status(Role.RUN_STATUS),
            status(Role.FAULT),
            status(Role.HAND_AUTO),
            status(Role.ACTION),
        )

    # ------------------------------------------------------------------ deciding

    def ask(self) -> Evaluation:
        """Evaluate once, without carrying anything out."""
        now = Now(self.now)
        fire, outdoor, changeover = (
            None if reading is None else SensorView(Point(name, Role.FIRE_ALARM, "ddc", "binary-input", 1), reading)
            for name, reading in (("fire", self.fire), ("outdoor", self.outdoor), ("changeover", self.changeover))
        )  # fmt: skip
        view = BuildingView(self.zone.rules, PRIORITY, self.season, fire, outdoor, changeover)
        building = evaluate_building(view, self.building_memory, now)
        self.facts, self.building_memory = building.facts, building.memory
        answer = evaluate(self.view(), self.facts, self.memory, self.now, plan=self.plan)
        self.memory = answer.memory
        self.notices += (*building.notices, *answer.notices)
        self.evaluations += 1
        return answer._replace(wake_at=min(now.wake_at, answer.wake_at))

    def decide(self) -> Evaluation:
        """Evaluate and carry out, again for as long as what was carried out changes what is seen."""
        for _ in range(_TURNS_BEFORE_IT_SETTLES):
            for output in self.outputs.values():
                output.settle(self.now)
            self.answer = self.ask()
            before = {id_: o.view() for id_, o in self.outputs.items()}
            for id_, outcome in self.answer.outcomes.items():
                if id_ in self.outputs:
                    self.outputs[id_].command(outcome.decision.value)
                    self.outputs[id_].settle(self.now)
            if before == {id_: o.view() for id_, o in self.outputs.items()}:
                return self.answer
        raise AssertionError("the decisions chase each other")

    def advance(self, until: Instant) -> None:
        """Sleep from wake-up to wake-up until `until`; its own wake-up is left to whoever decides then."""
        if self.answer is None:
            self.decide()
        while self.answer is not None and self.answer.wake_at < until:
            assert self.now < self.answer.wake_at < math.inf
            self.now = self.answer.wake_at
            self.decide()
        self.now = until
