"""Object_Names of many objects of one device, through bacpypes3: what tells a device from its replacement."""

from __future__ import annotations

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.names import Found, failed, left_out
from drivers.bacnet.octets import Refused
from drivers.protocol import Address, Answer


async def together(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    """Several in one request: see `drivers.bacnet.names.names`."""
    items = {address: apdu.wire(address) for address in part}
    answer = octets.read_many_answer(
        await calls.ask_many(peer, apdu.read_many(list(items.values()), (OBJECT_NAME,)))
    )
    found: Found = {}
    for address, item in items.items():
        name = answer.get(item, {}).get(OBJECT_NAME)
        if name is None:
            found[address] = left_out(address)
        elif isinstance(name, Refused):
            found[address] = failed(address, apdu.in_place(address.device, name))
        else:
            found[address] = Answer(address, octets.name(octets.single(name)), False, None)
    return found
