"""Object_Names of many objects of one device, through bacpypes3: what tells a device from its replacement."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bacnet import apdu, octets
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.names import Found, Way, failed, left_out
from drivers.bacnet.names import names as all_names
from drivers.bacnet.octets import Refused
from drivers.protocol import Address, Answer


async def names(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Names in order: see `drivers.bacnet.names.names`."""

    async def refused(part: list[Address], refusal: Refusal) -> Found:
        return failed(part, apdu.refusal(peer.target.device, refusal))

    way = Way(
        lambda part: _batch(calls, peer, part), lambda part: _single(calls, peer, part), Refusal,
        apdu.lacks_service, refused, lambda: calls.silent(peer),
    )  # fmt: skip
    return await all_names(peer, addresses, way)


async def _batch(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    items = {address: apdu.wire(address) for address in part}
    answer = octets.read_many_answer(
        await calls.ask(peer, apdu.read_many(list(items.values()), (OBJECT_NAME,)))
    )
    found: Found = {}
    for address, item in items.items():
        name = answer.get(item, {}).get(OBJECT_NAME)
        if name is None:
            found[address] = left_out(address)
        elif isinstance(name, Refused):
            found |= failed([address], apdu.in_place(address.device, name))
        else:
            found[address] = Answer(address, octets.name(octets.single(name)), False, None)
    return found


async def _single(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    address = part[0]
    name = octets.single(await calls.property(peer, apdu.wire(address), OBJECT_NAME))
    return {address: Answer(address, octets.name(name), False, None)}
