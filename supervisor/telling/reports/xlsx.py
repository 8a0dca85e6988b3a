"""A document as a workbook: a sheet a part, formulas that reckon, links to the ledger rows, ready to print on A4."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from config.phrase import columns
from supervisor.telling.reports.breaks import ROW, breaks, of_page
from supervisor.telling.reports.document import Block, Cell, Document, Part, Signatures, Table, Text, Tiles

_FONT: Final = "Noto Sans CJK SC"
_KEY: Final = re.compile(r"\{([^}]+)\}")
_TONES: Final = {"good": "#116329", "bad": "#9A3412", "faint": "#8C959F", "total": "#1B1F24", "": "#1B1F24"}
_INK, _LINE, _HEAD = "#0B4F6C", "#B8C4CE", "#E6EFF4"
_WIDEST: Final = 46
_ACROSS, _ALONG = 1026, 698
"""Pixels between the margins of an A4 sheet, landscape and portrait, at 96 to the inch."""
_NARROWEST: Final = 12
"""Digits of a column of text that is made narrower, so that a sheet prints as large as it is written."""
_BESIDE: Final = 24
"""Half Chinese signs of a text whose column has the figures of another table: it is written in more lines instead."""
_MEASURED: Final = 300
"""Rows of a table that say how wide its columns are."""
_PER_DIGIT: Final = 1.05
"""Half Chinese signs of ten points to a digit of a column's width: 6.7 px to 7."""
_SMALLEST: Final = 0.7
"""A sheet that is a little too long for one page is printed so much smaller at most, and takes one."""
_TEXTS: Final[dict[str, dict[str, Any]]] = {
    "note": {"font_size": 9, "font_color": "#57606A"}, "lead": {"bold": True, "font_size": 12},
    "heading": {"bold": True, "font_size": 12, "font_color": _INK}, "warning": {"bold": True, "font_color": "#9A3412"},
}  # fmt: skip


class _Book:
    """Where everything goes, and what has been laid out."""

    def __init__(self, document: Document, file: io.BytesIO) -> None:
        self.document = document
        self.book = xlsxwriter.Workbook(
            file,
            {
                "in_memory": True,
                "strings_to_urls": False,
                "strings_to_formulas": False,
                # a column's width is counted in digits of this font: where Calibri is not installed, whatever stands in for it is
                # wider, and every sheet was printed at two thirds of its size
                "default_format_properties": {"font_name": _FONT, "font_size": 10, "font_scheme": False},
            },
        )
        self.book.set_properties({"title": document.title, "comments": document.foot})
        self.book.set_calc_mode("auto")
        self.formats: dict[tuple[Any, ...], Any] = {}
        self.looks: dict[tuple[Any, ...], Any] = {}
        self.places: dict[str, str] = {}
        self.rows: dict[str, tuple[str, int]] = {}

    def format(self, **of: Any) -> Any:
        """A format, made once."""
        key = tuple(sorted(of.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                {"font_name": _FONT, "font_size": 10, "valign": "vcenter", **of}
            )
        return self.formats[key]

    def of_cell(self, cell: Cell, dense: bool, middle: bool) -> Any:
        """How a cell looks; made once for all that look alike. `middle`: figures and signs stand in the middle."""
        key = (cell.number, cell.digits, cell.marked, cell.tone, cell.percent, dense, middle, cell.share)
        if key not in self.looks:
            self.looks[key] = self._made(cell, dense, middle)
        return self.looks[key]

    def _made(self, cell: Cell, dense: bool, middle: bool) -> Any:
        look: dict[str, Any] = {
            "border": 1,
            "border_color": _LINE,
            "font_color": _TONES[cell.tone],
            "valign": "top",
        }
        if cell.tone == "total":
            look |= {"bold": True, "bg_color": "#F3F6F8"}
        if cell.tone == "bad":
            look["bold"] = True
        if cell.number:
            look["align"] = "center" if middle else "right"
            mark = '" !"' if cell.marked else ""
            places = "." + "0" * cell.digits if cell.digits else ""
            look["num_format"] = (
                f'+0.0" "%{mark}_ ;-0.0" "%{mark}_ ' if cell.percent else f"#,##0{places}{mark}_ "
            )
        else:
            look |= {"align": "center"} if dense or middle else {"text_wrap": True}
            look |= {"align": "right", "indent": 1} if cell.share and not middle else {}
        return self.format(**look)


def workbook(document: Document, done: Callable[[], None] = lambda: None) -> bytes:
    """The file's octets. `done` is told after each part."""
    file = io.BytesIO()
    book = _Book(document, file)
    parts = [part for part in document.parts if part.sheet]
    for part in parts:
        _lay_out(book, part)
    for part in parts:
        _write(book, part)
        done()
    book.book.close()
    return file.getvalue()


# ------------------------------------------------------------------ where everything stands


def _first(document: Document) -> int:
    """The row in which a part's blocks begin, after title, subtitle and title block."""
    return 3 + (len(document.basics) + 1) // 2


def _height(block: Block) -> int:
    if isinstance(block, Table):
        return (2 if block.title else 1) + len(block.rows) + 1
    if isinstance(block, Tiles):
        return len(block.tiles) + 1
    if isinstance(block, Signatures):
        return 2 * ((len(block.lines) + 1) // 2) + 1
    return 1 if isinstance(block, Text) else 0


def _lay_out(book: _Book, part: Part) -> None:
    row = _first(book.document)
    for block in part.blocks:
        if isinstance(block, Table):
            top = row + (2 if block.title else 1)
            for n, line in enumerate(block.rows):
                for column, cell in enumerate(line):
                    if cell.key:  # no broad table has any
                        place = xl_rowcol_to_cell(top + n, column, row_abs=True, col_abs=True)
                        book.places[cell.key] = f"'{part.sheet}'!{place}"
            for n, anchor in enumerate(block.anchors):
                if anchor:
                    book.rows[anchor] = (part.sheet, top + n)
        row += _height(block)


def _formula(book: _Book, cell: Cell) -> str:
    """A formula with places for keys; empty where one of them is nowhere."""
    keys = _KEY.findall(cell.formula)
    if not cell.formula or any(key not in book.places for key in keys):
        return ""
    said = _KEY.sub(lambda found: book.places[found[1]], cell.formula)
    # a range names its sheet once
    return "=" + re.sub(r"('[^']+'!)(\$[A-Z]+\$\d+):\1", r"\1\2:", said)


# ------------------------------------------------------------------ what stands there


def _write(book: _Book, part: Part) -> None:
    document, sheet = book.document, book.book.add_worksheet(part.sheet)
    wide = max([len(b.heads) for b in part.blocks if isinstance(b, Table)] + [4])
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.set_default_row(ROW)
    pages = "第 &P 页，共 &N 页" if document.lang == "zh" else "page &P of &N"
    sheet.set_footer(f"&L&8{document.foot[:180]}&R&8{pages}", {"scale_with_doc": False})
    widths, across = _widths(part, wide)
    _head(book, sheet, part, widths)
    row = _first(document)
    heights: dict[int, float] = {0: 30.0}
    blocks: list[tuple[int, Block]] = []
    frozen = False
    for block in part.blocks:
        blocks.append((row, block))
        if isinstance(block, Table):
            heights |= _table(book, sheet, block, row, widths)
            if part.long and not frozen:
                at = row + (1 if block.title else 0)
                sheet.repeat_rows(at)
                sheet.freeze_panes(at + 1, 1)
                frozen = True
        elif isinstance(block, Text):
            heights[row] = _text(book, sheet, block, row, widths)
        elif isinstance(block, Tiles):
            _tiles(book, sheet, block, row, wide)
        elif isinstance(block, Signatures):
            _signatures(book, sheet, block, row, wide)
        row += _height(block)
    for at, height in heights.items():
        sheet.set_row(at, height)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    if across:
        sheet.set_landscape()
    _paged(sheet, part, blocks, row, heights, widths, across)


def _paged(
    sheet: Any, part: Part, blocks: Sequence[tuple[int, Block]], end: int, heights: Mapping[int, float],
    widths: Sequence[int], across: bool,
) -> None:  # fmt: skip
    """As wide as the paper; on one page where that takes little, else with each page's beginning where it does not tear."""
    scale = min(1.0, (_ACROSS if across else _ALONG) / _pixels(widths))
    long = sum(heights.get(row, ROW) for row in range(end))
    if of_page(scale, across) < long <= of_page(_SMALLEST * scale, across):
        sheet.fit_to_pages(1, 1)
        return
    sheet.fit_to_pages(1, 0)
    if not part.long:
        sheet.set_h_pagebreaks(breaks(blocks, end, heights, of_page(scale, across)))


def _head(book: _Book, sheet: Any, part: Part, widths: list[int]) -> None:
    """Title, subtitle and title block; a column grows where the title block has no room."""
    title = book.format(bold=True, font_size=18, font_color=_INK)
    sheet.write_string(0, 0, part.title, title)
    below = book.format(font_color="#57606A", bottom=2, bottom_color=_INK)
    sheet.write_string(1, 0, part.subtitle or book.document.title, below)
    for column in range(1, len(widths)):
        sheet.write_blank(1, column, None, book.format(bottom=2, bottom_color=_INK))
    _basics(book, sheet, widths)


def _tiles(book: _Book, sheet: Any, block: Tiles, row: int, wide: int) -> None:
    """A row each: the name over the first two columns, as ranks alone leave it no room."""
    for n, (name, figure, said, tone) in enumerate(block.tiles, row):
        sheet.merge_range(n, 0, n, 1, name, book.format(bold=True))
        sheet.write_string(n, 2, figure, book.format(bold=True, font_size=13, font_color=_TONES[tone]))
        sheet.write_string(n, 4 if wide > 4 else 3, said, book.format(font_color="#57606A"))


def _signatures(book: _Book, sheet: Any, block: Signatures, row: int, wide: int) -> None:
    mark = "：" if book.document.lang == "zh" else ":"
    for n, line in enumerate(block.lines):
        column = 0 if n % 2 == 0 else (wide + 1) // 2
        sheet.write_string(row + 2 * (n // 2) + 1, column, f"{line}{mark}", book.format())


def _widths(part: Part, wide: int) -> tuple[list[int], bool]:
    """How wide each column is, in digits, and whether the sheet lies across."""
    texts, figures, floors = [0] * wide, [0] * wide, [0] * wide
    for block in part.blocks:
        if isinstance(block, Table):
            _measure(block, texts, figures, floors, _beyond(block, wide))
    return fitted(
        [_width(shared(*both)) for both in zip(texts, figures, strict=True)],
        [_width(width) for width in floors],
        part.wide,
    )


def _beyond(block: Table, wide: int) -> int:
    """Columns of the sheet that a table's first takes besides its own."""
    return wide - len(block.heads) if block.broad else 0


def _measure(block: Table, texts: list[int], figures: list[int], floors: list[int], beyond: int) -> None:
    """`beyond`: columns that the first takes besides its own, so that its texts ask no width of any."""
    first = 1 if beyond else 0
    for column, name in enumerate(block.heads[first:], beyond + first):
        texts[column] = max(texts[column], min(columns(name), 14))
        floors[column] = max(floors[column], min(columns(name), 8))
    for line in block.rows[:_MEASURED]:
        for column, cell in enumerate(line[first:], beyond + first):
            if isinstance(cell.value, str):
                texts[column] = max(texts[column], columns(cell.value))
                floors[column] = max(floors[column], min(columns(cell.value), _NARROWEST))
            elif cell.value is not None:
                figure = len(f"{cell.value:,.{cell.digits}f}") + (2 if cell.marked else 0)
                figures[column], floors[column] = max(figures[column], figure), max(floors[column], figure)


def shared(text: int, figure: int) -> int:
    """The width of a column in which one table of a sheet has texts and another figures: these do not stand in a field of white."""
    return max(figure, min(text, _BESIDE)) if figure else text


def _basics(book: _Book, sheet: Any, widths: list[int]) -> None:
    """The title block in two columns, the second where the first has room to be read; a column grows where there is none."""
    document = book.document
    mark = "：" if document.lang == "zh" else ": "
    said = [f"{name}{mark}{value}" for name, value in document.basics]
    left = max((math.ceil(columns(line) / _PER_DIGIT) + 2 for line in said[::2]), default=0)
    last = len(widths) - 1
    second = next((n for n in range((len(widths) + 1) // 2, last) if sum(widths[:n]) >= left), last)
    widths[second - 1] += max(0, left - sum(widths[:second]))
    for n, line in enumerate(said):
        sheet.write_string(2 + n // 2, second if n % 2 else 0, line, book.format(font_size=9))


def _width(width: int) -> int:
    """Of a column, in digits, whose widest cell has so many."""
    return max(4 if width and width < 5 else 7, min(_WIDEST, width + 2)) if width else 14


def _pixels(widths: Sequence[int]) -> int:
    """How wide columns of so many digits are together."""
    return sum(7 * width + 5 for width in widths)


def fitted(widths: Sequence[int], floors: Sequence[int], wide: bool) -> tuple[list[int], bool]:
    """Columns of text made narrower until the sheet fits on A4 in the size that it is written in, and whether it lies across.

    Upright where that leaves each column two thirds of its text. Figures are never cut (`floors`): where they alone are too wide, the sheet is printed smaller.
    """
    for across, room in ((False, _ALONG), (True, _ACROSS)):
        found = list(widths)
        while _pixels(found) > room:
            spare = max(range(len(found)), key=lambda n: found[n] - floors[n])
            if found[spare] <= floors[spare]:
                break
            found[spare] -= 1
        cramped = any(3 * is_ < 2 * was for is_, was in zip(found, widths, strict=True))
        if across or (not wide and not cramped and _pixels(found) <= room):
            return found, across
    raise AssertionError


def _lines(cell: Cell, width: int) -> int:
    """How many lines a cell takes; a word, or a Chinese sign, that does not fit goes to the next as a whole."""
    return max(1, math.ceil(columns(cell.value) / (_PER_DIGIT * width))) if isinstance(cell.value, str) else 1


def _text(book: _Book, sheet: Any, block: Text, row: int, widths: Sequence[int]) -> float:
    """Write it over the width of the sheet; the height of its row, pt."""
    look: dict[str, Any] = {"text_wrap": True, "valign": "top", **_TEXTS.get(block.kind, {})}
    sheet.merge_range(row, 0, row, len(widths) - 1, block.text, book.format(**look))
    size = look.get("font_size", 10)
    room = _PER_DIGIT * _pixels(widths) / 7 * 10 / size
    lines = sum(max(1, math.ceil(columns(line) / room)) for line in block.text.split("\n"))
    return float(1.6 * size * lines)


def _table(book: _Book, sheet: Any, block: Table, row: int, widths: Sequence[int]) -> dict[int, float]:
    """Write it; the rows that are higher than usual, pt: LibreOffice leaves wrapped text one line high, and it runs into its neighbours."""
    if block.title:
        sheet.write_string(row, 0, block.title, book.format(bold=True, font_size=11, font_color=_INK))
        row += 1
    head = book.format(
        bold=True, bg_color=_HEAD, border=1, border_color=_LINE, text_wrap=True, align="center"
    )
    rooms, beyond = _rooms(block, widths), _beyond(block, len(widths))
    found: dict[int, float] = {}
    for n, line in enumerate([tuple(Cell(name) for name in block.heads), *block.rows], row):
        lines = 1
        for column, cell in enumerate(line):
            if beyond and column == 0:
                _spread(book, sheet, n, cell, head if n == row else None, (0, beyond))
            elif n == row:
                sheet.write_string(n, column + beyond, str(cell.value), head)
            else:
                dense, middle = block.dense and column > 0, block.signs and column > 0
                _cell(book, sheet, n, column + beyond, cell, dense, middle)
            lines = max(lines, _lines(cell, rooms[column]))
        if not beyond and len(rooms) < len(widths) and rooms[-1] > widths[len(rooms) - 1]:
            _spread(book, sheet, n, line[-1], head if n == row else None, (len(rooms) - 1, len(widths) - 1))
        if lines > 1 and not block.dense:
            found[n] = (ROW - 1.0) * lines
    return found


def _rooms(block: Table, widths: Sequence[int]) -> list[int]:
    """The width of each column of a table; a last one whose texts have no room takes all that is free beside a narrow table."""
    found = list(widths[: len(block.heads)])
    if beyond := _beyond(block, len(widths)):
        return [sum(widths[: beyond + 1]), *widths[beyond + 1 :]]
    last = [row[-1] for row in block.rows]
    texts = all(isinstance(cell.value, str) and not cell.anchor for cell in last)
    full = max((_lines(cell, found[-1]) for cell in last), default=1) > 1 or not any(
        c.value for row in block.rows for c in row[-2:]
    )
    if len(found) < len(widths) and texts and full:
        found[-1] = sum(widths[len(found) - 1 :])
    return found


def _spread(book: _Book, sheet: Any, row: int, cell: Cell, head: Any, over: tuple[int, int]) -> None:
    """A text over the columns that are free beside its own."""
    look = head if head is not None else book.of_cell(cell, dense=False, middle=False)
    sheet.merge_range(row, over[0], row, over[1], str(cell.value), look)


def _cell(book: _Book, sheet: Any, row: int, column: int, cell: Cell, dense: bool, middle: bool) -> None:
    look = book.of_cell(cell, dense, middle)
    if cell.anchor and cell.anchor in book.rows:
        name, at = book.rows[cell.anchor]
        sheet.write_url(row, column, f"internal:'{name}'!A{at + 1}", look, string=" ")
    if cell.value is None:
        sheet.write_string(row, column, "–", look)
    elif isinstance(cell.value, str):
        sheet.write_string(row, column, cell.value, look)
    elif cell.formula and (formula := _formula(book, cell)):
        sheet.write_formula(row, column, formula, look, cell.value)
    else:
        sheet.write_number(row, column, cell.value, look)
