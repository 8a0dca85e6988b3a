"""Object_Names of many objects of one device, through bacpypes3: what tells a device from its replacement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from drivers import bac0_apdu as apdu
from drivers import octets
from drivers.bac0_apdu import Refusal
from drivers.bac0_calls import Calls, Peer
from drivers.base import Address, Answer, DriverError, Misconfigured, Raw, Retryable
from drivers.kinds import OBJECT_NAME
from drivers.names import at_once, in_order
from drivers.octets import Refused, Unreadable


async def names(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Names in order, within the device's deadline; what was not answered by then says so.

    One request after the other: nobody waits for them. Raises Silent when nothing was answered at all.
    """
    found: dict[Address, Answer] = {}
    try:
        count = -(-len(addresses) // at_once(peer.max_apdu, peer.at_most)) if peer.rpm else len(addresses)
        async with asyncio.timeout(peer.target.timeout + peer.gate.takes(count)):
            await _all(calls, peer, addresses, found)
    except TimeoutError:
        calls.silent(peer)
    return in_order(peer.target, addresses, found)


async def _all(calls: Calls, peer: Peer, addresses: Sequence[Address], found: dict[Address, Answer]) -> None:
    left = list(addresses)
    size = at_once(peer.max_apdu, peer.at_most)
    while left:
        part = left[: size if peer.rpm else 1]
        try:
            found.update(await (_batch if peer.rpm else _single)(calls, peer, part))
        except Refusal as refusal:
            if peer.rpm and apdu.lacks_service(refusal):
                peer.rpm = False
                continue
            if len(part) > 1:
                size = len(part) // 2
                continue
            found.update(_failed(part, apdu.refusal(peer.target.device, refusal)))
        except Unreadable as error:
            found.update(_failed(part, Retryable(peer.target.device, f"unreadable name: {error}")))
        except Misconfigured as error:
            found.update(_failed(part, error))
        left = left[len(part) :]


async def _batch(calls: Calls, peer: Peer, part: list[Address]) -> dict[Address, Answer]:
    items = {address: apdu.wire(address) for address in part}
    answer = octets.read_many_answer(
        await calls.ask(peer, apdu.read_many(list(items.values()), (OBJECT_NAME,)))
    )
    found: dict[Address, Answer] = {}
    for address, item in items.items():
        name = answer.get(item, {}).get(OBJECT_NAME)
        if name is None:
            found |= _failed([address], Retryable(address.device, "it left the name out"))
        elif isinstance(name, Refused):
            found |= _failed([address], apdu.in_place(address.device, name))
        else:
            found[address] = _name(address, octets.single(name))
    return found


async def _single(calls: Calls, peer: Peer, part: list[Address]) -> dict[Address, Answer]:
    address = part[0]
    name = octets.single(await calls.property(peer, apdu.wire(address), OBJECT_NAME))
    return {address: _name(address, name)}


def _name(address: Address, name: Raw) -> Answer:
    return Answer(address, str(name), False, None)


def _failed(part: Sequence[Address], error: DriverError) -> dict[Address, Answer]:
    return {address: Answer(address, None, False, error) for address in part}
