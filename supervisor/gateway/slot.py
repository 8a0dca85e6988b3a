"""One slot of one object as a machine: what is there, what we put there, and whose it is. Pure: no I/O, no clock.

The gateway reads, writes and commits; what it saw and did comes in through the methods, what is to be told and
journalled comes out as `Effect`s. `supervisor.gateway.transitions` says what can follow what.

Ownership is what the journal says, not what a value looks like: what is first read after the controller acknowledged
a value is what it made of it, and is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from config.points import Point
from drivers.readings import PriorityArray
from drivers.values import decode, same
from schedules.time import Instant
from supervisor.gateway import transitions
from supervisor.gateway.effects import Ask, Bend, Drop, Due, Effect, Late, Put, Stranger
from supervisor.gateway.events import Foreign, Lost
from supervisor.gateway.sent import ECHO, LATE, Sent
from supervisor.gateway.transitions import SETTLED, UNCERTAIN, Happening, State
from supervisor.store.rows import OpenIntent, SlotKey, SlotRow

PROMPT: Final = LATE
"""Seconds after a value was handed over within which what turns up in our slot is what the controller made of it, though
its acknowledgement was lost: the slot was read right before, and held nothing else. As long as a network may keep a
datagram (the two minutes of RFC 9293's maximum segment lifetime), or a slow controller its work."""


class Before(NamedTuple):
    """What was ours before a write was begun, to go back to."""

    row: SlotRow | None
    written: float | int | None
    bent: bool


@dataclass(slots=True)
class Slot:
    """What is known of one slot. Its fields are changed by its methods only."""

    key: SlotKey
    name: str
    point: Point | None = None
    has_array: bool = True
    state: State = State.EMPTY
    row: SlotRow | None = None
    """The journal's row while the slot is ours. Its `value` is what the slot holds, or will hold."""
    written: float | int | None = None
    """What we last meant the slot to hold."""
    before: float | int | None = None
    """What was last read before a value was handed to the driver."""
    sent: Sent = field(init=False)
    """What we sent, and what the controller made of it."""
    open: tuple[OpenIntent, ...] = ()
    """Intents without a result, oldest first."""
    array: PriorityArray | None = None
    present: float | int | None = None
    read_at: Instant = -math.inf
    foreign: float | int | None = None
    told: float | int | None = None
    """The wire value that the listeners were last told our slot holds."""
    leaving_until: float = -math.inf
    """Monotonic second by which lamps that were told WARN_OFF must have gone off by themselves."""

    def __post_init__(self) -> None:
        self.sent = Sent(self.key.object_type)

    # ------------------------------------------------------------------ what can be asked

    @property
    def uncertain(self) -> bool:
        """A write went out of which we do not know what it came to."""
        return self.state in UNCERTAIN

    @property
    def value(self) -> float | int | None:
        """What our slot was last read to hold; without an array, the present value while it is ours."""
        if self.has_array:
            return None if self.array is None else self.array.at(self.key.priority)
        if self.row is not None and (
            self.same(self.present, self.row.value) or self._is_written(self.present)
        ):
            return self.present
        return None

    @property
    def found(self) -> float | int | None:
        """What stands where our value is to stand: in our slot, or in the present value where there is none."""
        return self.value if self.has_array else self.present

    def same(self, a: float | int | None, b: float | int | None) -> bool:
        """Whether two wire values are one command to this object."""
        return same(self.key.object_type, a, b)

    def leaving(self, wall: float) -> bool:
        """Lamps that are still on, and will go off by themselves: our slot is theirs to change until then."""
        return wall < self.leaving_until and self.value == 1

    @property
    def as_known(self) -> bool:
        """Whether the slot holds what the controller is known to make of the value last written."""
        return self.row is not None and self.is_made_of(self.written)

    def is_made_of(self, wire: float | int | None) -> bool:
        """Whether what stands is what the controller is known to make of a value."""
        return self.found is not None and self.same(self.found, self.sent.made(wire))

    def stands(self, wire: float | int) -> bool:
        """Whether a value need not be written: our slot holds it, or what the controller makes of it."""
        if self.row is None or self.state not in SETTLED or self.found is None:
            return False
        if not self.same(self.written, wire) and self.sent.insisted(self.written):
            return False  # what was taken to be ignored may be under way: another value goes behind it
        return self.same(self.value, wire) or self.is_made_of(wire)

    def due(self, wire: float | int | None) -> Due:
        """What is to be done for a value (None: for letting go), after the slot was read and `sort`ed."""
        if self.state is State.FOREIGN:
            return Due.KEEP_OFF
        if wire is None:
            return Due.DONE if self.row is None else Due.GIVE_BACK
        return Due.DONE if self.stands(wire) else Due.WRITE

    def classify(self, wall: float) -> Happening:
        """What the last reading says of our slot."""
        found = self.found
        if found is None:
            return Happening.NOTHING
        if self.row is None:
            return self._unowned(found, wall)
        if self._is_written(found):
            return Happening.WRITTEN
        if math.isnan(found) or self.is_made_of(self.written):
            # Nobody commands what is no number: a controller made it of ours, though it be an earlier run's.
            return Happening.MADE
        older = self.sent.has(found, to_the_digit=self.state is State.TAKEN)
        if older and (self.has_array or self.uncertain):
            return Happening.OLDER
        if self.same(found, self.row.value):
            return Happening.MADE
        if self.state is State.TAKEN:
            return Happening.OLDER if self.same(found, self.before) else Happening.MADE
        if self._rounded(found, wall):
            return Happening.MADE
        return Happening.STRANGE if self.has_array else Happening.NOTHING

    def _is_written(self, found: float | int | None) -> bool:
        return self.written is not None and self.same(found, self.written)

    def _unowned(self, found: float | int, wall: float) -> Happening:
        if not self.has_array:
            return Happening.NOTHING
        echo = self.sent.echoes(found, wall)
        return Happening.ECHO if echo else Happening.STRANGE

    def _rounded(self, found: float | int, wall: float) -> bool:
        """Whether a value may be what the controller made of ours, though nothing says that it took ours."""
        prior = self.row.prior_value if self.row is not None and not self.has_array else None
        if self.same(found, self.before) or self.same(found, prior):
            return False
        age = self.sent.age(wall)
        if self.state is State.SENT and age <= PROMPT:
            return True
        in_time = self.state not in SETTLED or age <= LATE
        return self.written is not None and in_time and self.sent.near(found, self.written)

    def estranged(self, wall: float) -> bool:
        """Whether the last answer says that a slot of ours is empty, or that one holds what we did not put there, which is
        news: it counts once it was read twice."""
        if self.row is None:
            return self.state is not State.FOREIGN and self.classify(wall) is Happening.STRANGE
        if self.value is None:
            return not self.uncertain
        return self.classify(wall) is Happening.STRANGE

    def yielded(self, wall: float) -> bool:
        """Whether the slot counts as another's although we wrote it lately: looked at once more before it is left so."""
        return self.state is State.FOREIGN and self.sent.age(wall) <= ECHO

    def came_true(self, intent: OpenIntent, wall: float, *, warns_off: bool) -> bool:
        """Whether what was last read bears out an intent that was left open."""
        made = self.row is not None and self.same(intent.wire, self.written)
        if made and self.classify(wall) is Happening.MADE:
            return True
        if not self.has_array:
            return intent.wire is None or self.same(self.present, intent.wire)
        if warns_off:
            return self.value in (0, 1)
        return self.same(self.value, intent.wire)

    # ------------------------------------------------------------------ what an earlier run left

    def journalled(self, row: SlotRow) -> None:
        """The journal says that the slot is ours."""
        self.key, self.has_array, self.row = row.key, row.has_array, row

    def remembered(self, open_: Sequence[OpenIntent], sent: list[float], wall: float) -> None:
        """Intents that were left open, and values sent before (oldest first). Call it once, after `journalled`."""
        self.open = tuple(open_)
        earlier = self._earlier()
        self.sent.kept(sent if earlier is None else [earlier, *sent], wall)
        if self.row is None:
            return
        self.written = self.row.value
        ours = any(self.same(self.row.value, wire) for wire in (earlier, *sent))
        if open_ and open_[-1].wire is not None:
            self._go(Happening.JOURNALLED_OPEN)
        elif open_ and self.has_array:
            self._go(Happening.JOURNALLED_LEAVING)
        elif sent and not ours and self.sent.analog:
            # The journal keeps what the controller made of the value that was sent last.
            self.written = sent[-1]
            self.sent.bent(Bend(sent[-1], self.row.value))
            self._go(Happening.JOURNALLED_BENT)
        else:
            self._go(Happening.JOURNALLED)

    def _earlier(self) -> float | int | None:
        """What of ours a slot held before it was to hold what the journal says: it still does, if that write never landed."""
        return self.row.prior_value if self.row is not None and self.row.has_array else None

    # ------------------------------------------------------------------ what is done to it

    def taking(self, wire: float | int, rule: str, at: Instant, prior: float | int | None = None) -> SlotRow:
        """The journal's row of the slot once it holds `wire`; `prior` is what it takes the place of, where nothing of ours did."""
        if self.row is None:
            kept = prior
        else:
            # What a controller made of an earlier value is nowhere else to be found, should this write be lost and we with it.
            kept = self.row.value if self.row.has_array else self.row.prior_value
        return SlotRow(self.key, self.name, wire, at, rule, kept)

    def intend(self, row: SlotRow, wall: float) -> Before:
        """A value is about to be committed and sent: ours from here on, also if the task is cancelled meanwhile."""
        before = Before(self.row, self.written, self.state is State.BENT)
        self._go(Happening.INTENT)
        self.sent.insist_no_more(row.value)
        self.row, self.written = row, row.value
        if before.row is not None:
            self.sent.remember(before.row.value, wall)
        return before

    @property
    def standing(self) -> Before:
        """What is ours now."""
        return Before(self.row, self.written, self.state is State.BENT)

    def withdraw(self, before: Before) -> None:
        """The write certainly did not land: as it was before."""
        self.row, self.written = before.row, before.written
        if before.row is None:
            self._go(Happening.WITHDRAWN)
        else:
            self._go(Happening.WITHDRAWN_BENT if before.bent else Happening.WITHDRAWN_HELD)

    def opened(self, intent: OpenIntent) -> None:
        """An intent is committed, and has no result yet."""
        self.open = (*self.open, intent)

    def closed(self, intent: int) -> None:
        """An intent has its result."""
        self.open = tuple(o for o in self.open if o.id != intent)

    def hand(self, wire: float | int, wall: float) -> None:
        """A value is handed to the driver."""
        self.before = self.found
        self._go(Happening.HANDED)
        self.sent.remember(wire, wall)

    def warn(self, off: float | int, until: float, wall: float) -> None:
        """Lamps will put a value into our slot themselves, at once or by a moment."""
        self.sent.remember(off, wall)
        self.leaving_until = until

    def warn_no_more(self) -> None:
        """Nothing goes off by itself any more."""
        self.leaving_until = -math.inf

    def acknowledge(self) -> None:
        """The controller acknowledged the value."""
        if self.state is State.SENT:
            self._go(Happening.ACKNOWLEDGED)

    def give_back(self) -> None:
        """NULL, or what was there before us, is handed to the driver."""
        self.before = self.found
        self.sent.insist_no_more(None)
        self._go(Happening.GIVING_BACK)

    def gone(self) -> None:
        """Read back: our slot is empty, or what was there before us is there again."""
        self._go(Happening.NOTHING if self.has_array else Happening.RESTORED)
        self.row = None

    def left(self) -> None:
        """Let go of as it is."""
        self._go(Happening.LEFT)
        self.row = None

    def beat(self, row: SlotRow) -> None:
        """A heartbeat is toggled."""
        self._go(Happening.BEAT)
        self.row, self.written = row, row.value

    def proven(self) -> None:
        """The value was read back as it was written."""
        self.sent.refute(self.found)
        self._go(Happening.WRITTEN)

    # ------------------------------------------------------------------ what is read

    def heard_array(self, array: PriorityArray, now: Instant) -> PriorityArray | None:
        """The priority array as just read; what was known before."""
        before, self.array, self.read_at = self.array, array, now
        return before

    def heard_present(self, value: float | int | None) -> None:
        """The present value as just read."""
        self.present = value

    def heard_at(self, now: Instant) -> None:
        """The present value was all that there was to read."""
        self.read_at = now

    def without_array(self) -> None:
        """The object has no priority array."""
        self.has_array, self.array = False, None
        if self.row is None:
            self.key = self.key._replace(priority=0)

    def news(self) -> tuple[float | int | None] | None:
        """What our slot holds by the journal, if that was not told yet."""
        value = self.row.value if self.row is not None else None
        if value == self.told:
            return None
        self.told = value
        return (value,)

    def glimpse(self) -> list[Effect]:
        """The value is acknowledged and the slot holds another one: journal it at once, so that a crash from here on
        leaves a slot that is known to be ours. What it settles to is for `take_as_made` to say.
        """
        found, row = self.found, self.row
        if self.state is not State.TAKEN or row is None or found is None or self.same(found, self.before):
            return []
        return self._holds(found)

    def unmoved(self) -> list[Effect]:
        """The value is acknowledged and the slot still holds what we had there before: journal that, so that a crash before
        it is written again leaves a slot that is known to be ours."""
        found = self.found
        if self.state is not State.TAKEN or self.row is None or found is None or not self.sent.has(found):
            return []
        return self._holds(found)

    def take_as_made(self) -> list[Effect]:
        """What the slot holds now is what the controller made of our value."""
        found = self.found
        assert found is not None
        insisted = self.same(found, self.before) or self.sent.has(found)
        self._go(Happening.MADE)
        return self._made(found, insisted=insisted)

    def sort(self, now: Instant, wall: float) -> list[Effect]:
        """Make out whose the slot is, by what was just read. What follows from it, in order."""
        kind, row, was = self.classify(wall), self.row, self.state
        found = self.found
        self._go(kind)
        if kind is Happening.STRANGE:
            assert found is not None
            return [*self._stranger(found, now), *self._dropped(row, wall, Ask.UNCOUNT)]
        effects = self._stranger(None, now)
        if kind is Happening.NOTHING:
            return effects + self._vanished(row, was, now, wall)
        assert found is not None
        if kind is Happening.ECHO:
            # A late duplicate of our own write: ours again, and to be let go unless it is wanted.
            self.row, self.written = SlotRow(self.key, self.name, found, now, "echo", None), found
            return [*effects, Ask.AGAIN, Put(self.row)]
        if self.sent.refute(found) and kind is Happening.WRITTEN and was is State.BENT:
            effects = [*effects, Late(found), Ask.AGAIN_IF_VALUE]
        if kind is Happening.MADE:
            return effects + self._made(found)
        if not self.has_array or (kind is Happening.OLDER and self.leaving(wall)):
            return effects
        late = kind is Happening.OLDER and self.state is State.HELD and self.point is not None
        return effects + self._holds(found) + ([Ask.AGAIN_IF_VALUE] if late else [])

    def _go(self, happening: Happening) -> None:
        self.state = transitions.after(self.state, happening)

    def _holds(self, found: float | int) -> list[Effect]:
        if self.row is None or self.same(self.row.value, found) or math.isnan(found):
            return []  # no database keeps NaN apart from nothing at all; that the slot is ours stands there already
        self.row = self.row._replace(value=found)
        return [Put(self.row)]

    def _made(self, found: float | int, *, insisted: bool = False) -> list[Effect]:
        effects = self._holds(found)
        if self.written is None or self.same(found, self.sent.made(self.written)):
            return effects
        bend = Bend(self.written, found, insisted)
        self.sent.bent(bend)
        return [*effects, bend]

    def _dropped(self, row: SlotRow | None, wall: float, *asks: Ask) -> list[Effect]:
        self.row = None
        if row is None:
            return []
        # What was read may have been falsified: the same value, should it turn up again, is still ours.
        self.sent.remember(row.value, wall)
        return [*asks, Drop(row.key)]

    def _vanished(self, row: SlotRow | None, was: State, now: Instant, wall: float) -> list[Effect]:
        if row is None or self.state is not State.EMPTY:
            return []
        if was is State.LEAVING:
            return self._dropped(row, wall)
        ask = Ask.AGAIN_IF_VALUE if self.has_array else Ask.FORGET_VALUE
        if was is State.INTENDED and self.has_array and row.prior_value is None:
            # a first value that never arrived: nothing that stood there is gone
            return self._dropped(row, wall, ask)
        return [Lost(self.name, now), *self._dropped(row, wall, ask)]

    def _stranger(self, value: float | int | None, now: Instant) -> list[Effect]:
        if self.foreign == value:
            return []
        had, self.foreign = self.foreign, value
        shown = decode(self.point, value) if self.point is not None else value
        told = Foreign(self.name, shown, now)
        if value is None:
            return [told, Ask.AGAIN_IF_WANTED]
        return [told, Stranger(shown, self.key.priority)] if had is None else [told]
