"""The points that may be written, by construction, and what is known of each one's slot."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from config.points import Point, decode, encode, same
from config.roles import ROLES, Role, Shape
from config.rules import RuleId
from config.site import Equipment, Site
from drivers.protocol import Address
from drivers.readings import PriorityArray
from schedules.time import Instant
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import RELINQUISH, Because, Command, Decision, Outcome, Special
from supervisor.core.views import Held
from supervisor.store.rows import OpenIntent, SlotKey, SlotRow

REMEMBERED: int = 8
"""How many values sent to a point are known as ours when a late duplicate of one turns up."""


@dataclass(slots=True)
class Commandable:
    """One slot of one object: what is wanted of it, what we hold, what was last read.

    `point` is None for a slot that the journal knows and the site file does not: it can only be let go.
    """

    key: SlotKey
    name: str
    point: Point | None = None
    equipment: Equipment | None = None
    dry: bool = False
    wanted: Outcome | None = None
    asked: float = 0.0
    dirty: bool = False
    """`wanted` is still to be carried out."""
    owned: SlotRow | None = None
    uncertain: bool = False
    """A write went out of which we do not know whether it landed."""
    sent: list[tuple[float, float]] = field(default_factory=list)
    """Wire values that we sent, with the monotonic second, newest last."""
    open: list[OpenIntent] = field(default_factory=list)
    adopted: bool = False
    has_array: bool = True
    misfit: str | None = None
    """Why the site file does not fit the object, so that it may not be written at all."""
    array: PriorityArray | None = None
    present: float | int | None = None
    read_at: Instant = -math.inf
    foreign: float | int | None = None
    told: float | int | None = None
    """The wire value that the listeners were last told our slot holds."""
    enforced: tuple[str, object] | None = None
    """(rule, command) that was last counted as an enforcement."""
    reported: tuple[str, object] | None = None
    """(rule, command) that was last refused or pretended, so that the audit says it once."""
    expired_at: float | None = None
    """Monotonic second at which `wanted` was first found past its expiry."""
    leaving_until: float = -math.inf
    """Monotonic second by which lamps that were told WARN_OFF must have gone off by themselves."""
    starting: bool = False
    """Waits for its turn among the starts."""
    not_before: float = -math.inf
    handed: float = -math.inf
    """Monotonic second at which a value was last handed to the driver."""
    failures: int = 0
    """Read-backs in a row that differed."""
    silences: int = 0
    silent_at: float | None = None
    """Monotonic second at which the device last gave no answer about this very point."""
    poll_at: float = math.inf
    address: Address = field(init=False)
    """Where the object is."""

    def __post_init__(self) -> None:
        self.address = Address(self.key.device, self.key.object_type, self.key.instance)

    @property
    def heartbeat(self) -> bool:
        """A point by which its controller notices that we are alive."""
        return self.point is not None and self.point.role is Role.HEARTBEAT

    @property
    def slot(self) -> float | int | None:
        """What our slot was last read to hold; without an array, the present value while it is ours."""
        if self.has_array:
            return None if self.array is None else self.array.at(self.key.priority)
        if self.owned is not None and self.same(self.present, self.owned.value):
            return self.present
        return None

    def leaving(self, wall: float) -> bool:
        """Lamps that are still on, and will go off by themselves: our slot is theirs to change until then."""
        return wall < self.leaving_until and self.slot == 1

    def same(self, a: float | int | None, b: float | int | None) -> bool:
        """Whether two wire values are one command to this object."""
        return same(self.key.object_type, a, b)

    def is_ours(self, value: float | int) -> bool:
        """Whether a value found in our slot is one that we put there, or tried to."""
        if self.owned is not None and self.same(value, self.owned.value):
            return True
        return any(self.same(value, wire) for wire, _ in self.sent)

    def remember(self, wire: float, wall: float) -> None:
        """Note a value about to be sent."""
        self.sent = [(v, at) for v, at in self.sent if not self.same(v, wire)][1 - REMEMBERED :]
        self.sent.append((wire, wall))

    def wanted_is(self, command: Command) -> bool:
        """Whether this is the command that is wanted now. NaN is itself, though not equal to itself."""
        value = self.wanted.decision.value if self.wanted is not None else None
        return value is command or value == command

    def starts(self, before: float | int | None, after: float | int | None) -> bool:
        """Whether going from one present value to another starts equipment. Lamps are no such load."""
        if self.point is None or self.point.role is not Role.START_STOP:
            return False
        if self.equipment is not None and self.equipment.lights:
            return False
        return decode(self.point, after) is True and decode(self.point, before) is not True


def held_above(c: Commandable) -> Held | None:
    """The slot of another master that outranks ours, its value in the role's unit."""
    slot = c.array.above(c.key.priority) if c.array is not None and c.has_array else None
    if slot is None:
        return None
    value = decode(c.point, slot.value) if c.point is not None else slot.value
    return Held(slot.priority, slot.value if value is None else value)


def commandables(site: Site, dry_run: bool | None = None) -> dict[str, Commandable]:
    """Every point that may be written, by id. An escape-route light can never be among them.

    `dry_run` overrides what site and zones say. Raises ValueError for a priority outside 9 to 16.
    """
    if not 9 <= site.priority <= 16:
        raise ValueError(f"priority {site.priority}: slots 1 to 8 are not ours, and there are 16")
    owners = {p.id: e for e in site.all_equipment for p in e.points.values()}
    escape = {_object(p) for e in site.all_equipment if e.escape_route for p in e.points.values()}
    found = {}
    for point in site.points.values():
        equipment = owners.get(point.id)
        if not point.writable or _object(point) in escape or (equipment and equipment.escape_route):
            continue
        found[point.id] = Commandable(
            key=SlotKey(*_object(point), site.priority if point.priority_array else 0),
            name=point.id,
            point=point,
            equipment=equipment,
            dry=site.is_dry(point) if dry_run is None else dry_run,
            has_array=point.priority_array,
        )
        if point.role is Role.HEARTBEAT:
            # Whichever of the two an earlier run left in our slot, it is ours.
            found[point.id].sent = [(encode(point, flag), 0.0) for flag in (False, True)]
    return found


def _object(point: Point) -> tuple[str, str, int]:
    return point.device, point.object_type, point.instance


def refusal(point: Point, decision: Decision) -> str | None:
    """Why a command may not be written to a point; None if it may."""
    command = decision.value
    assert not isinstance(command, Special)
    try:
        encode(point, command)
    except ValueError as error:
        return str(error)
    if ROLES[point.role].shape is Shape.NUMBER:
        spec = ROLES[point.role]
        low, high = max(spec.low, point.low), min(spec.high, point.high)
        if not low <= float(command) <= high:
            return f"{command} {spec.unit} lies outside {low:g} to {high:g}"
    return None


_HANDED_BACK = Because("no longer ours to command: handed back", "不再由本系统控制：交还")


def handed_back(c: Commandable, why: Because = _HANDED_BACK) -> Outcome:
    """Letting go of a slot for a reason that no rule has."""
    citation = Citation(SITE, "release", site_choice=True)
    rule = RuleId.BASE
    return Outcome(Decision(c.name, RELINQUISH, c.key.priority, rule, citation, why, (), math.inf), ())


def let_go_of(outcome: Outcome) -> Outcome:
    """The same outcome turned into letting go, for a decision that was not renewed in time."""
    return Outcome(outcome.decision._replace(value=RELINQUISH, expires=math.inf), outcome.losers)
