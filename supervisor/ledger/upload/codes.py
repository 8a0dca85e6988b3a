"""What a centre calls each part of the ledger. Provinces have tables of their own: any line may be replaced by a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from config.phrase import Phrase
from config.problems import did_you_mean
from config.reading import FileRefused, read_at_most
from config.subitems import SUBITEMS
from supervisor.ledger.sheets import lines_of

DEFAULTS: Final[Mapping[str, str]] = MappingProxyType({name: part.code for name, part in SUBITEMS.items()})
"""Part of the ledger → energy item code. From running implementations, not from the text."""
MOST: Final = 200_000
"""Octets of a table."""
_CODE: Final = re.compile(r"[0-9]{2}[0-9A-Z]{3}")


class BadTable(ValueError):
    """A table that cannot be used: in which line, why, and what to write."""

    def __init__(self, file: Path, line: int, what: Phrase, hint: Phrase) -> None:
        super().__init__(what.en)
        self.file, self.line, self.what, self.hint = str(file), line, what, hint


def replaced(path: Path) -> dict[str, str]:
    """The defaults, with what a CSV file (subitem,code) says instead. Raises BadTable."""
    found = dict(DEFAULTS)
    hint = Phrase("a line is subitem,code: hvac,01B00", "每行为 subitem,code，如 hvac,01B00")
    try:
        text = read_at_most(path, MOST).decode("utf-8-sig")
    except (FileRefused, UnicodeDecodeError) as error:
        raise BadTable(path, 1, _unreadable(error), hint) from None
    for number, line in enumerate(lines_of(text), 1):
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if not any(cells) or cells[0].startswith("#") or cells[0] == "subitem":
            continue
        if len(cells) < 2:
            raise BadTable(path, number, Phrase("this is no line of a table", "不是表格行"), hint)
        name, code = cells[:2]
        if name not in DEFAULTS:
            what = Phrase(f"`{name}` is no part of the ledger", f"台账中无分项 `{name}`")
            near = did_you_mean(name, DEFAULTS, 30)
            raise BadTable(path, number, what, near)
        if not _CODE.fullmatch(code):
            what = Phrase(f"`{code}` is no energy item code", f"`{code}` 不是能耗编码")
            raise BadTable(path, number, what, Phrase("it has five places, like 01A10", "应为五位，如 01A10"))
        found[name] = code
    return found


def _unreadable(error: FileRefused | UnicodeDecodeError) -> Phrase:
    why = error.said if isinstance(error, FileRefused) else Phrase("it is not UTF-8", "编码不是 UTF-8")
    return Phrase(f"cannot be read: {why.en}", f"无法读取：{why.zh}")


def above(code: str) -> str | None:
    """The code whose part this one is: 01A10 → 01A00 → 01000; None for a whole."""
    for place in (4, 3, 2):
        if code[place] != "0":
            return code[:place] + "0" * (5 - place)
    return None
