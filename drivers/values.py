"""A point's value between the wire and its role, and how far what came may be believed. Pure."""

from __future__ import annotations

import math

from config.objects import LIGHTING, is_number, is_real
from config.phrase import Phrase
from config.points import Point, Raw, Value
from config.roles import ROLES, Mode, Role, Shape
from drivers.readings import Quality

SAME_WITHIN = 0.05
"""A Real that a controller rounded to a tenth, or that went through °F and back, is still what we wrote: a
site choice, half a thermostat's 0.1 K step. Binary and multi-state values must be equal."""


FULL = 100.0
"""Per cent of a Lighting Output that is on."""
BARELY = 0.01
"""The part of all that an analog object takes up to which it is off: a dimmer's rest, a noise; a site choice."""


_NUMBERS: dict[Role, tuple[float, float, bool]] = {
    role: (spec.low, spec.high, spec.unit == "degC")
    for role, spec in ROLES.items()
    if spec.shape is Shape.NUMBER
}
_FLAGS = frozenset(role for role, spec in ROLES.items() if spec.shape is Shape.FLAG)
_GOOD = Quality.GOOD
_MISSING = (None, Quality.MISSING)
_INVALID = (None, Quality.INVALID)


def judged(point: Point, raw: Raw, fault: bool = False) -> tuple[Value, Quality]:
    """A raw present value in its role's unit, and how far it may be believed.

    None from the wire is (None, MISSING), what makes no sense for the role (None, INVALID). `fault`
    (Status_Flags) makes a plausible value FAULT. Too old or from the future is judged by whoever
    stamps it with a time.
    """
    if raw is None:
        return _MISSING
    value = decode(point, raw)
    if value is None:
        return _INVALID
    return value, Quality.FAULT if fault else _GOOD


def doubt(point: Point, raw: Raw, fault: bool = False) -> Phrase | None:
    """Why a raw present value is not evidence, for people; None where it is. The twin of `judged`."""
    if raw is None:
        return Phrase("the controller gives no value", "控制器没有给出值")
    if decode(point, raw) is None:
        return _senseless(point, raw)
    if fault:
        return Phrase(
            f"its controller flags {_shown(raw)} as faulty or out of service (Status_Flags)",
            f"控制器标记 {_shown(raw)} 为故障或停用（Status_Flags）",
        )
    return None


def _senseless(point: Point, raw: Raw) -> Phrase:
    spec = ROLES[point.role]
    if isinstance(raw, float | int) and not isinstance(raw, bool) and spec.shape is Shape.NUMBER:
        value = raw * point.scale + point.shift
        if math.isfinite(value):
            return Phrase(
                f"{value:g} {spec.unit} lies outside {spec.low:g} to {spec.high:g}, what a {point.role} can be",
                f"{value:g} {spec.unit} 超出 {spec.meaning_zh} 的合理范围 {spec.low:g} 至 {spec.high:g}",
            )
    return Phrase(
        f"its controller says {_shown(raw)}, which is no {point.role}",
        f"控制器的值 {_shown(raw)} 不是{spec.meaning_zh}",
    )


def _shown(raw: Raw) -> str:
    return f"“{raw}”" if isinstance(raw, str) else f"{raw:g}" if isinstance(raw, float) else str(raw)


def decode(point: Point, raw: Raw) -> Value:
    """A raw present value in its role's unit: units, inversion, modes. None for what is absent or absurd.

    Numbers come as float in the unit of `config.roles.ROLES`, temperatures rounded to 0.001 K (a REAL of
    26.3 arrives as 26.299999); flags as bool after inversion; modes as `config.roles.Mode`. NaN, infinities,
    values outside the role's plausible range and wrong types are None.
    """
    number = _NUMBERS.get(point.role)
    if number is None:
        return _decode_state(point, raw)
    kind = type(raw)
    if kind is not float and kind is not int:
        return None
    low, high, is_temperature = number
    try:
        value = raw * point.scale + point.shift  # type: ignore[operator] # a number: its type was tested
    except OverflowError:
        return None
    if not low <= value <= high:  # False for NaN, too
        return None
    return round(value, 3) if is_temperature else value


def _decode_state(point: Point, raw: Raw) -> Value:
    """A flag or a mode from a binary, multi-state or analog object."""
    if type(raw) is int and not point.states and point.role in _FLAGS:  # as nearly all are
        return bool(raw) is not point.invert if raw in (0, 1) else None
    if point.object_type == LIGHTING and not point.states and type(raw) is float:
        return (raw > 0.0) is not point.invert if 0.0 <= raw <= FULL else None
    if type(raw) is float and not point.states and point.role in _FLAGS and is_real(point.object_type):
        return (
            (raw > BARELY) is not point.invert if 0.0 <= raw <= 1.0 else None
        )  # a part of all that it takes
    if isinstance(raw, str) or raw is None or (isinstance(raw, float) and not raw.is_integer()):
        return None
    state = int(raw)
    if point.role not in _FLAGS:
        return None if isinstance(raw, bool) else point.states.get(state)
    if point.states:
        mode = point.states.get(state)
        return None if mode is None else (mode is not Mode.OFF) is not point.invert
    return bool(state) is not point.invert if state in (0, 1) else None


def standing(point: Point, raw: Raw) -> Value:
    """What stands in a slot that is ours, however senseless: the rules must know that it is ours, whatever a controller
    made of our value. None where nothing stands there.
    """
    value = decode(point, raw)
    if value is not None or raw is None or point.role not in _NUMBERS or isinstance(raw, str):
        return value
    low, high, _ = _NUMBERS[point.role]
    number = raw * point.scale + point.shift
    return number if math.isfinite(number) else float(high if number > 0 else low)


def encode(point: Point, value: Value) -> float | int:
    """A value of the point's role as the wire wants it: what holds a Real float, the others int.

    A number between two that a whole-number object can hold is left so: on which side of it a rule is kept is not
    known here.

    Raises ValueError where the value has no such form: NaN, a mode that the point does not map, a wrong type.
    """
    if point.role in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{point.id}: {value!r} is not a number")
        number = (value - point.shift) / point.scale
        if not math.isfinite(number):
            raise ValueError(f"{point.id}: {value!r} cannot be written")
        return number if is_real(point.object_type) or not number.is_integer() else int(number)
    state = _encode_flag(point, value) if point.role in _FLAGS else _encode_mode(point, value)
    if point.object_type == LIGHTING and not point.states:
        return FULL if state else 0.0
    return float(state) if is_real(point.object_type) else state


def _encode_flag(point: Point, value: Value) -> int:
    if not isinstance(value, bool):
        raise ValueError(f"{point.id}: {value!r} is neither true nor false")
    wanted = value is not point.invert
    if not point.states:
        return int(wanted)
    for state, mode in sorted(point.states.items()):
        if (mode is not Mode.OFF) is wanted:
            return state
    raise ValueError(f"{point.id}: no state means {'on' if wanted else 'off'}")


def _encode_mode(point: Point, value: Value) -> int:
    for state, mode in sorted(point.states.items()):
        if mode == value:
            return state
    raise ValueError(f"{point.id}: no state means {value!r}")


def same(object_type: str, a: float | int | None, b: float | int | None) -> bool:
    """Whether two wire values of an object are one and the same command."""
    if a is b:
        return True
    if a is None or b is None:
        return False
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (math.isnan(a) and math.isnan(b))  # what a controller can make of a value, too
    return abs(a - b) <= (SAME_WITHIN if is_number(object_type) else 0.0)
