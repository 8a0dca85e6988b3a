"""What the rules ask for, and what arbitration makes of it."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from config.phrase import Phrase
from config.points import Value
from config.rules import RuleId
from drivers.readings import Quality
from schedules.time import Instant
from supervisor.core.citations import Citation


class Special(Enum):
    """Commands that are not values."""

    RELINQUISH = "relinquish"
    """Set our slot to NULL: the building's own logic decides again."""
    KEEP = "keep"
    """Leave our slot as it is and write nothing (while the fire alarm owns the building)."""

    def __repr__(self) -> str:
        return self.name


RELINQUISH: Final = Special.RELINQUISH
KEEP: Final = Special.KEEP

Command: TypeAlias = float | bool | str | Special
"""A value in the role's unit (flag, degC, mode name), or one of `Special`."""


class Because(NamedTuple):
    """A reason in both languages, put into words only when somebody reads it.

    `en` and `zh` are format strings over `args`. Instants among them are `At`, shown in the site's zone.
    """

    en: str
    zh: str
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return self.en.format(*self.args)

    @property
    def form(self) -> Phrase:
        """The two format strings."""
        return Phrase(self.en, self.zh)

    def in_chinese(self) -> str:
        """The reason in Chinese."""
        return self.zh.format(*self.args)


class Input(NamedTuple):
    """A reading that a decision rests on. `beneath`: not what the point is, but what it would be without our slot."""

    point: str
    value: Value
    quality: Quality
    time: Instant
    since: Instant
    beneath: bool = False


class Demand(NamedTuple):
    """What one rule wants of one point, and on which clause."""

    point: str
    value: Command
    because: Because
    inputs: tuple[Input, ...] = ()
    citation: Citation | None = None
    """Where this demand stands on another clause than the first of its rule."""
    warned: bool = False
    """Lamps that go off: with the warning that the object itself can give (WARN_OFF), if it can."""


class Decision(NamedTuple):
    """What will be done to one point, and everything needed to explain it.

    `expires` is when the decision must have been renewed or let go: a write that is still queued then is
    dropped, never landed late.
    """

    point: str
    value: Command
    priority: int
    rule: RuleId
    citation: Citation
    reason: Because
    inputs: tuple[Input, ...]
    expires: Instant
    warned: bool = False


class Loser(NamedTuple):
    """A demand that did not win, and why."""

    rule: RuleId
    value: Command
    reason: Because
    lost_to: RuleId


class Outcome(NamedTuple):
    """The winner for a point and all that lost to it."""

    decision: Decision
    losers: tuple[Loser, ...]


class Notice(NamedTuple):
    """Something a person should know: an alert, or a logged exception to a rule, with its figures.

    An alert comes with every evaluation for as long as it holds, in the same words: whoever tells people
    tells them once. An exception comes once, when it begins.
    """

    rule: RuleId
    kind: str
    """`alert` or `exception`."""
    about: str
    """Zone or point id."""
    because: Because
