"""`plug-close`: listed socket circuits off after closing."""

from __future__ import annotations

from config.roles import EquipmentKind, Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Memory, Rule, Verdict
from supervisor.core.rules.common import At, last_close, occupied, plugs, switch
from supervisor.core.views import Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Sockets off half an hour after closing, once the zone is known to be empty or cannot be known."""
    close = last_close(view, now, view.zone.rules.pre_close_off.prestart)
    if close is None or occupied(view) or not now.reached(close + view.zone.rules.plug_close.delay):
        return NO_OPINION
    because = Because("closed since {}", "{} 已关门", (At(close),))
    return Verdict(tuple(d for e in plugs(view) for d in switch(e, False, because)))


PLUG_CLOSE = Rule(
    id=RuleId.PLUG_CLOSE,
    title_en="Sockets off after closing",
    title_zh="下班断开插座回路",
    text_en="From 30 minutes after closing, in vacant zones, socket circuits that the site lists are off.",
    text_zh="关门 30 分钟后，无人区域断开现场列明的插座回路。",
    cites=(Citation(ACTION_PLAN, "（二）减少办公设备电耗", site_choice=True),),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: any(e.kind is EquipmentKind.PLUGS for e in zone.equipment),
    evaluate=evaluate,
    example=(("18:00", "the office closed at 17:30 and is empty", "printer and dispenser sockets off"),),
)
