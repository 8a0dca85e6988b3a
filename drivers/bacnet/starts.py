"""Whether a device has started that did not say so: it tells of another start, or of another database, than it did."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from drivers.bacnet.kinds import DEVICE
from drivers.bacnet.octets import Tag, Wire
from drivers.bacnet.peer import Calls, Peer
from drivers.protocol import DriverError, Silent

TELLING: Final = (203, 155)
"""Time_Of_Device_Restart and Database_Revision (ASHRAE 135 §12.11, §21): both are optional, and neither changes while a device runs
and nobody loads another programme into it."""
APART: Final = 10.0
"""Seconds between two such questions: what was asked for one slot holds for all. A site choice."""

S = TypeVar("S")
Listed = Callable[[Peer[S], Wire, int], Awaitable[Sequence[Tag]]]
"""Reads one property as tags."""


class Starts:
    """What devices told of their last start when they were last asked."""

    def __init__(self) -> None:
        self._told: dict[str, dict[int, Sequence[Tag]]] = {}
        self._at: dict[str, float] = {}

    async def look(self, calls: Calls[S], peer: Peer[S], listed: Listed[S]) -> bool:
        """Ask; True where it has started since it was last asked. What it does not tell says nothing. Raises Silent."""
        device, now = peer.target.device, asyncio.get_running_loop().time()
        if now - self._at.get(device, -math.inf) < APART:
            return False
        self._at[device] = now
        before, told = self._told.setdefault(device, {}), dict[int, Sequence[Tag]]()
        for number in TELLING:
            try:
                async with calls.within(peer):
                    told[number] = list(await listed(peer, (DEVICE, peer.target.instance), number))
            except Silent:
                raise
            except DriverError:
                continue  # it has no such property
        changed = any(before.get(number, value) != value for number, value in told.items())
        before.update(told)
        return changed
