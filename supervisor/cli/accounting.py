"""What the verbs of the ledger share: periods, terms, files for a spreadsheet, and saying what is wrong with a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from config.phrase import Phrase
from config.problems import NO_REMEDY
from config.site import Site
from supervisor.cli.common import aloud, complain, fail, misused, plain_errors, say_written
from supervisor.cli.language import told

if TYPE_CHECKING:
    from supervisor.ledger.late import Wrong
    from supervisor.ledger.periods import Period
    from supervisor.ledger.terms import Terms

PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        help="2026, 2026-Q1, 2026-03 or 2026-03-14; this month by default · 统计期：2026、2026-Q1、2026-03 或 2026-03-14；默认本月",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write there instead of to the terminal · 写入此文件，不输出到终端"),
]


def period_of(text: str | None, site: Site) -> Period:
    """The period that `--period` names, this month by default."""
    from supervisor.ledger.periods import month_of, period

    if text is None:
        return month_of(time.time(), site.tz)
    try:
        return period(text, site.tz)
    except ValueError as error:
        misused(
            Phrase(
                f"--period: {error}",
                f"--period：{text} 不是统计期，应为 2026、2026-Q1、2026-03 或 2026-03-14",
            )
        )


def terms_of(site: Site) -> Terms:
    """The coefficients and costs that the site reckons with; every bad row of its files, and exit 1."""
    from supervisor.ledger.tables import BadTable
    from supervisor.ledger.terms import terms

    with plain_errors():
        try:
            return terms(site)
        except BadTable as bad:
            refuse(bad.path, bad.wrong, Phrase("nothing was reckoned", "未作统计"))


def written(text: str, out: Path | None) -> None:
    """A file for a spreadsheet, to the terminal or where it is wanted."""
    if out is None:
        typer.echo(text, nl=False)
        return
    with plain_errors():
        out.write_text(text, encoding="utf-8-sig", newline="")  # the mark tells Excel that it is UTF-8
    say_written(out)


def refuse(file: Path, wrong: Sequence[Wrong], so: Phrase) -> NoReturn:
    """Say what is wrong with a file, line by line, and what was left undone for it; exit 1."""
    shown = wrong[:20]
    for each in shown:
        at = Phrase(f", line {each.line}", f" 第 {each.line} 行") if each.line else NO_REMEDY
        complain(Phrase(f"{file}{at.en}: {each.what.en}", f"{file}{at.zh}：{each.what.zh}"))
    if len(wrong) > len(shown):
        more = len(wrong) - len(shown)
        aloud(told(Phrase(f"… and {more} more lines", f"… 另有 {more} 行")))
    fail(so)
