"""A network with a broadcast on loopback: who listens there hears a Who-Is and answers from its own address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Target
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.listener import Listener
from tests.contract.scripted import ScriptedDevice, Where
from tests.contract.servers import DRIVER, NEIGHBOUR

E = TypeVar("E", bound=Listener)

EVERYBODY = "127.255.255.255"


class Broadcast(Listener):
    """Hands each broadcast of the driver to the devices on the network. `heard` keeps the APDUs."""

    def __init__(self, where: Where) -> None:
        super().__init__(where, shared=True)
        self.devices: list[ScriptedDevice] = []
        self.heard: list[wire.Frame] = []

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Pass it on to every device that is up."""
        frame = wire.parse(data)
        if frame is not None and frame.service == wire.WHO_IS:
            self.heard.append(frame)
            for device in self.devices:
                device.datagram_received(data, addr)


@asynccontextmanager
async def hearing(
    stack: str, port: int, targets: list[Target], ear: Callable[[Where], E], **options: object
) -> AsyncIterator[tuple[Bac0Driver | RustyDriver, E]]:
    """A driver, and an ear for its broadcasts."""
    ours = port + 1
    # bacpypes3 listens at the broadcast address itself: let its broadcasts go to a neighbour
    ears = ear((NEIGHBOUR if stack == "bac0" else EVERYBODY, ours))
    await ears.start()
    driver = STACKS[stack](DRIVER, ours, targets, OURS, **options)  # type: ignore[arg-type] # one of many options
    await driver.start()
    if isinstance(driver, Bac0Driver):
        layer = next(iter(driver._link.app.link_layers.values()))
        layer.server.broadcast_address = ears.where
    try:
        yield driver, ears
    finally:
        await driver.stop()
        await ears.stop()


@asynccontextmanager
async def networked(
    stack: str, port: int, target: Target
) -> AsyncIterator[tuple[Bac0Driver | RustyDriver, Broadcast]]:
    """A driver for one device, on a network that has no device yet."""
    async with hearing(stack, port, [target], Broadcast) as (driver, broadcast):
        yield driver, broadcast
