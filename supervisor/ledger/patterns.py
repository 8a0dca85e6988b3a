"""What only many days show: water that runs all night, a phase that is not measured, another multiplier, meters beneath that
exceed the one above.

Pure: what was booked by the hour goes in, findings come out. The numbers are site choices, told in
docs/how-to/keep-the-ledger.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from supervisor.ledger.booking import Booked, Finding
from supervisor.ledger.causes import Cause

HOUR: Final = 3600.0
NIGHT: Final = (1, 5)
"""Hours of a night in which nobody is there."""
WORK: Final = (8, 18)
NIGHTS: Final = 3
"""Nights in a row in which water runs until it is called a leak."""
LEAST: Final = 0.03
"""m³/h below which a night's flow is a dripping tap."""
OF_DAY, ENOUGH_OF_DAY = 0.05, 0.25
"""Shares of the flow by day that a night's flow must reach, and beyond which it is a leak whatever earlier nights had."""
TIMES: Final = 3.0
"""How often the flow of earlier nights."""
KNOWN_NIGHTS: Final = 5
DAYS: Final = 3
"""Days in a row that must be short by a phase."""
BANDS: Final = ((0.58, 0.75), (0.26, 0.40))
"""Shares of a usual day that are left by one phase missing, and by two."""
USUAL: Final = 0.85
"""Share of a usual day above which a day is one."""
MULTIPLE: Final = 4.0
"""How often a usual day, or which part of it, a day must be where the multiplier was changed: less a building may do by itself."""
MOST: Final = 100.0
"""How often at the most: what rests, or stands by, on the one side is switched on or off, and transformers of a building end at 500/5."""
EVEN: Final = 1.5
"""By how much day and night, and days, may differ in that: what is switched on runs by day, and a multiplier knows no hours."""
COVERED: Final = 0.9


class Hours(NamedTuple):
    """What was booked in each hour from `start` on, J or m³; None where it is not known, or estimated."""

    start: float
    amounts: Sequence[float | None]

    def of_day(self, day: datetime, first: int, last: int) -> list[float | None]:
        """The hours of a local day from one to another."""
        at = day.replace(hour=first).timestamp()
        n = round((at - self.start) / HOUR)
        return [self.amounts[k] if 0 <= k < len(self.amounts) else None for k in range(n, n + last - first)]

    def days(self, tz: ZoneInfo) -> list[datetime]:
        """Every local day that it touches, by its midnight."""
        if not self.amounts:
            return []
        day = datetime.fromtimestamp(self.start, tz).replace(hour=0, minute=0, second=0, microsecond=0)
        end, found = self.start + len(self.amounts) * HOUR, []
        while day.timestamp() < end:
            found.append(day)
            day += timedelta(days=1)
        return found


def by_the_hour(booked: Iterable[Booked]) -> Hours:
    """Bookings spread over hours by time."""
    rows = sorted(booked)
    if not rows:
        return Hours(0.0, ())
    start = rows[0].start // HOUR * HOUR
    count = math.ceil((max(b.end for b in rows) - start) / HOUR)
    amounts, covered = [0.0] * count, [0.0] * count
    for b in rows:
        if b.estimated or b.end <= b.start:
            continue
        for n in range(int((b.start - start) // HOUR), min(count, math.ceil((b.end - start) / HOUR))):
            inside = min(b.end, start + (n + 1) * HOUR) - max(b.start, start + n * HOUR)
            amounts[n] += b.amount * inside / (b.end - b.start)
            covered[n] += inside
    return Hours(start, [a if c >= COVERED * HOUR else None for a, c in zip(amounts, covered, strict=True)])


def of_one(carrier: str, hours: Hours, tz: ZoneInfo, *, always_on: bool = False) -> list[Finding]:
    """What shows in the hours of one meter. Behind one that is `always_on` somebody uses water at night."""
    if carrier == "water":
        return [] if always_on else night_flow(hours, tz)
    return [*phase_missing(hours, tz), *scale_changed(hours, tz)] if carrier == "electricity" else []


def night_flow(hours: Hours, tz: ZoneInfo) -> list[Finding]:
    """Nights in which water never stops. A night counts by its mean flow from one to five; it is one of a leak where that is
    more than `LEAST`, than `OF_DAY` of the flow by day and than `TIMES` the median of the nights before, or than
    `ENOUGH_OF_DAY`; three in a row."""
    found: list[Finding] = []
    quiet: list[float] = []
    busy: list[float] = []
    row: list[datetime] = []
    for day in hours.days(tz):
        night = [a for a in hours.of_day(day, *NIGHT) if a is not None]
        if len(night) == NIGHT[1] - NIGHT[0]:
            flow = sum(night) / len(night)
            if min(night) > 0 and flow >= _too_much(quiet, busy):
                row.append(day)
            else:
                row = []
                quiet.append(flow)
            if len(row) >= NIGHTS:
                span = Finding(
                    Cause.LEAK,
                    row[0].replace(hour=NIGHT[0]).timestamp(),
                    day.replace(hour=NIGHT[1]).timestamp(),
                )
                found = [*(f for f in found if f.start != span.start), span]
        busy = [*busy, *(a for a in hours.of_day(day, *WORK) if a is not None)][-7 * (WORK[1] - WORK[0]) :]
    return found


def _too_much(quiet: Sequence[float], busy: Sequence[float]) -> float:
    by_day = sum(busy) / len(busy) if busy else math.inf
    if len(quiet) >= KNOWN_NIGHTS:
        return max(LEAST, min(ENOUGH_OF_DAY * by_day, max(OF_DAY * by_day, TIMES * median(quiet[-28:]))))
    return max(LEAST, ENOUGH_OF_DAY * by_day)


class _Day(NamedTuple):
    """A day against the same hours of a week before: all of it, at work, at night; NaN where that says nothing."""

    day: datetime
    whole: float
    parts: tuple[float, ...]

    def within(self, band: tuple[float, float]) -> bool:
        known = [p for p in self.parts if not math.isnan(p)]
        return len(known) == len(self.parts) > 0 and all(
            band[0] <= p <= band[1] for p in (self.whole, *known)
        )


def phase_missing(hours: Hours, tz: ZoneInfo) -> list[Finding]:
    """Where electricity falls at once to two thirds, or one third, of the same hours a week before, by day and by night
    alike, and stays there for three days. What it cannot see: loads of one phase, a load that rests at night (its days
    differ by the weather), the first week and a half."""
    days = hours.days(tz)
    found: list[Finding] = []
    n = 8
    while n + DAYS <= len(days):
        band = _fell(hours, days, n)
        if band is None:
            n += 1
            continue
        last = n
        while (
            last + 1 < len(days) and last + 1 < n + 7 and _against(hours, days, last + 1, n - 2).within(band)
        ):
            last += 1
        found.append(
            Finding(Cause.PHASE, days[n - 1].timestamp(), (days[last] + timedelta(days=1)).timestamp())
        )
        n = last + 8  # a week on, that week itself is usual
    return found


def scale_changed(hours: Hours, tz: ZoneInfo) -> list[Finding]:
    """Where electricity becomes a multiple or a fraction of the same hours a week before, by day and by night alike, for three days: not
    nothing, nor more than `MOST` of it, which is a load that is switched. What it cannot see is what a missing phase's cannot be seen by."""
    days, found, n = hours.days(tz), list[Finding](), 8
    while n + DAYS <= len(days):
        if USUAL <= _against(hours, days, n - 2, n - 2).whole <= 1 / USUAL and _scaled(
            [_against(hours, days, k, n - 2) for k in range(n, n + DAYS)]
        ):
            end = (days[n + DAYS - 1] + timedelta(days=1)).timestamp()
            found.append(Finding(Cause.SCALE, days[n - 1].timestamp(), end))
            n += DAYS + 7  # a week on, that week itself is usual
        else:
            n += 1
    return found


def _scaled(days: Sequence[_Day]) -> bool:
    ratios = [part for day in days for part in (day.whole, *day.parts)]
    if any(math.isnan(ratio) for ratio in ratios) or any(len(day.parts) < 2 for day in days):
        return False
    low, high = min(ratios), max(ratios)
    if not 1 / MOST <= low <= high <= MOST:
        return False
    return (low >= MULTIPLE or high <= 1 / MULTIPLE) and high <= EVEN * low


def _fell(hours: Hours, days: Sequence[datetime], n: int) -> tuple[float, float] | None:
    """The band into which the days from the n-th on have fallen, while those before it were usual. The day before it may
    be that of the fall."""
    if not _against(hours, days, n - 2, n - 2).whole >= USUAL:
        return None
    fallen = [_against(hours, days, k, n - 2) for k in range(n, n + DAYS)]
    return next((band for band in BANDS if all(day.within(band) for day in fallen)), None)


def _against(hours: Hours, days: Sequence[datetime], n: int, last: int) -> _Day:
    """A day against the newest same day of the week that is not after the `last`."""
    before = n - 7
    while before > last or (before >= 7 and _empty(hours, days[before])):
        before -= 7
    if before < 0:
        return _Day(days[n], math.nan, ())
    mean = _ratio(hours, days[n], days[before], 0, 24, 0.0)
    least = 0.05 * sum(a or 0.0 for a in hours.of_day(days[before], 0, 24)) / 24
    parts = (
        _ratio(hours, days[n], days[before], *WORK, least),
        _ratio(hours, days[n], days[before], 0, 6, least),
    )
    return _Day(days[n], mean, parts)


def _empty(hours: Hours, day: datetime) -> bool:
    return all(a is None for a in hours.of_day(day, 0, 24))


def _ratio(hours: Hours, day: datetime, before: datetime, first: int, last: int, least: float) -> float:
    """What part of an earlier day's hours a day's are; NaN where too few are known, or there was nearly nothing then."""
    pairs = [(a, b) for a, b in zip(hours.of_day(day, first, last), hours.of_day(before, first, last), strict=True)
             if a is not None and b is not None]  # fmt: skip
    then = sum(b for _, b in pairs)
    if len(pairs) < 0.5 * (last - first) or then <= least * len(pairs) or then <= 0:
        return math.nan
    return sum(a for a, _ in pairs) / then


def sub_over_main(
    above: Hours, beneath: Sequence[Hours], tz: ZoneInfo, allowed: Callable[[float], float]
) -> list[Finding]:
    """Days on which the meters beneath counted more than the one above. `allowed`: by how much they may, of what the one
    above counted in the day; one hour's amount is allowed besides, since meters are not read at once."""
    found: list[Finding] = []
    for day in above.days(tz):
        own = above.of_day(day, 0, 24)
        others = [hours.of_day(day, 0, 24) for hours in beneath]
        known = [n for n, a in enumerate(own) if a is not None and all(o[n] is not None for o in others)]
        if len(known) < 18:
            continue
        mine = [own[n] or 0.0 for n in known]
        theirs = [sum(o[n] or 0.0 for o in others) for n in known]
        if sum(theirs) - sum(mine) > allowed(sum(mine)) + max(theirs):
            end = (day + timedelta(days=1)).timestamp()
            if found and found[-1].end == day.timestamp():
                found[-1] = found[-1]._replace(end=end)
            else:
                found.append(Finding(Cause.SUB_OVER_MAIN, day.timestamp(), end))
    return found
