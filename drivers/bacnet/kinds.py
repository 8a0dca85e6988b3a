"""What the object types of ASHRAE 135 §12 hold in Present_Value, and how many octets that takes."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from config.objects import OBJECTS, Holds

OBJECT_NAME: Final = 77
UNITS: Final = 117
SCALE: Final = 187
PRESCALE: Final = 185
SCALE_FACTOR: Final = 188
RESOLUTION: Final = 106
MIN_PRES_VALUE: Final = 69
MAX_PRES_VALUE: Final = 65
ACTIVE_TEXT: Final = 4
INACTIVE_TEXT: Final = 46
NUMBER_OF_STATES: Final = 74
STATE_TEXT: Final = 110
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


_DATATYPES: Final = {
    Holds.REAL: Datatype.REAL,
    Holds.DOUBLE: Datatype.DOUBLE,
    Holds.UNSIGNED: Datatype.UNSIGNED,
    Holds.STATE: Datatype.UNSIGNED,
    Holds.INTEGER: Datatype.INTEGER,
    Holds.SWITCH: Datatype.ENUMERATED,
}

KINDS: Final[dict[str, Kind]] = {
    name: Kind(type_.number, _DATATYPES[type_.holds]) for name, type_ in OBJECTS.items()
}
"""Object types that a point may name."""

NAMES: Final[dict[int, str]] = {kind.number: name for name, kind in KINDS.items()}
