"""Several writes in one request, through bacpypes3."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bacnet import apdu
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.writing import Guard, One, Stopped, write_all
from drivers.protocol import DriverError, Write


async def write_many(
    calls: Calls, peer: Peer, writes: Sequence[Write], one: One, guard: Guard
) -> list[DriverError | None]:
    """What became of each write. What the device does not take at once goes through `one`."""
    items = [(apdu.wire(w.address), apdu.encode(w.address, w.value), w.priority) for w in writes]
    by_write = dict(zip(writes, items, strict=True))

    async def many(part: Sequence[Write]) -> Stopped | None:
        request = apdu.write_many([by_write[write] for write in part], PRESENT_VALUE)
        with guard(peer.target.device):
            async with calls.within(peer):
                return await _ask(calls, peer, request)

    wires = [item[0] for item in items]
    results, peer.wpm = await write_all(writes, wires, peer.max_apdu, one, many if peer.wpm else None)
    return results


async def _ask(calls: Calls, peer: Peer, request: apdu.Request) -> Stopped | None:
    try:
        await calls.ask(peer, request)
    except Refusal as refusal:
        if apdu.lacks_service(refusal) or apdu.should_shrink(refusal):
            return Stopped()
        if refusal.type == apdu.ERROR:
            device, named = peer.target.device, apdu.first_failed(refusal)
            if named is None:
                return Stopped(None, apdu.refusal(device, refusal))
            return Stopped(named[1], apdu.in_place(device, named[0]))
        raise
    return None
