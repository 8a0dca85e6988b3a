"""Requests and answers as bacpypes3 has them, to and from our own terms."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

from bacpypes3.apdu import (
    AbortPDU,
    ErrorPDU,
    ReadPropertyACK,
    ReadPropertyMultipleACK,
    ReadPropertyMultipleRequest,
    ReadPropertyRequest,
    RejectPDU,
    SimpleAckPDU,
    SubscribeCOVRequest,
    WritePropertyRequest,
)
from bacpypes3.basetypes import PropertyIdentifier, PropertyReference, ReadAccessSpecification
from bacpypes3.primitivedata import (
    Double,
    Enumerated,
    Integer,
    Null,
    ObjectIdentifier,
    Real,
    TagClass,
    Unsigned,
)

from drivers import refusals
from drivers.base import Address, DriverError, Misconfigured, Raw, Retryable
from drivers.kinds import KINDS, Datatype
from drivers.readings import Slot

SLOTS: Final = 16
"""Entries of a priority array (ASHRAE 135 §19.2)."""

_FAULT: Final = 0x40
_OUT_OF_SERVICE: Final = 0x10
"""Status_Flags is (in-alarm, fault, overridden, out-of-service), the first in the top bit (§20.2.10)."""

Wire = tuple[int, int]
"""An object on the wire: type number and instance."""


ReadAck: Final = ReadPropertyACK
ReadManyAck: Final = ReadPropertyMultipleACK
Done: Final = SimpleAckPDU
"""What acknowledges a read, a read of many, and a write or subscription."""


class Unreadable(Exception):
    """An answer that came but says nothing that we can use."""


def wire(address: Address) -> Wire:
    """The object's type number and instance. Raises Misconfigured for a type that no point may have."""
    kind = KINDS.get(address.object_type)
    if kind is None:
        raise Misconfigured(address.device, f"no object type {address.object_type}")
    return kind.number, address.instance


def key(identifier: Any) -> Wire:
    """The same, of a bacpypes3 object identifier."""
    return int(identifier[0]), int(identifier[1])


def read_many(objects: Sequence[Wire], properties: Sequence[int]) -> Any:
    """ReadPropertyMultiple of the same properties of each object (§15.7)."""
    return ReadPropertyMultipleRequest(
        listOfReadAccessSpecs=[
            ReadAccessSpecification(
                objectIdentifier=ObjectIdentifier(item),
                listOfPropertyReferences=[
                    PropertyReference(propertyIdentifier=PropertyIdentifier(number)) for number in properties
                ],
            )
            for item in objects
        ]
    )


def read_one(item: Wire, number: int, index: int | None = None) -> Any:
    """ReadProperty (§15.5)."""
    request = ReadPropertyRequest(
        objectIdentifier=ObjectIdentifier(item), propertyIdentifier=PropertyIdentifier(number)
    )
    if index is not None:
        request.propertyArrayIndex = index
    return request


def write(item: Wire, number: int, value: Any, priority: int | None) -> Any:
    """WriteProperty (§15.9)."""
    request = WritePropertyRequest(
        objectIdentifier=ObjectIdentifier(item),
        propertyIdentifier=PropertyIdentifier(number),
        propertyValue=value,
    )
    if priority is not None:
        request.priority = priority
    return request


def subscribe(process: int, item: Wire, confirmed: bool, lifetime: int | None) -> Any:
    """SubscribeCOV (§13.14); without a lifetime it cancels."""
    request = SubscribeCOVRequest(
        subscriberProcessIdentifier=process, monitoredObjectIdentifier=ObjectIdentifier(item)
    )
    if lifetime is not None:
        request.issueConfirmedNotifications = confirmed
        request.lifetime = lifetime
    return request


def encode(address: Address, value: float | int | None) -> Any:
    """A value in its object type's datatype. Raises Misconfigured where it cannot be one."""
    if value is None:
        return Null(())
    if not math.isfinite(value):
        raise Misconfigured(address.device, f"{value} is not a value to write")
    datatype = KINDS[address.object_type].datatype
    if datatype is Datatype.REAL:
        return Real(float(value))
    if datatype is Datatype.DOUBLE:
        return Double(float(value))
    if value != int(value):
        raise Misconfigured(address.device, f"{address.object_type} takes whole numbers, not {value}")
    number = int(value)
    if datatype is Datatype.INTEGER:
        return Integer(number)
    if datatype is Datatype.UNSIGNED:
        lowest = 1 if address.object_type.startswith("multi-state") else 0
        if number < lowest:
            raise Misconfigured(address.device, f"{address.object_type} starts at {lowest}, not {number}")
        return Unsigned(number)
    if address.object_type != "binary-lighting-output" and number not in (0, 1):
        raise Misconfigured(address.device, f"{address.object_type} takes 0 or 1, not {number}")
    return Enumerated(number)


def results(ack: Any) -> dict[Wire, dict[int, Any]]:
    """What a ReadPropertyMultiple-ACK says, by object and property: value or error."""
    return {
        key(result.objectIdentifier): {
            int(element.propertyIdentifier): element.readResult
            for element in result.listOfResults or ()
            if element.propertyArrayIndex is None
        }
        for result in ack.listOfReadAccessResults or ()
    }


def content(any_value: Any) -> list[Any]:
    """The tags inside an `Any`, without the context tags around them."""
    if any_value.tagList is None:
        raise Unreadable("no value")
    tags = list(any_value.tagList.tagList)
    if len(tags) >= 2 and tags[0].tag_class == TagClass.opening:
        tags = tags[1:-1]
    return tags


def primitive(tag: Any) -> Raw:
    """The value of an application tag (§20.2). Raises Unreadable for what no point holds."""
    if tag.tag_class != TagClass.application:
        raise Unreadable("a value of a constructed type")
    number, data = int(tag.tag_number), bytes(tag.tag_data)
    try:
        if number == 0:
            return None
        if number == 1:
            return bool(tag.tag_lvt)
        if number in (2, 9):
            return int.from_bytes(data, "big")
        if number == 3:
            return int.from_bytes(data, "big", signed=True)
        if number == 4:
            return float(struct.unpack(">f", data)[0])
        if number == 5:
            return float(struct.unpack(">d", data)[0])
        if number == 7 and data[:1] == b"\0":
            return data[1:].decode("utf-8", "replace")
    except struct.error:
        raise Unreadable("a value of the wrong length") from None
    raise Unreadable(f"a value of datatype {number}")


def single(any_value: Any) -> Raw:
    """The one value inside an `Any`."""
    tags = content(any_value)
    if len(tags) != 1:
        raise Unreadable(f"{len(tags)} values instead of one")
    return primitive(tags[0])


def bits(any_value: Any) -> bytes:
    """The octets of a bit string, its first bit on top."""
    tags = content(any_value)
    if len(tags) != 1 or int(tags[0].tag_number) != 8 or len(tags[0].tag_data) < 1:
        raise Unreadable("not a bit string")
    return bytes(tags[0].tag_data[1:])


def faulty(flags: bytes) -> bool:
    """Whether Status_Flags says fault or out-of-service."""
    return bool(flags and flags[0] & (_FAULT | _OUT_OF_SERVICE))


def slots(any_value: Any) -> tuple[Slot, ...]:
    """The occupied slots of a Priority_Array."""
    tags = content(any_value)
    if len(tags) != SLOTS:
        raise Unreadable(f"a priority array of {len(tags)} slots")
    return occupied(primitive(tag) for tag in tags)


def occupied(values: Iterable[Raw]) -> tuple[Slot, ...]:
    """Slots from 16 values in order, None where a slot is NULL."""
    return tuple(Slot(i, number(v)) for i, v in enumerate(values, 1) if v is not None)


def number(value: Raw) -> float | bool | int:
    """A slot's or default's value, which is never text. Raises Unreadable."""
    if value is None or isinstance(value, str):
        raise Unreadable("text where a number belongs")
    return value


def refusal(device: str, pdu: BaseException) -> DriverError:
    """Whose fault an Error, Reject or Abort is."""
    if isinstance(pdu, RejectPDU):
        return refusals.of_reject(device, int(pdu.apduAbortRejectReason))
    if isinstance(pdu, AbortPDU):
        return refusals.of_abort(device, int(pdu.apduAbortRejectReason))
    if isinstance(pdu, ErrorPDU):
        return property_error(device, getattr(pdu, "error", pdu))
    return Retryable(device, f"unexpected answer: {type(pdu).__name__}")


def property_error(device: str, error: Any) -> DriverError:
    """The error in place of one property, or inside an Error-PDU."""
    return refusals.of_error(device, int(error.errorClass), int(error.errorCode))


def should_shrink(pdu: BaseException) -> bool:
    """Whether a smaller request may succeed where this one was refused."""
    if isinstance(pdu, AbortPDU):
        return int(pdu.apduAbortRejectReason) in refusals.SHRINK_ABORTS
    return isinstance(pdu, RejectPDU) and int(pdu.apduAbortRejectReason) in refusals.SHRINK_REJECTS


def lacks_service(pdu: BaseException) -> bool:
    """Whether the device does not know the service at all."""
    return isinstance(pdu, RejectPDU) and int(pdu.apduAbortRejectReason) == refusals.UNRECOGNIZED_SERVICE
