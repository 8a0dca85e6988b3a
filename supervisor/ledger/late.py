"""Readings that come by hand, by a file, or late: kept, and booked where they belong, whoever booked there before."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from schedules.time import DAY, from_iso
from supervisor.ledger.booking import Booked, booked
from supervisor.ledger.books import saved
from supervisor.ledger.meters import register_of
from supervisor.ledger.register import Reading
from supervisor.store import readings
from supervisor.store.instants import grid
from supervisor.store.readings import Batch, Posting, Sample

HABITS: Final = 35 * DAY
"""s of a meter's past from which its habits are learned anew."""
LARGEST: Final = 200 * 2**20
"""Octets of the largest file that is imported: a year of one-minute readings of fifteen meters."""


class Row(NamedTuple):
    """A reading of a meter, in its register's unit."""

    meter: str
    at: float
    value: float


class Wrong(NamedTuple):
    """What is wrong with a file, and in which line (0: the whole)."""

    line: int
    what: Phrase


def read(path: Path) -> tuple[list[str], Wrong | None]:
    """The lines of a file in UTF-8 or GBK, or what is wrong with it. Raises OSError."""
    if path.stat().st_size > LARGEST:
        what = Phrase(f"larger than {LARGEST // 2**20} MB: split it", f"超过 {LARGEST // 2**20} MB，请拆分")
        return [], Wrong(0, what)
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).splitlines(), None
        except UnicodeDecodeError:
            continue
    return [], Wrong(0, Phrase("neither UTF-8 nor GBK", "编码既非 UTF-8 也非 GBK"))


def rows_of(lines: Sequence[str], site: Site, meter: str | None, now: float) -> tuple[list[Row], list[Wrong]]:
    """The readings of CSV lines: `time,meter,value`, or `time,value` of one `meter`; and what is wrong with which line.

    Times are ISO 8601, by the building's clock where they have no offset, or POSIX seconds.
    """
    found: list[Row] = []
    wrong: list[Wrong] = []
    for number, line in enumerate(lines, 1):
        try:
            cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        except csv.Error as error:
            wrong.append(Wrong(number, Phrase(f"no CSV: {error}", f"不是 CSV：{error}")))
            continue
        if not any(cells) or cells[0].startswith("#") or (number == 1 and _heading(cells)):
            continue
        row = _row(cells, site, meter, now)
        if isinstance(row, Row):
            found.append(row)
        else:
            wrong.append(Wrong(number, row))
    if not found and not wrong:
        wrong.append(Wrong(0, Phrase("no reading in it", "其中没有读数")))
    return found, wrong


def _heading(cells: Sequence[str]) -> bool:
    return cells[0].lower() in ("time", "at", "时间", "日期")


def _row(cells: Sequence[str], site: Site, meter: str | None, now: float) -> Row | Phrase:
    wanted = 2 if meter is not None else 3
    if len(cells) != wanted:
        form = "time,value" if meter is not None else "time,meter,value"
        return Phrase(
            f"{len(cells)} cells, {form} has {wanted}", f"应为 {wanted} 列（{form}），实为 {len(cells)} 列"
        )
    name = meter if meter is not None else cells[1]
    if name not in site.meters:
        known = ", ".join(site.meters)
        return Phrase(
            f"`{name}` is no meter of the site file; there are {known}",
            f"站点文件中无计量表 `{name}`；现有 {known}",
        )
    try:
        at = instant(cells[0], site.tz)
    except ValueError:
        return Phrase(
            f"`{cells[0]}` is no time: 2026-03-01T00:00 is one",
            f"`{cells[0]}` 不是时间，应写作 2026-03-01T00:00",
        )
    if at > now:
        return Phrase(f"{cells[0]} is in the future", f"{cells[0]} 晚于当前时间")
    try:
        value = float(cells[-1].replace(",", ""))
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e15:
        return Phrase(f"`{cells[-1]}` is no reading", f"`{cells[-1]}` 不是读数")
    return Row(name, at, value)


def instant(text: str, tz: ZoneInfo) -> float:
    """ISO 8601, also with a blank for the T, or POSIX seconds. Raises ValueError."""
    if text.replace(".", "", 1).isdigit() and len(text) >= 9:
        return float(text)
    return from_iso(text.replace("/", "-"), tz)


def keep(connection: sa.Connection, site: Site, rows: Iterable[Row]) -> dict[str, float]:
    """Keep readings and book them, all in the transaction that is open; what was booked anew by meter, J or m³.

    A meter that is on the wire is booked anew between the readings around them, one that is not from its first on.
    """
    by_meter: dict[str, list[Row]] = {}
    for row in rows:
        by_meter.setdefault(row.meter, []).append(row)
    return {name: _keep(connection, site.meters[name], its) for name, its in by_meter.items()}


def _keep(connection: sa.Connection, meter: MeterSpec, rows: list[Row]) -> float:
    readings.keep(connection, Batch(tuple(Sample(meter.series, row.at, row.value) for row in rows)))
    first, last = grid(min(row.at for row in rows)), grid(max(row.at for row in rows))
    before, after = readings.edges(connection, meter.series, first, last)
    start, end = (before if before is not None else first), (after if after is not None else last)
    if meter.point is None:
        start, end, since = -math.inf, math.inf, -math.inf
    else:
        start, end = readings.span(connection, meter.id, start, end)
        since = start - HABITS
    known = [
        Reading(at, value)
        for at, value in readings.between(connection, meter.series, since, end + 1e-6)
        if value is not None
    ]
    step = booked(register_of(meter), known)
    inside = [b for b in step.booked if b.end > start and b.start < end]
    readings.unbook(connection, meter.id, min(start, *(b.start for b in inside)) if inside else start, end)
    found = tuple((f.cause, f.start, f.end) for f in step.found if f.end > start and f.start < end)
    booked_rows = tuple(_in_base(b, meter.scale) for b in inside)
    body = None if meter.point is not None else {**saved(step.book), "total": None, "kept": step.book.last}
    readings.keep(connection, Batch(postings=(Posting(meter.id, (), booked_rows, found, body),)))
    return math.fsum(amount for _, _, amount, _, _ in booked_rows)


def _in_base(b: Booked, scale: float) -> tuple[float, float, float, bool, str]:
    return b.start, b.end, b.amount * scale, b.estimated, b.cause or ""
