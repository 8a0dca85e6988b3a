"""`window-off`: no air conditioning through an open window."""

from __future__ import annotations

from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, NOTICE_42, Citation
from supervisor.core.decisions import Because, Input, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import At, has_hvac, has_sensor, hvac_off, open_since
from supervisor.core.views import Facts, SensorView, ZoneView

_HELD = "window-off.held"


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """HVAC off while a window stands open; back once all have been closed for a while."""
    settings = view.zone.rules.window_off
    suspects = [w for w in view.windows if _suspect(view, w, settings.suspect_after, now)]
    notices = tuple(_alert(w) for w in suspects)
    believed = [w for w in view.windows if w.reading.good and w not in suspects]
    for window in believed:
        if window.reading.value and now.reached(window.reading.since + settings.open_for):
            because = Because("{} open since {}", "{}自 {} 开启",
                              (window.point.id, At(window.reading.since)))  # fmt: skip
            return Verdict(
                hvac_off(view, because, window.as_input()), remember={_HELD: True}, notices=notices
            )
    if not memory.get(_HELD):
        return Verdict(compliance=_measured(view, believed), notices=notices)
    last = max((w.reading.since for w in believed), default=None)
    if last is not None and not now.reached(last + settings.closed_for):
        because = Because("windows closed only at {}", "窗户 {} 才关闭", (At(last),))
        inputs: tuple[Input, ...] = tuple(w.as_input() for w in believed)
        return Verdict(hvac_off(view, because, *inputs), remember={_HELD: True}, notices=notices)
    return Verdict(compliance=_measured(view, believed), remember={_HELD: None}, notices=notices)


def _measured(view: ZoneView, believed: list[SensorView]) -> Compliance:
    """Compliant only if every contact is known: an unknown window may be open."""
    return Compliance.YES if len(believed) == len(view.windows) else Compliance.UNMEASURABLE


def _suspect(view: ZoneView, window: SensorView, after: float, now: Now) -> bool:
    """Open through four hours of opening time without a change: more likely a broken contact than a window."""
    if not window.reading.good or not window.reading.value:
        return False
    opened = open_since(view, now)
    return opened is not None and now.reached(max(window.reading.since, opened) + after)


def _alert(window: SensorView) -> Notice:
    text = Because("contact open since {} without a change: suspect", "窗磁自 {} 一直为开：疑似故障",
                   (At(window.reading.since),))  # fmt: skip
    return Notice(RuleId.WINDOW_OFF, "alert", window.point.id, text)


WINDOW_OFF = Rule(
    id=RuleId.WINDOW_OFF,
    title_en="No air conditioning through an open window",
    title_zh="开空调时不开窗",
    text_en=(
        "HVAC is off while a window of the zone has been open for more than a minute, until all have been "
        "closed for a minute. A contact that stays open for four opening hours without a change is suspect: "
        "an alert is raised and it no longer counts."
    ),
    text_zh="区域内任一窗户开启超过 1 分钟即关闭空调，全部关闭满 1 分钟后恢复；开放时间内连续 4 小时无变化的窗磁视为可疑并报警。",
    cites=(Citation(ACTION_PLAN, "（二）开空调时不开窗"), Citation(NOTICE_42, "空调运行期间禁止开窗")),
    reads=(Role.WINDOW,),
    writes=(Role.START_STOP,),
    applies=lambda zone: has_hvac(zone) and has_sensor(zone, Role.WINDOW),
    evaluate=evaluate,
    example=(
        ("10:00", "a window is opened", "nothing yet"),
        ("10:01", "it has been open for a minute", "fan coil off"),
        ("10:20", "it is closed", "still off"),
        ("10:21", "closed for a minute", "fan coil back"),
    ),
)
