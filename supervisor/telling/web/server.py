"""Serving the application inside the daemon's own loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from supervisor.clockwork.door import Door, Left, Room
from supervisor.telling.web.access import LONGEST_HEAD
from supervisor.telling.web.guest import HttpGuest

STOP_WITHIN = 1
"""Seconds that answers under way are given at a stop."""
ROOM: Final = Room(
    by_address=64,
    in_all=256,
    refusal=b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
)
"""Connections at once: all 32 live pages, and as many questions beside them, may come from one address. A site choice."""


class _Server(uvicorn.Server):
    """Leaves the process's signals to the daemon, and takes connections through a door of ours."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._door = Door("http", listener, ROOM, self._guest)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def _guest(self, left: Left) -> HttpGuest:
        state = self.lifespan.state
        return HttpGuest(left, config=self.config, server_state=self.server_state, app_state=state)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door."""
        self.servers = []
        self._door.open()
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close it; answers under way are ended."""
        self._door.close()
        await super().shutdown(sockets)


async def serve(app: Starlette, host: str, port: int) -> None:
    """Serve until cancelled; then live pages are ended and answers under way get a second.

    Raises OSError at once where the address cannot be had (taken, not ours, not permitted).
    """
    listener = listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # the access check wants the true peer
        server_header=False,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    server = _Server(config, listener)
    serving = asyncio.create_task(server.serve(), name="http")
    try:
        await asyncio.shield(serving)
    finally:
        app.state.close()
        server.should_exit = True
        await serving
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket on `host` (a literal IPv4 or IPv6 address, or a name) and `port` (0: any)."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server(address[:2], family=family)
