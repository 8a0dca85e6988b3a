"""What comes out of a slot: what is to be told, journalled, and asked again. The gateway carries it out in order."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeAlias

from supervisor.gateway.events import Foreign, Lost
from supervisor.store.rows import SlotKey, SlotRow


class Due(Enum):
    """What is to be done about a slot, as it was last read."""

    DONE = "nothing: it is as wanted"
    KEEP_OFF = "nothing: it holds what is not ours"
    WRITE = "write the value"
    GIVE_BACK = "write NULL, or what was there before us"


class Ask(Enum):
    """What follows for what is wanted of the point."""

    AGAIN = "carry out what is wanted"
    AGAIN_IF_WANTED = "carry it out if anything was ever wanted"
    AGAIN_IF_VALUE = "carry it out if it is a value"
    FORGET_VALUE = (
        "a value is wanted no more: somebody changed it at the wall, and a rule says whether to correct that"
    )
    UNCOUNT = "what stood there does not stand there any more"


class Put(NamedTuple):
    """To be journalled as ours."""

    row: SlotRow


class Drop(NamedTuple):
    """To be struck off the journal."""

    key: SlotKey


class Stranger(NamedTuple):
    """A person should know that our slot holds what we did not write."""

    value: object
    priority: int


class Bend(NamedTuple):
    """The controller made something else of a value that we wrote; told once."""

    written: float | int
    made: float | int
    insisted: bool = False
    """It is what stood there before: the controller ignores the value, or carries it out late. Believed of this command alone."""


class Late(NamedTuple):
    """What the controller was taken to ignore stands there now: it carries out late what it acknowledges."""

    written: float | int


Effect: TypeAlias = Put | Drop | Foreign | Lost | Stranger | Bend | Late | Ask
