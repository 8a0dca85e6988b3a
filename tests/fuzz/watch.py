"""Watches the daemon from outside: its sockets as the kernel counts them, its memory, its answers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Final, NamedTuple, Self

import httpx
import psutil

HANG: Final = 2.0
"""Seconds after which an answer of /healthz counts as a hang. It is given by the loop that decides and polls."""
EVERY: Final = 0.2
"""Seconds between two questions."""
_SOCKETS: Final = Path("/proc/net/udp")


class Queue(NamedTuple):
    """A process's UDP sockets on one port, added up."""

    waiting: int
    """Octets that the kernel holds for it, its own bookkeeping included."""
    drops: int
    """Datagrams that the kernel threw away since the sockets were made."""


def queue(port: int, network: str) -> Queue:
    """What the kernel says of the sockets on `port` of addresses that begin with `network` (three octets)."""
    start = "".join(f"{int(octet):02X}" for octet in reversed(network.split(".")))
    waiting = drops = found = 0
    for row in _SOCKETS.read_text(encoding="ascii").splitlines()[1:]:
        fields = row.split()
        host, _, number = fields[1].partition(":")
        if int(number, 16) == port and host.endswith(start):
            found += 1
            waiting += int(fields[4].partition(":")[2], 16)
            drops += int(fields[12])
    if not found:
        raise RuntimeError(f"nobody listens on port {port} of {network}.*: the daemon is gone")
    return Queue(waiting, drops)


class Pulse:
    """Asks /healthz all along, in a thread of its own."""

    def __init__(self, http: int) -> None:
        self.hangs = 0
        self.worst = 0.0
        """Seconds that the slowest answer took."""
        self.asked = 0
        self._url = f"http://127.0.0.1:{http}/healthz"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(30)

    def _run(self) -> None:
        with httpx.Client(timeout=10 * HANG) as client:
            while not self._ended.wait(EVERY):
                began = time.monotonic()
                try:
                    well = client.get(self._url).status_code == 200
                except httpx.HTTPError:
                    well = False
                took = time.monotonic() - began
                self.asked += 1
                self.worst = max(self.worst, took)
                self.hangs += not well or took > HANG


def megabytes(pid: int) -> float:
    """Resident memory of a process, MB of 10^6 octets."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6
