"""Values of ours that a controller keeps elsewhere than in our slot: emptying the slot may not take them back.

A gateway that knows no priorities may offer an array all the same: it puts each value into one slot of its choice, or shows it as
the present value and in no slot at all.
"""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase, same
from drivers.values import decode
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.pacing import REFUSED_RETRY
from supervisor.gateway.transitions import State
from supervisor.gateway.warning import warns

TWICE: Final = 2
"""How often a value must have come to stand in another slot: once may be another master who wanted the same just then."""
FOR: Final = 86400.0
"""Seconds for which nothing is written after that: it may be repaired, and frost protection must not wait for a restart of ours.
A site choice."""
NOT_SURE: Final = REFUSED_RETRY
"""The same where the other slot did not empty with ours: it may be another master's after all."""
_NOWHERE: Final = Phrase(
    "the present value follows, and our slot shows empty: whether it can be let go of is not known",
    "当前值已跟随，但本优先级显示为空：能否释放未知",
)
_FLAG: Final = {True: Phrase("on", "开"), False: Phrase("off", "关")}


def _elsewhere(c: Commandable, wire: float | int | None) -> int | None:
    """Another slot that holds a value and did not when it was handed over."""
    s = c.slot
    for slot in s.array.slots if s.array is not None else ():
        held = any(at == slot.priority and s.same(value, wire) for at, value in c.others)
        if s.same(slot.value, wire) and not held:
            return slot.priority
    return None


def has_strayed(c: Commandable, wire: float | int | None) -> bool:
    """Whether an acknowledged value shows in the object, which showed another one before or has it in another slot now, and our
    slot is read empty. Where it showed that value already, nothing is known: its controller may just be late."""
    s = c.slot
    if not s.has_array or s.state is not State.TAKEN or s.value is not None or warns(c):
        return False
    moved = c.stood is not None and not s.same(c.stood, wire)
    return s.same(s.present, wire) and (moved or _elsewhere(c, wire) is not None)


def noticed(c: Commandable, wire: float | int | None, wall: float) -> Phrase:
    """What is to be said of a value that strayed. The second one found in another slot is the last that is written for `FOR`."""
    at = _elsewhere(c, wire)
    if at is None:
        c.shows_unseen()
        return _NOWHERE
    ours, times = c.key.priority, c.went_astray(at)
    said = Phrase(
        f"what is written into slot {ours} comes to stand in slot {at}, which is not ours",
        f"写入优先级 {ours} 的值出现在优先级 {at}，那不属于本系统",
    )
    if times >= TWICE:
        c.is_no_place_for_ours(said, wall + FOR)
    return said


def taken_back(c: Commandable, held: float | int, wall: float) -> None:
    """Our slot was emptied after what was `held` had strayed. A slot that holds it all the same was filled by somebody else, or late."""
    slots = c.slot.array.slots if c.slot.array is not None else ()
    stays_there = any(slot.priority == c.strayed_to and c.slot.same(slot.value, held) for slot in slots)
    if c.stray is not None and stays_there:
        c.is_no_place_for_ours(c.stray, wall + NOT_SURE)


def stays(c: Commandable, held: float | int) -> Phrase | None:
    """That an object still shows what was `held`, though our slot is empty: nothing more can be done from here."""
    s = c.slot
    if s.same(s.present, c.stood) or not s.same(s.present, held):
        return None
    value = decode(c.point, s.present) if c.point is not None else s.present
    shown = _FLAG[value] if isinstance(value, bool) else same(str(value))
    return Phrase(
        f"let go of, and it stays at {shown.en} all the same: see to it at the device",
        f"已释放，但仍保持 {shown.zh}：请到设备处理",
    )
