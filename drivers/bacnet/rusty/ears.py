"""Changes of value taken from rusty-bacnet in a thread of their own, so that they wait with us and not with the stack.

The stack (0.14) keeps some dozens of notifications that nobody has taken, throws the oldest away, and hands one over a turn of the
loop that asks for it. A loop that has a building to run turns too slowly for a start's thousand, or for a busy machine's hundred.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from rusty_bacnet import CovNotification, CovNotificationIterator

MOST: Final = 20_000
"""Notifications that wait for us at most: some ten megabytes, two for each object of a large building. A site choice."""

AT_MOST: Final = 1.0
"""Seconds that a stop waits for the thread."""


class Ears:
    """Takes what `told` yields until the stack is stopped. `hear` gets each notification in the loop that this was made in, in
    order, and `on_lost` is called there once some were lost."""

    def __init__(
        self,
        told: CovNotificationIterator,
        hear: Callable[[CovNotification], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._told, self._hear, self._on_lost = told, hear, on_lost
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._waiting: deque[CovNotification] = deque()
        self._woken = False
        self._dropped = 0
        self._missed = 0
        """How many were lost, as far as that was told."""
        threading.Thread(target=lambda: asyncio.run(self._listen()), name="cov", daemon=True).start()

    async def end(self) -> None:
        """Wait, not for long, until the thread has ended: call it once the stack was stopped."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AT_MOST):
                await self._ended.wait()

    async def _listen(self) -> None:
        """In the thread: take each as it comes, and wake the loop unless it is about to look anyway."""
        try:
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    self._keep(await self._told.__anext__())
        finally:
            self._call(self._ended.set)

    def _keep(self, notification: CovNotification) -> None:
        if len(self._waiting) >= MOST:
            self._dropped += 1
            return
        self._waiting.append(notification)
        if not self._woken:
            self._woken = True
            self._call(self._take)

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # our loop is closed: nobody listens
            self._loop.call_soon_threadsafe(what)

    def _take(self) -> None:
        """In the loop: all that wait."""
        self._woken = False
        while self._waiting:
            self._hear(self._waiting.popleft())
        if (missed := self._told.missed + self._dropped) > self._missed:
            self._missed = missed
            self._on_lost()
