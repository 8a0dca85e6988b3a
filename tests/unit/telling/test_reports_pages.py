"""Where a workbook's sheet begins a new page, as whoever prints it sees it."""

from __future__ import annotations

from supervisor.telling.reports.breaks import breaks, of_page
from supervisor.telling.reports.document import Block, Cell, Signatures, Table, Text
from supervisor.telling.reports.xlsx import shared


def rows(count: int, title: str = "") -> Table:
    """A table of so many rows."""
    return Table(("a",), tuple((Cell(float(n)),) for n in range(count)), title=title)


def laid(*blocks: Block) -> tuple[list[tuple[int, Block]], int]:
    """Each block with its first row, one after the other, and where they end."""
    found, row = [], 5
    for block in blocks:
        found.append((row, block))
        size = (2 + len(block.rows) + bool(block.title)) if isinstance(block, Table) else 7
        row += size if isinstance(block, (Table, Signatures)) else 1
    return found, row


def test_a_heading_goes_to_the_next_page_with_its_note_and_its_small_table() -> None:
    """Wherever the page ends: it never stands alone, and a table of five rows is never cut; a long one begins with some rows."""
    for filled in range(20, 60):
        parts, end = laid(
            rows(filled), Text("3. Drafts", "heading"), Text("how", "note"), rows(5), rows(30, "Rest")
        )
        first, small, long = parts[1][0], parts[3][0], parts[4][0]
        begins = breaks(parts, end, {}, of_page(1.0, across=False))
        page = [sum(b <= row for b in begins) for row in range(end)]
        assert page[first] == page[small] == page[small + 5]
        assert page[long] == page[long + 4]
        assert max(page.count(n) for n in set(page)) * 15.5 <= of_page(1.0, across=False)


def test_lines_to_sign_are_not_cut_and_a_sheet_printed_smaller_holds_more() -> None:
    """Six lines stand on one page; at half the size twice the rows do."""
    parts, end = laid(rows(38), Signatures(("a", "b", "c", "d", "e", "f")))
    assert breaks(parts, end, {}, of_page(1.0, across=False)) == [parts[0][0] + 1 + 38 - 2]  # with two rows
    assert breaks(parts, end, {}, of_page(0.5, across=False)) == []
    tall = {20: 300.0}
    assert len(breaks(*laid(rows(38)), tall, of_page(1.0, across=False))) == 1


def test_a_title_is_not_left_alone_and_lines_to_sign_are_not_either() -> None:
    """Headings one after another are no block of their own: the first stays with its sentence, and who signs sees what for."""
    first = [Text("1. The meter", "heading"), Text("nothing to tell"), Text("2. The rules", "heading")]
    tall = dict.fromkeys(range(9, 18), 75.0)
    parts, end = laid(
        *first, rows(9), Text("3. Drafts", "heading"), Text("none"), rows(4), Signatures(("a", "b"))
    )
    begins = breaks(parts, end, tall, of_page(1.0, across=True))
    assert begins and min(begins) > parts[1][0]
    page = [sum(b <= row for b in begins) for row in range(end)]
    assert page[parts[-1][0]] == page[parts[-2][0]] == page[parts[4][0]]


def test_a_column_of_two_tables_is_as_wide_as_its_figures_need() -> None:
    """Beside another table's figures a long text takes lines; alone in its column it has its width."""
    assert (shared(70, 10), shared(70, 0), shared(9, 12), shared(0, 0)) == (24, 70, 12, 0)
