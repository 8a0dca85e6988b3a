"""`plug-close`: listed socket circuits off after closing."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import EquipmentKind, Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Memory, Rule, Verdict
from supervisor.core.rules.common import closed_because, last_close, occupied, plugs, presence, switch
from supervisor.core.views import Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Sockets off half an hour after closing, once the zone is known to be empty or cannot be known."""
    close = last_close(view, now)
    if close is None or occupied(view, now):
        return NO_OPINION
    if not now.reached(close + empty_after(view, now)):
        return NO_OPINION
    because = closed_because(close)
    return Verdict(tuple(d for e in plugs(view) for d in switch(e, False, because, *presence(view))))


def empty_after(view: ZoneView, now: Now) -> float:
    """How long after closing a zone in which nobody is sensed counts as empty, s; not known takes longer."""
    rules = view.zone.rules
    if occupied(view, now) is None:
        return max(rules.plug_close.delay, rules.lights_close.unknown_delay)
    return rules.plug_close.delay


PLUG_CLOSE = Rule(
    id=RuleId.PLUG_CLOSE,
    title=Phrase("Sockets off after closing", "下班断开插座回路"),
    text=Phrase(
        (
            "From 30 minutes after closing until prestart of the next opening, socket circuits that the site lists "
            "are off in zones where nobody is sensed. A zone whose occupancy is not known counts as empty from 30 "
            "minutes after closing."
        ),
        "关门 30 分钟后至下次预启动，无人区域断开现场列明的插座回路；人员未知的区域关门 30 分钟后按无人处理。",
    ),
    cites=(Citation(ACTION_PLAN, "（二）减少办公设备电耗", site_choice=True),),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: any(e.kind is EquipmentKind.PLUGS for e in zone.units),
    evaluate=evaluate,
    example=(("18:00", "the office closed at 17:30 and is empty", "printer and dispenser sockets off"),),
)
