"""The slot against a controller that plays by BACnet's rules, and not always by ours: whatever comes, in any order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from drivers.readings import PriorityArray
from drivers.readings import Slot as Occupied
from supervisor.gateway.effects import Drop, Due, Put
from supervisor.gateway.proofs import INSISTENCE
from supervisor.gateway.sent import ECHO, LATE, NEAR
from supervisor.gateway.slot import Slot
from supervisor.gateway.transitions import SETTLED, TRANSITIONS, Happening, Impossible, State, after
from supervisor.store.rows import OpenIntent, SlotKey, SlotRow

OURS = 10
KEY = SlotKey("d1", "analog-value", 1, OURS)
MAKES: dict[str, Callable[[float], float]] = {
    "as written": lambda value: value,
    "half units": lambda value: round(value * 2) / 2,
    "whole units": lambda value: float(round(value)),
    "whole °F of °C": lambda value: (round(value * 1.8 + 32) - 32) / 1.8,
    "cut off": lambda value: float(math.floor(value)),
    "at most 25": lambda value: min(value, 25.0),
    "0.4 more": lambda value: value + 0.4,
}
VALUES = st.sampled_from([24.0, 26.0, 26.3, 27.0, 27.75, 28.1])
STRANGE = st.sampled_from([60.0, 70.0, 80.0])
"""What a stranger writes: nothing that a controller could make of ours."""
FATES = st.sampled_from(["lands", "lands", "lands", "lost", "unanswered", "late", "refused"])


class SlotAndController(RuleBasedStateMachine):
    """A gateway's steps on one slot, and a device with sixteen of them. Seconds pass as the rules say."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = 0.0
        self.slots: dict[int, float] = {}
        self.strangers = False
        """Whether our slot of the device holds a stranger's value."""
        self.under_way: list[float | None] = []
        self.journal: SlotRow | None = None
        self.open: list[OpenIntent] = []
        self.sent: list[float] = []
        self.ids = 0
        self.writes = self.insisted = 0
        self.wanted: float | None = None
        self.slot = Slot(KEY, "p")

    @initialize(makes=st.sampled_from(sorted(MAKES)))
    def a_controller(self, makes: str) -> None:
        """Which grid or clamp it has."""
        self.makes = MAKES[makes]

    # ------------------------------------------------------------------ the device and those about it

    def _land(self, value: float | None) -> None:
        if value is None:
            self.slots.pop(OURS, None)
        else:
            self.slots[OURS] = self.makes(value)
        self.strangers = False

    @rule(priority=st.sampled_from([1, 5, 8, 9, 11, 16]), value=st.one_of(st.none(), STRANGE))
    def another_master(self, priority: int, value: float | None) -> None:
        """Slots other than ours come and go; they are nobody's business here."""
        if value is None:
            self.slots.pop(priority, None)
        else:
            self.slots[priority] = value

    @precondition(
        lambda self: self.slot.state in SETTLED | {State.EMPTY, State.FOREIGN} and not self.under_way
    )
    @rule(value=STRANGE)
    def a_stranger_writes_our_slot(self, value: float) -> None:
        """Another client uses our priority."""
        self.slots[OURS], self.strangers = value, True

    @rule()
    def our_slot_is_cleared(self) -> None:
        """A restart of the controller, or somebody at its panel."""
        self.slots.pop(OURS, None)
        self.strangers = False

    @precondition(lambda self: self.under_way and not self.strangers)
    @rule()
    def what_was_late_lands(self) -> None:
        """The network delivers what its sender gave up, in time to be known as an echo."""
        self._land(self.under_way.pop(0))

    @rule(seconds=st.sampled_from([1.0, 10.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        """Never so long that a late datagram is forgotten: networks keep none for longer than two minutes."""
        if not self.under_way:
            self.wall += seconds
        elif self.slot.sent.age(self.wall) <= LATE - 10.0:
            self.wall += min(seconds, 10.0)

    # ------------------------------------------------------------------ the gateway

    @rule(value=VALUES)
    def a_value_is_wanted(self, value: float) -> None:
        """A rule asks for it."""
        self.wanted = value

    @rule()
    def letting_go_is_wanted(self) -> None:
        """No rule asks for anything."""
        self.wanted = None

    @rule()
    def the_device_is_silent(self) -> None:
        """A reading without an answer changes nothing."""
        before = self.slot.state
        assert self.slot.state is before

    @rule()
    def the_slot_is_read(self) -> None:
        """A poll."""
        self._read()

    @rule(fate=FATES)
    def a_step(self, fate: str) -> None:
        """Read, see what is due, write, read back: as the gateway does. What is late and clamped besides is told by a story
        of its own below: once nobody asks for it any more, nothing says that it is ours."""
        clamped = self.wanted is not None and abs(self.makes(self.wanted) - self.wanted) > NEAR
        self._step("lost" if fate == "late" and clamped else fate)

    @precondition(lambda self: all(v is None or abs(self.makes(v) - v) <= NEAR for v in self.under_way))
    @rule()
    def killed_and_started_again(self) -> None:
        """All that is left is the journal."""
        self.slot = Slot(KEY, "p")
        if self.journal is not None:
            self.slot.journalled(self.journal)
        self.slot.remembered(list(self.open), self.sent[-8:], self.wall)
        self.open.clear()

    def _take(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Put):
                self.journal = effect.row
            elif isinstance(effect, Drop):
                self.journal = None

    def _read(self) -> None:
        occupied = tuple(Occupied(p, v) for p, v in sorted(self.slots.items()))
        self.slot.heard_array(PriorityArray(occupied, 24.0), self.wall)
        self._take(self.slot.sort(self.wall, self.wall))
        while self.slot.open:
            self.slot.closed(self.slot.open[0].id)

    def _step(self, fate: str) -> None:
        self._read()
        wire = self.wanted
        if wire is not None and not self.slot.stands(wire):
            wire = self.slot.sent.fitted(wire, up=True)
        due = self.slot.due(wire)
        if due in (Due.DONE, Due.KEEP_OFF):
            return
        assert not self.strangers, "what another put into our slot would be overwritten"
        assert 9 <= self.slot.key.priority <= 16
        self.writes += 1
        before = self.slot.standing
        if due is Due.WRITE:
            assert wire is not None
            self._intend(wire)
        else:
            wire = None
            self.slot.give_back()
        self._send(wire, fate)
        if fate == "refused":
            self.slot.withdraw(before)
            self.journal = before.row
        elif fate != "late":
            self._read_back(wire)
        self.open.clear()

    def _intend(self, wire: float) -> None:
        row = self.slot.taking(wire, "rule", self.wall)
        self.slot.intend(row, self.wall)
        self.journal = row
        self.ids += 1
        self.open.append(OpenIntent(self.ids, "p", wire, OURS, "rule"))
        self.sent.append(wire)
        self.slot.hand(wire, self.wall)

    def _send(self, wire: float | None, fate: str) -> None:
        if fate in ("lands", "unanswered"):
            self._land(wire)
        elif fate == "late":
            self.under_way.append(wire)
        if fate == "lands":
            self.slot.acknowledge()

    def _read_back(self, wire: float | None) -> None:
        occupied = tuple(Occupied(p, v) for p, v in sorted(self.slots.items()))
        self.slot.heard_array(PriorityArray(occupied, 24.0), self.wall)
        kind = self.slot.classify(self.wall)
        if wire is None:
            if kind is Happening.NOTHING:
                self.slot.gone()
                self.journal = None
        elif kind is Happening.WRITTEN:
            self.slot.proven()
        elif kind is Happening.MADE or self._insisted(kind):
            self._take(self.slot.glimpse())
            self._take(self.slot.take_as_made())
        else:
            self._take(self.slot.unmoved())

    def _insisted(self, kind: Happening) -> bool:
        """Whether an acknowledged value changed nothing, so often that what stands is what the controller makes of it."""
        if kind is not Happening.OLDER or self.slot.state is not State.TAKEN:
            return False
        self.insisted += 1
        return self.insisted % INSISTENCE == 0

    # ------------------------------------------------------------------ what holds always

    @invariant()
    def the_journal_and_the_slot_say_the_same(self) -> None:
        """A row where the slot is ours or may be, none where it is empty or another's."""
        assert (self.slot.row is None) == (self.slot.state in (State.EMPTY, State.FOREIGN))
        assert (self.journal is None) == (self.slot.row is None)

    def _calm(self) -> None:
        while self.under_way:
            if self.strangers:
                self.under_way.pop(0)
            else:
                self._land(self.under_way.pop(0))

    @precondition(lambda self: self.wanted is not None)
    @rule()
    def it_comes_to_rest(self) -> None:
        """With a network that works again: a value is written a few times at most, and then never again."""
        self._calm()
        before = self.writes
        for _ in range(10):
            self._step("lands")
            self.wall += 60
        assert self.writes - before <= 3 * INSISTENCE
        settled = self.writes
        for _ in range(20):
            self._step("lands")
            self.wall += 600
        assert self.writes == settled
        assert self.slot.state in (State.HELD, State.BENT, State.FOREIGN)
        assert (self.slot.state is State.FOREIGN) == self.strangers

    def teardown(self) -> None:
        """Let go, and the device answers: what the journal knew as ours is empty."""
        self._calm()
        self.wanted = None
        for _ in range(4):
            self._step("lands")
            self.wall += 1
        assert self.journal is None
        assert OURS not in self.slots or self.strangers


def test_a_clamped_value_that_lands_a_minute_late_is_ours() -> None:
    """26 was wanted and not acknowledged; a minute later the slot holds 25, the most that its controller takes."""
    slot = Slot(KEY, "p")
    slot.heard_array(PriorityArray((), 24.0), 0.0)
    slot.intend(SlotRow(KEY, "p", 26.0, 0.0, "rule"), 0.0)
    slot.hand(26.0, 0.0)
    slot.heard_array(PriorityArray((), 24.0), 1.0)
    slot.sort(1.0, 1.0)
    slot.heard_array(PriorityArray((Occupied(OURS, 25.0),), 24.0), 60.0)
    slot.sort(60.0, 60.0)
    assert slot.state is State.BENT
    assert slot.row is not None and slot.row.value == 25.0
    assert slot.due(None) is Due.GIVE_BACK


TestTheSlot = SlotAndController.TestCase
TestTheSlot.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("happening", Happening)
def test_what_stands_in_no_line_of_the_table_raises(state: State, happening: Happening) -> None:
    """The table decides: a happening either has its line or is impossible."""
    if happening in TRANSITIONS[state]:
        assert isinstance(after(state, happening), State)
    else:
        with pytest.raises(Impossible):
            after(state, happening)


def test_nothing_is_written_over_a_stranger() -> None:
    """From FOREIGN no arrow leads to a write, nor to letting go."""
    assert not {Happening.INTENT, Happening.HANDED, Happening.GIVING_BACK} & set(TRANSITIONS[State.FOREIGN])


def test_every_state_can_be_reached_and_left() -> None:
    """No dead line in the table."""
    reached = {follows for row in TRANSITIONS.values() for follows in row.values()}
    assert reached == set(State)
    assert all(set(row.values()) - {state} for state, row in TRANSITIONS.items())


def test_a_copy_is_remembered_longer_than_a_rounding_takes() -> None:
    """What is late is an echo for as long as it could still be rounded."""
    assert ECHO > LATE


def test_what_a_controller_made_of_an_earlier_value_is_ours_after_a_lost_write_and_a_crash() -> None:
    """26 became 25; 24 was sent and lost, and we were killed: the 25 that still stands is let go of, and 24 is written again."""
    first = Slot(KEY, "p")
    first.journalled(SlotRow(KEY, "p", 25.0, 0.0, "rule"))
    first.remembered([], [26.0], 0.0)
    lost = first.taking(24.0, "rule", 1.0)

    again = Slot(KEY, "p")
    again.journalled(lost)
    again.remembered([], [26.0, 24.0], 0.0)
    again.heard_array(PriorityArray((Occupied(OURS, 25.0),), 24.0), 2.0)
    effects = again.sort(2.0, 2.0)
    assert again.due(None) is Due.GIVE_BACK
    assert again.due(24.0) is Due.WRITE

    third = Slot(KEY, "p")
    third.journalled(next(effect.row for effect in effects if isinstance(effect, Put)))
    third.remembered([], [26.0, 24.0], 0.0)
    third.heard_array(PriorityArray((Occupied(OURS, 25.0),), 24.0), 3.0)
    third.sort(3.0, 3.0)
    assert third.due(24.0) is Due.WRITE, "25 is not what its controller makes of 24"
