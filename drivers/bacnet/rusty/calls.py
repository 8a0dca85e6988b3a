"""One request to one device through rusty-bacnet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from rusty_bacnet import (
    BACnetClient,
    BacnetError,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from config.points import Raw
from drivers.bacnet import octets, peer, refusals
from drivers.bacnet.names import failed, left_out
from drivers.bacnet.peer import TRIES, Dialect
from drivers.bacnet.rusty import values
from drivers.bacnet.rusty.link import Link
from drivers.bacnet.rusty.node import Node
from drivers.bacnet.rusty.routed import Behind
from drivers.bacnet.rusty.station import Station, Where
from drivers.bacnet.rusty.values import FLAGS, plain, sequence, wire
from drivers.protocol import Address, Answer, Silent, Target

Peer = peer.Peer[Where]
_WHO = PropertyIdentifier.OBJECT_IDENTIFIER
_NAME = PropertyIdentifier.OBJECT_NAME
_T = TypeVar("_T")
QuickNames = Callable[[Peer, Sequence[Address]], Awaitable[dict[Address, Answer] | None]]
"""Names by another way than the stack; None where that is closed."""
Send = Callable[[BACnetClient, str], Awaitable[_T]]
"""Sends one request through the stack to `host:port`."""


class Calls(peer.Calls[Where]):
    """The devices of one network, asked through a Link."""

    dialect = Dialect(
        wire=wire,
        refusal=BacnetError,
        problem=values.problem,
        answered=values.answered,
        in_error=values.in_error,
        lacks_property=values.lacks_property,
        lacks_service=values.lacks_service,
        crowded=values.crowded,
        may_shrink=values.may_shrink,
    )

    def __init__(self, link: Link, targets: Sequence[Target], pace: Mapping[str, float]) -> None:
        super().__init__(link, targets, pace, configured)
        self._link = link
        self.quick_names: QuickNames | None = None
        """A quicker way to names, where there is one."""

    def silence(self, peer: Peer) -> Silent:
        """And while the hub is away, that it is: no device can be blamed for it."""
        return Silent(peer.target.device, self._link.why) if self._link.why else super().silence(peer)

    async def ask(
        self, peer: Peer, send: Send[_T], *, once: bool = False, instead: Send[object] | None = None
    ) -> _T:
        """The result of one request, when pacing lets it out. Raises what the stack raises.

        `once`, `instead`: see `Link.request`.
        """
        station = peer.station if peer.sure and peer.station else await self.locate(peer)
        client = await self._link.ready()
        where = str(station) if isinstance(station, Station) else await self._link.way(station)
        spacing, again = peer.spacing, peer.gate.again
        other = None if instead is None else (lambda: instead(client, where))
        turns = peer.gate.turns(self.said, partial(self.crowded, peer))
        while True:
            async with turns:
                return await self._link.request(
                    lambda: send(client, where), spacing, TRIES, again, once=once, instead=other
                )

    async def ask_many(self, peer: Peer, send: Send[_T]) -> _T:
        """The result of a ReadPropertyMultiple. Raises Ignored where it gets no answer, and a ReadProperty does."""
        item = ObjectIdentifier(ObjectType.DEVICE, peer.target.instance)
        return await self.ask(
            peer, send, instead=lambda client, where: client.read_property(where, item, _WHO)
        )

    async def property(
        self, peer: Peer, item: ObjectIdentifier, name: PropertyIdentifier, index: int | None = None
    ) -> PropertyValue:
        """One property by ReadProperty; the stack sees to it that the answer is about it."""
        return await self.ask(peer, lambda client, where: client.read_property(where, item, name, index))

    async def value(self, peer: Peer, address: Address, number: int, index: int | None = None) -> Raw:
        """One property that holds one value."""
        name = PropertyIdentifier.from_raw(number)
        return plain(await self.property(peer, wire(address), name, index))

    async def values(self, peer: Peer, address: Address, number: int) -> list[Raw]:
        """One property that is an array."""
        name = PropertyIdentifier.from_raw(number)
        return [plain(each) for each in sequence(await self.property(peer, wire(address), name))]

    async def faulty(self, peer: Peer, address: Address) -> bool:
        """Whether Status_Flags says fault or out-of-service."""
        return octets.faulty(values.bits(await self.property(peer, wire(address), FLAGS)))

    async def names(self, peer: Peer, addresses: Sequence[Address]) -> dict[Address, Answer]:
        """Object_Names of several objects in one request."""
        if self.quick_names is not None and (quick := await self.quick_names(peer, addresses)) is not None:
            return quick
        items = {address: wire(address) for address in addresses}
        asked: list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]]
        asked = [(item, [(_NAME, None)]) for item in items.values()]
        answer = await self.ask_many(peer, lambda client, where: client.read_property_multiple(where, asked))
        said = {each["object_id"]: each["results"] for each in answer}
        found: dict[Address, Answer] = {}
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


def configured(target: Target) -> Where | None:
    """Where the site file says that a device is; None where it has to be found, or is none."""
    if target.address is None:
        return None
    return Station.of(target.address) or Behind.of(target.address) or Node.of(target.address)
