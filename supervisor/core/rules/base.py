"""`base`: who decides where no rule does. Equipment with `base: supervisor` is ours all day."""

from __future__ import annotations

from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import Because, Demand
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import At, closed_since, occupied, open_since, switch
from supervisor.core.views import EquipmentView, Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """On from prestart while open, and occupied where presence is sensed; else off."""
    demands = [d for e in view.equipment if e.equipment.base == "supervisor" for d in _of(e, view, now)]
    return Verdict(tuple(demands), Compliance.YES) if demands else NO_OPINION


def _of(equipment: EquipmentView, view: ZoneView, now: Now) -> list[Demand]:
    if equipment.equipment.escape_route:
        return []
    presence = occupied(view)
    inputs = (view.occupancy.as_input(),) if view.occupancy is not None else ()
    lighting = equipment.equipment.lights
    if lighting and view.zone.circulation:
        # Unknown presence is lit: a dark corridor is worse than a lit one.
        because = Because("somebody there, or not known", "有人或人员未知")
        return list(switch(equipment, presence is not False, because, *inputs))
    prestart = 0.0 if lighting else view.zone.rules.pre_close_off.prestart
    closed = closed_since(view, now, 0.0, prestart)
    if closed is not None:
        because = Because("closed", "未开放")
        stay = presence or (
            presence is None and not now.reached(closed + view.zone.rules.lights_close.unknown_delay)
        )
        return list(switch(equipment, bool(lighting and stay), because, *inputs))
    opened = open_since(view, now)
    if opened is None:
        because = Because("prepared {:.0f} min before opening", "开门前 {:.0f} 分钟预启动", (prestart / 60,))
        return list(switch(equipment, True, because))
    because = Because("open since {}", "{} 起开放", (At(opened),))
    settings = view.zone.rules.vacancy_off
    empty_after = settings.lights_after if lighting else settings.hvac_after
    sensor = view.occupancy
    if (
        presence is False
        and sensor is not None
        and now.reached(max(sensor.reading.since, opened) + empty_after)
    ):
        because = Because("open, but nobody since {}", "开放时间内 {} 起无人", (At(sensor.reading.since),))
        return list(switch(equipment, False, because, *inputs))
    return list(switch(equipment, True, because, *inputs))


BASE = Rule(
    id=RuleId.BASE,
    title_en="Base operation",
    title_zh="基本运行",
    text_en=(
        "Equipment with base: controller has its own schedule or knob: where no rule applies our slot is NULL. "
        "Equipment with base: supervisor is decided always: on from prestart while open, and occupied where "
        "presence is sensed; else off."
    ),
    text_zh="base: controller 的设备由其自身控制，无规则适用时释放占位；base: supervisor 的设备始终由本系统决定：自预启动起开放期间运行，能感知人员时有人才运行，其余时间关闭。",
    cites=(Citation(SITE, "base", site_choice=True),),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: any(e.base == "supervisor" for e in zone.equipment),
    evaluate=evaluate,
    example=(
        ("08:30", "half an hour before opening", "on: prestart"),
        ("12:10", "empty for fifteen minutes", "off"),
    ),
)
