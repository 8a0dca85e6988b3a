"""`vacancy-off`: no air conditioning and no light for nobody."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because, Demand
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, UNMEASURABLE, Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import (
    At,
    has_hvac,
    has_lights,
    has_sensor,
    hvac_off,
    last_close,
    lights,
    open_since,
    switch,
    vacant_since,
)
from supervisor.core.views import Facts, ZoneView

_LIGHTS = Citation(ACTION_PLAN, "（二）减少照明电耗", site_choice=True)
"""The plan's clause on empty rooms names the air conditioning alone; light for nobody is ours to end."""
_CLOSED = Because("closed, occupancy not known", "已关门，人员未知")


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """HVAC and lights off once the zone has stood empty; presence ends it at once."""
    sensor = view.occupancy
    if sensor is None:
        return UNMEASURABLE
    known = sensor.reading.good
    empty = vacant_since(view) if known else _absent_since(view, now)
    if empty is None and not known:
        return UNMEASURABLE
    settings = view.zone.rules.vacancy_off
    air = now.empty_for(empty, settings.hvac_after) and _air_counts(view, settings.hvac_after, now)
    lamps = not view.zone.circulation and now.empty_for(empty, settings.lights_after)
    if empty is None or not (air or lamps):
        return NO_OPINION if known else UNMEASURABLE
    because = Because("nobody since {}", "{} 起无人", (At(empty),)) if known else _CLOSED
    demands: list[Demand] = []
    if air:
        demands += hvac_off(view, because, sensor.as_input())
    if lamps:
        demands += [
            demand._replace(citation=_LIGHTS)
            for circuit in lights(view)
            for demand in switch(circuit, False, because, sensor.as_input())
        ]
    return Verdict(tuple(demands), Compliance.BY_DEMANDS if known else Compliance.UNMEASURABLE)


def _absent_since(view: ZoneView, now: Now) -> Instant | None:
    """When a zone counts as emptied whose sensor is not known: present in hours, absent well after."""
    close = last_close(view, now)
    if close is None:
        return None
    absent = close + view.zone.rules.lights_close.unknown_delay
    return absent if now.reached(absent) else None


def _air_counts(view: ZoneView, after: float, now: Now) -> bool:
    """The room is conditioned for its opening before anybody is there: an empty room counts from then."""
    if last_close(view, now) is not None:
        return True
    opened = open_since(view, now)
    return opened is not None and now.reached(opened + after)


VACANCY_OFF = Rule(
    id=RuleId.VACANCY_OFF,
    title=Phrase("Off when nobody is there", "无人时关闭空调和照明"),
    text=Phrase(
        (
            "HVAC is off when the zone has been empty for 15 minutes and lights when it has been empty for 10; "
            "presence ends it. Prestart is left alone: an empty zone is counted from its opening. A sensor that is "
            "stale counts as present in opening hours and as absent from 30 minutes after closing. A zone without "
            "a sensor is not measured."
        ),
        "无人满 15 分钟关闭空调，满 10 分钟关灯；有人即恢复。预启动不受影响，开门后重新计时。传感器失效时，开放时间内按有人处理，关门 30 分钟后按无人处理；无传感器的区域记为未监测。",
    ),
    cites=(
        Citation(ACTION_PLAN, "（二）无人办公时关闭空调"),
        _LIGHTS,
        Citation(ACTION_PLAN, "the minutes", site_choice=True, ours=Phrase("the minutes", "分钟数")),
    ),
    reads=(Role.OCCUPANCY,),
    writes=(Role.START_STOP,),
    applies=lambda zone: (
        has_sensor(zone, Role.OCCUPANCY) and (has_hvac(zone) or (has_lights(zone) and not zone.circulation))
    ),
    evaluate=evaluate,
    example=(
        ("14:00", "the last person leaves for a meeting", "nothing yet"),
        ("14:10", "empty for ten minutes", "lights off"),
        ("14:15", "empty for fifteen", "fan coil off"),
        ("15:02", "somebody comes back", "both handed back"),
    ),
)
