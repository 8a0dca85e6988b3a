"""Tables of readings as spreadsheets, gateways and other programs write them: their encoding, columns, times, figures.

Pure: octets go in, cells come out, each with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from schedules.time import from_iso

NAMES: Final = {
    "time": ("time", "at", "date", "datetime", "timestamp", "ts", "read at", "时间", "日期", "日期时间", "抄表时间", "抄表日期",
             "采集时间", "读取时间", "时刻"),
    "meter": ("meter", "meter_id", "id", "表", "表号", "表计", "计量表", "仪表", "电表", "水表", "设备", "车辆", "车牌"),
    "value": ("value", "reading", "register", "index", "读数", "示数", "表码", "表底", "表底数", "累计", "累计值", "累计读数",
              "数值", "值", "止码"),
    "litres": ("litres", "liters", "l", "fuel", "升", "加油量", "油量", "加油量(l)", "加油升数"),
    "km": ("km", "odometer", "mileage", "里程", "里程表", "里程数", "公里", "公里数", "行驶里程"),
    "true": ("true", "truth", "consumed", "真值", "真实用量"),
}  # fmt: skip
"""What the columns of a table are called, in small letters and without their unit."""
_DELIMITERS: Final = (";", "\t", "|", "，", "；")
_UNIT = re.compile(r"[\(（\[].*?[\)）\]]")
_CHINESE = re.compile(
    r"^(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:(\d{1,2})[时点:](?:(\d{1,2})分?)?(?::?(\d{1,2})秒?)?)?$"
)
_LOOSE = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$")
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_GROUPS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
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

    def cell(self, line: Line, name: str) -> str | None:
        """A cell by the name of its column; None where the table or the line has none."""
        where = self.columns.get(name)
        return line.cells[where] if where is not None and where < len(line.cells) else None


def decoded(data: bytes) -> str | None:
    """Text in UTF-8 or UTF-16 with or without a mark, or GBK; None where it is none of them."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
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
    """The cells of lines. The delimiter is what the first of them is divided by."""
    found: list[Line] = []
    broken: list[tuple[int, Phrase]] = []
    columns: dict[str, int] = {}
    delimiter = ""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        first = not delimiter
        delimiter = delimiter or next((d for d in _DELIMITERS if d in line), ",")
        try:
            cells = tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error as error:
            broken.append((number, Phrase(f"no CSV: {error}", f"不是 CSV：{error}")))
            continue
        if first and (columns := _heading(cells)):
            continue
        if any(cells):
            found.append(Line(number, cells))
    figures = (c for line in found for c in line.cells)
    return Table(tuple(found), columns, tuple(broken), delimiter != "," and _fractions(figures))


def _heading(cells: Sequence[str]) -> dict[str, int]:
    """Which cell is what, if the first of them is a name and no time."""
    found: dict[str, int] = {}
    for n, cell in enumerate(cells):
        plain = _UNIT.sub("", cell).strip().lower()
        name = next((key for key, names in NAMES.items() if plain in names), None)
        if name is not None:
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
        text.translate(_NARROW).replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    )
    if plain.count(",") == 1 and plain.rfind(",") > plain.rfind(".") and (comma or not _GROUPS.match(plain)):
        plain = plain.replace(".", "").replace(",", ".")
    elif _GROUPS.match(plain):
        plain = plain.replace(",", "")
    try:
        value = (
            float(plain)
            if not plain.lower().lstrip("+-").startswith(("n", "i")) and "_" not in plain
            else None
        )
    except ValueError:
        return None
    return value if value is not None and 0 <= value < _LARGEST else None


_NARROW: Final = str.maketrans("０１２３４５６７８９．，－：／", "0123456789.,-:/")


def instant(text: str, tz: ZoneInfo, after: float | None = None) -> float:
    """A time as people and programs write it, POSIX seconds: ISO 8601, 2026/3/1 8:00, 2026年3月1日 8时, or POSIX seconds or
    milliseconds. Without an offset it is the building's clock. Raises ValueError.

    `after`: the time before it. In the hour that a clock shows twice, it is the second time where the first was had.
    """
    text = text.strip().translate(_NARROW)
    if text.replace(".", "", 1).isdigit() and len(text) >= 9:
        seconds = float(text)
        return seconds / 1000 if seconds >= 1e11 else seconds
    parts = _CHINESE.match(text) or _LOOSE.match(text)
    if parts is None:
        return from_iso(_OFFSET.sub(r"\1:\2", text.replace("/", "-")), tz)
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in parts.groups())
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=tz)
    except ValueError:
        raise ValueError(f"{text} is no time") from None
    found = from_iso(local.isoformat())
    if after is not None and found <= after:
        again = local.replace(fold=1).astimezone(UTC).timestamp()
        return again if again > after else found
    return found
