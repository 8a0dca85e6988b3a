"""`summer-setpoint`: no cooling below 26 °C."""

from __future__ import annotations

from operator import attrgetter

from config.phrase import Phrase
from config.roles import Mode, Role
from config.rules import RuleId
from schedules.seasons import Season
from supervisor.core.citations import ACTION_PLAN, NOTICE_42, Citation
from supervisor.core.rule import Rule
from supervisor.core.rules.setpoints import Side

_SIDE = Side(
    RuleId.SUMMER_SETPOINT,
    Mode.COOL,
    Season.SUMMER,
    Role.COOLING_SETPOINT,
    attrgetter("summer_setpoint.minimum", "summer_setpoint.grace", "summer_setpoint.corrections_a_day"),
    sign=1,
    held="summer-setpoint.held",
    corrected="summer-setpoint.count",
    since="summer-setpoint.since",
)

SUMMER_SETPOINT = Rule(
    id=RuleId.SUMMER_SETPOINT,
    title=Phrase("Cooling no lower than 26 °C", "夏季不低于 26 度"),
    text=Phrase(
        (
            "A cooling setpoint of its own is at least 26.0 °C all year (a site choice); one setpoint for both is, in summer and "
            "whenever the equipment cools. A setting below it counts while its unit runs, or is not known to be off; "
            "the time that it stands so while its unit is off is a figure of its own. The value beneath our slot is judged: while it is lower our slot holds 26.0; once it complies the slot is NULL. Above "
            "26 is the occupant's own choice. Without a priority array it is written once, after 2 minutes. "
            "More than 6 corrections a day raise an alert and end the back and forth. An air handler that serves several "
            "zones is judged by the strictest of them that is not exempt (a site choice), and all of them stand as it does."
        ),
        "独立的制冷设定全年不低于 26.0 °C（现场约定）；冷暖共用的设定，夏季及任何制冷时段不低于该值。设备运行或停机状态未知时，低于限值计为不合规；停机时的超限设定单独计时。判断我方占位之下的值：偏低时占位为 26.0，合规即释放。高于 26 由使用者自定。无优先级数组的点 2 分钟后写入一次。一天纠正超过 6 次则报警，不再反复写入。服务多个区域的空调机组按其中未豁免的最严限值判断（现场约定），各区域合规与否随之。",
    ),
    cites=(
        Citation(ACTION_PLAN, "（二）夏季不低于26度"),
        Citation(NOTICE_42, "夏季室内空调温度设置不得低于26摄氏度"),
    ),
    reads=(Role.COOLING_SETPOINT, Role.SETPOINT, Role.MODE, Role.ACTION),
    writes=(Role.COOLING_SETPOINT, Role.SETPOINT, Role.MODE),
    applies=_SIDE.applies,
    evaluate=_SIDE.evaluate,
    regards_sensors=False,
    example=(
        ("10:30", "somebody turns the thermostat to 22 °C (slot 13)", "our slot holds 26.0 °C"),
        ("11:40", "the thermostat is put to 26.5 °C", "our slot is NULL; 26.5 stands"),
    ),
)
