"""How long others were kept waiting for a processor: what a machine that does much else owes to a deadline in seconds."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from pathlib import Path
from typing import Final, Self

_EVERY: Final = 0.5
"""Seconds between two looks."""


class KeptWaiting:
    """Looks, as long as the block lasts, how long threads could have run and had no processor, by Linux's own account."""

    def __init__(self, *threads: int) -> None:
        self._threads = threads
        self._when: list[float] = []
        self._total: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kept waiting")

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def between(self, start: float, end: float) -> float:
        """Seconds, all threads together, between two POSIX seconds: what passes all of them one after the other was held up
        by no more."""
        return self._at(end) - self._at(start)

    def _at(self, when: float) -> float:
        return self._total[max(0, bisect_right(self._when, when) - 1)]

    def _run(self) -> None:
        while not self._ended.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        """Second figure of `schedstat`: nanoseconds on a run queue (Documentation/scheduler/sched-stats.rst)."""
        told = [Path(f"/proc/{thread}/schedstat").read_text(encoding="ascii") for thread in self._threads]
        self._when.append(time.time())
        self._total.append(sum(int(each.split()[1]) for each in told) / 1e9)
