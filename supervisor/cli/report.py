"""`report`: what a month or a year came to, for the wall, the auditor and whoever has to do better."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.accounting import terms_of
from supervisor.cli.common import (
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
    plain_errors,
    say_written,
    state_dir_of,
)
from supervisor.cli.database import opened
from supervisor.cli.language import spoken
from supervisor.cli.progress import steps

if TYPE_CHECKING:
    from schedules.types import DayType
    from supervisor.ledger.periods import Period

REPORTING = Phrase("reporting", "生成报告")
MonthOption = Annotated[
    str | None, typer.Option("--month", help="YYYY-MM; last month by default · 月份，如 2026-03；默认上月")
]
YearOption = Annotated[str | None, typer.Option("--year", help="YYYY: the whole year · 年份，如 2026")]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Folder for the files; reports in the state folder by default · 输出目录；默认为状态目录下的 reports",
    ),
]


def report(
    site: SitePath,
    month: MonthOption = None,
    year: YearOption = None,
    folder: FolderOption = None,
    rehearsal: Annotated[
        list[Path] | None,
        typer.Option(
            "--rehearsal",
            help="What `simulate --format json` printed of a draft; several times · 草案的演练结果（simulate --format json 的输出），可多次",
        ),
    ] = None,
    all_: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Rank every building of the site's PostgreSQL · 全区各楼宇排名，取自站点文件所指的 PostgreSQL",
        ),
    ] = False,
    state_dir: StateDir = None,
) -> None:
    """Notice, statistical ledger, corrective report, diagnosis, compliance evidence and ledger rows of a month or a year, as a
    page that prints on A4 and as a workbook · 公示、统计台账、整改报告、系统诊断及节能综合效益分析、合规证据与台账流水（网页与工作簿）

    Example: building-supervisor report office.yaml --month 2026-03 --lang en -o reports
    """
    loaded = load_site(site)
    now = time.time()
    of = _period(month, year, loaded, now)
    where = folder if folder is not None else state_dir_of(loaded, state_dir) / "reports"
    if where.exists() and not where.is_dir():
        fail(
            Phrase(f"{where} is a file, not a folder", f"{where} 是文件，不是目录"),
            Phrase("name a folder with -o", "请用 -o 指定目录"),
        )
    if all_:
        from supervisor.cli.report_all import district

        files = district(loaded, of, now, spoken("zh"), partial(steps, REPORTING))
    else:
        files = _building(loaded, state_dir, of, now, [_rehearsed(path) for path in rehearsal or []])
    from supervisor.telling.reports.files import write

    with plain_errors():
        for path in write(where, files):
            say_written(path)


def _building(
    site: Site, state_dir: Path | None, of: Period, now: float, rehearsals: Sequence[Mapping[str, Any]]
) -> Mapping[str, bytes]:  # fmt: skip
    from supervisor.telling.reports import facts, making

    terms, kind = terms_of(site), kinds_of_day(site)
    with opened(site, state_dir) as store, steps(REPORTING, facts.STEPS + making.STEPS) as done:
        found = store.read_now(lambda c: facts.gather(c, site, of, now, terms, kind, done))
        return making.files(found._replace(rehearsals=rehearsals), spoken("zh"), done)


def _period(month: str | None, year: str | None, site: Site, now: float) -> Period:
    """The month or the year; last month by default."""
    from supervisor.ledger.periods import month_of, period

    if month is not None and year is not None:
        misused(
            Phrase("--month or --year, not both", "--month 与 --year 只能给出一个"),
            Phrase("--month 2026-03", "--month 2026-03"),
        )
    text = month if month is not None else year
    if text is None:
        return month_of(month_of(now, site.tz).start - 1.0, site.tz)
    option, like = ("--month", "2026-03") if month is not None else ("--year", "2026")
    try:
        of = period(text, site.tz)
    except ValueError:
        of = None
    if of is None or len(of.name) != len(like) or "Q" in of.name:
        what = Phrase("month", "月份") if month is not None else Phrase("year", "年份")
        misused(
            Phrase(
                f"{option}: {text} is no {what.en}: {like}", f"{option}：{text} 不是{what.zh}，应写作 {like}"
            )
        )
    if of.start > now:
        fail(Phrase(f"{option}: {of.name} has not begun yet", f"{option}：{of.name} 尚未开始"))
    return of


def _rehearsed(path: Path) -> Mapping[str, Any]:
    """A comparison that `simulate --format json` printed."""
    with plain_errors():
        data = path.read_bytes()
    try:
        body = json.loads(data)  # in UTF-8, 16 or 32, as shells write what is redirected
        for run in body["runs"]:
            (
                float(run["energy_kwh"]["electricity"]),
                run["compliance"]["enforcements"].items(),
                run["comfort"].items(),
            )
            float(run["gas_kwh"] or 0.0), str(run["label"])
        str(body["from"]), str(body["to"])
        if not body["runs"]:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        fail(Phrase(f"{path} is no rehearsal", f"{path} 不是演练结果"), Phrase("it is what building-supervisor simulate … --format json prints", "应为 building-supervisor simulate … --format json 的输出"))  # fmt: skip
    assert isinstance(body, dict)
    return body


def kinds_of_day(site: Site) -> Callable[[date], DayType]:
    """What kind each day is by the site's calendar, special days aside: what a baseline and a tariff go by."""
    from schedules.days import calendars

    table = next(iter(calendars(site).tables.values()))
    return lambda day: table.day(day).ordinary.type
