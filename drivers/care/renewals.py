"""Change-of-value subscriptions that stay alive: renewed, retried and taken up again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from drivers.protocol import Address, Answer, DriverError, Retryable

FIRST_PAUSE: Final = 1.0
"""Seconds before the first retry of a renewal; it doubles with each failure."""

LONGEST_PAUSE: Final = 20.0
"""Seconds between retries at most, so that notifications are back soon after a cable is."""

RESTART_SPACING: Final = 10.0
"""Seconds between two rounds that a device's I-Am may cause; other people's Who-Is cause them too."""

Send = Callable[[Address, int | None], Awaitable[None]]
"""Subscribes to an object for some seconds, with None cancels. Has its own deadline; raises DriverError."""

_log = structlog.get_logger(__name__)


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


@dataclass(slots=True)
class _Entry:
    lifetime: int
    due: float
    live: bool = False


@dataclass(slots=True)
class _Line:
    """One device's subscriptions and the task that renews them."""

    entries: dict[Address, _Entry] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    restarted: float = float("-inf")
    task: asyncio.Task[None] | None = None


class Renewals:
    """Keeps subscriptions alive through `send`, on the event loop's monotonic clock."""

    def __init__(self, send: Send, jitter: random.Random | None = None) -> None:
        self._send = send
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._lines: dict[str, _Line] = {}

    def holds(self, address: Address) -> bool:
        """Whether a notification about this object is one that we asked for."""
        line = self._lines.get(address.device)
        return line is not None and address in line.entries

    async def add(self, addresses: Sequence[Address], lifetime: int, within: float) -> list[Address]:
        """Subscribe to objects of one device within `within` seconds; those that it accepted.

        What it refused is left alone. What got no answer is tried again until it has one.
        """
        if not addresses:
            return []
        line = self._lines.setdefault(addresses[0].device, _Line())
        now = asyncio.get_running_loop().time()
        for address in addresses:
            line.entries[address] = _Entry(lifetime, now + within + FIRST_PAUSE)
        if line.task is None:
            line.task = asyncio.create_task(self._keep(line), name=f"cov {addresses[0].device}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._round(line, addresses, forget=True)
        line.wake.set()
        return [a for a in addresses if a in line.entries and line.entries[a].live]

    def restarted(self, device: str) -> None:
        """Take up all subscriptions of a device again: it said I-Am, as after a restart."""
        line = self._lines.get(device)
        if line is None:
            return
        now = asyncio.get_running_loop().time()
        if line.restarted > now:
            return
        start = max(now, line.restarted + RESTART_SPACING)
        line.restarted = start
        line.failures = 0
        for entry in line.entries.values():
            entry.due = min(entry.due, start)
        line.wake.set()

    async def stop(self, within: float) -> None:
        """End all renewals, and cancel subscriptions as far as devices answer within `within` seconds."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        live = [a for line in self._lines.values() for a, e in line.entries.items() if e.live]
        self._lines.clear()
        if not live:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*(self._send(a, None) for a in live), return_exceptions=True)

    async def _keep(self, line: _Line) -> None:
        """Renew what is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            due = [a for a, e in line.entries.items() if e.due <= now]
            if due:
                await self._round(line, due, forget=False)
            line.wake.clear()
            soonest = min((e.due for e in line.entries.values()), default=now + LONGEST_PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, soonest - loop.time())):
                    await line.wake.wait()

    async def _round(self, line: _Line, addresses: Sequence[Address], *, forget: bool) -> None:
        """Ask for one object first: where the device is silent, that one request says so for all."""
        answered = await self._one(line, addresses[0], forget=forget)
        if answered:
            rest = await asyncio.gather(*(self._one(line, a, forget=forget) for a in addresses[1:]))
            answered = all(rest)
        if answered:
            line.failures = 0
            return
        line.failures += 1
        pause = self._pause(line)
        now = asyncio.get_running_loop().time()
        for address in addresses:
            entry = line.entries.get(address)
            if entry is not None and (not entry.live or entry.due <= now):
                entry.due = now + pause

    async def _one(self, line: _Line, address: Address, *, forget: bool) -> bool:
        """Subscribe to one object; whether the device answered, be it with a refusal."""
        entry = line.entries.get(address)
        if entry is None:
            return True
        try:
            await self._send(address, entry.lifetime)
        except Retryable as error:
            if not line.failures:
                _log.warning("cov subscription not renewed", object=address, error=error.message)
            entry.live = False
            return False
        except DriverError as error:
            _log.warning("cov refused", object=address, error=error.message)
            entry.live = False
            if forget:
                line.entries.pop(address, None)
        except (
            Exception
        ):  # a fault of ours must not end the renewals: the subscription would be dead for good
            if not line.failures:
                _log.exception("cov renewal broke", object=address)
            entry.live = False
            return False
        else:
            entry.live = True
        entry.due = asyncio.get_running_loop().time() + max(entry.lifetime, 1) / 2
        return True

    def _pause(self, line: _Line) -> float:
        """Seconds until the next try: doubling, bounded, and spread so that devices do not line up."""
        shortest_half = min((e.lifetime for e in line.entries.values()), default=2) / 2
        pause = min(
            FIRST_PAUSE * 2.0 ** min(line.failures - 1, 10), LONGEST_PAUSE, max(FIRST_PAUSE, shortest_half)
        )
        return pause * self._jitter.uniform(0.5, 1.0)
