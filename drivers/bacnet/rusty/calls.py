"""One call to one device on rusty-bacnet: found, paced, sent, ended at its deadline, its refusal in our terms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rusty_bacnet import BACnetClient, BacnetError, ObjectIdentifier, PropertyIdentifier, PropertyValue

from drivers.bacnet.batches import both_take
from drivers.bacnet.looks import NO_LIMIT, UNKNOWN_MAX_APDU
from drivers.bacnet.moves import Place
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.refusals import of_silence
from drivers.bacnet.rusty.link import IAm, Link, Station, Where
from drivers.bacnet.rusty.routed import Behind
from drivers.bacnet.rusty.values import problem
from drivers.care.pacing import Gate, Paces
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable, Target

TRIES: Final = 3
"""Times that a request is sent, evenly spread over its deadline (§12.11.28 defaults to 3 retries)."""

_T = TypeVar("_T")
Send = Callable[[BACnetClient, str], Awaitable[_T]]
"""Sends one request through the stack to `host:port`."""


Batch = tuple[
    list[Address],
    list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]],
    list[Answer | None],
]
"""Objects of one ReadPropertyMultiple, as the stack wants them, and what each answered last."""


@dataclass(slots=True)
class Plan:
    """How a list of objects is asked for: those that can be, in batches for certain limits; the answers of others."""

    good: list[Address]
    bad: dict[Address, Answer]
    limits: tuple[int, int] = (0, 0)
    batches: list[Batch] = field(default_factory=list)


@dataclass(slots=True)
class Peer:
    """One device, and what its answers have taught us about it."""

    target: Target
    gate: Gate
    station: Where | None
    """Where it is; None until it is found."""
    sure: bool
    """Whether `station` needs no new Who-Is before the next call."""
    max_apdu: int = UNKNOWN_MAX_APDU
    at_most: int = NO_LIMIT
    """Objects in one ReadPropertyMultiple, once a larger one was refused."""
    rpm: bool = True
    wpm: bool = True
    """Takes WritePropertyMultiple, as far as we know."""
    names_at_most: int = NO_LIMIT
    """Names in one request, once more of them got no answer."""
    slots_singly: bool = False
    """Refuses a whole priority array, and gives its slots one by one."""
    looks: object = None
    """What it last said of itself, as far as it has to do with how it is asked."""
    plans: dict[tuple[Address, ...], Plan] = field(default_factory=dict)
    """How the lists of objects that were read before are asked for."""
    asked_who: int = 0
    """Who-Is of ours that await this device's I-Am."""
    finding: asyncio.Lock = field(default_factory=asyncio.Lock)


class Calls:
    """The devices of one network, and how to ask them."""

    def __init__(self, link: Link, targets: Sequence[Target], pace: Mapping[str, float]) -> None:
        self._link = link
        self._paces = Paces(targets, pace)
        self._peers = {
            t.device: Peer(
                t,
                Gate(t.max_in_flight, self._paces.of(t.device, t.address)),
                configured(t),
                t.address is not None,
            )
            for t in targets
        }
        self._by_instance = {t.instance: self._peers[t.device] for t in targets}

    def peer(self, device: str) -> Peer:
        """The device of that name. Raises Misconfigured."""
        peer = self._peers.get(device)
        if peer is None:
            raise Misconfigured(device, "no such device in the site file")
        if peer.sure and peer.station is None:
            raise Misconfigured(device, f"{peer.target.address} is not host:port")
        return peer

    def numbered(self, instance: int) -> Peer | None:
        """The device of that device instance, if the site file has it."""
        return self._by_instance.get(instance)

    async def within(self, peer: Peer, call: Awaitable[_T], requests: int = 1) -> _T:
        """The call's result within the device's deadline, its refusals and silence as our errors.

        `requests` is how many it takes, which may have to wait for their turn first.
        """
        device = peer.target.device
        try:
            async with peer.gate.deadline(peer.target.timeout, requests):
                return await call
        except TimeoutError:
            self.silent(peer)
            raise of_silence(device, peer.target.timeout) from None
        except DriverError:
            raise
        except (BacnetError, ValueError) as error:
            raise problem(device, error) from None
        except Unreadable as error:
            raise Retryable(device, f"unreadable answer: {error}") from None

    def silent(self, peer: Peer) -> None:
        """A device that was found by Who-Is and no longer answers may have moved: look for it again."""
        peer.sure = peer.target.address is not None
        self._link.doubt(peer.station, peer.target.timeout)

    async def ask(self, peer: Peer, send: Send[_T]) -> _T:
        """The result of one request, when pacing lets it out. Raises what the stack raises."""
        station = peer.station if peer.sure and peer.station else await self._locate(peer)
        client = self._link.client
        where = str(station) if isinstance(station, Station) else await self._link.way(station)
        async with peer.gate:
            spacing = peer.target.timeout / TRIES
            return await self._link.request(lambda: send(client, where), spacing, TRIES, peer.gate.again)

    async def property(
        self, peer: Peer, item: ObjectIdentifier, name: PropertyIdentifier, index: int | None = None
    ) -> PropertyValue:
        """One property by ReadProperty; the stack sees to it that the answer is about it."""
        return await self.ask(peer, lambda client, where: client.read_property(where, item, name, index))

    async def who_is(self, peer: Peer, station: Where | None, instance: int | None) -> IAm | None:
        """One I-Am: from `station`, or of `instance` from anywhere. None: nobody."""
        peer.asked_who += 1
        try:
            return await self._link.who_is(station, instance, peer.target.timeout / TRIES)
        finally:
            peer.asked_who -= 1

    async def _locate(self, peer: Peer) -> Where:
        """Where the device is: from the site file, or found by a Who-Is limited to its instance."""
        async with peer.finding:
            while not peer.sure or peer.station is None:
                i_am = await self.who_is(peer, None, peer.target.instance)
                if i_am is not None:
                    self.found(peer, i_am)
        return peer.station

    def found(self, peer: Peer, place: IAm | Place[Where]) -> None:
        """The device says where it is and how long an APDU it takes."""
        peer.station, peer.sure = place.station, True
        peer.max_apdu = both_take(place.max_apdu, UNKNOWN_MAX_APDU)
        peer.gate.pace = self._paces.of(peer.target.device, str(place.station))


def configured(target: Target) -> Where | None:
    """Where the site file says that a device is; None where it has to be found, or is none."""
    if target.address is None:
        return None
    return Station.of(target.address) or Behind.of(target.address)
