"""Readings that come by hand, by a file, or late: kept, and booked where they belong, whoever booked there before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from config.phrase import Phrase
from config.reading import read_at_most
from config.signs.alike import same_name
from config.site import MeterSpec, Site
from config.units import UNITS
from schedules import moments
from schedules.time import DAY
from supervisor.ledger import sheets
from supervisor.ledger.booking import Booked, booked
from supervisor.ledger.books import saved
from supervisor.ledger.meters import register_of
from supervisor.ledger.register import Reading
from supervisor.store import imports, readings
from supervisor.store.instants import grid
from supervisor.store.readings import Batch, Posting, Sample

HABITS: Final = 35 * DAY
"""s of a meter's past from which its habits are learned anew."""
LARGEST: Final = 200 * 2**20
"""Octets of the largest file that is imported: a year of one-minute readings of fifteen meters."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin, new and old."""
_WORKBOOK: Final = Phrase(
    "a workbook or a page, and no text: save the sheet as CSV (in Excel: Save as, CSV)",
    "这是工作簿或网页，不是文本：请另存为 CSV（Excel：另存为 CSV）",
)
_UNITS: Final = {
    "千瓦时": "kWh", "度": "kWh", "kw·h": "kWh", "kw.h": "kWh", "兆瓦时": "MWh", "瓦时": "Wh", "吉焦": "GJ", "兆焦": "MJ",
    "m³": "m3", "㎥": "m3", "立方米": "m3", "立方": "m3", "方": "m3", "升": "L",
    **{name.lower(): name for name, unit in UNITS.items() if unit.base in ("J", "m3")},
}  # fmt: skip
"""Units as a heading may name them, in small letters."""


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
    """The lines of a file in UTF-8, UTF-16 or GBK, or what is wrong with it. Raises OSError."""
    if path.stat().st_size > LARGEST:
        what = Phrase(f"larger than {LARGEST // 2**20} MB: split it", f"超过 {LARGEST // 2**20} MB，请拆分")
        return [], Wrong(0, what)
    data = read_at_most(path, LARGEST)
    if data[:4] in _WORKBOOKS:
        return [], Wrong(0, _WORKBOOK)
    text = sheets.decoded(data)
    if text is not None and text.lstrip()[:5].lower() in ("<html", "<!doc", "<?xml"):
        return [], Wrong(0, _WORKBOOK)
    if text is None:
        return [], Wrong(0, Phrase("neither UTF-8 nor GBK", "编码既非 UTF-8 也非 GBK"))
    return sheets.lines_of(text), None


def rows_of(lines: Sequence[str], site: Site, meter: str | None, now: float) -> tuple[list[Row], list[Wrong]]:
    """The readings of a table: `time,meter,value`, or `time,value` of one `meter`, or as its heading says; and what is wrong
    with which line.

    Times are by the building's clock where they have no offset, or POSIX seconds. Two rows of one instant that say the same
    count once; two that contradict each other are wrong, whichever is true.
    """
    table = sheets.table(lines)
    wrong = [Wrong(number, what) for number, what in table.broken]
    wanted = ("time", "value") if meter is not None else ("time", "meter", "value")
    missing = [name for name in wanted if table.columns and name not in table.columns]
    if missing:
        wrong.append(Wrong(1, no_column(missing)))
        return [], wrong
    found: list[Row] = []
    last: dict[str, float] = {}
    said: dict[tuple[str, float], tuple[int, float]] = {}
    for line in table.lines:
        row = _row(line, table, site, meter, now, last)
        if isinstance(row, Phrase):
            wrong.append(Wrong(line.number, row))
            continue
        found.append(row)
        last[row.meter] = row.at
        first, value = said.setdefault((row.meter, grid(row.at)), (line.number, row.value))
        if value != row.value:
            wrong.append(Wrong(line.number, _contradicts(row, first, value)))
    if not found and not wrong:
        wrong.append(Wrong(0, Phrase("no reading in it", "其中没有读数")))
    return found, sorted(wrong, key=lambda w: w.line)


def no_column(missing: Sequence[str]) -> Phrase:
    """A heading lacks these columns."""
    en = ", ".join(f"{name} ({_chinese(name)})" for name in missing)
    zh = "、".join(f"{_chinese(name)}（{name}）" for name in missing)
    return Phrase(f"no column is called {en}", f"缺少列：{zh}")


def _chinese(name: str) -> str:
    return next(each for each in sheets.NAMES[name] if not each.isascii())


def _contradicts(row: Row, first: int, value: float) -> Phrase:
    return Phrase(
        f"`{row.meter}` says {row.value:g} here and {value:g} in line {first}, of the same instant: keep the one that is true",
        f"`{row.meter}` 同一时刻此处为 {row.value:g}，第 {first} 行为 {value:g}：请保留正确的一行",
    )


def _row(
    line: sheets.Line, table: sheets.Table, site: Site, meter: str | None, now: float, last: dict[str, float]
) -> Row | Phrase:
    form = "time,value" if meter is not None else "time,meter,value"
    if table.columns:
        said = {name: table.cell(line, name) for name in form.split(",")}
    else:
        said = dict(zip(form.split(","), line.cells, strict=False))
    cells = {name: cell for name, cell in said.items() if cell is not None}
    wanted = form.count(",") + 1
    if len(cells) != wanted or (not table.columns and len(line.cells) != wanted):
        have = len(line.cells)
        return Phrase(f"{have} cells, {form} has {wanted}", f"应为 {wanted} 列（{form}），实为 {have} 列")
    if table.columns and any(line.cells[table.width :]):
        return Phrase(
            "more cells than the heading: is there a comma in a figure? put the figure in quotes",
            "单元格多于表头：数字里是否有逗号？请给该数字加引号",
        )
    row = reading_of(cells, site, meter, now, last, comma=table.comma)
    return row if isinstance(row, Phrase) else in_register(row, site.meters[row.meter], table.unit)


def in_register(row: Row, meter: MeterSpec, unit: str) -> Row | Phrase:
    """A reading in its meter's own unit, of a table whose heading names one; a word that is no unit says nothing of it."""
    found = UNITS.get(_UNITS.get(unit.strip().lower(), ""))
    if found is None:
        return row
    if (found.base == "J") is not meter.energy:
        counts = Phrase("energy", "能量") if meter.energy else Phrase("a volume", "体积")
        return Phrase(
            f"the heading says {unit}, and `{meter.id}` counts {counts.en}",
            f"表头单位为 {unit}，而 `{meter.id}` 计量的是{counts.zh}",
        )
    return row if found.scale == meter.scale else row._replace(value=row.value * found.scale / meter.scale)


def reading_of(
    cells: Mapping[str, str], site: Site, meter: str | None, now: float, last: Mapping[str, float] = MappingProxyType({}),
    *, comma: bool = False,
) -> Row | Phrase:  # fmt: skip
    """The reading that cells named time, meter and value say, or what is wrong with them."""
    name = meter if meter is not None else _named(cells["meter"], site)
    if name not in site.meters:
        return no_meter(name, site)
    if site.meters[name].of:
        return Phrase(
            f"`{name}` is computed from other meters and has no readings",
            f"`{name}` 由其他计量表计算得出，不接受读数",
        )
    if site.meters[name].vehicle is not None:
        return Phrase(
            f"`{name}` is a vehicle: time,meter,litres,km", f"`{name}` 为车辆：列应为 time,meter,litres,km"
        )
    at = moment(cells["time"], site.tz, now, last.get(name))
    if isinstance(at, Phrase):
        return at
    value = sheets.number(cells["value"], comma=comma)
    if value is None:
        return Phrase(f"`{cells['value']}` is no reading", f"`{cells['value']}` 不是读数")
    return Row(name, at, value)


def _named(text: str, site: Site) -> str:
    """A meter by its key, however wide or large its letters are, or by the name that it alone has."""
    plain = same_name(text)
    if plain in site.meters:
        return plain
    alike = [m.id for m in site.meters.values() if m.name and same_name(m.name) == plain]
    return alike[0] if len(alike) == 1 else text


def no_meter(name: str, site: Site) -> Phrase:
    """Nobody knows a meter of this name."""
    if not name:
        return Phrase("it names no meter", "未写明计量表")
    return Phrase(
        f"`{name}` is no meter of the site file; there are {', '.join(site.meters)}",
        f"站点文件中无计量表 `{name}`；现有 {'、'.join(site.meters)}",
    )


def moment(text: str, tz: ZoneInfo, now: float, after: float | None = None) -> float | Phrase:
    """The instant that a cell says, or what is wrong with it."""
    try:
        at = moments.instant(text, tz, after)
    except ValueError:
        return moments.no_time(text)
    if at > now:
        return Phrase(f"{text} is in the future", f"{text} 晚于当前时间")
    return at


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
    imports.note(connection, meter.series, {grid(row.at) for row in rows})
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
