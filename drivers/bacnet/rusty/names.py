"""Object_Names of many objects of one device, through rusty-bacnet: what tells a device from its replacement."""

from __future__ import annotations

from collections.abc import Sequence

from rusty_bacnet import BacnetError, PropertyIdentifier

from drivers.bacnet import octets, refusals
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.names import Found, Way, failed, left_out
from drivers.bacnet.names import names as all_names
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import answered, lacks_service, plain, problem, wire
from drivers.protocol import Address, Answer

_NAME = PropertyIdentifier.from_raw(OBJECT_NAME)


async def names(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Names in order: see `drivers.bacnet.names.names`."""

    async def refused(part: list[Address], error: BacnetError) -> Found:
        if peer.rpm and not answered(error):
            # one name in an encoding that the stack does not take: it drops the whole answer
            return await _alone(calls, peer, part)
        return failed(part, problem(peer.target.device, error))

    way = Way(
        lambda part: _batch(calls, peer, part), lambda part: _single(calls, peer, part), BacnetError,
        lacks_service, refused, lambda: calls.silent(peer),
    )  # fmt: skip
    return await all_names(peer, addresses, way)


async def _batch(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    items = {address: wire(address) for address in part}
    asked: list[tuple[object, list[tuple[PropertyIdentifier, int | None]]]]
    asked = [(item, [(_NAME, None)]) for item in items.values()]
    answer = await calls.ask(peer, lambda client, where: client.read_property_multiple(where, asked))  # type: ignore[arg-type] # invariant list
    said = {each["object_id"]: each["results"] for each in answer}
    found: Found = {}
    for address, item in items.items():
        result = next((each for each in said.get(item, ()) if each["property_id"] == _NAME), None)
        if result is None:
            found[address] = left_out(address)
        elif result["error"] is not None:
            numbers = (number.to_raw() for number in result["error"])
            found |= failed([address], refusals.of_error(address.device, *numbers))
        else:
            found[address] = Answer(address, octets.name(plain(result["value"])), False, None)
    return found


async def _single(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    address = part[0]
    name = plain(await calls.property(peer, wire(address), _NAME))
    return {address: Answer(address, octets.name(name), False, None)}


async def _alone(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    try:
        return await _single(calls, peer, part)
    except (BacnetError, Unreadable) as error:
        return failed(part, problem(peer.target.device, error))
