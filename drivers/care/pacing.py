"""How hard one device may be driven: requests at once, and requests a second.

A small controller takes one or two requests at a time and refuses the others (out of resources, busy). Refused in a burst, they
come again in the next one, and none is ever answered: so as many are let in as were under way beside one that was refused.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from enum import Enum
from types import TracebackType
from typing import Final, TypeVar

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

FIRST_AGAIN, LONGEST_AGAIN = 60.0, 3600.0
"""Seconds after which twice as many are let in again: it may have been another client's doing. Doubled each time that they are
too many again; a site choice."""

_WAITS: Final[ContextVar[Waits | None]] = ContextVar("waits", default=None)

T = TypeVar("T")

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


class Waits:
    """A call's deadline, which does not run while the call waits for room in a device that answers others."""

    __slots__ = ("_limit", "_seconds")

    def __init__(self, limit: asyncio.Timeout, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds

    @contextmanager
    def known(self) -> Iterator[None]:
        """Around the call."""
        token = _WAITS.set(self)
        try:
            yield
        finally:
            _WAITS.reset(token)

    def anew(self, now: float) -> None:
        """The call has its whole time again."""
        until = self._limit.when()
        if until is not None and until < now + self._seconds and not self._limit.expired():
            self._limit.reschedule(now + self._seconds)


class Room:
    """At most `most` requests at once, on the running loop's clock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places = asyncio.Semaphore(most)
        self._under_way = 0
        self._kept = self._owed = 0
        """Places that are kept free, and that will be once their requests are over."""
        self._again, self._pause, self._widened = math.inf, FIRST_AGAIN, False
        self._waiting: dict[Waits, int] = {}
        self.on_calm: Callable[[], None] = lambda: None
        """Told when as many as may be were let in again for a while, and none was refused."""

    @property
    def size(self) -> int:
        """How many are let in at once now."""
        return self._most - self._kept - self._owed

    @property
    def narrow(self) -> bool:
        """Whether that is fewer than may be."""
        return self._kept + self._owed > 0

    @property
    def full(self) -> bool:
        """Whether one more has to wait."""
        return self._places.locked()

    async def enter(self) -> None:
        """Wait for a place."""
        if self._again < math.inf:
            self._widen(asyncio.get_running_loop().time())
        waits = _WAITS.get() if self.full else None
        if waits is None:
            await self._places.acquire()
        else:
            await self._wait(waits)
        self._under_way += 1

    async def _wait(self, waits: Waits) -> None:
        self._waiting[waits] = self._waiting.get(waits, 0) + 1
        try:
            await self._places.acquire()
        finally:
            self._waiting[waits] -= 1
            if not self._waiting[waits]:
                del self._waiting[waits]
        if self.narrow:
            waits.anew(asyncio.get_running_loop().time())

    def leave(self, *, answered: bool = False) -> None:
        """A request is over; the device may have `answered` it."""
        self._under_way -= 1
        if self._owed:
            self._owed, self._kept = self._owed - 1, self._kept + 1
        else:
            self._places.release()
        if answered and self._waiting and self.narrow:
            now = asyncio.get_running_loop().time()
            for waits in self._waiting:
                waits.anew(now)

    def crowded(self, refused: int = 1) -> bool:
        """The device had no room for so many of the requests under way, which are still counted. False where there were no
        others: it was not for them."""
        others = self._under_way - refused
        if others <= 0:
            return False
        if self._widened:
            self._pause, self._widened = min(2 * self._pause, LONGEST_AGAIN), False
        self._again = asyncio.get_running_loop().time() + self._pause
        self._owed += max(0, self.size - others)
        return True

    def _widen(self, now: float) -> None:
        """Let in twice as many, where it is time to see whether there is room again."""
        if now < self._again:
            return
        if not self.narrow:
            self._again, self._pause, self._widened = math.inf, FIRST_AGAIN, False
            self.on_calm()
            return
        more = min(self.size, self._kept + self._owed)
        spared = min(more, self._owed)
        self._owed -= spared
        for _ in range(more - spared):
            self._kept -= 1
            self._places.release()
        self._again, self._widened = now + self._pause, True


class Gate:
    """Lets in at most `at_once` requests, each when its `pace` says so (None: as they come)."""

    def __init__(self, at_once: int, pace: Pace | None = None) -> None:
        self._at_once = max(1, min(at_once, CEILING))
        self.room = Room(self._at_once)
        self.calls = asyncio.Semaphore(self._at_once)
        """For calls of one request each, so that their deadlines run only once there is room for it."""
        self.pace = pace
        self.heard = -math.inf
        """When the device last answered one of these requests, in seconds of the loop."""

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

    def turns(self, said: Callable[[Exception], Said], settled: Callable[[], None]) -> Turns:
        """See `Turns`."""
        return Turns(self, said, settled)

    def hears(self) -> None:
        """The device has answered a request."""
        self.heard = asyncio.get_running_loop().time()

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


class Said(Enum):
    """What an error says of the device that was asked."""

    NOTHING = "it came from our side"
    ANSWER = "the device answers"
    CROWDED = "the device had too much else to do"


class Turns:
    """One request's turns at a gate: `while True: async with turns: return await send()`.

    A refusal for what the device had to do besides (`said` tells) is swallowed, fewer are sent at once from then on, and the request has another
    turn; `settled` is called once it was taken then. A loop in its sender's hands: what is sent need not be wrapped up and handed on.
    """

    __slots__ = ("_again", "_gate", "_said", "_settled")

    def __init__(self, gate: Gate, said: Callable[[Exception], Said], settled: Callable[[], None]) -> None:
        self._gate, self._said, self._settled, self._again = gate, said, settled, False

    async def __aenter__(self) -> None:
        await self._gate.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> bool:
        gate, refused = self._gate, False
        if error is None:
            gate.hears()
        elif isinstance(error, Exception) and (said := self._said(error)) is not Said.NOTHING:
            gate.hears()
            refused = said is Said.CROWDED and gate.room.crowded()
        await gate.__aexit__(kind, error, where)
        if error is None and self._again:
            self._settled()
        self._again |= refused
        return refused
