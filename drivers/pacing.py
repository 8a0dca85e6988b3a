"""How hard one device may be driven: requests at once, and requests a second."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

CEILING: Final = 64
"""Most requests at once to one device, whatever the site file says.

An invoke id has 8 bits (ASHRAE 135 §20.1.2.6) and a call may be sent three times, each under its own id, so
64 calls use at most 192 of 256 ids. bacpypes3 0.0.110 stops its event loop for ever once none is free.
"""


class Gate:
    """Lets in at most `at_once` requests, and starts at most `per_second` of them (None: as many as come)."""

    def __init__(self, at_once: int, per_second: float | None = None) -> None:
        self._room = asyncio.Semaphore(max(1, min(at_once, CEILING)))
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = 0.0

    async def __aenter__(self) -> None:
        await self._room.acquire()
        if not self._gap:
            return
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._gap
        try:
            await asyncio.sleep(start - now)
        except asyncio.CancelledError:
            self._room.release()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.release()
