"""`lights-close`: the lights sweep after closing."""

from __future__ import annotations

from collections.abc import Iterator

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because, Demand, Input
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import (
    At,
    closed_because,
    has_lights,
    last_close,
    lights,
    occupied,
    presence,
    switch,
)
from supervisor.core.views import EquipmentView, Facts, ZoneView

BINARY_LIGHTING = "binary-lighting-output"
_BLINK = 1.0
"""s that a warned circuit goes dark; a site choice: seen, and too short to trip over."""


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Lights off some minutes after closing where nobody is sensed; later where nothing can be sensed."""
    settings = view.zone.rules.lights_close
    close = last_close(view, now)
    if close is None:
        return NO_OPINION
    somebody = occupied(view, now)
    if somebody:
        return NO_OPINION
    off_at = close + (settings.delay if somebody is False else settings.unknown_delay)
    if now.reached(off_at):
        because = closed_because(close)
        return Verdict(tuple(d for e in lights(view) for d in _off(e, because, *presence(view))))
    return Verdict(_warning(view, off_at, settings.warn_before, now), Compliance.YES)


def _warning(view: ZoneView, off_at: float, before: float, now: Now) -> tuple[Demand, ...]:
    """A blink on circuits that were declared to bear one.

    A Binary Lighting Output is told WARN_OFF instead (ASHRAE 135-2020 §12.55): it blinks, keeps its lamps on
    for Egress_Time and goes off by itself. It is told so early that they go off when those of others do, but
    no earlier than others blink.
    """
    because = Because("lights go off at {}: warning", "{} 将关灯：提醒", (At(off_at),))
    demands: list[Demand] = []
    for circuit in lights(view):
        point = circuit.start_stop
        if point is None or circuit.equipment.warn != "blink":
            continue
        if _warns_itself(circuit):
            egress = min(point.egress, before)
            if egress > 0 and now.reached(off_at - egress):
                demands += _off(circuit, because)
        elif now.reached(off_at - before) and not now.reached(off_at - before + _BLINK):
            demands += switch(circuit, False, because)
    return tuple(demands)


def _off(circuit: EquipmentView, because: Because, *inputs: Input) -> Iterator[Demand]:
    for demand in switch(circuit, False, because, *inputs):
        yield demand._replace(warned=_warns_itself(circuit))


def _warns_itself(circuit: EquipmentView) -> bool:
    point = circuit.start_stop
    return circuit.equipment.warn == "blink" and (
        point is not None and point.point.object_type == BINARY_LIGHTING
    )


LIGHTS_CLOSE = Rule(
    id=RuleId.LIGHTS_CLOSE,
    title=Phrase("Lights sweep after closing", "下班关灯"),
    text=Phrase(
        (
            "From 10 minutes after closing, lights go off in zones where nobody is sensed, with a blink 5 minutes "
            "earlier on circuits declared warn: blink; a Binary Lighting Output among them is told WARN_OFF, so early "
            "that its own Egress_Time ends with the 10 minutes (5 minutes early at most). Where occupancy is not known they go off 30 minutes after "
            "closing. It holds until prestart of the next opening. Circulation zones are left to corridor-delay."
        ),
        "关门 10 分钟后，无人区域关灯；声明 warn: blink 的回路提前 5 分钟闪烁提醒；其中 Binary Lighting Output 以 WARN_OFF 自行提醒，按其 Egress_Time 提前（至多 5 分钟）；人员未知时关门 30 分钟后关灯；至下次预启动为止。走廊、楼梯、门厅由 corridor-delay 管理。",
    ),
    cites=(
        Citation(ACTION_PLAN, "（二）减少照明电耗"),
        Citation(
            ACTION_PLAN,
            "minutes after closing",
            site_choice=True,
            ours=Phrase("minutes after closing", "关门后的分钟数"),
        ),
    ),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: has_lights(zone) and not zone.circulation,
    evaluate=evaluate,
    example=(
        ("17:35", "an office that closed at 17:30, somebody left the light on", "a blink"),
        ("17:40", "nobody is sensed", "lights off"),
        ("17:50", "a colleague comes back", "lights handed back"),
    ),
)
