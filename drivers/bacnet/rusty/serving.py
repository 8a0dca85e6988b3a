"""A served device beside rusty-bacnet's client: at a UDP port of its own, and with an ear for the subnet's broadcasts.

The client's socket cannot be shared: rusty-bacnet (0.14) hands no request of others on, and its endpoint for both roles answers
ReadProperty alone. A broadcast reaches every socket that is bound to the broadcast address, so that Who-Is on the client's port is
heard all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final, NamedTuple

import structlog

from drivers.bacnet.rusty.link import Link
from drivers.bacnet.serving.catalogue import APDU_RETRIES, APDU_TIMEOUT
from drivers.bacnet.serving.device import Hear
from drivers.bacnet.serving.items import Peer
from drivers.care import ports
from drivers.protocol import Misconfigured

_UNICAST, _BROADCAST, _FORWARDED = 0x0A, 0x0B, 0x04
"""BVLC functions (ASHRAE 135 §J.2)."""
_MESSAGE, _DESTINATION, _SOURCE, _ANSWER = 0x80, 0x20, 0x08, 0x04
"""Bits of an NPDU's control octet (§6.2.2)."""
_EVERYWHERE: Final = 0xFFFF
_HOPS: Final = 255
_MOST_HELD: Final = 64
"""Datagrams taken at one turn of the loop."""

_log = structlog.get_logger(__name__)


class Back(NamedTuple):
    """The way back to who asked: a UDP address, and behind a router there its network and address."""

    at: tuple[str, int]
    network: int
    mac: bytes


class OwnCarrier:
    """Keeps `drivers.bacnet.serving.device.Carrier` at `port` of the address of a Link that is open."""

    besides: frozenset[int] = frozenset()

    def __init__(self, link: Link, port: int) -> None:
        self._link, self._port = link, port
        self._hear: Hear = lambda peer, apdu: None
        self._socket: socket.socket | None = None
        self._ear: socket.socket | None = None
        self._invoke = 0
        self._asked: dict[tuple[tuple[int, bytes], int], asyncio.Future[bool]] = {}

    @property
    def where(self) -> str:
        """Where it is asked."""
        return f"{self._link.host}:{self._port}"

    async def open(self, hear: Hear) -> None:
        """Bind the port. Raises Misconfigured where it is taken."""
        if not self._link.up or self._link.ear is None:
            raise Misconfigured("rusty", "the driver is not started")
        self._hear = hear
        self._socket = _bound((self._link.host, self._port), shared=False)
        try:
            self._ear = _bound(self._link.ear, shared=True)
        except Misconfigured as error:
            _log.warning("broadcasts are not heard by the served device", reason=error.message)
        loop = asyncio.get_running_loop()
        for each in (self._socket, self._ear):
            if each is not None:
                loop.add_reader(each, self._read, each)

    async def close(self) -> None:
        """Free the port."""
        for each in (self._socket, self._ear):
            if each is not None:
                asyncio.get_running_loop().remove_reader(each)
                each.close()
        self._socket = self._ear = None

    def say(self, to: Peer | None, apdu: bytes) -> None:
        """One datagram."""
        self._send(to, apdu, expecting=False)

    async def ask(self, to: Peer, service: int, data: bytes) -> bool:
        """Sent again under the same invoke id until it is answered (§5.4.4)."""
        self._invoke = (self._invoke + 1) % 256
        key = (to.key, self._invoke)
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[key] = answered
        # no segments, answers of up to 1476 octets
        apdu = bytes((0x00, 0x05, self._invoke, service)) + data
        try:
            for _ in range(1 + APDU_RETRIES):
                self._send(to, apdu, expecting=True)
                with contextlib.suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(answered), APDU_TIMEOUT / 1000)
            return False
        finally:
            self._asked.pop(key, None)

    def _send(self, to: Peer | None, apdu: bytes, *, expecting: bool) -> None:
        if self._socket is None or self._link.ear is None:
            return
        control = _ANSWER if expecting else 0
        if to is None:
            head = _EVERYWHERE.to_bytes(2, "big") + bytes((0, _HOPS))
            self._put(_BROADCAST, bytes((1, control | _DESTINATION)) + head + apdu, self._link.ear)
            return
        back = to.where
        assert isinstance(back, Back)  # it is ours
        if back.network:
            head = back.network.to_bytes(2, "big") + bytes((len(back.mac),)) + back.mac + bytes((_HOPS,))
            self._put(_UNICAST, bytes((1, control | _DESTINATION)) + head + apdu, back.at)
        else:
            self._put(_UNICAST, bytes((1, control)) + apdu, back.at)

    def _put(self, function: int, npdu: bytes, at: tuple[str, int]) -> None:
        assert self._socket is not None  # whoever sends has looked
        with contextlib.suppress(OSError):  # a full buffer, a network that is gone: they ask again
            self._socket.sendto(bytes((0x81, function)) + (len(npdu) + 4).to_bytes(2, "big") + npdu, at)

    def _read(self, ours: socket.socket) -> None:
        for _ in range(_MOST_HELD):
            try:
                data, source = ours.recvfrom(2048)
            except OSError:
                return
            if source == (self._link.host, self._port) or (heard := received(data, source)) is None:
                continue
            back, apdu = heard
            mac = back.mac if back.network else socket.inet_aton(back.at[0]) + back.at[1].to_bytes(2, "big")
            self._take(Peer(back.network, mac, back), apdu)

    def _take(self, peer: Peer, apdu: bytes) -> None:
        kind = apdu[0] >> 4
        if kind in (0, 1):
            self._hear(peer, apdu)
        elif kind in (2, 5, 6, 7) and len(apdu) > 1:
            waiting = self._asked.get((peer.key, apdu[1]))
            if waiting is not None and not waiting.done():
                waiting.set_result(kind == 2)


def received(data: bytes, source: tuple[str, int]) -> tuple[Back, bytes] | None:
    """Who sent an APDU in a BACnet/IP datagram, and the APDU; None for what has none, or is for another network."""
    if len(data) < 7 or data[0] != 0x81 or int.from_bytes(data[2:4], "big") != len(data):
        return None
    at = 4
    if data[1] == _FORWARDED:
        if len(data) < 13:
            return None
        source, at = (socket.inet_ntoa(data[4:8]), int.from_bytes(data[8:10], "big")), 10
    elif data[1] not in (_UNICAST, _BROADCAST):
        return None
    version, control, at = data[at], data[at + 1], at + 2
    if version != 1 or control & _MESSAGE:
        return None
    network, mac, hops = 0, b"", 0
    if control & _DESTINATION:
        if len(data) < at + 3 or int.from_bytes(data[at : at + 2], "big") != _EVERYWHERE:
            return None
        at, hops = at + 3 + data[at + 2], 1
    if control & _SOURCE:
        if len(data) < at + 3:
            return None
        network, end = int.from_bytes(data[at : at + 2], "big"), at + 3 + data[at + 2]
        mac, at = data[at + 3 : end], end
    apdu = data[at + hops :]
    return (Back(source, network, mac), apdu) if apdu else None


def _bound(at: tuple[str, int], *, shared: bool) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(shared))
    try:
        made.bind(at)
    except OSError as error:
        made.close()
        raise ports.unusable(*at, error, "rusty") from None
    return made
