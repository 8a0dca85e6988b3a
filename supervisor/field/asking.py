"""When devices are asked what they call their states: a while after they were first read, few at a time; and before a write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from typing import Final

import structlog

from drivers.protocol import Address, Calling, DriverError, FieldReader
from supervisor.field.called import AT_ONCE, CalledStates

log = structlog.get_logger()
SETTLE: Final = 3.0
"""Seconds after a device was first read: by then a start has made its first decision, which needs every device's readings."""
BETWEEN: Final = 1.0
"""Seconds between two such calls to one device, whose other requests go before."""
AT_A_TIME: Final = 4
"""Devices that are asked at the same time, of a building's hundreds."""
FIRST_AGAIN, LONGEST_AGAIN = 60.0, 3600.0
"""Seconds until a device is asked once more for what it gave no answer about, doubled each time. All are site choices."""


class Asking:
    """Asks the devices of one site for what `called` lacks. `spared` are devices of which one object is asked for at a time before
    a write, `suspects` those that are not asked at all."""

    def __init__(
        self,
        called: CalledStates,
        reader: FieldReader,
        spared: Callable[[str], bool],
        suspects: Container[str],
    ) -> None:
        self._called, self._spared, self._suspects = called, spared, suspects
        self._reader = reader if isinstance(reader, Calling) else None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._few = asyncio.Semaphore(AT_A_TIME)
        self._locks: dict[str, asyncio.Lock] = {}
        self._again: dict[str, tuple[float, float]] = {}
        """When a device is asked once more, in seconds of the loop, and how long the next pause is."""

    def soon(self, device: str) -> None:
        """The device was read: ask it in a while, where something is still to be asked. Never blocks."""
        if self._reader is None or not self._called.due(device):
            return
        if device in self._tasks or device in self._suspects or self._resting(device):
            return
        task = asyncio.get_running_loop().create_task(
            self._ask(device, self._reader), name=f"states {device}"
        )
        self._tasks[device] = task
        task.add_done_callback(lambda _: self._tasks.pop(device, None))

    def _resting(self, device: str) -> bool:
        again = self._again.get(device)
        return again is not None and asyncio.get_running_loop().time() < again[0]

    async def _ask(self, device: str, reader: Calling) -> None:
        await asyncio.sleep(SETTLE)
        await self.all_of(device, reader)
        if not self._called.due(device):
            self._again.pop(device, None)
            return
        _, pause = self._again.get(device, (0.0, FIRST_AGAIN))
        self._again[device] = asyncio.get_running_loop().time() + pause, min(2 * pause, LONGEST_AGAIN)

    async def all_of(self, device: str, reader: Calling | None = None) -> None:
        """Ask for all that is due of a device, as far as it answers."""
        reader = reader or self._reader
        if reader is None:
            return
        left = -1
        async with self._few:
            while self._called.due(device) and device not in self._suspects:
                if left >= 0:
                    await asyncio.sleep(BETWEEN)
                before, left = left, self._called.left(device)
                if left == before:
                    break  # nothing came of the last call
                try:
                    async with self._lock(device):
                        await self._called.learn(device, reader)
                except DriverError as error:
                    log.debug("states not read", device=device, reason=error.message)
                    break

    async def first(self, address: Address) -> None:
        """Before an object is written: ask once what its states are called, and with it what fits. What does not answer is no
        reason not to write."""
        device = address.device
        if self._reader is None or not self._called.awaited(address) or device in self._suspects:
            return
        async with self._lock(device):
            if not self._called.awaited(address):
                return
            most = 1 if self._spared(device) else AT_ONCE
            try:
                await self._called.learn(device, self._reader, address, most)
            except DriverError as error:
                log.debug("states not read before a write", device=device, reason=error.message)

    def _lock(self, device: str) -> asyncio.Lock:
        """One question to a device at a time: a write waits for one that is under way."""
        return self._locks.setdefault(device, asyncio.Lock())

    def stop(self) -> None:
        """Ask nobody any more."""
        for task in list(self._tasks.values()):
            task.cancel()
