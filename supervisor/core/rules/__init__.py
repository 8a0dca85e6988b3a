"""The rules, one file each; `ALL` is their order of precedence, top first."""

from __future__ import annotations

from config.rules import RuleId
from supervisor.core.rule import Rule
from supervisor.core.rules.base import BASE
from supervisor.core.rules.corridor_delay import CORRIDOR_DELAY
from supervisor.core.rules.escape_route import ESCAPE_ROUTE
from supervisor.core.rules.fire_alarm import FIRE_ALARM
from supervisor.core.rules.freeze_protect import FREEZE_PROTECT
from supervisor.core.rules.lights_close import LIGHTS_CLOSE
from supervisor.core.rules.manual import MANUAL
from supervisor.core.rules.mild_season_off import MILD_SEASON_OFF
from supervisor.core.rules.min_off import MIN_OFF
from supervisor.core.rules.plug_close import PLUG_CLOSE
from supervisor.core.rules.pre_close_off import PRE_CLOSE_OFF
from supervisor.core.rules.summer_setpoint import SUMMER_SETPOINT
from supervisor.core.rules.vacancy_off import VACANCY_OFF
from supervisor.core.rules.window_off import WINDOW_OFF
from supervisor.core.rules.winter_setpoint import WINTER_SETPOINT

ALL: tuple[Rule, ...] = (
    FIRE_ALARM,
    ESCAPE_ROUTE,
    FREEZE_PROTECT,
    MIN_OFF,
    MANUAL,
    WINDOW_OFF,
    PRE_CLOSE_OFF,
    LIGHTS_CLOSE,
    VACANCY_OFF,
    CORRIDOR_DELAY,
    MILD_SEASON_OFF,
    SUMMER_SETPOINT,
    WINTER_SETPOINT,
    PLUG_CLOSE,
    BASE,
)
BY_ID: dict[RuleId, Rule] = {rule.id: rule for rule in ALL}
