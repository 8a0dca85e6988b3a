"""What the object types of ASHRAE 135 §12 hold in Present_Value, and how many octets that takes."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

OBJECT_NAME: Final = 77
PRESENT_VALUE: Final = 85
STATUS_FLAGS: Final = 111
PRIORITY_ARRAY: Final = 87
RELINQUISH_DEFAULT: Final = 104
"""Property identifiers (ASHRAE 135 §21, BACnetPropertyIdentifier)."""

BLINK_WARN_ENABLE: Final = 373
EGRESS_TIME: Final = 377
"""Properties of a Binary Lighting Output by which it warns before it goes off (§12.55)."""

BINARY_LIGHTING: Final = 55
"""The Binary Lighting Output's type."""

DEVICE: Final = 8
"""The Device object's type (ASHRAE 135 §21, BACnetObjectType)."""


class Datatype(Enum):
    """Datatype of a Present_Value, with its largest encoding in octets, tag included (§20.2)."""

    REAL = ("real", 5)
    DOUBLE = ("double", 10)
    UNSIGNED = ("unsigned", 5)
    INTEGER = ("integer", 5)
    ENUMERATED = ("enumerated", 2)

    @property
    def octets(self) -> int:
        """Octets that a value takes on the wire, application tag included."""
        return self.value[1]


class Kind(NamedTuple):
    """An object type: its number on the wire and the datatype of its Present_Value."""

    number: int
    datatype: Datatype


KINDS: Final[dict[str, Kind]] = {
    "analog-input": Kind(0, Datatype.REAL),
    "analog-output": Kind(1, Datatype.REAL),
    "analog-value": Kind(2, Datatype.REAL),
    "binary-input": Kind(3, Datatype.ENUMERATED),
    "binary-output": Kind(4, Datatype.ENUMERATED),
    "binary-value": Kind(5, Datatype.ENUMERATED),
    "loop": Kind(12, Datatype.REAL),
    "multi-state-input": Kind(13, Datatype.UNSIGNED),
    "multi-state-output": Kind(14, Datatype.UNSIGNED),
    "multi-state-value": Kind(19, Datatype.UNSIGNED),
    "accumulator": Kind(23, Datatype.UNSIGNED),
    "pulse-converter": Kind(24, Datatype.REAL),
    "integer-value": Kind(45, Datatype.INTEGER),
    "large-analog-value": Kind(46, Datatype.DOUBLE),
    "positive-integer-value": Kind(48, Datatype.UNSIGNED),
    "lighting-output": Kind(54, Datatype.REAL),
    "binary-lighting-output": Kind(55, Datatype.ENUMERATED),
}
"""Object types that a point may name (numbers: ASHRAE 135 §21, BACnetObjectType)."""

NAMES: Final[dict[int, str]] = {kind.number: name for name, kind in KINDS.items()}
