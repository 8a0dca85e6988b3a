"""Values of properties as octets with their application tags (ASHRAE 135 §20.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime

from drivers.bacnet import octets
from drivers.bacnet.octets import Wire

NULL = b"\x00"


def tagged(number: int, data: bytes) -> bytes:
    """An application tag and what it holds (§20.2.1)."""
    size = len(data)
    if size < 5:
        return bytes((number << 4 | size,)) + data
    if size < 254:
        return bytes((number << 4 | 5, size)) + data
    return bytes((number << 4 | 5, 254)) + size.to_bytes(2, "big") + data


def boolean(value: bool) -> bytes:
    """A Boolean: its value stands where others have their length (§20.2.3)."""
    return bytes((0x10 | value,))


def unsigned(value: int) -> bytes:
    """An Unsigned."""
    return tagged(2, octets.unsigned(value))


def signed(value: int) -> bytes:
    """An INTEGER."""
    return tagged(3, octets.signed(value))


def real(value: float) -> bytes:
    """A Real, IEEE 754 single."""
    return tagged(4, struct.pack(">f", value))


def text(value: str) -> bytes:
    """A CharacterString in UTF-8 (§20.2.9)."""
    return tagged(7, b"\0" + value.encode())


def bits(size: int, on: Iterable[int]) -> bytes:
    """A bit string of `size` bits of which those are set, the first on top (§20.2.10)."""
    number = sum(1 << (size - 1 - bit) for bit in set(on))
    unused = -size % 8
    return tagged(8, bytes((unused,)) + (number << unused).to_bytes((size + 7) // 8, "big"))


def enumerated(value: int) -> bytes:
    """An Enumerated."""
    return tagged(9, octets.unsigned(value))


def object_id(item: Wire) -> bytes:
    """An object identifier: ten bits of type, 22 of instance (§20.2.14)."""
    return tagged(12, struct.pack(">I", item[0] << 22 | item[1]))


def date(at: datetime) -> bytes:
    """A Date: years from 1900, month, day, day of the week from Monday = 1 (§20.2.12)."""
    return tagged(10, bytes((at.year - 1900, at.month, at.day, at.isoweekday())))


def time(at: datetime) -> bytes:
    """A Time, to hundredths (§20.2.13)."""
    return tagged(11, bytes((at.hour, at.minute, at.second, at.microsecond // 10_000)))
