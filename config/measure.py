"""What one count of an object is worth: what the site file says and what the device says, made one. Pure.

The file goes before where the device says nothing; the device where the file says nothing; where both speak and differ,
neither is believed.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from config.objects import ACCUMULATOR, LIGHTING, is_real
from config.phrase import Phrase
from config.points import Point
from config.roles import ROLES, Role, Shape
from config.units import NO_UNITS, PROPRIETARY, UNITS, Unit, number_in_words, same_unit, unit_numbered

SAME_FACTOR: Final = 1e-5
"""How far two factors may differ and be one: a REAL of 24 bits holds 0.1 as 0.100000001."""
FINEST: Final = 1e-3
"""A Resolution finer than this (in the file's unit) is no grid that anybody would notice."""
NEEDS_ONE: Final = frozenset({Role.ENERGY})
"""Roles that have no unit which controllers use by custom: a meter's display may count in any."""


PER_CENT: Final = 98
"""BACnet's number of it."""
FULL: Final = 100.0


class Said(NamedTuple):
    """What a device says of the number in an object; None: it does not offer the property (ASHRAE 135 §12).

    `units` is BACnet's number. `scale` is what one count of an accumulator is worth. `prescale` (pulses are multiplied
    by one, then divided by the other) and a pulse converter's `scale_factor` are worked into Present_Value by the device
    itself. `low` and `high` bound what may be written. `odd` names what it answers in a way that says nothing.
    """

    units: int | None = None
    scale: float | None = None
    prescale: tuple[int, int] | None = None
    scale_factor: float | None = None
    resolution: float | None = None
    low: float | None = None
    high: float | None = None
    odd: tuple[str, ...] = ()


class Fit(NamedTuple):
    """How a device's number becomes the one that the file speaks of: x · scale + shift; and what bounds a command.

    `low`, `high`, `step` and `origin` (of the numbers that it keeps; step 0: any) are on the file's side.
    `quarrel`: file and device disagree, or the unit cannot be known, so that the value is no evidence and nothing is
    written. `doubt`: what was taken for granted.
    """

    scale: float = 1.0
    shift: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    step: float = 0.0
    origin: float = 0.0
    unit: str = ""
    quarrel: Phrase | None = None
    doubt: Phrase | None = None
    barred: bool = False
    """It is a switch or a mode whose states the device calls otherwise: what we hold there is let go of."""

    def read(self, number: float) -> float:
        """A number of the device as the file counts."""
        return number if self.plain else number * self.scale + self.shift

    def sent(self, number: float) -> float:
        """A number of the file as the device counts."""
        return number if self.plain else (number - self.shift) / self.scale

    @property
    def plain(self) -> bool:
        """Whether both count alike."""
        return self.scale == 1.0 and self.shift == 0.0


_ONE_OR_NONE: Final = Fit()


class _Unit(NamedTuple):
    name: str
    quarrel: Phrase | None = None
    doubt: Phrase | None = None


def measured(point: Point) -> bool:
    """Whether a point has a number of which the unit matters."""
    return ROLES[point.role].shape is Shape.NUMBER or _level(point)


def _level(point: Point) -> bool:
    """Whether a point is on or off at an object that holds any number: a fan's speed, a dimmer, the way that a window is open."""
    flag = ROLES[point.role].shape is Shape.FLAG and not point.states
    return flag and is_real(point.object_type) and point.object_type != LIGHTING


def fit(point: Point, said: Said) -> Fit:
    """How the numbers of a point's object are to be taken, by what its device says of them."""
    if _level(point):
        return _switched(point, said)
    unit = _unit(point, said)
    worth, wrong = _worth(point, said)
    known = UNITS.get(unit.name, Unit(ROLES[point.role].unit))
    scale = worth * point.factor * known.scale / point.scale
    shift = (known.shift - point.shift) / point.scale
    if math.isclose(scale, 1.0, rel_tol=1e-9) and abs(shift) < 1e-9:
        scale, shift = 1.0, 0.0
    made = Fit(scale, shift, unit=unit.name, quarrel=unit.quarrel or wrong, doubt=unit.doubt)
    return _bounded(made, point, said)


def _switched(point: Point, said: Said) -> Fit:
    """What is on or off is 1 or 0 at an object without a unit; at one that counts in per cent on is all that it takes, 100 as a rule.

    At any other on would be one of something: a fan at 1 %, a drive at 1 Hz.
    """
    top = _finite(said.high, FULL)
    if said.units == PER_CENT:
        full = top if 1.0 < top <= FULL else FULL
        return Fit(
            1.0 / full,
            unit="%",
            doubt=Phrase(
                f"counts in per cent, as the device says: on is {full:g}",
                f"按设备所述以百分比计：开为 {full:g}",
            ),
        )
    if said.units is not None and said.units != NO_UNITS and said.units < PROPRIETARY:
        return Fit(quarrel=_not_of(point.role, said.units))
    if said.high is not None and top == FULL:
        return Fit(
            quarrel=Phrase(
                "it takes 0 to 100 and says no unit: is on 1, or 100? Say `states: {0: off, 100: fan}`, or what is on, in the site file",
                "取值 0 至 100 而未说明单位：开是 1 还是 100？请在配置中写明，如 states: {0: off, 100: fan}",
            )
        )
    return _ONE_OR_NONE


def _unit(point: Point, said: Said) -> _Unit:
    """The unit of the wire, and what speaks against it."""
    role, base = point.role, ROLES[point.role].unit
    number, own = said.units, point.unit
    if number is not None and number != NO_UNITS:
        named = unit_numbered(number)
        if named is not None and UNITS[named].base == base:
            if own and not same_unit(own, named):
                return _Unit(own, _differ(own, named))
            return _Unit(own or named, doubt=None if own or same_unit(named, base) else _told(named))
        if number < PROPRIETARY:
            return _Unit(own or base, _not_of(role, number))
    if own:
        doubt = None if number in (None, NO_UNITS) and "Units" not in said.odd else _unproven(own)
        return _Unit(own, doubt=doubt)
    if number is not None and number != NO_UNITS:
        return _Unit(base, _unknown(f"unit number {number}", f"单位编号 {number}"))
    if "Units" in said.odd:
        return _Unit(base, _unknown("its Units cannot be read", "其 Units 无法读取"))
    if role in NEEDS_ONE:
        return _Unit(base, _unknown("it does not say its unit", "设备未说明单位"))
    return _Unit(base, doubt=Phrase(f"says no unit: taken for {base}", f"设备未说明单位：按 {base} 处理"))


def _told(named: str) -> Phrase:
    return Phrase(f"counts in {named}, as the device says", f"按设备所述单位 {named} 处理")


def _differ(own: str, named: str) -> Phrase:
    return Phrase(
        f"the site file says {own}, the device says {named} (its Units): one of them is wrong",
        f"配置文件写 {own}，设备的 Units 为 {named}：两者必有一错",
    )


def _not_of(role: Role, number: int) -> Phrase:
    what = number_in_words(number)
    return Phrase(
        f"the device counts in {what} (its Units), which is no unit of {role}: is it the right object?",
        f"设备的 Units 为 {what}，不是 {role} 的单位：对象是否选错？",
    )


def _unknown(en: str, zh: str) -> Phrase:
    return Phrase(f"{en}: say `unit:` in the site file, as its display says", f"{zh}：请在配置中写明 unit")


def _unproven(own: str) -> Phrase:
    return Phrase(
        f"taken for {own}, as the site file says: what the device says of its unit is not known here",
        f"按配置的 {own} 处理：设备所述单位无法识别",
    )


def _worth(point: Point, said: Said) -> tuple[float, Phrase | None]:
    """What one count of an accumulator is worth in its unit; 1 for what holds a value in its unit already."""
    if point.object_type != ACCUMULATOR:
        return 1.0, None
    own, told = point.counts, said.scale
    if told is not None and not (math.isfinite(told) and told > 0):
        told = None
    if own is None:
        if told is None and ("Scale" in said.odd or said.scale is not None):
            return 1.0, Phrase(
                "its Scale says nothing: say `scale:` in the site file", "其 Scale 无效：请在配置中写明 scale"
            )
        return told if told is not None else 1.0, None
    if told is not None and not math.isclose(own, told, rel_tol=SAME_FACTOR):
        return own, Phrase(
            f"the site file says scale {own:g}, the device says {told:g} (its Scale): one of them is wrong",
            f"配置文件写 scale {own:g}，设备的 Scale 为 {told:g}：两者必有一错",
        )
    return own, None


def _bounded(made: Fit, point: Point, said: Said) -> Fit:
    """With the range and the grid of what the device takes, as the file counts."""
    low, high = _finite(said.low, -math.inf), _finite(said.high, math.inf)
    if low < high:
        ends = sorted(made.read(end) for end in (low, high))
        made = made._replace(low=ends[0], high=ends[1])
    step = _finite(said.resolution, 0.0)
    if not is_real(point.object_type):
        step = max(1.0, float(round(step)))
    step = float(f"{step:.6g}") * abs(made.scale)
    return made._replace(step=step, origin=made.shift) if step > FINEST else made


def _finite(number: float | None, otherwise: float) -> float:
    return number if number is not None and math.isfinite(number) else otherwise
