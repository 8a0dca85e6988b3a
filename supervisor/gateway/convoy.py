"""Writes to one device that are due together, put into one request (WritePropertyMultiple, ASHRAE 135 §15.10).

Each point goes its own way through the gateway: read, decided, journalled, and read back for itself. Only in between do they wait for
one another, for half a second at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from drivers.protocol import DriverError, Retryable, Write
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Context

MOST: Final = 8
"""Points of one device carried out together: half of what a device is asked at once in normal operation."""
MUSTER: Final = 0.5
"""s that the first waits for the last: a point that does not answer must not hold up the others."""


class Overtaken(Exception):
    """Something newer was wanted before the write went out."""


class _Ready(NamedTuple):
    c: Commandable
    write: Write
    still: Callable[[], bool]
    answer: asyncio.Future[None]


class Convoy:
    """So many points of one device; what is ready when all are, or half a second later, goes out at once."""

    def __init__(self, context: Context, device: str, members: int, tasks: asyncio.TaskGroup) -> None:
        self.gone = False
        self._context = context
        self._device = device
        self._marching = members
        """Members that are neither ready nor finished."""
        self._tasks = tasks
        self._ready: list[_Ready] = []
        self._late: asyncio.TimerHandle | None = None

    async def send(self, c: Commandable, write: Write, still: Callable[[], bool]) -> None:
        """Write with the others. Raises DriverError, and Overtaken where `still` was false when it went out."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[None] = loop.create_future()
        self._ready.append(_Ready(c, write, still, answer))
        if self._late is None:
            self._late = loop.call_later(MUSTER, self._go)
        self.leave()
        await answer

    def leave(self) -> None:
        """One member less to wait for."""
        self._marching -= 1
        if self._marching <= 0 and self._ready:
            self._go()

    def end(self) -> None:
        """Nobody is on the way any more."""
        self.gone = True
        if self._late is not None:
            self._late.cancel()

    def _go(self) -> None:
        if not self.gone:
            self.gone = True
            assert self._late is not None
            self._late.cancel()
            self._tasks.create_task(self._send())

    async def _send(self) -> None:
        wanted = []
        for ready in self._ready:
            if ready.answer.done():
                continue
            if ready.still():
                wanted.append(ready)
            else:
                ready.answer.set_exception(Overtaken())
        for ready in wanted:
            ready.c.pace.hand_over(self._context.wall())
        results = await self._written([ready.write for ready in wanted])
        for ready, error in zip(wanted, results, strict=True):
            if ready.answer.done():
                continue
            if error is None:
                ready.answer.set_result(None)
            else:
                ready.answer.set_exception(error)

    async def _written(self, writes: list[Write]) -> list[DriverError | None]:
        write_many = self._context.driver.write_many
        assert write_many is not None
        try:
            # In company first, and what is left over singly.
            async with self._context.within(self._device, calls=2):
                return await write_many(writes)
        except DriverError as error:
            return [error] * len(writes)
        except Exception as error:
            # A defect in the driver: none may wait for ever, and each is read back.
            return [Retryable(self._device, f"internal error: {error!r}")] * len(writes)
