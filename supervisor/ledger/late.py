"""Readings that come by hand, by a file, or late: kept, and booked where they belong, whoever booked there before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.reading import read_at_most
from config.site import MeterSpec, Site
from schedules import moments
from schedules.time import DAY, local_date
from supervisor.ledger import file_units, no_register, shapes, sheets
from supervisor.ledger.booking import Booked, booked
from supervisor.ledger.books import saved
from supervisor.ledger.doubts import Kept, doubt_of
from supervisor.ledger.figures import nothing, number, written
from supervisor.ledger.file_units import ratio_of, unit_of, unit_worth
from supervisor.ledger.life import life
from supervisor.ledger.lines import Line
from supervisor.ledger.meters import register_of
from supervisor.ledger.naming import named, no_column, no_meter
from supervisor.ledger.register import Reading
from supervisor.store import brought, imports, readings
from supervisor.store.instants import grid, millis
from supervisor.store.readings import Batch, Posting, Sample

HABITS: Final = 35 * DAY
"""s of a meter's past from which its habits are learned anew."""
FEW: Final = 50
"""Readings in that past under which it is looked for in more of it."""
BILLS: Final = 400 * DAY
LARGEST: Final = 200 * 2**20
"""Octets of the largest file that is imported: a year of one-minute readings of fifteen meters."""
_RATIO: Final = "ratio"
"""In the book of a meter that is read by hand: by what its files' figures are multiplied. An earlier program kept none, and multiplied by none."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin, new and old."""
_WORKBOOK: Final = Phrase(
    "a workbook or a page, and no text: save the sheet as CSV (in Excel: Save as, CSV)",
    "这是工作簿或网页，不是文本：请另存为 CSV（Excel：另存为 CSV）",
)


class Row(NamedTuple):
    """A reading of a meter, in its register's unit. `times`: by what its file's figure was multiplied; None: the file says nothing of it."""

    meter: str
    at: float
    value: float
    times: float | None = None
    line: int = 0
    """Of its file; 0: none."""


class Wrong(NamedTuple):
    """What is wrong with a file, and in which line (0: the whole)."""

    line: int
    what: Phrase


def read(path: Path) -> tuple[list[str], Wrong | None]:
    """The lines of a file in UTF-8, UTF-16 or GBK, or what is wrong with it. Raises OSError."""
    data = octets(path)
    return ([], data) if isinstance(data, Wrong) else lines_of(data)


def octets(path: Path) -> bytes | Wrong:
    """What is in a file, or that it is too large. Raises OSError, for a pipe and a device too."""
    if path.stat().st_size > LARGEST:
        return Wrong(
            0, Phrase(f"larger than {LARGEST // 2**20} MB: split it", f"超过 {LARGEST // 2**20} MB，请拆分")
        )
    return read_at_most(path, LARGEST)


def lines_of(data: bytes) -> tuple[list[str], Wrong | None]:
    """The lines of a file's octets, or why they are none."""
    if data[:4] in _WORKBOOKS:
        return [], Wrong(0, _WORKBOOK)
    text = sheets.decoded(data)
    if text is not None and text.lstrip()[:5].lower() in ("<html", "<!doc", "<?xml"):
        return [], Wrong(0, _WORKBOOK)
    if text is None:
        return [], Wrong(0, Phrase("neither UTF-8 nor GBK", "编码既非 UTF-8 也非 GBK"))
    return sheets.lines_of(text), None


class Found(NamedTuple):
    """What is in a file: its readings, what is wrong with which line, and what was taken or left out of what could be read otherwise."""

    rows: list[Row]
    wrong: list[Wrong]
    notes: tuple[Phrase, ...] = ()


def rows_of(
    lines: Sequence[str], site: Site, meter: str | None, now: float, decimal: str | None = None
) -> Found:
    """The readings of a table: `time,meter,value`, or `time,value` of one `meter`, or as its heading says; and what is wrong
    with which line. `decimal`: the sign that begins the fractions, where it is known.

    Times are by the building's clock where they have no offset, or POSIX seconds. Two rows of one instant that say the same
    count once; two that contradict each other are wrong, whichever is true.
    """
    table = sheets.table(lines, decimal, lambda text: named(text, site) in site.meters)
    wrong = [Wrong(number, what) for number, what in table.broken]
    made = shapes.long(table, site, meter)
    if not isinstance(made, sheets.Table):
        return Found([], [*wrong, Wrong(*made)])
    table = made
    wanted = ("time", "value") if meter is not None else ("time", "meter", "value")
    missing = [name for name in wanted if table.columns and name not in table.columns]
    if missing:
        return Found([], [*wrong, Wrong(table.at or 1, _lacking(table, missing, site))])
    if table.doubt is not None:
        return Found([], [*wrong, Wrong(*table.doubt)])
    found, silent = list[Row](), list[Line]()
    last: dict[str, float] = {}
    said: dict[tuple[str, float], tuple[int, float]] = {}
    ratios: dict[str, tuple[int, float]] = {}
    for line in table.lines:
        if (cell := _said(line, table, meter)) is not None and nothing(cell):
            silent.append(line)
            continue
        row = _row(line, table, site, meter, now, last)
        if isinstance(row, Phrase):
            wrong.append(Wrong(line.number, _in_column(line, row)))
            continue
        row = row._replace(line=line.number)
        found.append(row)
        last[row.meter] = row.at
        first, value = said.setdefault((row.meter, grid(row.at)), (line.number, row.value))
        if value != row.value:
            wrong.append(Wrong(line.number, _contradicts(row, first, value)))
        times = ratio_of(site.meters[row.meter], row.times)
        before, ratio = ratios.setdefault(row.meter, (line.number, times))
        if times != ratio:
            where = Phrase(f"in line {before}", f"第 {before} 行")
            wrong.append(Wrong(line.number, _another_ratio(row.meter, where, ratio, times)))
    if not found and not wrong:
        wrong.append(Wrong(0, Phrase("no reading in it", "其中没有读数")))
    if not wrong:
        wrong += _no_registers(found)
    return Found(found, sorted(wrong, key=lambda w: w.line), (*table.notes, *_silent(silent, table, meter)))


def _in_column(line: Line, what: Phrase) -> Phrase:
    if not line.column:
        return what
    return Phrase(f"column `{line.column}`: {what.en}", f"“{line.column}”列：{what.zh}")


def _said(line: Line, of: sheets.Table, meter: str | None) -> str | None:
    """The cell of a line's figure."""
    wanted = 2 if meter is not None else 3
    if of.columns:
        return of.cell(line, "value")
    return line.cells[-1] if len(line.cells) == wanted else None


def _silent(lines: Sequence[Line], of: sheets.Table, meter: str | None) -> Iterator[Phrase]:
    """What is said of cells that say that there is no reading."""
    if lines:
        cell = _said(lines[0], of, meter) or ""
        yield Phrase(
            f"{len(lines)} cells without a reading were left out (`{cell}`, line {lines[0].number} first)",
            f"{len(lines)} 个单元格没有读数，未导入（“{cell}”，首个在第 {lines[0].number} 行）",
        )


def _lacking(table: sheets.Table, missing: Sequence[str], site: Site) -> Phrase:
    """What a heading lacks, and what to do about it."""
    said = no_column(missing)
    if "value" in missing and "used" in table.columns:
        return Phrase(
            f"{said.en}: what was consumed is none, give the register's figures",
            f"{said.zh}：用量不是读数，请提供表底读数",
        )
    if "meter" in missing and "value" in missing:
        keys = list(site.meters)[:6]
        return Phrase(
            f"{said.en}, and none as a meter of the site file ({', '.join(keys)})",
            f"{said.zh}；也没有以站点文件中表名（{'、'.join(keys)}）为表头的列",
        )
    return said


def _no_registers(rows: Sequence[Row]) -> Iterator[Wrong]:
    """Meters of which a file has no register's figures."""
    for name, its in by_meter(rows).items():
        in_order = sorted({row.at: row for row in its}.values(), key=lambda row: row.at)
        said = no_register.judged(name, [row.value for row in in_order], [row.line for row in in_order])
        if said is not None:
            yield Wrong(*said)


def _contradicts(row: Row, first: int, value: float) -> Phrase:
    return Phrase(
        f"`{row.meter}` says {row.value:g} here and {value:g} in line {first}, of the same instant: keep the one that is true",
        f"`{row.meter}` 同一时刻此处为 {row.value:g}，第 {first} 行为 {value:g}：请保留正确的一行",
    )


def _row(
    line: Line, table: sheets.Table, site: Site, meter: str | None, now: float, last: dict[str, float]
) -> Row | Phrase:
    form = "time,value" if meter is not None else "time,meter,value"
    if table.columns:
        said = {name: table.cell(line, name) for name in form.split(",")}
    else:
        while len(line.cells) > form.count(",") + 1 and not line.cells[-1]:
            line = line._replace(cells=line.cells[:-1])
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
    beside = {name: cell for name in ("unit", "ratio") if (cell := table.cell(line, name)) is not None}
    return reading_of(cells | beside, site, meter, now, last, of=table)


def reading_of(
    cells: Mapping[str, str], site: Site, meter: str | None, now: float, last: Mapping[str, float] = MappingProxyType({}),
    *, of: sheets.Table = sheets.NO_TABLE,
) -> Row | Phrase:  # fmt: skip
    """The reading that cells named time, meter and value say, with unit and ratio where they are there, or what is wrong with them.
    `of`: the table that they stand in."""
    name = meter if meter is not None else named(cells["meter"], site)
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
    at = moment(cells["time"], of.zone or site.tz, now, last.get(name))
    if isinstance(at, Phrase):
        return at
    born, ended = life(site.meters[name], site.tz)
    if not born <= at <= ended:
        return _outlived(site.meters[name], cells["time"])
    figure, behind = written(cells["value"], comma=of.comma)
    value = number(figure, comma=of.comma)
    if value is None or (behind and unit_of(behind, water=site.meters[name].subitem == "water") is None):
        return _no_reading(cells["value"], of)
    times = file_units.multiplier(cells.get("ratio", ""))
    if isinstance(times, Phrase):
        return times
    worth = file_units.in_register(value, site.meters[name], of.units, behind or cells.get("unit"), times)
    return worth if isinstance(worth, Phrase) else Row(name, at, worth, times)


def _outlived(meter: MeterSpec, when: str) -> Phrase:
    en = " ".join(
        f"{key}: {day}" for key, day in (("since", meter.since), ("until", meter.until)) if day is not None
    )
    return Phrase(
        f"{when} lies outside the time in which `{meter.id}` counted by the site file ({en}): is the reading another meter's?",
        f"{when} 不在站点文件写明的 `{meter.id}` 使用期内（`{en}`）：是否为另一块表的读数？",
    )


def _no_reading(text: str, of: sheets.Table) -> Phrase:
    """Why a cell is none."""
    plain = text.translate(moments.NARROW).replace("−", "-").strip()
    if plain.startswith("-") and number(written(plain[1:], comma=of.comma)[0], comma=of.comma) is not None:
        return Phrase(
            f"`{text}` is no reading: no register counts below nothing; what is fed in is a meter of its own",
            f"`{text}` 不是读数：表底不会为负；上网（反向）电量应作为单独的表",
        )
    return Phrase(f"`{text}` is no reading", f"`{text}` 不是读数")


def moment(text: str, tz: tzinfo, now: float, after: float | None = None) -> float | Phrase:
    """The instant that a cell says, or what is wrong with it."""
    try:
        at = moments.instant(text, tz, after)
    except ValueError:
        return moments.no_time(text)
    if at > now:
        return Phrase(f"{text} is in the future", f"{text} 晚于当前时间")
    return at


def in_another_unit(connection: sa.Connection, site: Site, rows: Iterable[Row]) -> Phrase | None:
    """Why readings do not go in whose meter has another `unit` or `factor` in the site file than was in force at their time: what is
    booked anew with them would be so in the new one. Nor do those that were multiplied by something else than the ones before."""
    had = readings.all_books(connection)
    for row in rows:
        meter, body = site.meters[row.meter], had.get(row.meter, {})
        if (
            meter.point is None and body and body.get("total") is None
        ):  # one on the wire counts, and has a total
            ratio, times = float(body.get(_RATIO, 1.0)), ratio_of(meter, row.times)
            if times != ratio:
                return _another_ratio(meter.id, Phrase("until now", "此前"), ratio, times)
        before = scale_then(meter, body, row.at)
        if before == meter.scale:
            continue
        was, is_ = (unit_worth(scale, energy=meter.energy) for scale in (before, meter.scale))
        if meter.point is None:
            return _renamed_unit(meter, was, is_)
        day = local_date(row.at, site.tz)
        return Phrase(
            f"`{meter.id}`: one of its register was worth {was} on {day}, and by the site file it is {is_}: import readings of that time with a site "
            "file that has the `factor` and `unit` of then",
            f"`{meter.id}`：{day} 时其表底每单位为 {was}，而站点文件现为 {is_}：请用写有当时 `factor` 和 `unit` 的站点文件导入该时段的读数",
        )
    return None


def scale_then(meter: MeterSpec, body: Mapping[str, Any], at: float) -> float:
    """J or m³ of one of a meter's register at a time, as its book (`body`) says: the site file may say something else by now."""
    if meter.point is None:
        before = body.get("scale")
    else:
        before = ([scale for since, scale in body.get("worths", ()) if since <= at] or [None])[-1]
    return meter.scale if before is None else float(before)


def ratio_kept(connection: sa.Connection, meter: MeterSpec) -> float:
    """By what the readings of a meter that is read by hand were multiplied until now."""
    return float(readings.all_books(connection).get(meter.id, {}).get(_RATIO, 1.0))


def _renamed_unit(meter: MeterSpec, was: str, is_: str) -> Phrase:
    return Phrase(
        f"`{meter.id}`: its readings until now are in {was}, and the site file says {is_}: leave it at {was} and name the unit in the file's "
        f"heading, value({is_}); or, where they have been {is_} all the time, give the meter another key and import all of them",
        f"`{meter.id}`：此前的读数以 {was} 计，而站点文件现为 {is_}：请在站点文件中保留 {was}，并在导入文件的表头写明单位，如 读数({is_})；"
        f"若此前的读数本来就是 {is_}，请给该表换一个标识并重新导入全部读数",
    )


def _another_ratio(meter: str, when: Phrase, was: float, is_: float) -> Phrase:
    """A register that goes on under another multiplier would have counted all that it ever did once more."""
    told = Phrase(
        f"`{meter}`: its readings are multiplied by {was:g} {when.en}, and by {is_:g} here",
        f"`{meter}`：读数的倍率{when.zh}为 {was:g}，此处为 {is_:g}",
    )
    if was == 1:
        return Phrase(
            f"{told.en}. If it has been {is_:g} all the time, give the meter another key and import all of its readings anew with it; if the "
            "transformers were exchanged, give it another key from then on; if these figures are multiplied already, leave the column out",
            f"{told.zh}。若倍率一直是 {is_:g}，请给该表换一个标识并按此倍率重新导入全部读数；若更换过互感器，请自更换之日起改用新的标识；若这些读数已乘过倍率，请去掉倍率列",
        )
    return Phrase(
        f"{told.en}. If it is {was:g} still, write {was:g} in a column ratio of the file, in every row (figures that are multiplied already divided by it); if the "
        "transformers were exchanged, give the meter another key from then on; if it was wrong until now, give it another key and import all of "
        "its readings anew",
        f"{told.zh}。若倍率仍为 {was:g}，请在文件的“倍率”列每行写 {was:g}（已乘过倍率的读数先除以它）；若更换过互感器，请自更换之日起给该表改用新的标识；"
        "若此前的倍率有误，请换一个标识并重新导入全部读数",
    )


def keep(connection: sa.Connection, site: Site, rows: Iterable[Row]) -> dict[str, float]:
    """As `kept`, and the amounts alone."""
    return {name: each.amount for name, each in kept(connection, site, rows).items()}


def kept(
    connection: sa.Connection, site: Site, rows: Iterable[Row], digest: str | None = None
) -> dict[str, Kept]:
    """Keep readings and book them, all in the transaction that is open; what came of it by meter. `digest`: of the file that they are of,
    which can be taken back by it.

    A meter that is on the wire is booked anew between the readings around them, one that is not from its first on.
    """
    return {name: _keep(connection, site.meters[name], its, digest) for name, its in by_meter(rows).items()}


def by_meter(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows of each meter, in the order of the file."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.meter, []).append(row)
    return found


def _keep(connection: sa.Connection, meter: MeterSpec, rows: list[Row], digest: str | None) -> Kept:
    said = {millis(row.at): row.value for row in rows}
    brought.remember(connection, digest, meter.id, meter.series, said)
    readings.keep(connection, Batch(tuple(Sample(meter.series, row.at, row.value) for row in rows)))
    imports.note(connection, meter.series, {grid(row.at) for row in rows})
    first, last = grid(min(row.at for row in rows)), grid(max(row.at for row in rows))
    return rebook(connection, meter, first, last, ratio_of(meter, rows[-1].times))


def rebook(connection: sa.Connection, meter: MeterSpec, first: float, last: float, ratio: float) -> Kept:
    """Book a meter anew where its readings from `first` to `last` changed. `ratio`: by what its files' figures are multiplied."""
    before, after = readings.edges(connection, meter.series, first, last)
    start, end = (before if before is not None else first), (after if after is not None else last)
    if meter.point is None:
        start, end, since = -math.inf, math.inf, -math.inf
    else:
        start, end = readings.span(connection, meter.id, start, end)
        since = start - HABITS
    known = _known(connection, meter, since, end)
    if len(known) < FEW:  # a meter with a bill a month
        known = _known(connection, meter, start - BILLS, end)
    step = booked(register_of(meter), known)
    inside = [b for b in step.booked if b.end > start and b.start < end]
    readings.unbook(connection, meter.id, min(start, *(b.start for b in inside)) if inside else start, end)
    found = tuple(f for f in step.found if f.end > start and f.start < end)
    booked_rows = tuple(_in_base(b, meter.scale) for b in inside)
    body = (
        None
        if meter.point is not None
        else {**saved(step.book), "total": None, "kept": step.book.last, "scale": meter.scale, _RATIO: ratio}
    )
    readings.keep(
        connection,
        Batch(
            postings=(
                Posting(meter.id, (), booked_rows, tuple((f.cause, f.start, f.end) for f in found), body),
            )
        ),
    )
    told = tuple(f for f in found if f.end >= first and f.start <= last)
    doubt = doubt_of(step.book)
    if doubt is not None and doubt.start > last:
        doubt = None
    return Kept(math.fsum(amount for _, _, amount, _, _ in booked_rows), told, doubt)


def _known(connection: sa.Connection, meter: MeterSpec, since: float, end: float) -> list[Reading]:
    rows = readings.between(connection, meter.series, since, end + 1e-6)
    return [Reading(at, value) for at, value in rows if value is not None]


def _in_base(b: Booked, scale: float) -> tuple[float, float, float, bool, str]:
    return b.start, b.end, b.amount * scale, b.estimated, b.cause or ""
