"""Units, Scale and the like of many objects of one device, through bacpypes3."""

from __future__ import annotations

import struct
from collections.abc import Callable

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import PRESCALE, SCALE
from drivers.bacnet.octets import CONTEXT, Refused, Tag, Unreadable
from drivers.bacnet.traits import Value, Values
from drivers.protocol import Address, DriverError


async def together(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]]
) -> dict[Address, Values]:
    """Several in one request: see `drivers.bacnet.traits.traits`."""
    items = {address: apdu.wire(address) for address in part}
    request = apdu.read_each([(item, wanted(address)) for address, item in items.items()])
    answer = octets.read_many_answer(await calls.ask_many(peer, request))
    return {
        address: {number: _taken(address, number, value) for number, value in answer.get(item, {}).items()}
        for address, item in items.items()
    }


async def single(calls: Calls, peer: Peer, address: Address, number: int) -> Value:
    """One property of one object."""
    return _value(number, await calls.property(peer, apdu.wire(address), number))


def _taken(address: Address, number: int, value: octets.Found) -> Value | DriverError | Unreadable:
    if isinstance(value, Refused):
        return apdu.in_place(address.device, value)
    try:
        return _value(number, value)
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
