"""`manual`: a person holds a value until a time; it ends by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from config.phrase import Phrase
from config.roles import ROLES, Mode, Role
from config.rules import RuleId
from schedules.seasons import Season
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import Because, Demand, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Memory, Rule, Verdict
from supervisor.core.rules.common import At, exempt, plant_request
from supervisor.core.rules.setpoints import TOLERANCE
from supervisor.core.views import EquipmentView, Facts, Manual, PointView, ZoneView


class Bounds(NamedTuple):
    """What the plan leaves to a setpoint, degC; infinite where it has no limit."""

    coolest: float = -math.inf
    warmest: float = math.inf


def bounds_of(view: ZoneView, now: Now) -> Bounds:
    """A zone's own limits, without those from which it is exempt."""
    rules = view.zone.rules
    return Bounds(
        -math.inf if exempt(view, RuleId.SUMMER_SETPOINT, now) else rules.summer_setpoint.minimum,
        math.inf if exempt(view, RuleId.WINTER_SETPOINT, now) else rules.winter_setpoint.maximum,
    )


def allowed(equipment: EquipmentView, point: PointView, bounds: Bounds, facts: Facts) -> tuple[float, float]:
    """(low, high) of what may be held on a setpoint now: what may be written at all, narrowed by the plan's limits.

    A single setpoint is cooling's in summer and wherever the unit cools, heating's likewise.
    """
    role = point.point.role
    action = equipment.running_action or facts.changeover
    cools = role is Role.COOLING_SETPOINT
    heats = role is Role.HEATING_SETPOINT
    if role is Role.SETPOINT:
        cools = action == Mode.COOL or facts.season is Season.SUMMER
        heats = action == Mode.HEAT or facts.season is Season.WINTER
    low = max(ROLES[role].low, point.point.low, bounds.coolest if cools else -math.inf)
    high = min(ROLES[role].high, point.point.high, bounds.warmest if heats else math.inf)
    return low, high


def within(manual: Manual, limits: tuple[float, float]) -> bool:
    """Whether a held value keeps the limits; on, off and modes have none."""
    if isinstance(manual.value, bool | str):
        return True
    return limits[0] - TOLERANCE <= manual.value <= limits[1] + TOLERANCE


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Each value that a person holds in the zone; a unit that is held on asks for its air handler and plant."""
    bounds = bounds_of(view, now)
    verdicts = [held(equipment, view.manual, bounds, facts, now) for equipment in view.equipment]
    demands = [demand for verdict in verdicts for demand in verdict.demands]
    if view.zone.served_by:
        demands += _air(view, demands)
    return Verdict(tuple(demands), notices=tuple(n for verdict in verdicts for n in verdict.notices))


def held(
    equipment: EquipmentView, words: Mapping[str, Manual], bounds: Bounds, facts: Facts, now: Now
) -> Verdict:
    """What is held on one piece of equipment; a setpoint that the plan no longer allows is not, and people are told."""
    demands, notices = [], []
    for point in equipment.writable_points():
        manual = words.get(point.point.id)
        if manual is None or not now.reached(manual.since) or now.reached(manual.until):
            continue
        limits = allowed(equipment, point, bounds, facts)
        if within(manual, limits):
            demands.append(Demand(point.point.id, manual.value, _because(manual), (point.as_input(),)))
        else:
            text = Because("held by {} at {:.1f} °C, outside {:.1f} to {:.1f} °C: not written",
                           "{} 手动设定 {:.1f} °C，超出 {:.1f} 至 {:.1f} °C：不写入",
                           (manual.who, manual.value, *limits))  # fmt: skip
            notices.append(Notice(RuleId.MANUAL, "alert", point.point.id, text))
    return Verdict(tuple(demands), notices=tuple(notices))


def _because(manual: Manual) -> Because:
    if not manual.why:
        return Because("by hand until {} ({})", "手动至 {}（{}）", (At(manual.until), manual.who))
    return Because("by hand until {} ({}: {})", "手动至 {}（{}：{}）",
                   (At(manual.until), manual.who, manual.why))  # fmt: skip


def _air(view: ZoneView, demands: list[Demand]) -> Iterator[Demand]:
    """A terminal blows nothing without the air handler and the plant that serve it."""
    switches = {
        e.start_stop.point.id for e in view.equipment if e.equipment.hvac and e.start_stop is not None
    }
    for demand in demands:
        if demand.point in switches and demand.value is True:
            yield Demand(plant_request(view.zone), True, demand.because, demand.inputs)
            return


MANUAL = Rule(
    id=RuleId.MANUAL,
    title=Phrase("Held by hand", "手动"),
    text=Phrase(
        (
            "A person holds a value of a point until a time, at most 12 hours ahead, with a name and a reason: "
            "`building-supervisor manual`, or the page. It is no direct write: it goes before the rules beneath, and the rules "
            "above go before it. Fire, frost protection and the compressor's rest are never held off, lights of an escape "
            "route never held, and a setpoint only within the plan's limits. What the rules beneath say of the zone "
            "counts on: a value held against them is a violation for as long as it stands. A unit that is "
            "held on requests the zone's air handler and plant. It ends by itself, and earlier at a person's word."
        ),
        "由人将某点的值保持到指定时间（最长 12 小时），须有姓名与原因：使用 building-supervisor manual 命令或页面。这不是直接写入：优先于其下各规则，服从其上各规则。不得妨碍火警、防冻与压缩机停机保护，消防通道照明不可手动，设定温度须在限值之内。其下规则照常计量：与之相悖的手动值计为违规。手动开启的设备同时请求所属空调机组与冷热源。到时自动结束，也可提前结束。",
    ),
    cites=(Citation(SITE, "manual", site_choice=True, ours=Phrase("held by hand", "手动控制")),),
    reads=(Role.MODE, Role.ACTION),
    writes=(Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE),
    applies=lambda zone: False,  # to none by what it has: it is asked where somebody holds something
    evaluate=evaluate,
    example=(
        ("17:10", "a visitor stays: somebody holds the fan coil on until 18:00", "on, by hand"),
        ("17:40", "the fire alarm sounds", "handed back; nothing is written"),
        ("18:00", "the time is over", "off: the office is closed"),
    ),
)
