"""`corridor-delay`: corridors, stairs and lobbies are lit for people and dark soon after."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because, Demand, Input
from supervisor.core.now import Now
from supervisor.core.rule import COMPLIANT, UNMEASURABLE, Memory, Rule, Verdict
from supervisor.core.rules.common import At, has_lights, has_sensor, lights, switch, vacant_since
from supervisor.core.views import Facts, SensorView, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Lights off once nobody has passed for a while, or daylight suffices; unknown presence is lit."""
    settings = view.zone.rules.corridor_delay
    sensor = view.occupancy
    if sensor is None or not sensor.reading.good:
        return UNMEASURABLE
    empty = vacant_since(view)
    if now.empty_for(empty, settings.delay) and empty is not None:
        because = Because("nobody since {}", "{} 起无人", (At(empty),))
        return Verdict(_off(view, because, sensor.as_input()))
    lux = view.lux
    if lux is None:
        return COMPLIANT
    now.noticed()
    if empty is None and lux.reading.good and _daylight(view, lux, settings.dark_below):
        because = Because("daylight {:.0f} lx suffices", "自然采光 {:.0f} lx 已足够", (lux.reading.value,))
        return Verdict(_off(view, because, lux.as_input()))
    return COMPLIANT


def _daylight(view: ZoneView, lux: SensorView, dark_below: float) -> bool:
    """Whether daylight suffices, judged while the lamps are out: lit ones would judge themselves superfluous."""
    lit = any(e.on for e in lights(view))
    return not lit and float(lux.reading.value or 0.0) >= dark_below


def _off(view: ZoneView, because: Because, reading: Input) -> tuple[Demand, ...]:
    return tuple(d for e in lights(view) for d in switch(e, False, because, reading))


CORRIDOR_DELAY = Rule(
    id=RuleId.CORRIDOR_DELAY,
    title=Phrase("Delay switches in circulation", "走廊延时开关"),
    text=Phrase(
        (
            "In corridors, stairs and lobbies, lights are off when nobody has been sensed for 120 seconds, and "
            "handed back with presence (and darkness, below 50 lx, where a lux point exists; judged while the lamps are out). "
            "Unknown presence means lit. "
            "Escape routes are left alone."
        ),
        "走廊、楼梯、门厅无人 120 秒后关灯；有人（且有照度点时低于 50 lx，以灯灭时的照度为准）即亮；人员未知时保持点亮。消防通道除外。",
    ),
    cites=(
        Citation(ACTION_PLAN, "（四）除消防通道外，安装延时开关"),
        Citation(ACTION_PLAN, "120 s", site_choice=True, ours=Phrase("120 s", "120 秒")),
    ),
    reads=(Role.OCCUPANCY, Role.LUX, Role.START_STOP),
    writes=(Role.START_STOP,),
    applies=lambda zone: zone.circulation and has_lights(zone) and has_sensor(zone, Role.OCCUPANCY),
    evaluate=evaluate,
    example=(
        ("20:00:00", "somebody walks down the corridor", "lit"),
        ("20:00:20", "nobody any more", "still lit"),
        ("20:02:20", "nobody for 120 s", "lights off"),
    ),
)
