"""What a number says against itself: a sensor that stands still for days, and one that says exactly nothing at a stroke. Pure.

A sensor that has died, and a gateway that repeats what it last heard, go on answering: no quality flag tells of it, and no
reading ages. What a living sensor cannot do tells of it.
"""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import ROLES, Role
from drivers.readings import Reading
from schedules.time import DAY
from supervisor.core.known import LEAP, NOTHING

STILL_FOR: Final = 3 * DAY
"""s after which a number that has not changed is no measurement, a site choice: nights and days have passed."""
COARSE_STILL_FOR: Final = 7 * DAY
"""The same of a room's temperature that is counted in whole or half degrees, which an inner room may keep over a long weekend; a site choice."""
_GRIDS: Final = ((2.0, 0.0), (1.8, 32.0))
"""Half degrees of Celsius, whole ones of Fahrenheit: value · scale + shift is whole."""
_FRESH_AIR: Final = 450.0
"""ppm up to which a CO2 sensor may rest for as long as nobody is there: outdoor air, or the least that it can say."""


def still_for(point: Point, value: float, dark: float = 0.0) -> float | None:
    """s for which a figure of a point may stand without a change; None where it may for ever.

    `dark`: lx up to which a place without daylight may rest.
    """
    if point.role is Role.TEMPERATURE:
        return COARSE_STILL_FOR if _coarse(value) else STILL_FOR
    if (point.role is Role.CO2 and value <= _FRESH_AIR) or (point.role is Role.LUX and value <= dark):
        return None
    return STILL_FOR if point.role in _MEASURED else None


_MEASURED: Final = frozenset(
    {Role.HUMIDITY, Role.CO2, Role.LUX, Role.OUTDOOR_TEMPERATURE, Role.OUTDOOR_HUMIDITY}
)
WATCHED: Final = _MEASURED | {Role.TEMPERATURE}
"""Roles of which a figure that stands still for long is no evidence."""


def _coarse(value: float) -> bool:
    return any(abs(each - round(each)) < 0.01 for each in (value * k + c for k, c in _GRIDS))


def still(point: Point, value: float, for_: float) -> Phrase:
    """What is said of a figure that has not changed for so many s."""
    shown, unit = f"{value:g}", ROLES[point.role].unit.replace("degC", "°C")
    days = int(for_ // DAY)
    return Phrase(
        f"has said {shown} {unit} for {days} days without any change, as no living sensor does: not believed until it "
        "changes; check the sensor, and whether its gateway repeats an old value",
        f"{days} 天来一直为 {shown} {unit}，毫无变化，不是正常传感器的表现：变化之前不采信；请检查该传感器，以及网关是否在重复旧值",
    )


def nothing(point: Point, old: Reading | None, value: Value) -> Phrase | None:
    """Why a temperature that says exactly zero is not believed; None where it may be one.

    One that came down to zero is; one that was far from it when it last said anything, and a room's of which nothing is known, is
    not until it moves, as a real one does within minutes: a gateway says so that boots, or an input that nothing comes in by.
    """
    if value not in NOTHING or point.role not in (Role.TEMPERATURE, Role.OUTDOOR_TEMPERATURE):
        return None
    zero, before = float(value or 0.0), old.value if old is not None else None
    if isinstance(before, int | float):
        if abs(before - zero) < LEAP:
            return None
        since = Phrase(f"from {before:g} °C at a stroke", f"由 {before:g} °C 一步跳变")
    elif point.role is Role.TEMPERATURE:
        since = Phrase("with nothing before it", "此前没有读数")
    else:
        return None
    return Phrase(
        f"says exactly {zero:g} °C, {since.en}, as an input does that nothing comes in by: not believed until it moves; "
        "check the sensor, its wiring and its gateway",
        f"恰为 {zero:g} °C（{since.zh}），像是输入端没有信号：变动之前不采信；请检查传感器、接线和网关",
    )


COLDEST: Final = -30.0
WARMEST: Final = 45.0
"""°C outdoors beyond which a leap is not believed, site choices: weather gets there by degrees."""


def leapt(point: Point, before: Value, value: Value) -> Phrase | None:
    """Why an outdoor temperature is not believed that is at an end of what weather can be, 10 K from what it last said, at a stroke;
    None where it may be.

    A broken sensor has such figures (-40.0, 50.0), and no weather gets there between two looks. One that was exchanged moves within minutes.
    """
    if point.role is not Role.OUTDOOR_TEMPERATURE or not isinstance(value, int | float):
        return None
    if not isinstance(before, int | float) or abs(value - before) < LEAP or COLDEST <= value <= WARMEST:
        return None
    return Phrase(
        f"says {value:g} °C, from {before:g} °C at a stroke, as no weather does: not believed until it moves; check the sensor, its "
        "wiring and its gateway",
        f"由 {before:g} °C 一步跳变为 {value:g} °C，天气不会如此：变动之前不采信；请检查传感器、接线和网关",
    )
