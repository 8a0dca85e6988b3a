"""Slots that are likely to be needed in a moment, read while the rules are still asked: somebody has turned a thermostat.

What is written, and in which order, stays as it is: a slot is read, the intent is committed, the value is written. Only the reading
begins when the change was heard, and not when its answer is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from config.site import Site
from drivers.care.pacing import network
from drivers.protocol import DriverError
from drivers.readings import PriorityArray
from supervisor.gateway.commandable import Commandable

FRESH: Final = 0.25
"""Seconds for which what was read ahead counts as read just now; a site choice. The rules take a few thousandths of one."""
SELDOM: Final = 5.0
"""Seconds between two readings ahead of one point: what its controller changes all the time is no thermostat. A site choice."""

Read = Callable[[Commandable], Awaitable[PriorityArray]]


@dataclass(slots=True)
class _Begun:
    at: float
    reading: asyncio.Task[PriorityArray | None] | None
    """None once it was taken, for it counts once, or is no longer fresh: a large building would keep one for each point."""

    def forget(self) -> None:
        """Let go of what nobody took, as soon as it is there."""
        if self.reading is not None and not self.reading.done():
            self.reading.add_done_callback(lambda _: self.forget())
        else:
            self.reading = None


class Ahead:
    """Arrays on their way of one gateway's points. `wall` is monotonic seconds; raises nothing."""

    def __init__(self, site: Site, wall: Callable[[], float], read: Read) -> None:
        self._wall, self._read = wall, read
        self._slow = {d.id for d in site.devices.values() if d.requests_per_second or network(d.address)}
        """Devices that are spared requests without need."""
        self._begun: dict[int, _Begun] = {}

    def begin(self, c: Commandable) -> None:
        """Read a point's array now, if that is neither too often nor a burden to its device."""
        before, now = self._begun.get(id(c)), self._wall()
        if c.key.device in self._slow or (before is not None and now - before.at < SELDOM):
            return
        begun = self._begun[id(c)] = _Begun(now, asyncio.ensure_future(self._quietly(c)))
        asyncio.get_running_loop().call_later(FRESH, begun.forget)

    async def _quietly(self, c: Commandable) -> PriorityArray | None:
        """What hinders it is met and said when it is read again."""
        try:
            return await self._read(c)
        except DriverError:
            return None

    async def take(self, c: Commandable) -> PriorityArray | None:
        """What was read ahead of a point, once and while it is fresh; None: it has to be read.

        What has no answer by then, may be lost: it is not waited for, and makes room for the reading that counts.
        """
        begun = self._begun.get(id(c))
        if begun is None or begun.reading is None:
            return None
        reading, begun.reading = begun.reading, None
        left = begun.at + FRESH - self._wall()
        if left < 0:
            return None
        if not reading.done():  # else two turns of the loop would pass, in which others' answers are taken in
            await asyncio.wait((reading,), timeout=left)
        if not reading.done():
            reading.cancel()
            return None
        return reading.result()

    def end(self) -> None:
        """Nothing is needed any more."""
        for begun in self._begun.values():
            if begun.reading is not None:
                begun.reading.cancel()
        self._begun.clear()
