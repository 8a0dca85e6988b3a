"""`freeze-protect`: a room near freezing is heated, whatever the hour."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Mode, Role
from config.rules import RuleId
from supervisor.core.citations import EQUIPMENT, Citation
from supervisor.core.decisions import Because, Demand, Input, Notice
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, UNMEASURABLE, Memory, MemoryValue, Rule, Verdict, forgotten
from supervisor.core.rules.common import has_hvac, has_sensor, hvac, plant_request, switch
from supervisor.core.views import EquipmentView, Facts, PointView, ZoneView

_SINCE = "freeze-protect.since"
_FROM = "freeze-protect.from"
_TURNING = "freeze-protect.turning"
"""Since when the reading says otherwise than what the rule does: cold while nothing is heated, warm while it is."""
_BAND = 1.0
"""K above the limit at which heating is let go again; a site choice against hunting."""
POLLS = 2
"""Polls of the room's sensor that a reading has to stand through, where it is asked rarely; a site choice."""


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Start, heat mode, frost setpoint, plant requested; alert if the room does not warm.

    Cold and warm both have to stand for a while: one false reading starts nothing and ends nothing.
    """
    settings = view.zone.rules.freeze_protect
    sensor = view.temperature
    if sensor is None or not sensor.reading.good:
        return UNMEASURABLE._replace(remember=forgotten(memory, _TURNING))
    value = float(sensor.reading.value or 0.0)
    running = memory.get(_SINCE)
    cold = now.under(Role.TEMPERATURE, value, settings.below + (_BAND if running is not None else 0.0))
    turning = None
    if cold is not (running is not None):
        began = float(memory.get(_TURNING, now.at) or 0.0)
        if not now.reached(began + _stands_for(view)):
            turning = began
        elif running is not None:
            return Verdict(remember=forgotten(memory, _SINCE, _FROM, _TURNING))
    remember = forgotten(memory, _TURNING) if turning is None else {_TURNING: turning}
    if running is None and (not cold or turning is not None):
        return Verdict(remember=remember) if remember else NO_OPINION
    now.told(Role.TEMPERATURE)
    because = Because("room at {:.1f} °C, frost limit {:.1f} °C", "室温 {:.1f} °C，防冻限值 {:.1f} °C",
                      (value, settings.below))  # fmt: skip
    reading = sensor.as_input()
    demands = [d for e in hvac(view) for d in _heat(e, settings.setpoint, because, reading, facts)]
    if view.zone.served_by:
        demands.append(Demand(plant_request(view.zone), True, because, (reading,)))
    if running is None:
        return Verdict(tuple(demands), remember={**remember, _SINCE: now.at, _FROM: value})
    notices = _no_rise(view, value, float(running), memory.get(_FROM), now)
    return Verdict(tuple(demands), remember=remember, notices=notices)


def _stands_for(view: ZoneView) -> float:
    """s for which a reading must stand before it counts: two polls at least, or nobody has looked again."""
    polls = [point.poll for point in view.zone.sensors.get(Role.TEMPERATURE, ())]
    return max(view.zone.rules.freeze_protect.confirm_for, POLLS * max(polls, default=0.0))


def _heat(
    equipment: EquipmentView, setpoint: float, because: Because, reading: Input, facts: Facts
) -> list[Demand]:
    demands = list(switch(equipment, True, because, reading))
    wanted: tuple[tuple[PointView | None, float | str], ...] = (
        (equipment.mode, Mode.HEAT.value),
        (equipment.heating_setpoint, setpoint),
        (None if _would_cool(equipment, facts) else equipment.setpoint, setpoint),
    )
    for point, value in wanted:
        if point is not None and point.point.writable:
            demands.append(Demand(point.point.id, value, because, (reading,)))
    return demands


def _would_cool(equipment: EquipmentView, facts: Facts) -> bool:
    """A single setpoint of 12 °C would call for cooling where cooling runs and the mode is not ours to set."""
    if equipment.mode is not None and equipment.mode.point.writable:
        return False
    return (equipment.running_action or facts.changeover) == Mode.COOL


def _no_rise(view: ZoneView, value: float, since: float, start: MemoryValue, now: Now) -> tuple[Notice, ...]:
    limit = view.zone.rules.freeze_protect.rise_within
    if not now.reached(since + limit) or start is None or value > float(start):
        return ()
    text = Because("no rise in {:.0f} min of heating from {:.1f} °C", "由 {1:.1f} °C 加热 {0:.0f} 分钟未升温",
                   (limit / 60, float(start)))  # fmt: skip
    return (Notice(RuleId.FREEZE_PROTECT, "alert", view.zone.id, text),)


FREEZE_PROTECT = Rule(
    id=RuleId.FREEZE_PROTECT,
    title=Phrase("Frost protection", "防冻保护"),
    text=Phrase(
        (
            "In a room that has been below 8 °C for 60 seconds the terminals are started in heat mode with a setpoint of "
            "12 °C and the plant is requested, at any hour, until it has been at 9 °C for as long. One false reading starts "
            "nothing and ends nothing; a sensor that is asked rarely has to say so through two polls. If the room has not warmed after 30 minutes "
            "an alert is raised. A sensor that says so while it is far warmer outdoors is not believed, except in the cold months. "
            "The controller's own freezestat stays first."
        ),
        "室温低于 8 °C 满 60 秒，任何时刻都启动末端、切换制热、设定 12 °C，并请求冷热源，直至达到 9 °C 满 60 秒；单次错误读数既不启动也不停止，轮询较慢的传感器须持续两个轮询周期。30 分钟未升温则报警。室外远高于此读数时该传感器不采信（寒冷月份除外）。控制器自身的防冻保护优先。",
    ),
    cites=(Citation(EQUIPMENT, "防冻", site_choice=True, ours=Phrase("frost protection", "防冻")),),
    reads=(Role.TEMPERATURE,),
    writes=(Role.START_STOP, Role.MODE, Role.HEATING_SETPOINT, Role.SETPOINT),
    applies=lambda zone: has_hvac(zone) and has_sensor(zone, Role.TEMPERATURE),
    evaluate=evaluate,
    example=(
        ("02:20", "one reading of -3 °C, the next says 15 °C", "nothing"),
        ("03:10", "the room falls to 7.9 °C", "nothing yet"),
        ("03:11", "it has been below 8 °C for a minute", "fan coil on, heating to 12 °C"),
        ("04:05", "the room reaches 9.0 °C", "still heated"),
        ("04:06", "it has been there for a minute", "let go; the closed building keeps it off"),
    ),
)
