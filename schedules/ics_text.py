"""An iCalendar text as its events' own lines (RFC 5545 §3.1), each with its number: no more is read of it.

Time zones, alarms and whatever else a file carries are passed over: an event of whole days needs none of it, and a
VTIMEZONE can repeat every second without an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from config.phrase import Phrase
from schedules.calendar import CalendarError

MAX_EVENTS = 5_000
"""Events in one file, a site choice: a hundred years of a country's holidays."""
_NAMED = re.compile(r"[A-Za-z0-9-]+(?=[;:])")


class RawEvent(NamedTuple):
    """An event: the line on which it begins, and its own properties by name, each with its line and text."""

    line: int
    properties: dict[str, list[tuple[int, str]]]
    broken: tuple[tuple[int, str], ...] = ()
    """Lines that are no properties."""


def events(text: str) -> list[RawEvent]:
    """The events of a text. `CalendarError` for a text that is no calendar; it quotes nothing of such a one."""
    if "\0" in text:
        raise _no_calendar("it has bytes of zero; save it as UTF-8 text", "含有零字节；请另存为 UTF-8 文本")
    lines = _unfolded(text)
    begun = next(((number, line) for number, line in lines if line.strip()), None)
    if begun is None:
        raise _no_calendar("there is nothing in it", "文件是空的")
    first = begun[1].strip().upper()
    if first == "BEGIN:VEVENT":
        raise CalendarError(
            Phrase(
                "not an iCalendar file: it begins with VEVENT, not VCALENDAR",
                "不是 iCalendar 文件：以 VEVENT 开头，而不是 VCALENDAR",
            )
        )
    if first != "BEGIN:VCALENDAR":
        raise _no_calendar("its first line is not BEGIN:VCALENDAR", "首行不是 BEGIN:VCALENDAR")
    found: list[RawEvent] = []
    above: list[str] = []
    for number, line in lines:
        _take(number, line, above, found)
    if above:
        last, open_ = lines[-1][0], above[-1]
        raise _no_calendar(f"line {last}: END:{open_} is missing", f"第 {last} 行：缺少 END:{open_}")
    return found


def _no_calendar(en: str, zh: str) -> CalendarError:
    return CalendarError(
        Phrase(f"not an iCalendar file, or cut short: {en}", f"不是 iCalendar 文件，或文件不完整：{zh}")
    )


def _take(number: int, line: str, above: list[str], found: list[RawEvent]) -> None:
    """One line: a component begins or ends, or an event's own property."""
    name, _, value = line.strip().partition(":")
    kind, value = name.upper(), value.strip().upper()[:40]
    if kind == "BEGIN":
        above.append(value)
        if above == ["VCALENDAR", "VEVENT"]:
            if len(found) >= MAX_EVENTS:
                raise CalendarError(
                    Phrase(
                        f"line {number}: more than {MAX_EVENTS:,} events are no building's calendar",
                        f"第 {number} 行：超过 {MAX_EVENTS:,} 个事件，不会是一栋建筑的日历",
                    )
                )
            found.append(RawEvent(number, {}))
    elif kind == "END":
        if not above or above.pop() != value:
            raise _no_calendar(
                f"line {number}: this END closes nothing that is open",
                f"第 {number} 行：此 END 没有对应的 BEGIN",
            )
    elif above == ["VCALENDAR", "VEVENT"] and line.strip():
        named = _NAMED.match(line)
        if named is None:
            found[-1] = found[-1]._replace(broken=(*found[-1].broken[:9], (number, line.strip())))
        else:
            found[-1].properties.setdefault(named[0].upper(), []).append((number, line))


def _unfolded(text: str) -> list[tuple[int, str]]:
    """Lines with those that a blank continues, each with the number at which it begins."""
    lines: list[tuple[int, list[str]]] = []
    for number, line in _numbered(text):
        if lines and line[:1] in (" ", "\t"):
            lines[-1][1].append(line[1:])
        else:
            lines.append((number, [line]))
    return [(number, "".join(parts)) for number, parts in lines]


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines end with LF, CR LF or CR; the other ends of `splitlines` are characters of a title."""
    return enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
