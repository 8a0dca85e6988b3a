"""A Calendar's Date_List to octets and from octets: BACnetCalendarEntry (ASHRAE 135-2020 §21, dates §20.2.12). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from drivers.bacnet import octets
from drivers.bacnet.octets import APPLICATION, CONTEXT, OPENING, Tag, Unreadable
from drivers.dates import Entry, Pattern, Span

CALENDAR_TYPE: Final = 6
"""Object type calendar (§21)."""
DATE_LIST: Final = 23
"""Property date-list (§21)."""
ANY: Final = 255
_DATE: Final = 10
"""Application tag of a Date (§20.2.1.4)."""
_EPOCH: Final = 1900
"""The year that an octet of 0 means (§20.2.12)."""
_FIRST, _LAST = date(_EPOCH, 1, 1), date(_EPOCH + 254, 12, 31)


def encoded(spans: Iterable[Span]) -> bytes:
    """A Date_List: a day by itself as a date, more as a range, the weekday with each. Raises ValueError before 1900 and after 2154."""
    return b"".join(
        octets.context_tag(0, _octets(span.first))
        if span.first == span.last
        else octets.around(1, _tagged(span.first) + _tagged(span.last))
        for span in spans
    )


def _octets(day: date) -> bytes:
    if not _FIRST <= day <= _LAST:
        raise ValueError(f"{day} is no date that BACnet has")
    return bytes((day.year - _EPOCH, day.month, day.day, day.isoweekday()))


def _tagged(day: date) -> bytes:
    return bytes((_DATE << 4 | 4,)) + _octets(day)


def decoded(found: Sequence[Tag]) -> list[Entry]:
    """What a Date_List says. Raises Unreadable for what is none."""
    entries: list[Entry] = []
    at = 0
    try:
        while at < len(found):
            tag = found[at]
            if tag[:2] == (CONTEXT, 0):
                entries.append(_single(_four(tag.data)))
            elif tag[:2] == (CONTEXT, 2):
                entries.append(_week_n_day(tag.data))
            elif tag[:2] == (OPENING, 1):
                first, last, closing = found[at + 1 : at + 4]
                if closing[:2] != (octets.CLOSING, 1) or {first[:2], last[:2]} != {(APPLICATION, _DATE)}:
                    raise Unreadable("not a range of dates")
                entries.append(_range(_four(first.data), _four(last.data)))
                at += 3
            else:
                raise Unreadable("not an entry of a calendar")
            at += 1
    except ValueError:
        raise Unreadable("it is cut off") from None
    return entries


def _four(data: bytes) -> bytes:
    if len(data) != 4:
        raise Unreadable("a date of the wrong length")
    return data


def _single(data: bytes) -> Entry:
    day = _day(data)
    return Span(day, day) if day is not None else Pattern(_written(data))


def _range(first: bytes, last: bytes) -> Entry:
    since, until = _day(first), _day(last)
    if since is None or until is None or since > until:
        return Pattern(f"{_written(first)} – {_written(last)}")
    return Span(since, until)


def _day(data: bytes) -> date | None:
    """The day, where the octets mean one and no other; a weekday that is not its own makes it none."""
    year, month, day, weekday = data
    try:
        found = date(_EPOCH + year, month, day) if year != ANY else None
    except ValueError:
        return None
    return found if found is not None and weekday in (ANY, found.isoweekday()) else None


def _written(data: bytes) -> str:
    """A date with its wildcards: `*-10-01`."""
    year, month, day, weekday = data
    parts = (
        "*" if year == ANY else str(_EPOCH + year),
        *("*" if n == ANY else f"{n:02}" for n in (month, day)),
    )
    return "-".join(parts) + (f" ({weekday})" if weekday != ANY else "")


def _week_n_day(data: bytes) -> Pattern:
    if len(data) != 3:
        raise Unreadable("a week and day of the wrong length")
    month, week, day = ("*" if n == ANY else str(n) for n in data)
    return Pattern(f"month {month}, week {week}, weekday {day}")
