"""`base`: who decides where no rule does. Equipment with `base: supervisor` is ours all day."""

from __future__ import annotations

import math
from collections.abc import Iterator

from config.phrase import Phrase
from config.roles import EquipmentKind, Role
from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import Because, Demand, Input
from supervisor.core.now import Now
from supervisor.core.rule import Memory, Rule, Verdict
from supervisor.core.rules.common import (
    At,
    closed_because,
    closed_since,
    exempt,
    last_close,
    occupied,
    open_since,
    plant_request,
    presence,
    switch,
    vacant_since,
)
from supervisor.core.rules.plug_close import empty_after
from supervisor.core.views import EquipmentView, Facts, ZoneView

_LIT = Because("lit for passers-by", "为通行照明")
_STAYED = Because("closed, but somebody is there", "已关门，但仍有人")
_OPEN = Because("open", "开放期间")
_EXEMPT = Because("exempt", "已豁免")


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """On from prestart while open, and occupied where presence is sensed; else off. Overtime asks for air."""
    demands = [
        demand
        for equipment in view.units
        if equipment.equipment.base == "supervisor"
        for demand in switch(equipment, *_wanted(equipment, view, now), *_presence(view, now))
    ]
    if view.zone.served_by:
        demands += _overtime(view, now)
    return Verdict(tuple(demands))


def _presence(view: ZoneView, now: Now) -> tuple[Input, ...]:
    if view.occupancy is not None:
        now.noticed()
    return presence(view)


def _wanted(equipment: EquipmentView, view: ZoneView, now: Now) -> tuple[bool, Because]:
    """What nobody has a reason to change: each off has its rule, so an exemption from that rule lifts it."""
    if equipment.equipment.lights:
        return (True, _LIT) if view.zone.circulation else _lighting(view, now)
    if equipment.equipment.kind is EquipmentKind.PLUGS:
        return _sockets(view, now)
    return _air(equipment, view, now)


def _air(equipment: EquipmentView, view: ZoneView, now: Now) -> tuple[bool, Because]:
    if equipment.equipment.hvac and exempt(view, RuleId.PRE_CLOSE_OFF, now):
        return True, _EXEMPT
    closed = last_close(view, now)
    if closed is not None:
        return False, closed_because(closed)
    opened = open_since(view, now)
    if opened is None:
        minutes = view.zone.rules.pre_close_off.prestart / 60
        return True, Because("prepared {:.0f} min before opening", "开门前 {:.0f} 分钟预启动", (minutes,))
    empty = None if equipment.equipment.hvac else vacant_since(view)
    if empty is not None and now.reached(max(empty, opened) + view.zone.rules.vacancy_off.hvac_after):
        return False, Because("nobody since {}", "{} 起无人", (At(empty),))
    return True, _open(opened)


def _lighting(view: ZoneView, now: Now) -> tuple[bool, Because]:
    """On while open. After closing `lights-close` has its say first; from prestart to opening it is this."""
    if exempt(view, RuleId.LIGHTS_CLOSE, now):
        return True, _EXEMPT
    closed = closed_since(view, now, 0.0, 0.0)
    if closed is None:
        return True, _OPEN
    if occupied(view, now):
        return True, _STAYED
    settings = view.zone.rules.lights_close
    return not now.reached(closed + max(settings.delay, settings.unknown_delay)), closed_because(closed)


def _sockets(view: ZoneView, now: Now) -> tuple[bool, Because]:
    """Socket circuits are not switched off in hours: what is plugged in may be at work without anybody."""
    if exempt(view, RuleId.PLUG_CLOSE, now):
        return True, _EXEMPT
    closed = last_close(view, now)
    if closed is None:
        return True, _OPEN
    if occupied(view, now):
        return True, _STAYED
    return not now.reached(closed + empty_after(view, now)), closed_because(closed)


def _open(opened: Instant) -> Because:
    if math.isinf(opened):
        return _OPEN
    return Because("open since {}", "{} 起开放", (At(opened),))


def _overtime(view: ZoneView, now: Now) -> Iterator[Demand]:
    """Overtime asks for the air handler and the plant, whose own schedule does not know of it."""
    for span in view.spans.spans:
        for request in span.overtime:
            if now.reached(request.start) and not now.reached(request.until):
                because = Because("overtime until {} for {}", "加班至 {}（{}）",
                                  (At(request.until), request.who))  # fmt: skip
                yield Demand(plant_request(view.zone), True, because)
                return


BASE = Rule(
    id=RuleId.BASE,
    title=Phrase("Base operation", "基本运行"),
    text=Phrase(
        (
            "Equipment with base: controller has its own schedule or knob: where no rule applies our slot is NULL. "
            "Equipment with base: supervisor is decided always: on from prestart while open, and occupied where "
            "presence is sensed; else off. Each off is that of its rule, so that an exemption lifts it here as well. "
            "Lights stay while somebody is sensed, and after closing for as long as lights-close leaves them; "
            "sockets are on while open. A circuit that several rooms share goes off when every one of them wants it off, and on for "
            "whoever needs it; no room is outside a rule by a light that another needs. Overtime requests the zone's air handler and plant."
        ),
        "base: controller 的设备由其自身控制，无规则适用时释放占位；base: supervisor 的设备始终由本系统决定：自预启动起开放期间运行，能感知人员时有人才运行，其余时间关闭。各项关闭均以对应规则为准，豁免同样有效。有人时保持照明；插座在开放期间通电。几间房共用的照明或插座回路：各房间都不需要才关，任一间需要即开；为别的房间亮着的灯不算本房间违规。加班期间请求所属空调机组与冷热源。",
    ),
    cites=(Citation(SITE, "base", site_choice=True, ours=Phrase("base operation", "基本运行")),),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: bool(zone.served_by) or any(e.base == "supervisor" for e in zone.units),
    evaluate=evaluate,
    example=(
        ("08:30", "half an hour before opening", "on: prestart"),
        ("12:10", "empty for fifteen minutes", "off"),
    ),
)
