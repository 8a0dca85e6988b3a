"""One call to one device: found, paced, sent, ended at its deadline, its refusal said in our terms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bacpypes3.pdu import Address as Station

from drivers.bacnet import apdu, octets
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.link import Link
from drivers.bacnet.batches import both_take
from drivers.bacnet.looks import NO_LIMIT, UNKNOWN_MAX_APDU
from drivers.bacnet.octets import Tag, Unreadable, Wire
from drivers.bacnet.refusals import of_silence
from drivers.care.pacing import Gate, Paces
from drivers.protocol import Misconfigured, Retryable, Target

TRIES: Final = 3
"""Times that a request is sent, evenly spread over its deadline (§12.11.28 defaults to 3 retries)."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Peer:
    """One device, and what its answers have taught us about it."""

    target: Target
    gate: Gate
    station: Any
    """The stack's address of it; None until it is found."""
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
        except Refusal as refusal:
            raise apdu.refusal(device, refusal) from None
        except Unreadable as error:
            raise Retryable(device, f"unreadable answer: {error}") from None

    def silent(self, peer: Peer) -> None:
        """A device that was found by Who-Is and no longer answers may have moved: look for it again."""
        peer.sure = peer.target.address is not None
        self._link.doubt(peer.station, peer.target.timeout)

    async def ask(self, peer: Peer, request: apdu.Request) -> bytes:
        """The data of one request's acknowledgement, when pacing lets it out.

        Raises Refusal, and Unreadable for an acknowledgement of another service.
        """
        station = await self._locate(peer)
        async with peer.gate:
            spacing = peer.target.timeout / TRIES
            return await self._link.request(request, station, spacing, TRIES, peer.gate.again)

    async def property(self, peer: Peer, item: Wire, number: int, index: int | None = None) -> list[Tag]:
        """One property's encoded value. Raises Unreadable when the answer is about something else."""
        found = octets.read_answer(await self.ask(peer, apdu.read(item, number, index)))
        if found[:3] != (item, number, index):
            raise Unreadable("it is about another object")
        return found[3]

    async def who_is(self, peer: Peer, station: Any, limits: tuple[int, int] | None) -> Any:
        """One I-Am: from `station`, or from anyone within the limits where that is None. None: nobody."""
        low, high = limits or (None, None)
        peer.asked_who += 1
        try:
            found = await self._link.who_is(station, low, high, peer.target.timeout / TRIES)
        finally:
            peer.asked_who -= 1
        return found[0] if found else None

    async def _locate(self, peer: Peer) -> Any:
        """Where the device is: from the site file, or found by a Who-Is limited to its instance."""
        async with peer.finding:
            while not peer.sure:
                i_am = await self.who_is(peer, None, (peer.target.instance, peer.target.instance))
                if i_am is not None:
                    self.found(peer, i_am.pduSource, int(i_am.maxAPDULengthAccepted))
        return peer.station

    def found(self, peer: Peer, station: Any, max_apdu: int) -> None:
        """The device says where it is and how long an APDU it takes."""
        peer.station, peer.sure = station, True
        peer.max_apdu = both_take(max_apdu, UNKNOWN_MAX_APDU)
        peer.gate.pace = self._paces.of(peer.target.device, str(station))


def configured(target: Target) -> Any:
    """The stack's address of a target in the site file; None where it has to be found, or is none."""
    if target.address is None:
        return None
    try:
        return Station(target.address)
    except ValueError:
        return None
