"""What is true of the whole building: fire, season, weather."""

from __future__ import annotations

from typing import Any, NamedTuple

from config.roles import Mode
from config.rules import RuleId, RuleSettings
from drivers.readings import UNKNOWN
from schedules.seasons import Season
from supervisor.core.decisions import Because, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Memory, MemoryValue
from supervisor.core.views import Facts, Fire, SensorView

_BURNING = "fire-alarm.active"
_NORMAL = "mild-season-off.normal"
_CHANGEOVER = "changeover"
CONFIRM_FOR = 60.0
"""s for which weather and changeover must say otherwise before every zone is asked to follow; a site choice: both turn in
hours, and one false reading would stop and start the whole building."""


class BuildingView(NamedTuple):
    """The building's own points and the season in force."""

    settings: RuleSettings
    priority: int
    season: Season | None = None
    fire: SensorView | None = None
    outdoor: SensorView | None = None
    changeover: SensorView | None = None


class BuildingFacts(NamedTuple):
    """Facts, the memory after them, and what people should know."""

    facts: Facts
    memory: Memory
    notices: tuple[Notice, ...]


def evaluate_building(view: BuildingView, memory: Memory, now: Now) -> BuildingFacts:
    """Pure: the same view, memory and instant give the same facts."""
    fire, burning = _fire(view, bool(memory.get(_BURNING)), now)
    normal, turning = _stood(_NORMAL, _weather(view, memory.get(_NORMAL)), memory, now)
    changeover, moving = _stood(_CHANGEOVER, _changed_over(view), memory, now)
    facts = Facts(
        season=view.season,
        fire=fire,
        weather_normal=normal,
        outdoor=view.outdoor.reading if view.outdoor is not None else UNKNOWN,
        changeover=changeover,
        priority=view.priority,
    )
    remembered: dict[str, MemoryValue] = {**memory, _BURNING: burning or None, **turning, **moving}
    notices: tuple[Notice, ...] = ()
    if fire is Fire.UNKNOWN and view.fire is not None:
        text = Because("fire-alarm input is not known", "火警输入未知")
        notices = (Notice(RuleId.FIRE_ALARM, "alert", view.fire.point.id, text),)
    return BuildingFacts(facts, {k: v for k, v in remembered.items() if v is not None}, notices)


def _fire(view: BuildingView, burning: bool, now: Now) -> tuple[Fire, bool]:
    """The state of the alarm, and whether an alarm stands that has not been seen to clear for long enough."""
    if view.fire is None:
        return Fire.NOT_WIRED, False
    reading = view.fire.reading
    if not reading.good:
        # An alarm whose input fails has not been cleared by anybody.
        return (Fire.ACTIVE, True) if burning else (Fire.UNKNOWN, False)
    if reading.value:
        return Fire.ACTIVE, True
    if burning and not now.reached(reading.since + view.settings.fire_alarm.clear_for):
        return Fire.CLEARING, True
    return Fire.CLEAR, False


def _stood(key: str, said: MemoryValue, memory: Memory, now: Now) -> tuple[Any, Memory]:
    """What stands of a fact, and what is to be remembered of it: what is said otherwise counts once it was said for a while.

    What is not known ends at once, and what is known again, or for the first time, counts at once: nothing stood.
    """
    stands, turning = memory.get(key), f"{key}.turning"
    if said is None or stands is None or said == stands:
        return said, {key: said, turning: None}
    began = memory.get(turning, now.at)
    if now.reached(float(began or 0.0) + CONFIRM_FOR):
        return said, {key: said, turning: None}
    return stands, {key: stands, turning: began}


def _changed_over(view: BuildingView) -> str | None:
    """What the plant circulates; None where that is neither cold nor warm, or not known."""
    if view.changeover is None or not view.changeover.reading.good:
        return None
    value = view.changeover.reading.value
    return str(value) if value in (Mode.COOL, Mode.HEAT) else None


def _weather(view: BuildingView, was_normal: MemoryValue) -> bool | None:
    """Normal weather by the outdoor temperature, with a margin against flutter; None where not known."""
    if view.outdoor is None or not view.outdoor.reading.good:
        return None
    settings = view.settings.mild_season_off
    value = float(view.outdoor.reading.value or 0.0)
    margin = settings.outdoor_band if was_normal is False else 0.0
    return settings.outdoor_low + margin <= value <= settings.outdoor_high - margin
