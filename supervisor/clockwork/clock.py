"""The site clock: schedules, rules, ages and statistics follow it; the wire does not."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import Protocol

from schedules.time import Instant

MAX_SPEED = 600.0
_LONGEST_SLEEP = 30.0
"""s of wall time: a real clock may be set meanwhile, so nobody sleeps past it for long."""


class Clock(Protocol):
    """Where the shell gets the time. The core never does: it is handed instants."""

    def now(self) -> Instant:
        """The site's present."""


class PacedClock(Clock, Protocol):
    """A clock that the daemon's turns keep step with."""

    @property
    def speed(self) -> float:
        """Site seconds a wall second."""

    async def wait(self, until: Instant, interrupt: asyncio.Event) -> None:
        """Return when `until` is reached or `interrupt` is set, whichever is first."""


class SiteClock:
    """Wall time, or a time of our own: `start` when the monotonic clock showed `origin`, then faster."""

    def __init__(self, start: Instant | None = None, speed: float = 1.0, origin: float | None = None) -> None:
        if not 0 < speed <= MAX_SPEED:
            raise ValueError(f"the speed lies between 0 and {MAX_SPEED:.0f}")
        self._speed = speed
        self._real = start is None and speed == 1.0
        self._start = time.time() if start is None else start
        self._origin = time.monotonic() if origin is None else origin

    @property
    def real(self) -> bool:
        """Whether it is the computer's own clock."""
        return self._real

    @property
    def speed(self) -> float:
        """Site seconds a wall second."""
        return self._speed

    def now(self) -> Instant:
        """The site's present. At speed 1 without a start it is the machine's clock, steps and all."""
        if self._real:
            return time.time()
        return self._start + (time.monotonic() - self._origin) * self._speed

    async def wait(self, until: Instant, interrupt: asyncio.Event) -> None:
        """Return when `until` is reached or `interrupt` is set; re-reads the clock at least every 30 s."""
        while not interrupt.is_set():
            left = (until - self.now()) / self._speed
            if left <= 0:
                return
            timeout = _LONGEST_SLEEP if math.isinf(left) else min(left, _LONGEST_SLEEP)
            # not asyncio.wait_for: it loses a cancellation that comes together with the interrupt
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await interrupt.wait()
