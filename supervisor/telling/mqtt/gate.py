"""How much of what comes to `…/set` is looked at: what waits is bounded, and so is what is asked and told in a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aiomqtt import Message

ROOM: Final = 256
"""Topics of which a message waits; what comes for more is dropped, and counted."""
BURST: Final = 10.0
"""Requests of one topic that may follow one another at once."""
EACH: Final = 2.0
"""s after which a topic may ask once more: a slider that is dragged, not a loop gone wild."""
BUILDING: Final = 60.0
"""Requests of all topics at once; one more each half second."""
BUILDING_EACH: Final = 0.5
LINES: Final = 10
"""Refusals that are told one by one in a minute; the rest is told as a number."""
MINUTE: Final = 60.0


class Inbox(asyncio.Queue[Any]):
    """Messages that wait, the last of each topic: the last word counts, and a storm finds no room. `dropped` hears of each
    that is not looked at."""

    def __init__(self, maxsize: int = 0, *, dropped: Callable[[], None] = lambda: None) -> None:
        self._dropped = dropped
        super().__init__(maxsize)

    def _init(self, maxsize: int) -> None:
        self._queue: dict[str, Message] = {}

    def _put(self, item: Message) -> None:
        topic = str(item.topic)
        if topic in self._queue or len(self._queue) >= ROOM:
            self._dropped()
        if topic in self._queue or len(self._queue) < ROOM:
            self._queue[topic] = item

    def _get(self) -> Message:
        return self._queue.pop(next(iter(self._queue)))


class Bucket:
    """So many at once, then one each `each` seconds. Time is an argument."""

    def __init__(self, most: float, each: float) -> None:
        self._most, self._each = most, each
        self._left, self._at = most, float("-inf")

    def lets(self, now: float) -> bool:
        """Whether one more may pass, which is taken."""
        if now > self._at:
            self._left = min(self._most, self._left + (now - self._at) / self._each)
            self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Gate:
    """Who may ask now. Topics that name nothing of the building share one bucket, so that none grows with what strangers say."""

    def __init__(self) -> None:
        self._topics: dict[str, Bucket] = {}
        self._building = Bucket(BUILDING, BUILDING_EACH)

    def lets(self, topic: str, now: float) -> bool:
        """Whether a topic may be looked at. `topic` is empty for one that is not known."""
        return self._topics.setdefault(topic, Bucket(BURST, EACH)).lets(now)

    def lets_ask(self, now: float) -> bool:
        """Whether the daemon may be asked."""
        return self._building.lets(now)


class Lines:
    """Refusals told one by one, so many a minute; `more` is how many were not, since it was asked last."""

    def __init__(self) -> None:
        self._began, self._told, self._more = float("-inf"), 0, 0

    def lets(self, now: float) -> bool:
        """Whether one more is told."""
        if now - self._began >= MINUTE:
            self._began, self._told = now, 0
        self._told += 1
        if self._told > LINES:
            self._more += 1
        return self._told <= LINES

    def missed(self) -> None:
        """One that nobody looked at."""
        self._more += 1

    def more(self) -> int:
        """Those that were not told, which then are."""
        more, self._more = self._more, 0
        return more
