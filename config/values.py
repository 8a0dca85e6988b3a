"""Scalar values of the site file: durations, times of day, opening intervals, places of objects."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|d)?")
_UNIT_SECONDS = {None: 1.0, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_OBJECT_TYPES = (
    "analog-input", "analog-output", "analog-value",
    "binary-input", "binary-output", "binary-value",
    "multi-state-input", "multi-state-output", "multi-state-value",
    "accumulator", "binary-lighting-output",
)  # fmt: skip
_OBJECT = re.compile(rf"({'|'.join(_OBJECT_TYPES)})[:,](\d+)")
MAX_INSTANCE = 4_194_302
"""Highest object instance (ASHRAE 135 §20.2.14: 22 bits, the last one means 'unspecified')."""


def parse_duration(value: object) -> float:
    """Seconds from `90`, `"90s"`, `"15min"`, `"4h"`. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a duration is a number of seconds, or like 90s, 15min, 4h")
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if not match:
            raise ValueError("a duration is a number of seconds, or like 90s, 15min, 4h")
        seconds = float(match[1]) * _UNIT_SECONDS[match[2]]
    else:
        seconds = float(value)
    if not 0 <= seconds <= 366 * 86400:
        raise ValueError("a duration lies between 0 and one year")
    return seconds


def parse_clock(value: object) -> int:
    """Minutes since midnight from `9:00`, `"22:00"`, `24:00`. Raises ValueError."""
    match = _CLOCK.fullmatch(str(value).strip())
    if not match:
        raise ValueError("a time of day is written HH:MM, like 08:30")
    hours, minutes = int(match[1]), int(match[2])
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise ValueError("a time of day lies between 00:00 and 24:00")
    return hours * 60 + minutes


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds."""
Clock = Annotated[int, BeforeValidator(parse_clock)]
"""Minutes since local midnight."""


class OpenInterval(NamedTuple):
    """Minutes since local midnight; `close` passes 1440 where the hours pass midnight."""

    open: int
    close: int


def parse_interval(value: object) -> OpenInterval:
    """One opening interval from `"09:00-17:30"`, `24h` or `{open: 09:00, close: 17:30}`."""
    if isinstance(value, OpenInterval):
        return value
    if isinstance(value, dict):
        if set(value) != {"open", "close"}:
            raise ValueError("opening hours have exactly the keys open and close")
        start, end = parse_clock(value["open"]), parse_clock(value["close"])
    elif isinstance(value, str):
        if value.strip() == "24h":
            return OpenInterval(0, 1440)
        parts = re.split(r"\s*[-–~—]\s*", value.strip())
        if len(parts) != 2:
            raise ValueError("opening hours are written 09:00-17:30, closed or 24h")
        start, end = parse_clock(parts[0]), parse_clock(parts[1])
    else:
        raise ValueError("opening hours are written 09:00-17:30, closed or 24h")
    if start == end:
        raise ValueError("opening and closing are the same minute; write 24h or closed")
    return OpenInterval(start, end if end > start else end + 1440)


def parse_hours(value: object) -> tuple[OpenInterval, ...]:
    """A day's opening hours: one interval, a list of them, `24h` or `closed` (empty)."""
    if isinstance(value, str) and value.strip() in ("closed", "关闭", "休息"):
        return ()
    if isinstance(value, str | dict | OpenInterval):
        return (parse_interval(value),)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("opening hours are written 09:00-17:30, a list of such, closed or 24h")
    intervals = tuple(sorted(parse_interval(v) for v in value))
    for first, second in pairwise(intervals):
        if second.open < first.close:
            raise ValueError("two opening intervals of one day overlap")
    return intervals


Hours = Annotated[tuple[OpenInterval, ...], BeforeValidator(parse_hours)]


class ObjectRef(NamedTuple):
    """A BACnet object: hyphenated type and instance."""

    object_type: str
    instance: int


def parse_object(value: object) -> ObjectRef:
    """`analog-input:3` → ObjectRef. Raises ValueError."""
    if isinstance(value, ObjectRef):
        return value
    match = _OBJECT.fullmatch(str(value).strip())
    if not match:
        raise ValueError("an object is written type:instance, like analog-input:3")
    instance = int(match[2])
    if instance > MAX_INSTANCE:
        raise ValueError(f"an object instance lies between 0 and {MAX_INSTANCE}")
    return ObjectRef(match[1], instance)


class Place(NamedTuple):
    """An object in a device: `ddc-1/analog-input:3`."""

    device: str
    object: ObjectRef


def parse_place(value: object) -> Place:
    """`ddc-1/analog-input:3` → Place. Raises ValueError."""
    device, slash, obj = str(value).partition("/")
    if not slash or not device.strip():
        raise ValueError("a place is written device/type:instance, like ddc-1/analog-input:3")
    return Place(device.strip(), parse_object(obj))


class Offset(NamedTuple):
    """Where a template's objects begin in a device: `ddc-1/100` adds 100 to every instance."""

    device: str
    offset: int


def parse_offset(value: object) -> Offset:
    """`ddc-1/100` → Offset. Raises ValueError."""
    if isinstance(value, Offset):
        return value
    device, slash, number = str(value).partition("/")
    if not slash or not device.strip() or not number.strip().isdigit():
        raise ValueError("equipment is placed as device/offset, like ddc-1/100")
    return Offset(device.strip(), int(number))


ObjectPlace = Annotated[ObjectRef, BeforeValidator(parse_object)]
DevicePlace = Annotated[Offset, BeforeValidator(parse_offset)]
