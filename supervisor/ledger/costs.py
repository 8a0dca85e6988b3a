"""What was paid for each carrier, a month a row: for unit prices, and for the statistics form."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from config.phrase import Phrase
from supervisor.ledger.late import Wrong
from supervisor.ledger.statistics import CARRIERS
from supervisor.ledger.tables import BadTable, rows

HEAD: Final = "month,carrier,cost"
Costs: TypeAlias = Mapping[tuple[str, str], float]
"""CNY by month (2026-03) and carrier."""
_CARRIERS: Final = {
    **{name: name for name in CARRIERS},
    **{told.zh: name for name, (_, _, told) in CARRIERS.items()},
    "电": "electricity", "热": "heat", "冷": "cold", "燃气": "gas",
}  # fmt: skip


def costs_of(path: Path) -> dict[tuple[str, str], float]:
    """What a CSV file (month,carrier,cost) says was paid, CNY. Raises OSError, BadTable."""
    found: dict[tuple[str, str], float] = {}
    lines: dict[tuple[str, str], int] = {}
    wrong: list[Wrong] = []
    for number, cells in rows(path, HEAD):
        row = cells if isinstance(cells, Wrong) else _row(number, cells)
        if isinstance(row, Wrong):
            wrong.append(row)
        elif (key := row[:2]) in found:
            wrong.append(Wrong(number, Phrase(
                f"{cells[1]} of {cells[0]} stands in line {lines[key]} already",
                f"{cells[0]} 的{cells[1]}已见于第 {lines[key]} 行",
            )))  # fmt: skip
        else:
            found[key], lines[key] = row[2], number
    if wrong:
        raise BadTable(path, wrong)
    return found


def _row(number: int, cells: list[str]) -> tuple[str, str, float] | Wrong:
    month, carrier, cost = cells
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        return Wrong(
            number, Phrase(f"`{month}` is no month: 2026-03 is one", f"`{month}` 不是月份，应写作 2026-03")
        )
    if carrier not in _CARRIERS:
        known = ", ".join(CARRIERS)
        return Wrong(number, Phrase(
            f"`{carrier}` is no carrier; there are {known}", f"没有能源 `{carrier}`；可用 {known}，或其中文名"
        ))  # fmt: skip
    try:
        amount = float(cost.replace(",", ""))
    except ValueError:
        amount = math.nan
    if not 0 <= amount < 1e12:
        return Wrong(number, Phrase(f"`{cost}` is no cost in CNY", f"`{cost}` 不是费用（元）"))
    return month, _CARRIERS[carrier], amount


def paid(costs: Costs, carrier: str, months: list[str]) -> float | None:
    """What was paid for a carrier in so many months; None where a month is not told."""
    told = [costs.get((month, carrier)) for month in months]
    known = [cost for cost in told if cost is not None]
    return math.fsum(known) if known and len(known) == len(told) else None
