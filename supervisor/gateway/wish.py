"""What is wanted of one point, and what has been said about it. Pure: time is an argument."""

from __future__ import annotations

import math
from dataclasses import dataclass

from supervisor.core.decisions import KEEP, RELINQUISH, Command, Decision, Outcome, Special


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
