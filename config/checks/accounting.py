"""What the ledger divides by: histories in their order, organisations that are there, files that are."""

from __future__ import annotations

from collections.abc import Sequence

from config.accounting import AreaEntry, PeopleEntry
from config.checks.context import FROM_HERE, Context, is_file, no_file
from config.codes import Coded
from config.dated import misplaced
from config.phrase import Phrase
from config.problems import Path

_ORDER = {
    "undated": (
        Coded("missing", "this figure does not say from when it holds", "未写明自哪天起"),
        Phrase("add `from: 2026-03-01`", "加上 `from: 2026-03-01`"),
    ),
    "twice": (
        Coded("twice", "two figures hold from the same day", "同一天有两个数"),
        Phrase("delete the one that is not true", "删去不实的一个"),
    ),
    "unsorted": (
        Coded("dates", "this figure holds from an earlier day than the one before it", "日期早于上一条"),
        Phrase("write the history oldest first", "历史按时间先后书写"),
    ),
}


def check_accounting(ctx: Context) -> None:
    """Histories of area and heads, who uses what, and the files of the statistics."""
    for name in ("area_m2", "heated_m2", "people"):
        _history(ctx, getattr(ctx.file, name), (name,))
    for name, organisation in ctx.file.organisations.items():
        for key in ("area_m2", "people"):
            _history(ctx, getattr(organisation, key), ("organisations", name, key))
    for name, meter in ctx.file.meters.items():
        if meter.organisation is not None:
            what = Phrase("organisation", "单位")
            ctx.known(meter.organisation, "organisations", what, ("meters", name, "organisation"))
    for key in ("coefficients", "costs", "quotas"):
        path = getattr(ctx.site.statistics, key)
        if path is not None and not is_file(path):
            ctx.warn(
                ("statistics", key),
                no_file(path),
                Phrase(
                    f"{FROM_HERE.en}; `ledger` needs it, nothing else does",
                    f"{FROM_HERE.zh}；仅 ledger 命令需要它",
                ),
            )


def _history(ctx: Context, entries: Sequence[AreaEntry | PeopleEntry], path: Path) -> None:
    days = [entry.first for entry in entries]
    for n, what in misplaced(days):
        said, remedy = _ORDER[what]
        at: Path = (*path, n) if what == "undated" else (*path, n, "from")
        ctx.error(at, said, remedy)
    for n, day in enumerate(days):
        if day is not None and day > ctx.today:
            ctx.warn(
                (*path, n, "from"),
                Coded(
                    "dates",
                    f"{day} is in the future: the figure counts from then on",
                    f"{day} 在将来：届时才生效",
                ),
                Phrase("is the year right?", "年份是否有误？"),
            )
