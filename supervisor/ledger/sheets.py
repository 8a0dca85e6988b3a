"""Tables of readings as spreadsheets, gateways and other programs write them: their encoding, columns, times, figures.

Pure: octets go in, cells come out, each with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from config.phrase import Phrase
from schedules.moments import NARROW, begins_a_day

NAMES: Final = {
    "time": ("time", "at", "date", "datetime", "timestamp", "ts", "read at", "时间", "日期", "日期时间", "抄表时间", "抄表日期",
             "采集时间", "读取时间", "时刻"),
    "meter": ("meter", "meter_id", "id", "表号", "表", "表计", "计量表", "仪表", "电表", "水表", "设备", "车辆", "车牌"),
    "value": ("value", "reading", "register", "index", "读数", "示数", "表码", "表底", "表底数", "累计", "累计值", "累计读数",
              "数值", "值", "止码"),
    "litres": ("litres", "liters", "l", "fuel", "升", "加油量", "油量", "加油量(l)", "加油升数"),
    "km": ("km", "odometer", "mileage", "里程", "里程表", "里程数", "公里", "公里数", "行驶里程"),
    "unit": ("unit", "units", "单位", "计量单位"),
    "ratio": ("ratio", "multiplier", "ct ratio", "ct", "倍率", "综合倍率", "倍数", "变比", "ct变比", "互感器倍率"),
    "true": ("true", "truth", "consumed", "真值", "真实用量"),
}  # fmt: skip
"""What the columns of a table are called, in small letters and without their unit."""
_DELIMITERS: Final = (";", "\t", "|", "，", "；")
_UNIT = re.compile(r"[\(（\[](.*?)[\)）\]]")
_DAYS: Final = frozenset({"date", "日期", "抄表日期"})
"""Columns of time that may have the day alone, where another one has the time of day."""
_SUMS: Final = frozenset({"合计", "小计", "总计", "本页合计", "total", "subtotal", "sum"})
_TITLES: Final = 20
"""Lines in which a heading is looked for: above it stand a title, a unit, who read the meters."""
_GROUPS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_DOTTED: Final = re.compile(r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$")
"""Thousands where a comma begins the fractions."""
_TITLED: Final = re.compile(r"(?:单位|units?)\s*[:：]\s*([^\s,;，；、)）]+)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:UTC|GMT|Z)?(?:([+-])(\d{1,2}):?(\d{2})?)?")
_FARTHEST: Final = timedelta(hours=14)
"""From UTC to the farthest clock there is, that of the Line Islands."""
_LARGEST: Final = 1e15


class Line(NamedTuple):
    """The cells of a line, by their names where a heading gives them; and its number."""

    number: int
    cells: tuple[str, ...]


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

    def cell(self, line: Line, name: str) -> str | None:
        """A cell by the name of its column; None where the table or the line has none. A day and a time of day are one."""
        where = self.columns.get(name)
        if where is None or where >= len(line.cells):
            return None
        clock = self.columns.get("clock") if name == "time" else None
        if clock is None or clock >= len(line.cells) or not line.cells[clock]:
            return line.cells[where]
        return (
            line.cells[clock]
            if begins_a_day(line.cells[clock])
            else f"{line.cells[where]} {line.cells[clock]}"
        )


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


def table(lines: Iterable[str]) -> Table:
    """The cells of lines, beneath their heading where one of the first has one. The delimiter is what that is divided by, else
    the first line. Sums, headings that are repeated and remarks beneath are no readings."""
    numbered = [
        (n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    skipped, delimiter, heading = _headed(numbered)
    columns = _heading(heading)
    found: list[Line] = []
    broken: list[tuple[int, Phrase]] = []
    for number, line in numbered[skipped:]:
        try:
            cells = _cells(line, delimiter)
        except csv.Error as error:
            broken.append((number, Phrase(f"no CSV: {error}", f"不是 CSV：{error}")))
            continue
        if any(cells) and not (columns and cells == heading) and not _aside(cells, columns):
            found.append(Line(number, cells))
    figures = [c for line in found for c in line.cells]
    comma = delimiter != "," and _fractions(figures)
    above = numbered[skipped - 1][0] if skipped else 0
    doubt = _twice(heading, columns, above) or (_thousands(found) if comma else None)
    titled = (said for _, line in numbered[: max(0, skipped - 1)] for said in _TITLED.findall(line))
    units = (*_in_brackets(heading, columns, "value"), *titled)
    clocks = (*_in_brackets(heading, columns, "clock"), *_in_brackets(heading, columns, "time"))
    zone = next((zone for said in clocks if (zone := _zone(said)) is not None), None)
    return Table(
        tuple(found), columns, tuple(broken), comma, units, len(heading) if columns else 0, zone, doubt
    )


def _in_brackets(heading: Sequence[str], columns: dict[str, int], name: str) -> list[str]:
    """What stands in each pair of brackets of a heading's cell."""
    return [said.strip() for said in _UNIT.findall(heading[columns[name]])] if name in columns else []


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
    both = [cell for cell in heading if _plain(cell) in NAMES["value"]]
    if "value" not in columns or len(both) < 2:
        return None
    return line, Phrase(
        f"{' and '.join(both[:2])} may both be the reading: keep the column of the register's figures",
        f"{'、'.join(both[:2])} 都可能是读数：请只保留表底读数一列",
    )


def _thousands(lines: Sequence[Line]) -> tuple[int, Phrase] | None:
    """A comma that may part thousands or fractions: every figure that has one has three digits behind it and no more than three before."""
    commas = [
        (line.number, c)
        for line in lines
        for c in line.cells
        if "," in c and re.fullmatch(r"[+-]?[\d.,' ]+", c)
    ]
    if any(not _GROUPS.match(c) or c.lstrip("+-").startswith("0") for _, c in commas):
        return None
    number_, first = commas[0]
    return number_, Phrase(
        f"`{first}` may be {first.replace(',', '')} or {first.replace(',', '.')}: save the figures without separators of thousands",
        f"`{first}` 可能是 {first.replace(',', '')}，也可能是 {first.replace(',', '.')}：请去掉千位分隔符后重新保存",
    )


def _plain(cell: str) -> str:
    return _UNIT.sub("", cell).strip().lower()


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    """Raises csv.Error."""
    return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))


def _headed(lines: Sequence[tuple[int, str]]) -> tuple[int, str, tuple[str, ...]]:
    """How many lines are heading and title, what the table is divided by, and its heading: empty where there is none.

    Nothing is a title beneath which a reading stands.
    """
    best: tuple[int, int, str, tuple[str, ...]] = (0, 0, "", ())
    for n, (_, line) in enumerate(lines[:_TITLES]):
        delimiter = _divided(line)
        try:
            cells = _cells(line, delimiter)
        except csv.Error:
            continue
        if sum(map(bool, cells)) > 1 and begins_a_day(cells[0]):
            break
        if len(named := _heading(cells)) > best[0]:
            best = (len(named), n + 1, delimiter, cells)
    _, skipped, delimiter, heading = best
    return skipped, delimiter or _divided(lines[0][1] if lines else ""), heading


def _divided(line: str) -> str:
    return next((d for d in _DELIMITERS if d in line), ",")


def _aside(cells: Sequence[str], columns: dict[str, int]) -> bool:
    """Whether a line is a sum or a remark: it has no time. What has one and no more is a reading that lacks something."""
    where = columns.get("time", 0)
    if where < len(cells) and begins_a_day(cells[where]):
        return False
    filled = [cell for cell in cells if cell]
    if any(cell.strip(":： ").lower() in _SUMS for cell in filled):
        return True
    return bool(columns) and len(filled) == 1 and cells[0] != ""


def _heading(cells: Sequence[str]) -> dict[str, int]:
    """Which cell is what, if one of them is a name of time."""
    found: dict[str, int] = {}
    plain = [_plain(cell) for cell in cells]
    for n, cell in enumerate(plain):
        name = next((key for key, names in NAMES.items() if cell in names), None)
        if name == "time" and name in found and (cell in _DAYS) is not (plain[found[name]] in _DAYS):
            day, clock = (n, found[name]) if cell in _DAYS else (found[name], n)
            found |= {"time": day, "clock": clock}
        elif name is not None:
            found.setdefault(name, n)
    return found if "time" in found else {}


def _fractions(cells: Iterable[str]) -> bool:
    """Whether a comma begins the fractions: some figure has one and none that shows otherwise."""
    commas = [c for c in cells if "," in c and re.fullmatch(r"[+-]?[\d.,' ]+", c)]
    return bool(commas) and not any(c.rfind(".") > c.rfind(",") for c in commas)


def number(text: str, *, comma: bool = False) -> float | None:
    """A figure as people write it: 10 234.5, 10,234.5, 10.234,5 (`comma`), full-width digits. None where it is none, is
    negative, or beyond all registers."""
    plain = (
        text.translate(NARROW).replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    )
    if plain.count(",") == 1 and plain.rfind(",") > plain.rfind(".") and (comma or not _GROUPS.match(plain)):
        plain = plain.replace(".", "").replace(",", ".")
    elif _GROUPS.match(plain):
        plain = plain.replace(",", "")
    elif comma and _DOTTED.match(plain):
        plain = plain.replace(".", "")
    try:
        value = (
            float(plain)
            if not plain.lower().lstrip("+-").startswith(("n", "i")) and "_" not in plain
            else None
        )
    except ValueError:
        return None
    return value if value is not None and 0 <= value < _LARGEST else None
