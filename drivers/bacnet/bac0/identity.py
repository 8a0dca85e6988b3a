"""A Device object through bacpypes3: see `drivers.bacnet.looks`."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import DEVICE
from drivers.bacnet.looks import Device
from drivers.bacnet.octets import Refused, Tag, Unreadable, Wire
from drivers.protocol import DriverError


def device(calls: Calls, peer: Peer) -> Device[list[Tag]]:
    """How it is asked, and its answers are read."""
    item = (DEVICE, peer.target.instance)

    async def at_once(numbers: Sequence[int]) -> dict[int, list[Tag] | DriverError]:
        answer = octets.read_many_answer(await calls.ask_many(peer, apdu.read_many([item], numbers)))
        results = answer.get(item)
        if results is None:
            raise Unreadable("it is about another object")
        name = peer.target.device
        return {n: apdu.in_place(name, v) if isinstance(v, Refused) else v for n, v in results.items()}

    return Device(
        at_once, lambda number: calls.property(peer, item, number), octets.single, octets.bits, _names
    )


def _names(said: list[Tag]) -> Wire | None:
    if not said or said[0][:2] != (octets.APPLICATION, 12):
        return None
    return divmod(int.from_bytes(said[0].data, "big"), 1 << 22)
