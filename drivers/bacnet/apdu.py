"""Requests to a device and its answers, between bacpypes3's PDUs and our own terms."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from drivers.bacnet import octets, refusals
from drivers.bacnet.kinds import KINDS, Datatype
from drivers.bacnet.octets import Refused, Unreadable, Wire
from drivers.protocol import Address, DriverError, Misconfigured, Retryable

CONFIRMED_COV: Final = 1
SUBSCRIBE_COV: Final = 5
READ: Final = 12
READ_MANY: Final = 14
WRITE: Final = 15
WRITE_MANY: Final = 16
"""Confirmed services by number (ASHRAE 135 §21)."""

UNCONFIRMED_COV: Final = 2
"""The unconfirmed one that we hear (§13.7)."""


_TAGS: Final = {Datatype.UNSIGNED: 0x20, Datatype.INTEGER: 0x30, Datatype.ENUMERATED: 0x90}
"""Application tags (§20.2.1.4)."""

ERROR: Final = 5
REJECT: Final = 6
ABORT: Final = 7
"""PDU types of a refusal (§20.1.1)."""


class Refusal(Exception):
    """The device answered with an Error, Reject or Abort: its type, its reason, an Error's data."""

    def __init__(self, type_: int, reason: int, data: bytes) -> None:
        super().__init__(type_, reason, data)
        self.type, self.reason, self.data = type_, reason, data


class Request(NamedTuple):
    """A confirmed request: its service and its data."""

    service: int
    data: bytes


def wire(address: Address) -> Wire:
    """The object's type number and instance. Raises Misconfigured for a type that no point may have."""
    kind = KINDS.get(address.object_type)
    if kind is None:
        raise Misconfigured(address.device, f"no object type {address.object_type}")
    return kind.number, address.instance


def read_many(objects: Sequence[Wire], properties: Sequence[int]) -> Request:
    """ReadPropertyMultiple of the same properties of each object (§15.7)."""
    return read_each([(item, properties) for item in objects])


def read_each(objects: Sequence[tuple[Wire, Sequence[int]]]) -> Request:
    """ReadPropertyMultiple of some properties of each object (§15.7)."""
    data = b""
    for item, properties in objects:
        wanted = b"".join(octets.context_tag(0, octets.unsigned(n)) for n in properties)
        data += octets.object_tag(0, item) + octets.around(1, wanted)
    return Request(READ_MANY, data)


def read(item: Wire, number: int, index: int | None = None) -> Request:
    """ReadProperty (§15.5)."""
    data = octets.object_tag(0, item) + octets.context_tag(1, octets.unsigned(number))
    if index is not None:
        data += octets.context_tag(2, octets.unsigned(index))
    return Request(READ, data)


def write(item: Wire, number: int, value: bytes, priority: int | None) -> Request:
    """WriteProperty of an encoded value (§15.9)."""
    data = (
        octets.object_tag(0, item) + octets.context_tag(1, octets.unsigned(number)) + octets.around(3, value)
    )
    if priority is not None:
        data += octets.context_tag(4, octets.unsigned(priority))
    return Request(WRITE, data)


def write_many(items: Sequence[tuple[Wire, bytes, int | None]], number: int) -> Request:
    """WritePropertyMultiple of one property of each object: encoded value, priority (§15.10)."""
    data = b""
    for item, value, priority in items:
        inner = octets.context_tag(0, octets.unsigned(number)) + octets.around(2, value)
        if priority is not None:
            inner += octets.context_tag(3, octets.unsigned(priority))
        data += octets.object_tag(0, item) + octets.around(1, inner)
    return Request(WRITE_MANY, data)


def first_failed(said: Refusal) -> tuple[Refused, Wire] | None:
    """What a WritePropertyMultiple-Error refuses, and why (§21); None for any other refusal."""
    if said.type != ERROR:
        return None
    try:
        found = octets.tags(said.data)
        at = next((i for i, tag in enumerate(found) if tag[:2] == (octets.OPENING, 1)), None)
        return None if at is None else (octets.refused(found[:at]), octets.object_of(found[at + 1], 0))
    except (Unreadable, IndexError):
        return None


def subscribe(process: int, item: Wire, confirmed: bool, lifetime: int | None) -> Request:
    """SubscribeCOV (§13.14); without a lifetime it cancels."""
    data = octets.context_tag(0, octets.unsigned(process)) + octets.object_tag(1, item)
    if lifetime is not None:
        data += octets.context_tag(2, bytes((confirmed,))) + octets.context_tag(3, octets.unsigned(lifetime))
    return Request(SUBSCRIBE_COV, data)


def encode(address: Address, value: float | int | None) -> bytes:
    """A value in its object type's datatype. Raises Misconfigured where it cannot be one."""
    if value is None:
        return b"\x00"
    if not math.isfinite(value):
        raise Misconfigured(address.device, f"{value} is not a value to write")
    datatype = KINDS[address.object_type].datatype
    if datatype is Datatype.REAL:
        return b"\x44" + struct.pack(">f", value)
    if datatype is Datatype.DOUBLE:
        return b"\x55\x08" + struct.pack(">d", value)
    number = int(value)
    lowest, highest = _range(address.object_type, datatype)
    if number != value or not lowest <= number <= highest:
        what = f"whole numbers from {lowest} to {highest}"
        raise Misconfigured(address.device, f"{address.object_type} takes {what}, not {value}")
    data = octets.signed(number) if datatype is Datatype.INTEGER else octets.unsigned(number)
    return bytes((_TAGS[datatype] | len(data),)) + data


def _range(object_type: str, datatype: Datatype) -> tuple[int, int]:
    """The whole numbers that a Present_Value can be at all; the device may allow fewer."""
    if datatype is Datatype.INTEGER:
        return -(1 << 31), (1 << 31) - 1
    if datatype is Datatype.ENUMERATED:
        # BinaryLightingPV has warn, warn-off, warn-relinquish and stop beside off and on (§21)
        return (0, 5) if object_type == "binary-lighting-output" else (0, 1)
    return int(object_type.startswith("multi-state")), (1 << 32) - 1


def refusal(device: str, said: Refusal) -> DriverError:
    """Whose fault an Error, Reject or Abort is."""
    if said.type == REJECT:
        return refusals.of_reject(device, said.reason)
    if said.type == ABORT:
        return refusals.of_abort(device, said.reason)
    try:
        return in_place(device, octets.refused(octets.tags(said.data)))
    except Unreadable as error:
        return Retryable(device, f"unreadable error: {error}")


def in_place(device: str, error: Refused) -> DriverError:
    """Whose fault the error in place of a property is."""
    return refusals.of_error(device, error.error_class, error.code)


def lacks_property(said: Refusal) -> bool:
    """Whether the device says that there is no such object or property."""
    return _code(said) in refusals.ABSENT


def _code(said: Refusal) -> int | None:
    """An Error's code."""
    try:
        return octets.refused(octets.tags(said.data)).code if said.type == ERROR else None
    except Unreadable:
        return None


def should_shrink(said: Refusal) -> bool:
    """Whether a smaller request may succeed where this one was refused."""
    reasons = {ABORT: refusals.SHRINK_ABORTS, REJECT: refusals.SHRINK_REJECTS}
    return said.reason in reasons.get(said.type, ())


def may_shrink(said: Refusal) -> bool:
    """The same, or the device does not say why it refused: it may have been too much."""
    if said.type == ERROR:
        return _code(said) == refusals.OTHER
    return (said.type == ABORT and refusals.vague_abort(said.reason)) or should_shrink(said)


def crowded(said: Refusal) -> bool:
    """Whether the device may have had too many requests at once."""
    if said.type == ABORT:
        return said.reason in refusals.CROWDED_ABORTS
    return _code(said) == refusals.BUSY


def lacks_service(said: Refusal) -> bool:
    """Whether the device does not know the service at all."""
    return said.type == REJECT and said.reason == refusals.UNRECOGNIZED_SERVICE
