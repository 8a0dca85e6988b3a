"""Objects of a served device, and what each property of theirs says (ASHRAE 135-2012 §12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias

from drivers.bacnet.octets import Wire
from drivers.bacnet.serving import values

SLOTS: Final = 16
NO_UNITS: Final = 95
"""BACnetEngineeringUnits no-units."""
UNRELIABLE: Final = 7
"""BACnetReliability unreliable-other."""

Encoded: TypeAlias = bytes | tuple[bytes, ...]
"""A property's value as octets; an array as its elements."""


class P(IntEnum):
    """BACnetPropertyIdentifier (§21), as far as it is served."""

    ACTIVE_TEXT = 4
    ALL = 8
    APDU_TIMEOUT = 11
    APPLICATION_SOFTWARE_VERSION = 12
    COV_INCREMENT = 22
    DAYLIGHT_SAVINGS_STATUS = 24
    DESCRIPTION = 28
    DEVICE_ADDRESS_BINDING = 30
    EVENT_STATE = 36
    FIRMWARE_REVISION = 44
    INACTIVE_TEXT = 46
    LOCAL_DATE = 56
    LOCAL_TIME = 57
    MAX_APDU = 62
    MODEL_NAME = 70
    APDU_RETRIES = 73
    NUMBER_OF_STATES = 74
    OBJECT_IDENTIFIER = 75
    OBJECT_LIST = 76
    OBJECT_NAME = 77
    OBJECT_TYPE = 79
    OPTIONAL = 80
    OUT_OF_SERVICE = 81
    PRESENT_VALUE = 85
    PRIORITY_ARRAY = 87
    OBJECT_TYPES_SUPPORTED = 96
    SERVICES_SUPPORTED = 97
    PROTOCOL_VERSION = 98
    RELIABILITY = 103
    RELINQUISH_DEFAULT = 104
    REQUIRED = 105
    SEGMENTATION_SUPPORTED = 107
    STATE_TEXT = 110
    STATUS_FLAGS = 111
    SYSTEM_STATUS = 112
    UNITS = 117
    UTC_OFFSET = 119
    VENDOR_IDENTIFIER = 120
    VENDOR_NAME = 121
    PROTOCOL_REVISION = 139
    ACTIVE_COV_SUBSCRIPTIONS = 152
    DATABASE_REVISION = 155
    PROPERTY_LIST = 371
    CURRENT_COMMAND_PRIORITY = 431


class Kind(IntEnum):
    """Object types that are served (BACnetObjectType, §21)."""

    ANALOG_VALUE = 2
    BINARY_VALUE = 5
    DEVICE = 8
    MULTI_STATE_VALUE = 19
    TEXT_VALUE = 40


class Fault(Exception):
    """A request is answered with an Error: its class and code (§18)."""

    def __init__(self, error_class: int, code: int) -> None:
        super().__init__(error_class, code)
        self.error_class, self.code = error_class, code


UNKNOWN_OBJECT: Final = (1, 31)
NO_COV: Final = (1, 45)
INVALID_DATATYPE: Final = (2, 9)
UNKNOWN_PROPERTY: Final = (2, 32)
OUT_OF_RANGE: Final = (2, 37)
WRITE_DENIED: Final = (2, 40)
BAD_INDEX: Final = (2, 42)
NOT_AN_ARRAY: Final = (2, 50)
NO_SPACE: Final = (3, 19)
"""Error class and code: object, property and resources are classes 1 to 3 (§18.2 to 18.4)."""


class Peer(NamedTuple):
    """Who asks: network (0: ours) and address on it, by which it is known, and how the carrier gets there."""

    network: int
    mac: bytes
    where: object
    """The carrier's own kind of address."""

    @property
    def key(self) -> tuple[int, bytes]:
        """It, whatever way led here."""
        return self.network, self.mac

    def __str__(self) -> str:
        mac = self.mac
        local = (
            f"{'.'.join(map(str, mac[:4]))}:{int.from_bytes(mac[4:], 'big')}" if len(mac) == 6 else mac.hex()
        )
        return f"{self.network}:{local}" if self.network else local


Write: TypeAlias = Callable[[Peer, int | None, int], None]
"""Who takes a write of Present_Value: from whom, the value (None: NULL), the priority. Raises Fault."""


@dataclass(slots=True)
class Item:
    """One object. `states`: texts of a multi-state value, or a binary one's inactive and active text.

    With `slots` it is commandable: `value` follows from them and `default`, and `write` hears each write first.
    """

    kind: Kind
    instance: int
    name: str
    description: str
    value: float | int | str
    states: tuple[str, ...] = ()
    fault: bool = False
    """What it says is not known now: Status_Flags has fault, Reliability says why."""
    slots: list[int | None] | None = None
    default: int = 0
    write: Write | None = None
    told: tuple[float | int | str, bool] | None = field(default=None, init=False)
    """Value and fault as subscribers were told last."""

    @property
    def wire(self) -> Wire:
        """Its type and instance."""
        return int(self.kind), self.instance

    @property
    def priority(self) -> int | None:
        """The slot that decides its value; None where none does."""
        return next((i for i, slot in enumerate(self.slots or (), 1) if slot is not None), None)

    def command(self, value: int | None, priority: int) -> None:
        """Fill or empty a slot; the value follows."""
        assert self.slots is not None  # whoever commands it has looked
        self.slots[priority - 1] = value
        decides = self.priority
        held = self.slots[decides - 1] if decides is not None else None
        self.value = held if held is not None else self.default

    def encoded(self, value: float | int | str) -> bytes:
        """A Present_Value in its object's datatype."""
        match self.kind:
            case Kind.ANALOG_VALUE:
                return values.real(float(value))
            case Kind.TEXT_VALUE:
                return values.text(str(value))
            case Kind.MULTI_STATE_VALUE:
                return values.unsigned(int(value))
            case _:
                return values.enumerated(int(value))

    def flags(self) -> bytes:
        """Status_Flags: in-alarm, fault, overridden, out-of-service."""
        return values.bits(4, (1,) if self.fault else ())

    def properties(self) -> dict[int, Encoded]:
        """Every property but Property_List."""
        found: dict[int, Encoded] = {
            P.OBJECT_IDENTIFIER: values.object_id(self.wire),
            P.OBJECT_NAME: values.text(self.name),
            P.OBJECT_TYPE: values.enumerated(self.kind),
            P.DESCRIPTION: values.text(self.description),
            P.PRESENT_VALUE: self.encoded(self.value),
            P.STATUS_FLAGS: self.flags(),
            P.EVENT_STATE: values.enumerated(0),
            P.RELIABILITY: values.enumerated(UNRELIABLE if self.fault else 0),
            P.OUT_OF_SERVICE: values.boolean(False),
        }
        return found | dict(self._of_kind()) | dict(self._commanded())

    def _of_kind(self) -> Iterator[tuple[int, Encoded]]:
        if self.kind is Kind.ANALOG_VALUE:
            yield P.UNITS, values.enumerated(NO_UNITS)
            yield P.COV_INCREMENT, values.real(1.0)
        elif self.kind is Kind.BINARY_VALUE:
            yield P.INACTIVE_TEXT, values.text(self.states[0])
            yield P.ACTIVE_TEXT, values.text(self.states[1])
        elif self.kind is Kind.MULTI_STATE_VALUE:
            yield P.NUMBER_OF_STATES, values.unsigned(len(self.states))
            yield P.STATE_TEXT, tuple(values.text(state) for state in self.states)

    def _commanded(self) -> Iterator[tuple[int, Encoded]]:
        if self.slots is None:
            return
        slots = (values.NULL if slot is None else self.encoded(slot) for slot in self.slots)
        yield P.PRIORITY_ARRAY, tuple(slots)
        yield P.RELINQUISH_DEFAULT, self.encoded(self.default)
        priority = self.priority
        yield P.CURRENT_COMMAND_PRIORITY, values.NULL if priority is None else values.unsigned(priority)


_COMMON: Final = frozenset(
    {P.OBJECT_IDENTIFIER, P.OBJECT_NAME, P.OBJECT_TYPE, P.PRESENT_VALUE, P.STATUS_FLAGS}
)
_STATE: Final = _COMMON | {P.EVENT_STATE, P.OUT_OF_SERVICE}

REQUIRED: Final[Mapping[Kind, frozenset[int]]] = {
    Kind.ANALOG_VALUE: frozenset(_STATE | {P.UNITS}),
    Kind.BINARY_VALUE: frozenset(_STATE),
    Kind.MULTI_STATE_VALUE: frozenset(_STATE | {P.NUMBER_OF_STATES}),
    Kind.TEXT_VALUE: frozenset(_COMMON),
    Kind.DEVICE: frozenset(
        {
            P.OBJECT_IDENTIFIER, P.OBJECT_NAME, P.OBJECT_TYPE, P.SYSTEM_STATUS, P.VENDOR_NAME, P.VENDOR_IDENTIFIER,
            P.MODEL_NAME, P.FIRMWARE_REVISION, P.APPLICATION_SOFTWARE_VERSION, P.PROTOCOL_VERSION, P.PROTOCOL_REVISION,
            P.SERVICES_SUPPORTED, P.OBJECT_TYPES_SUPPORTED, P.OBJECT_LIST, P.MAX_APDU, P.SEGMENTATION_SUPPORTED,
            P.APDU_TIMEOUT, P.APDU_RETRIES, P.DEVICE_ADDRESS_BINDING, P.DATABASE_REVISION,
        }
    ),
}  # fmt: skip
"""Properties with conformance code R in the tables of §12, but for Property_List, which REQUIRED and ALL leave out
(§15.7.3.1.2)."""
