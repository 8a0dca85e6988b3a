"""Scalar values of the site file: durations, times of day, opening intervals, places of objects."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from typing import Annotated, NamedTuple

from config import likely, patterns, spoken
from config.codes import Coded
from config.declared import Before, Written, field
from config.objects import OBJECTS, meant, spelt_out
from config.phrase import Phrase
from config.problems import meant as did_mean

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|d)?")
_UNIT_SECONDS = {None: 1.0, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_OBJECT = re.compile(rf"({'|'.join(OBJECTS)})[:,](\d+)")
DEFAULT_PORT = 47808
"""UDP port of BACnet/IP, 0xBAC0 (ASHRAE 135 annex J.1.2)."""
MAX_INSTANCE = 4_194_302
"""Highest object instance (ASHRAE 135 §20.2.14: 22 bits, the last one means 'unspecified')."""


class Misread(ValueError):
    """A value that is not written as it should be, and how it should be."""

    def __init__(self, said: Coded, remedy: Phrase) -> None:
        super().__init__(said.en)
        self.said, self.remedy = said, remedy


_NO_DURATION = Coded("no-duration", "this is no duration", "这不是时长")
_NO_CLOCK = Coded("no-time", "this is no time of day", "这不是时刻")
_NO_HOURS = Coded("no-hours", "these are no opening hours", "这不是开放时间")
_DURATION_HINT = Phrase("write seconds, or like 90s, 15min, 4h", "写秒数，或如 90s、15min、4h")
_CLOCK_HINT = Phrase("write it like 08:30, from 00:00 to 24:00", "写法如 08:30，从 00:00 到 24:00")
_DAY_HINT = Phrase("write YYYY-MM-DD, like 2026-10-01", "写成 年-月-日，如 2026-10-01")
_MONTH_DAY_HINT = Phrase("write MM-DD, like 06-01", "写成 月-日，如 06-01")
_HOURS_HINT = Phrase(
    "write 09:00-17:30, a list like [09:00-12:00, 13:00-17:30], 24h or closed",
    "写 09:00-17:30，或列表如 [09:00-12:00, 13:00-17:30]，或 24h、closed（休息）",
)
_OBJECT_HINT = Phrase(
    f"write type:instance, like analog-input:3; types: {', '.join(OBJECTS)}",
    f"写成 类型:实例号，如 analog-input:3；类型有：{'、'.join(OBJECTS)}",
)


def parse_duration(value: object) -> float:
    """Seconds from `90`, `"90s"`, `"15min"`, `"4h"`. Raises Misread."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Misread(_NO_DURATION, _DURATION_HINT)
    if isinstance(value, str):
        match = _DURATION.fullmatch(spoken.plain(value))
        parts = [(float(match[1]), match[2])] if match else spoken.length(value)
        if not parts:
            raise Misread(_NO_DURATION, likely.duration(value) or _DURATION_HINT)
        seconds = sum(number * _UNIT_SECONDS[unit] for number, unit in parts)
    else:
        seconds = float(value)
    if not 0 <= seconds <= 366 * 86400:
        raise Misread(
            Coded("no-duration", "a duration lies between 0 and one year", "时长在 0 到一年之间"),
            _DURATION_HINT,
        )
    return seconds


def parse_clock(value: object) -> int:
    """Minutes since midnight from `9:00`, `"22:00"`, `24:00`. Raises Misread."""
    match = _CLOCK.fullmatch(str(value).strip())
    said = (int(match[1]), int(match[2])) if match else spoken.clock(str(value))
    if said is None:
        raise Misread(_NO_CLOCK, likely.clock(value) or _CLOCK_HINT)
    hours, minutes = said
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise Misread(_NO_CLOCK, _CLOCK_HINT)
    return hours * 60 + minutes


def parse_day(value: object) -> dt.date:
    """A calendar day from `2026-10-01`, `2026-1-5` or a date. Raises Misread."""
    if isinstance(value, dt.date):
        return value
    said = spoken.day(str(value))
    if said is None and spoken.month_day(str(value)) is not None:
        raise Misread(Coded("no-day", "of which year?", "是哪一年？"), likely.day(value) or _DAY_HINT)
    if said is None:
        raise Misread(Coded("no-day", "this is no day", "这不是日期"), likely.day(value) or _DAY_HINT)
    try:
        return dt.date(*said)
    except ValueError:
        raise Misread(
            Coded("no-day", "there is no such day in the calendar", "日历上没有这一天"), _DAY_HINT
        ) from None


def parse_month_day(value: object) -> tuple[int, int]:
    """Month and day from `06-01`. Raises Misread."""
    if isinstance(value, list | tuple) and len(value) == 2:
        value = f"{value[0]}-{value[1]}"
    said = spoken.month_day(str(value))
    month, dash, day = (f"{said[0]}", "-", f"{said[1]}") if said else spoken.plain(str(value)).partition("-")
    if not dash or not (month.isdigit() and day.isdigit()):
        raise Misread(Coded("no-day", "this is no day of the year", "这不是一年中的日期"), _MONTH_DAY_HINT)
    try:
        dt.date(2001, int(month), int(day))
    except ValueError:
        raise Misread(
            Coded("no-day", "not every year has this day", "并非每年都有这一天"), _MONTH_DAY_HINT
        ) from None
    return int(month), int(day)


Duration = Annotated[
    float,
    Before(parse_duration),
    Written(
        {
            "type": ["number", "string"],
            "minimum": 0,
            "pattern": patterns.DURATION,
            "description": "seconds, or 90s, 15min, 4h, 1d",
        }
    ),
]
"""Seconds."""
Clock = Annotated[
    int,
    Before(parse_clock),
    Written({"type": "string", "pattern": patterns.CLOCK}),
]
"""Minutes since local midnight."""
Name = Annotated[str, field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""An identifier that becomes a metric label and an MQTT topic level."""
Day = Annotated[dt.date, Before(parse_day), Written({"type": "string", "pattern": patterns.DAY})]
MonthDay = Annotated[
    tuple[int, int],
    Before(parse_month_day),
    Written({"type": "string", "pattern": patterns.MONTH_DAY}),
]
"""Month and day."""


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
            raise Misread(
                Coded(
                    "no-hours",
                    "opening hours have exactly the keys open and close",
                    "开放时间只有 open 和 close 两个键",
                ),
                _HOURS_HINT,
            )
        start, end = parse_clock(value["open"]), parse_clock(value["close"])
    elif isinstance(value, str):
        if spoken.plain(value) in spoken.ALL_DAY:
            return OpenInterval(0, 1440)
        parts = spoken.span(value)
        if parts is None:
            raise Misread(_NO_HOURS, likely.hours(value) or _HOURS_HINT)
        try:
            start, end = parse_clock(parts[0]), parse_clock(parts[1])
        except Misread as error:
            raise Misread(error.said, likely.hours(value) or error.remedy) from None
    else:
        raise Misread(_NO_HOURS, _HOURS_HINT)
    if start == 1440:
        raise Misread(
            Coded(
                "no-hours",
                "opening at 24:00 is opening at 00:00 of the next day",
                "24:00 开门即次日 00:00 开门",
            ),
            Phrase("write it there", "请写到次日"),
        )
    if start == end:
        raise Misread(
            Coded("no-hours", "opening and closing are the same minute", "开门与关门是同一分钟"),
            Phrase("write 24h or closed", "请写 24h 或 closed（休息）"),
        )
    return OpenInterval(start, end if end > start else end + 1440)


def parse_hours(value: object) -> tuple[OpenInterval, ...]:
    """A day's opening hours: one interval, a list of them, `24h` or `closed` (empty)."""
    if isinstance(value, str) and spoken.plain(value) in spoken.CLOSED:
        return ()
    if isinstance(value, str) and spoken.APART.search(value):
        value = spoken.APART.split(spoken.plain(value))
    if isinstance(value, str | dict | OpenInterval):
        return (parse_interval(value),)
    if not isinstance(value, list | tuple) or not value:
        raise Misread(_NO_HOURS, _HOURS_HINT)
    intervals = tuple(sorted(parse_interval(v) for v in value))
    for first, second in pairwise(intervals):
        if second.open < first.close:
            raise Misread(
                Coded("no-hours", "two opening intervals of one day overlap", "同一天的两段开放时间重叠"),
                Phrase("let one end before the next begins", "前一段应在后一段开始之前结束"),
            )
    return intervals


_CLOCK_JSON = {"type": "string", "pattern": patterns.CLOCK}
_INTERVAL_JSON = {
    "anyOf": [
        {"type": "string", "pattern": patterns.HOURS, "description": "09:00-17:30, closed or 24h"},
        {
            "type": "object",
            "properties": {"open": _CLOCK_JSON, "close": _CLOCK_JSON},
            "required": ["open", "close"],
            "additionalProperties": False,
        },
    ]
}
Hours = Annotated[
    tuple[OpenInterval, ...],
    Before(parse_hours),
    Written({"anyOf": [*_INTERVAL_JSON["anyOf"], {"type": "array", "items": _INTERVAL_JSON}]}),
]
"""A day's opening intervals, in order."""


class ObjectRef(NamedTuple):
    """A BACnet object: hyphenated type and instance."""

    object_type: str
    instance: int


def parse_object(value: object) -> ObjectRef:
    """`analog-input:3`, or `AI3` → ObjectRef. Raises Misread."""
    if isinstance(value, ObjectRef):
        return value
    value = spelt_out(str(value))
    match = _OBJECT.fullmatch(str(value).strip())
    kind, colon, number = str(value).strip().partition(":")
    if not match and colon and number.isdigit():
        near = meant(kind)
        hint = did_mean(f"{near}:{number}") if near else _OBJECT_HINT
        raise Misread(Coded("no-object", f"there is no object type `{kind}`", f"没有对象类型 `{kind}`"), hint)
    if not match:
        raise Misread(Coded("no-object", "this is no BACnet object", "这不是 BACnet 对象"), _OBJECT_HINT)
    instance = int(match[2])
    if instance > MAX_INSTANCE:
        raise Misread(
            Coded("no-object", "there is no such object instance", "没有这个对象实例号"),
            Phrase(f"from 0 to {MAX_INSTANCE}", f"应为 0 到 {MAX_INSTANCE}"),
        )
    return ObjectRef(match[1], instance)


class Place(NamedTuple):
    """An object in a device: `ddc-1/analog-input:3`."""

    device: str
    object: ObjectRef


def parse_place(value: object) -> Place:
    """`ddc-1/analog-input:3` → Place. Raises Misread."""
    if isinstance(value, Place):
        return value
    device, slash, obj = str(value).partition("/")
    if not slash or not device.strip():
        raise Misread(
            Coded("no-object", "this is no place of an object", "这不是对象的位置"),
            Phrase(
                "write device/type:instance, like ddc-1/analog-input:3",
                "写成 控制器/类型:实例号，如 ddc-1/analog-input:3",
            ),
        )
    return Place(device.strip(), parse_object(obj))


class Offset(NamedTuple):
    """Where a template's objects begin in a device: `ddc-1/100` adds 100 to every instance."""

    device: str
    offset: int


def parse_offset(value: object) -> Offset:
    """`ddc-1/100` → Offset. Raises Misread."""
    if isinstance(value, Offset):
        return value
    device, slash, number = str(value).partition("/")
    if not slash or not device.strip() or not number.strip().isdigit():
        raise Misread(
            Coded("no-object", "this is no place of equipment", "这不是设备的位置"),
            Phrase("write device/offset, like ddc-1/100", "写成 控制器/起始号，如 ddc-1/100"),
        )
    return Offset(device.strip(), int(number))


ObjectPlace = Annotated[
    ObjectRef,
    Before(parse_object),
    Written(
        {"type": "string", "pattern": patterns.OBJECT, "description": "type:instance, like analog-input:3"}
    ),
]
DeviceObject = Annotated[
    Place,
    Before(parse_place),
    Written(
        {
            "type": "string",
            "pattern": patterns.PLACE,
            "description": "device/type:instance, like ddc-1/analog-input:3",
        }
    ),
]
DevicePlace = Annotated[
    Offset,
    Before(parse_offset),
    Written({"type": "string", "pattern": patterns.OFFSET, "description": "device/offset, like ddc-1/100"}),
]
