"""Money by a tariff of the site file: electricity by the hour in which it was used, everything else by its amount.

Pure. What was booked over an hour in which the price changes is split by time, as the ledger splits what it did not read; how much
of the money rests on that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from config.tariff import PERIODS, Prices, Tariff, TariffHours
from schedules.time import DAY_MINUTES, instant_of, local_date
from schedules.types import DayType
from supervisor.ledger.statistics import in_units

NAMES: Final[Mapping[str, Phrase]] = {
    "sharp": Phrase("sharp peak", "尖峰"),
    "peak": Phrase("peak", "高峰"),
    "flat": Phrase("flat", "平段"),
    "valley": Phrase("valley", "低谷"),
    "deep_valley": Phrase("deep valley", "深谷"),
}
_KINDS: Final = {
    DayType.WORKDAY: "workday", DayType.MAKEUP_WORKDAY: "workday", DayType.WEEKEND: "weekend",
    DayType.HOLIDAY: "holiday", DayType.SPECIAL: "workday",
}  # fmt: skip
KindOfDay = Callable[[date], DayType]
"""What the state's calendar has a day for."""


class Band(NamedTuple):
    """A part of a day with one price: minutes of the wall clock since midnight. `price` in CNY a unit; None where none is told."""

    start: int
    end: int
    period: str
    price: float | None


class Part(NamedTuple):
    """What one period of the tariff took: `amount` in kWh, m³ or GJ, and CNY."""

    amount: float
    cny: float


class Bill(NamedTuple):
    """What a carrier cost. `amount` in the unit in which it is told."""

    carrier: str
    amount: float
    cny: float
    parts: Mapping[str, Part]
    """By period, of those that took anything; one, `flat`, of what has one price."""
    split: float
    """Share of the amount that was booked over a change of price, and split by time."""
    unpriced: float
    """Amount for which no price is told; it is in `amount` and costs nothing here."""

    @property
    def whole(self) -> bool:
        """Everything has its price: otherwise the sum is of a part, and never stands without saying so."""
        return self.unpriced <= 1e-9 * abs(self.amount)

    @property
    def mean(self) -> float | None:
        """CNY a unit, of what has a price; None where nothing has."""
        priced = self.amount - self.unpriced
        return self.cny / priced if priced > 0 else None


def in_force(tariffs: Sequence[Tariff], day: date) -> Tariff | None:
    """The tariff that holds on a day; None before the first."""
    held = [t for t in tariffs if t.first is None or t.first <= day]
    return held[-1] if held else None


def bands(tariff: Tariff | None, carrier: str, day: date, kind: DayType) -> tuple[Band, ...]:
    """A day's parts from midnight to midnight, in order."""
    if tariff is None or carrier != "electricity":
        price = getattr(tariff, carrier, None) if tariff is not None else None
        return (Band(0, DAY_MINUTES, "flat", price),)
    hours = fitting(tariff, day.month, _KINDS[kind])
    own = hours.prices or Prices()
    told = {
        name: mine if (mine := getattr(own, name)) is not None else getattr(tariff.prices, name)
        for name in PERIODS
    }
    minutes = _minutes(hours)
    edges = [0, *(m for m in range(1, DAY_MINUTES) if minutes[m] != minutes[m - 1]), DAY_MINUTES]
    return tuple(Band(a, b, minutes[a], told[minutes[a]]) for a, b in pairwise(edges))


def fitting(tariff: Tariff, month: int, kind: str) -> TariffHours:
    """The first of a tariff's entries that fits; where none does, the whole day is flat."""
    for entry in tariff.hours:
        if (not entry.months or month in entry.months) and (not entry.days or kind in entry.days):
            return entry
    return TariffHours()


def _minutes(hours: TariffHours) -> list[str]:
    """The period of each minute of a day."""
    found = ["flat"] * DAY_MINUTES
    for name in PERIODS:
        for span in getattr(hours, name, ()):
            for minute in range(span.open, span.close):
                found[minute % DAY_MINUTES] = name
    return found


class _Span(NamedTuple):
    start: float
    end: float
    period: str
    price: float | None


def bill(
    carrier: str, booked: Iterable[tuple[float, float, float]], tariffs: Sequence[Tariff], tz: ZoneInfo, kind: KindOfDay
) -> Bill:  # fmt: skip
    """What so many bookings cost: start and end (POSIX), and J or m³ of each."""

    @cache
    def spans(day: date) -> tuple[_Span, ...]:
        return tuple(
            _Span(instant_of(day, b.start, tz), instant_of(day, b.end, tz), b.period, b.price)
            for b in bands(in_force(tariffs, day), carrier, day, kind(day))
        )

    parts: dict[str, list[float]] = {}
    total = cut = unpriced = 0.0
    for start, end, amount in booked:
        units = in_units(carrier, amount)
        total += units
        prices = set()
        for share, span in _over(start, end, spans, tz):
            prices.add(span.price)
            part = parts.setdefault(span.period, [0.0, 0.0])
            part[0] += units * share
            part[1] += units * share * (span.price or 0.0)
            unpriced += units * share if span.price is None else 0.0
        cut += abs(units) if len(prices) > 1 else 0.0
    named: dict[str, Part] = {name: Part(*parts[name]) for name in PERIODS if name in parts}
    return Bill(
        carrier, total, sum(p.cny for p in named.values()), named, cut / total if total > 0 else 0.0, unpriced
    )


def _over(
    start: float, end: float, spans: Callable[[date], tuple[_Span, ...]], tz: ZoneInfo
) -> Iterable[tuple[float, _Span]]:
    """The parts of days that a booking lies in, each with its share of the booking's time."""
    day, last = local_date(start, tz), local_date(max(start, end - 1e-6), tz)
    while day <= last:
        for span in spans(day):
            inside = min(end, span.end) - max(start, span.start)
            if inside > 0:
                yield inside / (end - start), span
        day += timedelta(1)
