"""From a wire to its one consumer: the latest answer of each object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from drivers.protocol import Address, Answer


class Latest:
    """Answers on their way to one consumer; while it lags, only the latest of each object is kept."""

    def __init__(self) -> None:
        self._waiting: dict[Address, Answer] = {}
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, answer: Answer) -> None:
        """Hand over an answer, in place of an older one of its object that nobody took yet."""
        self._waiting[answer.address] = answer
        self._arrived.set()

    def close(self) -> None:
        """Let the consumer come to its end."""
        self._closed = True
        self._arrived.set()

    async def stream(self) -> AsyncIterator[Answer]:
        """Answers in the order in which their objects first changed, until `close`."""
        while not self._closed:
            if self._waiting:
                yield self._waiting.pop(next(iter(self._waiting)))
            else:
                self._arrived.clear()
                await self._arrived.wait()
