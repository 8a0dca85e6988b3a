"""Registers with tariffs (尖, 峰, 平, 谷; T1, T2) in lines of their own: of each meter that of all hours counts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from config.phrase import Phrase
from supervisor.ledger.figures import nothing
from supervisor.ledger.lines import Line
from supervisor.ledger.sheets import Table

_TOTALS: Final = frozenset({"总", "总有功", "有功总", "有功", "合计", "total", "t0", "t", "all", "sum", "0"})
"""The row of a register that counts at all hours, where each tariff has a row of its own; without 正向."""
_SINGLE: Final = frozenset({"单费率", "单一费率", "单一制", "单一", "不分时", "single", "singlerate"})
"""What stands there, if anything, for a meter that has one register."""
_TARIFF: Final = re.compile(
    r"(?:有功)?[尖峰平谷高低深]+(?:段|时段|期|时)?|(?:t|r|费率|rate|tariff)?[1-9]"
    r"|(?:on-?|off-?|mid-?|super-?)?peak|flat|valley|shoulder|critical|ht|nt"
)
_OTHER: Final = ("反向", "无功", "reverse", "export", "reactive")
"""How the register's other figures begin: what is fed in, and what is no work."""


def totals(of: Table, where: int, whose: Callable[[Line], str]) -> Table | tuple[int, Phrase]:
    """The lines of a table that count at all hours. `where`: the column of tariffs; `whose`: which meter a line is of.

    Of a meter with a total, its other lines go. Where it has none, lines that say nothing there count, and tariffs beside them go; words that are
    no tariff (实抄, 估抄) count, too. Tariffs alone are refused: one would be booked as the register."""
    by_meter: dict[str, list[Line]] = {}
    for line in of.lines:
        by_meter.setdefault(whose(line), []).append(line)
    left: list[Line] = []
    for name, lines in by_meter.items():
        said = [_plain(_said(line, where)) for line in lines]
        beside = [line for line in lines if not _of_all_hours(_said(line, where))]
        parts = _parts(lines, said)
        if not _TOTALS.isdisjoint(said):
            left += beside
        elif len(beside) < len(lines):
            left += [*parts, *(line for line, its in zip(lines, said, strict=True) if its.startswith(_OTHER))]
        elif parts:
            return parts[0].number, _no_total(of.heading[where], name, parts, where)
    if not left:
        return of
    gone = {line.number for line in left}
    kinds = sorted({_said(line, where) for line in left})[:4]
    note = Phrase(
        f"{len(left)} lines of `{of.heading[where]}` {', '.join(kinds)} were left out: their meters have lines of the total",
        f"“{of.heading[where]}”为{'、'.join(kinds)}的 {len(left)} 行未导入：同一表已有总示数的行",
    )
    kept = tuple(line for line in of.lines if line.number not in gone)
    return replace(of, lines=kept, notes=(*of.notes, note))


def _parts(lines: Sequence[Line], said: Sequence[str]) -> list[Line]:
    """Those of a meter's lines that are of a tariff; a bare digit is one where another stands beside it, and says nothing else."""
    digits = {its for its in said if its.isdigit()}
    return [
        line
        for line, its in zip(lines, said, strict=True)
        if _TARIFF.fullmatch(its) and (its not in digits or len(digits) > 1)
    ]


def _no_total(column: str, meter: str, parts: Sequence[Line], where: int) -> Phrase:
    said = _said(parts[0], where)
    return Phrase(
        f"`{meter}` has no total in the column `{column}`, and `{said}` alone is a part of it: import the lines of the total register, or, "
        "where that is no tariff, take the column out",
        f"`{meter}` 在列“{column}”中没有“总”，“{said}”只是其中一部分：请导入总示数的行；若该列并非费率，请删除该列",
    )


def _of_all_hours(cell: str) -> bool:
    plain = _plain(cell)
    return nothing(cell) or plain in _TOTALS or plain in _SINGLE


def _said(line: Line, where: int) -> str:
    return line.cells[where] if where < len(line.cells) else ""


def _plain(cell: str) -> str:
    plain = "".join(sign for sign in cell.strip().lower() if sign not in "()（） ")
    return plain.removesuffix("示数").removesuffix("电能").removesuffix("电量").removeprefix("正向")
