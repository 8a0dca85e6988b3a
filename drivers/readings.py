"""What the building told us, and how far to believe it."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

from config.points import Value
from schedules.time import Instant


class Quality(IntEnum):
    """How far a reading may be believed. Only `GOOD` is evidence; anything else is unknown."""

    GOOD = 0
    STALE = 1
    """Was good, but is older than the point allows."""
    FAULT = 2
    """The controller itself says that the value is not to be trusted (Status_Flags, ASHRAE 135 §12)."""
    INVALID = 3
    """Not a number, infinite, absurd for its role, of the wrong type, or from the future."""
    MISSING = 4
    """Never read, or the device answers with an error."""


_GOOD = Quality.GOOD


class Reading(NamedTuple):
    """One point's value.

    `time` is when it was last confirmed and `since` when it took this value, both on the site clock.
    """

    value: Value
    quality: Quality
    time: Instant
    since: Instant

    @property
    def good(self) -> bool:
        """True when the value is evidence."""
        return self[1] is _GOOD


UNKNOWN = Reading(None, Quality.MISSING, -math.inf, -math.inf)
"""What is known of a point before its first answer."""


class Slot(NamedTuple):
    """One occupied entry of a priority array (ASHRAE 135 §19.2): `priority` 1 (highest) to 16."""

    priority: int
    value: float | bool | int


class PriorityArray(NamedTuple):
    """The occupied slots of a commandable point, highest first, and what it becomes when all are NULL.

    `egress` is how long a Binary Lighting Output keeps its lamps on after WARN_OFF, s (Egress_Time where
    Blink_Warn_Enable is set, ASHRAE 135-2020 §12.55); 0 for one that does not warn, and for other objects.
    """

    slots: tuple[Slot, ...]
    relinquish_default: float | bool | int | None
    egress: float = 0.0

    def at(self, priority: int) -> float | bool | int | None:
        """The value held at `priority`, or None while that slot is NULL."""
        for at, value in self.slots:
            if at == priority:
                return value
        return None

    def above(self, priority: int) -> Slot | None:
        """The highest slot that outranks `priority`."""
        if self.slots and self.slots[0].priority < priority:
            return self.slots[0]
        return None

    def beneath(self, priority: int) -> float | bool | int | None:
        """What the point would be if every slot down to `priority` were NULL."""
        for at, value in self.slots:
            if at > priority:
                return value
        return self.relinquish_default
