"""One lighting or socket circuit over several rooms: off when every room of it wants it off, and judged only then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.points import Value
from config.rules import PRECEDENCE, RuleId
from supervisor.core.decisions import Because, Demand, Outcome
from supervisor.core.views import EquipmentView

_NOBODY = Because("no room on this circuit needs it: {}", "该回路各房间均不需要：{}")
_WANTED = Because("needed by {}", "{} 需要")


def combined(
    view: EquipmentView, requests: Mapping[str, Outcome | None], names: Mapping[str, str]
) -> tuple[RuleId, Demand] | None:
    """What the rooms' wishes mean for their circuit; None where it is the controller's own to run.

    A room that has not been asked yet, or of which no rule says anything, wants what it has: the circuit stays. The rule
    that counts is that of most rooms, among equals the first in precedence. `names` are those of the rooms, by id.
    """
    point = view.start_stop
    if point is None or not requests or view.equipment.escape_route:
        return None
    if unwanted(requests):
        refused = [o.decision for o in requests.values() if o is not None]
        rules = [decision.rule for decision in refused]
        first = of_most(rules)
        inputs = tuple(dict.fromkeys(each for decision in refused for each in decision.inputs))
        because = _of(_NOBODY, requests, names)
        cite = next(decision.citation for decision in refused if decision.rule is first)
        warned = any(decision.warned for decision in refused)
        return first, Demand(point.point.id, False, because, inputs, cite, warned)
    wanting = {zone: o for zone, o in requests.items() if o is not None and o.decision.value is True}
    if not wanting:
        return None
    first = min((o.decision.rule for o in wanting.values()), key=PRECEDENCE.__getitem__)
    inputs = tuple(dict.fromkeys(each for o in wanting.values() for each in o.decision.inputs))
    return first, Demand(point.point.id, True, _of(_WANTED, wanting, names), inputs)


def of_most(rules: Sequence[RuleId]) -> RuleId:
    """The rule that most zones name, among equals the first in precedence."""
    return min(rules, key=lambda rule: (-rules.count(rule), PRECEDENCE[rule]))


def unwanted(requests: Mapping[str, Outcome | None]) -> bool:
    """Whether every room wants its circuit off."""
    return bool(requests) and all(o is not None and o.decision.value is False for o in requests.values())


def complies(
    view: EquipmentView, request: Outcome | None, requests: Mapping[str, Outcome | None]
) -> dict[RuleId, bool | None]:
    """How a room stands to the rules by which it wants a circuit off; None where nobody knows whether it is on.

    While another room needs the light no rule is broken by it: nothing is said then. A slot of protection is recorded,
    never judged.
    """
    if request is None or not unwanted(requests):
        return {}
    off = _off(view)
    rules = [request.decision.rule, *(loser.rule for loser in request.losers if loser.value is False)]
    return dict.fromkeys(rules, off)


def _off(view: EquipmentView) -> bool | None:
    point = view.start_stop
    on: Value = view.on
    if on is None or (point is not None and point.protected):
        return None
    return not on


def _of(reason: Because, zones: Mapping[str, object], names: Mapping[str, str]) -> Because:
    """A reason with the rooms that it is about, parted as each language parts them."""
    rooms = tuple(names.get(zone, zone) for zone in sorted(zones))
    each = ["{}"] * len(rooms)
    return Because(reason.en.format(", ".join(each)), reason.zh.format("、".join(each)), rooms)
