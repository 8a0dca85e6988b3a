"""The words of time: intervals, hours of a week, special days, days, opening spans. All of it frozen data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from schedules.time import DAY_MINUTES, Instant


class DayType(StrEnum):
    """What kind of day it is, in the order in which hours are looked up."""

    WORKDAY = "workday"
    MAKEUP_WORKDAY = "makeup_workday"
    """A weekend day declared a working day by the state (China's 调休)."""
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    SPECIAL = "special"
    """A day that the site itself declared (closed, other hours, early closing)."""


WORKED: Final = frozenset({DayType.WORKDAY, DayType.MAKEUP_WORKDAY})
"""Kinds of day that are worked by the state's calendar."""


class Season(StrEnum):
    """The four seasons; spring and autumn are the mild ones, without cooling and heating."""

    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"
    SPRING = "spring"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Open from `open` (inclusive) to `close` (exclusive), in minutes of the wall clock since local midnight.

    `close` beyond 1440 means the next day: `Interval(1200, 1560)` is 20:00 to 02:00. At most 24 hours;
    `ValueError` otherwise.
    """

    open: int
    close: int

    def __post_init__(self) -> None:
        if not (0 <= self.open < DAY_MINUTES and self.open < self.close <= self.open + DAY_MINUTES):
            raise ValueError(
                f"an opening interval starts between 00:00 and 23:59 and lasts up to 24 hours, "
                f"not {self.open} to {self.close} minutes"
            )


DayHours: TypeAlias = tuple[Interval, ...]
"""The opening intervals of one day; empty means closed. Overlaps are allowed and count once."""

CLOSED: DayHours = ()
ALL_DAY: DayHours = (Interval(0, DAY_MINUTES),)


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Opening hours of a zone group by type of day; `None`, "not said", falls to the next best answer."""

    workday: DayHours = CLOSED
    by_weekday: tuple[DayHours | None, ...] = (None,) * 7
    """Monday first, seven entries."""
    weekend: DayHours | None = None
    holiday: DayHours | None = None
    makeup_workday: DayHours | None = None

    def __post_init__(self) -> None:
        if len(self.by_weekday) != 7:
            raise ValueError(f"by_weekday has seven entries, Monday first, not {len(self.by_weekday)}")

    def hours(self, kind: DayType, weekday: int) -> DayHours:
        """The hours of a day of type `kind` that falls on `weekday` (0 is Monday).

        A make-up workday has its own hours, else those of a workday, else Monday's: it replaces a
        weekday, so the weekend's hours never apply. `SPECIAL` is no type of the state's: `ValueError`.
        """
        named = self.by_weekday[weekday]
        if kind is DayType.WORKDAY:
            return self.workday if named is None else named
        if kind is DayType.WEEKEND:
            return (self.weekend or CLOSED) if named is None else named
        if kind is DayType.HOLIDAY:
            return self.holiday or CLOSED
        if kind is DayType.MAKEUP_WORKDAY:
            if self.makeup_workday is not None:
                return self.makeup_workday
            return self.workday or self.by_weekday[0] or CLOSED
        raise ValueError("a special day brings its own hours")


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Days that the site declares itself, `first` to `last`, both inclusive; they go before the state's.

    `hours` replaces the day's hours (empty: closed); `None` keeps what the day would have had. `close`
    (minutes since midnight; of the next day, where hours pass midnight to beyond it) cuts them: an early closing. `groups` names the zone groups it is for; empty
    means all. `ValueError` if `last` is before `first`.
    """

    first: date
    last: date
    hours: DayHours | None = None
    close: int | None = None
    groups: frozenset[str] = frozenset()
    name: str = ""
    worked: bool = False
    """A day declared to be worked: an ordinary workday stays what it is, a day off has a make-up workday's hours."""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(
                f"special day {self.name!r} ends on {self.last}, before it starts on {self.first}"
            )


@dataclass(frozen=True, slots=True)
class Day:
    """One date's type. `announced` is False where the state's notice for its year is not known yet."""

    date: date
    type: DayType
    name: str
    announced: bool


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A date with its opening intervals as instants, sorted and disjoint; empty when closed all day.

    `day` is what counts on site (its type is `SPECIAL` on a special day), `ordinary` what it would be
    without the site's special days. `start` is local midnight, or the first instant of the day where
    midnight does not exist.
    """

    date: date
    start: Instant
    day: Day
    ordinary: Day
    intervals: tuple[tuple[Instant, Instant], ...]


@dataclass(frozen=True, slots=True)
class Overtime:
    """A request to stay open from `start` until `until`. `ValueError` unless it ends after it starts."""

    start: Instant
    until: Instant
    who: str

    def __post_init__(self) -> None:
        if not -math.inf < self.start < self.until < math.inf:
            raise ValueError(f"overtime ends after it starts: {self.start} to {self.until}")


@dataclass(frozen=True, slots=True)
class Span:
    """First opening to last close: what `pre-close-off` and prestart are counted from.

    A lunch closing is not a close, so it stands in `intervals` only. Days that run into each other (past
    midnight, 24 hours) are one span. `open` is -inf where it opened longer ago than is looked back, and
    `close` is +inf where it does not close as far as is looked ahead. `date` and `day_type` are of the day
    that opened it. `overtime` lists the requests that touch it.
    """

    open: Instant
    close: Instant
    intervals: tuple[tuple[Instant, Instant], ...]
    date: date
    day_type: DayType
    overtime: tuple[Overtime, ...] = ()


@dataclass(frozen=True, slots=True)
class Spans:
    """The opening spans around a moment, in order, disjoint, never touching.

    Complete from the start of `days[0]` until `horizon`: every span that opens before it is listed, with
    its final close. `days` are the local days looked at, in order.
    """

    spans: tuple[Span, ...]
    days: tuple[OpenDay, ...]
    horizon: Instant

    def at(self, t: Instant) -> Span | None:
        """The span that `t` falls into (lunch included), or None."""
        for span in self.spans:
            if span.open <= t < span.close:
                return span
        return None

    def next(self, t: Instant) -> Span | None:
        """The first span that opens after `t`, or None if none does before the horizon."""
        for span in self.spans:
            if span.open > t:
                return span
        return None

    def previous(self, t: Instant) -> Span | None:
        """The last span that closed at or before `t`, or None if it is out of sight."""
        for span in reversed(self.spans):
            if span.close <= t:
                return span
        return None

    def is_open(self, t: Instant) -> bool:
        """True while open: inside an interval, so not over a lunch closing."""
        span = self.at(t)
        return span is not None and any(start <= t < end for start, end in span.intervals)

    def day(self, t: Instant) -> OpenDay:
        """The local day that `t` falls on; the nearest one for a moment outside the days looked at."""
        for day in reversed(self.days):
            if day.start <= t:
                return day
        return self.days[0]
