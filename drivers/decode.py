"""Between the wire's raw values and the values of roles: units, inversion, modes, and what is absurd.

Pure. Whether a reading is too old, or from the future, is judged by whoever stamps it with a time.
"""

from __future__ import annotations

import math

from config.roles import ROLES, Mode, Role, Shape
from config.site import Point
from drivers.protocol import Raw
from drivers.readings import Quality, Value

_NUMBERS: dict[Role, tuple[float, float, bool]] = {
    role: (spec.low, spec.high, spec.unit == "degC")
    for role, spec in ROLES.items()
    if spec.shape is Shape.NUMBER
}
_FLAGS = frozenset(role for role, spec in ROLES.items() if spec.shape is Shape.FLAG)
_INVALID = (None, Quality.INVALID)
_MISSING = (None, Quality.MISSING)
_GOOD, _FAULT = Quality.GOOD, Quality.FAULT


def decode(point: Point, raw: Raw, fault: bool = False) -> tuple[Value, Quality]:
    """A raw present value in its role's unit, and its quality.

    Numbers come as float in the unit of `config.roles.ROLES`, temperatures rounded to 0.001 K (a REAL of
    26.3 arrives as 26.299999); flags as bool after inversion; modes as `config.roles.Mode`. NaN, infinities,
    values outside the role's plausible range and wrong types are (None, INVALID); None is (None, MISSING).
    `fault` (Status_Flags, Reliability) makes a plausible value FAULT.
    """
    if raw is None:
        return _MISSING
    number = _NUMBERS.get(point.role)
    if number is None:
        return _decode_state(point, raw, fault)
    kind = type(raw)
    if kind is not float and kind is not int:
        return _INVALID
    low, high, is_temperature = number
    try:
        value = raw * point.scale + point.shift  # type: ignore[operator] # a number: its type was tested
    except OverflowError:
        return _INVALID
    if not low <= value <= high:  # False for NaN, too
        return _INVALID
    if is_temperature:
        value = round(value, 3)
    return value, _FAULT if fault else _GOOD


def _decode_state(point: Point, raw: Raw, fault: bool) -> tuple[Value, Quality]:
    """A flag or a mode from a binary, multi-state or analog object."""
    if isinstance(raw, str) or raw is None or (isinstance(raw, float) and not raw.is_integer()):
        return _INVALID
    state = int(raw)
    value: Value
    if point.role in _FLAGS:
        if point.states:
            mode = point.states.get(state)
            if mode is None:
                return _INVALID
            value = (mode is not Mode.OFF) is not point.invert
        elif state in (0, 1):
            value = bool(state) is not point.invert
        else:
            return _INVALID
    else:
        if state not in point.states or isinstance(raw, bool):
            return _INVALID
        value = point.states[state]
    return value, _FAULT if fault else _GOOD


def encode(point: Point, value: Value) -> float | int:
    """A value of the point's role as the wire wants it: analog objects float, the others int.

    Raises ValueError where the value has no such form: NaN, a mode that the point does not map, a wrong type.
    """
    if point.role in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{point.id}: {value!r} is not a number")
        number = (value - point.shift) / point.scale
        if not math.isfinite(number):
            raise ValueError(f"{point.id}: {value!r} cannot be written")
        return number if point.object_type.startswith("analog") else round(number)
    state = _encode_flag(point, value) if point.role in _FLAGS else _encode_mode(point, value)
    return float(state) if point.object_type.startswith("analog") else state


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
