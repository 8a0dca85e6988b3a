"""What a controller made of a value of ours: judged by the rule's limit and not by equality, and put into words."""

from __future__ import annotations

import math

from config.phrase import Phrase
from config.points import Value
from config.roles import ROLES, Role, Shape
from drivers.values import SAME_WITHIN, decode, encode
from supervisor.core.decisions import Command, Special
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Limits, role_limits
from supervisor.gateway.effects import Bend
from supervisor.gateway.grid import ON_GRID


def side(c: Commandable, limits: Limits) -> bool | None:
    """Where on a controller's grid a wire value of this point keeps the rule: True up, False down, None: anywhere.

    A cooling limit is kept by going up, a heating limit by going down.
    """
    if c.point is None or ROLES[c.point.role].unit != "degC":
        return None
    (low, high), (lowest, highest) = limits(c.point), role_limits(c.point)
    if c.point.role is Role.COOLING_SETPOINT or low > lowest:
        warmer = True
    elif c.point.role is Role.HEATING_SETPOINT or high < highest:
        warmer = False
    else:
        return None
    return warmer is (c.point.scale > 0)


def fitted(c: Commandable, wire: float | int, limits: Limits) -> float | int:
    """The value to write: within what the controller takes, on its grid where one is known, and not beyond what the
    point may be."""
    if c.point is None or ROLES[c.point.role].shape is not Shape.NUMBER:
        return wire
    low, high = (c.fit.low, c.fit.high) if c.fit is not None else (-math.inf, math.inf)
    within = min(max(wire, low), high)
    fit = c.slot.sent.fitted(within, side(c, limits))
    if not low - ON_GRID <= fit <= high + ON_GRID:
        fit = c.slot.sent.fitted(within, fit < low)
    if fit == within:
        return within
    value, (low, high) = decode(c.point, fit), role_limits(c.point)
    return fit if isinstance(value, float) and low <= value <= high else within


def to_write(c: Commandable, asked: float | int, limits: Limits) -> float | int:
    """What to write for a wire value: on the controller's grid where one is known, on the side that keeps the rule.

    What stands there already and keeps it is left, though it may not be the nearest.
    """
    if c.slot.stands(asked) and keeps(c, limits):
        return asked
    return fitted(c, asked, limits)


def keeps(c: Commandable, limits: Limits) -> bool:
    """Whether what stands keeps the rule: within the limits in force, or no further out than what was written.

    What has no limits, a flag or a mode, must be what was written.
    """
    return _keeps(c, c.slot.written, c.slot.found, limits)


def _keeps(c: Commandable, written: float | int | None, made: float | int | None, limits: Limits) -> bool:
    if c.point is None or c.slot.same(made, written):
        return True
    ours, theirs = decode(c.point, written), decode(c.point, made)
    if ROLES[c.point.role].shape is not Shape.NUMBER:
        return ours == theirs
    if not isinstance(ours, float) or not isinstance(theirs, float):
        return False
    low, high = limits(c.point)
    return min(low, ours) - SAME_WITHIN <= theirs <= max(high, ours) + SAME_WITHIN


def short(c: Commandable, command: Command, limits: Limits) -> Phrase | None:
    """Why what stands there breaks the rule although it is ours: the controller takes no value that keeps it."""
    if c.point is None or c.fit is None or ROLES[c.point.role].shape is not Shape.NUMBER:
        return None
    if isinstance(command, Special | bool | str):
        return None
    asked, low, high = encode(c.point, command), c.fit.low, c.fit.high
    if low <= asked <= high or _keeps(c, asked, c.slot.found, limits):
        return None
    ends, ours = f"{_shown(c, low)} … {_shown(c, high)}", (_shown(c, c.slot.found), _shown(c, asked))
    return Phrase(
        f"the controller takes {ends} (its Min and Max_Pres_Value): {ours[0]} written for {ours[1]}, which breaks the rule",
        f"控制器只接受 {ends}（其 Min/Max_Pres_Value）：以 {ours[0]} 代替 {ours[1]} 写入，不符合规则",
    )


def told(c: Commandable, bend: Bend, limits: Limits) -> Phrase:
    """The same as a sentence, with both figures in the role's unit."""
    written, made = _shown(c, bend.written), _shown(c, bend.made)
    if _keeps(c, bend.written, bend.made, limits):
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
