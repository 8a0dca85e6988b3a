"""What `summer-setpoint` and `winter-setpoint` share: a setpoint is judged beneath our slot."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from config.roles import Mode, Role
from config.rules import RuleId, RuleSettings
from config.site import Zone
from drivers.readings import Quality
from schedules.seasons import Season
from schedules.time import DAY
from supervisor.core.decisions import RELINQUISH, Because, Demand, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, MemoryValue, Verdict
from supervisor.core.rules.common import At, hvac
from supervisor.core.views import EquipmentView, Facts, PointView, ZoneView

TOLERANCE = 0.05
"""K: a Real that went through °F and back is not a breach; half of a thermostat's 0.1 K step."""
_NEITHER = (Mode.OFF, Mode.FAN, Mode.DRY)
"""Modes in which a setpoint neither cools nor heats to a temperature."""
_NOT_JUDGED = {
    Quality.FAULT: Because("its controller flags the setpoint as faulty or out of service: not judged",
                           "控制器将该设定标为故障或停用：不作判断"),
    Quality.INVALID: Because("the setpoint's value makes no sense: not judged", "设定值不合理：不作判断"),
    Quality.STALE: Because("nothing was heard of the setpoint for too long: not judged", "设定值过久未更新：不作判断"),
    Quality.MISSING: Because("the setpoint is not known: not judged", "设定值未知：不作判断"),
}  # fmt: skip


class Side(NamedTuple):
    """One side of the plan's limits, for one zone, with the keys of the zone's memory.

    `season` is the one in which a setpoint for both is judged by it, `role` is that of a setpoint of its own.
    `figures` finds limit, grace and corrections a day among the settings of a zone's rules. `sign` is +1 where the
    setpoint must not be lower than `limit` (degC), −1 where it must not be higher. `held` keeps the points that are being corrected, `corrected` how many corrections since `since`.
    """

    rule: RuleId
    action: Mode
    season: Season
    role: Role
    figures: Callable[[RuleSettings], tuple[float, float, int]]
    sign: int
    held: str
    corrected: str
    since: str
    """So far the rule's own; the rest are the zone's."""
    limit: float = math.nan
    grace: float = math.nan
    corrections_a_day: int = 0

    def applies(self, zone: Zone) -> bool:
        """Whether the zone has a setpoint that this side judges."""
        return any(e.hvac and (self.role in e.points or Role.SETPOINT in e.points) for e in zone.equipment)

    def evaluate(self, view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
        """A setpoint keeps the zone's limit: its own at any time, a shared one in season or whenever it cools or heats."""
        side = Side(*self[:9], *self.figures(view.zone.rules))
        return judge(view, facts, memory, now, side, facts.season is self.season)

    def breaks(self, value: float) -> bool:
        """True for a setpoint on the wrong side of the limit."""
        return (self.limit - value) * self.sign > TOLERANCE


def judge(view: ZoneView, facts: Facts, memory: Memory, now: Now, side: Side, in_season: bool) -> Verdict:
    """Hold the limit while the value beneath our slot breaks it, let go once it complies."""
    demands: list[Demand] = []
    known: list[bool | None] = []
    corrected: list[str] = []
    idle = False
    held = str(memory.get(side.held) or "").split()
    fight = _fighting(memory, now, side)
    for equipment in hvac(view):
        setpoint = _setpoint(equipment, side)
        if setpoint is None:
            continue
        acts = _concerned(equipment, setpoint, facts, side, in_season)
        first = _mode_first(equipment, setpoint, facts, side) if in_season else None
        if first is not None:
            demands.append(first)
        known.append(_stands(equipment, setpoint, side) if acts else None if acts is None else True)
        if not acts:
            continue
        idle = idle or (equipment.on is False and _complies(setpoint, side) is False)
        if setpoint.point.writable and _wants(setpoint, side, now, fight, held):
            corrected.append(setpoint.point.id)
            because = _because(setpoint, side)
            demands.append(Demand(setpoint.point.id, side.limit, because, (setpoint.judged(),)))
        elif (waits := _why_not(setpoint, side, fight=fight)) is not None:
            demands.append(Demand(setpoint.point.id, RELINQUISH, waits, (setpoint.judged(),)))
    compliance = Compliance.YES
    if False in known:
        compliance = Compliance.NO
    elif None in known or not known:
        compliance = Compliance.UNMEASURABLE
    remember = {} if corrected == held else _count(memory, now, side, held, corrected)
    notices = _insists(view, memory, remember, now, side)
    return Verdict(tuple(demands), compliance, remember, notices, idle)


def _setpoint(equipment: EquipmentView, side: Side) -> PointView | None:
    """The setpoint that this side judges: its own, else the only one there is."""
    own = equipment.cooling_setpoint if side.action is Mode.COOL else equipment.heating_setpoint
    return own if own is not None else equipment.setpoint


def _stands(equipment: EquipmentView, setpoint: PointView, side: Side) -> bool | None:
    """Whether equipment keeps the limit: a setting cools or heats nobody while its unit is known to be off."""
    return True if equipment.on is False else _complies(setpoint, side)


def _complies(setpoint: PointView, side: Side) -> bool | None:
    """Whether the setpoint that stands keeps the limit; None if unknown, or held by a protection slot."""
    present = setpoint.present
    if not present.good or setpoint.protected:
        return None
    return not side.breaks(float(present.value or 0.0))


def _action(equipment: EquipmentView, facts: Facts) -> str | None:
    """What equipment does: its running action, else what the plant circulates; `off` is neither; else None."""
    running = equipment.running_action
    if running is not None:
        return running
    mode = equipment.mode
    if mode is not None and mode.present.good and mode.present.value in _NEITHER:
        return Mode.OFF
    return facts.changeover


def _concerned(
    equipment: EquipmentView, setpoint: PointView, facts: Facts, side: Side, in_season: bool
) -> bool | None:
    """Whether this side's limit applies to equipment now; None where that cannot be said."""
    if setpoint is not equipment.setpoint:
        return True  # one of its own
    action = _action(equipment, facts)
    if action is None and not in_season and equipment.on is False:
        return False
    return None if action is None else action == side.action


def _mode_first(equipment: EquipmentView, setpoint: PointView, facts: Facts, side: Side) -> Demand | None:
    """The season's mode for a single-setpoint thermostat on automatic, so that its setpoint has a meaning.

    Once ours, it stays for as long as the thermostat itself would be on automatic.
    """
    mode = equipment.mode
    if setpoint is not equipment.setpoint or mode is None or not mode.point.writable:
        return None
    holding = mode.ours == side.action
    if mode.point.priority_array:
        wanted = mode.beneath.good and mode.beneath.value == Mode.AUTO
    else:
        wanted = mode.present.good and mode.present.value == (side.action if holding else Mode.AUTO)
    if not wanted or not (holding or _action(equipment, facts) is None):
        return None
    because = Because("action not known: the season's mode first", "运行方式未知：先写入季节模式")
    return Demand(mode.point.id, side.action.value, because, (mode.as_input(),))


def _wants(point: PointView, side: Side, now: Now, fight: bool, held: list[str]) -> bool:
    """Whether our slot must hold the limit."""
    if not point.point.priority_array:
        present = point.present
        if not present.good or not side.breaks(float(present.value or 0.0)):
            return False
        due = present.since + side.grace
        if fight:
            # What was being corrected when it became too often is finished; what is set anew is left, so no
            # moment to come could change this and none is asked for.
            return point.point.id in held and due <= now.at
        return now.reached(due)
    if point.ours is not None and (fight or not point.beneath.good):
        return True
    return point.beneath.good and side.breaks(float(point.beneath.value or 0.0))


def _why_not(point: PointView, side: Side, *, fight: bool) -> Because | None:
    """Why a setpoint is left as it is though nobody can say that it keeps the limit; None where it does."""
    judged = point.beneath if point.point.priority_array else point.present
    if not judged.good:
        return _NOT_JUDGED[judged.quality]
    value = float(judged.value or 0.0)
    if not side.breaks(value):
        return None
    if fight:
        return Because("setpoint {} °C, limit {:.1f} °C: corrected too often today, left as it is",
                       "设定 {} °C，限值 {:.1f} °C：今日纠正次数过多，保持不动", (value, side.limit))  # fmt: skip
    return Because("setpoint {} °C, limit {:.1f} °C: left until {}, then corrected",
                   "设定 {} °C，限值 {:.1f} °C：{} 前不动，之后纠正",
                   (value, side.limit, At(judged.since + side.grace)))  # fmt: skip


def _because(point: PointView, side: Side) -> Because:
    if point.ours is not None and not point.beneath.good:
        return Because("the setpoint beneath our slot is not known: the limit of {:.1f} °C stays",
                       "我方占位之下的设定未知：继续保持限值 {:.1f} °C", (side.limit,))  # fmt: skip
    value = point.beneath.value if point.beneath.good else point.present.value
    if side.sign > 0:
        return Because("setpoint {} °C, limit {:.1f} °C: no lower", "设定 {} °C，限值 {:.1f} °C：不得低于",
                       (value, side.limit))  # fmt: skip
    return Because("setpoint {} °C, limit {:.1f} °C: no higher", "设定 {} °C，限值 {:.1f} °C：不得高于",
                   (value, side.limit))  # fmt: skip


def _fighting(memory: Memory, now: Now, side: Side) -> bool:
    """More corrections in a day than the site allows: from here on nothing is written back and forth."""
    return _corrections(memory, now, side) > side.corrections_a_day


def _corrections(memory: Memory, now: Now, side: Side) -> float:
    """How many there were in the day that began with the first of them; 0 once it is over."""
    since = memory.get(side.since)
    if since is None or now.reached(float(since) + DAY):
        return 0.0
    return float(memory.get(side.corrected) or 0.0)


def _count(
    memory: Memory, now: Now, side: Side, held: list[str], corrected: list[str]
) -> dict[str, MemoryValue]:
    """Count each new correction of the zone in a day that begins with its first."""
    remember: dict[str, MemoryValue] = {side.held: " ".join(corrected) or None}
    new = len(set(corrected).difference(held))
    if new:
        before = _corrections(memory, now, side)
        remember[side.corrected] = before + new
        remember[side.since] = memory.get(side.since) if before else now.at
    return remember


def _insists(view: ZoneView, memory: Memory, remember: Memory, now: Now, side: Side) -> tuple[Notice, ...]:
    """An alert for as long as the zone is corrected too often to go on correcting it."""
    if not _fighting({**memory, **remember} if remember else memory, now, side):
        return ()
    text = Because("corrected more than {} times in a day: somebody insists",
                   "一天内纠正超过 {} 次：有人反复调整", (side.corrections_a_day,))  # fmt: skip
    return (Notice(side.rule, "alert", view.zone.id, text),)
