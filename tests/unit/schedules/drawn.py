"""Any hours, calendar, special days, time zone and moment of twenty years, drawn by hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from schedules.calendar import Calendar
from schedules.types import DayHours, Interval, SpecialDay, WeekHours

BEGIN = int(datetime(2006, 1, 10, tzinfo=UTC).timestamp() // 60)
END = int(datetime(2026, 12, 20, tzinfo=UTC).timestamp() // 60)
ZONES = sorted(z for z in available_timezones() if not z.startswith(("posix", "right")) and "/" in z)
ODD_ZONES = [
    "America/Havana",  # changes at midnight
    "America/St_Johns",  # at 00:01 until 2011
    "America/Nuuk",  # into the next day since 2024
    "America/Sao_Paulo",
    "America/Caracas",  # by half an hour
    "Antarctica/Troll",  # by two hours
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Shanghai",
    "Australia/Lord_Howe",  # by half an hour, twice a year
    "Europe/Berlin",
    "Pacific/Apia",  # without 2011-12-30
]
COUNTRIES = ["CN", "US", "DE", "SA", "HU"]


@cache
def calendar(country: str) -> Calendar:
    """One calendar a country for all examples."""
    return Calendar(country)


@cache
def transitions(zone: str) -> tuple[int, ...]:
    """Minutes since 1970 near which the zone's offset changes, to the day."""
    tz = ZoneInfo(zone)
    days = range(BEGIN, END, 1440)
    offsets = [datetime.fromtimestamp(60 * m, tz).utcoffset() for m in days]
    return tuple(m for m, (a, b) in zip(days, pairwise(offsets), strict=False) if a != b)


intervals = st.builds(
    lambda start, length: Interval(start, start + length), st.integers(0, 1439), st.integers(1, 1440)
)
round_hours = st.builds(
    lambda start, length: Interval(start * 30, (start + length) * 30), st.integers(0, 47), st.integers(1, 48)
)
day_hours = st.lists(intervals | round_hours, max_size=3).map(tuple)
maybe_hours = st.none() | day_hours
weeks = st.builds(WeekHours, day_hours, st.tuples(*[maybe_hours] * 7), maybe_hours, maybe_hours, maybe_hours)


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and the start of a window in twenty years, as often as not where its clock changes."""
    zone = draw(st.sampled_from(ODD_ZONES) | st.sampled_from(ZONES))
    if draw(st.booleans()) and transitions(zone):
        return zone, draw(st.sampled_from(transitions(zone))) + draw(st.integers(-2880, 1440))
    return zone, draw(st.integers(BEGIN, END))


@st.composite
def special_days(
    draw: st.DrawFn, near: date, hours: st.SearchStrategy[DayHours | None] = maybe_hours
) -> list[SpecialDay]:
    """Up to three special days around a date: closed, other hours, closing early, for all or for one group."""
    offsets = draw(st.lists(st.tuples(st.integers(-2, 5), st.integers(0, 2)), max_size=3))
    return [
        SpecialDay(
            near + timedelta(days=first),
            near + timedelta(days=first + length),
            draw(hours),
            draw(st.none() | st.integers(1, 2000)),
            draw(st.sampled_from([frozenset[str](), frozenset({"hall"}), frozenset({"office"})])),
        )
        for first, length in offsets
    ]


calendars = st.sampled_from(COUNTRIES).map(calendar)
