"""Invoke ids: an answer that comes late must not be taken for the answer to a later request (ASHRAE 135 §5.4).

A plain acknowledgement and an error name no object, only the id: bacpypes3 counts ids through for all devices together, so
that in a large building one comes back within a second, when a slow device may still answer what nobody waits for any more.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

REST: Final = 60.0
"""Seconds for which the answer to a request that was given up may still come; a site choice: a slow trunk takes ten."""

_IDS: Final = 256


class _Ids:
    """Those of one station: free ones, the longest at rest first, and those that were given up, with the time."""

    __slots__ = ("free", "resting")

    def __init__(self, first: int) -> None:
        self.free = deque((first + n) % _IDS for n in range(_IDS))
        self.resting: deque[tuple[float, int]] = deque()


class Invokes:
    """The ids of one link, by station. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stations: dict[Hashable, _Ids] = {}

    def next(self, station: Hashable) -> int | None:
        """An id for a request to a station; None where all are under way.

        The first of all is drawn: answers to whoever had our port before us are on their way at a restart.
        """
        ids = self._stations.get(station)
        if ids is None:
            first = random.randrange(_IDS)  # noqa: S311 - no secret: it need only not be the one of the last start
            ids = self._stations[station] = _Ids(first)
        while ids.resting and self._clock() - ids.resting[0][0] >= REST:
            ids.free.append(ids.resting.popleft()[1])
        if ids.free:
            return ids.free.popleft()
        return ids.resting.popleft()[1] if ids.resting else None

    def ended(self, station: Hashable, invoke: int, *, answered: bool) -> None:
        """A request is over; one without an answer leaves its id at rest."""
        ids = self._stations[station]
        if answered:
            ids.free.append(invoke)
        else:
            ids.resting.append((self._clock(), invoke))
