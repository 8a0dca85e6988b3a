"""A points list as a spreadsheet saves it → rows, or every slip in it with its line.

Pure: octets go in. GBK, UTF-8 with or without a mark, UTF-16; divided by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from config.objects import is_input, short
from config.phrase import Phrase
from config.roles import EQUIPMENT_ROLES, ROLES, SENSOR_ROLES, WRITABLE_ROLES, Role, Shape
from config.units import UNITS
from config.values import ObjectRef
from config.visible import out_of_a_cell
from supervisor.field.pointlist.cells import CELLS, NAME, Misread, ident, object_cell, role_cell
from supervisor.field.pointlist.columns import (
    COLUMNS,
    NEEDED,
    column_of,
    type_of,
)
from supervisor.field.pointlist.rows import SETTINGS, Row
from supervisor.ledger.sheets import decoded, lines_of

MAX_BYTES: Final = 20_000_000
MAX_SLIPS: Final = 200
"""More than anybody would mend at a time."""
_DELIMITERS: Final = (",", ";", "\t", "|", "，", "；")
_TITLES: Final = 10
"""Lines above a heading: the name of the project, who made the list."""


_T = TypeVar("_T")


class Slip(NamedTuple):
    """What is wrong with a line of the table; `warning`: it is taken all the same."""

    line: int
    said: Phrase
    warning: bool = False


class Sheet(NamedTuple):
    """The rows of a table, and every slip in it."""

    rows: list[Row]
    slips: list[Slip]


class Names(NamedTuple):
    """Ids of the site by what people call the things; zones, devices."""

    zones: Mapping[str, str] = {}
    devices: Mapping[str, str] = {}


NO_NAMES: Final = Names()


def read(data: bytes, names: Names = NO_NAMES) -> Sheet:
    """The rows of a table."""
    text = decoded(data)
    if text is None or "\0" in text:
        return Sheet([], [Slip(1, _NO_TEXT)])
    lines = lines_of(text)
    number, columns, delimiter, slips = _heading(lines)
    missing = [c for c in NEEDED if c not in columns]
    if missing:
        return Sheet([], [Slip(number, _no_columns(missing))])
    reader = _Reader(columns, names, slips)
    for line, cells in _cells(lines, number, delimiter, slips):
        reader.take(line, cells)
    slips = sorted(slips)
    if len(slips) > MAX_SLIPS:
        more = len(slips) - MAX_SLIPS
        left = Slip(slips[MAX_SLIPS].line, Phrase(f"{more} more are not shown", f"另有 {more} 处未列出"))
        slips = [*slips[:MAX_SLIPS], left]
    return Sheet(reader.rows, slips)


_NO_TEXT = Phrase(
    "this is no text: save the sheet as CSV (in Excel: Save as, CSV), not as a workbook",
    "这不是文本：请在 Excel 中另存为 CSV，而不是工作簿",
)


def _no_columns(missing: Sequence[str]) -> Phrase:
    named = [COLUMNS[c] for c in missing]
    return Phrase(
        f"the heading has no column {', '.join(n.en for n in named)}; columns: {', '.join(COLUMNS)}",
        f"表头缺少列：{'、'.join(n.zh for n in named)}；可用的列：{'、'.join(c.zh for c in COLUMNS.values())}",
    )


def _heading(lines: Sequence[str]) -> tuple[int, dict[str, int], str, list[Slip]]:
    """The line of the heading, which cell is what, what divides cells, and headings that nobody knows."""
    for number, line in enumerate(lines, 1):
        if not line.strip(",;\t ，；") or line.lstrip().startswith("#"):
            continue
        best: tuple[dict[str, int], str, list[Slip]] = ({}, ",", [])
        for delimiter in _DELIMITERS:
            found: dict[str, int] = {}
            slips = []
            for n, cell in enumerate(_split(line, delimiter)):
                key = column_of(cell)
                if key is not None and key not in found:
                    found[key] = n
                elif cell.strip():
                    said = Phrase(f"the column `{cell}` is not read", f"列“{cell}”未使用")
                    slips.append(Slip(number, said, warning=True))
            if len(found) > len(best[0]):
                best = (found, delimiter, slips)
        if len(best[0]) >= len(NEEDED) or number > _TITLES:
            return number, *best
    return 1, {}, ",", []


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _cells(
    lines: Sequence[str], heading: int, delimiter: str, slips: list[Slip]
) -> list[tuple[int, list[str]]]:
    found = []
    for number, line in enumerate(lines[heading:], heading + 1):
        if not line.strip(f"{delimiter} \t") or line.lstrip().startswith("#"):
            continue
        cells = _split(line, delimiter)
        if not cells:
            slips.append(Slip(number, Phrase("this line is no CSV", "该行不是有效的 CSV")))
        elif any(cells):
            found.append((number, cells))
    return found


class _Reader:
    def __init__(self, columns: dict[str, int], names: Names, slips: list[Slip]) -> None:
        self.columns, self.names, self.slips = columns, names, slips
        self.rows: list[Row] = []
        self.lines: dict[tuple[object, ...], int] = {}
        self.made: dict[tuple[str, ...], str] = {}
        """Ids made of the names in the table, by what the name is of, and the name."""
        self.nths: dict[tuple[object, ...], int] = {}

    def take(self, line: int, cells: Sequence[str]) -> None:
        """One line of the table: a row, or its slips."""
        given = {
            c: out_of_a_cell(cells[n].strip()) if n < len(cells) else "" for c, n in self.columns.items()
        }
        bad = len(self.slips)
        zones = self._part(line, given, self._zones)
        role = self._part(line, given, role_cell)
        device = self._part(line, given, self._device)
        place = self._part(line, given, object_cell)
        said = self._said(line, given, role, place)
        if len(self.slips) > bad or zones is None or role is None or device is None or place is None:
            return
        equipment = self._part(line, given, lambda given: self._equipment(given, zones, role))
        if equipment is None:
            return
        row = Row(zones, equipment, role, device, place, said, line, self._nth(zones, equipment, role))
        if row.key in self.lines:
            first = self.lines[row.key]
            text = Phrase(f"the same point as in line {first}", f"与第 {first} 行是同一个点")
            self.slips.append(Slip(line, text))
            return
        self.lines[row.key] = line
        self.rows.append(row)

    def _part(self, line: int, given: dict[str, str], part: Callable[[dict[str, str]], _T]) -> _T | None:
        try:
            return part(given)
        except Misread as misread:
            self.slips.append(Slip(line, misread.said))
            return None

    def _nth(self, zones: tuple[str, ...], equipment: str, role: Role) -> int:
        """Sensors of a room may be several; what equipment has is one each."""
        if equipment or not zones:
            return 0
        n = self.nths.get((zones, role), 0)
        self.nths[(zones, role)] = n + 1
        return n

    def _zones(self, given: dict[str, str]) -> tuple[str, ...]:
        parts = [p.strip() for p in re.split(r"[;；、,，]", given.get("zone", "")) if p.strip()]
        return tuple(dict.fromkeys(self._zone(part, given, len(parts)) for part in parts))

    def _zone(self, text: str, given: dict[str, str], many: int) -> str:
        if NAME.fullmatch(text):
            return text
        known = self.names.zones.get(text)
        if known is not None:
            return known
        if many == 1 and not given.get("name"):
            given["name"] = text  # what people call it; its id is made of it
        return self._ident(("zone", text), "zone")

    def _device(self, given: dict[str, str]) -> str:
        text = given["device"]
        if not text:
            raise Misread("no device", "缺少控制器")
        return (
            text
            if NAME.fullmatch(text)
            else self.names.devices.get(text) or self._ident(("device", text), "ddc")
        )

    def _equipment(self, given: dict[str, str], zones: tuple[str, ...], role: Role) -> str:
        text = given.get("equipment", "")
        if not text and role in EQUIPMENT_ROLES:
            text = given.get("template", "") or given.get("type", "")
            if not text:
                raise Misread(f"{role} of which equipment?", f"{ROLES[role].meaning_zh}属于哪台设备？")
        if not text:
            if zones and role not in SENSOR_ROLES:
                raise Misread(f"no zone has a {role}", f"区域没有“{ROLES[role].meaning_zh}”")
            return ""
        if NAME.fullmatch(text) or "/" in text:
            return text
        kind = type_of(text)
        return kind.value if kind is not None else self._ident(("equipment", *zones, text), "equipment")

    def _ident(self, name: tuple[str, ...], fallback: str) -> str:
        """An id for a name, the same one whenever it comes."""
        if name not in self.made:
            used = {id_ for other, id_ in self.made.items() if other[:-1] == name[:-1]}
            self.made[name] = ident(name[-1], fallback, used)
        return self.made[name]

    def _said(
        self, line: int, given: dict[str, str], role: Role | None, place: ObjectRef | None
    ) -> dict[str, str]:
        said: dict[str, str] = {}
        for column, cell in given.items():
            reader = CELLS.get(column)
            if reader is None:
                continue
            try:
                said[column] = reader(cell) if cell or column in SETTINGS else ""
            except Misread as misread:
                en, zh = COLUMNS[column]
                self.slips.append(Slip(line, Phrase(f"{en}: {misread.said.en}", f"{zh}：{misread.said.zh}")))
        if role is not None and place is not None:
            self.slips += [Slip(line, text) for text in _contrary(said, role, place)]
        return said


def _contrary(said: dict[str, str], role: Role, place: ObjectRef) -> list[Phrase]:
    """Cells that cannot be of this point."""
    found = []
    name = ROLES[role].meaning_zh
    if said.get("writable") == "yes":
        if role not in WRITABLE_ROLES:
            found.append(Phrase(f"{role} is only read: write no", f"{name}只读，不能可写：请写 否"))
        elif is_input(place.object_type):
            found.append(
                Phrase(
                    f"{short(place.object_type)}{place.instance} is an input, which nobody writes",
                    f"{short(place.object_type)}{place.instance} 是输入，不能写入",
                )
            )
    number = ROLES[role].shape is Shape.NUMBER
    if not number and (said.get("low") or said.get("high")):
        found.append(Phrase(f"{role} is no number: it has no limits", f"{name}不是数值，没有上下限"))
    unit = said.get("unit")
    if unit and (not number or UNITS[unit].base != ROLES[role].unit):
        found.append(Phrase(f"{role} is not counted in {unit}", f"{name}不以 {unit} 计"))
    low, high = said.get("low"), said.get("high")
    if low and high and float(low) >= float(high):
        found.append(Phrase(f"low {low} is not below high {high}", f"下限 {low} 不低于上限 {high}"))
    return found
