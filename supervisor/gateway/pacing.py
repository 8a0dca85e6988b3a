"""How fast we may write: a rate for the site, seconds between starts, patience with silence."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 60.0
REFUSED_RETRY: Final = 600.0
"""Seconds before a device that said no is asked again: a site choice, so that we never hammer."""
UNDONE_AT_ONCE: Final = 3
"""How often in a row a slot that is found empty is filled again at once: a restart, or two, is no quarrel. A site choice."""
UNDONE_RETRY, UNDONE_LONGEST = 30.0, 600.0
"""Seconds before it is filled again after that, doubled each time, and the most: their memory wears out, and frost protection must not wait for an hour. Site choices."""
UNDONE_WITHIN: Final = 600.0
"""Seconds within which a value has to be gone for that to count. A site choice."""
RESTARTED_RETRY: Final = 60.0
"""Seconds between two times that it is filled again where its controller has started meanwhile: others' Who-Is look like a start,
too. A site choice."""
LANDED_BY: Final = 1.5
"""Times its usual delay after which what a controller has not carried out is sent again; a site choice."""
LATEST_LANDING: Final = 900.0
"""Seconds of the longest such delay that is learnt; a site choice."""
STIRRED: Final = 30.0
"""s between two writes that are refused, however often the unit's state changes meanwhile: a site choice."""
BREATH: Final = 0.02
"""s before a point that is not finished is taken up again, so that nothing can spin."""


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
    """Monotonic seconds between starts of equipment, because demand is charged."""

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


def undone(times: int) -> float:
    """Seconds to leave a slot alone that was found empty so many times in a row, each time soon after it was filled."""
    more = times - UNDONE_AT_ONCE
    return min(UNDONE_LONGEST, UNDONE_RETRY * 2.0 ** min(more - 1, 10)) if more > 0 else 0.0


def backoff(failures: int, rng: random.Random) -> float:
    """Seconds to leave a silent device alone: doubling from one second to a minute, ± 25 % jitter."""
    seconds = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(max(failures - 1, 0), 10))
    return seconds * rng.uniform(0.75, 1.25)


@dataclass(slots=True)
class Pace:
    """When a point is taken up again. Monotonic seconds."""

    not_before: float = -math.inf
    poll_at: float = math.inf
    handed: float = -math.inf
    """When a value was last handed to the driver."""
    first: float = -math.inf
    """When what is wanted now was handed to it for the first time."""
    failures: int = 0
    """Read-backs in a row that differed, of what is wanted now."""
    late: bool = False
    """At the last of them the slot did not hold what was written."""
    refused: bool = False
    """Its controller said no to what is wanted now."""
    silences: int = 0
    silent_at: float | None = None
    """When the device last gave no answer about this very point."""

    def wait(self, until: float) -> None:
        """Leave it alone until then."""
        self.not_before = until

    def refuse(self, until: float) -> None:
        """Its controller said no: leave it alone until then, or until its unit is seen in another state."""
        self.not_before, self.refused = until, True

    def stir(self, wall: float) -> None:
        """Its unit is in another state than when it said no: asked again now, and no sooner than `STIRRED` after the last time."""
        self.not_before = max(wall, self.handed + STIRRED)

    def breathe(self, wall: float) -> None:
        """Not at once, and no sooner than was said before."""
        self.not_before = max(self.not_before, wall + BREATH)

    def poll(self, at: float) -> None:
        """Look at it next at this moment; infinity: no need."""
        self.poll_at = at

    def hand_over(self, wall: float) -> None:
        """A value is handed to the driver now."""
        self.handed, self.refused = wall, False
        if not self.failures:
            self.first = wall

    def differed(self, wall: float, longest: float, *, late: bool) -> None:
        """A read-back differed: try again ever less often. `late`: what was written did not even stand in the slot."""
        self.failures += 1
        self.late = late
        self.not_before = wall + min(longest, 5.0 * 2.0 ** min(self.failures, 10))

    def lands(self, wall: float, lag: float) -> None:
        """A read-back differed of a controller that carries out what is written so many seconds later: not sent again before."""
        self.failures += 1
        self.late = True
        self.not_before = max(wall, self.first + LANDED_BY * lag)

    def overdue(self) -> None:
        """What it was taken to ignore was carried out after all: looked at as what comes late is."""
        self.failures, self.late = max(self.failures, 1), True

    def afresh(self, wall: float) -> None:
        """Something else is wanted: it waits for nothing that became of the last command."""
        if self.failures:
            self.failures, self.not_before = 0, wall

    def agreed(self) -> None:
        """What was wanted is there."""
        self.failures = 0

    def answered(self) -> None:
        """The device said something about this point."""
        self.silences, self.silent_at = 0, None

    def silent(self, wall: float) -> None:
        """The device was found silent by this point too."""
        self.silent_at = wall

    def silence(self) -> None:
        """One more request about this point that was not answered."""
        self.silences += 1

    def only_this(self, wall: float, rng: random.Random) -> None:
        """The device answers, but not about this point: leave that one alone for a while."""
        self.not_before = wall + backoff(self.silences, rng)
        self.poll_at = max(self.poll_at, self.not_before)
