"""How many requests a device is sent at once: as many as it may, and fewer where it says that it has no room for them.

A small controller takes one or two requests at a time and refuses the others (out of resources, busy). Refused in a burst, they
come again in the next one, and none is ever answered: so as many are let in as were under way beside one that was refused.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

FIRST_AGAIN, LONGEST_AGAIN = 60.0, 3600.0
"""Seconds after which twice as many are let in again: it may have been another client's doing. Doubled each time that they are
too many again; a site choice."""

_WAITS: Final[ContextVar[Waits | None]] = ContextVar("waits", default=None)


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
