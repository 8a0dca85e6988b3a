"""Savings: days in their order, meters that are there and count one thing, the file of daily means."""

from __future__ import annotations

from collections.abc import Sequence

from config.checks.context import METER, Context
from config.codes import Coded
from config.phrase import Phrase
from config.problems import Path
from config.saving import DateRange
from config.subitems import carrier


def check_savings(ctx: Context) -> None:
    """What a baseline needs before it is reckoned at night, and fails there unseen."""
    savings = ctx.file.savings
    if savings is None:
        return
    ordered(ctx, savings.baseline, ("savings", "baseline"))
    for n, event in enumerate(savings.events):
        ordered(ctx, event, ("savings", "events", n))
    if savings.since is not None and savings.since <= savings.baseline.last:
        ctx.error(
            ("savings", "since"),
            Coded(
                "dates",
                f"what is reckoned begins on {savings.since}, before the baseline is over",
                f"核算起始日 {savings.since} 早于基准期结束",
            ),
            Phrase(f"a day after {savings.baseline.last}", f"应晚于 {savings.baseline.last}"),
        )
    of_one_carrier(ctx, savings.meters, "savings")
    if ctx.site.savings is not None and ctx.site.savings.weather is not None:
        what = Phrase("daily means as `2025-01-31,4.2`; ", "日均气温，如 `2025-01-31,4.2`；")
        ctx.exists(("savings", "weather"), ctx.site.savings.weather, what)
    elif not ctx.written("points", "outdoor_temperature"):
        ctx.error(
            ("savings",),
            Coded(
                "missing",
                "a baseline needs the weather: there is neither an outdoor sensor nor a file",
                "基准期需要室外气温：既没有室外温度点，也没有气象文件",
            ),
            Phrase(
                "add `weather: daily-means.csv`, or points: outdoor_temperature:",
                "加上 `weather: 文件.csv`，或在 points: 中登记 outdoor_temperature",
            ),
            key=True,
        )


def ordered(ctx: Context, days: DateRange, path: Path) -> None:
    """Report a range that ends before it begins."""
    if days.last < days.first:
        ctx.error(
            (*path, "to"),
            Coded("dates", "the range ends before it begins", "结束日早于起始日"),
            Phrase("exchange from and to", "请对调 from 与 to"),
        )


def of_one_carrier(ctx: Context, names: Sequence[str], section: str) -> None:
    """The `meters` of a section are there, and count one thing."""
    known = [
        ctx.file.meters[name]
        for n, name in enumerate(names)
        if ctx.known(name, "meters", METER, (section, "meters", n)) and name in ctx.file.meters
    ]
    kinds = sorted({carrier(meter.subitem) for meter in known})
    if len(kinds) > 1:
        ctx.error(
            (section, "meters"),
            Coded(
                "meter",
                f"these meters count different things: {', '.join(kinds)}",
                f"这些表计量的能源种类不同：{'、'.join(kinds)}",
            ),
            Phrase("a saving is of one of them", "节能量只能按同一种能源核算"),
        )
