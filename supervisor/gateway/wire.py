"""Commands as numbers on the wire, and back."""

from __future__ import annotations

import math

from config.roles import ROLES, Shape
from config.site import Point
from drivers.readings import Value

SAME_WITHIN = 0.05
"""A Real that a controller rounded to a tenth, or that went through °F and back, is still what we wrote: a
site choice, half a thermostat's 0.1 K step. Binary and multi-state values must be equal."""


def to_wire(point: Point, command: float | bool | str) -> float | int:
    """The Present_Value to write for a command in the role's unit. Raises ValueError for a wrong shape."""
    shape = ROLES[point.role].shape
    if shape is Shape.MODE:
        for state, mode in point.states.items():
            if mode == command:
                return state
        raise ValueError(f"{point.id} has no state for {command!r}")
    if shape is Shape.FLAG:
        if not isinstance(command, bool):
            raise ValueError(f"{point.id} takes on or off, not {command!r}")
        return int(command is not point.invert)
    if isinstance(command, bool | str) or not math.isfinite(command):
        raise ValueError(f"{point.id} takes a number, not {command!r}")
    number = (float(command) - point.shift) / point.scale
    return number if point.object_type.startswith("analog") else round(number)


def from_wire(point: Point, raw: float | bool | int | None) -> Value:
    """A wire value in the role's unit; None where it makes no sense for the role."""
    if raw is None:
        return None
    shape = ROLES[point.role].shape
    if shape is Shape.MODE:
        mode = point.states.get(int(raw))
        return None if mode is None else mode.value
    if shape is Shape.FLAG:
        return bool(raw) is not point.invert
    return float(raw) * point.scale + point.shift


def same(object_type: str, a: float | int | None, b: float | int | None) -> bool:
    """Whether two wire values of an object are one and the same command."""
    if a is None or b is None:
        return a is b
    return abs(a - b) <= (SAME_WITHIN if object_type.startswith("analog") else 0.0)
