"""`pre-close-off`: the air conditioning stops half an hour before closing."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because
from supervisor.core.now import Now
from supervisor.core.rule import NO_OPINION, Memory, Rule, Verdict
from supervisor.core.rules.common import At, closed_because, closed_since, has_hvac, hvac_off
from supervisor.core.views import Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """HVAC off from half an hour before the day's last close until prestart of the next opening."""
    settings = view.zone.rules.pre_close_off
    since = closed_since(view, now, settings.lead, settings.prestart)
    if since is None:
        return NO_OPINION
    close = since + settings.lead
    because = closed_because(close)
    if not now.reached(close):
        because = Because("closes at {}: off {:.0f} min before", "{} 关门，提前 {:.0f} 分钟关闭空调",
                          (At(close), settings.lead / 60))  # fmt: skip
    return Verdict(hvac_off(view, because))


PRE_CLOSE_OFF = Rule(
    id=RuleId.PRE_CLOSE_OFF,
    title=Phrase("Off half an hour before closing", "下班前半小时关闭空调"),
    text=Phrase(
        (
            "HVAC is off from 30 minutes before the day's last effective close until prestart (30 minutes before "
            "the next opening, but never before the close itself). A lunch break is not a close; overtime moves "
            "the close."
        ),
        "每日最后一次关门前 30 分钟起关闭空调，直至下次开门前 30 分钟（预启动，不早于关门本身）。午休不算关门；加班顺延。",
    ),
    cites=(Citation(ACTION_PLAN, "（二）下班前半小时关闭空调"),),
    reads=(),
    writes=(Role.START_STOP,),
    applies=has_hvac,
    evaluate=evaluate,
    regards_sensors=False,
    example=(
        ("16:59", "an office that closes at 17:30", "fan coil on"),
        ("17:00", "half an hour before", "fan coil off"),
        ("08:30", "next working day, opens at 09:00", "fan coil handed back"),
    ),
)
