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

from config.phrase import Phrase
from config.problems import NO_REMEDY
from schedules import marks
from schedules.calendar import Calendar, CalendarError, shown
from schedules.ics_hours import groups_in, opening, said_in, wrong
from schedules.ics_text import RawEvent, events
from schedules.marks import Meaning
from schedules.types import CLOSED, DayType, SpecialDay
from schedules.words import DAY_TYPES

_ONE = timedelta(days=1)
_APPLE = "X-APPLE-SPECIAL-DAY"
_READ = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "STATUS", _APPLE)
"""Properties that are read, each once (RFC 5545 §3.6.1)."""
_YEARS = range(1970, 2201)
_LONGEST = timedelta(days=3660)
"""Years and length of an event that a building may have: site choices, far beyond any real one."""


class IcsProblem(NamedTuple):
    """What is wrong with one event: `message` begins with its line. A warning keeps nothing from being used."""

    message: Phrase
    hint: Phrase = NO_REMEDY
    warning: bool = False


class IcsDays(NamedTuple):
    """The special days of a file, in its order, and what is wrong with its events."""

    days: list[SpecialDay]
    problems: list[IcsProblem]


class _Doubt(CalendarError):
    """An event whose meaning is not plain; the remedy is the site's own word."""

    def __init__(self, message: Phrase, hint: Phrase) -> None:
        super().__init__(message)
        self.hint = hint


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
            made.problems.append(IcsProblem(doubt.said, doubt.hint))
        except CalendarError as error:
            made.problems.append(IcsProblem(error.said))
        except Exception as error:
            # Whatever a stranger's file makes of the parser is that event's fault, never the daemon's end.
            kind = type(error).__name__
            told = wrong(_where(event, title), f"it cannot be read ({kind})", f"无法读取（{kind}）")
            made.problems.append(IcsProblem(told.said))
    return made


def _where(event: RawEvent, title: str) -> Phrase:
    return Phrase(f"line {event.line}, event {shown(title)!r}", f"第 {event.line} 行，事件“{shown(title)}”")


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
        cut = shown(line)
        raise wrong(
            where,
            f"a line cannot be read: {cut!r} (line {number})",
            f"有一行无法读取：“{cut}”（第 {number} 行）",
        )
    for name in _READ:
        if len(raw.properties.get(name, ())) > 1:
            raise wrong(where, f"it has {name} twice; keep one", f"{name} 出现两次，请保留一个")
    event = _parsed(*(line for name in _READ for _, line in raw.properties.get(name, ())))
    for name, message in event.errors:
        cut = shown(str(message))
        raise wrong(where, f"{name or 'a line'} cannot be read: {cut}", f"{name or '有一行'} 无法读取：{cut}")
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    if raw.properties.keys() & {"RRULE", "RDATE", "EXRULE"}:
        raise wrong(
            where,
            "it repeats; write each date as an event of its own",
            "是重复事件；请把每个日期写成单独的事件",
        )
    first, last = _dates(event, where, tz)
    name, said = shown(title), said_in(str(event.get("DESCRIPTION", "")), where)
    groups = groups_in(said, where)
    if "hours" in said or "close" in said:
        hours, close = opening(said, where)
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


def _meaning(title: str, mark: str, days: list[date], calendar: Calendar | None, where: Phrase) -> Meaning:
    """What an event says by itself. `_Doubt` where that is not plain."""
    word, apple = marks.plain(title), marks.APPLE.get(mark)
    found = apple or word
    if found is not None and (apple is None or word is None or apple is word):
        return found
    if found is None and calendar is not None and _agreed_holiday(title, days, calendar):
        return Meaning.CLOSED
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    span_zh = f"{days[0]}" if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    raise _Doubt(
        Phrase(
            f"{where.en}, {span}: it does not say plainly whether the building is closed",
            f"{where.zh}，{span_zh}：没有明说建筑是否关闭",
        ),
        Phrase(
            f"say it under the file's `means:`, as `{_word(title)}: nothing` (closed, worked or nothing), or in the "
            "event's description, as `hours: closed`",
            f"请在该文件的 `means:` 下写明，如 `{_word(title)}: nothing`（closed 关闭、worked 上班或 nothing 无关），"
            "或在事件的说明里写 `开放时间：关闭`",
        ),
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
    made: SpecialDay, title: str, own: bool, calendar: Calendar | None, where: Phrase
) -> Iterator[IcsProblem]:
    """Days of which the State Council's notice says the contrary; told once for an event, by its dates.

    A site may rest on a working day of its own; on a make-up workday, or by the name of a holiday on a day that is
    none, it is the file that is likely wrong.
    """
    if calendar is None or calendar.country != "CN":
        return
    against: list[Phrase] = []
    for on in _days(made.first, made.last):
        day = calendar.day(on)
        if not day.announced:
            continue
        off = day.type in (DayType.HOLIDAY, DayType.WEEKEND)
        decreed = day.type is DayType.MAKEUP_WORKDAY or (not off and marks.names_holiday(title))
        if off if made.worked else decreed:
            kind, of = day.type.value.replace("_", "-"), DAY_TYPES[day.type].zh
            against.append(
                Phrase(
                    f"{on} ({kind}{f', {day.name}' if day.name else ''})",
                    f"{on}（{of}{f'，{day.name}' if day.name else ''}）",
                )
            )
    if not against:
        return
    says = Phrase("worked", "上班") if made.worked else Phrase("closed", "关闭")
    more = len(against) - 4
    dates = ", ".join(each.en for each in against[:4]) + (f" and {more} more" if more > 0 else "")
    dates_zh = "、".join(each.zh for each in against[:4]) + (f"，另有 {more} 天" if more > 0 else "")
    told = wrong(
        where,
        f"it says {says.en}, against the State Council's notice: {dates}",
        f"写的是{says.zh}，与国务院放假通知不符：{dates_zh}",
    )
    mend = Phrase(
        f"mend the file; if it is meant, say it under `means:`, as `{_word(title)}: {says.en}`",
        f"请改正该文件；若确是此意，请在 `means:` 下写明，如 `{_word(title)}: {says.en}`",
    )
    meant = Phrase(
        "the site's own word counts; is it what was meant?", "以站点文件的写法为准；是否确是此意？"
    )
    yield IcsProblem(told.said, meant if own else mend, own)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _dates(event: Any, where: Phrase, tz: ZoneInfo) -> tuple[date, date]:
    """First and last day, both inclusive; without an end the event lasts one day (RFC 5545 §3.6.1)."""
    if "DTSTART" not in event:
        raise wrong(where, "it has no DTSTART", "缺少 DTSTART")
    start = _midnight(event["DTSTART"].dt, where, tz)
    if start.year not in _YEARS:
        raise wrong(
            where,
            f"its year, {start.year}, is none of {_YEARS[0]} to {_YEARS[-1]}",
            f"年份 {start.year} 不在 {_YEARS[0]} 至 {_YEARS[-1]} 之间",
        )
    if "DTEND" in event:
        end = _midnight(event["DTEND"].dt, where, tz)
    elif "DURATION" in event:
        length = event["DURATION"].dt
        if length % _ONE:
            raise wrong(where, f"it lasts {length}, not whole days", f"持续 {length}，不是整天")
        if length > _LONGEST:
            raise _too_long(where, length)
        end = start + length
    else:
        end = start + _ONE
    if end <= start:
        raise wrong(
            where,
            f"it ends on {end}, not after its start on {start} (the end is exclusive)",
            f"结束日 {end} 不晚于开始日 {start}（结束日不含在内）",
        )
    if end - start > _LONGEST:
        raise _too_long(where, end - start)
    return start, end - _ONE


def _too_long(where: Phrase, length: timedelta) -> CalendarError:
    days = f"{length.days:,}"
    return wrong(where, f"it lasts {days} days; ten years are the most", f"持续 {days} 天；最多十年")


def _midnight(moment: object, where: Phrase, tz: ZoneInfo) -> date:
    if isinstance(moment, datetime):
        local = moment.astimezone(tz) if moment.tzinfo is not None else moment
        if (local.hour, local.minute, local.second) == (0, 0, 0):
            return local.date()
        raise wrong(
            where,
            f"it has a time of day ({local:%H:%M}); make it an all-day event "
            'and put the hours into its description, as "hours: 09:00-12:00"',
            f"带有时刻（{local:%H:%M}）；请改为全天事件，并在说明里写 “开放时间：09:00-12:00”",
        )
    if isinstance(moment, date):
        return moment
    raise wrong(where, f"{moment!r} is not a date", f"{moment!r} 不是日期")
