"""Special days from an .ics file, as calendar programs export it.

An all-day event is a special day where what it means is plain: by a line of its description

    hours: 09:00-12:00, 13:00-16:00      (or 开放时间)   open with these hours; past midnight as 20:00-02:00;
                                                         24h and closed as in the site file
    close: 15:30                         (or 提前关闭)   the day's own hours, closing early
    groups: offices, hall                (or 区域)       for these zone groups only, else for all

else by the site's own words (`means:`), by the mark of Apple's holiday calendars, or by plain words of rest or work in
its title (`schedules.marks`). The bare name of a holiday is closed where the state's notice says so of each of its
days. Whatever else is a problem: a guess would lock people out, or heat an empty house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from schedules import marks
from schedules.calendar import Calendar, CalendarError, shown
from schedules.ics_text import RawEvent, events
from schedules.marks import Meaning
from schedules.time import DAY_MINUTES
from schedules.types import ALL_DAY, CLOSED, DayHours, DayType, Interval, SpecialDay

_ONE = timedelta(days=1)
_LINE = re.compile(r"^\s*(hours|close|groups|开放时间|提前关闭|区域)\s*[:：]\s*(.*?)\s*$", re.IGNORECASE)
_KEYS = {"开放时间": "hours", "提前关闭": "close", "区域": "groups"}
_SEPARATOR = re.compile(r"[,，、;；]")
_DASH = re.compile(r"[-–—~至]")
_WHOLE_DAYS = {"24h": ALL_DAY, "全天": ALL_DAY} | dict.fromkeys(("closed", "关闭", "休息"), CLOSED)
_CLOCK = re.compile(r"\s*(\d{1,2})[:：](\d{2})\s*")
_APPLE = "X-APPLE-SPECIAL-DAY"
_READ = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "STATUS", _APPLE)
"""Properties that are read, each once (RFC 5545 §3.6.1)."""
_YEARS = range(1970, 2201)
_LONGEST = timedelta(days=3660)
"""Years and length of an event that a building may have: site choices, far beyond any real one."""


class IcsProblem(NamedTuple):
    """What is wrong with one event: `message` begins with its line. A warning keeps nothing from being used."""

    message: str
    hint: str = ""
    warning: bool = False


class IcsDays(NamedTuple):
    """The special days of a file, in its order, and what is wrong with its events."""

    days: list[SpecialDay]
    problems: list[IcsProblem]


class _Doubt(CalendarError):
    """An event whose meaning is not plain; the remedy is the site's own word."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def special_days_from_ics(
    text: str, tz: ZoneInfo, calendar: Calendar | None = None, means: Mapping[str, Meaning] | None = None
) -> list[SpecialDay]:
    """As `read_ics`; `CalendarError` with the first problem that is no warning."""
    days, problems = read_ics(text, tz, calendar, means)
    for problem in problems:
        if not problem.warning:
            raise CalendarError(problem.message)
    return days


def read_ics(
    text: str, tz: ZoneInfo, calendar: Calendar | None = None, means: Mapping[str, Meaning] | None = None
) -> IcsDays:
    """The special days of an iCalendar text (RFC 5545), in its order; cancelled events are left out.

    The end of an all-day event is exclusive (§3.6.1), of a `SpecialDay` inclusive. An event from local
    midnight to local midnight in `tz` counts as all-day. `calendar` is the state's: where it is China's, events that
    contradict the State Council's notice are told. `means` are the site's own words.

    `CalendarError` for a text that is no calendar. An event that is not all-day, repeats, cannot be read or is not
    plain is among the problems, with its line and title.
    """
    made = IcsDays([], [])
    for event in events(text):
        title = ""
        try:
            title = _title(event)
            for day, problem in _special_day(event, title, tz, calendar, means or {}):
                made.days.extend(day)
                made.problems.extend(problem)
        except _Doubt as doubt:
            made.problems.append(IcsProblem(str(doubt), doubt.hint))
        except CalendarError as error:
            made.problems.append(IcsProblem(str(error)))
        except Exception as error:
            # Whatever a stranger's file makes of the parser is that event's fault, never the daemon's end.
            what = f"{_where(event, title)}: it cannot be read ({type(error).__name__})"
            made.problems.append(IcsProblem(what))
    return made


def _where(event: RawEvent, title: str) -> str:
    return f"line {event.line}, event {shown(title)!r}"


def _title(event: RawEvent) -> str:
    """The title, with what the format escapes (§3.3.11); parameters are dropped."""
    lines = event.properties.get("SUMMARY", [])
    return str(_parsed(lines[0][1]).get("SUMMARY", "")) if lines else ""


def _parsed(*lines: str) -> Any:
    """These properties as icalendar reads them, those that it cannot in `errors`."""
    import icalendar  # a fifth of a second and four megabytes that most sites do without

    return icalendar.Event.from_ical("\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", "")))


def _special_day(
    raw: RawEvent, title: str, tz: ZoneInfo, calendar: Calendar | None, means: Mapping[str, Meaning]
) -> Iterator[tuple[list[SpecialDay], list[IcsProblem]]]:
    """The day that an event makes, if any, and what has to be told of it."""
    where = _where(raw, title)
    for number, line in raw.broken:
        raise CalendarError(f"{where}: a line cannot be read: {shown(line)!r} (line {number})")
    for name in _READ:
        if len(raw.properties.get(name, ())) > 1:
            raise CalendarError(f"{where}: it has {name} twice; keep one")
    event = _parsed(*(line for name in _READ for _, line in raw.properties.get(name, ())))
    for name, message in event.errors:
        raise CalendarError(f"{where}: {name or 'a line'} cannot be read: {shown(str(message))}")
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    if raw.properties.keys() & {"RRULE", "RDATE", "EXRULE"}:
        raise CalendarError(f"{where}: it repeats; write each date as an event of its own")
    first, last = _dates(event, where, tz)
    name, said = shown(title), _said(str(event.get("DESCRIPTION", "")), where)
    groups = frozenset(name.strip() for name in _SEPARATOR.split(said.get("groups", "")) if name.strip())
    if "groups" in said and not groups:
        raise CalendarError(f"{where}: its description names no groups after 'groups:'")
    if "hours" in said or "close" in said:
        hours, close = _opening(said, where)
        made = SpecialDay(first, last, hours, close, groups, name)
        yield [made], list(_contradictions(made, title, True, calendar, where)) if hours == CLOSED else []
        return
    mark = str(event.get(_APPLE, "")).strip().upper()
    own = marks.told(title, means)
    meaning = own or _meaning(title, mark, _days(first, last), calendar, where)
    if meaning is Meaning.NOTHING:
        return
    made = SpecialDay(first, last, CLOSED, None, groups, name)
    if meaning is Meaning.WORKED:
        made = SpecialDay(first, last, None, None, groups, name, worked=True)
    yield [made], list(_contradictions(made, title, own is not None, calendar, where))


def _meaning(title: str, mark: str, days: list[date], calendar: Calendar | None, where: str) -> Meaning:
    """What an event says by itself. `_Doubt` where that is not plain."""
    word, apple = marks.plain(title), marks.APPLE.get(mark)
    found = apple or word
    if found is not None and (apple is None or word is None or apple is word):
        return found
    if found is None and calendar is not None and _agreed_holiday(title, days, calendar):
        return Meaning.CLOSED
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    raise _Doubt(
        f"{where}, {span}: it does not say plainly whether the building is closed",
        f"say it under the file's `means:`, as `{_word(title)}: nothing` (closed, worked or nothing), or in the "
        "event's description, as `hours: closed`",
    )


def _word(title: str) -> str:
    """A title as a key of `means:`."""
    name = shown(title)
    return name if re.fullmatch(r"\w+", name) else f'"{name.replace(chr(34), "").replace(chr(92), "")}"'


def _agreed_holiday(title: str, days: list[date], calendar: Calendar) -> bool:
    """True for the bare name of a holiday whose days are all announced as one."""
    known = [calendar.day(on) for on in days]
    named = marks.is_holiday(title) or all(title.strip() == day.name for day in known)
    return (
        bool(title.strip()) and named and all(day.announced and day.type is DayType.HOLIDAY for day in known)
    )


def _contradictions(
    made: SpecialDay, title: str, own: bool, calendar: Calendar | None, where: str
) -> Iterator[IcsProblem]:
    """Days of which the State Council's notice says the contrary; told once for an event, by its dates.

    A site may rest on a working day of its own; on a make-up workday, or by the name of a holiday on a day that is
    none, it is the file that is likely wrong.
    """
    if calendar is None or calendar.country != "CN":
        return
    against: list[str] = []
    for on in _days(made.first, made.last):
        day = calendar.day(on)
        if not day.announced:
            continue
        off = day.type in (DayType.HOLIDAY, DayType.WEEKEND)
        decreed = day.type is DayType.MAKEUP_WORKDAY or (not off and marks.names_holiday(title))
        if off if made.worked else decreed:
            kind = day.type.value.replace("_", "-")
            against.append(f"{on} ({kind}{f', {day.name}' if day.name else ''})")
    if not against:
        return
    says = "worked" if made.worked else "closed"
    dates = ", ".join(against[:4]) + (f" and {len(against) - 4} more" if len(against) > 4 else "")
    yield IcsProblem(
        f"{where}: it says {says}, against the State Council's notice: {dates}",
        "the site's own word counts; is it what was meant?"
        if own
        else f"mend the file; if it is meant, say it under `means:`, as `{_word(title)}: {says}`",
        own,
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _dates(event: Any, where: str, tz: ZoneInfo) -> tuple[date, date]:
    """First and last day, both inclusive; without an end the event lasts one day (RFC 5545 §3.6.1)."""
    if "DTSTART" not in event:
        raise CalendarError(f"{where}: it has no DTSTART")
    start = _midnight(event["DTSTART"].dt, where, tz)
    if start.year not in _YEARS:
        raise CalendarError(f"{where}: its year, {start.year}, is none of {_YEARS[0]} to {_YEARS[-1]}")
    if "DTEND" in event:
        end = _midnight(event["DTEND"].dt, where, tz)
    elif "DURATION" in event:
        length = event["DURATION"].dt
        if length % _ONE:
            raise CalendarError(f"{where}: it lasts {length}, not whole days")
        if length > _LONGEST:
            raise CalendarError(f"{where}: it lasts {length.days:,} days; ten years are the most")
        end = start + length
    else:
        end = start + _ONE
    if end <= start:
        raise CalendarError(
            f"{where}: it ends on {end}, not after its start on {start} (the end is exclusive)"
        )
    if end - start > _LONGEST:
        raise CalendarError(f"{where}: it lasts {(end - start).days:,} days; ten years are the most")
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
