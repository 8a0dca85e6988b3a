"""Opening hours as instants: a zone group's timetable, exact in any time zone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schedules.calendar import Calendar
from schedules.time import DAY_MINUTES, Instant, instant_of, local_date
from schedules.types import (
    ALL_DAY,
    CLOSED,
    WORKED,
    Day,
    DayHours,
    DayType,
    Interval,
    OpenDay,
    Overtime,
    Span,
    Spans,
    SpecialDay,
    WeekHours,
)

_Pieces: TypeAlias = tuple[tuple[Instant, Instant], ...]

LOOK_BACK = 14
"""Days. What opened longer ago counts as always open."""
LOOK_AHEAD = 400
"""Days. More than a year, so that a summer house and a yearly event are found."""
_REMEMBERED = 4096
_ONE = timedelta(days=1)


class Timetable:
    """When one zone group is open: the week's hours on the state's calendar, beneath the site's special days.

    Where several special days cover a date, the one that covers the fewest days wins ("closed on 15 July"
    inside "July: mornings only"), then one that names the group over one for all, then the later listed.
    One that only closes early cuts what the day would have without it, so that it opens nothing in a summer break.

    Answers depend on the arguments alone; days and spans once worked out are remembered.
    """

    def __init__(
        self,
        tz: ZoneInfo,
        calendar: Calendar,
        week: WeekHours,
        specials: Sequence[SpecialDay] = (),
        group: str = "",
    ) -> None:
        self.tz = tz
        self.group = group
        self._calendar = calendar
        self._week = week
        ranked = sorted(
            ((s.last - s.first, not s.groups, -place, s) for place, s in enumerate(specials)),
            key=lambda rank: rank[:3],
        )
        self._specials = tuple(s for *_, s in ranked if not s.groups or group in s.groups)
        self._days: dict[date, OpenDay] = {}
        self._quiet_days: dict[date, bool] = {}
        self._windows: dict[date, Spans] = {}
        self._last: tuple[Instant, Instant, Spans] | None = None

    def day(self, on: date) -> OpenDay:
        """That date's type and intervals; a date that the zone skipped (Samoa, 2011-12-30) is closed."""
        known = self._days.get(on)
        if known is None:
            if len(self._days) > _REMEMBERED:
                self._days.clear()
            known = self._days[on] = self._open_day(on)
        return known

    def spans(self, around: Instant) -> Spans:
        """The spans from 48 hours before `around`, or more, until the end of the next one after it.

        Looks 14 days back and 400 ahead at most; what is open beyond that has no end (±inf). The answer is
        the same for every moment of one local day.
        """
        last = self._last
        if last is not None and last[0] <= around < last[1]:
            return last[2]
        on = local_date(around, self.tz)
        found = self._windows.get(on)
        if found is None:
            if len(self._windows) > _REMEMBERED:
                self._windows.clear()
            found = self._windows[on] = self._window(on)
        self._last = (self.day(on).start, self.day(on + _ONE).start, found)
        return found

    def is_open(self, t: Instant) -> bool:
        """True while the timetable has it open."""
        return self.spans(t).is_open(t)

    def next_change(
        self, after: Instant, opening: Sequence[float] = (), closing: Sequence[float] = ()
    ) -> Instant | None:
        """The first instant after `after` at which `is_open` turns; None if none does in the next 400 days.

        `opening` and `closing` are offsets in seconds, within a day, from the opening and the last close of
        a span: `closing=[-1800]` also asks for the half hour before closing.
        """
        found = [edge for span in self.spans(after).spans for piece in span.intervals for edge in piece]
        for offset in opening:
            found += [span.open + offset for span in self.spans(after - offset).spans]
        for offset in closing:
            found += [span.close + offset for span in self.spans(after - offset).spans]
        return min((edge for edge in found if after < edge < math.inf), default=None)

    def ordinarily_open(self, on: date) -> bool:
        """Whether it opens on that weekday, were there no holidays, no days in lieu and no special days."""
        kind = DayType.WEEKEND if on.weekday() in self._calendar.rest else DayType.WORKDAY
        return bool(self._week.hours(kind, on.weekday()))

    def minutes_ordinarily(self, on: date) -> int:
        """For how long that date would be open, were there no special days; of a date's type by the state's calendar."""
        return _minutes(self._week.hours(self._calendar.day(on).type, on.weekday()))

    def week(self) -> tuple[int, ...]:
        """For how many minutes it opens on each day of a week without holidays, Monday first."""
        rest = self._calendar.rest
        kinds = [DayType.WEEKEND if day in rest else DayType.WORKDAY for day in range(7)]
        return tuple(_minutes(self._week.hours(kind, day)) for day, kind in enumerate(kinds))

    def _open_day(self, on: date) -> OpenDay:
        ordinary = self._calendar.day(on)
        day, hours = ordinary, self._week.hours(ordinary.type, on.weekday())
        specials = [s for s in self._specials if s.first <= on <= s.last]
        lasting = next((s for s in specials if s.hours is not None or s.worked), None)
        if lasting is not None:
            hours = self._hours_of(lasting, ordinary, hours)
        special = next(iter(specials), None)
        if special is not None and not (special.worked and ordinary.type in WORKED):
            day = Day(on, DayType.SPECIAL, special.name or ordinary.name, ordinary.announced)
            hours = _special_hours(replace(special, hours=None), hours)
        start = instant_of(on, 0, self.tz)
        if local_date(start, self.tz) != on:
            hours = CLOSED
        return OpenDay(on, start, day, ordinary, _union(_piece(on, interval, self.tz) for interval in hours))

    def _hours_of(self, special: SpecialDay, ordinary: Day, hours: DayHours) -> DayHours:
        if not special.worked:
            return _special_hours(special, hours)
        if ordinary.type in WORKED:
            return hours
        return self._week.hours(DayType.MAKEUP_WORKDAY, ordinary.date.weekday())

    def _window(self, on: date) -> Spans:
        """Whole days from one that nothing runs into to another, so that every span within is complete."""
        first = on - 3 * _ONE  # two days are at least 48 hours, also where the clock was put forward
        floor, ceiling = on - LOOK_BACK * _ONE, on + LOOK_AHEAD * _ONE
        always = self._always()
        if always is not None:
            floor, ceiling = first, on + 3 * _ONE
        while first > floor and not self._quiet(first):
            first -= _ONE
        if always is None:
            first = self._with_a_close(first, on)
        end = self._next_quiet(on + _ONE, ceiling)
        while end < ceiling and not self.day(end).intervals:
            end += _ONE
        end = self._next_quiet(end + _ONE, ceiling) if end < ceiling else ceiling
        days = tuple(self.day(first + n * _ONE) for n in range((end - first).days))
        spans = list(_merge(_span(day) for day in days if day.intervals))
        if spans and not self._quiet(first):
            spans[0] = _endless(spans[0], start=True, end=False)
        if spans and not self._quiet(end):
            spans[-1] = _endless(spans[-1], start=False, end=True)
        return Spans(tuple(spans), days, math.inf if always is not None else self.day(end).start)

    def _with_a_close(self, first: date, on: date) -> date:
        """A quiet day from which on something closed before `on`; `first` where nothing did in the last 400 days.

        Reasons tell the last close: a longer holiday must not lose sight of it, one night, without anybody's asking.
        """
        if any(self.day(on - n * _ONE).intervals for n in range(1, (on - first).days + 1)):
            return first
        opened = next(
            (n for n in range((on - first).days, LOOK_AHEAD) if self.day(on - n * _ONE).intervals), None
        )
        if opened is None:
            return first
        start = on - opened * _ONE
        floor = start - LOOK_BACK * _ONE
        while start > floor and not self._quiet(start):
            start -= _ONE
        return start

    def _next_quiet(self, on: date, ceiling: date) -> date:
        while on < ceiling and not self._quiet(on):
            on += _ONE
        return min(on, ceiling)

    def _quiet(self, on: date) -> bool:
        """True if nothing that opened before `on` runs into what opens from it.

        A day's hours reach at most into the next, and where the clock is put forward at midnight up to an
        hour into the day after that: two days on either side decide.
        """
        known = self._quiet_days.get(on)
        if known is None:
            before = [self.day(on - n * _ONE).intervals for n in (1, 2)]
            after = [self.day(on + n * _ONE).intervals for n in (0, 1)]
            closes = max((pieces[-1][1] for pieces in before if pieces), default=-math.inf)
            opens = min((pieces[0][0] for pieces in after if pieces), default=math.inf)
            if len(self._quiet_days) > _REMEMBERED:
                self._quiet_days.clear()
            known = self._quiet_days[on] = closes < opens
        return known

    def _always(self) -> DayHours | None:
        """The hours of every day if they are all alike and without an edge: open for ever, or never."""
        kinds = [kind for kind in DayType if kind is not DayType.SPECIAL]
        alike = {self._week.hours(kind, weekday) for kind in kinds for weekday in range(7)}
        if alike not in ({CLOSED}, {ALL_DAY}):
            return None
        hours = alike.pop()
        return hours if all(_special_hours(special, hours) == hours for special in self._specials) else None


def with_overtime(spans: Spans, requests: Iterable[Overtime]) -> Spans:
    """The spans with the requests added: a day's close extended, or a closed day opened. Never shortens.

    A request that meets no span becomes one of its own, with the date and the type of the day it starts on.
    One that begins beyond the horizon is left out until the window has moved there.
    """
    added = [
        Span(r.start, r.until, ((r.start, r.until),), day.date, day.day.type, (r,))
        for r in requests
        if r.start < spans.horizon
        for day in (spans.day(r.start),)
    ]
    if not added:
        return spans
    return replace(spans, spans=tuple(_named(span, spans.spans) for span in _merge([*spans.spans, *added])))


def _named(span: Span, timetabled: Sequence[Span]) -> Span:
    """A day that overtime opens early keeps its own date."""
    for one in timetabled:
        if span.open <= one.open < span.close:
            return replace(span, date=one.date, day_type=one.day_type)
    return span


def _minutes(hours: DayHours) -> int:
    return sum(each.close - each.open for each in hours)


def _special_hours(special: SpecialDay, ordinary: DayHours) -> DayHours:
    hours = ordinary if special.hours is None else special.hours
    close = special.close
    if close is None:
        return hours
    # 01:00 for a night from 20:00 to 02:00 is an hour of the next morning, not the end of a day not begun.
    if any(close <= i.open and close + DAY_MINUTES <= i.close for i in hours):
        close += DAY_MINUTES
    return tuple(Interval(i.open, min(i.close, close)) for i in hours if i.open < close)


def _piece(on: date, interval: Interval, tz: ZoneInfo) -> tuple[Instant, Instant]:
    """An interval as instants: it opens at the first occurrence of its time and closes at the last.

    So the hour that happens twice is open throughout. If the clock skips the opening so far that it would
    come after the close, the close moves with it, and the interval keeps its length.
    """
    start, end = instant_of(on, interval.open, tz), instant_of(on, interval.close, tz, last=True)
    return start, end if end > start else start + 60.0 * (interval.close - interval.open)


def _union(pieces: Iterable[tuple[Instant, Instant]]) -> _Pieces:
    """Sorted and disjoint; what touches is one."""
    merged: list[tuple[Instant, Instant]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _span(day: OpenDay) -> Span:
    return Span(day.intervals[0][0], day.intervals[-1][1], day.intervals, day.date, day.day.type)


def _merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, with those that overlap or touch made one, which keeps the date of the first."""
    groups: list[list[Span]] = []
    close = -math.inf
    for span in sorted(spans, key=lambda span: span.open):
        if groups and span.open <= close:
            groups[-1].append(span)
            close = max(close, span.close)
        else:
            groups.append([span])
            close = span.close
    return tuple(_joined(group) for group in groups)


def _joined(group: list[Span]) -> Span:
    first = group[0]
    if len(group) == 1:
        return first
    pieces = _union(piece for span in group for piece in span.intervals)
    requests = tuple(request for span in group for request in span.overtime)
    return replace(first, close=pieces[-1][1], intervals=pieces, overtime=requests)


def _endless(span: Span, *, start: bool, end: bool) -> Span:
    """The span without the edge that lies beyond what is looked at."""
    pieces = list(span.intervals)
    if start:
        pieces[0] = (-math.inf, pieces[0][1])
    if end:
        pieces[-1] = (pieces[-1][0], math.inf)
    return replace(span, open=pieces[0][0], close=pieces[-1][1], intervals=tuple(pieces))
