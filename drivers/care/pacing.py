"""How hard one device may be driven: requests at once, and requests a second."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from types import TracebackType
from typing import Final

from drivers.care.room import Room, Waits
from drivers.protocol import Target

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

WORTH: Final = 0.9
"""Share of a deadline under which what is left of it is worth filling up."""

_BEHIND = re.compile(r"(\d+):\d+")
"""`network:station`, unlike `host:port`."""


class Pace:
    """Starts at most `per_second` requests, evenly; several gates may share one."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self._expected = 0
        """Requests of the calls under way, whether they have had their turn or not."""

    def at_most(self, per_second: float) -> None:
        """Not faster than that from here on."""
        self._gap = max(self._gap, 1.0 / per_second)

    def turn(self) -> float:
        """Seconds until the next request may start; that turn is taken."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._gap
        return start - now

    def takes(self, requests: int) -> float:
        """Seconds until so many more have started, at most."""
        ahead = max(0.0, self._next - asyncio.get_running_loop().time())
        return ahead + (self._expected + requests) * self._gap

    @contextmanager
    def expecting(self, requests: int) -> Iterator[float]:
        """Around a call of so many requests: the seconds until the last of them has started, at most."""
        seconds = self.takes(requests)
        self._expected += requests
        try:
            yield seconds
        finally:
            self._expected -= requests


def network(address: str | None) -> int | None:
    """The network behind a router that a device's address names: 2001 of `2001:12`."""
    found = _BEHIND.fullmatch(address or "")
    return int(found[1]) if found is not None else None


class Paces:
    """The pace of each device that has one. Devices of one network behind a router share theirs: the lowest
    that is stated for any of them, else `ROUTED`."""

    def __init__(self, targets: Sequence[Target], per_second: Mapping[str, float]) -> None:
        self._stated = per_second
        self._own: dict[str, Pace] = {}
        self._trunks: dict[int, Pace] = {}
        rates: dict[int, list[float]] = {}
        for target in targets:
            if (number := network(target.address)) is not None:
                rates.setdefault(number, []).extend(r for d, r in per_second.items() if d == target.device)
        for number, stated in rates.items():
            self._trunks[number] = Pace(min(stated, default=ROUTED))

    def of(self, device: str, address: str | None) -> Pace | None:
        """The pace of a device at an address, where it has one. A network that no address of the site file names
        is met when a device is found there."""
        number, stated = network(address), self._stated.get(device)
        if number is not None:
            trunk = self._trunks.setdefault(number, Pace(stated or ROUTED))
            if stated is not None:
                trunk.at_most(stated)
            return trunk
        if stated is None:
            return None
        return self._own.setdefault(device, Pace(stated))


class Gate:
    """Lets in at most `at_once` requests, each when its `pace` says so (None: as they come)."""

    def __init__(self, at_once: int, pace: Pace | None = None) -> None:
        self._at_once = max(1, min(at_once, CEILING))
        self.room = Room(self._at_once)
        self.calls = asyncio.Semaphore(self._at_once)
        """For calls of one request each, so that their deadlines run only once there is room for it."""
        self.pace = pace

    async def __aenter__(self) -> None:
        pace = self.pace
        if pace is None:
            await self.room.enter()
            return
        await self.room.enter()
        try:
            await asyncio.sleep(pace.turn())
        except asyncio.CancelledError:
            self.room.leave()
            raise

    async def enter_at_once(self, most: int) -> int:
        """Let in as many requests, up to `most`, as there is room for without waiting; how many. Each has to `leave`."""
        entered = 0
        while entered < most and not self.room.full:
            await self.room.enter()
            entered += 1
        return entered

    def leave(self, requests: int) -> None:
        """So many requests that were let in at once are over."""
        for _ in range(requests):
            self.room.leave(answered=True)

    def takes(self, requests: int) -> float:
        """Seconds that so many requests wait for their turn, at most."""
        return self.pace.takes(requests) if self.pace is not None else 0.0

    @asynccontextmanager
    async def deadline(
        self, seconds: float, requests: int = 1, most: int = 1
    ) -> AsyncIterator[Callable[[], None]]:
        """Around a call of so many requests: TimeoutError after `seconds`, and the time that they wait for their turn
        behind those of all other calls under way. A deadline is for the device, not for the queue.

        What it yields is called with each answer: where there are more requests, up to `most`, than go at once, there
        are so many seconds again. A slow device is heard to the end, a dead one is not waited for.
        """
        with self.pace.expecting(requests) if self.pace is not None else nullcontext(0.0) as queue:
            now = asyncio.get_running_loop().time
            latest = now() + queue + seconds * -(-most // self._at_once)
            async with asyncio.timeout(seconds + queue) as limit:
                waits = Waits(limit, seconds)

                def more() -> None:
                    until = limit.when() or latest
                    # a controller that answers at once needs no more time, and moving a deadline costs some
                    if until < latest and until - (heard := now()) < WORTH * seconds and not limit.expired():
                        limit.reschedule(min(latest, max(until, heard + seconds)))

                with waits.known():
                    yield more

    def again(self) -> float:
        """Seconds until a request that was let in may be sent once more; that turn is taken."""
        return self.pace.turn() if self.pace is not None else 0.0

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.room.leave(answered=kind is None or issubclass(kind, Exception))
