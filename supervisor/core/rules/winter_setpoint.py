"""`winter-setpoint`: no heating above 20 °C."""

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
    RuleId.WINTER_SETPOINT,
    Mode.HEAT,
    Season.WINTER,
    Role.HEATING_SETPOINT,
    attrgetter("winter_setpoint.maximum", "winter_setpoint.grace", "winter_setpoint.corrections_a_day"),
    sign=-1,
    held="winter-setpoint.held",
    corrected="winter-setpoint.count",
    since="winter-setpoint.since",
)

WINTER_SETPOINT = Rule(
    id=RuleId.WINTER_SETPOINT,
    title=Phrase("Heating no higher than 20 °C", "冬季不高于 20 度"),
    text=Phrase(
        (
            "A heating setpoint of its own is at most 20.0 °C all year (a site choice); one setpoint for both is, in winter and "
            "whenever the equipment heats. A setting above it counts while its unit runs, or is not known to be off; "
            "the time that it stands so while its unit is off is a figure of its own. The value beneath our slot is judged: while it is higher our slot holds 20.0; once it complies the slot is NULL. Below "
            "20 is the occupant's own choice. Without a priority array it is written once, after 2 minutes. "
            "More than 6 corrections a day raise an alert and end the back and forth. An air handler that serves several "
            "zones is judged by the strictest of them that is not exempt (a site choice), and all of them stand as it does."
        ),
        "独立的制热设定全年不高于 20.0 °C（现场约定）；冷暖共用的设定，冬季及任何制热时段不高于该值。设备运行或停机状态未知时，高于限值计为不合规；停机时的超限设定单独计时。判断我方占位之下的值：偏高时占位为 20.0，合规即释放。低于 20 由使用者自定。无优先级数组的点 2 分钟后写入一次。一天纠正超过 6 次则报警，不再反复写入。服务多个区域的空调机组按其中未豁免的最严限值判断（现场约定），各区域合规与否随之。",
    ),
    cites=(
        Citation(ACTION_PLAN, "（二）冬季不高于20度"),
        Citation(NOTICE_42, "冬季室内空调温度设置不得高于20摄氏度"),
    ),
    reads=(Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE, Role.ACTION),
    writes=(Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE),
    applies=_SIDE.applies,
    evaluate=_SIDE.evaluate,
    regards_sensors=False,
    example=(
        ("09:10", "a day in January, somebody asks for 24 °C", "our slot holds 20.0 °C"),
        ("10:00", "the thermostat is put to 19 °C", "our slot is NULL; 19 stands"),
    ),
)
