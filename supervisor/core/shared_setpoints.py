"""Setpoints of an air handler that serves several zones: judged as a zone's own, by the strictest zone that it serves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from config.roles import Role
from config.rules import RuleId
from config.site import Equipment, Zone
from schedules.time import Instant
from schedules.types import Spans
from supervisor.core.now import Now
from supervisor.core.rule import Memory, Rule, Verdict
from supervisor.core.rules.manual import Bounds
from supervisor.core.rules.summer_setpoint import SUMMER_SETPOINT
from supervisor.core.rules.winter_setpoint import WINTER_SETPOINT
from supervisor.core.views import EquipmentView, Facts, ZoneView

RULES: tuple[Rule, ...] = (SUMMER_SETPOINT, WINTER_SETPOINT)
"""The rules that judge setpoints."""
_SIDES = {
    RuleId.SUMMER_SETPOINT: (Role.COOLING_SETPOINT, Role.SETPOINT),
    RuleId.WINTER_SETPOINT: (Role.HEATING_SETPOINT, Role.SETPOINT),
}
_NO_HOURS = Spans((), (), float("inf"))


class Served(NamedTuple):
    """A zone that shared equipment serves, with the end of each of its exemptions, lapsed or not."""

    zone: Zone
    exempt_until: Mapping[RuleId, Instant] = {}

    def exempt(self, rule: RuleId, now: Now) -> bool:
        """Whether the zone is exempt from a rule now."""
        until = self.exempt_until.get(rule)
        return until is not None and not now.reached(until)


ServedZones: TypeAlias = Sequence[Served]


def rules_for(equipment: Equipment) -> tuple[Rule, ...]:
    """The setpoint rules that concern shared equipment, by the setpoints that it has."""
    if not equipment.hvac:
        return ()
    return tuple(rule for rule in RULES if any(role in equipment.points for role in _SIDES[rule.id]))


def judged(
    view: EquipmentView, served: ServedZones, facts: Facts, memory: Memory, now: Now
) -> Iterator[tuple[Rule, Verdict]]:
    """What the setpoint rules say of shared equipment; nothing where every zone that it serves is exempt."""
    for rule in rules_for(view.equipment):
        zone = strictest(served, rule.id, now)
        if zone is not None:
            stand_in = replace(zone, id=view.equipment.id, equipment=(view.equipment,))
            yield rule, rule.evaluate(ZoneView(stand_in, _NO_HOURS, equipment=(view,)), facts, memory, now)


def bounds_of_served(served: ServedZones, now: Now) -> Bounds:
    """What the plan leaves to setpoints of shared equipment: the strictest limits of those that it serves."""
    coolest = strictest(served, RuleId.SUMMER_SETPOINT, now)
    warmest = strictest(served, RuleId.WINTER_SETPOINT, now)
    return Bounds(
        -math.inf if coolest is None else coolest.rules.summer_setpoint.minimum,
        math.inf if warmest is None else warmest.rules.winter_setpoint.maximum,
    )


def strictest(served: ServedZones, rule: RuleId, now: Now) -> Zone | None:
    """The zone whose limit holds for all: one air stream cannot keep two. None where all are exempt.

    A site choice: an exempt zone gets what the others may have, and is to have equipment of its own where that does not do.
    """
    bound = [each.zone for each in served if not each.exempt(rule, now)]
    if not bound:
        return None
    if rule is RuleId.SUMMER_SETPOINT:
        return max(bound, key=lambda zone: zone.rules.summer_setpoint.minimum)
    return min(bound, key=lambda zone: zone.rules.winter_setpoint.maximum)
