"""`window-off`: no air conditioning through an open window."""

from __future__ import annotations

from collections.abc import Iterator

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.citations import ACTION_PLAN, NOTICE_42, Citation
from supervisor.core.decisions import Because, Notice
from supervisor.core.now import Now
from supervisor.core.rule import COMPLIANT, Compliance, Memory, MemoryValue, Rule, Verdict
from supervisor.core.rules.common import At, has_hvac, has_sensor, hvac_off
from supervisor.core.views import Facts, SensorView, ZoneView

_HELD = "window-off.held"
_DAYS = "window-off.days."
"""Before a contact's point id: since when it stands open, the working days that it has stood through since, and the end
of the last of them."""


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """HVAC off while a window stands open; back once all have been closed for a while."""
    if not memory.get(_HELD) and _all_shut(view, memory):
        return COMPLIANT
    settings = view.zone.rules.window_off
    remember = _days_open(view, memory, now)
    told = {**memory, **remember} if remember else memory
    suspects = [w for w in view.windows if _is_open(w) and _stood(w, told)[0] >= settings.suspect_days]
    believed = [w for w in view.windows if w.reading.good and w not in suspects]
    notices = (*map(_suspect, suspects), *_left_open(believed, settings.tell_after, now))
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


def _all_shut(view: ZoneView, memory: Memory) -> bool:
    """Whether every contact is known to be closed, and of none it is remembered otherwise: as nearly always."""
    for window in view.windows:
        reading = window.reading
        if reading.value or not reading.good or _key(window) in memory:
            return False
    return True


def _measured(view: ZoneView, believed: list[SensorView]) -> Compliance:
    """Compliant only if every contact is known: an unknown window may be open."""
    return Compliance.YES if len(believed) == len(view.windows) else Compliance.UNMEASURABLE


def _is_open(window: SensorView) -> bool:
    return window.reading.good and bool(window.reading.value)


def _key(window: SensorView) -> str:
    return f"{_DAYS}{window.point.id}"


def _stood(window: SensorView, memory: Memory) -> tuple[int, Instant]:
    """The working days through which a contact has stood open without a change, and the end of the last."""
    since, _, rest = str(memory.get(_key(window)) or "").partition(" ")
    if since != repr(window.reading.since):
        return 0, window.reading.since
    days, _, until = rest.partition(" ")
    return int(days), float(until)


def _days_open(view: ZoneView, memory: Memory, now: Now) -> dict[str, MemoryValue]:
    """What is newly to be remembered of contacts that stand open, and forgotten of those that do not.

    A working day is one that opened after the contact did, and has closed.
    """
    remember: dict[str, MemoryValue] = {}
    for window in view.windows:
        if not _is_open(window):
            if _key(window) in memory and window.reading.good:
                remember[_key(window)] = None
            continue
        days, until = before = _stood(window, memory)
        for day in view.spans.days:
            if day.intervals and day.intervals[0][0] >= until:
                if not now.reached(day.intervals[-1][1]):
                    break
                days, until = days + 1, day.intervals[-1][1]
        if (days, until) != before:
            remember[_key(window)] = f"{window.reading.since!r} {days} {until!r}"
    return remember


def _left_open(windows: list[SensorView], after: float, now: Now) -> Iterator[Notice]:
    """What the manager is told: somebody should go and close it. The air conditioning stays off."""
    for window in windows:
        if window.reading.value and now.reached(window.reading.since + after):
            text = Because("open for {:g} h, since {}: please close it", "已开启 {:g} 小时（自 {}）：请关窗",
                           (after / 3600.0, At(window.reading.since)))  # fmt: skip
            yield Notice(RuleId.WINDOW_OFF, "alert", window.point.id, text)


def _suspect(window: SensorView) -> Notice:
    """Open through working days without a change: more likely a broken contact than a window."""
    text = Because("contact {} open since {} without a change: suspect, and the zone's windows are not measured",
                   "窗磁 {} 自 {} 一直为开：疑似故障，本区域开窗情况无法监测",
                   (window.point.id, At(window.reading.since)))  # fmt: skip
    return Notice(RuleId.WINDOW_OFF, "alert", window.point.id, text)


WINDOW_OFF = Rule(
    id=RuleId.WINDOW_OFF,
    title=Phrase("No air conditioning through an open window", "开空调时不开窗"),
    text=Phrase(
        (
            "HVAC is off while a window of the zone has been open for more than 60 seconds, until all have been "
            "closed for 60 seconds. After 4 hours the manager is told to close it; HVAC stays off. A contact that stays open "
            "through 3 working days without a change is suspect: an alert names it, and it counts as not known until it changes."
        ),
        "区域内任一窗户开启超过 60 秒即关闭空调，全部关闭满 60 秒后恢复；开启满 4 小时提醒管理员关窗，空调保持关闭；连续 3 个工作日无变化的窗磁视为可疑，报警并指明该窗磁，变化之前按未知处理。",
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
