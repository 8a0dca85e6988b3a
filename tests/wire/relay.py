"""Stands between the daemon and every controller: a bad line by seed, a cable to cut, and a log of it all."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Self, TypeAlias

from simulator.bacnet.relay import Endpoint, Fate

PATIENCE: Final = 0.05
"""Seconds between two looks at what is due, where nothing arrives meanwhile."""
_BUFFER: Final = 1 << 21

Tamper: TypeAlias = Callable[[str, bytes, bool], Sequence[bytes]]
"""Takes the device, a datagram, and whether it goes to the controller; gives what passes in its stead."""


class Passed(NamedTuple):
    """One datagram as it came to a relay, and what became of it."""

    at: float
    """POSIX seconds at which it came."""
    device: str
    to_controller: bool
    datagram: bytes
    delays: tuple[float, ...]
    """Seconds until each copy went on; empty: lost."""
    cut: bool
    """Lost because the cable was cut."""


class _Line:
    """One controller's sockets: one to the daemon, and one to the controller for each port of the daemon's."""

    def __init__(self, device: str, where: Endpoint, controller: Endpoint, fate: Fate | None) -> None:
        self.device, self.controller, self.fate = device, controller, fate
        self.front = _bound(where)
        self.backs: dict[Endpoint, socket.socket] = {}

    def close(self) -> None:
        """Free the ports."""
        for each in (self.front, *self.backs.values()):
            each.close()


class Relays:
    """A relay per device, all in one thread. `ways` gives where the daemon looks for it, and where it is.

    `fates` says what becomes of each datagram, by device; without one the line is perfect.
    """

    def __init__(self, ways: Mapping[str, tuple[Endpoint, Endpoint]], fates: Mapping[str, Fate]) -> None:
        self.log: list[Passed] = []
        self.cut = False
        """While true nothing passes, in either direction."""
        self.tamper: Tamper | None = None
        self._lines = {
            device: _Line(device, where, controller, fates.get(device))
            for device, (where, controller) in ways.items()
        }
        self._due: list[tuple[float, int, socket.socket, bytes, Endpoint]] = []
        self._count = itertools.count()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relays")

    @property
    def thread(self) -> int:
        """The kernel's number of the thread that passes on, while it runs."""
        assert self._thread.native_id is not None
        return self._thread.native_id

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        for line in self._lines.values():
            line.close()

    def repair(self) -> None:
        """From now on every line is perfect; what is under way stays under way."""
        for line in self._lines.values():
            line.fate = None

    def inject(self, device: str, datagram: bytes, to: Endpoint) -> None:
        """Send a datagram from the device's own address. Raises OSError where the kernel does not take it."""
        self._lines[device].front.sendto(datagram, to)

    def _run(self) -> None:
        selector = selectors.DefaultSelector()
        for line in self._lines.values():
            selector.register(line.front, selectors.EVENT_READ, (line, None))
        with selector:
            while not self._ended.is_set():
                wait = min(PATIENCE, self._due[0][0] - time.monotonic()) if self._due else PATIENCE
                for key, _ in selector.select(max(0.0, wait)):
                    self._take(selector, *key.data)
                while self._due and self._due[0][0] <= time.monotonic():
                    _, _, through, datagram, to = heapq.heappop(self._due)
                    _send(through, datagram, to)

    def _take(self, selector: selectors.BaseSelector, line: _Line, client: Endpoint | None) -> None:
        """A datagram for the controller, or one of its own for a client."""
        to_controller = client is None
        try:
            datagram, source = (line.front if client is None else line.backs[client]).recvfrom(65_535)
        except (BlockingIOError, ConnectionRefusedError):
            return
        if client is None:
            client = source
            if client not in line.backs:
                back = line.backs[client] = _bound((line.front.getsockname()[0], 0))
                selector.register(back, selectors.EVENT_READ, (line, client))
        tamper = self.tamper
        for each in (datagram,) if tamper is None else tamper(line.device, datagram, to_controller):
            self._carry(line, client, each, to_controller)

    def _carry(self, line: _Line, client: Endpoint, datagram: bytes, to_controller: bool) -> None:
        cut = self.cut
        delays = () if cut else (0.0,) if line.fate is None else tuple(line.fate())
        self.log.append(Passed(time.time(), line.device, to_controller, datagram, delays, cut))
        through, to = (line.backs[client], line.controller) if to_controller else (line.front, client)
        for delay in delays:
            if delay > 0:
                entry = (time.monotonic() + delay, next(self._count), through, datagram, to)
                heapq.heappush(self._due, entry)
            else:
                _send(through, datagram, to)


def _bound(where: Endpoint) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    made.setblocking(False)
    made.bind(where)
    return made


def _send(through: socket.socket, datagram: bytes, to: Endpoint) -> None:
    """Send or lose, as UDP does."""
    try:
        through.sendto(datagram, to)
    except (BlockingIOError, ConnectionRefusedError):
        return
