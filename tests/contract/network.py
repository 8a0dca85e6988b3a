"""A network with a broadcast on loopback: who listens there hears a Who-Is and answers from its own address."""

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
from tests.contract.scripted import ScriptedDevice, Where
from tests.contract.servers import DRIVER, NEIGHBOUR

EVERYBODY = "127.255.255.255"


class Broadcast(asyncio.DatagramProtocol):
    """Hands each broadcast of the driver to the devices on the network. `heard` keeps the APDUs."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.devices: list[ScriptedDevice] = []
        self.heard: list[wire.Frame] = []
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
        """Pass it on to every device that is up."""
        frame = wire.parse(data)
        if frame is not None and frame.service == wire.WHO_IS:
            self.heard.append(frame)
            for device in self.devices:
                device.datagram_received(data, addr)


@asynccontextmanager
async def networked(
    stack: str, port: int, target: Target
) -> AsyncIterator[tuple[Bac0Driver | RustyDriver, Broadcast]]:
    """A driver for one device, on a network that has no device yet."""
    ours = port + 1000
    # bacpypes3 listens at the broadcast address itself: let its broadcasts go to a neighbour
    broadcast = Broadcast((NEIGHBOUR if stack == "bac0" else EVERYBODY, ours))
    await broadcast.start()
    driver = STACKS[stack](DRIVER, ours, [target], OURS)
    await driver.start()
    if isinstance(driver, Bac0Driver):
        layer = next(iter(driver._link.app.link_layers.values()))
        layer.server.broadcast_address = broadcast.where
    try:
        yield driver, broadcast
    finally:
        await driver.stop()
        await broadcast.stop()
