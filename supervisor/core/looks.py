"""How a zone stands to its rules and to its comfort band at an instant, for the tally."""

from __future__ import annotations

from typing import TypeAlias

from config.roles import Role
from config.rules import RuleId
from config.site import Zone
from drivers.readings import Reading
from schedules.time import Instant
from supervisor.core.decider import Decider
from supervisor.core.engine import Evaluation
from supervisor.core.known import Known
from supervisor.core.rules.mild_season_off import SUSPENDED
from supervisor.core.tally import Look, Warmth
from supervisor.core.views import Facts, ZoneView


def warmth(zone: Zone, reading: Reading, now: Instant) -> Warmth:
    """How far a room's temperature is outside its comfort band; not at all where it is not known."""
    return Warmth(now, *_beyond(zone, reading))


def _beyond(zone: Zone, reading: Reading) -> tuple[float, float]:
    """K above and below its comfort band."""
    if not reading.good:
        return 0.0, 0.0
    value, comfort = float(reading.value or 0.0), zone.comfort
    return max(0.0, value - comfort.high), max(0.0, comfort.low - value)


def felt(known: Known, zone: Zone, now: Instant) -> Warmth:
    """Whether anybody is in a room, and how far its temperature is outside the comfort band for whoever is."""
    presence = known.figure(zone, Role.OCCUPANCY)
    if not (presence.good and presence.value):
        return Warmth(now, 0.0, 0.0, False)
    return Warmth(now, *_beyond(zone, known.figure(zone, Role.TEMPERATURE)), True)


Rules: TypeAlias = tuple[RuleId, ...]
_NO_RULES: Rules = ()


def outside(evaluation: Evaluation, facts: Facts) -> tuple[Rules, Rules]:
    """The rules that a zone stands outside of, and those whose limit a setting breaks while its unit is off.

    Neither counts while the fire alarm owns the building: nothing may be written then, whatever the rules want.
    """
    compliance, idle = evaluation.compliance, evaluation.set_but_off
    if facts.fire.owns_building:
        return _NO_RULES, _NO_RULES
    violated = (
        tuple([rule for rule, ok in compliance.items() if ok is False])
        if False in compliance.values()
        else _NO_RULES
    )
    return violated, tuple(sorted(idle.difference(violated))) if idle else _NO_RULES


def look_at(decider: Decider, zone: Zone, now: Instant) -> Look:
    """How a zone stands that has been decided."""
    evaluation = decider.evaluations[zone.id]
    view = decider.seen(zone.id) or decider.view(zone.id, now)
    _, hot, cold, occupied = felt(decider.known, zone, now)
    violated, idle = outside(evaluation, decider.facts)
    suspended = (RuleId.MILD_SEASON_OFF,) if SUSPENDED in evaluation.memory else _NO_RULES
    held = by_hand(view) if view.manual else ()
    blocked, over = tuple(evaluation.blocked), overridden(view)
    return Look(now, violated, blocked, bool(occupied), hot, cold, idle, suspended, over, held)


def overridden(view: ZoneView) -> tuple[str, ...]:
    """Roles of a zone that another master holds in slot 8 or above ours, or a switch at the machine.

    Slots 1 to 7 are protection: nobody overrides by them.
    """
    found: list[str] = []
    for unit in view.units:
        if unit.in_hand:
            found.append(Role.HAND_AUTO)
        for point in (unit.start_stop, *unit.settings):
            if point is not None and point.override is not None and point.point.writable:
                found += [point.point.role] * (not point.override.protection)
    return tuple(sorted(set(found))) if found else ()


def by_hand(view: ZoneView) -> tuple[str, ...]:
    """Roles of a zone that a person holds."""
    return tuple(
        sorted(
            {p.point.role for unit in view.units for p in unit.writable_points() if p.point.id in view.manual}
        )
    )
