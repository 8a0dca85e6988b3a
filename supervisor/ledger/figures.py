"""How a file writes its figures: what parts thousands, what begins the fractions, what stands where there is none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from config.phrase import Phrase
from schedules.moments import NARROW

_GROUPS: Final = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_DOTTED: Final = re.compile(r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$")
"""Thousands where a comma begins the fractions."""
_EITHER: Final = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
"""A thousand or a fraction, as the sign in it is taken."""
_POWER_OF_TEN: Final = re.compile(r"[+-]?\d+(?:([.,])\d+)?e[+-]?\d+", re.IGNORECASE)
"""1.234e+05, as programs write it: what stands in it begins the fractions."""
_FIGURE: Final = re.compile(r"[+-]?\d[\d.,' ]*")
_WITH_UNIT: Final = re.compile(r"([+-]?\d[\d.,' ]*?(?:e[+-]?\d+)?)\s*([^\d.,'\s].*)", re.IGNORECASE)
_LARGEST: Final = 1e15
_TELLING: Final = 3
"""Steps by which figures tell how they are written: fewer follow one another by chance."""
_NONE: Final = frozenset({
    "", "/", "\\", "*", "…", "n/a", "na", "#n/a", "nan", "null", "none", "nil", "no data", "offline", "bad", "error", "#value!", "#div/0!",
    "#ref!", "#num!", "无", "无数据", "无读数", "缺", "缺数", "缺失", "缺抄", "漏抄", "未抄", "未抄表", "停电", "停水", "停用", "故障", "离线", "掉线", "断线",
    "通讯故障", "通信故障", "通讯中断", "通信中断", "维修", "检修", "数据缺失",
})  # fmt: skip
"""What people and programs write where there is no reading."""


def number(text: str, *, comma: bool = False) -> float | None:
    """A figure as people write it: 10 234.5, 10,234.5, 10.234,5 (`comma`), full-width digits. None where it is none, is
    negative, or beyond all registers."""
    plain = _closed(text)
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


def _closed(text: str) -> str:
    plain = text.translate(NARROW)
    for sign in (" ", "\u00a0", "\u202f", "'", "’"):
        plain = plain.replace(sign, "")
    return plain


def nothing(text: str) -> bool:
    """Whether a cell says that there is no reading: `--`, N/A, 停电."""
    plain = text.translate(NARROW).strip().lower()
    return plain in _NONE or not plain.strip("-—–.")


def written(text: str, *, comma: bool = False) -> tuple[str, str]:
    """A cell's figure, and the unit that is written behind it: `12.5 MWh`. The e of 1.2e+05 is none: what is a number is one."""
    return (text, "") if number(text, comma=comma) is not None else _parted(text)


def _parted(text: str) -> tuple[str, str]:
    found = _WITH_UNIT.fullmatch(text.translate(NARROW).strip())
    return (found[1], found[2].strip()) if found is not None else (text, "")


class Marks(NamedTuple):
    """How figures are written. `comma`: it begins the fractions; `doubt`: what can be read in two ways, and in which line; `note`: what
    was taken, where the figures had to tell it by how they follow one another."""

    comma: bool = False
    doubt: tuple[int, Phrase] | None = None
    note: Phrase | None = None


Run = Sequence[tuple[int, str]]
"""Cells of one meter and column in the order of the file, each with its line."""


def marks(
    runs: Iterable[Run], delimiter: str, decimal: str | None = None, newest_first: bool | None = None
) -> Marks:
    """How the figures of a file are written: as `decimal` says, else as a figure shows that can be read in one way only, else as they
    follow one another; `newest_first`: whether they do so backwards, where that is known. Where commas divide the table a point begins
    the fractions."""
    if decimal is not None:
        return Marks(decimal == ",")
    read = [[(n, plain) for n, cell in run if _FIGURE.fullmatch(plain := _plain(cell))] for run in runs]
    shown: dict[bool, tuple[int, str]] = {}
    for line, plain in (each for run in read for each in run):
        if (comma := _shows(plain)) is not None:
            shown.setdefault(comma, (line, plain))
    if len(shown) == 2:
        return Marks(doubt=_two_ways(shown[False], shown[True]))
    if shown:
        return Marks(next(iter(shown)))
    open_ = [
        (line, plain, found[1]) for run in read for line, plain in run if (found := _EITHER.fullmatch(plain))
    ]
    if not open_ or delimiter == ",":
        return Marks()
    line, first, sign = open_[0]
    if any(other != sign for _, _, other in open_):
        return Marks(doubt=_either(line, first))
    taken = _by_order(read, newest_first)
    if taken is None:
        return Marks(doubt=_either(line, first))
    value = number(first, comma=taken)
    return Marks(taken, note=Phrase(
        f"`{first}` was taken for {value:.12g}, since only so the figures follow one another (--decimal says otherwise)",
        f"`{first}` 按 {value:.12g} 读取：只有如此各读数才前后衔接（如有不同请用 --decimal 指明）",
    ))  # fmt: skip


def _plain(cell: str) -> str:
    """A cell's figure as it is compared with others: 1.234e+05 with the fractions that it shows."""
    found = _POWER_OF_TEN.fullmatch(_closed(cell))
    if found is None:
        return _closed(_parted(cell)[0])
    value = f"{float(found[0].replace(',', '.')):.1f}"
    return value.replace(".", found[1]) if found[1] is not None else value.partition(".")[0]


def _shows(plain: str) -> bool | None:
    """Whether a comma begins the fractions, as a figure shows that can be read in one way; None: it shows nothing."""
    dots, commas = plain.count("."), plain.count(",")
    if dots and commas:
        return plain.rfind(",") > plain.rfind(".")
    if dots > 1 or commas > 1:
        return dots > 1
    return None if not dots + commas or _EITHER.fullmatch(plain) else commas > 0


def _by_order(runs: Iterable[Run], newest_first: bool | None) -> bool | None:
    """Whether a comma begins the fractions, as the figures of each meter tell that only rise so, one way or the other; None where both do, or
    neither, or too few of them. Who parts thousands does so in each figure above them: 1002 beside 1.003 is written without. That thousands
    fall once tells nothing: 1.234, then 2, may be a register that began anew."""
    wrong = {True: 0, False: 0}
    steps, unparted, sign = 0, False, "."
    for run in runs:
        cells = [plain for _, plain in run]
        signs = {found[1] for plain in cells if (found := _EITHER.fullmatch(plain))}
        most = 0
        for comma in wrong:
            values = [value for plain in cells if (value := number(plain, comma=comma)) is not None]
            falls = sum(after < before for before, after in pairwise(values))
            rises = sum(after > before for before, after in pairwise(values))
            most = max(most, falls + rises)
            wrong[comma] += min(falls, rises) if newest_first is None else rises if newest_first else falls
        steps += most
        if signs and any(plain.isdigit() and len(plain) > 3 and plain[0] != "0" for plain in cells):
            wrong["." in signs] += 1
            unparted = True
        sign = next(iter(signs), sign)
    ways = [comma for comma, count in wrong.items() if not count]
    if len(ways) != 1:
        return None
    parts = ways[0] is (sign == ".")  # the other sign begins the fractions, so that this one parts thousands
    enough = unparted or (steps >= _TELLING and (parts or wrong[not ways[0]] > 1))
    return ways[0] if enough else None


def _two_ways(point: tuple[int, str], comma: tuple[int, str]) -> tuple[int, Phrase]:
    first, last = sorted((point, comma))
    return last[0], Phrase(
        f"`{last[1]}` is written otherwise than `{first[1]}` in line {first[0]}: write all figures of the file in one way",
        f"`{last[1]}` 与第 {first[0]} 行的 `{first[1]}` 写法不一致：请统一全部数字的写法",
    )


def _either(line: int, first: str) -> tuple[int, Phrase]:
    sign = "." if "." in first else ","
    return line, Phrase(
        f"`{first}` may be {first.replace(sign, '')} or {first.replace(sign, '.')}: save the figures without separators of thousands, or say which "
        "sign begins the fractions, --decimal . or --decimal ,",
        f"`{first}` 可能是 {first.replace(sign, '')}，也可能是 {first.replace(sign, '.')}：请去掉千位分隔符后重新保存，或用 --decimal . 或 --decimal , 指明小数点",
    )


class Fall(NamedTuple):
    """A figure that fell. `rested`: by way of nothing, as what is consumed does."""

    before: float
    after: float
    rested: bool


def falls(values: Sequence[float], nearly: float, fall: float) -> list[Fall]:
    """Where figures fall by more than a share `fall`. Nothing, and next to nothing, is no fall by itself: gateways answer so for what they have
    not read, and what is consumed has hours without; what comes behind it tells."""
    least = max(values, default=0.0) * nearly
    some = [(n, value) for n, value in enumerate(values) if value > least]
    return [
        Fall(before, after, later - n > 1)
        for (n, before), (later, after) in pairwise(some)
        if after < before * (1 - fall)
    ]
