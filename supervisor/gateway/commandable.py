"""A point that may be written: what is wanted of it, what is known of its slot, and what is to be written for a command."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from config.measure import Fit
from config.objects import is_real
from config.phrase import Phrase
from config.points import Point
from config.roles import ROLES, Role, Shape
from config.site import Equipment
from drivers.protocol import Address, interned
from drivers.values import SAME_WITHIN, decode, standing
from supervisor.core.decisions import KEEP, RELINQUISH, Command, Decision, Outcome, Special
from supervisor.core.views import Held
from supervisor.gateway.context import Limits, role_limits
from supervisor.gateway.grid import ON_GRID, Grid
from supervisor.gateway.pacing import Pace, undone
from supervisor.gateway.slot import Slot
from supervisor.store.rows import SlotKey, SlotRow


@dataclass(slots=True)
class Wish:
    """The outcome that is wanted of a point, and what has been said about it. Seconds are monotonic."""

    outcome: Outcome | None = None
    asked: float = 0.0
    """When a command was first asked for."""
    dirty: bool = False
    """It is still to be carried out."""
    starting: bool = False
    """Waits for its turn among the starts."""
    starting_since: float = 0.0
    """Since when it waits for that turn."""
    waited: float = 0.0
    """Seconds that it has waited for its turn since the command was first asked for."""
    expired_at: float | None = None
    """When it was first found past its expiry."""
    reported: tuple[str, object] | None = None
    """(rule, command) that was last refused or pretended, so that the audit says it once."""
    enforced: tuple[str, object] | None = None
    """(rule, command) that was last counted as an enforcement."""

    @property
    def value(self) -> Command | None:
        """The command that is wanted; None: nothing was ever asked."""
        return self.outcome.decision.value if self.outcome is not None else None

    @property
    def is_value(self) -> bool:
        """Whether a value is wanted: not KEEP, RELINQUISH or nothing."""
        value = self.value
        return value is not None and not isinstance(value, Special)

    def is_for(self, command: Command) -> bool:
        """Whether this is the command that is wanted now. NaN is itself, though not equal to itself."""
        value = self.value
        return value is command or value == command

    def submit(self, outcome: Outcome, wall: float) -> bool:
        """Want this from now on. True if there is something to do; a renewal only prolongs."""
        command, before = outcome.decision.value, self.outcome
        # As `is_for`, written out: of all that is asked for, nearly all is asked for again.
        renewed = before is not None and (
            before.decision.value is command or before.decision.value == command
        )
        self.outcome = outcome
        if command is KEEP:
            self.dirty = self.starting = False
            return False
        if renewed:
            return False
        self.dirty, self.asked, self.expired_at, self.waited = True, wall, None, 0.0
        self.starting_since = wall
        return True

    def lapse(self, outcome: Outcome) -> None:
        """Nobody renewed this: it is to be let go instead; the worker sees to it."""
        decision = outcome.decision._replace(value=RELINQUISH, expires=math.inf)
        self.outcome, self.expired_at = Outcome(decision, outcome.losers), None

    def again(self) -> None:
        """Carry it out again."""
        self.dirty = True

    def forget(self) -> None:
        """Nothing is wanted until somebody asks."""
        self.outcome = None

    def nothing_to_do(self) -> None:
        """It is carried out as far as it ever will be."""
        self.dirty = False

    def done(self) -> None:
        """It is carried out."""
        self.dirty = self.starting = False

    def wait_for_start(self, waits: bool, wall: float) -> None:
        """Whether it waits for its turn among the starts."""
        if self.starting:
            self.waited += wall - self.starting_since
        self.starting, self.starting_since = waits, wall

    def past_expiry(self, wall: float, *, renewed: bool) -> float:
        """Seconds for which it has been past its expiry: 0 where it was renewed."""
        if renewed:
            self.expired_at = None
            return 0.0
        if self.expired_at is None:
            self.expired_at = wall
        return wall - self.expired_at

    def was_reported(self, decision: Decision) -> bool:
        """Whether it was said before that this is not written."""
        return self.reported == (decision.rule, decision.value)

    def report(self, decision: Decision | None) -> None:
        """It was said that this is not written; None: something is being let go, and the next counts as news."""
        self.reported = None if decision is None else (decision.rule, decision.value)

    def count(self, decision: Decision) -> bool:
        """Whether an enforcement is one more."""
        mark = (decision.rule, decision.value)
        news, self.enforced = self.enforced != mark, mark
        return news

    def uncount(self) -> None:
        """What stood in the device stands there no more: the next one counts again."""
        self.enforced = None


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
    odd: Phrase | None = None
    """What its last step ended in, where that was neither success nor silence."""
    undone: int = 0
    """How often in a row its slot was found empty soon after we had filled it."""
    flagged: bool = False
    """Its controller said with its present value that this is faulty or out of service (Status_Flags): it moves nothing then."""
    strayed: int = 0
    """How often in a row a value of ours came to stand in another slot, and not in ours."""
    strayed_to: int | None = None
    """That slot."""
    unseen: bool = False
    """A value of ours shows in the object, and in no slot."""
    stray: Phrase | None = None
    """Where values of ours come to stand instead of in our slot, so that none is written for now."""
    stray_until: float = math.inf
    """Until when none is written because of that, monotonic seconds."""
    stood: float | int | None = None
    """What the object was before it was told by us what is wanted now."""
    others: tuple[tuple[int, float], ...] = ()
    """The other slots that held something then, and it; that to which ours seems to have strayed is not among them."""
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
        self.address = interned(Address(key.device, key.object_type, key.instance))

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

    def is_odd(self, why: Phrase) -> bool:
        """Its last step ended in this; whether that is news."""
        before, self.odd = self.odd, why
        self.stuck = why
        return before != why

    def no_more_odd(self) -> None:
        """A step succeeded: what hindered the last one is over."""
        if self.odd is not None:
            if self.stuck is self.odd:
                self.stuck = None
            self.odd = None

    def found_empty(self, *, soon: bool) -> int:
        """Its slot is empty, and we did not empty it: how often in a row that was `soon` after we had filled it."""
        self.undone = self.undone + 1 if soon else 1
        return self.undone

    @property
    def is_undone(self) -> bool:
        """Whether something empties its slot again and again, so that filling it waits."""
        return undone(self.undone) > 0.0

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

    def is_flagged(self, flagged: bool) -> None:
        """What its controller said of its present value, as just read."""
        self.flagged = flagged

    def handed(self, wire: float | int) -> None:
        """A value is about to go out: what it takes the place of, and what others hold, which is not ours whatever it is."""
        if not self.pace.failures:
            self.strayed_to = None
            if not (self.unseen and self.slot.same(self.stands, wire)):
                self.stood = self.stands
        slots = self.slot.array.slots if self.slot.array is not None else ()
        self.others = tuple((s.priority, s.value) for s in slots if s.priority != self.strayed_to)

    @property
    def astray(self) -> bool:
        """Whether a value of ours came to stand elsewhere than in our slot, and none in it since."""
        return self.unseen or self.strayed > 0

    def shows_unseen(self) -> None:
        """A value of ours shows in the object, and in no slot."""
        self.unseen = True

    def went_astray(self, to: int) -> int:
        """A value of ours came to stand in this slot and not in ours; how often in a row."""
        self.strayed, self.strayed_to = self.strayed + 1, to
        return self.strayed

    def is_no_place_for_ours(self, why: Phrase, until: float) -> None:
        """Nothing more is written until then."""
        self.stray, self.stray_until = why, until

    def keeps_ours(self) -> None:
        """A value of ours stands in our slot: whatever was thought of it is over."""
        self.strayed, self.unseen, self.stray = 0, False, None

    def tries_again(self, wall: float) -> bool:
        """Whether it was long enough that nothing was written, because ours had strayed: it may be another controller by now."""
        if self.stray is None or wall < self.stray_until:
            return False
        self.strayed, self.stray = 0, None
        return True

    def starts(self, after: float | int | None) -> bool:
        """Whether going from the present value to another starts equipment. Lamps are no such load."""
        if self.point is None or self.point.role is not Role.START_STOP:
            return False
        if self.equipment is not None and self.equipment.lights:
            return False
        return decode(self.point, after) is True and decode(self.point, self.stands) is not True

    # ------------------------------------------------------------------ what is to be written

    def to_write(self, asked: float | int, limits: Limits) -> float | int:
        """What to write for a wire value: on the controller's grid where one is known, on the side that keeps the rule.

        What stands there already and keeps it is left, though it may not be the nearest.
        """
        if self.slot.stands(asked) and self.keeps(limits):
            return asked
        return self._fitted(asked, limits)

    def out_of_reach(self, wire: float | int) -> Phrase | None:
        """Why nothing near a wire value may be written: what the controller says that it takes is all outside what the point
        may be. None: something may."""
        if self.point is None or self.fit is None or ROLES[self.point.role].shape is not Shape.NUMBER:
            return None
        nearest, (low, high) = min(max(wire, self.fit.low), self.fit.high), role_limits(self.point)
        value = decode(self.point, nearest)
        if nearest == wire or (isinstance(value, float) and low <= value <= high):
            return None
        unit = ROLES[self.point.role].unit
        ends = f"{self.fit.low:g} … {self.fit.high:g}"
        return Phrase(
            f"the controller takes {ends} (its Min and Max_Pres_Value), and {low:g} to {high:g} {unit} may be written",
            f"控制器只接受 {ends}（其 Min/Max_Pres_Value），而允许写入 {low:g} 至 {high:g} {unit}",
        )

    def _fitted(self, wire: float | int, limits: Limits) -> float | int:
        """The value to write: within what the controller takes, on its grid where one is known, and not beyond what the
        point may be."""
        if self.point is None or ROLES[self.point.role].shape is not Shape.NUMBER:
            return wire
        low, high = (self.fit.low, self.fit.high) if self.fit is not None else (-math.inf, math.inf)
        within = min(max(wire, low), high)
        fit = self.slot.sent.fitted(within, self._side(limits))
        if not low - ON_GRID <= fit <= high + ON_GRID:
            fit = self.slot.sent.fitted(within, fit < low)
        if fit == within:
            return within
        value, (low, high) = decode(self.point, fit), role_limits(self.point)
        return fit if isinstance(value, float) and low <= value <= high else within

    def _side(self, limits: Limits) -> bool | None:
        """Where on a controller's grid a wire value of this point keeps the rule: True up, False down, None: anywhere.

        A cooling limit is kept by going up, a heating limit by going down.
        """
        if self.point is None or ROLES[self.point.role].unit != "degC":
            return None
        (low, high), (lowest, highest) = limits(self.point), role_limits(self.point)
        if self.point.role is Role.COOLING_SETPOINT or low > lowest:
            warmer = True
        elif self.point.role is Role.HEATING_SETPOINT or high < highest:
            warmer = False
        else:
            return None
        return warmer is (self.point.scale > 0)

    def keeps(self, limits: Limits) -> bool:
        """Whether what stands keeps the rule: within the limits in force, or no further out than what was written.

        What has no limits, a flag or a mode, must be what was written.
        """
        return self.kept(self.slot.written, self.slot.found, limits)

    def worse(self, limits: Limits) -> bool:
        """Whether what the controller made of ours lies further outside the limits in force, and what was asked, than what
        stands beneath: then the building is better off without us. What stands as it was asked is not judged here."""
        if self.point is None or self.slot.array is None or not self.slot.has_array:
            return False
        if self.slot.same(self.slot.found, self.slot.written):
            return False
        asked, beneath = (
            decode(self.point, wire)
            for wire in (self.slot.written, self.slot.array.beneath(self.key.priority))
        )
        ours = standing(self.point, self.slot.found)
        if not (isinstance(asked, float) and isinstance(beneath, float) and isinstance(ours, float)):
            return False
        low, high = limits(self.point)
        low, high = min(low, asked), max(high, asked)
        beyond = (max(low - value, value - high, 0.0) for value in (ours, beneath))
        return next(beyond) > next(beyond) + SAME_WITHIN

    def kept(self, written: float | int | None, made: float | int | None, limits: Limits) -> bool:
        """Whether a wire value keeps the rule as the one does of which the controller made it."""
        if self.point is None or self.slot.same(made, written):
            return True
        ours, theirs = decode(self.point, written), decode(self.point, made)
        if ROLES[self.point.role].shape is not Shape.NUMBER:
            return ours == theirs
        if not isinstance(ours, float) or not isinstance(theirs, float):
            return False
        low, high = limits(self.point)
        return min(low, ours) - SAME_WITHIN <= theirs <= max(high, ours) + SAME_WITHIN


def held_above(c: Commandable) -> Held | None:
    """The slot of another master that outranks ours, its value in the role's unit."""
    s = c.slot
    above = s.array.above(s.key.priority) if s.array is not None and s.has_array else None
    return Held.of(above, c.point) if above is not None else None
