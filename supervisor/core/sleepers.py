"""Who is to be asked again when, though nothing comes in."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from schedules.time import Instant


class Sleepers:
    """Each sleeps until one instant, the last that was said of it. A sleep that is prolonged costs nothing: most are, by each
    new reading."""

    __slots__ = ("_heap", "_queued", "_until")

    def __init__(self) -> None:
        self._until: dict[str, Instant] = {}
        self._heap: list[tuple[Instant, str]] = []
        self._queued: dict[str, Instant] = {}
        """The one entry that each has in the heap, never later than when it wakes; infinite: it has none."""

    def sleep(self, who: str, until: Instant) -> None:
        """Wake it then, and no more when it was to wake before; at `math.inf` never."""
        self._until[who] = until
        if until < self._queued.get(who, math.inf):
            self._queued[who] = until
            heapq.heappush(self._heap, (until, who))

    @property
    def wake_at(self) -> Instant:
        """When the next one wakes."""
        heap, until, queued = self._heap, self._until, self._queued
        while heap:
            at, who = heap[0]
            if queued[who] != at:
                heapq.heappop(heap)  # it was to wake sooner after all: that entry is before this one
            elif until[who] != at:
                heapq.heappop(heap)  # its sleep was prolonged meanwhile
                queued[who] = math.inf
                self.sleep(who, until[who])
            else:
                return at
        return math.inf

    def woken(self, now: Instant) -> Sequence[str]:
        """Those that have slept long enough, in the order in which they were to wake. They sleep no more."""
        woken = []
        while self.wake_at <= now:
            who = heapq.heappop(self._heap)[1]
            self._queued[who] = math.inf
            woken.append(who)
        return woken
