"""Timetables against an oracle that knows only how to read a wall clock, minute by minute."""

from __future__ import annotations

import math
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schedules.calendar import Calendar
from schedules.hours import Timetable, with_overtime
from schedules.types import CLOSED, DayHours, DayType, Interval, Overtime, SpecialDay, WeekHours
from tests.unit.schedules.drawn import (
    ODD_ZONES,
    calendar,
    calendars,
    places,
    special_days,
    transitions,
    weeks,
)

MINUTE = 60.0
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of wall clocks, in no zone
WINDOW = 72 * 60  # minutes


class Oracle:
    """Open or not at each minute of a window, by finding each time of day on the wall clock."""

    def __init__(self, tz: ZoneInfo, hours: Callable[[date], DayHours], start: int) -> None:
        """`start` in minutes since 1970. Days before the window run into it, so their hours count too."""
        self.start = start
        self.stretches = list(self._read(tz, start - 5 * 1440, start + WINDOW + 6 * 1440))
        self.open: set[int] = set()
        first_day, last_day = (
            (EPOCH + timedelta(minutes=start + offset + margin)).date()
            for (_, _, offset), margin in ((self.stretches[0], -3 * 1440), (self.stretches[-1], WINDOW))
        )
        for n in range((last_day - first_day).days + 2):
            on = first_day + timedelta(days=n)
            midnight = (on - EPOCH.date()).days * 1440
            if not any(self._shows(m) for m in range(midnight, midnight + 1440, 10)):
                continue  # the day that Samoa skipped
            for interval in hours(on):
                first, last = (
                    self._when(midnight + interval.open)[0],
                    self._when(midnight + interval.close)[-1],
                )
                length = interval.close - interval.open
                self.open.update(range(first, last if last > first else first + length))

    @staticmethod
    def _read(tz: ZoneInfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The stretches (from, to, minutes ahead of UTC) between changes of the clock, to the minute."""

        def ahead(minute: int) -> int:
            offset = datetime.fromtimestamp(60 * minute, tz).utcoffset()
            assert offset is not None
            return offset // timedelta(minutes=1)

        start, offset = begin, ahead(begin)
        for block in range(begin, end, 30):
            if ahead(block + 30) == offset:
                continue
            change = next(m for m in range(block, block + 31) if ahead(m) != offset)
            yield start, change, offset
            start, offset = change, ahead(change)
        yield start, end, offset

    def _shows(self, wall: int) -> list[int]:
        """The minutes at which the clock shows this time: none, one or two."""
        return [wall - offset for begin, end, offset in self.stretches if begin <= wall - offset < end]

    def _when(self, wall: int) -> list[int]:
        """The same, or if there is none, as far past the jump as the time lies in the gap."""
        found = self._shows(wall)
        if not found:
            found = [
                change + wall - (change + offset)
                for (_, change, offset), (_, _, then) in pairwise(self.stretches)
                if change + offset <= wall < change + then
            ]
        return found

    def flips(self) -> list[int]:
        """The minutes of the window at which open turns to closed or back."""
        window = range(self.start, self.start + WINDOW)
        return [m for m in window if (m in self.open) != (m - 1 in self.open)]


@dataclass(frozen=True)
class Site:
    """A random timetable, another one like it, and its oracle for a window of 72 hours."""

    table: Timetable
    again: Timetable
    oracle: Oracle


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Random hours, special days, calendar, zone and window."""
    zone, start = draw(places())
    tz = ZoneInfo(zone)
    week = draw(weeks)
    near = datetime.fromtimestamp(60 * start, tz).date()
    specials = draw(special_days(near))
    days = draw(calendars)
    one, again = (Timetable(tz, days, week, specials, "hall") for _ in range(2))
    return Site(one, again, Oracle(tz, lambda on: plain_hours(days, week, specials, on), start))


def plain_hours(days: Calendar, week: WeekHours, specials: list[SpecialDay], on: date) -> DayHours:
    """Hours by the letter of the order of precedence: site, state, weekday."""
    kind, named = days.day(on).type, week.by_weekday[on.weekday()]
    ordinary: DayHours | None
    if kind is DayType.HOLIDAY:
        ordinary = week.holiday
    elif kind is DayType.MAKEUP_WORKDAY:
        ordinary = week.makeup_workday
        if ordinary is None:
            ordinary = week.workday or week.by_weekday[0]
    elif named is not None:
        ordinary = named
    else:
        ordinary = week.weekend if kind is DayType.WEEKEND else week.workday
    ranked = sorted(
        (special.last - special.first, not special.groups, -place, special)
        for place, special in enumerate(specials)
        if special.first <= on <= special.last and (not special.groups or "hall" in special.groups)
    )
    meant = [special for *_, special in ranked]
    hours = ordinary or CLOSED
    for special in [s for s in meant if s.hours is not None][:1] + meant[:1]:
        hours = hours if special.hours is None else special.hours
        end = special.close if special.close is not None else 10**6
        if any(i.open >= end and i.close >= end + 1440 for i in hours):
            end += 1440  # an hour of the next morning
        hours = tuple(Interval(i.open, min(i.close, end)) for i in hours if i.open < end)
    return hours


EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
SLOW = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(sites(), st.lists(st.integers(0, WINDOW - 1), min_size=1, max_size=8))
def test_next_change_agrees_with_the_wall_clock(site: Site, asked: list[int]) -> None:
    """Walking from change to change meets each flip that reading every minute finds, and no other."""
    table, oracle = site.table, site.oracle
    flips = oracle.flips()
    for minute in asked:
        t = MINUTE * (oracle.start + minute)
        place = bisect_right(flips, oracle.start + minute)
        change = table.next_change(t)
        if place < len(flips):
            assert change == MINUTE * flips[place]
        else:
            assert change is None or change >= MINUTE * (oracle.start + WINDOW)
    t, walked = MINUTE * (oracle.start - 1), list[float]()
    while (change := table.next_change(t)) is not None and change < MINUTE * (oracle.start + WINDOW):
        walked.append(change)
        t = change
    assert walked == [MINUTE * m for m in flips]


@SLOW
@given(sites())
def test_open_is_what_the_wall_clock_says(site: Site) -> None:
    """Each minute of 72 hours, and its last instant, in any zone and across any change of the clock."""
    table, oracle = site.table, site.oracle
    for minute in range(oracle.start, oracle.start + WINDOW, 7):
        expected = minute in oracle.open
        assert table.is_open(MINUTE * minute) is expected
        assert table.is_open(MINUTE * minute + 59.9) is expected


@SLOW
@given(sites(), st.integers(0, WINDOW - 1))
def test_spans_are_in_order_complete_and_the_same_all_day(site: Site, at: int) -> None:
    """What the rules lean on: disjoint spans, never touching, with the next one there if there is any."""
    table, oracle = site.table, site.oracle
    t = MINUTE * (oracle.start + at)
    found = table.spans(t)
    for one, following in pairwise(found.spans):
        assert one.close < following.open
    for span in found.spans:
        assert span.open < span.close
        assert (span.intervals[0][0], span.intervals[-1][1]) == (span.open, span.close)
        assert all(a < b for a, b in span.intervals)
        assert all(one[1] < other[0] for one, other in pairwise(span.intervals))
        assert not span.overtime
    assert site.again.spans(t) == found
    following_span = found.next(t)
    if following_span is None:
        assert found.horizon > t + 300 * 86400 or found.spans[-1].close == math.inf
    else:
        assert found.horizon > following_span.open
    for day in range(-2, 3):
        for minute in range(0, 1440, 97):
            moment = t + 86400 * day + MINUTE * minute
            if moment < found.horizon:
                assert found.is_open(moment) == table.is_open(moment)


@settings(SLOW, max_examples=40)
@given(st.sampled_from(ODD_ZONES), st.integers(2006, 2025), st.integers(0, 1439), st.integers(120, 1140))
@example("America/Nuuk", 2024, 1410, 120)
@example("Pacific/Apia", 2011, 540, 480)
def test_a_year_has_one_opening_and_one_closing_a_day(zone: str, year: int, start: int, length: int) -> None:
    """No switch is lost or doubled where the clock changes; only the day that Samoa skipped has none."""
    tz = ZoneInfo(zone)
    week = WeekHours(
        by_weekday=((Interval(start, start + length),),) * 7, holiday=(Interval(start, start + length),)
    )
    table = Timetable(tz, calendar("DE"), week)
    t = datetime(year, 1, 1, tzinfo=tz).timestamp() - 1
    end = datetime(year + 1, 1, 1, tzinfo=tz).timestamp()
    edges: list[float] = []
    while (change := table.next_change(t)) is not None and change < end:
        edges.append(change)
        t = change
    days = 365 + (year % 4 == 0) - (zone == "Pacific/Apia" and year == 2011)
    openings = [e for e in edges if table.is_open(e)]
    assert len(openings) == days
    assert abs(len(edges) - 2 * days) <= 1  # the first or the last night runs over the year's edge
    assert all(3600 < b - a < 27 * 3600 for a, b in pairwise(openings)) or zone == "Pacific/Apia"


requests = st.lists(
    st.builds(lambda start, length: (start, length), st.integers(-1440, WINDOW), st.integers(1, 240)),
    min_size=1,
    max_size=4,
)


@SLOW
@given(sites(), requests, st.integers(0, WINDOW - 1))
def test_overtime_never_shortens(site: Site, asked: list[Any], at: int) -> None:
    """Whatever was open stays open, each close stays or moves out, and the request itself is open."""
    table, oracle = site.table, site.oracle
    t = MINUTE * (oracle.start + at)
    before = table.spans(t)
    wanted = [Overtime(MINUTE * (oracle.start + s), MINUTE * (oracle.start + s + n), "Li") for s, n in asked]
    after = with_overtime(before, wanted)
    for span in before.spans:
        held = next(s for s in after.spans if s.open <= span.open and span.close <= s.close)
        assert (held.date, held.day_type) in {(s.date, s.day_type) for s in before.spans}
        for start, end in span.intervals:
            assert any(a <= start and end <= b for a, b in held.intervals)
    for one in wanted:
        if before.days[0].start <= one.start < before.horizon:
            span = next(s for s in after.spans if s.open <= one.start and one.until <= s.close)
            assert one in span.overtime
            assert after.is_open(one.start)
            assert after.is_open(one.until - 1)
    for first, following in pairwise(after.spans):
        assert first.close < following.open
    for minute in range(oracle.start, oracle.start + WINDOW, 61):
        moment = MINUTE * minute
        asked_for = any(o.start <= moment < o.until for o in wanted)
        if moment < before.horizon and moment >= before.days[0].start:
            assert after.is_open(moment) == (before.is_open(moment) or asked_for)


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_the_odd_zones_do_change_their_clocks(zone: str) -> None:
    """The windows drawn near a change would otherwise prove nothing."""
    assert transitions(zone) or zone == "Asia/Shanghai"
