"""Requests of others, out of their octets (ASHRAE 135 §15, §16, §20.1). What is not one raises Reject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from drivers.bacnet import octets
from drivers.bacnet.octets import CLOSING, CONTEXT, OPENING, Tag, Unreadable, Wire

CONFIRMED, UNCONFIRMED = 0, 1
"""PDU types of requests (§20.1.1)."""

MAX_APDUS: Final = (50, 128, 206, 480, 1024, 1476)
"""What a client says that it takes, by its number (§20.1.2.5)."""

MISSING, BAD_TAG, BAD_TYPE, TOO_MANY, RANGE, UNRECOGNIZED, INCONSISTENT = 5, 4, 3, 7, 6, 9, 2
"""BACnetRejectReason (§18.9, §21)."""


class Reject(Exception):
    """The request is answered with a Reject."""

    def __init__(self, reason: int) -> None:
        super().__init__(reason)
        self.reason = reason


class Asked(NamedTuple):
    """A confirmed request: who it is to be answered by, how long an answer may be, its service and its data."""

    invoke: int
    max_apdu: int
    segmented: bool
    service: int
    data: bytes


class Reference(NamedTuple):
    """A property of an object, or one element of it."""

    item: Wire
    number: int
    element: int | None


class Written(NamedTuple):
    """A WriteProperty: where to, the tags of its value, its priority (None: not said)."""

    at: Reference
    value: list[Tag]
    priority: int | None


class Subscribed(NamedTuple):
    """A SubscribeCOV; `confirmed` None cancels. `lifetime` in s, 0 for ever."""

    process: int
    item: Wire
    confirmed: bool | None
    lifetime: int


def confirmed(apdu: bytes) -> Asked | None:
    """A confirmed request's header (§20.1.2); None where it is cut off."""
    if len(apdu) < 4:
        return None
    segmented = bool(apdu[0] & 0x08)
    kept = apdu[1] & 0x0F
    max_apdu = MAX_APDUS[kept] if kept < len(MAX_APDUS) else MAX_APDUS[0]
    at = 5 if segmented else 3
    if len(apdu) <= at:
        return None
    return Asked(apdu[2], max_apdu, segmented, apdu[at], apdu[at + 1 :])


def _tags(data: bytes) -> list[Tag]:
    try:
        return octets.tags(data)
    except Unreadable:
        raise Reject(MISSING) from None


def _number(tag: Tag, context: int) -> int:
    if tag[:2] != (CONTEXT, context):
        raise Reject(MISSING)
    if not 1 <= len(tag.data) <= 4:
        raise Reject(BAD_TYPE)
    return int.from_bytes(tag.data, "big")


def _object(tag: Tag, context: int) -> Wire:
    number = _number(tag, context)
    if len(tag.data) != 4:
        raise Reject(BAD_TYPE)
    return divmod(number, 1 << 22)


def _at(found: list[Tag], at: int) -> Tag:
    if at >= len(found):
        raise Reject(MISSING)
    return found[at]


def _optional(found: list[Tag], at: int, context: int) -> tuple[int | None, int]:
    """A number that may be left out, and where it goes on."""
    if at < len(found) and found[at][:2] == (CONTEXT, context):
        return _number(found[at], context), at + 1
    return None, at


def _reference(found: list[Tag]) -> tuple[Reference, int]:
    item, number = _object(_at(found, 0), 0), _number(_at(found, 1), 1)
    index, at = _optional(found, 2, 2)
    return Reference(item, number, index), at


def read(data: bytes) -> Reference:
    """ReadProperty (§15.5)."""
    found = _tags(data)
    reference, at = _reference(found)
    if at != len(found):
        raise Reject(TOO_MANY)
    return reference


def read_many(data: bytes) -> list[tuple[Wire, list[Reference]]]:
    """ReadPropertyMultiple (§15.7): each object with what is wanted of it."""
    found = _tags(data)
    wanted: list[tuple[Wire, list[Reference]]] = []
    at = 0
    while at < len(found):
        item = _object(found[at], 0)
        if _at(found, at + 1)[:2] != (OPENING, 1):
            raise Reject(MISSING)
        at += 2
        references: list[Reference] = []
        while _at(found, at)[:2] != (CLOSING, 1):
            number = _number(found[at], 0)
            index, at = _optional(found, at + 1, 1)
            references.append(Reference(item, number, index))
        if not references:
            raise Reject(MISSING)
        wanted.append((item, references))
        at += 1
    if not wanted:
        raise Reject(MISSING)
    return wanted


def write(data: bytes) -> Written:
    """WriteProperty (§15.9)."""
    found = _tags(data)
    reference, at = _reference(found)
    if _at(found, at)[:2] != (OPENING, 3):
        raise Reject(MISSING)
    end = next((i for i in range(at + 1, len(found)) if found[i][:2] == (CLOSING, 3)), None)
    if end is None:
        raise Reject(MISSING)
    priority, after = _optional(found, end + 1, 4)
    if after != len(found):
        raise Reject(TOO_MANY)
    if priority is not None and not 1 <= priority <= 16:
        raise Reject(RANGE)
    return Written(reference, found[at + 1 : end], priority)


def subscribe(data: bytes) -> Subscribed:
    """SubscribeCOV (§13.14)."""
    found = _tags(data)
    process, item = _number(_at(found, 0), 0), _object(_at(found, 1), 1)
    issue, at = _optional(found, 2, 2)
    lifetime, at = _optional(found, at, 3)
    if at != len(found):
        raise Reject(TOO_MANY)
    if issue is None and lifetime is not None:
        raise Reject(MISSING)
    return Subscribed(process, item, None if issue is None else bool(issue), lifetime or 0)


def limits(data: bytes) -> tuple[tuple[int, int] | None, list[Tag]]:
    """The instances that a Who-Is or Who-Has is meant for (None: all), and what follows. Raises Reject."""
    found = _tags(data)
    low, at = _optional(found, 0, 0)
    high, at = _optional(found, at, 1)
    if (low is None) != (high is None):
        raise Reject(MISSING)
    return (None if low is None or high is None else (low, high)), found[at:]


def sought(found: list[Tag]) -> Wire | str:
    """What a Who-Has looks for: an object by its identifier, or by its name (§16.9). Raises Reject."""
    tag = _at(found, 0)
    if tag[:2] == (CONTEXT, 3):
        return octets.text(tag.data)
    return _object(tag, 2)


def numbers(tags: list[Tag]) -> Iterator[int | None]:
    """Enumerated and NULL values among those of a write."""
    for tag in tags:
        if tag[:2] == (octets.APPLICATION, 0):
            yield None
        elif tag[:2] == (octets.APPLICATION, 9) and tag.data:
            yield int.from_bytes(tag.data, "big")
