"""The wire of one device: a UDP relay on its public address that hears every datagram for it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import OrderedDict
from collections.abc import Callable, Container, Sequence
from random import Random
from typing import Final, TypeAlias

Endpoint: TypeAlias = tuple[str, int]

Fate: TypeAlias = Callable[[], Sequence[float]]
"""What becomes of the next datagram: seconds until each copy arrives. None at all: it is lost."""

MOST_CLIENTS: Final = 256
"""Clients remembered at once, each with a socket of its own; the one silent longest is forgotten first."""

_PER_WAKE: Final = 64
"""Datagrams taken from a socket in one turn, so that a flood does not starve the other devices."""

_LARGEST: Final = 65_535
_BUFFER: Final = 1 << 20
"""Octets the kernel may hold for the public socket: a burst of COV or requests is not lost there."""

WHO_IS: Final = bytes.fromhex("810a000801001008")
"""Who-Is without limits, unicast (ASHRAE 135 Annex J.2.11, clause 16.10)."""


class Relay:
    """Carries datagrams between a device's public address and the server behind it.

    Every client has a socket of its own towards the server, so the server tells its clients apart and sends
    COV notifications to the right one; they reach the client from the public address. `heard` is called
    with each datagram from the wire, as it is handed to the server.
    """

    def __init__(self, public: Endpoint, server: Endpoint, heard: Callable[[bytes], None]) -> None:
        self.public = public
        self.server = server
        self.silent = False
        """While true, nothing passes in either direction; what was sent meanwhile is lost."""
        self.fate: Fate | None = None
        """Asked for every datagram in either direction; None is a perfect line."""
        self._heard = heard
        self._socket: socket.socket | None = None
        self._uplinks: OrderedDict[Endpoint, socket.socket] = OrderedDict()

    def start(self) -> None:
        """Listen on the public address. Raises OSError where it is taken or not ours."""
        self._socket = _bound(self.public)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        asyncio.get_running_loop().add_reader(self._socket, self._from_wire, self._socket)

    def stop(self) -> None:
        """Free the public address and forget the clients."""
        if self._socket is not None:
            _close(self._socket)
            self._socket = None
        while self._uplinks:
            _close(self._uplinks.popitem()[1])

    def announce(self) -> None:
        """Have the server say I-Am to every client, as a controller does when it starts (clause 19.3)."""
        for uplink in self._uplinks.values():
            _send(uplink, WHO_IS)

    def _from_wire(self, public: socket.socket) -> None:
        for _ in range(_PER_WAKE):
            try:
                datagram, client = public.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            if not self.silent:
                self._carry(self._to_server, datagram, client)

    def _from_server(self, uplink: socket.socket, client: Endpoint) -> None:
        for _ in range(_PER_WAKE):
            try:
                datagram = uplink.recv(_LARGEST)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # the server is between stop and start: the request is lost, as on a wire
            if not self.silent:
                self._carry(self._to_wire, datagram, client)

    def _carry(self, deliver: Callable[[bytes, Endpoint], None], datagram: bytes, client: Endpoint) -> None:
        """Deliver at once on a perfect line, or as its fate has it."""
        if self.fate is None:
            deliver(datagram, client)
            return
        for delay in self.fate():
            asyncio.get_running_loop().call_later(delay, deliver, datagram, client)

    def _to_server(self, datagram: bytes, client: Endpoint) -> None:
        if self._socket is not None:
            self._heard(datagram)
            _send(self._uplink(client), datagram)

    def _to_wire(self, datagram: bytes, client: Endpoint) -> None:
        if self._socket is not None:
            _send(self._socket, datagram, client)

    def _uplink(self, client: Endpoint) -> socket.socket:
        uplink = self._uplinks.get(client)
        if uplink is None:
            if len(self._uplinks) >= MOST_CLIENTS:
                _close(self._uplinks.popitem(last=False)[1])
            uplink = _bound((self.public[0], 0))
            uplink.connect(self.server)
            asyncio.get_running_loop().add_reader(uplink, self._from_server, uplink, client)
            self._uplinks[client] = uplink
        self._uplinks.move_to_end(client)
        return uplink


def bad_line(seed: int, *, loss: float, delay: float, jitter: float, duplicates: float) -> Fate:
    """A line that loses the share `loss` of datagrams, delays them by `delay` ± `jitter` seconds, evenly
    spread (so it reorders them), and doubles the share `duplicates`. The same seed gives the same line.
    """
    random = Random(seed)  # noqa: S311 - repeatable, not secret

    def fate() -> list[float]:
        if random.random() < loss:
            return []
        copies = 2 if random.random() < duplicates else 1
        return [max(0.0, random.uniform(delay - jitter, delay + jitter)) for _ in range(copies)]

    return fate


def free_port(public: Endpoint, avoid: Container[Endpoint]) -> int:
    """A free UDP port on the device's own address for the server behind its relay, none of `avoid`.

    Outside the ephemeral range, so that no other socket is handed it while the server restarts. Raises
    OSError where there is none.
    """
    for offset in range(1000):
        port = 20_000 + (public[1] + offset) % 12_000
        if (public[0], port) in avoid:
            continue
        try:
            _bound((public[0], port)).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return port
    raise OSError(errno.EADDRINUSE, f"no free port on {public[0]}")


def _bound(address: Endpoint) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.bind(address)
    except OSError as error:
        made.close()
        raise OSError(error.errno, f"{address[0]}:{address[1]}: {error.strerror}") from error
    return made


def _close(used: socket.socket) -> None:
    asyncio.get_running_loop().remove_reader(used)
    used.close()


def _send(through: socket.socket, datagram: bytes, to: Endpoint | None = None) -> None:
    """Send or lose, as UDP does: a full buffer or a server that is away drops the datagram."""
    try:
        if to is None:
            through.send(datagram)
        else:
            through.sendto(datagram, to)
    except (BlockingIOError, ConnectionRefusedError):
        return
