"""What `summer-setpoint` and `winter-setpoint` share: a setpoint is judged beneath our slot."""

from __future__ import annotations

from typing import NamedTuple

from config.roles import Mode
from config.rules import RuleId
from supervisor.core.decisions import Because, Demand, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, MemoryValue, Verdict
from supervisor.core.rules.common import hvac
from supervisor.core.views import EquipmentView, Facts, PointView, ZoneView

TOLERANCE = 0.05
"""K: a Real that went through °F and back is not a breach; half of a thermostat's 0.1 K step."""
_DAY = 86_400.0


class Side(NamedTuple):
    """One side of the plan's limits. `sign` is +1 where the setpoint must not be lower, −1 not higher."""

    rule: RuleId
    limit: float
    sign: int
    action: Mode
    grace: float
    corrections_a_day: int

    def breaks(self, value: float) -> bool:
        """True for a setpoint on the wrong side of the limit."""
        return (self.limit - value) * self.sign > TOLERANCE

    def key(self, name: str) -> str:
        """A key of the zone's memory."""
        return f"{self.rule}.{name}"


def judge(view: ZoneView, facts: Facts, memory: Memory, now: Now, side: Side, in_season: bool) -> Verdict:
    """Hold the limit while the value beneath our slot breaks it, let go once it complies."""
    demands: list[Demand] = []
    known: list[bool | None] = []
    fight = _fighting(memory, now, side)
    for equipment in hvac(view):
        point, because_mode = _point(equipment, facts, side, in_season)
        if because_mode is not None:
            demands.append(because_mode)
        if point is None:
            if equipment.setpoint is not None and equipment.cooling_setpoint is None:
                known.append(None if _action(equipment, facts) is None else True)
            continue
        present = point.present
        known.append(None if not present.good else not side.breaks(float(present.value or 0.0)))
        if point.point.writable and _wants(point, side, now, fight):
            demands.append(Demand(point.point.id, side.limit, _because(point, side), (point.as_input(),)))
    compliance = Compliance.YES
    if False in known:
        compliance = Compliance.NO
    elif None in known or not known:
        compliance = Compliance.UNMEASURABLE
    remember, notices = _count(view, memory, now, side, any(d.value == side.limit for d in demands))
    return Verdict(tuple(demands), compliance, remember, notices)


def _action(equipment: EquipmentView, facts: Facts) -> str | None:
    """What a single-setpoint thermostat is doing: its running action, else what the plant circulates."""
    return equipment.running_action or facts.changeover


def _point(
    equipment: EquipmentView, facts: Facts, side: Side, in_season: bool
) -> tuple[PointView | None, Demand | None]:
    """The setpoint that this side judges, and the mode that must be written first to know."""
    own = equipment.cooling_setpoint if side.action is Mode.COOL else equipment.heating_setpoint
    if own is not None:
        return (own, None) if in_season or equipment.running_action == side.action else (None, None)
    if equipment.setpoint is None:
        return None, None
    action = _action(equipment, facts)
    if action is not None:
        return (equipment.setpoint, None) if action == side.action else (None, None)
    mode = equipment.mode
    if in_season and mode is not None and mode.point.writable:
        because = Because("action not known: the season's mode first", "运行方式未知：先写入季节模式")
        return None, Demand(mode.point.id, side.action.value, because, (mode.as_input(),))
    return None, None


def _wants(point: PointView, side: Side, now: Now, fight: bool) -> bool:
    """Whether our slot must hold the limit."""
    if not point.point.priority_array:
        present = point.present
        if fight or not present.good or not side.breaks(float(present.value or 0.0)):
            return False
        return now.reached(present.since + side.grace)
    holding = point.ours is not None
    if holding and (fight or not point.beneath.good):
        return True
    return point.beneath.good and side.breaks(float(point.beneath.value or 0.0))


def _because(point: PointView, side: Side) -> Because:
    value = point.beneath.value if point.beneath.good else point.present.value
    if side.sign > 0:
        return Because("setpoint {} °C is below {:.1f} °C", "设定 {} °C 低于 {:.1f} °C", (value, side.limit))
    return Because("setpoint {} °C is above {:.1f} °C", "设定 {} °C 高于 {:.1f} °C", (value, side.limit))


def _fighting(memory: Memory, now: Now, side: Side) -> bool:
    """More corrections today than the site allows: from here on nothing is written back and forth."""
    since = memory.get(side.key("since"))
    if since is None or now.reached(float(since) + _DAY):
        return False
    return float(memory.get(side.key("count")) or 0.0) > side.corrections_a_day


def _count(
    view: ZoneView, memory: Memory, now: Now, side: Side, holding: bool
) -> tuple[dict[str, MemoryValue], tuple[Notice, ...]]:
    """Count each new correction of the zone in a day that begins with its first."""
    was_holding = bool(memory.get(side.key("holding")))
    if holding == was_holding:
        return {}, ()
    if not holding:
        return {side.key("holding"): None}, ()
    since = memory.get(side.key("since"))
    fresh = since is None or now.reached(float(since) + _DAY)
    count = 1.0 if fresh else float(memory.get(side.key("count")) or 0.0) + 1.0
    remember: dict[str, MemoryValue] = {
        side.key("holding"): True,
        side.key("count"): count,
        side.key("since"): now.at if fresh else since,
    }
    if count != side.corrections_a_day + 1:
        return remember, ()
    text = Because("corrected {:.0f} times in a day: somebody insists", "一天内已纠正 {:.0f} 次：有人反复调整",
                   (count,))  # fmt: skip
    return remember, (Notice(side.rule, "alert", view.zone.id, text),)
