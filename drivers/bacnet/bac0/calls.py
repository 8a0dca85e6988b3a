"""One request to one device through bacpypes3, as octets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bacpypes3.pdu import Address as Station

from config.points import Raw
from drivers.bacnet import apdu, octets, peer
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.link import Link
from drivers.bacnet.kinds import OBJECT_NAME, STATUS_FLAGS
from drivers.bacnet.names import failed, left_out
from drivers.bacnet.octets import Refused, Tag, Unreadable, Wire
from drivers.bacnet.peer import TRIES, Dialect
from drivers.protocol import Address, Answer, DriverError, Retryable, Target

Peer = peer.Peer[Any]
_DEVICE, _WHO = 8, 75
"""Object type device and property object-identifier (ASHRAE 135 §21)."""


def _problem(device: str, error: Exception) -> DriverError:
    if isinstance(error, Refusal):
        return apdu.refusal(device, error)
    return Retryable(device, f"unreadable answer: {error}")


class Calls(peer.Calls[Any]):
    """The devices of one network, asked through a Link."""

    dialect = Dialect(
        wire=apdu.wire,
        refusal=Refusal,
        problem=_problem,
        answered=lambda said: True,
        in_error=lambda said: said.type == apdu.ERROR,
        lacks_property=apdu.lacks_property,
        lacks_service=apdu.lacks_service,
        crowded=apdu.crowded,
        may_shrink=apdu.may_shrink,
    )

    def __init__(self, link: Link, targets: Sequence[Target], pace: Mapping[str, float]) -> None:
        super().__init__(link, targets, pace, configured)
        self._link = link

    async def ask(self, peer: Peer, request: apdu.Request, instead: apdu.Request | None = None) -> bytes:
        """The data of one request's acknowledgement, when pacing lets it out.

        Raises Refusal, and Unreadable for an acknowledgement of another service. `instead`: see `Link.request`.
        """
        station = await self.locate(peer)
        spacing, again = peer.spacing, peer.gate.again
        turns = peer.gate.turns(self.said, partial(self.crowded, peer))
        while True:
            async with turns:
                return await self._link.request(request, station, spacing, TRIES, again, instead)

    async def ask_many(self, peer: Peer, request: apdu.Request) -> bytes:
        """The data of a ReadPropertyMultiple-ACK. Raises Ignored where it gets no answer, and a ReadProperty does."""
        return await self.ask(peer, request, apdu.read((_DEVICE, peer.target.instance), _WHO))

    async def property(self, peer: Peer, item: Wire, number: int, index: int | None = None) -> list[Tag]:
        """One property's encoded value. Raises Unreadable when the answer is about something else."""
        found = octets.read_answer(await self.ask(peer, apdu.read(item, number, index)))
        if found[:3] != (item, number, index):
            raise Unreadable("it is about another object")
        return found[3]

    async def value(self, peer: Peer, address: Address, number: int, index: int | None = None) -> Raw:
        """One property that holds one value."""
        return octets.single(await self.property(peer, apdu.wire(address), number, index))

    async def values(self, peer: Peer, address: Address, number: int) -> list[Raw]:
        """One property that is an array."""
        return [octets.primitive(tag) for tag in await self.property(peer, apdu.wire(address), number)]

    async def faulty(self, peer: Peer, address: Address) -> bool:
        """Whether Status_Flags says fault or out-of-service."""
        return octets.faulty(octets.bits(await self.property(peer, apdu.wire(address), STATUS_FLAGS)))

    async def names(self, peer: Peer, addresses: Sequence[Address]) -> dict[Address, Answer]:
        """Object_Names of several objects in one request."""
        items = {address: apdu.wire(address) for address in addresses}
        request = apdu.read_many(list(items.values()), (OBJECT_NAME,))
        answer = octets.read_many_answer(await self.ask_many(peer, request))
        found: dict[Address, Answer] = {}
        for address, item in items.items():
            name = answer.get(item, {}).get(OBJECT_NAME)
            if name is None:
                found[address] = left_out(address)
            elif isinstance(name, Refused):
                found[address] = failed(address, apdu.in_place(address.device, name))
            else:
                found[address] = Answer(address, octets.name(octets.single(name)), False, None)
        return found


def configured(target: Target) -> Any:
    """The stack's address of a target in the site file; None where it has to be found, or is none."""
    if target.address is None:
        return None
    try:
        return Station(target.address)
    except ValueError:
        return None
