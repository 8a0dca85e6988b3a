"""What may happen a thousand times a second is told once, then counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Final

QUIET: Final = 60.0
"""s of wall time for which the same thing is only counted after it was told; a site choice."""
KINDS: Final = 200
"""Different things that are counted apart; beyond that the oldest is forgotten: others choose their number."""


class Folded:
    """Says whether a thing is to be told now, and how often it happened untold."""

    def __init__(self, quiet: float = QUIET, now: Callable[[], float] = time.monotonic) -> None:
        self._quiet, self._now = quiet, now
        self._told: dict[Hashable, tuple[float, int]] = {}

    def times(self, what: Hashable) -> int:
        """How often `what` happened since it was told last, this time included; 0 while nothing is to be said."""
        now = self._now()
        told, untold = self._told.get(what, (-self._quiet, 0))
        if now - told < self._quiet:
            self._told[what] = (told, untold + 1)
            return 0
        self._told.pop(what, None)
        if len(self._told) >= KINDS:
            del self._told[next(iter(self._told))]
        self._told[what] = (now, 0)
        return untold + 1
