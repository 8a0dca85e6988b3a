"""The object types of BACnet that a point may name: one list, for the site file, the drivers and the hints."""

from __future__ import annotations

from difflib import SequenceMatcher
from enum import Enum
from typing import Final, NamedTuple

from config.problems import nearest


class Holds(Enum):
    """What a Present_Value is: a number, a switch, or one of several states."""

    REAL = "real"
    DOUBLE = "double"
    UNSIGNED = "unsigned"
    INTEGER = "integer"
    SWITCH = "switch"
    STATE = "state"


class ObjectType(NamedTuple):
    """An object type: its number on the wire, what it holds, whether anybody may command it."""

    number: int
    holds: Holds
    commanded: bool = True


OBJECTS: Final[dict[str, ObjectType]] = {
    "analog-input": ObjectType(0, Holds.REAL, False),
    "analog-output": ObjectType(1, Holds.REAL),
    "analog-value": ObjectType(2, Holds.REAL),
    "binary-input": ObjectType(3, Holds.SWITCH, False),
    "binary-output": ObjectType(4, Holds.SWITCH),
    "binary-value": ObjectType(5, Holds.SWITCH),
    "multi-state-input": ObjectType(13, Holds.STATE, False),
    "multi-state-output": ObjectType(14, Holds.STATE),
    "multi-state-value": ObjectType(19, Holds.STATE),
    "accumulator": ObjectType(23, Holds.UNSIGNED, False),
    "pulse-converter": ObjectType(24, Holds.REAL, False),
    "loop": ObjectType(12, Holds.REAL, False),
    "integer-value": ObjectType(45, Holds.INTEGER),
    "positive-integer-value": ObjectType(48, Holds.UNSIGNED),
    "large-analog-value": ObjectType(46, Holds.DOUBLE),
    "lighting-output": ObjectType(54, Holds.REAL),
    "binary-lighting-output": ObjectType(55, Holds.SWITCH),
}
"""By the name that the standard gives them, hyphenated (ASHRAE 135-2020 §12; numbers: §21, BACnetObjectType)."""

ACCUMULATOR: Final = "accumulator"
"""Counts pulses, of which its Scale says what one is worth (§12.1)."""
LIGHTING: Final = "lighting-output"
"""Holds a level in per cent: 0 is off, whatever is more is on (§12.54)."""
_NUMBERS: Final = frozenset({Holds.REAL, Holds.DOUBLE, Holds.UNSIGNED, Holds.INTEGER})
_ALIKE: Final = 0.6


def holds(object_type: str) -> Holds | None:
    """What an object's Present_Value is; None for a type that no point may name."""
    known = OBJECTS.get(object_type)
    return known.holds if known is not None else None


def is_number(object_type: str) -> bool:
    """Whether objects of the type hold a number."""
    return holds(object_type) in _NUMBERS


def is_real(object_type: str) -> bool:
    """Whether that number may have a fraction."""
    return holds(object_type) in (Holds.REAL, Holds.DOUBLE)


def is_state(object_type: str) -> bool:
    """Whether objects of the type hold one of several numbered states."""
    return holds(object_type) is Holds.STATE


def is_input(object_type: str) -> bool:
    """Whether nobody commands the Present_Value of such an object."""
    known = OBJECTS.get(object_type)
    return known is not None and not known.commanded


def meant(word: str) -> str | None:
    """The object type that a mistyped word most likely is; never one of another family (`integer-…` is no `binary-…`)."""
    head = word.split("-")[0]
    family = [name for name in OBJECTS if _alike(head, name.split("-")[0])]
    return nearest(word, family) if family else None


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
