"""Object_Names of many objects of one device, through rusty-bacnet: what tells a device from its replacement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rusty_bacnet import BacnetError, PropertyIdentifier

from drivers import refusals
from drivers.base import Address, Answer, DriverError, Misconfigured, Retryable
from drivers.kinds import OBJECT_NAME
from drivers.names import at_once, in_order
from drivers.octets import Unreadable
from drivers.rusty_calls import Calls, Peer
from drivers.rusty_values import answered, lacks_service, plain, problem, wire

_NAME = PropertyIdentifier.from_raw(OBJECT_NAME)


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
        except BacnetError as error:
            if peer.rpm and lacks_service(error):
                peer.rpm = False
                continue
            if len(part) > 1:
                size = len(part) // 2
                continue
            if peer.rpm and not answered(error):
                # one name in an encoding that the stack does not take: it drops the whole answer
                found.update(await _alone(calls, peer, part))
            else:
                found.update(_failed(part, problem(peer.target.device, error)))
        except Unreadable as error:
            found.update(_failed(part, Retryable(peer.target.device, f"unreadable name: {error}")))
        except Misconfigured as error:
            found.update(_failed(part, error))
        left = left[len(part) :]


async def _batch(calls: Calls, peer: Peer, part: list[Address]) -> dict[Address, Answer]:
    items = {address: wire(address) for address in part}
    asked: list[tuple[object, list[tuple[PropertyIdentifier, int | None]]]]
    asked = [(item, [(_NAME, None)]) for item in items.values()]
    answer = await calls.ask(peer, lambda client, where: client.read_property_multiple(where, asked))  # type: ignore[arg-type] # invariant list
    said = {each["object_id"]: each["results"] for each in answer}
    found: dict[Address, Answer] = {}
    for address, item in items.items():
        result = next((each for each in said.get(item, ()) if each["property_id"] == _NAME), None)
        if result is None:
            found |= _failed([address], Retryable(address.device, "it left the name out"))
        elif result["error"] is not None:
            numbers = (number.to_raw() for number in result["error"])
            found |= _failed([address], refusals.of_error(address.device, *numbers))
        else:
            found[address] = Answer(address, str(plain(result["value"])), False, None)
    return found


async def _single(calls: Calls, peer: Peer, part: list[Address]) -> dict[Address, Answer]:
    address = part[0]
    name = plain(await calls.property(peer, wire(address), _NAME))
    return {address: Answer(address, str(name), False, None)}


async def _alone(calls: Calls, peer: Peer, part: list[Address]) -> dict[Address, Answer]:
    try:
        return await _single(calls, peer, part)
    except (BacnetError, Unreadable) as error:
        return _failed(part, problem(peer.target.device, error))


def _failed(part: Sequence[Address], error: DriverError) -> dict[Address, Answer]:
    return {address: Answer(address, None, False, error) for address in part}
