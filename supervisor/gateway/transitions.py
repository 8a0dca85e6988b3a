"""What can become of one slot: its states, what happens to it, and one table of which leads where.

Pure, and all that `supervisor.gateway.slot` goes by: what stands in no line of `TRANSITIONS` cannot happen, and raises.
The diagram of docs/reference/slot.md is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    """Where one slot of one object stands. The value says it in words."""

    __hash__ = object.__hash__
    """Each state is one object; Enum's own hashes its name, in Python, at each look into the table."""

    EMPTY = "nothing of ours is in it, and nobody else's"
    FOREIGN = "it holds what we did not put there: not to be written"
    INTENDED = "the intent is in the journal; nothing has gone out, as far as is known"
    SENT = "a value was handed to the driver and not acknowledged: it may have landed, or land later"
    TAKEN = "the controller acknowledged the value, and it has not been read back yet"
    HELD = "read back as it was written"
    BENT = "the controller made something else of what was written: ours all the same"
    LEAVING = "it is being given back, and has not been read empty yet"


class Happening(Enum):
    """What happens to a slot. The value says it in words."""

    __hash__ = object.__hash__

    JOURNALLED = "the journal says it is ours"
    JOURNALLED_BENT = "the journal says it is ours, and what the controller made of it"
    JOURNALLED_OPEN = "the journal has an intent without a result"
    JOURNALLED_LEAVING = "the journal says it is ours, and has an intent to give it back without a result"
    INTENT = "the intent to write a value is committed"
    HANDED = "the value is handed to the driver"
    ACKNOWLEDGED = "the controller acknowledges"
    WITHDRAWN = "not written, and nothing was ours before"
    WITHDRAWN_HELD = "not written: what we wrote before stands"
    WITHDRAWN_BENT = "not written: what the controller made of ours before stands"
    GIVING_BACK = "NULL, or what was there before us, is handed to the driver"
    RESTORED = "what was there before us is read back"
    LEFT = "let go of as it is: there is nothing to put back"
    BEAT = "a heartbeat is toggled"
    WRITTEN = "read: as it was written"
    OLDER = "read: an earlier value of ours"
    MADE = "read: what the controller made of ours"
    NOTHING = "read: empty"
    ECHO = "read: a late copy of a value of ours"
    STRANGE = "read: a value that is not ours"


_S, _H = State, Happening

_READ_AS_OURS: Final = {_H.WRITTEN: _S.HELD, _H.OLDER: _S.HELD, _H.MADE: _S.BENT, _H.STRANGE: _S.FOREIGN}
_SETTLED: Final = _READ_AS_OURS | {
    _H.INTENT: _S.INTENDED,
    _H.GIVING_BACK: _S.LEAVING,
    _H.LEFT: _S.EMPTY,
    _H.NOTHING: _S.EMPTY,
    _H.BEAT: _S.HELD,
}
_BACK: Final = {_H.WITHDRAWN: _S.EMPTY, _H.WITHDRAWN_HELD: _S.HELD, _H.WITHDRAWN_BENT: _S.BENT}

TRANSITIONS: Final[Mapping[State, Mapping[Happening, State]]] = MappingProxyType(
    {
        _S.EMPTY: {
            _H.JOURNALLED: _S.HELD,
            _H.JOURNALLED_BENT: _S.BENT,
            _H.JOURNALLED_OPEN: _S.INTENDED,
            _H.JOURNALLED_LEAVING: _S.LEAVING,
            _H.INTENT: _S.INTENDED,
            _H.BEAT: _S.HELD,
            _H.LEFT: _S.EMPTY,
            _H.NOTHING: _S.EMPTY,
            _H.ECHO: _S.HELD,
            _H.STRANGE: _S.FOREIGN,
        },
        # No intent and no NULL: what another put into our slot is the other's.
        _S.FOREIGN: {_H.NOTHING: _S.EMPTY, _H.ECHO: _S.HELD, _H.STRANGE: _S.FOREIGN},
        _S.INTENDED: _SETTLED | _BACK | {_H.HANDED: _S.SENT},
        # Nothing to be read does not say that nothing will land: it stays in doubt until it is written or given back.
        _S.SENT: _READ_AS_OURS
        | _BACK
        | {
            _H.ACKNOWLEDGED: _S.TAKEN,
            _H.INTENT: _S.INTENDED,
            _H.GIVING_BACK: _S.LEAVING,
            _H.LEFT: _S.EMPTY,
            _H.OLDER: _S.SENT,
            _H.NOTHING: _S.SENT,
        },
        _S.TAKEN: _READ_AS_OURS
        | {
            _H.INTENT: _S.INTENDED,
            _H.GIVING_BACK: _S.LEAVING,
            _H.LEFT: _S.EMPTY,
            _H.OLDER: _S.TAKEN,
            _H.NOTHING: _S.TAKEN,
        },
        _S.HELD: _SETTLED,
        _S.BENT: _SETTLED,
        _S.LEAVING: _BACK
        | {
            _H.GIVING_BACK: _S.LEAVING,
            _H.INTENT: _S.INTENDED,
            _H.BEAT: _S.HELD,
            _H.LEFT: _S.EMPTY,
            _H.RESTORED: _S.EMPTY,
            _H.NOTHING: _S.EMPTY,
            _H.WRITTEN: _S.LEAVING,
            _H.OLDER: _S.LEAVING,
            _H.MADE: _S.LEAVING,
            _H.STRANGE: _S.FOREIGN,
        },
    }
)

UNCERTAIN: Final = frozenset({State.SENT, State.TAKEN, State.LEAVING})
"""A write went out of which it is not known what it came to."""
SETTLED: Final = frozenset({State.HELD, State.BENT})
"""Ours, and read since it was written."""


class Impossible(Exception):
    """Something happened to a slot that cannot happen in its state: a defect, or a write that must not go out."""


def after(state: State, happening: Happening) -> State:
    """The state that follows. Raises Impossible where the table has no line for it."""
    follows = TRANSITIONS[state].get(happening)
    if follows is None:
        raise Impossible(f"{happening.name} cannot happen in {state.name}")
    return follows
