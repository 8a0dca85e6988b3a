"""Units, Scale and the like of many objects of one device, through bacpypes3."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TypeVar

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import PRESCALE, SCALE, STATE_TEXT
from drivers.bacnet.octets import CONTEXT, Refused, Tag, Unreadable
from drivers.bacnet.traits import Value, Values
from drivers.protocol import Address, DriverError

T = TypeVar("T")


async def together(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]]
) -> dict[Address, Values]:
    """Several in one request: see `drivers.bacnet.traits.traits`."""
    return await asked(calls, peer, part, wanted, _value)


async def asked(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]],
    value: Callable[[int, list[Tag]], T],
) -> dict[Address, Mapping[int, T | DriverError | Unreadable]]:  # fmt: skip
    """Some properties of several objects in one request, as `value` takes them, which may raise Unreadable."""
    items = {address: apdu.wire(address) for address in part}
    request = apdu.read_each([(item, wanted(address)) for address, item in items.items()])
    answer = octets.read_many_answer(await calls.ask_many(peer, request))
    return {
        address: {n: _taken(address, n, found, value) for n, found in answer.get(item, {}).items()}
        for address, item in items.items()
    }


async def single(calls: Calls, peer: Peer, address: Address, number: int) -> Value:
    """One property of one object."""
    return _value(number, await calls.property(peer, apdu.wire(address), number))


def _taken(
    address: Address, number: int, found: octets.Found, value: Callable[[int, list[Tag]], T]
) -> T | DriverError | Unreadable:
    if isinstance(found, Refused):
        return apdu.in_place(address.device, found)
    try:
        return value(number, found)
    except Unreadable as error:
        return error


def _value(number: int, found: list[Tag]) -> Value:
    """A number; a Scale as its factor (a REAL, or a power of ten, §12.1), a Prescale as two numbers. Raises Unreadable."""
    if number == SCALE:
        return _scale(found)
    if number == PRESCALE:
        return _prescale(found)
    value = octets.single(found)
    if value is None:
        raise Unreadable("it is NULL")
    return value


def _scale(found: list[Tag]) -> float:
    if len(found) == 1 and found[0].kind == CONTEXT and found[0].data:
        data = found[0].data
        if found[0].number == 0 and len(data) == 4:
            return float(struct.unpack(">f", data)[0])
        if found[0].number == 1 and len(data) <= 4:
            return octets.power_of_ten(int.from_bytes(data, "big", signed=True))
    raise Unreadable("no scale")


def _prescale(found: list[Tag]) -> tuple[int, int]:
    if [tag[:2] for tag in found] != [(CONTEXT, 0), (CONTEXT, 1)]:
        raise Unreadable("no prescale")
    return int.from_bytes(found[0].data, "big"), int.from_bytes(found[1].data, "big")


def texts(number: int, found: list[Tag]) -> object:
    """A property that is text or a number; an array of texts as a list, in which what nobody can read is empty. Raises Unreadable."""
    if number != STATE_TEXT:
        return octets.single(found)
    return [octets.text_of(tag) for tag in found]
