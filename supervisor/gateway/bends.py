"""What a controller made of a value of ours, in words."""

from __future__ import annotations

from config.phrase import Phrase
from config.points import Value
from config.roles import ROLES, Shape
from drivers.values import decode, encode
from supervisor.core.decisions import Command, Special
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Limits
from supervisor.gateway.effects import Bend


def short(c: Commandable, command: Command, limits: Limits) -> Phrase | None:
    """Why what stands there breaks the rule although it is ours: the controller takes no value that keeps it."""
    if c.point is None or c.fit is None or ROLES[c.point.role].shape is not Shape.NUMBER:
        return None
    if isinstance(command, Special | bool | str):
        return None
    asked, low, high = encode(c.point, command), c.fit.low, c.fit.high
    if low <= asked <= high or c.kept(asked, c.slot.found, limits):
        return None
    ends, ours = f"{_shown(c, low)} … {_shown(c, high)}", (_shown(c, c.slot.found), _shown(c, asked))
    return Phrase(
        f"the controller takes {ends} (its Min and Max_Pres_Value): {ours[0]} written for {ours[1]}, which breaks the rule",
        f"控制器只接受 {ends}（其 Min/Max_Pres_Value）：以 {ours[0]} 代替 {ours[1]} 写入，不符合规则",
    )


def told(c: Commandable, bend: Bend, limits: Limits) -> Phrase:
    """The same as a sentence, with both figures in the role's unit."""
    written, made = _shown(c, bend.written), _shown(c, bend.made)
    if c.kept(bend.written, bend.made, limits):
        return Phrase(
            f"the controller made {made} of {written}: ours, and left so, for it keeps the limit",
            f"控制器把 {written} 变成了 {made}：仍属本系统，符合限值，保持不变",
        )
    return Phrase(
        f"the controller made {made} of {written}: ours, but it breaks the rule; not written again",
        f"控制器把 {written} 变成了 {made}：仍属本系统，但不符合规则；不再重写",
    )


def broken(c: Commandable) -> Phrase:
    """What stands, and breaks the rule: the controller makes no more of our value."""
    written, made = _shown(c, c.slot.written), _shown(c, c.slot.found)
    return Phrase(
        f"the controller made {made} of {written}, which breaks the rule",
        f"控制器把 {written} 变成了 {made}，不符合规则",
    )


def detail(c: Commandable) -> str:
    """The same in the audit."""
    return f"the controller made {_shown(c, c.slot.found)} of {_shown(c, c.slot.written)}"


def _shown(c: Commandable, wire: float | int | None) -> str:
    value: Value = decode(c.point, wire) if c.point is not None else wire
    if value is None:
        value = wire
    return f"{value:.5g}" if isinstance(value, float) else str(value)
