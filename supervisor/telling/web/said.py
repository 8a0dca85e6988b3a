"""What came of a request that was sent without a script: kept for a while, and told by the page that the browser is led back to."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from starlette.requests import Request

from config.phrase import Lang, Phrase

MOST: Final = 100
"""Of each that are kept at once; the oldest goes. A site choice."""
SAID_FOR: Final = 120.0
"""s for which a page tells it."""
T = TypeVar("T")


class Kept(Generic[T]):
    """Things that are handed out by a key that nobody can guess, for so many seconds."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._things: dict[str, tuple[float, T]] = {}

    def put(self, thing: T) -> str:
        """Its key."""
        while len(self._things) >= MOST:
            del self._things[next(iter(self._things))]
        key = secrets.token_urlsafe(16)
        self._things[key] = self._now() + self._seconds, thing
        return key

    def look(self, key: str) -> T | None:
        """The thing, while it is kept."""
        until, thing = self._things.get(key, (0.0, None))
        return thing if self._now() < until else None

    def take(self, key: str) -> T | None:
        """The same, which is then gone."""
        thing = self.look(key)
        self._things.pop(key, None)
        return thing


class Said:
    """What was said."""

    def __init__(self) -> None:
        self._kept: Kept[Phrase] = Kept(SAID_FOR)

    def put(self, said: Phrase) -> str:
        """What the address asks for it by."""
        return self._kept.put(said)

    def of(self, request: Request, lang: Lang) -> str:
        """What the page has to tell; empty where that is nothing, or it was long ago."""
        said = self._kept.look(request.query_params.get("said", ""))
        return said.told(lang) if said is not None else ""
