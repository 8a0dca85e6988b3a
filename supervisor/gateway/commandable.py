"""The points that may be written, by construction, and what is known of each one's slot."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from config.measure import Fit
from config.objects import is_real
from config.phrase import Phrase
from config.points import Point, decode, encode
from config.roles import Role
from config.rules import RuleId
from config.site import Equipment, Site
from drivers.protocol import Address
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import RELINQUISH, Because, Decision, Outcome
from supervisor.core.views import Held
from supervisor.gateway.grid import Grid
from supervisor.gateway.pacing import Pace
from supervisor.gateway.slot import Slot
from supervisor.gateway.wish import Wish
from supervisor.store.rows import SlotKey, SlotRow


@dataclass(slots=True, eq=False)
class Commandable:
    """One slot of one object: the machine of what is in it, what is wanted of it, and our patience with it.

    `point` is None for a slot that the journal knows and the site file does not: it can only be let go.
    """

    slot: Slot
    point: Point | None = None
    equipment: Equipment | None = None
    dry: bool = False
    wish: Wish = field(default_factory=Wish)
    pace: Pace = field(default_factory=Pace)
    adopted: bool = False
    """Its slot was read since the start, and what an earlier run left open is settled."""
    stuck: Phrase | None = None
    """Why what is wanted of it is not what stands; None where that was carried out."""
    misfit: Phrase | None = None
    """Why the site file does not fit the object, so that it may not be written at all."""
    fit: Fit | None = None
    """What its number is counted in and what the controller takes, as far as it has said."""
    name: str = field(init=False)
    address: Address = field(init=False)
    """Where the object is."""

    def __post_init__(self) -> None:
        key = self.slot.key
        self.name = self.slot.name
        self.address = Address(key.device, key.object_type, key.instance)

    @property
    def key(self) -> SlotKey:
        """The slot that is ours to write."""
        return self.slot.key

    @property
    def heartbeat(self) -> bool:
        """A point by which its controller notices that we are alive."""
        return self.point is not None and self.point.role is Role.HEARTBEAT

    @property
    def owned(self) -> SlotRow | None:
        """The journal's row while the slot is ours."""
        return self.slot.row

    @property
    def in_doubt(self) -> bool:
        """A write is under way, or its result is not known: letting go has to look again."""
        return self.slot.uncertain or bool(self.slot.open)

    @property
    def stands(self) -> float | int | None:
        """What the point is now, by its highest slot."""
        if not self.slot.has_array:
            return self.slot.present
        return self.slot.array.beneath(0) if self.slot.array is not None else None

    def adopt(self) -> None:
        """Its slot was read, and what was left open is settled."""
        self.adopted = True

    def sticks(self, why: Phrase | None) -> None:
        """Why what is wanted could not be carried out; None: it was, or nothing hinders it."""
        self.stuck = why

    def fits(self, why_not: Phrase | None) -> None:
        """Whether the site file fits the object, and why not."""
        self.misfit = why_not

    def measured(self, fit: Fit | None) -> None:
        """What its controller says of the number that it holds."""
        if fit is self.fit:
            return  # as nearly always: this is called at each reading
        self.fit = fit
        grid = Grid(fit.step, fit.origin) if fit is not None and fit.step else None
        self.slot.sent.declare(grid, certain=not is_real(self.key.object_type))

    def starts(self, after: float | int | None) -> bool:
        """Whether going from the present value to another starts equipment. Lamps are no such load."""
        if self.point is None or self.point.role is not Role.START_STOP:
            return False
        if self.equipment is not None and self.equipment.lights:
            return False
        return decode(self.point, after) is True and decode(self.point, self.stands) is not True


def held_above(c: Commandable) -> Held | None:
    """The slot of another master that outranks ours, its value in the role's unit."""
    s = c.slot
    above = s.array.above(s.key.priority) if s.array is not None and s.has_array else None
    return Held.of(above, c.point) if above is not None else None


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
        key = SlotKey(*_object(point), site.priority if point.priority_array else 0)
        found[point.id] = Commandable(
            Slot(key, point.id, point, point.priority_array),
            point,
            equipment,
            site.is_dry(point) if dry_run is None else dry_run,
        )
        if point.role is Role.HEARTBEAT:
            # Whichever of the two an earlier run left in our slot, it is ours.
            found[point.id].slot.sent.may_be([encode(point, flag) for flag in (False, True)])
    return found


def _object(point: Point) -> tuple[str, str, int]:
    return point.device, point.object_type, point.instance


_HANDED_BACK = Because("no longer ours to command: handed back", "不再由本系统控制：交还")


def handed_back(c: Commandable, why: Because = _HANDED_BACK) -> Outcome:
    """Letting go of a slot for a reason that no rule has."""
    citation = Citation(SITE, "release", site_choice=True)
    rule = RuleId.BASE
    return Outcome(Decision(c.name, RELINQUISH, c.key.priority, rule, citation, why, (), math.inf), ())


def let_go_of(outcome: Outcome) -> Outcome:
    """The same outcome turned into letting go, for a decision that was not renewed in time."""
    return Outcome(outcome.decision._replace(value=RELINQUISH, expires=math.inf), outcome.losers)
