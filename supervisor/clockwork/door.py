"""A door that strangers cannot block: connections are counted before they are let in, and cost the daemon little.

asyncio's own server takes whatever comes, and where there are no file descriptors left it logs each of some
thousand attempts a second. The building's devices, its store and the control socket need descriptors, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import socket
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import structlog

from supervisor.clockwork.folded import Folded

log = structlog.get_logger()

RESERVED: Final = 96
"""File descriptors that no connection may use: devices, store, control socket, files read. A site choice."""
FEWEST: Final = 4
"""Connections that are taken however few descriptors there are."""
AT_ONCE: Final = 16
"""Connections taken before others have their turn: a millisecond or two."""
PAUSE: Final = 1.0
"""s for which no connection is taken after the system had no room for one."""
_GONE: Final = frozenset({errno.ECONNABORTED, errno.EPROTO, errno.EINTR, errno.EPERM})
"""Errors of accept that are about the one who knocked: he has gone, or a firewall has sent him away."""


class Guest(asyncio.Protocol, ABC):
    """One connection: an asyncio protocol that says whether it can be spared."""

    @property
    @abstractmethod
    def waiting(self) -> bool:
        """It is connected, and nothing that it asked for is under way."""

    @abstractmethod
    def cut(self) -> None:
        """Close the connection at once."""


Left = Callable[[], None]
"""To be called when a connection has ended."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections are open at most, from one address and in all; `refusal` is sent to one too many."""

    by_address: int
    in_all: int
    refusal: bytes


class Door:
    """Takes connections from `listener`. Whoever waits longest without asking for anything makes room for the next."""

    def __init__(
        self,
        name: str,
        listener: socket.socket,
        room: Room,
        make: Callable[[Left], Guest],
    ) -> None:
        """`make` gives the protocol of one connection."""
        self._name, self._listener, self._room, self._make = name, listener, room, make
        self._guests: dict[Guest, str] = {}
        self._entering: set[asyncio.Task[None]] = set()
        self._folded = Folded()
        self._retry: asyncio.TimerHandle | None = None
        listener.setblocking(False)

    def open(self) -> None:
        """Take connections from now on, until `close`."""
        self._retry = None
        asyncio.get_running_loop().add_reader(self._listener.fileno(), self._knock)

    def close(self) -> None:
        """Take no more; those inside stay, and are told by whoever runs them. The listener is closed, too."""
        if self._retry is not None:
            self._retry.cancel()
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
        self._listener.close()
        for task in self._entering:
            task.cancel()

    def _knock(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, peer = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _GONE:
                    continue
                self._pause(error)
                return
            self._enter(connection, address_of(peer))

    def _pause(self, error: OSError) -> None:
        """The system has no room: others may make some meanwhile."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener.fileno())
        self._retry = loop.call_later(PAUSE, self.open)
        if times := self._folded.times("accept"):
            log.error("no connection can be taken", what=self._name, error=str(error), times=times)

    def _enter(self, connection: socket.socket, address: str) -> None:
        connection.setblocking(False)
        if not self._makes_room(address):
            with connection, contextlib.suppress(OSError):
                connection.send(self._room.refusal)
            return
        guest: Guest

        def left() -> None:
            self._guests.pop(guest, None)

        guest = self._make(left)
        self._guests[guest] = address
        task = asyncio.create_task(self._admit(guest, connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _admit(self, guest: Guest, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: guest, connection)
        except BaseException as error:
            self._guests.pop(guest, None)
            connection.close()
            if not isinstance(error, OSError):
                raise

    def _makes_room(self, address: str) -> bool:
        """True where there is room for one more; the longest waiting guest has to make it."""
        here = sum(known == address for known in self._guests.values())
        if here >= self._room.by_address:
            return self._spare(address, here)
        if len(self._guests) < most(self._room.in_all):
            return True
        idle = Counter(known for guest, known in self._guests.items() if guest.waiting)
        crowd = max(idle, key=lambda known: idle[known], default=address)
        return self._spare(crowd, len(self._guests))

    def _spare(self, address: str, number: int) -> bool:
        """Cut the guest of `address` that waits longest. False where none can be spared."""
        if times := self._folded.times(address):
            log.warning("too many connections", what=self._name, address=address, open=number, times=times)
        for guest, known in self._guests.items():
            if known == address and guest.waiting:
                del self._guests[guest]
                guest.cut()
                return True
        return False


def most(wanted: int) -> int:
    """How many connections the process's limit of open files allows, `RESERVED` left free; not more than `wanted`."""
    try:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    except (OSError, ValueError):  # a sandbox may not even let it be asked
        return wanted
    if soft == resource.RLIM_INFINITY:
        return wanted
    return min(wanted, max(FEWEST, soft - RESERVED))


def address_of(peer: object) -> str:
    """Whom a connection is counted for: an IPv4 address, an IPv6 network of 64 bits (one machine may use all of it)."""
    if not isinstance(peer, tuple) or not peer:
        return "local"
    try:
        found: IPv4Address | IPv6Address = ip_address(str(peer[0]).partition("%")[0])
    except ValueError:
        return str(peer[0])
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    if found.is_loopback:
        return str(found)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
