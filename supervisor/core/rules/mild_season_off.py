"""`mild-season-off`: no cooling or heating in spring and autumn while the weather is normal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from config.phrase import Phrase
from config.roles import Role
from config.rules import MildSeasonOff, RuleId
from schedules.seasons import Season
from schedules.words import SEASONS
from supervisor.core.citations import ACTION_PLAN, MEASURES_115, Citation
from supervisor.core.decisions import Because, Notice
from supervisor.core.now import Now
from supervisor.core.rule import (
    NO_OPINION,
    UNMEASURABLE,
    Compliance,
    Memory,
    MemoryValue,
    Rule,
    Verdict,
    forgotten,
)
from supervisor.core.rules.common import has_hvac, hvac, hvac_off
from supervisor.core.views import Facts, SensorView, ZoneView

SUSPENDED = "mild-season-off.suspended"
"""Since when the room has been unfit and the rule suspended for it."""
_LET_RUN = "mild-season-off.let-run"
"""Whether the weather, or not knowing it, lets the zone's units run."""
_TEMPERATURE = Phrase("temperature", "室温")
_HUMIDITY = Phrase("humidity", "相对湿度")
_CO2 = Phrase("CO2", "二氧化碳")
_MILD = (Season.SPRING, Season.AUTUMN)


class _Limit(NamedTuple):
    """A figure of the room beyond which the lock-out is suspended, and the margin by which it must be back."""

    role: Role
    name: Phrase
    sensor: SensorView
    high: float
    low: float
    band: float
    unit: str

    def beyond(self, suspended: bool, now: Now) -> bool:
        """Outside the limits; once suspended, still outside until back by the margin."""
        value = float(self.sensor.reading.value or 0.0)
        margin = self.band if suspended else 0.0
        return now.over(self.role, value, self.high - margin) or now.under(
            self.role, value, self.low + margin
        )


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Off in the mild seasons; suspended for a room that has become unfit, with its figures on record."""
    if facts.season is None:
        return UNMEASURABLE
    if facts.season not in _MILD:
        stale = forgotten(memory, SUSPENDED, _LET_RUN)
        return Verdict(remember=stale) if stale else NO_OPINION
    settings = view.zone.rules.mild_season_off
    limits = tuple(_limits(view, settings))
    known = all(limit.sensor.reading.good for limit in limits)
    begun = memory.get(SUSPENDED)
    suspended = begun is not None
    beyond = [limit for limit in limits if limit.beyond(suspended, now)] if known else []
    # What was remembered before suspensions had a beginning is taken to have begun long ago. Where nothing is suspended
    # no moment is asked for: it would wake the zone every half hour of two seasons for nothing.
    over = suspended and (begun is True or now.reached(float(begun or 0.0) + settings.suspend_for))
    if not facts.weather_normal:
        # Meanwhile the room may come back within its limits: then the rule, once it holds again, holds here.
        verdict = NO_OPINION if facts.weather_normal is False else UNMEASURABLE
        remember: dict[str, MemoryValue] = {} if _LET_RUN in memory else {_LET_RUN: True}
        if suspended and known and not beyond and over:
            remember[SUSPENDED] = None
        return verdict._replace(remember=remember) if remember else verdict
    if not known:
        # Nobody may be locked into a room of which we no longer know that it is fit.
        return UNMEASURABLE if _LET_RUN in memory else UNMEASURABLE._replace(remember={_LET_RUN: True})
    if beyond and not suspended:
        notices = tuple(_exception(view, limit) for limit in beyond)
        return Verdict(compliance=Compliance.YES, remember={SUSPENDED: now.at}, notices=notices)
    if (suspended and (beyond or not over)) or (_let_run(memory) and _just_started(view, settings, now)):
        return Verdict(compliance=Compliance.YES)
    because = Because("{0} and the weather is normal ({2:.1f} °C outdoors)", "{1}，天气正常（室外 {2:.1f} °C）",
                      (*SEASONS[facts.season], float(facts.outdoor.value or 0.0)))  # fmt: skip
    return Verdict(hvac_off(view, because), remember=forgotten(memory, SUSPENDED, _LET_RUN))


def _let_run(memory: Memory) -> bool:
    return SUSPENDED in memory or _LET_RUN in memory


def _just_started(view: ZoneView, settings: MildSeasonOff, now: Now) -> bool:
    """A unit that was let run has not run for long: motors and valves are spared, and so are ears."""
    return any(e.on and not now.reached(e.state.since + settings.run_for) for e in hvac(view))


def _limits(view: ZoneView, s: MildSeasonOff) -> Iterator[_Limit]:
    """Of what the zone measures."""
    if view.temperature is not None:
        yield _Limit(
            Role.TEMPERATURE, _TEMPERATURE, view.temperature, s.zone_high, s.zone_low, s.zone_band, "°C"
        )
    if view.humidity is not None:
        yield _Limit(
            Role.HUMIDITY, _HUMIDITY, view.humidity, s.humidity_high, -math.inf, s.humidity_band, "%RH"
        )
    if view.co2 is not None:
        yield _Limit(Role.CO2, _CO2, view.co2, s.co2_high, -math.inf, s.co2_band, "ppm")


def _exception(view: ZoneView, limit: _Limit) -> Notice:
    text = Because("mild-season lock-out suspended: {} {:.1f} {}", "暂停春秋季停用：{3} {1:.1f} {2}",
                   (limit.name.en, limit.sensor.reading.value, limit.unit, limit.name.zh))  # fmt: skip
    return Notice(RuleId.MILD_SEASON_OFF, "exception", view.zone.id, text)


MILD_SEASON_OFF = Rule(
    id=RuleId.MILD_SEASON_OFF,
    title=Phrase("No air conditioning in mild seasons", "春秋季正常天气不开空调"),
    text=Phrase(
        (
            "In spring and autumn, while the outdoor temperature is normal (10 to 28 °C; back by 1 K once it was "
            "not, and either way once it has said so for a minute), cooling and heating are off; fresh-air units keep running. A zone outside 16 to 28 °C, above "
            "70 % relative humidity or above 1500 ppm of CO2 suspends the rule for itself until it is back by a "
            "margin of 1 K, 5 % or 200 ppm, for 30 minutes at least, and each "
            "suspension is logged with its figures. A unit that was let run stays on for 10 minutes at least; windows and fire go before."
            " While such a sensor is not known the rule ends for its zone."
        ),
        (
            "春秋季天气正常（室外 10–28 °C，回差 1 K，正常与否均须持续满 1 分钟）时关闭制冷与制热，新风机组照常运行。"
            "室温超出 16–28 °C、相对湿度高于 70 % 或 CO₂ 高于 1500 ppm 的区域暂停执行，回到限值内 1 K、5 %、200 ppm 且至少满 30 分钟后恢复；每次暂停均记录数值。放行的设备至少运行 10 分钟，开窗与火警除外。相关传感器失效时，该区域暂停执行。"
        ),
    ),
    cites=(
        Citation(ACTION_PLAN, "（二）春秋季正常天气不开空调"),
        Citation(MEASURES_115, "第十五条"),
        Citation(
            ACTION_PLAN,
            "normal weather",
            site_choice=True,
            ours=Phrase("what normal weather is", "正常天气的界定"),
        ),
    ),
    reads=(Role.OUTDOOR_TEMPERATURE, Role.TEMPERATURE, Role.HUMIDITY, Role.CO2),
    writes=(Role.START_STOP,),
    applies=has_hvac,
    evaluate=evaluate,
    example=(
        ("09:00", "a day in April, 19 °C outdoors", "fan coil held off"),
        ("14:30", "the sealed room passes 28 °C", "suspended; the exception is logged with 28.1 °C"),
        ("16:10", "the room is back at 26.9 °C", "held off again"),
    ),
)
