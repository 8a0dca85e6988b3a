"""How hard one device may be driven: requests at once, and requests a second."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

from drivers.base import Target

CEILING: Final = 64
"""Most requests at once to one device, whatever the site file says.

An invoke id has 8 bits (ASHRAE 135 §20.1.2.6) and a call may be sent three times, each under its own id, so
64 calls use at most 192 of 256 ids. bacpypes3 0.0.110 stops its event loop for ever once none is free.
"""


ROUTED: Final = 10.0
"""Requests a second to all devices of one network behind a router together, where the site file states none.

An MS/TP trunk at 38.4 kbit/s (ASHRAE 135 §9) carries 3,840 octets a second. A ReadPropertyMultiple and its answer take up to some
300 octets with their preambles and tokens, so that ten fill three quarters of it: a site choice.
"""

_BEHIND = re.compile(r"(\d+):\d+")
"""`network:station`, unlike `host:port`."""


class Pace:
    """Starts at most `per_second` requests, evenly; several gates may share one."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self.queued = 0
        """Requests that wait for room at a gate, and have no turn yet."""

    def turn(self) -> float:
        """Seconds until the next request may start; that turn is taken."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._gap
        return start - now

    def takes(self, requests: int) -> float:
        """Seconds until so many more have started."""
        ahead = max(0.0, self._next - asyncio.get_running_loop().time())
        return ahead + (self.queued + requests) * self._gap


def network(address: str | None) -> int | None:
    """The network behind a router that a device's address names: 2001 of `2001:12`."""
    found = _BEHIND.fullmatch(address or "")
    return int(found[1]) if found is not None else None


def paces(targets: Sequence[Target], per_second: Mapping[str, float]) -> dict[str, Pace]:
    """The pace of each device that has one. Devices of one network behind a router share theirs: the lowest
    that is stated for any of them, else `ROUTED`."""
    trunks: dict[int, list[float]] = {}
    for target in targets:
        if (number := network(target.address)) is not None:
            trunks.setdefault(number, []).extend(r for d, r in per_second.items() if d == target.device)
    shared = {number: Pace(min(rates, default=ROUTED)) for number, rates in trunks.items()}
    found: dict[str, Pace] = {}
    for target in targets:
        if (number := network(target.address)) is not None:
            found[target.device] = shared[number]
        elif target.device in per_second:
            found[target.device] = Pace(per_second[target.device])
    return found


class Gate:
    """Lets in at most `at_once` requests, each when its `pace` says so (None: as they come)."""

    def __init__(self, at_once: int, pace: Pace | None = None) -> None:
        self._room = asyncio.Semaphore(max(1, min(at_once, CEILING)))
        self._pace = pace

    async def __aenter__(self) -> None:
        pace = self._pace
        if pace is None:
            await self._room.acquire()
            return
        pace.queued += 1
        try:
            await self._room.acquire()
        finally:
            pace.queued -= 1
        try:
            await asyncio.sleep(pace.turn())
        except asyncio.CancelledError:
            self._room.release()
            raise

    def takes(self, requests: int) -> float:
        """Seconds that so many requests wait for their turn: a deadline is for the device, not for the queue."""
        return self._pace.takes(requests) if self._pace is not None else 0.0

    def again(self) -> float:
        """Seconds until a request that was let in may be sent once more; that turn is taken."""
        return self._pace.turn() if self._pace is not None else 0.0

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.release()
