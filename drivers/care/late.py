"""Devices whose answers come later than their time-out: not silent, but slow, and waited for longer from then on.

Or those about some of their objects: a gateway answers at once for itself, and asks its meters first.

A trunk behind a router, or a gateway that asks its meters first, takes four seconds for each answer where the site file has three:
whoever gives up at three never hears one. So one that was silent is asked once more beside, and listened to for longer; also one
of which every other answer is in time, or that tells its changes by itself.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

LISTENS: Final = 20.0
"""Seconds for which it is listened to: the slowest trunk met takes ten. A site choice."""
ROOM: Final = 3.0
"""Times that an answer took for which a device is waited for: some calls are two requests, and a trunk is not alike all day; a site choice."""
LONGEST: Final = 30.0
"""Seconds for which one is waited for at most; a site choice."""
BEGINS: Final = 5.0
"""Seconds after a silence until a device is listened to: most are back by then. A site choice."""
FIRST_AGAIN, LONGEST_AGAIN = 60.0, 3600.0
"""Seconds until a device that said nothing is listened to again, doubled each time: it may have become slow meanwhile."""


class Ways(NamedTuple):
    """How one listens, by a device's name."""

    ask: Callable[[str], Awaitable[float | None]]
    """Ask it one thing; the seconds until its answer, None: there was none within `LISTENS`."""
    open: Callable[[str], bool]
    """Whether it is left alone."""
    timeout: Callable[[str], float]
    """Seconds that a call to it may take."""
    late: Callable[[str, float], None]
    """It is late each time: for how many seconds it is to be waited for."""


class Listeners:
    """One for each device that was silent, on the event loop's clock."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, tuple[float, float]] = {}
        """Until when devices that live are not listened to again, in seconds of the loop, and for how long that is."""

    def begin(self, device: str) -> None:
        """A device was silent, or did not answer about one of its objects."""
        rests, _ = self._rests.get(device, (-math.inf, 0.0))
        if not self.listens(device) and asyncio.get_running_loop().time() >= rests:
            self._tasks[device] = asyncio.create_task(self._listen(device), name=f"late {device}")

    def listens(self, device: str) -> bool:
        """Whether it is being listened to, or about to be."""
        task = self._tasks.get(device)
        return task is not None and not task.done()

    async def stop(self) -> None:
        """Listen to nobody any more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, device: str) -> None:
        ways, pause = self._ways, FIRST_AGAIN
        await asyncio.sleep(BEGINS)
        while True:
            first = await ways.ask(device)
            # once may have been a cable that came back between two copies
            second = await ways.ask(device) if self._is_late(device, first) else None
            if first is not None and second is not None and self._is_late(device, second):
                ways.late(device, min(LONGEST, float(round(ROOM * max(first, second, 1.0)))))
                return
            if not ways.open(device):
                self._rest(device, heard=first is not None)
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_AGAIN)

    def _is_late(self, device: str, took: float | None) -> bool:
        """Whether an answer came later than its time-out."""
        return took is not None and took > self._ways.timeout(device)

    def _rest(self, device: str, *, heard: bool) -> None:
        """It lives: what it never says anything of, as a gateway's meter that is dead, is not listened to at each poll."""
        _, before = self._rests.pop(device, (0.0, FIRST_AGAIN / 2))
        if not heard:
            pause = min(2 * before, LONGEST_AGAIN)
            self._rests[device] = asyncio.get_running_loop().time() + pause, pause
