"""`window-off`: no air conditioning through an open window."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, NOTICE_42, Citation
from supervisor.core.decisions import Because, Notice
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, MemoryValue, Rule, Verdict
from supervisor.core.rules.common import At, has_hvac, has_sensor, hvac_off
from supervisor.core.views import Facts, SensorView, ZoneView

_HELD = "window-off.held"
_SUSPECT = "window-off.suspect."
"""Before a contact's point id: since when the reading was open that is no longer believed."""


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """HVAC off while a window stands open; back once all have been closed for a while."""
    settings = view.zone.rules.window_off
    suspects = [w for w in view.windows if _suspect(view, w, memory, now)]
    notices = tuple(_alert(w) for w in suspects)
    remember: dict[str, MemoryValue] = {_key(w): None for w in view.windows if _key(w) in memory}
    remember.update({_key(w): w.reading.since for w in suspects})
    believed = [w for w in view.windows if w.reading.good and w not in suspects]
    held = bool(memory.get(_HELD))
    for window in believed:
        open_long = window.reading.value and now.reached(window.reading.since + settings.open_for)
        if open_long or (held and window.reading.value):
            because = Because("{} open since {}", "{}自 {} 开启",
                              (window.point.id, At(window.reading.since)))  # fmt: skip
            remember[_HELD] = True
            return Verdict(
                hvac_off(view, because, window.as_input()), Compliance.BY_DEMANDS, remember, notices
            )
    last = max((w.reading.since for w in believed), default=None)
    if held and last is not None and not now.reached(last + settings.closed_for):
        because = Because("windows closed only at {}", "窗户 {} 才关闭", (At(last),))
        inputs = [w.as_input() for w in believed]
        return Verdict(hvac_off(view, because, *inputs), Compliance.BY_DEMANDS, remember, notices)
    if held:
        remember[_HELD] = None
    return Verdict((), _measured(view, believed), remember, notices)


def _measured(view: ZoneView, believed: list[SensorView]) -> Compliance:
    """Compliant only if every contact is known: an unknown window may be open."""
    return Compliance.YES if len(believed) == len(view.windows) else Compliance.UNMEASURABLE


def _key(window: SensorView) -> str:
    return f"{_SUSPECT}{window.point.id}"


def _suspect(view: ZoneView, window: SensorView, memory: Memory, now: Now) -> bool:
    """Open through four hours of opening time without a change: more likely a broken contact than a window."""
    if not window.reading.good or not window.reading.value:
        return False
    since = window.reading.since
    if memory.get(_key(window)) == since:
        return True
    left = view.zone.rules.window_off.suspect_after
    for span in view.spans.spans:
        start = max(span.open, since)
        if not now.reached(start):
            return False
        if span.close > start:
            if now.reached(min(span.close, start + left)):
                left -= min(span.close - start, left)
            else:
                return False
        if left <= 0.0:
            return True
    return False


def _alert(window: SensorView) -> Notice:
    text = Because("contact open since {} without a change: suspect", "窗磁自 {} 一直为开：疑似故障",
                   (At(window.reading.since),))  # fmt: skip
    return Notice(RuleId.WINDOW_OFF, "alert", window.point.id, text)


WINDOW_OFF = Rule(
    id=RuleId.WINDOW_OFF,
    title=Phrase("No air conditioning through an open window", "开空调时不开窗"),
    text=Phrase(
        (
            "HVAC is off while a window of the zone has been open for more than 60 seconds, until all have been "
            "closed for 60 seconds. A contact that stays open for 4 hours of opening time without a change is "
            "suspect: an alert is raised, and it counts as not known until it changes."
        ),
        "区域内任一窗户开启超过 60 秒即关闭空调，全部关闭满 60 秒后恢复；开放时间内连续 4 小时无变化的窗磁视为可疑并报警，变化之前按未知处理。",
    ),
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
