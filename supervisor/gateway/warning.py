"""Lamps that warn before they go off: the Binary Lighting Output's WARN_OFF (ASHRAE 135-2020 §12.55).

WARN_OFF makes the object blink, keep its lamps on for Egress_Time, and write OFF into the slot by itself. It
warns only where the slot written is the highest in use and holds ON; elsewhere it is off at once. So our slot
is given ON first. A write of anything else, NULL included, ends it: presence and the fire alarm need no more.
"""

from __future__ import annotations

from typing import Final

from supervisor.core.decisions import Decision
from supervisor.gateway.commandable import Commandable, held_above

OFF: Final = 0
ON: Final = 1
WARN_OFF: Final = 3
"""BACnetBinaryLightingPV (§21)."""

GRACE: Final = 5.0
"""s beyond its Egress_Time that a circuit is given before it is put off plainly: a site choice."""
LOOK: Final = 2.0
"""s between two looks at a circuit that is on its way off."""


def warns(c: Commandable) -> bool:
    """Whether a point is an object that can warn by itself."""
    return c.key.object_type == "binary-lighting-output" and c.slot.has_array


def should_warn(c: Commandable, decision: Decision, wire: float | int, stands: float | int | None) -> bool:
    """Whether to write WARN_OFF rather than OFF: lamps that are on, that we alone command, unwarned yet."""
    if not (decision.warned and warns(c) and wire == OFF):
        return False
    return stands == ON and held_above(c) is None and c.slot.leaving_until < 0
