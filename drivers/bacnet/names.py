"""What both stacks share of reading Object_Names: what one is, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from drivers.bacnet import octets
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.peer import Calls, Peer
from drivers.bacnet.several import Way, several
from drivers.protocol import Address, Answer, DriverError, Retryable

OCTETS: Final = 48
"""Octets of an answer set aside for one name: 14 of frame and a name of up to 34; longer ones shrink the batch."""

S = TypeVar("S")


async def names(calls: Calls[S], peer: Peer[S], addresses: Sequence[Address]) -> list[Answer]:
    """Names in order; raises Silent when nothing was answered at all: see `drivers.bacnet.several.several`."""

    async def single(address: Address) -> Answer:
        name = await calls.value(peer, address, OBJECT_NAME)
        return Answer(address, octets.name(name), False, None)

    way = Way(lambda part: calls.names(peer, part), single, failed, OCTETS)
    return await several(calls, peer, addresses, way)


def failed(address: Address, error: DriverError) -> Answer:
    """The answer of an object of which no name was had."""
    return Answer(address, None, False, error)


def left_out(address: Address) -> Answer:
    """An object of which the answer says nothing."""
    return failed(address, Retryable(address.device, "it left the name out"))
