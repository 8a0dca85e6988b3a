"""An address on loopback at which somebody listens."""

from __future__ import annotations

import asyncio
import socket

from tests.contract.scripted import Where


class Listener(asyncio.DatagramProtocol):
    """At `where` once it was started. `shared`: others may be bound there too, as at a broadcast address."""

    def __init__(self, where: Where, *, shared: bool = False) -> None:
        self.where = where
        self._shared = shared
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Bind the address."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(self._shared))
        sock.bind(self.where)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)

    async def stop(self) -> None:
        """Free it."""
        assert self._transport
        self._transport.close()
        await asyncio.sleep(0)

    def send(self, data: bytes, to: Where) -> None:
        """Send a datagram from there; nothing while it does not listen."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)
