"""A router between BACnet/IP and an MS/TP trunk (ASHRAE 135 §6), by hand, with controllers of one-octet addresses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.bac0 import Bac0Driver
from drivers.base import Target
from drivers.rusty import RustyDriver
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.network import EVERYBODY
from tests.contract.scripted import Key, ScriptedDevice, Thing, Where
from tests.contract.servers import DRIVER, NEIGHBOUR

WHO_IS_ROUTER, I_AM_ROUTER, REJECT_MESSAGE = 0x00, 0x01, 0x03
"""Network layer messages (§6.2.4)."""

UNKNOWN_NETWORK, BUSY = 1, 2
"""Reasons of Reject-Message-To-Network (§6.4.4)."""

EVERY_NETWORK = 65_535


class Station(ScriptedDevice):
    """A controller on a trunk: what it sends goes through its router."""

    def __init__(self, instance: int, mac: int, things: dict[Key, Thing]) -> None:
        super().__init__(instance, ("", mac), things)
        self.mac = mac
        self.router: Router | None = None

    async def start(self) -> None:
        """Its power is on; it is heard once it is wired to a router."""

    async def stop(self) -> None:
        """Its power is off: subscriptions are lost."""
        self.subscribers.clear()

    def _send(self, data: bytes, addr: Where) -> None:
        if self.router is not None:
            self.router.from_trunk(self.mac, data, addr)


class Router(asyncio.DatagramProtocol):
    """At `where`, with one trunk, `network`. `asked` keeps the network layer messages that it got, `at` when it
    passed a request on to the trunk, on the loop's clock."""

    def __init__(self, where: Where, network: int) -> None:
        self.where, self.network = where, network
        self.stations: dict[int, Station] = {}
        self.asked: list[int] = []
        self.at: list[float] = []
        self.reject: int | None = None
        """Refuses to pass anything on, for this reason."""
        self._transport: asyncio.DatagramTransport | None = None

    def wire(self, station: Station) -> None:
        """Connect a controller to the trunk."""
        self.stations[station.mac] = station
        station.router = self

    async def start(self) -> None:
        """Bind the address."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.where)

    async def stop(self) -> None:
        """Free it."""
        assert self._transport
        self._transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Route one frame, or answer it."""
        control, at, network, mac = data[5], 6, 0, b""
        if control & 0x20:
            network = int.from_bytes(data[6:8], "big")
            mac = data[9 : 9 + data[8]]
            at = 9 + data[8] + 1
        if control & 0x80:
            self._network_message(data[at:], addr)
        elif network in (self.network, EVERY_NETWORK):
            self._to_trunk(mac, wire.datagram(data[at:], reply=bool(control & 4)), addr)
        elif network:
            self.send(self._refusal(UNKNOWN_NETWORK, network), addr)

    def _network_message(self, body: bytes, addr: Where) -> None:
        self.asked.append(body[0])
        if body[0] == WHO_IS_ROUTER and body[1:3] in (b"", self.network.to_bytes(2, "big")):
            self.announce(addr)

    def announce(self, to: Where) -> None:
        """I-Am-Router-To-Network, as after a restart too."""
        self.send(bytes((1, 0x80, I_AM_ROUTER)) + self.network.to_bytes(2, "big"), to)

    def _to_trunk(self, mac: bytes, frame: bytes, addr: Where) -> None:
        if self.reject is not None:
            self.send(self._refusal(self.reject, self.network), addr)
            return
        self.at.append(asyncio.get_running_loop().time())
        for station in list(self.stations.values()):
            if mac in (b"", bytes((station.mac,))):
                station.datagram_received(frame, addr)

    def _refusal(self, reason: int, network: int) -> bytes:
        return bytes((1, 0x80, REJECT_MESSAGE, reason)) + network.to_bytes(2, "big")

    def from_trunk(self, mac: int, frame: bytes, to: Where) -> None:
        """Pass what a controller sent to `to`, with its network and address as the source."""
        source = self.network.to_bytes(2, "big") + bytes((1, mac))
        self.send(bytes((1, frame[5] | 0x08)) + source + frame[6:], to)

    def send(self, npdu: bytes, to: Where) -> None:
        """An NPDU as an Original-Unicast-NPDU."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(b"\x81\x0a" + (len(npdu) + 4).to_bytes(2, "big") + npdu, to)


class Ear(asyncio.DatagramProtocol):
    """Hands each broadcast of the driver to the routers on its network."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.routers: list[Router] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen where the driver's broadcasts go."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(self.where)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)

    async def stop(self) -> None:
        """Listen no longer."""
        assert self._transport
        self._transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Every router hears it."""
        for router in self.routers:
            router.datagram_received(data, addr)


@asynccontextmanager
async def routed(
    stack: str, port: int, targets: list[Target], **options: object
) -> AsyncIterator[tuple[Bac0Driver | RustyDriver, Ear]]:
    """A driver whose broadcasts reach the routers that are added to the ear."""
    ours = port + 1000
    # bacpypes3 listens at the broadcast address itself: let its broadcasts go to a neighbour
    ear = Ear((NEIGHBOUR if stack == "bac0" else EVERYBODY, ours))
    await ear.start()
    driver = STACKS[stack](DRIVER, ours, targets, OURS, **options)  # type: ignore[arg-type] # one of many options
    await driver.start()
    if isinstance(driver, Bac0Driver):
        layer = next(iter(driver._link.app.link_layers.values()))
        layer.server.broadcast_address = ear.where
    try:
        yield driver, ear
    finally:
        await driver.stop()
        await ear.stop()
