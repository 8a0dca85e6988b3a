"""What figures of a file are that no register tells: consumption from row to row, power, import less export, two units in one column. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from config.phrase import Phrase
from supervisor.ledger.book import FALL, NEARLY, OFTEN
from supervisor.ledger.figures import falls

_FALLS: Final = 3
"""Falls by which a file is judged, which shows all that there is: sooner than a wire."""
_FEW: Final = 24
"""Rows up to which three falls in a row are a run, and beyond which it takes four: what flickers around a figure has more of those."""
_BACKWARDS: Final = 0.15
"""Share of its steps that a register which counts both ways runs backwards; of what flickers it is 0.03."""
_ODD: Final = 2
"""Rows in another unit by which a file is judged: a single one is a slip, and is not believed when it is booked."""

Judged = tuple[int, Phrase]
"""What is wrong with a meter's figures, and in which line; 0: in all of them."""


def judged(name: str, values: Sequence[float], lines: Sequence[int]) -> Judged | None:
    """Why the figures of a meter, in order of time, are no register's; None: they may be. `lines`: where each stands. What is none would be
    booked as something else entirely."""
    fallen = falls(values, NEARLY, FALL)
    some, rested = len(fallen), sum(each.rested for each in fallen)
    if (other := _other_unit(name, values, lines)) is not None:
        return other
    if backwards := _backwards(values):
        return 0, Phrase(
            f"`{name}` runs backwards {backwards} times for hours: does it count import less export (PV)? Import both registers as two meters, and "
            "let a third compute the difference, of: [+in, -out]",
            f"`{name}` 有 {backwards} 处连续倒走：是否为进出相抵的净计量（光伏上网）？请把正向、反向示数作为两块表分别导入，净用量另设一块表用 `of: [+in, -out]` 计算",
        )
    if some >= _FALLS and some >= OFTEN * (_steps(values) if rested >= _FALLS else len(values) - 1):
        return 0, Phrase(
            f"`{name}` falls {some} times in {len(values)} rows, which no register does: is it what was consumed from row to row, or power "
            "(kW)? Give the register's figures, or consumption added up",
            f"`{name}` 在 {len(values)} 行中下降 {some} 次，不是表底读数：是否为各时段用量或功率（kW）？请提供表底读数，或把用量逐行累加",
        )
    return None


def _steps(values: Sequence[float]) -> int:
    """Steps from one figure to the next that is not nothing: what is consumed falls in many of them, a register that begins anew each
    midnight in one of a day's."""
    least = max(values, default=0.0) * NEARLY
    return max(1, sum(value > least for value in values) - 1)


def _backwards(values: Sequence[float]) -> int:
    """How often figures run backwards, each time by no more than a hundredth; 0 where they hardly do."""
    least = 3 if len(values) <= _FEW else 4
    runs, run = list[int](), 0
    for before, after in pairwise([*values, float("inf")]):
        if before * (1 - FALL) <= after < before:
            run += 1
            continue
        if run >= least:
            runs.append(run)
        run = 0
    changes = sum(before != after for before, after in pairwise(values))
    return len(runs) if sum(runs) >= _BACKWARDS * changes else 0


def _other_unit(name: str, values: Sequence[float], lines: Sequence[int]) -> Judged | None:
    """Figures that stand between their neighbours once they are taken a thousand, or ten thousand, times: MWh or 万 among kWh."""
    odd = [
        (n, factor)
        for n in range(1, len(values) - 1)
        for factor in (1e3, 1e4)
        if 0 < values[n] < values[n - 1] / 100
        and values[n - 1] * 0.999 <= values[n] * factor <= values[n + 1] * 1.001
    ]
    if len(odd) < _ODD:
        return None
    n, factor = odd[0]
    return lines[n], Phrase(
        f"`{name}` says {values[n]:.12g} here, between figures {factor:g} times as high, and so in {len(odd)} rows: is it MWh among kWh? Write "
        "the unit in a column unit, or all figures in one",
        f"`{name}` 此处为 {values[n]:.12g}，前后读数约为其 {factor:g} 倍，共 {len(odd)} 行如此：是否 MWh 与 kWh 混用？请加“单位”列写明，或统一单位",
    )
