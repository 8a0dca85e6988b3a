"""`ledger statistics`: what was consumed, month by month, and what it comes to."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from supervisor.cli.accounting import OutOption, PeriodOption, period_of, terms_of, written
from supervisor.cli.common import SitePath, StateDir, load_site
from supervisor.cli.database import read
from supervisor.cli.language import spoken


class By(StrEnum):
    """How a period is parted."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Shape(StrEnum):
    """How the statistics are printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def statistics(
    site: SitePath,
    period: PeriodOption = None,
    by: Annotated[
        By, typer.Option("--by", help="A column for each month, quarter, or the whole · 按月、季或全期分列")
    ] = By.MONTH,
    shape: Annotated[
        Shape,
        typer.Option("--format", help="text for people, csv for spreadsheets, json for programs · 输出格式"),
    ] = Shape.TEXT,
    out: OutOption = None,
    state_dir: StateDir = None,
) -> None:
    """The statistics of building and organisations by month, quarter or year: kWh, m³, GJ, standard coal, CO₂, per m² and
    per head · 按月、季、年统计全楼与各单位：实物量、折标煤、碳排放、单位面积与人均指标

    Example: building-supervisor ledger statistics office.yaml --period 2026 --by quarter
    """
    from supervisor.ledger.account import account, accounts
    from supervisor.ledger.periods import parts_of
    from supervisor.telling import statements
    from supervisor.telling.statement import statement

    loaded = load_site(site)
    of, now, with_ = period_of(period, loaded), time.time(), terms_of(loaded)
    parts = [p for p in parts_of(of, by.value, loaded.tz) if p.start <= now] or [of]
    told = statement(
        loaded,
        read(loaded, state_dir, lambda c: (
            [account(c, loaded, of, now)] if parts == [of] else accounts(c, loaded, parts, of, now)
        )),
        with_,
    )  # fmt: skip
    if shape is Shape.TEXT:
        written("\n".join([*statements.text(loaded, told, with_, spoken("zh")), ""]), out)
    elif shape is Shape.CSV:
        written(statements.sheet(loaded, told), out)
    else:
        written(statements.as_json(loaded, told, with_) + "\n", out)
