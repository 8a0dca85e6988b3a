"""`fire-alarm`: while the alarm stands, life safety owns the building."""

from __future__ import annotations

from collections.abc import Iterator

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import LIFE_SAFETY, Citation
from supervisor.core.decisions import KEEP, RELINQUISH, Because, Command, Demand
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Compliance, Memory, Rule, Verdict
from supervisor.core.views import EquipmentView, Facts, ZoneView

_LIGHT = Because("fire alarm: the light is handed back, so that people can see", "火警：交还照明，便于疏散")
_STARTED = Because("fire alarm: equipment that we started is handed back", "火警：交还由我方启动的设备")
_NOTHING = Because("fire alarm: nothing is written", "火警：不写任何点")


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Let go of what darkens an escape or feeds a fire; touch nothing else."""
    if not facts.fire.owns_building:
        return NO_OPINION
    demands = tuple(d for e in view.equipment for d in demands_of(e))
    return Verdict(demands, Compliance.YES)


def demands_of(equipment: EquipmentView) -> Iterator[Demand]:
    """What the alarm wants of each point of a piece of equipment."""
    for point in equipment.writable_points():
        command: Command = KEEP
        because = _NOTHING
        if point is equipment.start_stop and point.ours is not None:
            if point.ours and not equipment.equipment.lights:
                command, because = RELINQUISH, _STARTED
            elif not point.ours and equipment.equipment.lights:
                command, because = RELINQUISH, _LIGHT
        yield Demand(point.point.id, command, because, (point.as_input(),))


FIRE_ALARM = Rule(
    id=RuleId.FIRE_ALARM,
    title=Phrase("Fire alarm", "火警让位"),
    text=Phrase(
        (
            "While the fire-alarm input is active, and for 60 seconds after it clears, queued writes are cancelled, "
            "our slots that hold a light off or equipment on are released, those that hold HVAC off stay (slots "
            "1 and 2 outrank them), and nothing else is written. Equipment resumes staggered. An alarm whose input "
            "fails has not cleared; an input that is not known raises an alert."
        ),
        (
            "火警期间及解除后 60 秒内：取消排队的写入；释放我方关灯或启动设备的占位；"
            "保持空调关闭的占位（消防联动占 1、2 级，高于我方）；不再写任何点。恢复时错峰启动。"
            "火警期间输入失效视为未解除；输入未知则报警。"
        ),
    ),
    cites=(
        Citation(
            LIFE_SAFETY,
            "消防联动优先",
            site_choice=True,
            ours=Phrase("the fire system comes first", "消防联动优先"),
        ),
    ),
    reads=(Role.FIRE_ALARM,),
    writes=(Role.START_STOP,),
    applies=lambda zone: any(p.writable for e in zone.equipment for p in e.points.values()),
    evaluate=evaluate,
    example=(
        ("18:00:00", "lights of an office are held off; the alarm sounds", "our slot on the lights is NULL"),
        ("18:04:00", "the alarm is reset", "still nothing is written"),
        ("18:05:00", "a minute has passed", "the lights sweep applies again"),
    ),
)
