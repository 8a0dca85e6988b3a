"""What the rules see: frozen pictures of a zone, of its equipment and of the building."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from config.points import Point
from config.roles import Mode, Role
from config.rules import RuleId
from config.site import Equipment, Zone
from drivers.readings import UNKNOWN, Reading, Slot
from drivers.values import decode
from schedules.seasons import Season
from schedules.time import Instant
from schedules.types import Spans
from supervisor.core.decisions import Input

_evidence = tuple.__new__
"""Makes an Input of all its fields, in half the time that its own constructor takes."""


class Held(NamedTuple):
    """A slot of another master that outranks ours: its priority and its value in the role's unit."""

    priority: int
    value: float | bool | str

    @classmethod
    def of(cls, slot: Slot, point: Point | None) -> Held:
        """What a slot holds of a point. The slot outranks ours whatever is in it: what the role does not have is shown as
        the number that it is, and what is no number at all as `?`."""
        value = decode(point, slot.value) if point is not None else slot.value
        if value is None:
            value = slot.value
        return cls(slot.priority, "?" if isinstance(value, float) and not math.isfinite(value) else value)

    @property
    def protection(self) -> bool:
        """Slots 1 to 7: life safety, critical equipment, minimum on/off."""
        return self.priority < 8


class PointView(NamedTuple):
    """A writable point.

    `present` is its Present_Value, `beneath` what it would be if our slot were NULL, `ours` what our slot
    holds (None: nothing), `override` the slot above ours that holds it. `egress` is how long the object keeps
    its lamps on after it was told to warn and go off (WARN_OFF), s of the site clock; 0 where it does not, or nobody knows.
    """

    point: Point
    present: Reading = UNKNOWN
    beneath: Reading = UNKNOWN
    ours: float | bool | str | None = None
    override: Held | None = None
    egress: float = 0.0
    asked_as: str = ""
    """What a zone says of a point that it has together with others: it asks, and does not command. Empty for its own."""

    @property
    def protected(self) -> bool:
        """Whether a slot of protection holds it: recorded, never judged."""
        return self.override is not None and self.override.protection

    def as_input(self) -> Input:
        """The present value as evidence."""
        return _evidence(Input, (self.point.id, *self.present, False))

    def judged(self) -> Input:
        """What a setpoint is judged by, as evidence: what lies beneath our slot, where we or another hold one."""
        held = self.point.priority_array and (self.ours is not None or self.override is not None)
        return Input(self.point.id, *self.beneath, beneath=True) if held else self.as_input()


class EquipmentView(NamedTuple):
    """A piece of equipment. A role that is not mapped is None; one that is not known is `UNKNOWN`."""

    equipment: Equipment
    start_stop: PointView | None = None
    cooling_setpoint: PointView | None = None
    heating_setpoint: PointView | None = None
    setpoint: PointView | None = None
    mode: PointView | None = None
    run_status: Reading | None = None
    fault: Reading | None = None
    hand: Reading | None = None
    action: Reading | None = None

    @property
    def state(self) -> Reading:
        """Whether it runs: the run status where one is mapped (unknown included), else the command."""
        if self.run_status is not None:
            return self.run_status
        return self.start_stop.present if self.start_stop is not None else UNKNOWN

    @property
    def on(self) -> bool | None:
        """Running, stopped, or not known."""
        state = self.run_status if self.run_status is not None else self.state
        return bool(state.value) if state.good else None

    @property
    def in_hand(self) -> bool:
        """Switched to hand: an override at the machine itself. What we write has no effect, so nothing that
        we write counts as enforced, and whether it runs is judged by its status alone."""
        return self.hand is not None and self.hand.good and bool(self.hand.value)

    @property
    def running_action(self) -> str | None:
        """`cool` or `heat` where action or mode says so; None where neither is known."""
        for reading in (self.action, self.mode.present if self.mode else None):
            if reading is not None and reading.good and reading.value in (Mode.COOL, Mode.HEAT):
                return str(reading.value)
        return None

    @property
    def settings(self) -> tuple[PointView | None, ...]:
        """Setpoints and mode, mapped or not."""
        return (self.cooling_setpoint, self.heating_setpoint, self.setpoint, self.mode)

    def writable_points(self) -> tuple[PointView, ...]:
        """The points that we may command: none of a circuit on an escape route."""
        if self.equipment.escape_route:
            return ()
        return tuple(p for p in (self.start_stop, *self.settings) if p is not None and p.point.writable)


class SensorView(NamedTuple):
    """A sensor, or what several like ones say together, under the name of one of them."""

    point: Point
    reading: Reading

    def as_input(self) -> Input:
        """The reading as evidence."""
        return _evidence(Input, (self.point.id, *self.reading, False))


class Release(NamedTuple):
    """An operator's request to let go of a point: until when, and who asked."""

    until: Instant
    who: str


class Manual(NamedTuple):
    """A person's word on a point: this value, in the role's unit, from `since` to `until`; who asked, and why."""

    value: float | bool | str
    since: Instant
    until: Instant
    who: str
    why: str


class ZoneView(NamedTuple):
    """A zone as it stands. A sensor that is not there is None; one that is not known is not `good`."""

    zone: Zone
    spans: Spans
    temperature: SensorView | None = None
    humidity: SensorView | None = None
    co2: SensorView | None = None
    lux: SensorView | None = None
    occupancy: SensorView | None = None
    windows: tuple[SensorView, ...] = ()
    equipment: tuple[EquipmentView, ...] = ()
    circuits: tuple[EquipmentView, ...] = ()
    """Lighting and socket circuits that it has together with others."""
    exempt_until: Mapping[RuleId, Instant] = {}
    """End of each exemption, lapsed or not."""
    released: Mapping[str, Release] = {}
    """Points that an operator asked to let go of, by id."""
    manual: Mapping[str, Manual] = {}
    """Points that a person holds by hand, by id."""

    @property
    def units(self) -> tuple[EquipmentView, ...]:
        """Its own equipment, and the circuits that it has together with others."""
        return (*self.equipment, *self.circuits) if self.circuits else self.equipment

    def knows(self, role: Role) -> bool:
        """Whether temperature, humidity or CO2 is measured and known."""
        sensor = (
            self.temperature
            if role is Role.TEMPERATURE
            else self.humidity
            if role is Role.HUMIDITY
            else self.co2
        )
        return sensor is not None and sensor.reading.good


class Fire(StrEnum):
    """What the fire-alarm input says."""

    NOT_WIRED = "not wired"
    CLEAR = "clear"
    ACTIVE = "active"
    CLEARING = "clearing"
    """Reset, but not for long enough."""
    UNKNOWN = "unknown"

    @property
    def owns_building(self) -> bool:
        """Nothing may be written."""
        return self is _ACTIVE or self is _CLEARING


_ACTIVE, _CLEARING = Fire.ACTIVE, Fire.CLEARING


class Facts(NamedTuple):
    """What is true of the whole building."""

    season: Season | None = None
    fire: Fire = Fire.NOT_WIRED
    weather_normal: bool | None = None
    outdoor: Reading = UNKNOWN
    changeover: str | None = None
    """`cool` or `heat`: what a two-pipe plant circulates; None where there is none or it is not known."""
    priority: int = 10
