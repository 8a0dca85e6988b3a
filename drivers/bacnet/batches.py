"""How many objects one ReadPropertyMultiple may ask for, so that its answer needs no segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drivers.bacnet.kinds import KINDS
from drivers.protocol import Address

ACK_HEADER: Final = 3
"""Octets of an unsegmented ComplexACK before its list (ASHRAE 135 §20.1.5)."""

OUR_MAX_APDU: Final = 1476
"""Octets of an APDU that fit a BACnet/IP frame (ASHRAE 135 §6.1, Annex J)."""

SMALLEST_APDU: Final = 50
"""Octets that every device takes (§20.1.2.5)."""

ERROR_OCTETS: Final = 5
"""An error class and an error code above 255 as enumerated values (§20.2.11)."""

FLAGS_OCTETS: Final = 3
"""Status_Flags: four bits as a bit string (§20.2.10)."""

OBJECT_OCTETS: Final = 5 + 1 + 1
"""Object identifier in context tag 0, opening and closing tag 1 around its results."""

ELEMENT_OCTETS: Final = 2 + 1 + 1
"""Property identifier in context tag 2, opening and closing tag 4 or 5 around what it holds."""


def both_take(says: int, otherwise: int) -> int:
    """The longest APDU between a device and us where it says that it takes so many octets; 0: `otherwise`."""
    return max(SMALLEST_APDU, min(says or otherwise, OUR_MAX_APDU))


def octets(address: Address) -> int:
    """Octets that one object's Present_Value and Status_Flags take in an answer.

    Present_Value is counted as its value or the error in its place, whichever is larger; Status_Flags as
    the flags. A batch full of objects without flags may exceed it: the device aborts, the batch shrinks.
    """
    value = max(KINDS[address.object_type].datatype.octets, ERROR_OCTETS)
    return OBJECT_OCTETS + (ELEMENT_OCTETS + value) + (ELEMENT_OCTETS + FLAGS_OCTETS)


def requests(count: int, max_apdu: int, at_most: int, *, rpm: bool) -> int:
    """About how many requests it takes to read `count` objects: two each where they are read singly."""
    if not rpm:
        return 2 * count
    size = OBJECT_OCTETS + 2 * ELEMENT_OCTETS + ERROR_OCTETS + FLAGS_OCTETS
    return -(-count // max(1, min(at_most, (max_apdu - ACK_HEADER) // size)))


def batches(addresses: Sequence[Address], max_apdu: int, at_most: int) -> list[list[Address]]:
    """Split, in order, into batches whose answers fit `max_apdu` octets, of `at_most` objects each."""
    room = max_apdu - ACK_HEADER
    result: list[list[Address]] = []
    current: list[Address] = []
    used = 0
    for address in addresses:
        size = octets(address)
        if current and (used + size > room or len(current) >= at_most):
            result.append(current)
            current, used = [], 0
        current.append(address)
        used += size
    if current:
        result.append(current)
    return result
