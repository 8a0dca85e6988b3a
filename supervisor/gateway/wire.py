"""Wire values of our slots: back into the role's unit, and whether two are one and the same."""

from __future__ import annotations

from config.site import Point
from drivers.decode import decode
from drivers.readings import Value

SAME_WITHIN = 0.05
"""A Real that a controller rounded to a tenth, or that went through °F and back, is still what we wrote: a
site choice, half a thermostat's 0.1 K step. Binary and multi-state values must be equal."""


def from_wire(point: Point, raw: float | bool | int | None) -> Value:
    """A wire value in the role's unit; None where it makes no sense for the role."""
    return decode(point, raw)[0]


def same(object_type: str, a: float | int | None, b: float | int | None) -> bool:
    """Whether two wire values of an object are one and the same command."""
    if a is None or b is None:
        return a is b
    return abs(a - b) <= (SAME_WITHIN if object_type.startswith("analog") else 0.0)
