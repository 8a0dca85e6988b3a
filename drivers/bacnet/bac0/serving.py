"""A served device on BAC0's own port: one address on the network, at which we ask and are asked."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, NamedTuple

from bacpypes3.comm import Client
from bacpypes3.errors import CommuncationError
from bacpypes3.pdu import PDU, GlobalBroadcast

from drivers.bacnet.apdu import Refusal, Request
from drivers.bacnet.bac0.link import Link
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.serving.catalogue import APDU_RETRIES, APDU_TIMEOUT
from drivers.bacnet.serving.device import Hear
from drivers.bacnet.serving.items import Peer
from drivers.protocol import Misconfigured

CONFIRMED_COV: Final = 1
UNCONFIRMED: Final = frozenset({7, 8})
"""Who-Has and Who-Is; what else comes unconfirmed is the client's."""
SENT_WITHIN: Final = 1.0
"""Seconds that one answer may take to leave: bacpypes3 may have to look for a router first."""

MOST_WAITING: Final = 256
"""Answers that wait to leave."""


class _Out(NamedTuple):
    to: Any
    apdu: bytes


class SharedCarrier:
    """Keeps `drivers.bacnet.serving.device.Carrier` on a Link that is open: requests go to the device, all else to the client."""

    besides = frozenset({CONFIRMED_COV, 26, 28})
    """The client takes notifications of changes and I-Am."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._hear: Hear = lambda peer, apdu: None
        self._out: asyncio.Queue[_Out] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None

    @property
    def where(self) -> str:
        """The client's own address."""
        return self._link.where

    async def open(self, hear: Hear) -> None:
        """Take requests before bacpypes3 does. Raises Misconfigured."""
        if not self._link.up:
            raise Misconfigured("bac0", "the driver is not started")
        self._hear = hear
        self._sender = asyncio.create_task(self._send(), name="bacnet device")
        self._link.served = self._served

    async def close(self) -> None:
        """Leave them to bacpypes3 again."""
        if self._link.served == self._served:
            self._link.served = None
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)

    def say(self, to: Peer | None, apdu: bytes) -> None:
        """Send it after what was said before; what does not fit behind that is lost, and asked for again."""
        if self._out.qsize() < MOST_WAITING:
            self._out.put_nowait(_Out(GlobalBroadcast() if to is None else to.where, apdu))

    async def ask(self, to: Peer, service: int, data: bytes) -> bool:
        """Through the client's own books: invoke ids are one stack's, at one address."""
        each = APDU_TIMEOUT / 1000
        try:
            async with asyncio.timeout(each * (1 + APDU_RETRIES)):
                await self._link.request(Request(service, data), to.where, each, 1 + APDU_RETRIES)
        except (TimeoutError, Refusal, Unreadable):
            return False
        return True

    def _served(self, pdu: Any) -> bool:
        apdu = bytes(pdu.pduData)
        if not asked(apdu):
            return False
        self._hear(_peer(pdu.pduSource), apdu)
        return True

    async def _send(self) -> None:
        while True:
            to, apdu = await self._out.get()
            with contextlib.suppress(CommuncationError, TimeoutError, OSError):
                async with asyncio.timeout(SENT_WITHIN):
                    await Client.request(self._link.app.asap, PDU(apdu, destination=to))


def asked(apdu: bytes) -> bool:
    """Whether it is a request for the device, rather than an answer to the client or what the client subscribed to."""
    if len(apdu) < 2:
        return False
    if apdu[0] >> 4 == 1:
        return apdu[1] in UNCONFIRMED
    at = 5 if apdu[0] & 0x08 else 3
    return apdu[0] >> 4 == 0 and len(apdu) > at and apdu[at] != CONFIRMED_COV


def _peer(source: Any) -> Peer:
    return Peer(source.addrNet or 0, bytes(source.addrAddr), source)
