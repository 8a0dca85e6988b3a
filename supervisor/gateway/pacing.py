"""How fast we may write: a rate for the site, seconds between starts, patience with silence."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 60.0
REFUSED_RETRY: Final = 600.0
"""Seconds before a device that said no is asked again: a site choice, so that we never hammer."""


class Rate:
    """A token bucket: at most `per_minute` writes a minute, a minute's worth at once. Monotonic seconds."""

    def __init__(self, per_minute: int, wall: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._wall = wall
        self._tokens = float(per_minute)
        self._at = wall()

    def wait(self) -> float:
        """Seconds until the next write may go out; 0 takes the token."""
        now = self._wall()
        self._tokens = min(self.per_minute, self._tokens + (now - self._at) * self.per_minute / 60)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) * 60 / self.per_minute


class Starts:
    """Seconds between starts of equipment, because demand is charged. Monotonic seconds."""

    def __init__(self, stagger: float, wall: Callable[[], float]) -> None:
        self.stagger = stagger
        self.next_at = wall()
        self._wall = wall

    @property
    def open(self) -> bool:
        """Whether a start may be made now."""
        return self._wall() >= self.next_at

    def take(self) -> None:
        """A start is made now."""
        self.next_at = self._wall() + self.stagger


def backoff(failures: int, rng: random.Random) -> float:
    """Seconds to leave a silent device alone: doubling from one second to a minute, ± 25 % jitter."""
    seconds = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(max(failures - 1, 0), 10))
    return seconds * rng.uniform(0.75, 1.25)
