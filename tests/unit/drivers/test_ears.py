"""Changes of value are taken in a thread of their own: in order, none left with the stack, and what was lost is told."""

from __future__ import annotations

import asyncio
import queue
import time
from typing import Any

import pytest

from drivers.bacnet.rusty import link
from drivers.bacnet.rusty.link import Ears
from tests.waiting import SOON


class Stack:
    """The stack's side: hands over one after the other whoever asks, in any loop; None ends it."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.missed = 0

    async def __anext__(self) -> int:
        """The next one."""
        found = await asyncio.to_thread(self.waiting.get)
        if found is None:
            raise StopAsyncIteration
        return found


class Listening:
    """What came of it in our loop."""

    def __init__(self) -> None:
        self.stack, self.losses = Stack(), 0
        self.heard: list[int] = []
        told: Any = self.stack
        self.ears = Ears(told, self._hear)

    def _hear(self, ears: Ears) -> None:
        told: list[Any] = ears.heard()
        self.heard += told
        self.losses += ears.lost()

    async def until(self, count: int) -> None:
        """Wait until so many were heard."""
        async with asyncio.timeout(SOON):
            while len(self.heard) < count:
                await asyncio.sleep(0.001)

    def held_up(self) -> None:
        """Our loop does nothing until the other thread has taken all from the stack."""
        until = time.monotonic() + SOON
        while not self.stack.waiting.empty() and time.monotonic() < until:
            time.sleep(0.001)  # it is our loop that sleeps here: that is what is tried

    async def end(self) -> None:
        """The stack is stopped."""
        self.stack.waiting.put(None)
        await self.ears.end()


async def test_what_comes_while_the_loop_is_held_up_waits_with_us_in_order() -> None:
    """A thousand changes during a start: none stays where some dozens have room."""
    listening = Listening()
    for number in range(300):
        listening.stack.waiting.put(number)
    listening.held_up()
    assert listening.heard == []
    await listening.until(300)
    assert listening.heard == list(range(300))
    assert listening.losses == 0
    await listening.end()


async def test_what_the_stack_threw_away_is_told_once() -> None:
    """Forty are missing before the next one is heard; after it nothing more is."""
    listening = Listening()
    listening.stack.missed = 40
    listening.stack.waiting.put(1)
    await listening.until(1)
    listening.stack.waiting.put(2)
    await listening.until(2)
    assert listening.losses == 1
    await listening.end()


async def test_more_than_anybody_could_keep_is_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller gone mad must not fill the memory."""
    monkeypatch.setattr(link, "MOST_WAITING", 5)
    listening = Listening()
    for number in range(20):
        listening.stack.waiting.put(number)
    listening.held_up()
    await listening.until(5)
    listening.stack.waiting.put(99)
    await listening.until(6)
    assert listening.heard[:5] == [0, 1, 2, 3, 4]
    assert listening.losses >= 1
    await listening.end()
