"""A Device object through rusty-bacnet: see `drivers.bacnet.looks`."""

from __future__ import annotations

from collections.abc import Sequence

from rusty_bacnet import ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from drivers.bacnet import refusals
from drivers.bacnet.looks import Device
from drivers.bacnet.octets import Unreadable, Wire
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import bits, plain
from drivers.protocol import DriverError


def device(calls: Calls, peer: Peer) -> Device[object]:
    """How it is asked, and its answers are read."""
    item = ObjectIdentifier(ObjectType.DEVICE, peer.target.instance)

    async def at_once(numbers: Sequence[int]) -> dict[int, object | DriverError]:
        wanted: list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]]
        wanted = [(item, [(PropertyIdentifier.from_raw(number), None) for number in numbers])]
        answer = await calls.ask_many(
            peer, lambda client, where: client.read_property_multiple(where, wanted)
        )
        results = next((each["results"] for each in answer if each["object_id"] == item), None)
        if results is None:
            raise Unreadable("it is about another object")
        name, found = peer.target.device, dict[int, object | DriverError]()
        for each in results:
            error = each["error"]
            found[each["property_id"].to_raw()] = (
                each["value"] if error is None else refusals.of_error(name, *(n.to_raw() for n in error))
            )
        return found

    return Device(
        at_once,
        lambda number: calls.property(peer, item, PropertyIdentifier.from_raw(number)),
        plain,
        bits,
        _names,
    )


def _names(said: object) -> Wire | None:
    if not isinstance(said, PropertyValue) or said.tag != "object_identifier":
        return None
    return said.value.object_type.to_raw(), said.value.instance
