"""Finds the writes in a BACnet/IP datagram (ASHRAE 135-2020 Annex J, clauses 6, 20 and 21)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple, TypeAlias

Written: TypeAlias = float | bool | int | str | None

OBJECT_TYPES: Final[dict[int, str]] = {
    0: "analog-input",
    1: "analog-output",
    2: "analog-value",
    3: "binary-input",
    4: "binary-output",
    5: "binary-value",
    8: "device",
    13: "multi-state-input",
    14: "multi-state-output",
    19: "multi-state-value",
    55: "binary-lighting-output",
}
"""BACnetObjectType (clause 21); a type that the simulator does not serve is logged by its number."""

WRITE_PROPERTY: Final = 15
WRITE_PROPERTY_MULTIPLE: Final = 16
UNREADABLE: Final = "unreadable"

_NPDU_OFFSETS: Final = {0x04: 10, 0x09: 4, 0x0A: 4, 0x0B: 4}
"""Where the NPDU starts, by BVLC function: forwarded, distributed, unicast, broadcast (Annex J.2)."""


class Write(NamedTuple):
    """One property write of a request. `value` None is NULL, `priority` None is absent from the request."""

    object_type: str
    instance: int
    property_id: int
    priority: int | None
    value: Written


class _Tag(NamedTuple):
    number: int
    context: bool
    length: int
    """Octets of content; for an application-tagged Boolean, its value."""
    opening: bool
    closing: bool


class _Malformed(ValueError):
    """The octets do not follow clause 20.2."""


def writes_in(datagram: bytes) -> list[Write]:
    """The property writes that a datagram asks for; empty where it asks for none.

    A write request which cannot be read to its end (a segment, or malformed) gives, after what could be
    read, one `Write` of object type `unreadable` with the datagram in hexadecimal as its value: a log that
    is to prove the absence of a write must not lose one.
    """
    request = _confirmed_request(datagram)
    if request is None:
        return []
    service, segmented, body = request
    if service not in (WRITE_PROPERTY, WRITE_PROPERTY_MULTIPLE):
        return []
    found: list[Write] = []
    try:
        if segmented:
            raise _Malformed("segmented")
        reader = _Reader(body)
        if service == WRITE_PROPERTY:
            _write_property(reader, found)
        else:
            _write_property_multiple(reader, found)
    except (_Malformed, struct.error, IndexError):
        found.append(Write(UNREADABLE, -1, -1, None, datagram.hex()))
    return found


def _confirmed_request(datagram: bytes) -> tuple[int, bool, bytes] | None:
    """Service choice, whether it is a segment, and the service's octets; None for any other datagram."""
    try:
        if datagram[0] != 0x81:
            return None
        at = _NPDU_OFFSETS[datagram[1]]
        control = datagram[at + 1]
        if datagram[at] != 1 or control & 0x80:  # a network-layer message carries no APDU
            return None
        at += 2
        if control & 0x20:  # DNET, DLEN, DADR
            at += 3 + datagram[at + 2]
        if control & 0x08:  # SNET, SLEN, SADR
            at += 3 + datagram[at + 2]
        if control & 0x20:  # hop count follows both addresses
            at += 1
        if datagram[at] >> 4 != 0:  # 0 is BACnet-Confirmed-Request-PDU
            return None
        segmented = bool(datagram[at] & 0x08)
        at += 5 if segmented else 3
        return datagram[at], segmented, datagram[at + 1 :]
    except (IndexError, KeyError):
        return None


class _Reader:
    """Reads tags and primitive values in order (clause 20.2)."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    @property
    def more(self) -> bool:
        return self.at < len(self.octets)

    def take(self, count: int) -> bytes:
        """The next `count` octets."""
        piece = self.octets[self.at : self.at + count]
        if len(piece) < count:
            raise _Malformed("truncated")
        self.at += count
        return piece

    def tag(self) -> _Tag:
        """The next tag, its length resolved."""
        first = self.take(1)[0]
        number, context, length = first >> 4, bool(first & 0x08), first & 0x07
        if number == 15:
            number = self.take(1)[0]
        if context and length in (6, 7):
            return _Tag(number, context, 0, length == 6, length == 7)
        if length == 5:
            length = self.take(1)[0]
            if length == 254:
                length = int.from_bytes(self.take(2), "big")
            elif length == 255:
                length = int.from_bytes(self.take(4), "big")
        return _Tag(number, context, length, False, False)

    def peek(self) -> _Tag:
        """The next tag, left in place."""
        at = self.at
        tag = self.tag()
        self.at = at
        return tag

    def unsigned(self, number: int) -> int:
        """The context-tagged Unsigned or object identifier `number`."""
        tag = self.tag()
        if tag.number != number or not tag.context or tag.opening or tag.closing:
            raise _Malformed(f"context tag {number} expected")
        return int.from_bytes(self.take(tag.length), "big")

    def optional(self, number: int) -> int | None:
        """The context-tagged Unsigned `number` if it is next."""
        if not self.more:
            return None
        tag = self.peek()
        present = tag.context and tag.number == number and not tag.opening and not tag.closing
        return self.unsigned(number) if present else None

    def opening(self, number: int) -> None:
        """The opening tag `number`."""
        tag = self.tag()
        if not tag.opening or tag.number != number:
            raise _Malformed(f"opening tag {number} expected")

    def value(self, number: int) -> Written:
        """What stands between opening and closing tag `number`: one primitive, or else its octets in hex."""
        self.opening(number)
        start, values, depth = self.at, [], 0
        while True:
            end = self.at
            tag = self.tag()
            if tag.closing and depth == 0:
                break
            depth += tag.opening - tag.closing
            if not tag.opening and not tag.closing:
                values.append(self._primitive(tag) if not tag.context else self.take(tag.length).hex())
        whole = self.octets[start:end]
        return values[0] if len(values) == 1 and not whole[0] & 0x08 else whole.hex()

    def _primitive(self, tag: _Tag) -> Written:
        """An application-tagged value (clause 20.2.1.4)."""
        if tag.number == 0:
            return None
        if tag.number == 1:
            return bool(tag.length)
        content = self.take(tag.length)
        if tag.number in (2, 9):
            return int.from_bytes(content, "big")
        if tag.number == 3:
            return int.from_bytes(content, "big", signed=True)
        if tag.number == 4:
            return float(struct.unpack(">f", content)[0])
        if tag.number == 5:
            return float(struct.unpack(">d", content)[0])
        if tag.number == 7 and content[:1] == b"\x00":
            return content[1:].decode("utf-8", "replace")
        return content.hex()


def _object(identifier: int) -> tuple[str, int]:
    """Type (10 bits) and instance (22 bits) of an object identifier (clause 20.2.14)."""
    number = identifier >> 22
    return OBJECT_TYPES.get(number, str(number)), identifier & 0x3FFFFF


def _write_property(reader: _Reader, found: list[Write]) -> None:
    """WriteProperty-Request: object, property, optional index, value, optional priority (clause 15.9)."""
    object_type, instance = _object(reader.unsigned(0))
    property_id = reader.unsigned(1)
    reader.optional(2)
    value = reader.value(3)
    found.append(Write(object_type, instance, property_id, reader.optional(4), value))


def _write_property_multiple(reader: _Reader, found: list[Write]) -> None:
    """A sequence of objects, each with a list of properties (clause 15.10)."""
    while reader.more:
        object_type, instance = _object(reader.unsigned(0))
        reader.opening(1)
        while not reader.peek().closing:
            property_id = reader.unsigned(0)
            reader.optional(1)
            value = reader.value(2)
            found.append(Write(object_type, instance, property_id, reader.optional(3), value))
        reader.tag()
