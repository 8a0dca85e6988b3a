"""Between rusty-bacnet's objects and errors and our own terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rusty_bacnet import (
    BacnetAbortError,
    BacnetError,
    BacnetProtocolError,
    BacnetRejectError,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from config.points import Raw
from drivers.bacnet import octets, refusals
from drivers.bacnet.kinds import KINDS, PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.octets import Unreadable
from drivers.protocol import Address, DriverError, Misconfigured, Retryable, Silent

VALUE: Final = PropertyIdentifier.from_raw(PRESENT_VALUE)
FLAGS: Final = PropertyIdentifier.from_raw(STATUS_FLAGS)

PLAIN: Final = frozenset((float, int, bool, type(None)))
"""What the value of a Real, Double, Unsigned, Signed, Enumerated, Boolean or Null comes as, and goes on as it is."""


@lru_cache(maxsize=2_048)  # who asks again and again prepares it; of a large building each would be megabytes
def wire(address: Address) -> ObjectIdentifier:
    """The object on the wire. Raises Misconfigured for a type that no point may have."""
    kind = KINDS.get(address.object_type)
    if kind is None:
        raise Misconfigured(address.device, f"no object type {address.object_type}")
    try:
        return ObjectIdentifier(ObjectType.from_raw(kind.number), address.instance)
    except (ValueError, OverflowError):
        raise Misconfigured(address.device, f"no instance {address.instance}") from None


def plain(value: object) -> Raw:
    """A property's one value. Raises Unreadable for what no point holds."""
    found: Raw | object = value.value if isinstance(value, PropertyValue) else value
    if type(found) in PLAIN:
        return found  # type: ignore[return-value] # one of the types that Raw names
    if isinstance(found, str):
        return octets.legible(found)
    if isinstance(value, PropertyValue) and value.tag == "application_data":
        return octets.single(octets.tags(value.value))  # as text that says UTF-8 and is none
    what = value.tag if isinstance(value, PropertyValue) else "octets without a frame"
    raise Unreadable(f"a value of type {what}")


FAULTY: Final = {bytes((0x82, 4, flags)): octets.faulty(bytes((flags,))) for flags in range(0, 256, 16)}
"""What the encodings of Status_Flags mean: a bit string of four bits (§20.2.10)."""


HEALTHY: Final = PropertyValue.bit_string(4, b"\x00")
"""Status_Flags of an object that has nothing to say of itself: none of the four is set."""


def bits(value: object) -> bytes:
    """The octets of a bit string, its first bit on top. Raises Unreadable."""
    if not isinstance(value, PropertyValue) or value.tag != "bit_string" or not value.value["data"]:
        raise Unreadable("not a bit string")
    return bytes(value.value["data"])


def content(value: object) -> bytes:
    """The octets of a property's value, as they came. Raises Unreadable."""
    if not isinstance(value, PropertyValue):
        raise Unreadable("octets without a frame")
    try:
        return bytes(value.octets)
    except ValueError:
        raise Unreadable(f"a value of type {value.tag}") from None


def sequence(value: object) -> Sequence[object]:
    """The elements of an array. Raises Unreadable."""
    if not isinstance(value, PropertyValue) or value.tag != "list":
        raise Unreadable("not an array")
    return list(value.value)


def problem(device: str, error: Exception) -> DriverError:
    """Whose fault it is that a request got no result."""
    if isinstance(error, DriverError):
        return error
    if isinstance(error, BacnetProtocolError):
        return refusals.of_error(device, error.error_class, error.error_code)
    if isinstance(error, BacnetRejectError):
        return refusals.of_reject(device, error.reason)
    if isinstance(error, BacnetAbortError):
        return refusals.of_abort(device, error.reason)
    if isinstance(error, OSError):
        return Silent(device, f"cannot be reached: {error.strerror or error}")
    return Retryable(device, f"unreadable answer: {error}")


def should_shrink(error: BacnetError) -> bool:
    """Whether a smaller request may succeed where this one was refused."""
    if isinstance(error, BacnetAbortError):
        return error.reason in refusals.SHRINK_ABORTS
    return isinstance(error, BacnetRejectError) and error.reason in refusals.SHRINK_REJECTS


def may_shrink(error: BacnetError) -> bool:
    """The same, or the device does not say why it refused: it may have been too much."""
    if isinstance(error, BacnetAbortError):
        return refusals.vague_abort(error.reason) or should_shrink(error)
    vague = isinstance(error, BacnetProtocolError) and error.error_code == refusals.OTHER
    return vague or should_shrink(error)


def crowded(error: BacnetError) -> bool:
    """Whether the device may have had too many requests at once."""
    if isinstance(error, BacnetAbortError):
        return error.reason in refusals.CROWDED_ABORTS
    return isinstance(error, BacnetProtocolError) and error.error_code == refusals.BUSY


def lacks_service(error: BacnetError) -> bool:
    """Whether the device does not know the service at all."""
    return isinstance(error, BacnetRejectError) and error.reason == refusals.UNRECOGNIZED_SERVICE


def lacks_property(error: BacnetError) -> bool:
    """Whether the device says that there is no such object or property."""
    return isinstance(error, BacnetProtocolError) and error.error_code in refusals.ABSENT


def in_error(error: BacnetError) -> bool:
    """Whether it is an Error, of the property that was asked for."""
    return isinstance(error, BacnetProtocolError)


def answered(error: BacnetError) -> bool:
    """Whether the device itself said no, rather than the stack of its answer."""
    return isinstance(error, (BacnetProtocolError, BacnetRejectError, BacnetAbortError))
