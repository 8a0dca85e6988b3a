"""The only way a rule looks at the time."""

from __future__ import annotations

import math

from drivers.readings import Instant


class Now:
    """The instant of an evaluation, and the earliest later one at which its answer could change.

    Rules compare time only through `reached`. Each instant not yet reached is remembered, so the wake-up
    falls out of asking: nobody has to compute it, and nobody can forget to.
    """

    __slots__ = ("at", "wake_at")

    def __init__(self, at: Instant) -> None:
        self.at = at
        self.wake_at: Instant = math.inf

    def reached(self, moment: Instant) -> bool:
        """True from `moment` on."""
        if moment <= self.at:
            return True
        if moment < self.wake_at:
            self.wake_at = moment
        return False
