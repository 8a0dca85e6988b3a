"""BACnet/IP datagrams by hand (ASHRAE 135 §20, Annex J), so that no stack checks itself."""

from __future__ import annotations

import struct
from typing import NamedTuple

CONFIRMED, UNCONFIRMED, SIMPLE_ACK, COMPLEX_ACK = 0, 1, 2, 3
ERROR, REJECT, ABORT = 5, 6, 7
SUBSCRIBE_COV, READ_PROPERTY, READ_MULTIPLE, WRITE_PROPERTY, WRITE_MULTIPLE = 5, 12, 14, 15, 16
I_AM, UNCONFIRMED_COV, WHO_IS = 0, 2, 8


class Frame(NamedTuple):
    """One APDU out of a datagram."""

    type: int
    invoke: int
    service: int
    data: bytes


def parse(datagram: bytes) -> Frame | None:
    """The APDU of a BACnet/IP datagram from our own network; None for anything else."""
    if len(datagram) < 8 or datagram[0] != 0x81 or datagram[4] != 1:
        return None
    at = 6
    control = datagram[5]
    if control & 0x80:
        return None
    if control & 0x20:
        at += 3 + datagram[at + 2] + 1
    if control & 0x08:
        return None
    apdu = datagram[at:]
    kind = apdu[0] >> 4
    if kind == CONFIRMED:
        return Frame(kind, apdu[2], apdu[3], apdu[4:])
    if kind == UNCONFIRMED:
        return Frame(kind, -1, apdu[1], apdu[2:])
    if kind in (REJECT, ABORT):
        return Frame(kind, apdu[1], -1, apdu[2:])
    return Frame(kind, apdu[1], apdu[2], apdu[3:])


def datagram(apdu: bytes, *, reply: bool = False) -> bytes:
    """An APDU as an Original-Unicast-NPDU."""
    body = bytes((1, 4 if reply else 0)) + apdu
    return struct.pack(">BBH", 0x81, 0x0A, len(body) + 4) + body


def abort(invoke: int, reason: int) -> bytes:
    """Abort-PDU from the server."""
    return datagram(bytes((0x71, invoke, reason)))


def reject(invoke: int, reason: int) -> bytes:
    """Reject-PDU."""
    return datagram(bytes((0x60, invoke, reason)))


def error(invoke: int, service: int, error_class: int, code: int) -> bytes:
    """Error-PDU."""
    return datagram(bytes((0x50, invoke, service)) + pair(error_class, code))


def pair(error_class: int, code: int) -> bytes:
    """An error class and code as two enumerated values."""
    return bytes((0x91, error_class, 0x91, code))


def simple_ack(invoke: int, service: int) -> bytes:
    """SimpleACK-PDU."""
    return datagram(bytes((0x20, invoke, service)))


def complex_ack(invoke: int, service: int, data: bytes) -> bytes:
    """ComplexACK-PDU, unsegmented."""
    return datagram(bytes((0x30, invoke, service)) + data)


def object_id(kind: int, instance: int) -> bytes:
    """The four octets of an object identifier."""
    return struct.pack(">I", kind << 22 | instance)


def i_am(instance: int, max_apdu: int = 1476, vendor: int = 999) -> bytes:
    """I-Am without segmentation."""
    return datagram(
        bytes((0x10, I_AM, 0xC4))
        + object_id(8, instance)
        + b"\x22"
        + max_apdu.to_bytes(2, "big")
        + b"\x91\x03\x22"
        + vendor.to_bytes(2, "big")
    )


class Tag(NamedTuple):
    """One tag of an APDU's data: context or application, opening (6) and closing (7) included."""

    context: bool
    number: int
    length: int
    data: bytes

    @property
    def opens(self) -> bool:
        """An opening tag."""
        return self.context and self.length == 6 and not self.data

    @property
    def closes(self) -> bool:
        """A closing tag."""
        return self.context and self.length == 7 and not self.data

    def integer(self) -> int:
        """Its data as an unsigned number."""
        return int.from_bytes(self.data, "big")


def tags(data: bytes) -> list[Tag]:
    """All tags in order (§20.2.1)."""
    found = []
    at = 0
    while at < len(data):
        first = data[at]
        at += 1
        context, number, length = bool(first & 8), first >> 4, first & 7
        if length in (6, 7):
            found.append(Tag(context, number, length, b""))
            continue
        if not context and number == 1:
            found.append(Tag(context, number, length, b""))
            continue
        if length == 5:
            length = data[at]
            at += 1
        found.append(Tag(context, number, -1, data[at : at + length]))
        at += length
    return found


def context(number: int, data: bytes) -> bytes:
    """A context tag around at most four octets."""
    return bytes((number << 4 | 8 | len(data),)) + data


def opening(number: int) -> bytes:
    """An opening tag."""
    return bytes((number << 4 | 0xE,))


def closing(number: int) -> bytes:
    """A closing tag."""
    return bytes((number << 4 | 0xF,))


def real(value: float) -> bytes:
    """A Real."""
    return b"\x44" + struct.pack(">f", value)


def enumerated(value: int) -> bytes:
    """An Enumerated below 256."""
    return bytes((0x91, value))


def unsigned(value: int) -> bytes:
    """An Unsigned."""
    octets = max(1, (value.bit_length() + 7) // 8)
    return bytes((0x20 | octets,)) + value.to_bytes(octets, "big")


def text(value: str) -> bytes:
    """A CharacterString in UTF-8."""
    data = b"\0" + value.encode()
    head = bytes((0x70 | len(data),)) if len(data) < 5 else bytes((0x75, len(data)))
    return head + data


def bit_string(unused: int, data: bytes) -> bytes:
    """A BitString."""
    length = len(data) + 1
    head = bytes((0x80 | length,)) if length < 5 else bytes((0x85, length))
    return head + bytes((unused,)) + data
