"""What the ledger divides by: histories in their order, organisations that are there, files that are."""

from __future__ import annotations

from collections.abc import Sequence

from config.accounting import AreaEntry, PeopleEntry
from config.checks.context import Context, is_file
from config.dated import misplaced
from config.problems import Path

_ORDER = {
    "undated": (
        ("this figure does not say from when it holds", "add `from: 2026-03-01`"),
        ("未写明自哪天起", "加上 `from: 2026-03-01`"),
    ),
    "twice": (
        ("two figures hold from the same day", "delete the one that is not true"),
        ("同一天有两个数", "删去不实的一个"),
    ),
    "unsorted": (
        ("this figure holds from an earlier day than the one before it", "write the history oldest first"),
        ("日期早于上一条", "历史按时间先后书写"),
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
            ctx.known(meter.organisation, "organisations", "organisation", ("meters", name, "organisation"))
    for key in ("coefficients", "costs", "quotas"):
        path = getattr(ctx.site.statistics, key)
        if path is not None and not is_file(path):
            ctx.warn(
                ("statistics", key),
                f"there is no file {path}",
                "the path counts from the folder of the site file; `ledger` needs it, nothing else does",
                zh=(f"没有文件 {path}", "路径以站点文件所在目录为准；仅 ledger 命令需要它"),
            )


def _history(ctx: Context, entries: Sequence[AreaEntry | PeopleEntry], path: Path) -> None:
    days = [entry.first for entry in entries]
    for n, what in misplaced(days):
        (message, hint), zh = _ORDER[what]
        at: Path = (*path, n) if what == "undated" else (*path, n, "from")
        ctx.error(at, message, hint, zh=zh)
    for n, day in enumerate(days):
        if day is not None and day > ctx.today:
            ctx.warn(
                (*path, n, "from"),
                f"{day} is in the future: the figure counts from then on",
                "is the year right?",
                zh=(f"{day} 在将来：届时才生效", "年份是否有误？"),
            )
