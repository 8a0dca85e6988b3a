"""Object_Names of many objects of one device, through rusty-bacnet: what tells a device from its replacement."""

from __future__ import annotations

from rusty_bacnet import PropertyIdentifier

from drivers.bacnet import octets, refusals
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.names import Found, failed, left_out
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import plain, wire
from drivers.protocol import Address, Answer

_NAME = PropertyIdentifier.from_raw(OBJECT_NAME)


async def together(calls: Calls, peer: Peer, part: list[Address]) -> Found:
    """Several in one request: see `drivers.bacnet.names.names`."""
    items = {address: wire(address) for address in part}
    asked: list[tuple[object, list[tuple[PropertyIdentifier, int | None]]]]
    asked = [(item, [(_NAME, None)]) for item in items.values()]
    answer = await calls.ask_many(peer, lambda client, where: client.read_property_multiple(where, asked))  # type: ignore[arg-type] # invariant list
    said = {each["object_id"]: each["results"] for each in answer}
    found: Found = {}
    for address, item in items.items():
        result = next((each for each in said.get(item, ()) if each["property_id"] == _NAME), None)
        if result is None:
            found[address] = left_out(address)
        elif result["error"] is not None:
            numbers = (number.to_raw() for number in result["error"])
            found[address] = failed(address, refusals.of_error(address.device, *numbers))
        else:
            found[address] = Answer(address, octets.name(plain(result["value"])), False, None)
    return found
