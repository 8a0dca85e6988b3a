"""`vacancy-off`: no air conditioning and no light for nobody."""

from __future__ import annotations

from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because, Demand
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import (
    At,
    has_hvac,
    has_lights,
    has_sensor,
    hvac_off,
    lights,
    open_since,
    switch,
    vacant_since,
)
from supervisor.core.views import Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """In opening hours, HVAC and lights off once the zone has stood empty; presence ends it at once."""
    settings = view.zone.rules.vacancy_off
    opened = open_since(view, now)
    empty = vacant_since(view)
    sensor = view.occupancy
    if opened is None or empty is None or sensor is None:
        known = sensor is not None and sensor.reading.good
        return Verdict(compliance=Compliance.YES if known else Compliance.UNMEASURABLE)
    counted = max(empty, opened)
    because = Because("nobody since {}", "{} 起无人", (At(empty),))
    demands: list[Demand] = []
    if now.reached(counted + settings.hvac_after):
        demands += hvac_off(view, because, sensor.as_input())
    if not view.zone.circulation and now.reached(counted + settings.lights_after):
        demands += [d for e in lights(view) for d in switch(e, False, because, sensor.as_input())]
    return Verdict(tuple(demands))


VACANCY_OFF = Rule(
    id=RuleId.VACANCY_OFF,
    title_en="Off when nobody is there",
    title_zh="无人时关闭空调和照明",
    text_en=(
        "In opening hours, HVAC is off when the zone has been empty for 15 minutes and lights when it has been "
        "empty for 10; presence ends it. A sensor that is stale counts as present. A zone without a sensor is "
        "not measured."
    ),
    text_zh="开放时间内，无人满 15 分钟关闭空调，满 10 分钟关灯；有人即恢复。传感器失效按有人处理；无传感器的区域记为未监测。",
    cites=(
        Citation(ACTION_PLAN, "（二）无人办公时关闭空调"),
        Citation(ACTION_PLAN, "lights, and the minutes", site_choice=True),
    ),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: has_sensor(zone, Role.OCCUPANCY) and (has_hvac(zone) or has_lights(zone)),
    evaluate=evaluate,
    example=(
        ("14:00", "the last person leaves for a meeting", "nothing yet"),
        ("14:10", "empty for ten minutes", "lights off"),
        ("14:15", "empty for fifteen", "fan coil off"),
        ("15:02", "somebody comes back", "both handed back"),
    ),
)
