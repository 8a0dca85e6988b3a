"""What the building told us, and how far to believe it."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

from config.phrase import Phrase
from config.points import Point, Raw, Value, decode
from config.roles import ROLES, Shape
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


_MISSING = (None, Quality.MISSING)
_INVALID = (None, Quality.INVALID)


def judged(point: Point, raw: Raw, fault: bool = False) -> tuple[Value, Quality]:
    """A raw present value in its role's unit, and how far it may be believed.

    None from the wire is (None, MISSING), what makes no sense for the role (None, INVALID). `fault`
    (Status_Flags) makes a plausible value FAULT. Too old or from the future is judged by whoever
    stamps it with a time.
    """
    if raw is None:
        return _MISSING
    value = decode(point, raw)
    if value is None:
        return _INVALID
    return value, Quality.FAULT if fault else _GOOD


def doubt(point: Point, raw: Raw, fault: bool = False) -> Phrase | None:
    """Why a raw present value is not evidence, for people; None where it is. The twin of `judged`."""
    if raw is None:
        return Phrase("the controller gives no value", "控制器没有给出值")
    if decode(point, raw) is None:
        return _senseless(point, raw)
    if fault:
        return Phrase(
            f"its controller flags {_shown(raw)} as faulty or out of service (Status_Flags)",
            f"控制器标记 {_shown(raw)} 为故障或停用（Status_Flags）",
        )
    return None


def _senseless(point: Point, raw: Raw) -> Phrase:
    spec = ROLES[point.role]
    if isinstance(raw, float | int) and not isinstance(raw, bool) and spec.shape is Shape.NUMBER:
        value = raw * point.scale + point.shift
        if math.isfinite(value):
            return Phrase(
                f"{value:g} {spec.unit} lies outside {spec.low:g} to {spec.high:g}, what a {point.role} can be",
                f"{value:g} {spec.unit} 超出 {spec.meaning_zh} 的合理范围 {spec.low:g} 至 {spec.high:g}",
            )
    return Phrase(
        f"its controller says {_shown(raw)}, which is no {point.role}",
        f"控制器的值 {_shown(raw)} 不是{spec.meaning_zh}",
    )


def _shown(raw: Raw) -> str:
    return f"“{raw}”" if isinstance(raw, str) else f"{raw:g}" if isinstance(raw, float) else str(raw)


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
        for slot in self.slots:
            if slot.priority == priority:
                return slot.value
        return None

    def above(self, priority: int) -> Slot | None:
        """The highest slot that outranks `priority`."""
        if self.slots and self.slots[0].priority < priority:
            return self.slots[0]
        return None

    def beneath(self, priority: int) -> float | bool | int | None:
        """What the point would be if every slot down to `priority` were NULL."""
        for slot in self.slots:
            if slot.priority > priority:
                return slot.value
        return self.relinquish_default
