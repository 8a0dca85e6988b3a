"""Months, quarters and years of the building's own calendar, as instants."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from config.signs.alike import folded
from schedules.time import Instant, instant_of, local_date


class Period(NamedTuple):
    """From `start` until before `end`; `name` as it is written: 2026-03, 2026-Q1, 2026, 2026-03-14."""

    name: str
    start: Instant
    end: Instant


def period(text: str, tz: ZoneInfo) -> Period:
    """The period that is written so. Raises ValueError."""
    plain = folded(text).upper().replace(" ", "")
    found = _ISO.fullmatch(plain) or _CHINESE.fullmatch(plain)
    if found is None:
        raise ValueError(f"{text} is no period: 2026, 2026-Q1, 2026-03 or 2026-03-14")
    year, quarter, month, day = (_number(part) for part in found.groups())
    name = "-".join(
        (found[1], *([f"Q{quarter}"] if quarter else [f"{part:02d}" for part in (month, day) if part]))
    )
    try:
        if day:
            first = date(year, month, day)
            last = date.fromordinal(first.toordinal() + 1)
        else:
            begins = 3 * quarter - 2 if quarter else month or 1
            lasts = 3 if quarter else 1 if month else 12
            first, last = date(year, begins, 1), _first_of(year, begins + lasts)
    except (ValueError, OverflowError):
        raise ValueError(f"{text} is no period: 2026, 2026-Q1, 2026-03 or 2026-03-14") from None
    return Period(name, instant_of(first, 0, tz), instant_of(last, 0, tz))


_NUMERALS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}
_ISO: Final = re.compile(r"(\d{4})(?:[-/.]?Q([1-4])|[-/.](?:(\d{1,2})(?:[-/.](\d{1,2}))?))?")
_CHINESE: Final = re.compile(r"(\d{4})年(?:第?([1-4一二三四])季度?|(\d{1,2})月(?:份|(\d{1,2})[日号]?)?)?")
"""2026年, 2026年第一季度, 2026年3月, 2026年3月14日."""


def _number(part: str | None) -> int:
    return _NUMERALS.get(part or "") or int(part or 0)


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def month_of(now: Instant, tz: ZoneInfo) -> Period:
    """The month that an instant lies in."""
    return period(f"{local_date(now, tz):%Y-%m}", tz)


def a_year_before(of: Period, tz: ZoneInfo) -> Period:
    """The same period of the year before."""
    name = f"{int(of.name[:4]) - 1:04d}{of.name[4:]}"
    return period("-".join((name[:7], "28")) if name.endswith("-02-29") else name, tz)


def days_of(of: Period, tz: ZoneInfo) -> list[Period]:
    """Each day of a period."""
    found, at = [], of.start
    while at < of.end:
        day = period(local_date(at, tz).isoformat(), tz)
        found.append(day)
        at = day.end
    return found


def months_of(of: Period, tz: ZoneInfo) -> list[Period]:
    """Each month that a period touches; of a day, the month that it lies in."""
    return _touched(of, tz, month_of)


def parts_of(of: Period, by: str, tz: ZoneInfo) -> list[Period]:
    """A period by `month`, `quarter` or `year`; by something longer than it is, as it is."""
    size = {"month": len("2026-03"), "quarter": len("2026-Q1"), "year": len("2026")}
    if by == "year" or len(of.name) > len("2026-03") or (by == "quarter" and len(of.name) == size["quarter"]):
        return [of]
    return _touched(of, tz, quarter_of if by == "quarter" else month_of)


def quarter_of(now: Instant, tz: ZoneInfo) -> Period:
    """The quarter that an instant lies in."""
    day = local_date(now, tz)
    return period(f"{day.year}-Q{(day.month + 2) // 3}", tz)


def _touched(of: Period, tz: ZoneInfo, of_instant: Callable[[Instant, ZoneInfo], Period]) -> list[Period]:
    found, at = [], of.start
    while at < of.end:
        part = of_instant(at, tz)
        found.append(part)
        at = part.end
    return found
