"""Tables of readings as spreadsheets, gateways and other programs write them: their encoding, columns, times, figures.

Pure: octets go in, cells come out, each with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta, timezone, tzinfo
from itertools import zip_longest
from typing import Final

from config.phrase import Phrase
from schedules.moments import NARROW, begins_a_day, days_first, instant, year_first
from supervisor.ledger import columns as named
from supervisor.ledger.day_and_clock import joined
from supervisor.ledger.figures import Marks, Run, marks
from supervisor.ledger.file_units import unit_of
from supervisor.ledger.lines import Line

_DELIMITERS: Final = (";", "\t", "|", "，", "；")
_OPEN: Final = re.compile(r'(?:^|[,;\t|])\s*"[^"]*$')
"""A cell in quotes that does not end on its line."""
_LONGEST: Final = 5
"""Lines of one cell."""
_REMARK: Final = re.compile(r"\s*#(?![\d,;\t|])")
"""A line that is none of the table's: `# note`, and not a meter called #1, nor a heading that calls its numbers so."""
_TITLES: Final = 20
"""Lines in which a heading is looked for: above it stand a title, a unit, who read the meters."""
_TITLED: Final = re.compile(r"(?:单位|units?)\s*[:：]\s*([^\s,;，；、)）]+)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:UTC|GMT|Z)?(?:([+-])(\d{1,2}):?(\d{2})?)?")
_FARTHEST: Final = timedelta(hours=14)
"""From UTC to the farthest clock there is, that of the Line Islands."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its heading, remarks and empty lines. `columns`: which cell is what; empty where no heading says so."""

    lines: tuple[Line, ...]
    columns: dict[str, int]
    broken: tuple[tuple[int, Phrase], ...] = ()
    """Lines that are no CSV."""
    comma: bool = False
    """A comma is where the fractions begin."""
    units: tuple[str, ...] = ()
    """What may say what the readings count in, as it is written there, the nearest first: each bracket of the heading, then the title.
    Which of them are units, and which say `(本月)` or name an organisation, `file_units` knows."""
    width: int = 0
    """How many cells the heading has."""
    zone: tzinfo | None = None
    """By which clock its heading says that times are; None: it says nothing."""
    doubt: tuple[int, Phrase] | None = None
    """What of it can be read in two ways, and in which line."""
    heading: tuple[str, ...] = ()
    at: int = 0
    """The line of the heading."""
    delimiter: str = ","
    decimal: str | None = None
    """The sign that begins the fractions, where whoever imports it says so."""
    notes: tuple[Phrase, ...] = ()
    """What was taken of what could be read in two ways, and what was left out."""
    open: tuple[int, Phrase] | None = None
    """A doubt that no figure answers: two columns that may both be the reading, or its time."""

    def cell(self, line: Line, name: str) -> str | None:
        """A cell by the name of its column; None where the table or the line has none."""
        where = self.columns.get(name)
        return line.cells[where] if where is not None and where < len(line.cells) else None


NO_TABLE: Final = Table((), {})


def decoded(data: bytes) -> str | None:
    """Text in UTF-8, UTF-16 or UTF-32 with or without a mark, or GBK; None where it is none of them."""
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    if data[:4] == b"\xff\xfe\0\0":
        encodings = ("utf-32",)
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    elif (head := data[:256]).count(0) > len(
        head
    ) // 8:  # digits and commas have one each, and no other text has any
        encodings = ("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be",)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def lines_of(text: str) -> list[str]:
    """Its lines as an editor numbers them: Unicode's other line ends (`str.splitlines` has ten) are signs in a cell."""
    lines = re.split(r"\r\n?|\n", text)
    return lines[:-1] if lines[-1] == "" else lines


def table(
    lines: Iterable[str], decimal: str | None = None, is_meter: Callable[[str], bool] = lambda _: False
) -> Table:
    """The cells of lines, beneath their heading where one of the first has one. The delimiter is what that is divided by, else
    the first line. Sums, headings that are repeated and remarks beneath are no readings. `decimal`: the sign that begins the fractions.
    `is_meter`: whether a name is a meter's, so that a main meter called `total`, or 合计, is no sum."""
    numbered = _joined([
        (n, line) for n, line in enumerate(lines, 1) if line.strip() and not _is_remark(line)
    ])  # fmt: skip
    skipped, delimiter, heading = _headed(numbered)
    columns = named.is_heading(heading)
    found: list[Line] = []
    broken: list[tuple[int, Phrase]] = []
    beneath: tuple[str, ...] = ()
    for number, line in numbered[skipped:]:
        try:
            cells = _cells(line, delimiter)
        except csv.Error as error:
            broken.append((number, Phrase(f"no CSV: {error}", f"不是 CSV：{error}")))
            continue
        if columns and not found and _are_units(cells):
            beneath = cells
        elif any(cells) and not (columns and cells == heading) and not _aside(cells, columns, is_meter):
            found.append(Line(number, cells))
    above = numbered[skipped - 1][0] if skipped else 0
    if beneath:
        heading = tuple(f"{cell}({unit})" if unit else cell for cell, unit in _beside(heading, beneath))
    titled = (said for _, line in numbered[: max(0, skipped - 1)] for said in _TITLED.findall(line))
    units = (*_in_brackets(heading, columns, "value"), *titled)
    clocks = (*_in_brackets(heading, columns, "clock"), *_in_brackets(heading, columns, "time"))
    zone = next((zone for said in clocks if (zone := _zone(said)) is not None), None)
    found, notes, two_times = joined(_dated(_unmerged(found, columns), columns), columns, heading)
    made = Table(
        tuple(found), columns, tuple(broken), False, units, len(heading) if columns else 0, zone, None,
        heading if columns else (), above, delimiter, decimal, notes, two_times or _twice(heading, columns, above),
    )  # fmt: skip
    return marked(made, made.lines, _figures(made))


def _is_remark(line: str) -> bool:
    """Whether a line is none of the table's: a note, or a reading that was taken out, `#2026-03-01,main,1000`."""
    plain = line.lstrip()
    return _REMARK.match(line) is not None or (plain[:1] == "#" and begins_a_day(plain[1:]))


def marked(of: Table, lines: Sequence[Line], runs: Iterable[Run]) -> Table:
    """A table with other lines, whose figures are `runs`: how they are written is judged by them."""
    how: Marks = marks(runs, of.delimiter, of.decimal, _newest_first(of, lines))
    notes = (*of.notes, how.note) if how.note is not None and how.note not in of.notes else of.notes
    return replace(of, lines=tuple(lines), comma=how.comma, doubt=of.open or how.doubt, notes=notes)


def _newest_first(of: Table, lines: Sequence[Line]) -> bool | None:
    """Whether the last line is older than the first; None where they do not tell."""
    where = of.columns.get("time", 0)
    try:
        first, last = (instant(line.cells[where], UTC) for line in (lines[0], lines[-1]))
    except (IndexError, ValueError):
        return None
    return None if first == last else first > last


def _figures(of: Table) -> list[Run]:
    """The figures of a table by meter and column."""
    runs: dict[tuple[int, str], list[tuple[int, str]]] = {}
    wanted = [of.columns[name] for name in ("value", "litres", "km") if name in of.columns]
    where = of.columns.get("meter", 1)
    for line in of.lines:
        whose = line.cells[where] if where < len(line.cells) else ""
        for n in wanted or (() if of.columns else range(1, len(line.cells))):
            if n < len(line.cells):
                runs.setdefault((n, whose if n != where else ""), []).append((line.number, line.cells[n]))
    return list(runs.values())


def _joined(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Lines, with those put together that a cell in quotes reaches over: a heading of two lines in one cell."""
    found: list[tuple[int, str]] = []
    n = 0
    while n < len(lines):
        number, line = lines[n]
        taken = 1
        if line.count('"') % 2 and _OPEN.search(line) is not None:
            for more in range(1, _LONGEST):
                whole = " ".join(each for _, each in lines[n : n + more + 1])
                if n + more < len(lines) and whole.count('"') % 2 == 0:
                    line, taken = whole, more + 1
                    break
        found.append((number, line))
        n += taken
    return found


def _beside(heading: Sequence[str], units: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip_longest(heading, units[: len(heading)], fillvalue="")


def _are_units(cells: Sequence[str]) -> bool:
    """Whether a line beneath the heading says what each column counts in."""
    filled = [cell.strip("()（）[]") for cell in cells if cell]
    return bool(filled) and all(unit_of(cell, water=True) is not None for cell in filled)


def _unmerged(lines: Sequence[Line], columns: dict[str, int]) -> list[Line]:
    """Lines in which a meter, or a day, that stands once for many rows (cells that were merged) stands in each."""
    found = list(lines)
    for name in ("meter", "time"):
        where = columns.get(name)
        if where is None or ("clock" in columns and name == "time"):
            continue
        if any(where >= len(line.cells) for line in found):
            continue
        said = [line.cells[where] for line in found if where < len(line.cells) and line.cells[where]]
        if (
            len(said) == len(found)
            or len(set(said)) < len(said)
            or len(found) < 2 * len(said)
            or not found[0].cells[where]
        ):
            continue
        above = ""
        for n, line in enumerate(found):
            above = line.cells[where] or above
            found[n] = line._replace(cells=(*line.cells[:where], above, *line.cells[where + 1 :]))
    return found


def _dated(lines: Sequence[Line], columns: dict[str, int]) -> list[Line]:
    """Lines whose days are written as 1/3/2026, where another one shows that the day, or the month, comes first."""
    places = [n for name, n in columns.items() if name in ("time", "since", "clock")] or [0]
    days = days_first(line.cells[n] for line in lines for n in places if n < len(line.cells))
    if days is None:
        return list(lines)
    return [
        line._replace(
            cells=tuple(year_first(cell, days) if n in places else cell for n, cell in enumerate(line.cells))
        )
        for line in lines
    ]


def _in_brackets(heading: Sequence[str], columns: dict[str, int], name: str) -> list[str]:
    """What stands in each pair of brackets of a heading's cell."""
    return named.brackets(heading[columns[name]]) if name in columns else []


def _zone(text: str) -> tzinfo | None:
    """The clock that a heading of times names: UTC, UTC+8, GMT+08:00, 北京时间. None is as far from UTC as +24."""
    plain = text.translate(NARROW).replace(" ", "").upper()
    if plain in ("北京时间", "CST", "BEIJINGTIME"):
        return timezone(timedelta(hours=8))
    found = _CLOCK.fullmatch(plain)
    if not plain or found is None:
        return None
    ahead = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    if ahead > _FARTHEST:
        return None
    return timezone(-ahead if found[1] == "-" else ahead)


def _twice(heading: Sequence[str], columns: dict[str, int], line: int) -> tuple[int, Phrase] | None:
    """Two columns that may both be the reading: which of them is nobody can tell but who wrote the file."""
    both = [cell for cell in heading if named.name_of(cell) == "value"]
    if "value" not in columns or len(both) < 2:
        return None
    return line, Phrase(
        f"{' and '.join(both[:2])} may both be the reading: keep the column of the register's figures",
        f"{'、'.join(both[:2])} 都可能是读数：请只保留表底读数一列",
    )


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    """Raises csv.Error."""
    return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))


def _headed(lines: Sequence[tuple[int, str]]) -> tuple[int, str, tuple[str, ...]]:
    """How many lines are heading and title, what the table is divided by, and its heading: empty where there is none.

    Nothing is a title beneath which a reading stands.
    """
    best: tuple[tuple[bool, int], int, str, tuple[str, ...]] = ((False, 0), 0, "", ())
    for n, (_, line) in enumerate(lines[:_TITLES]):
        delimiter = _divided(line)
        try:
            cells = _cells(line, delimiter)
        except csv.Error:
            continue
        if sum(map(bool, cells)) > 1 and begins_a_day(cells[0]):
            break
        columns = named.is_heading(cells)
        if (rank := ("time" in columns, len(columns))) > best[0]:
            best = (rank, n + 1, delimiter, cells)
    _, skipped, delimiter, heading = best
    return skipped, delimiter or _divided(lines[0][1] if lines else ""), heading


def _divided(line: str) -> str:
    return next((d for d in _DELIMITERS if d in line), ",")


def _aside(cells: Sequence[str], columns: dict[str, int], is_meter: Callable[[str], bool]) -> bool:
    """Whether a line is a sum or a remark: it has no time. What has one and no more is a reading that lacks something."""
    meter, where = columns.get("meter"), columns.get("time", columns.get("meter", 0))
    of_a_meter = meter is not None and meter < len(cells) and is_meter(cells[meter])
    if not of_a_meter and meter is not None and meter < len(cells) and _is_sum(cells[meter]):
        return True
    if where < len(cells) and begins_a_day(cells[where]):
        return False
    filled = [cell for n, cell in enumerate(cells) if cell and not (of_a_meter and n == meter)]
    if any(_is_sum(cell) for cell in filled):
        return True
    if of_a_meter:
        return False
    return bool(columns) and len(filled) == 1 and cells[0] != ""


def _is_sum(cell: str) -> bool:
    return cell.strip(":： ").lower() in named.SUMS
