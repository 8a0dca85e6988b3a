"""Tariffs: their order, hours that are two things at once, hours that no price is told for."""

from __future__ import annotations

from config.checks.context import Context
from config.codes import Coded
from config.dated import misplaced
from config.phrase import Phrase
from config.problems import Path
from config.tariff import PERIODS, Prices, Tariff, TariffHours
from config.values import OpenInterval

_DAY = 1440


def check_tariff(ctx: Context) -> None:
    """What a bill needs before it is made at night, and would then be wrong unseen."""
    for n, what in misplaced([t.first for t in ctx.file.tariff]):
        ctx.error(("tariff", n), Coded("dates", f"the prices are not in the order of their days ({what})", "各套电价的起始日顺序不对"), Phrase("each from a day of its own, oldest first: `from: 2026-01-01`", "每套电价写明 from，按时间先后排列"))  # fmt: skip
    for n, tariff in enumerate(ctx.file.tariff):
        for k, hours in enumerate(tariff.hours):
            _overlapping(ctx, hours, ("tariff", n, "hours", k))
            _unpriced(ctx, tariff, hours, ("tariff", n, "hours", k))


def _overlapping(ctx: Context, hours: TariffHours, path: Path) -> None:
    taken: dict[int, str] = {}
    for name in PERIODS:
        spans: tuple[OpenInterval, ...] = getattr(hours, name, ())
        for minute in (m % _DAY for span in spans for m in range(span.open, span.close)):
            if taken.setdefault(minute, name) != name:
                at = f"{minute // 60:02}:{minute % 60:02}"
                ctx.error((*path, name), Coded("twice", f"{at} is {taken[minute]} already", f"{at} 已属于 {taken[minute]}"), Phrase("each hour is one of them", "每个时刻只能属于一个时段"))  # fmt: skip
                break


def _unpriced(ctx: Context, tariff: Tariff, hours: TariffHours, path: Path) -> None:
    """A price for each kind of hour that the day has."""
    minutes = sum(
        span.close - span.open for name in PERIODS for span in getattr(hours, name, ())
    )  # none counted twice, or that is told already
    for name in PERIODS:
        used = minutes < _DAY if name == "flat" else bool(getattr(hours, name, ()))
        own = getattr(hours.prices or Prices(), name)
        if used and own is None and getattr(tariff.prices, name) is None:
            ctx.error(path, Coded("missing", f"no price for `{name}`", f"没有 `{name}` 的电价"), Phrase(f"add `prices: {{{name}: 0.68}}`, CNY/kWh", f"加上 `prices: {{{name}: 0.68}}`（元/kWh）"))  # fmt: skip
