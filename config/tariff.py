"""What energy and water cost: electricity by the hour of the day (分时电价), everything else by its amount."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from config.declared import field
from config.section import OneOrMore, Section
from config.values import Day, Hours

PERIODS: Final = ("sharp", "peak", "flat", "valley", "deep_valley")
"""尖峰、高峰、平段、低谷、深谷: what the notices on time-of-use prices call the parts of a day (发改价格〔2021〕1093号)."""

_Price = Annotated[float, field(ge=0, le=100)]


class Prices(Section):
    """CNY a kilowatt-hour, as the bill has them: with transmission, surcharges and tax."""

    sharp: _Price | None = None
    peak: _Price | None = None
    flat: _Price | None = None
    valley: _Price | None = None
    deep_valley: _Price | None = None


class TariffHours(Section):
    """Which hours of some months and kinds of day are dear or cheap; what is left over is flat.

    Of several entries the first that fits a day holds. Hours may pass midnight: 22:00-06:00 are the first six and the last two
    of each day.
    """

    months: tuple[Annotated[int, field(ge=1, le=12)], ...] = ()
    days: tuple[Literal["workday", "weekend", "holiday"], ...] = ()
    sharp: Hours = ()
    peak: Hours = ()
    valley: Hours = ()
    deep_valley: Hours = ()
    prices: Prices | None = None


class Tariff(Section):
    """Prices from a day on; the first may be without one."""

    first: Annotated[Day | None, field(alias="from")] = None
    prices: Prices = Prices()
    hours: Annotated[tuple[TariffHours, ...], OneOrMore()] = ()
    water: Annotated[float, field(ge=0, le=1000)] | None = None
    gas: Annotated[float, field(ge=0, le=1000)] | None = None
    heat: Annotated[float, field(ge=0, le=10_000)] | None = None
    cold: Annotated[float, field(ge=0, le=10_000)] | None = None
