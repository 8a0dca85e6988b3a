"""A ReadPropertyMultiple that is asked again and again: sent from octets made once, and its answer held against the last.

Most of what a building says is what it said a second before. So an answer is not taken apart: an object's octets that are
the last time's mean the last time's answer, and only what differs is decoded. The last answer is kept whole, and where in it
each object's result ends: ten thousand pieces of it would be a megabyte.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import Final

from drivers.bacnet import apdu, octets, results
from drivers.bacnet.kinds import PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.octets import Unreadable
from drivers.protocol import Address, Answer

HEADER: Final = 10
"""Octets before the service's data: BVLC (ASHRAE 135 §J.2.11), NPDU (§6.2), header of a confirmed request (§20.1.2)."""

INVOKE: Final = 8
"""Where in the datagram the invoke id stands."""

_NPDU: Final = b"\x01\x04"
"""Version 1; an answer is expected, and there is no router between."""

_UNSEGMENTED: Final = b"\x00\x05"
"""A confirmed request whose answer must come in one piece of at most 1,476 octets (§20.1.2.4, §20.1.2.5)."""

_HEAD: Final = b"\x1e\x29\x55\x4e"
"""From an object's identifier to its Present_Value, in a ReadPropertyMultiple-ACK (§21)."""

_BETWEEN: Final = b"\x4f\x29\x6f\x4e\x82\x04"
"""From the end of Present_Value to the four bits of Status_Flags, as nearly every controller encodes it (§15.7, §20.2)."""

_END: Final = b"\x4f\x1f"

_REAL: Final = struct.Struct(">f").unpack_from
_REAL_TAG: Final = 0x44
_SMALL: Final = frozenset((0x21, 0x91))
"""Tags of an Unsigned and an Enumerated of one octet (§20.2.1.4)."""

_SIGNED: Final = 3
_SHORT: Final = frozenset(number << 4 | length for number in (2, _SIGNED, 9) for length in (1, 2, 3, 4))
"""Tags of an Unsigned, a Signed and an Enumerated."""

_FAULTY: Final = tuple(octets.faulty(bytes((flags,))) for flags in range(256))
"""What Status_Flags mean."""


def ready(request: apdu.Request) -> bytearray:
    """A request as a datagram to a device on BACnet/IP, ready to be sent but for the invoke id."""
    service, data = request
    length = (HEADER + len(data)).to_bytes(2, "big")
    return bytearray(b"\x81\x0a" + length + _NPDU + _UNSEGMENTED + bytes((0, service)) + data)


class Asked:
    """Present_Value and Status_Flags of some objects of one device, as one request, and what its last answer said."""

    __slots__ = ("_ends", "_whole", "answers", "datagram", "part")

    service = apdu.READ_MANY

    def __init__(self, part: Sequence[Address]) -> None:
        items = [apdu.wire(address) for address in part]
        self.part = part
        self.datagram = ready(apdu.read_many(items, (PRESENT_VALUE, STATUS_FLAGS)))
        """Ready to be sent, but for the invoke id."""
        self._whole: bytes | None = None
        """The last answer that could be read; None: there was none, and each object is decoded. An answer without octets is no answer."""
        self._ends = array("I", bytes(4 * len(part)))
        """Where in it each object's result ends."""
        self.answers: list[Answer] = [Answer(address, None, False, None) for address in part]
        """What the last answer said, in order; each one the object that it was where nothing has changed."""

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not about what was asked."""
        last = self._whole
        if data == last:
            return
        self._whole = None
        ends, at, before = self._ends, 0, 0
        try:
            for place, was in enumerate(ends):
                if last is not None and data.startswith(last[before:was], at):
                    at += was - before
                else:
                    at = self._one(place, data, at)
                ends[place], before = at, was
        except (IndexError, struct.error):
            raise Unreadable("it is cut off") from None
        if at != len(data):
            raise Unreadable("it says more than was asked")
        self._whole = data

    def _one(self, place: int, data: bytes, at: int) -> int:
        """Take one object's result; where it ends. Raises Unreadable, IndexError, struct.error."""
        head = octets.object_tag(0, apdu.wire(self.part[place])) + _HEAD
        if not data.startswith(head, at):
            return self._unusual(place, data, at)
        start = at + len(head)
        tag = data[start]
        value: float | int
        if tag == _REAL_TAG:
            (value,), end = _REAL(data, start + 1), start + 5
        elif tag in _SMALL:
            value, end = data[start + 1], start + 2
        elif tag in _SHORT:
            end = start + 1 + (tag & 7)
            value = int.from_bytes(data[start + 1 : end], "big", signed=tag >> 4 == _SIGNED)
        else:
            return self._unusual(place, data, at)
        if not (data.startswith(_BETWEEN, end) and data.startswith(_END, end + 7)):
            return self._unusual(place, data, at)
        self.answers[place] = Answer(self.part[place], value, _FAULTY[data[end + 6]], None)
        return end + 9

    def _unusual(self, place: int, data: bytes, at: int) -> int:
        """The same for an error in place, text, properties in another order, or whatever else there may be."""
        end = end_of(data, at)
        item = apdu.wire(self.part[place])
        found = octets.read_many_answer(data[at:end])
        if found.keys() != {item}:
            raise Unreadable("it is about another object")
        self.answers[place] = results.answer(self.part[place], found[item])
        return end


def end_of(data: bytes, at: int) -> int:
    """Where an object's result that begins there ends (§20.2.1). Raises Unreadable, IndexError."""
    depth = 0
    while True:
        first = data[at]
        number, context, length = first >> 4, first & 8, first & 7
        at += 1
        if number == 15:
            at += 1
        if context and length >= 6:
            depth += 1 if length == 6 else -1
            if depth <= 0:
                return at
        elif context or number != 1:
            if length == 5:
                length, at = octets.long_length(data, at)
            at += length
