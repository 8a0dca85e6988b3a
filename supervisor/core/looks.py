"""How a zone stands to its rules and to its comfort band at an instant, for the tally."""

from __future__ import annotations

from config.roles import Role
from config.site import Zone
from drivers.readings import Reading
from schedules.time import Instant
from supervisor.core.decider import Decider
from supervisor.core.tally import Look, Warmth


def warmth(zone: Zone, reading: Reading, now: Instant) -> Warmth:
    """How far a room's temperature is outside its comfort band; not at all where it is not known."""
    if not reading.good:
        return Warmth(now, 0.0, 0.0)
    value = float(reading.value or 0.0)
    return Warmth(now, max(0.0, value - zone.comfort.high), max(0.0, zone.comfort.low - value))


def look_at(decider: Decider, zone: Zone, now: Instant) -> Look:
    """How a zone stands that has been decided."""
    evaluation = decider.evaluations[zone.id]
    view = decider.seen(zone.id) or decider.view(zone.id, now)
    occupied = (
        view.occupancy is not None and view.occupancy.reading.good and bool(view.occupancy.reading.value)
    )
    hot, cold = (
        warmth(zone, decider.known.figure(zone, Role.TEMPERATURE), now)[1:] if occupied else (0.0, 0.0)
    )
    violated = tuple(rule for rule, ok in evaluation.compliance.items() if ok is False)
    return Look(now, violated, tuple(evaluation.blocked), occupied, hot, cold)
