"""Answers as they are, through bacpypes3: for a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from drivers.bacnet import apdu, octets
from drivers.bacnet.apdu import Refusal, Request
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.octets import Unreadable
from drivers.protocol import DriverError
from drivers.raw import Item, Kind, Raw

_KINDS: dict[int, Kind] = {apdu.ERROR: "error", apdu.REJECT: "reject", apdu.ABORT: "abort"}


async def one(calls: Calls, peer: Peer, item: Item, number: int, index: int | None) -> Raw:
    """One property; what is no answer to it is handed over whole, as `other`."""
    request = apdu.read(item, number, index)
    found = await _asked(calls, peer, request)
    if found.kind != "value":
        return found
    before, after = request.data + b"\x3e", b"\x3f"
    if found.octets.startswith(before) and found.octets.endswith(after):
        return found._replace(octets=found.octets[len(before) : -len(after)])
    return found._replace(kind="other")


async def many(calls: Calls, peer: Peer, wanted: Sequence[tuple[Item, Sequence[int]]]) -> Raw:
    """Several properties at once."""
    return await _asked(calls, peer, apdu.read_each(wanted))


async def _asked(calls: Calls, peer: Peer, request: Request) -> Raw:
    loop = asyncio.get_running_loop()
    began = loop.time()

    def made(kind: Kind, data: bytes = b"", numbers: tuple[int, ...] = ()) -> Raw:
        return Raw(kind, data, numbers, loop.time() - began)

    try:
        async with asyncio.timeout(peer.target.timeout):
            return made("value", await calls.ask(peer, request))
    except (TimeoutError, DriverError, Unreadable):
        return made("silence")
    except Refusal as refusal:
        if refusal.type != apdu.ERROR:
            return made(_KINDS[refusal.type], b"", (refusal.reason,))
        try:
            said = octets.refused(octets.tags(refusal.data))
        except Unreadable:
            return made("silence")
        return made("error", b"", (said.error_class, said.code))
