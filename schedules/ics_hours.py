"""What the lines of a calendar event's description say: hours, early closing, groups."""

from __future__ import annotations

import re
from collections.abc import Mapping

from config.phrase import Phrase
from schedules.calendar import CalendarError
from schedules.time import DAY_MINUTES
from schedules.types import ALL_DAY, CLOSED, DayHours, Interval

_LINE = re.compile(r"^\s*(hours|close|groups|开放时间|提前关闭|区域)\s*[:：]\s*(.*?)\s*$", re.IGNORECASE)
_KEYS = {"开放时间": "hours", "提前关闭": "close", "区域": "groups"}
_SEPARATOR = re.compile(r"[,，、;；]")
_DASH = re.compile(r"[-–—~至]")
_WHOLE_DAYS = {"24h": ALL_DAY, "全天": ALL_DAY} | dict.fromkeys(("closed", "关闭", "休息"), CLOSED)
_CLOCK = re.compile(r"\s*(\d{1,2})[:：](\d{2})\s*")


def wrong(where: Phrase, en: str, zh: str) -> CalendarError:
    """What is wrong with the event at `where`."""
    return CalendarError(Phrase(f"{where.en}: {en}", f"{where.zh}：{zh}"))


def said_in(description: str, where: Phrase) -> dict[str, str]:
    """What the description's own lines say, by English key; other lines are the reader's. Raises CalendarError."""
    said: dict[str, str] = {}
    for line in description.splitlines():
        if match := _LINE.match(line):
            key = _KEYS.get(match[1], match[1].lower())
            if key in said:
                raise wrong(where, f"its description says {key!r} twice", f"说明中 {key!r} 出现两次")
            said[key] = match[2]
    return said


def groups_in(said: Mapping[str, str], where: Phrase) -> frozenset[str]:
    """The zone groups that are named; none for all. Raises CalendarError where `groups:` names none."""
    groups = frozenset(name.strip() for name in _SEPARATOR.split(said.get("groups", "")) if name.strip())
    if "groups" in said and not groups:
        raise wrong(
            where,
            "its description names no groups after 'groups:'",
            "说明中 'groups:'（区域）后没有写任何区域组",
        )
    return groups


def opening(said: Mapping[str, str], where: Phrase) -> tuple[DayHours | None, int | None]:
    """Hours and early closing (minutes) of the day: closed if neither is said. Raises CalendarError."""
    close = _minutes(said["close"], where) if "close" in said else None
    if "hours" not in said:
        return (CLOSED if close is None else None), close
    if said["hours"].lower() in _WHOLE_DAYS:
        return _WHOLE_DAYS[said["hours"].lower()], close
    return tuple(_interval(part, where) for part in _SEPARATOR.split(said["hours"])), close


def _interval(text: str, where: Phrase) -> Interval:
    times, cut = _DASH.split(text), text.strip()
    if len(times) != 2:
        raise wrong(
            where,
            f'hours are written "09:00-12:00, 13:00-16:00", not {cut!r}',
            f"开放时间写作“09:00-12:00，13:00-16:00”，而不是“{cut}”",
        )
    start, end = (_minutes(time, where) for time in times)
    try:
        return Interval(start, end if end > start else end + DAY_MINUTES)
    except ValueError as error:
        raise wrong(
            where, f"{cut!r}: {error}", f"“{cut}”：开放时段应从 00:00 至 23:59 开始，最长 24 小时"
        ) from error


def _minutes(text: str, where: Phrase) -> int:
    match, cut = _CLOCK.fullmatch(text), text.strip()
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        raise wrong(where, f'a time is written "15:30", not {cut!r}', f"时刻写作“15:30”，而不是“{cut}”")
    return 60 * int(match[1]) + int(match[2])
