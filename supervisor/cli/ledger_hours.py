"""`ledger export --form hours`: what points that are no meters said, hour by hour."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from config.phrase import Lang, Phrase
from config.problems import nearest
from config.site import Site
from supervisor.cli.common import misused, plain_errors, say_written

if TYPE_CHECKING:
    from supervisor.ledger.periods import Period
    from supervisor.store import Store
    from supervisor.telling.hours import Rows


def export(
    site: Site, store: Store, of: Period, patterns: Sequence[str], lang: Lang, out: Path | None
) -> None:
    """The hours of a period to the terminal, or into a file; a piece at a time: of thousands of points they are many."""
    from supervisor.store import readings
    from supervisor.telling.hours import lines

    def told(connection: Any) -> None:
        names = [name for name in readings.names(connection) if not name.startswith(readings.METER)]
        chosen = _chosen(sorted({*names, *_points(site)}), patterns)
        text = lines(site, _rows(connection, site, [name for name in chosen if name in names], of), lang)
        with nullcontext() if out is None else out.open("w", encoding="utf-8-sig", newline="") as file:
            for line in text:
                typer.echo(line, nl=False) if file is None else file.write(line)

    with plain_errors():
        store.read_now(told)
    if out is not None:
        say_written(out)


def _points(site: Site) -> list[str]:
    meters = {meter.series for meter in site.meters.values()}
    return [name for name in site.points if name not in meters]


def _chosen(names: list[str], patterns: Sequence[str]) -> list[str]:
    """The points that patterns name, all without one."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            near = nearest(pattern, names)
            hint = (
                f"did you mean {near}?" if near else "a point like r301/temperature, or a pattern like r301/*"
            )
            misused(Phrase(f"--point {pattern}: there is no such point", f"--point {pattern}：没有这个点"), Phrase(hint, f"是否指 {near}？" if near else "应写作 r301/temperature，或 r301/* 之类"))  # fmt: skip
    return [name for name in names if not patterns or any(fnmatchcase(name, each) for each in patterns)]


def _rows(connection: Any, site: Site, names: list[str], of: Period) -> Iterator[Rows]:
    from supervisor.store.hours import told
    from supervisor.telling.hours import Rows

    end = min(of.end, time.time())  # an hour that is not over is not told
    for name in names:
        yield Rows(name, told(connection, name, of.start, end, still=name in site.points))
