"""Several writes in one request, through rusty-bacnet."""

from __future__ import annotations

from collections.abc import Sequence

from rusty_bacnet import (
    BacnetError,
    BacnetProtocolError,
    ObjectIdentifier,
    PropertyIdentifier,
    PropertyValue,
)

from drivers.bacnet import apdu
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import VALUE, lacks_service, problem, should_shrink, wire
from drivers.bacnet.writing import Guard, One, Stopped, write_all
from drivers.protocol import DriverError, Write

_Item = tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, PropertyValue, int | None, int | None]]]


async def write_many(
    calls: Calls, peer: Peer, writes: Sequence[Write], one: One, guard: Guard
) -> list[DriverError | None]:
    """What became of each write. What the device does not take at once goes through `one`."""

    async def many(part: Sequence[Write]) -> Stopped | None:
        with guard(peer.target.device):
            async with calls.within(peer):
                return await _ask(calls, peer, [_item(write) for write in part])

    wires = [apdu.wire(write.address) for write in writes]
    results, peer.wpm = await write_all(writes, wires, peer.max_apdu, one, many if peer.wpm else None)
    return results


def _item(write: Write) -> _Item:
    value = PropertyValue.application_data(apdu.encode(write.address, write.value))
    return wire(write.address), [(VALUE, value, write.priority, None)]


async def _ask(calls: Calls, peer: Peer, items: list[_Item]) -> Stopped | None:
    try:
        await calls.ask(peer, lambda client, where: client.write_property_multiple(where, items), once=True)
    except BacnetProtocolError as error:
        named = error.first_failed_write_attempt
        item = None
        if named is not None:
            found = named["object_identifier"]
            item = (found.object_type.to_raw(), found.instance)
        return Stopped(item, problem(peer.target.device, error))
    except BacnetError as error:
        if lacks_service(error) or should_shrink(error):
            return Stopped()
        raise
    return None
