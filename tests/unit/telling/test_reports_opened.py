"""The report's files in other people's programs: the workbook in LibreOffice, the page in a browser that prints it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.unit.telling.test_reports import Office, formulas

pytestmark = pytest.mark.thorough
_PATIENCE = 280.0
"""s, on a machine that runs much else."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """With a year's report in Chinese and a month's in English."""
    made = Office(tmp_path_factory.mktemp("hall"))
    made.says("--year", "2025")
    made.says("--month", "2025-03", "--lang", "en")
    made.says("--month", "2023-05")
    return made


def run(*command: str) -> str:
    """What a program of this machine says."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE).stdout


def converted(path: Path, to: str, folder: Path) -> Path:
    """What LibreOffice makes of a file."""
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    run("soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(path))
    return folder / f"{path.stem}.{to.partition(':')[0]}"


def embedded(pdf: Path) -> list[str]:
    """The names of a PDF's fonts, all of which are in it."""
    rows = [line.split() for line in run("pdffonts", str(pdf)).splitlines()[2:]]
    assert rows and all("yes" in row[-5:-2] for row in rows), rows
    return [row[0] for row in rows]


def test_libreoffice_reckons_every_formula_to_the_value_that_is_kept_with_it(
    office: Office, tmp_path: Path
) -> None:
    """The values are taken out first, so that it must."""
    whole = office.folder / "out/hall-2025-zh.xlsx"
    kept = formulas(whole)
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
            new.writestr(name, text)
    (tmp_path / "again").mkdir()
    again = formulas(converted(bare, "xlsx:Calc MS Excel 2007 XML", tmp_path / "again"))
    assert len(again) == len(kept) > 100
    for place, (_, value) in kept.items():
        assert again[place][1] == pytest.approx(value, rel=1e-12, abs=1e-9), place


def test_the_workbook_becomes_a_pdf_with_its_chinese_and_its_fonts(office: Office, tmp_path: Path) -> None:
    """Every sheet, on A4."""
    pdf = converted(office.folder / "out/hall-2025-zh.xlsx", "pdf", tmp_path)
    assert any("NotoSansCJK" in name for name in embedded(pdf))
    said = run("pdftotext", "-layout", str(pdf), "-")
    for word in (
        "能源资源消费公示",
        "单位建筑面积能耗",
        "节能整改报告",
        "系统诊断及节能综合效益分析",
        "未监测",
        "台账流水",
        "公示单位（盖章）",
    ):
        assert word in said, word
    assert f"{office.booked('main', '2025') / 3.6e6:,.2f}" in said
    sizes = set(re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "99", str(pdf))))
    assert {tuple(sorted(round(float(s)) for s in size)) for size in sizes} == {(595, 842)}


def test_a_month_without_data_opens_too(office: Office, tmp_path: Path) -> None:
    """And says so."""
    pdf = converted(office.folder / "out/hall-2023-05-zh.xlsx", "pdf", tmp_path)
    assert "本期台账无数据" in run("pdftotext", str(pdf), "-")


@pytest.mark.parametrize(("name", "words"), [
    ("hall-2025-zh", ("能源资源消费公示", "单位排名", "税务局", "合规证据")),
    ("hall-2025-03-en", ("Energy notice", "Ranking of units", "税务局", "Compliance evidence")),
])  # fmt: skip
def test_the_page_prints_on_a4_with_the_notice_on_one_sheet(
    office: Office, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    """Portrait and, where a table is wide, landscape; Chinese names have their glyphs in either language."""
    browser = shutil.which("chromium") or "chromium"
    pdf = tmp_path / "page.pdf"
    run(
        browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}", f"file://{office.folder / 'out' / name}.html",
    )  # fmt: skip
    assert embedded(pdf)  # the browser draws Noto's glyphs as fonts without a name
    first, second, *rest = (" ".join(sheet.split()) for sheet in run("pdftotext", str(pdf), "-").split("\f"))
    assert all(word in " ".join([first, second, *rest]) for word in words)
    assert ("监督电话" in first) or ("Telephone for questions" in first)
    assert "统计台账" in second or "Statistical ledger" in second
    sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "99", str(pdf)))
    assert {tuple(sorted(round(float(s)) for s in size)) for size in sizes} <= {
        (595, 842),
        (596, 842),
        (595, 841),
    }
