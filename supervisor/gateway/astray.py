"""Values of ours that a controller keeps elsewhere than in our slot: emptying the slot may not take them back.

A gateway that knows no priorities may offer an array all the same: it puts each value into one slot of its choice, or shows it as
the present value and in no slot at all.
"""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase, same
from drivers.values import decode
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.transitions import State
from supervisor.gateway.warning import warns

TWICE: Final = 2
"""How often a value must have come to stand in another slot: once may be another master who wanted the same just then."""
_NOWHERE: Final = Phrase(
    "the present value follows, and our slot shows empty: whether it can be let go of is not known",
    "当前值已跟随，但本优先级显示为空：能否释放未知",
)
_FLAG: Final = {True: Phrase("on", "开"), False: Phrase("off", "关")}


def has_strayed(c: Commandable, wire: float | int | None) -> bool:
    """Whether an acknowledged value shows in the object, which showed another one before, and our slot is read empty."""
    s = c.slot
    if not s.has_array or s.state is not State.TAKEN or s.value is not None or warns(c):
        return False
    return s.same(s.present, wire) and (c.strayed > 0 or not s.same(c.stood, wire))


def noticed(c: Commandable, wire: float | int | None) -> Phrase:
    """What is to be said of a value that strayed. The second one found in another slot is the last that is written."""
    times = c.went_astray()
    slots = c.slot.array.slots if c.slot.array is not None else ()
    at = next((slot.priority for slot in slots if c.slot.same(slot.value, wire)), None)
    if at is None:
        return _NOWHERE
    ours = c.key.priority
    said = Phrase(
        f"what is written into slot {ours} comes to stand in slot {at}, which is not ours",
        f"写入优先级 {ours} 的值出现在优先级 {at}，那不属于本系统",
    )
    if times >= TWICE:
        c.is_no_place_for_ours(said)
    return said


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
