"""A router between BACnet/IP and an MS/TP trunk (ASHRAE 135 §6), by hand, with controllers of one-octet addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Target
from tests.contract import wire
from tests.contract.listener import Listener
from tests.contract.network import hearing
from tests.contract.scripted import Key, ScriptedDevice, Thing, Where

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


class Router(Listener):
    """At `where`, with one trunk, `network`. `asked` keeps the network layer messages that it got, `at` when it
    passed a request on to the trunk, on the loop's clock."""

    def __init__(self, where: Where, network: int) -> None:
        super().__init__(where)
        self.network = network
        self.stations: dict[int, Station] = {}
        self.asked: list[int] = []
        self.at: list[float] = []
        self.reject: int | None = None
        """Refuses to pass anything on, for this reason."""

    def wire(self, station: Station) -> None:
        """Connect a controller to the trunk."""
        self.stations[station.mac] = station
        station.router = self

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
            self.npdu(self._refusal(UNKNOWN_NETWORK, network), addr)

    def _network_message(self, body: bytes, addr: Where) -> None:
        self.asked.append(body[0])
        if body[0] == WHO_IS_ROUTER and body[1:3] in (b"", self.network.to_bytes(2, "big")):
            self.announce(addr)

    def announce(self, to: Where) -> None:
        """I-Am-Router-To-Network, as after a restart too."""
        self.npdu(bytes((1, 0x80, I_AM_ROUTER)) + self.network.to_bytes(2, "big"), to)

    def _to_trunk(self, mac: bytes, frame: bytes, addr: Where) -> None:
        if self.reject is not None:
            self.npdu(self._refusal(self.reject, self.network), addr)
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
        self.npdu(bytes((1, frame[5] | 0x08)) + source + frame[6:], to)

    def npdu(self, npdu: bytes, to: Where) -> None:
        """Send an NPDU as an Original-Unicast-NPDU."""
        self.send(b"\x81\x0a" + (len(npdu) + 4).to_bytes(2, "big") + npdu, to)


class Ear(Listener):
    """Hands each broadcast of the driver to the routers on its network."""

    def __init__(self, where: Where) -> None:
        super().__init__(where, shared=True)
        self.routers: list[Router] = []

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Every router hears it."""
        for router in self.routers:
            router.datagram_received(data, addr)


@asynccontextmanager
async def routed(
    stack: str, port: int, targets: list[Target], **options: object
) -> AsyncIterator[tuple[Bac0Driver | RustyDriver, Ear]]:
    """A driver whose broadcasts reach the routers that are added to the ear."""
    async with hearing(stack, port, targets, Ear, **options) as (driver, ear):
        yield driver, ear
