"""The object types of BACnet that a point may name: one list, for the site file, the drivers and the hints."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher, get_close_matches
from enum import Enum
from typing import Final, NamedTuple


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

_SHORT: Final = {
    "ai": "analog-input", "ao": "analog-output", "av": "analog-value",
    "bi": "binary-input", "bo": "binary-output", "bv": "binary-value",
    "di": "binary-input", "do": "binary-output", "dv": "binary-value",
    "msi": "multi-state-input", "mso": "multi-state-output", "msv": "multi-state-value",
    "mi": "multi-state-input", "mo": "multi-state-output", "mv": "multi-state-value",
    "acc": "accumulator", "pc": "pulse-converter", "lp": "loop", "iv": "integer-value", "piv": "positive-integer-value",
    "lav": "large-analog-value", "lo": "lighting-output", "blo": "binary-lighting-output",
}  # fmt: skip
"""What integrators' points lists call them; a digital input (DI) is a binary one."""
_PLAIN: Final = _SHORT | {name.replace("-", ""): name for name in OBJECTS}
_SPELT: Final = re.compile(r"([A-Za-z][A-Za-z _-]*?)[\s:,#._-]*(\d+)")

ACCUMULATOR: Final = "accumulator"
"""Counts pulses, of which its Scale says what one is worth (§12.1)."""
LIGHTING: Final = "lighting-output"
"""Holds a level in per cent: 0 is off, whatever is more is on (§12.54)."""
_REALS: Final = frozenset(
    name for name, known in OBJECTS.items() if known.holds in (Holds.REAL, Holds.DOUBLE)
)
_NUMBERS: Final = _REALS | {
    name for name, known in OBJECTS.items() if known.holds in (Holds.UNSIGNED, Holds.INTEGER)
}
_ALIKE: Final = 0.6


def spelt_out(text: str) -> str:
    """`AI0`, `AV:10`, `MSV-5`, `BINARY_OUTPUT 3` as the standard writes it: `analog-input:0`. What is none of these, as it is."""
    found = _SPELT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return text
    name = _PLAIN.get(re.sub("[ _-]", "", found[1]).lower())
    return f"{name}:{found[2]}" if name is not None else text


def short(object_type: str) -> str:
    """`AI` for `analog-input`."""
    return next((s.upper() for s, name in _SHORT.items() if name == object_type), object_type)


def holds(object_type: str) -> Holds | None:
    """What an object's Present_Value is; None for a type that no point may name."""
    known = OBJECTS.get(object_type)
    return known.holds if known is not None else None


def is_number(object_type: str) -> bool:
    """Whether objects of the type hold a number."""
    return object_type in _NUMBERS


def is_real(object_type: str) -> bool:
    """Whether that number may have a fraction."""
    return object_type in _REALS


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
    near = get_close_matches(word.lower(), family, n=1, cutoff=_ALIKE)
    return near[0] if near else None


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
