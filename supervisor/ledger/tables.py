"""Tables of numbers that a site brings beside its file: every bad row told by file and line, and none half taken."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.phrase import Phrase
from supervisor.ledger.late import Wrong, read


class BadTable(ValueError):
    """A table of numbers that cannot be used: which file, and what is wrong with which line."""

    def __init__(self, path: Path, wrong: Sequence[Wrong]) -> None:
        self.path, self.wrong = path, tuple(wrong)
        super().__init__("; ".join(f"{path}, line {each.line}: {each.what.en}" for each in wrong))


def rows(path: Path, head: str) -> Iterator[tuple[int, list[str] | Wrong]]:
    """Line number and cells of each row that is neither empty, nor a remark, nor the heading; what is wrong with one that is
    not so many cells wide. Raises BadTable (no text at all), OSError.

    `head`: the columns as the heading names them. A heading begins with its first name, in English or in Chinese.
    """
    lines, problem = read(path)
    if problem is not None:
        raise BadTable(path, [problem])
    width = head.count(",") + 1
    for number, line in enumerate(lines, 1):
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
        except csv.Error as error:
            yield number, Wrong(number, Phrase(f"no CSV: {error}", f"不是 CSV：{error}"))
            continue
        if not any(cells) or cells[0].startswith("#"):
            continue
        if cells[0].lower() == head.partition(",")[0] or cells[0] in ("名称", "月份"):
            continue
        if len(cells) == width:
            yield number, cells
        else:
            yield number, Wrong(number, Phrase(
                f"{len(cells)} cells, {head} has {width}", f"应为 {width} 列（{head}），实为 {len(cells)} 列"
            ))  # fmt: skip
