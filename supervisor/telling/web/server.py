"""Serving the application inside the daemon's own loop."""

from __future__ import annotations

import asyncio
import errno
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
    by_address=96,
    in_all=256,
    refusal=b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
)
"""Connections at once: all 64 live pages, and half as many questions beside them, may come from one address. A site choice."""


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
    """A listening TCP socket on `host` (a literal IPv4 or IPv6 address, or a name) and `port` (0: any).

    On `::` it answers IPv4 as well, where the machine has both. Raises OSError, which says what and where.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        both = address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, dualstack_ipv6=both)
    except (OSError, UnicodeError) as error:
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        number = getattr(error, "errno", None)
        raise OSError(
            number, f"{_why(number, host) or getattr(error, 'strerror', None) or error} ({shown})"
        ) from error


def _why(number: int | None, host: str) -> str:
    """In words what most often stands in the way; empty where the system says it well enough."""
    if number == errno.EADDRINUSE:
        every = " or on one of its addresses, IPv4 or IPv6" if host in ("::", "0.0.0.0") else ""  # noqa: S104  # compared
        return f"Address already in use: another program listens on this port{every}"
    if number == errno.EADDRNOTAVAIL:
        return "Cannot assign requested address: no network card of this machine has it"
    return ""
