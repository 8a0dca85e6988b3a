"""What was wrong on paper, page by page, and is not any more."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.load import load
from supervisor.savings.counted import counted
from supervisor.telling.reports.document import Cell, Document, Part, Signatures, Table, Text, Tiles
from supervisor.telling.reports.notice_part import _HEADS, by_unit
from supervisor.telling.reports.page import page
from supervisor.telling.reports.xlsx import workbook
from supervisor.telling.svg import cut
from tests.reports.hall import text


def book(*parts: Part, lang: str = "zh") -> list[str]:
    """A workbook's styles, then its sheets, as XML."""
    document = Document("hall", "公示", cast("Any", lang), (("单位", "区政府"),), parts, 'made "now" <b>')
    with zipfile.ZipFile(io.BytesIO(workbook(document))) as file:
        names = [f"xl/worksheets/sheet{n + 1}.xml" for n in range(len(parts))]
        return [file.read(name).decode() for name in ("xl/styles.xml", *names)]


def filled(rows: int) -> Part:
    """A sheet with so many rows to sign under."""
    table = Table(("a", "b"), tuple((Cell("x"), Cell(float(n))) for n in range(rows)))
    return Part("p", "公示", "公示", (Text("一", "heading"), table, Signatures(("编制人", "审核人"))))


def test_a_column_is_as_many_digits_wide_as_they_are_written() -> None:
    """Counted in digits of a font that is not installed, every sheet was printed at two thirds of its size, and broke at half of a page."""
    styles, *_ = book(filled(3))
    (first,) = re.findall(r"<fonts[^>]*><font>(.*?)</font>", styles)
    assert 'name val="Noto Sans CJK SC"' in first and 'sz val="10"' in first and "scheme" not in first


def test_a_sheet_that_is_a_little_too_long_is_printed_on_one_page_and_a_long_one_on_several() -> None:
    """The notice is for the wall: lines to sign did not fit, and stood alone on a second page."""
    _, short, little, long = book(filled(5), _named(filled(42), "b"), _named(filled(90), "c"))
    assert 'fitToHeight="0"' in short and "rowBreaks" not in short
    assert 'fitToHeight="0"' not in little and "rowBreaks" not in little
    assert 'fitToHeight="0"' in long and "rowBreaks" in long


def _named(part: Part, sheet: str) -> Part:
    return Part(part.id, part.title, sheet, part.blocks)


def test_every_sheet_says_which_page_of_how_many_it_is() -> None:
    """As large on a sheet that is printed smaller; and the page prints its foot on each sheet, never alone on one."""
    _, chinese = book(filled(3))
    _, english = book(filled(3), lang="en")
    assert "第 &amp;P 页，共 &amp;N 页" in chinese and "page &amp;P of &amp;N" in english
    assert 'scaleWithDoc="0"' in chinese
    html = page(Document("hall", "公示", "zh", (), (filled(3),), 'made "now" <b>'))
    (foot,) = re.findall(r'@bottom-left\{content:"([^"]*)"', html)
    assert foot == r"made \22 now\22  \3c b\3e "
    assert "counter(page)" in html


def test_a_browser_without_boxes_in_the_margin_prints_the_foot_beneath_each_part() -> None:
    """Firefox printed neither version nor date nor the site file's hash: the foot was hidden on all paper, for the margin that it has not."""
    html = page(Document("hall", "公示", "zh", (), (filled(3), filled(2)), 'made "now" <b>'))
    asked = re.search(r"@supports at-rule\(@bottom-left\)\{@media print\{footer\{display:none\}\}\}", html)
    assert asked is not None
    assert "footer{display:none}" not in html.replace(asked.group(), "")
    assert html.count("<footer>made &quot;now&quot; &lt;b&gt;</footer>") == 2


def test_what_a_figure_is_of_is_not_cut_by_the_figure() -> None:
    """“Standard coa” stood beside 29,675 kgce: the column of ranks is narrow."""
    tiles = Tiles((("Standard coal", "29,675 kgce", "+2.3 % on the year before", "bad"),))
    ranks = Table(("rank", "unit", "energy", "a", "b"), ((Cell("1"), Cell("Tax Bureau"), *[Cell(1.0)] * 3),))
    _, sheet = book(Part("p", "Energy notice", "Notice", (tiles, ranks)), lang="en")
    assert re.search(r'<mergeCell ref="A\d+:B\d+"', sheet)


def test_the_last_text_of_a_narrow_table_takes_what_is_free_beside_it() -> None:
    """Where a coefficient comes from stood in four lines beside an empty half page."""
    wide = Table(tuple("abcdef"), (tuple(Cell(1.0) for _ in range(6)),))
    source = Table(
        ("系数", "来源"), ((Cell("电力"), Cell("生态环境部 国家统计局 2025 年第 47 号公告（2023 年数据）")),)
    )
    _, sheet = book(Part("p", "折标煤", "折标煤", (wide, source)))
    assert len(re.findall(r'<mergeCell ref="B\d+:F\d+"', sheet)) == 2  # its heading and its row


@pytest.mark.parametrize(("area", "people", "left"), [
    (None, None, ["kgce/m²", "kgce/head", "reduction per m²", "reduction per head"]),
    (100.0, None, ["kgce/head", "reduction per head", "reduction"]),
    (100.0, 5.0, ["reduction"]),
])  # fmt: skip
def test_a_unit_without_area_and_heads_shows_the_figure_that_it_is_judged_by(
    area: float | None, people: float | None, left: list[str]
) -> None:
    """It was called “reached” beside four dashes."""
    unit = SimpleNamespace(
        whole=SimpleNamespace(area=area, people=people),
        per_area=0.06 if area else None, per_head=0.06 if people else None, total=0.06,
    )  # fmt: skip
    table = by_unit(_HEADS, [tuple(Cell(1.0) for _ in _HEADS)], cast("Any", [unit]), "en")
    assert [h.en for h in _HEADS if h.en not in table.heads] == left
    assert len(table.rows[0]) == len(table.heads)


def test_a_long_name_beside_a_bar_keeps_both_of_its_ends() -> None:
    """Its beginning ran out of the drawing; houses of one government begin alike."""
    name = "某某区民政局婚姻登记处与社会救助服务中心"
    assert (
        cut(name, 36).startswith("某某区民政局")
        and cut(name, 36).endswith("服务中心")
        and "…" in cut(name, 36)
    )
    assert cut("税务局", 36) == "税务局"


def test_what_a_computed_meter_only_shows_is_not_counted_twice_in_a_saving(tmp_path: Path) -> None:
    """“All other electricity” is the main meter less the others: the building's energy is the main meter's."""
    path = tmp_path / "hall.yaml"
    (tmp_path / "days.csv").write_text("2024-01-01,3.2\n")
    savings = "savings: {baseline: {from: 2024-01-01, to: 2024-12-31}, weather: days.csv}\n"
    path.write_text(text() + savings, encoding="utf-8")
    site = load(path).site
    assert site is not None and site.savings is not None
    assert [m.id for m in counted(site, site.savings)] == ["main"]
