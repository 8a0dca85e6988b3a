"""Special days from an .ics file, as calendar programs export it.

An all-day event is a special day: closed, unless its description has a line that says otherwise:

    hours: 09:00-12:00, 13:00-16:00      (or 开放时间)   open with these hours; past midnight as 20:00-02:00;
                                                         24h and closed as in the site file
    close: 15:30                         (or 提前关闭)   the day's own hours, closing early
    groups: offices, hall                (or 区域)       for these zone groups only, else for all
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schedules.calendar import CalendarError
from schedules.time import DAY_MINUTES
from schedules.types import ALL_DAY, CLOSED, DayHours, Interval, SpecialDay

_ONE = timedelta(days=1)
_LINE = re.compile(r"^\s*(hours|close|groups|开放时间|提前关闭|区域)\s*[:：]\s*(.*?)\s*$", re.IGNORECASE)
_KEYS = {"开放时间": "hours", "提前关闭": "close", "区域": "groups"}
_SEPARATOR = re.compile(r"[,，、;；]")
_DASH = re.compile(r"[-–—~至]")
_WHOLE_DAYS = {"24h": ALL_DAY, "全天": ALL_DAY} | dict.fromkeys(("closed", "关闭", "休息"), CLOSED)
_CLOCK = re.compile(r"\s*(\d{1,2})[:：](\d{2})\s*")


def special_days_from_ics(text: str, tz: ZoneInfo) -> list[SpecialDay]:
    """The special days of an iCalendar text (RFC 5545), in its order; cancelled events are left out.

    The end of an all-day event is exclusive (§3.6.1), of a `SpecialDay` inclusive. An event from local
    midnight to local midnight in `tz` counts as all-day. `CalendarError`, with line and event, for a text
    that is no calendar and for an event that is not all-day, repeats, or has a line that cannot be read.
    """
    import icalendar  # a fifth of a second and four megabytes that most sites do without

    try:
        calendar = icalendar.Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError) as broken:
        reason = str(broken).splitlines()[0] if str(broken) else "nothing in it"
        raise CalendarError(f"not an iCalendar file, or cut short: {reason}") from broken
    if calendar.name != "VCALENDAR":
        raise CalendarError(f"not an iCalendar file: it begins with {calendar.name}, not VCALENDAR")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    days = []
    for number, event in enumerate(calendar.walk("VEVENT")):
        where = f"line {lines[number]}" if number < len(lines) else f"event {number + 1}"
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            days.append(_special_day(event, f"{where}, event {str(event.get('SUMMARY', ''))!r}", tz))
    return days


def _special_day(event: Any, where: str, tz: ZoneInfo) -> SpecialDay:
    for name, message in event.errors:
        raise CalendarError(f"{where}: {name or 'a line'} cannot be read: {message}")
    if "RRULE" in event or "RDATE" in event:
        raise CalendarError(f"{where}: it repeats; write each date as an event of its own")
    first, last = _dates(event, where, tz)
    said = _said(str(event.get("DESCRIPTION", "")), where)
    groups = frozenset(name.strip() for name in _SEPARATOR.split(said.get("groups", "")) if name.strip())
    if "groups" in said and not groups:
        raise CalendarError(f"{where}: its description names no groups after 'groups:'")
    hours, close = _opening(said, where)
    if hours == CLOSED and "hours" not in said and "上班" in str(event.get("SUMMARY", "")):
        # A list of the state's make-up workdays would otherwise close the building on each of them.
        raise CalendarError(f"{where}: it speaks of work (上班) and gives no hours, which means closed")
    return SpecialDay(first, last, hours, close, groups, str(event.get("SUMMARY", "")))


def _dates(event: Any, where: str, tz: ZoneInfo) -> tuple[date, date]:
    """First and last day, both inclusive; without an end the event lasts one day (RFC 5545 §3.6.1)."""
    if "DTSTART" not in event:
        raise CalendarError(f"{where}: it has no DTSTART")
    start = _midnight(event["DTSTART"].dt, where, tz)
    if "DTEND" in event:
        end = _midnight(event["DTEND"].dt, where, tz)
    elif "DURATION" in event:
        length = event["DURATION"].dt
        if length % _ONE:
            raise CalendarError(f"{where}: it lasts {length}, not whole days")
        end = start + length
    else:
        end = start + _ONE
    if end <= start:
        raise CalendarError(
            f"{where}: it ends on {end}, not after its start on {start} (the end is exclusive)"
        )
    return start, end - _ONE


def _midnight(moment: object, where: str, tz: ZoneInfo) -> date:
    if isinstance(moment, datetime):
        local = moment.astimezone(tz) if moment.tzinfo is not None else moment
        if (local.hour, local.minute, local.second) == (0, 0, 0):
            return local.date()
        raise CalendarError(
            f"{where}: it has a time of day ({local:%H:%M}); make it an all-day event "
            f'and put the hours into its description, as "hours: 09:00-12:00"'
        )
    if isinstance(moment, date):
        return moment
    raise CalendarError(f"{where}: {moment!r} is not a date")


def _said(description: str, where: str) -> dict[str, str]:
    """What the description's own lines say, by English key; other lines are the reader's."""
    said: dict[str, str] = {}
    for line in description.splitlines():
        if match := _LINE.match(line):
            key = _KEYS.get(match[1], match[1].lower())
            if key in said:
                raise CalendarError(f"{where}: its description says {key!r} twice")
            said[key] = match[2]
    return said


def _opening(said: dict[str, str], where: str) -> tuple[DayHours | None, int | None]:
    """Hours and early closing of the day: closed if neither is said."""
    close = _minutes(said["close"], where) if "close" in said else None
    if "hours" not in said:
        return (CLOSED if close is None else None), close
    if said["hours"].lower() in _WHOLE_DAYS:
        return _WHOLE_DAYS[said["hours"].lower()], close
    return tuple(_interval(part, where) for part in _SEPARATOR.split(said["hours"])), close


def _interval(text: str, where: str) -> Interval:
    times = _DASH.split(text)
    if len(times) != 2:
        raise CalendarError(f'{where}: hours are written "09:00-12:00, 13:00-16:00", not {text.strip()!r}')
    start, end = (_minutes(time, where) for time in times)
    try:
        return Interval(start, end if end > start else end + DAY_MINUTES)
    except ValueError as wrong:
        raise CalendarError(f"{where}: {text.strip()!r}: {wrong}") from wrong


def _minutes(text: str, where: str) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        raise CalendarError(f'{where}: a time is written "15:30", not {text.strip()!r}')
    return 60 * int(match[1]) + int(match[2])
