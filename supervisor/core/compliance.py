"""How a zone stands to its rules: what its equipment really does, beside what they want."""

from __future__ import annotations

from collections.abc import Mapping

from config.rules import OPERATION, RuleId
from supervisor.core.decisions import Command, Outcome
from supervisor.core.rule import Compliance, Rule, Verdict
from supervisor.core.rules.setpoints import TOLERANCE
from supervisor.core.views import ZoneView

NO_RULE: frozenset[RuleId] = frozenset()


def observed(view: ZoneView) -> dict[str, float | bool | str | None]:
    """What each point really does: running or not, the setpoint that stands; None if unknown.

    What a slot of protection (1 to 7) holds is recorded, never judged: None as well.
    """
    found: dict[str, float | bool | str | None] = {}
    for equipment in view.equipment:
        start_stop = equipment.start_stop
        if start_stop is not None:
            found[start_stop.point.id] = None if start_stop.protected else equipment.on
        for point in equipment.settings:
            if point is not None:
                known = point.present.good and not point.protected
                found[point.point.id] = point.present.value if known else None
    return found


def _same(found: float | bool | str, wanted: Command) -> bool:
    if isinstance(wanted, float) and isinstance(found, int | float):
        return abs(found - wanted) <= TOLERANCE
    return found == wanted


def complies(verdict: Verdict, found: Mapping[str, float | bool | str | None]) -> bool | None:
    """Whether the zone is as the rule wants it; None where that cannot be said."""
    compliance = verdict.compliance
    if compliance is Compliance.YES:
        return True
    if compliance is not Compliance.BY_DEMANDS:
        return False if compliance is Compliance.NO else None
    if not verdict.demands:
        return True
    answers = [
        None if (value := found[demand.point]) is None else _same(value, demand.value)
        for demand in verdict.demands
        if demand.point in found
    ]
    if False in answers:
        return False
    return None if None in answers else True


def blocking(
    outcomes: Mapping[str, Outcome], found: Mapping[str, float | bool | str | None]
) -> frozenset[RuleId]:
    """Rules that keep equipment off which stands still."""
    return frozenset(
        outcome.decision.rule
        for point, outcome in outcomes.items()
        if outcome.decision.value is False
        and found.get(point) is False
        and outcome.decision.rule not in OPERATION
    )


def set_but_off(verdicts: list[tuple[Rule, Verdict]]) -> frozenset[RuleId]:
    """Rules outside whose limit a setting is, though its unit is off."""
    return frozenset([rule.id for rule, verdict in verdicts if verdict.set_but_off]) or NO_RULE
