"""Watches the daemon from outside: its sockets as the kernel counts them, its memory, its answers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Final, NamedTuple, Self

import httpx
import psutil

from simulator.bacnet.relay import Endpoint

HANG: Final = 2.0
"""Seconds after which an answer of /healthz counts as a hang. It is given by the loop that decides and polls."""
EVERY: Final = 0.2
"""Seconds between two questions."""
_SOCKETS: Final = Path("/proc/net/udp")
_LOOKS: Final = 20
"""Looks at that file before a socket counts as gone: rows are missed while others open and close theirs."""


class Queue(NamedTuple):
    """A process's UDP sockets on one port, added up."""

    waiting: int
    """Octets that the kernel holds for it, its own bookkeeping included."""
    drops: int
    """Datagrams that the kernel threw away since the sockets were made."""


def queue(*addresses: Endpoint) -> Queue:
    """What the kernel says of the sockets bound to these. Raises RuntimeError where there is none."""
    wanted = {_as_the_kernel_has_it(host, port) for host, port in addresses}
    for _ in range(_LOOKS):
        rows = map(str.split, _SOCKETS.read_text(encoding="ascii").splitlines()[1:])
        found = [fields for fields in rows if fields[1] in wanted]
        if found:
            waiting = sum(int(fields[4].partition(":")[2], 16) for fields in found)
            return Queue(waiting, sum(int(fields[12]) for fields in found))
    raise RuntimeError(f"nobody listens on {addresses}: the daemon is gone")


def _as_the_kernel_has_it(host: str, port: int) -> str:
    """An address as /proc/net/udp spells it on a little-endian machine: octets reversed, in hexadecimal."""
    return "".join(f"{int(octet):02X}" for octet in reversed(host.split("."))) + f":{port:04X}"


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
