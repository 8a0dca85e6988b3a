"""A month and a year of a district office on paper: every figure is what plain SQL says, and none stands without its mark."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config.phrase import Lang
from config.site import Site
from schedules.time import instant_of
from supervisor.cli.main import app
from supervisor.cli.report import kinds_of_day
from supervisor.core.rules import BY_ID
from supervisor.daemon.assemble import open_store
from supervisor.ledger.coefficients import DEFAULTS
from supervisor.ledger.periods import period
from supervisor.ledger.terms import terms
from supervisor.rehearsal.account import HOT
from supervisor.telling.reports import facts, files, making
from supervisor.telling.reports.document import Cell, Document, Table, Text, Tiles, shown
from supervisor.telling.reports.page import page
from supervisor.telling.reports.xlsx import fitted
from supervisor.telling.words import clauses
from tests.reports.hall import IDS, KWH, RATES, lived, site_of


class Office:
    """The site, its folder, and what its database says to plain SQL."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site = folder, site_of(folder)
        self.state = folder / "state"
        lived(self.site, self.state)
        self._made: dict[tuple[str, Lang, float | None], Document] = {}

    def sql(self, query: str, *values: Any) -> float:
        """One number."""
        with sqlite3.connect(self.state / "supervisor.sqlite3") as database:
            (found,) = database.execute(query, values).fetchone()
        return float(found or 0.0)

    def booked(self, meter: str, name: str) -> float:
        """J or m³ of a meter in a period."""
        of = period(name, self.site.tz)
        return self.sql(
            'SELECT sum(amount) FROM bookings WHERE meter = ? AND start >= ? AND "end" <= ?',
            meter,
            of.start,
            of.end,
        )

    def says(self, *arguments: str, code: int = 0) -> str:
        """What the verb says, and that it ends so."""
        asked = [
            "report",
            str(self.folder / "hall.yaml"),
            "--state-dir",
            str(self.state),
            "-o",
            str(self.folder / "out"),
            *arguments,
        ]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == code, done.output
        return done.output

    def document(self, name: str, lang: Lang = "zh", now: float | None = None) -> Document:
        """A report before it is drawn; made once."""
        key = (name, lang, now)
        if key not in self._made:
            self._made[key] = document(self.site, self.state, name, lang, now)
        return self._made[key]


def document(site: Site, state: Path, name: str, lang: Lang = "zh", now: float | None = None) -> Document:
    """What is told of a period."""
    store = open_store(site, state)
    try:
        found = store.read_now(
            lambda c: facts.gather(
                c, site, period(name, site.tz), now or time.time(), terms(site), kinds_of_day(site)
            )
        )
    finally:
        store.close()
    return making.document(found, lang)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Lived once for all that only read."""
    return Office(tmp_path_factory.mktemp("hall"))


def keyed(of: Document) -> dict[str, Cell]:
    """The cells that have a key."""
    return {cell.key: cell for cell in of.cells() if cell.key}


def text_of(of: Document, part: str) -> str:
    """What one part says, as the page has it."""
    (its,) = (p for p in of.parts if p.id == part)
    bare = re.sub(r"<style>.*?</style>", "", page(replace(of, parts=(its,))), flags=re.S)
    return re.sub(r"<[^>]+>", " ", bare)


# ------------------------------------------------------------------ figures


@pytest.mark.parametrize("name", ["2025-03", "2025"])
def test_every_figure_of_every_meter_is_what_plain_sql_says_to_the_last_digit(
    office: Office, name: str
) -> None:
    """By month, the whole, and the year before, as they are printed on the page."""
    told = keyed(office.document(name))
    columns = {"2025-03": ("2025-03",), "2025": tuple(f"2025-{m:02}" for m in range(1, 4))}[name]
    for meter in (*RATES, "tap", "canteen", "heat-in"):
        kind, unit = {"tap": ("water", 1), "canteen": ("gas", 1), "heat-in": ("heat", 1e9)}.get(
            meter, ("electricity", KWH)
        )
        for column in columns:
            assert (
                shown(told[f"{kind}/{meter}/{column}"]).rstrip(" !")
                == f"{office.booked(meter, column) / unit:,.2f}"
            )
        then = shown(told[f"{kind}/{meter}/before"]).rstrip(" !")
        assert then == f"{office.booked(meter, '2024' + name[4:]) / unit:,.2f}"
        if name == "2025":
            assert (
                shown(told[f"{kind}/{meter}/whole"]).rstrip(" !")
                == f"{office.booked(meter, '2025') / unit:,.2f}"
            )


def test_a_computed_meter_coal_co2_and_indicators_follow_from_those_figures(office: Office) -> None:
    """Coefficients of the table, the site's area and heads."""
    told, of = keyed(office.document("2025-03")), "2025-03"
    kwh = {m: office.booked(m, of) / KWH for m in RATES}
    rest = kwh["main"] - kwh["ac"] - kwh["tax-floor"] - kwh["civil-floor"] - kwh["water-floor"]
    assert shown(told[f"electricity/rest/{of}"]).rstrip(" !") == f"{rest:,.2f}"
    heat = office.booked("heat-in", of) / 1e9 * DEFAULTS["heat_kgce"].value
    coal = (
        kwh["main"] * DEFAULTS["electricity_kgce"].value
        + office.booked("canteen", of) * DEFAULTS["gas_kgce"].value
        + heat
    )
    assert shown(told[f"coal/total/{of}"]) == f"{coal:,.2f}"
    assert shown(told[f"co2/total/{of}"]) == f"{kwh['main'] * DEFAULTS['electricity_co2'].value:,.2f}"
    assert shown(told[f"indicator/energy per area/{of}"]) == f"{coal / 12500:,.3f}"
    assert shown(told[f"indicator/energy per head/{of}"]) == f"{coal / 640:,.3f}"
    assert shown(told[f"indicator/non-heating energy per area/{of}"]) == f"{(coal - heat) / 12500:,.3f}"
    assert shown(told[f"indicator/water per head/{of}"]) == f"{office.booked('tap', of) / 640:,.3f}"


def test_evidence_rules_and_overrides_are_what_plain_sql_says(office: Office) -> None:
    """Hours outside by zone and rule, watched, corrected and held by others, of the month."""
    told = keyed(office.document("2025-03"))
    month = "day BETWEEN '2025-03-01' AND '2025-03-31'"
    for zone in IDS:
        for kind, key, unit in (
            ("watched", "watched", 3600),
            ("correction", "corrected", 1),
            ("override", "override", 3600),
        ):
            value = office.sql(
                f"SELECT sum(value) FROM zone_days WHERE zone = ? AND kind = ? AND {month}", zone, kind
            )
            assert shown(told[f"{key}/{zone}"]) == f"{value / unit:,.{0 if unit == 1 else 1}f}"
        cell = told.get(f"outside/{zone}/winter-setpoint")
        seconds = office.sql(
            f"SELECT sum(value) FROM zone_days WHERE zone = ? AND kind = 'violation' AND what = 'winter-setpoint' AND {month}",
            zone,
        )
        assert (seconds > 0) == (cell is not None)
        if cell is not None:
            assert shown(cell) == f"{seconds / 3600:,.{cell.digits}f}"
    outside = office.sql(
        f"SELECT sum(value) FROM zone_days WHERE kind = 'violation' AND what = 'winter-setpoint' AND {month}"
    )
    assert shown(told["rule/winter-setpoint/outside"]) == f"{outside / 3600:,.1f}"


def test_units_are_ranked_by_their_reduction_and_who_lacks_readings_is_not_judged(office: Office) -> None:
    """The tax office saved most; the water office lacks a week of readings, which is no saving."""
    of = office.document("2025-03")
    (notice,) = (p for p in of.parts if p.id == "notice")
    (ranking, *_) = (b for b in notice.blocks if isinstance(b, Table) and b.ranks)
    rows = [[shown(cell) for cell in row] for row in ranking.rows]
    assert [row[:2] for row in rows] == [
        ["1", "税务局"],
        ["2", "民政局"],
        ["–", "水利局"],
        ["", "区政府办公楼"],
    ]
    assert [row[-1] for row in rows] == ["达标", "未达标", "无法判定", "未达标"]
    now, then = (office.booked("tax-floor", m) / KWH / 5200 for m in ("2025-03", "2024-03"))
    assert rows[0][6] == f"{100 * (1 - now / then):+.1f} %"
    assert all(cell.endswith("!") for cell in rows[2][2:8])


def test_what_has_fewer_than_nine_tenths_of_its_readings_never_stands_without_its_mark(
    office: Office,
) -> None:
    """Neither in the month nor in the year's column of that month, on the page and in the workbook."""
    for name in ("2025-03", "2025"):
        told = keyed(office.document(name))
        for key in (
            "electricity/water-floor/2025-03",
            "electricity/rest/2025-03",
            "unit/water/electricity" if name == "2025-03" else "",
        ):
            assert not key or shown(told[key]).endswith(" !"), key
        assert not told["electricity/tax-floor/2025-03"].marked
    assert "四层（水利） 77.4 %" in text_of(office.document("2025-03"), "notice")
    office.says("--month", "2025-03")
    with zipfile.ZipFile(office.folder / "out/hall-2025-03-zh.xlsx") as book:
        assert "&quot; !&quot;" in book.read("xl/styles.xml").decode()


def test_every_figure_of_a_meter_leads_to_its_ledger_rows_and_these_add_up_to_it(office: Office) -> None:
    """On the page by links; the rows of each meter and month, by their sum."""
    office.says("--year", "2025")
    html = (office.folder / "out/hall-2025-zh.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'id="([^"]+)"', html))
    cells = dict(re.findall(r'<td[^>]*data-key="(electricity/[^"]+/2025-\d\d)"[^>]*>(.*?)</td>', html))
    of_meters = {k: v for k, v in cells.items() if "/total/" not in k}
    assert len(of_meters) == 6 * 12
    for key, cell in of_meters.items():
        link = re.search(r'href="#([^"]+)"', cell)
        assert link is not None and link[1] in ids, key
    told = office.document("2025")
    (rows,) = (b for p in told.parts if p.id == "rows" for b in p.blocks if isinstance(b, Table))
    for meter in RATES:
        its = [r for r in rows.rows if str(r[0].value).endswith(f" {meter}") and r[1].value == "2025-02"]
        amounts, counts = ([r[n].value for r in its] for n in (5, 4))
        assert math.fsum(float(a or 0) for a in amounts) == pytest.approx(
            office.booked(meter, "2025-02") / KWH
        )
        assert math.fsum(float(c or 0) for c in counts) == 28


# ------------------------------------------------------------------ what is said


def test_who_misses_has_a_corrective_report_with_what_drove_it(office: Office) -> None:
    """By rule, hours and zones, gaps, overrides, exemptions and their approver; lines for measures are there to be filled."""
    said = text_of(office.document("2025-03"), "corrective")
    for word in ("需整改：区政府办公楼、民政局", "冬季不高于 20 度", "其他主站或就地手动", "四层（水利）", "信息机房恒温", "王主任", "李科长",
                 "已失效", "将供暖设定温度保持在 20 °C 及以下", "验收人"):  # fmt: skip
        assert word in said, word
    said = text_of(office.document("2025-03", "en"), "corrective")
    for word in (
        "To correct",
        "Heating no higher than",
        "another master",
        "approver",
        "Renew or end the exemptions",
    ):
        assert word in said, word


def test_what_nobody_measured_is_told_as_unmonitored_and_never_as_compliant(office: Office) -> None:
    """The duty room was watched on no day; rooms without a contact have no window rule; the archive lacks three days."""
    of = office.document("2025-03")
    (matrix,) = (
        b for p in of.parts if p.id == "evidence" for b in p.blocks if isinstance(b, Table) and b.signs
    )
    rows = {str(r[0].value): dict(zip(matrix.heads, [shown(c) for c in r], strict=True)) for r in matrix.rows}
    assert set(rows["值班室（duty）"].values()) == {"值班室（duty）", "未监测", "0.0", "0"}
    assert rows["民政窗口（civil-desk）"]["开空调时不开窗"] == "未监测"
    assert rows["信息机房（server）"]["夏季不低于 26 度"] == "豁免"
    (days,) = (b for p in of.parts if p.id == "evidence-days" for b in p.blocks if isinstance(b, Table))
    archive = next(r for r in days.rows if r[0].value == "档案室")
    assert [n for n, c in enumerate(archive) if c.value == "未"] == [9, 18, 27]


def test_a_month_without_data_gives_a_report_that_says_so(office: Office) -> None:
    """In both languages, with no figure that is made up, and files that open."""
    said = office.says("--month", "2023-05", "--lang", "zh")
    assert "hall-2023-05-zh.xlsx" in said
    of = office.document("2023-05")
    assert "本期台账无数据" in text_of(of, "notice") and "无法判定是否达标" in text_of(of, "corrective")
    assert "均记为未监测" in text_of(of, "evidence")
    assert "The ledger has no data of this period" in text_of(office.document("2023-05", "en"), "notice")
    numbers = [c for p in of.parts if p.id.startswith("ledger-") for b in p.blocks if isinstance(b, Table)
               for r in b.rows for c in r if c.number and not c.key.startswith(("k/", "basis/"))]  # fmt: skip
    assert numbers and all(c.value is None for c in numbers)


def test_a_month_that_is_not_over_is_compared_with_as_much_of_the_year_before(office: Office) -> None:
    """On 11 March: ten days against ten days."""
    now = instant_of(date(2025, 3, 11), 0, office.site.tz)
    of = office.document("2025-03", now=now)
    told = keyed(of)
    start, end = (instant_of(date(2024, 3, d), 0, office.site.tz) for d in (1, 11))
    then = office.sql(
        'SELECT sum(amount) FROM bookings WHERE meter = ? AND start >= ? AND "end" <= ?', "main", start, end
    )
    assert shown(told["electricity/main/before"]) == f"{then / KWH:,.2f}"
    assert "统计期尚未结束，数据截至 2025-03-10" in text_of(of, "notice")


def test_a_draft_s_rehearsal_is_told_and_what_none_has_reckoned_is_not_known(
    office: Office, tmp_path: Path
) -> None:
    """The draft without one rule says what that rule saves; every other rule is unknown."""

    def run(label: str, kwh: float, rules: dict[str, int]) -> dict[str, Any]:
        return {
            "label": label, "energy_kwh": {"electricity": kwh}, "gas_kwh": 0.0,
            "comfort": {f"kelvin_hours_above_{HOT:.0f}": 1234.0}, "compliance": {"enforcements": rules},
        }  # fmt: skip

    body = {"from": "2025-01-01", "to": "2025-12-31", "runs": [
        run("hall.yaml", 90_000.0, {"window-off": 30, "pre-close-off": 9}), run("draft.yaml", 98_000.0, {"window-off": 30}),
    ]}  # fmt: skip
    (tmp_path / "draft.json").write_text(json.dumps(body))
    office.says("--month", "2025-03", "--rehearsal", str(tmp_path / "draft.json"), "--lang", "en")
    html = (office.folder / "out/hall-2025-03-en.html").read_text(encoding="utf-8")
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    close = next(
        r
        for r in rows
        if "Off half an hour before closing" in r and "AP" not in r.split("|")[1] and "8,000" in r
    )
    assert close
    assert any(
        r.startswith("|draft.yaml||hall.yaml||2025|") and "−8,000" in r and "1,234 / 1,234" in r for r in rows
    )
    assert html.count("not known") >= 8


def test_a_retrofit_from_gas_to_a_heat_pump_is_told_with_its_gas(office: Office, tmp_path: Path) -> None:
    """It takes more electricity and no gas: what is less in coal counts both, whichever side of the comparison was named first."""
    gas, heat_pump = (
        {"label": label, "energy_kwh": {"electricity": kwh}, "gas_kwh": m, "comfort": {}, "compliance": {"enforcements": {}}}
        for label, kwh, m in (("hall.yaml", 20_000.0, 3000.0), ("retro.yaml", 20_500.0, 0.0))
    )  # fmt: skip
    told = []
    for runs in ([gas, heat_pump], [heat_pump, gas]):
        body = {"from": "2025-01-01", "to": "2025-12-31", "runs": runs}
        (tmp_path / "retro.json").write_text(json.dumps(body))
        office.says("--month", "2025-03", "--rehearsal", str(tmp_path / "retro.json"), "--lang", "zh")
        html = (office.folder / "out/hall-2025-03-zh.html").read_text(encoding="utf-8")
        (row,) = (r for r in re.findall(r"<tr>(.*?)</tr>", html) if "retro.yaml" in r)
        told.append([re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row)])
    coal = 3000 * 3.6 / 29.307 - 500 * DEFAULTS["electricity_kgce"].value
    assert told[0] == told[1]
    assert told[0][:8] == [
        "retro.yaml",
        "hall.yaml",
        "2025 年",
        "20,500",
        "−500",
        "−2.5 %",
        "3,000",
        f"{coal:,.0f}",
    ]


# ------------------------------------------------------------------ files


def test_both_files_are_found_again_latest_period_first(office: Office) -> None:
    """As the page lists them to be downloaded."""
    for lang in ("zh", "en"):
        office.says("--month", "2025-02", "--lang", lang)
    office.says("--month", "2025-03")
    there = files.there(office.folder / "out")
    assert {(r.period, r.lang, r.kind) for r in there} >= {
        ("2025-02", "en", "html"), ("2025-02", "zh", "xlsx"), ("2025-03", "zh", "html"),
    }  # fmt: skip
    assert [r.period for r in there] == sorted((r.period for r in there), reverse=True)
    assert files.there(office.folder / "nowhere") == []


def test_an_interrupt_leaves_what_was_there_before_and_nothing_half_written(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is reckoned, and while the second of two files is written."""
    (tmp_path / "hall-2025-03-zh.html").write_text("the old one")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("supervisor.telling.reports.making.workbook", interrupted)
        done = CliRunner().invoke(app, ["report", str(office.folder / "hall.yaml"), "--state-dir", str(office.state),
                                        "--month", "2025-03", "-o", str(tmp_path)])  # fmt: skip
        assert done.exit_code != 0
    count = iter(range(9))
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: interrupted() if next(count) == 1 else None)
        with pytest.raises(KeyboardInterrupt):
            files.write(tmp_path, {"hall-2025-03-zh.html": b"new", "hall-2025-03-zh.xlsx": b"new"})
    assert [p.name for p in tmp_path.iterdir()] == ["hall-2025-03-zh.html"]
    assert (tmp_path / "hall-2025-03-zh.html").read_text() == "the old one"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--month", "2025-13"), 2, ("2025-13 is no month", "不是月份")),
        (("--month", "2025"), 2, ("2025 is no month",)),
        (("--year", "2025-03"), 2, ("2025-03 is no year", "不是年份")),
        (("--year", "2025-Q1"), 2, ("no year",)),
        (("--month", "2025-03", "--year", "2025"), 2, ("not both", "只能给出一个")),
        (("--month", "2099-01"), 1, ("has not begun yet", "尚未开始")),
        (("--month", "2025-03", "--rehearsal", "/nowhere.json"), 1, ("nowhere.json",)),
        (("--month", "2025-03", "--all"), 2, ("PostgreSQL",)),
    ],
)
def test_what_cannot_be_asked_is_said_plainly(
    office: Office, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    """Exit 2 for misuse, 1 for what is wrong with the input, never a traceback."""
    said = office.says(*arguments, code=code)
    assert all(word in said for word in words), said
    assert "Traceback" not in said


def test_a_folder_that_is_a_file_and_a_rehearsal_that_is_none_are_refused(
    office: Office, tmp_path: Path
) -> None:
    """Before anything is reckoned."""
    (tmp_path / "file").write_text("{}")
    assert "is no rehearsal" in office.says(
        "--month", "2025-03", "--rehearsal", str(tmp_path / "file"), code=1
    )
    asked = [
        "report",
        str(office.folder / "hall.yaml"),
        "--state-dir",
        str(office.state),
        "-o",
        str(tmp_path / "file"),
    ]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 1 and "not a folder" in done.output
    mistyped = [str(tmp_path / "no") if word == str(office.state) else word for word in asked[:4]]
    done = CliRunner().invoke(app, [*mistyped, "--lang", "zh"])
    assert done.exit_code == 1 and "没有这个状态目录" in done.output and not (tmp_path / "no").exists()


def test_the_page_fetches_nothing_and_runs_nothing(office: Office) -> None:
    """It is mailed, archived and opened years later."""
    html = page(office.document("2025-03"))
    assert not re.search(r"<script|src=|url\(|@import|https?://", html)


def formulas(path: Path) -> dict[tuple[str, str], tuple[str, float]]:
    """(sheet, cell) → formula and the value kept with it."""
    found = {}
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = book.read(name).decode()
                for cell, formula, value in re.findall(
                    r'<c r="([A-Z]+\d+)"[^>]*><f[^>]*>([^<]*)</f><v>([^<]*)</v>', text
                ):
                    found[name, cell] = (formula, float(value))
    return found


def test_the_workbook_reckons_its_sums_and_indicators_by_formulas(office: Office) -> None:
    """Sums of months, totals, coal, CO₂, indicators and changes; none names a cell that is not there."""
    office.says("--year", "2025")
    found = formulas(office.folder / "out/hall-2025-zh.xlsx")
    said = [formula for formula, _ in found.values()]
    assert any(f.startswith("SUM(") for f in said) and any("折标煤" in f and "面积与人数" in f for f in said)
    assert len(found) > 100
    assert not any("#REF" in f or "{" in f for f in said)


def test_a_clause_that_takes_two_lines_has_a_row_of_that_height(office: Office) -> None:
    """LibreOffice leaves rows one line high: a clause ran into the rule beneath it."""
    office.says("--month", "2025-03")
    with zipfile.ZipFile(office.folder / "out/hall-2025-03-zh.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        sheet = book.read(f"xl/worksheets/sheet{names.index('诊断与效益') + 1}.xml").decode()
        strings = re.findall(r"<si>(.*?)</si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    rows = re.findall(r'<row r="\d+"([^>]*)>(.*?)</row>', sheet)
    (height,) = (
        float(found[1]) if (found := re.search(r'\bht="([\d.]+)"', head)) else 0.0
        for head, cells in rows
        if any("空调运行期间禁止开窗" in strings[int(n)] for n in re.findall(r't="s"><v>(\d+)', cells))
    )
    assert height >= 30.0


def test_a_fall_that_is_missing_readings_is_not_painted_as_a_success(office: Office) -> None:
    """A year of which a quarter was read uses less: neither a tile nor the sentence says by how much, but how many days are missing."""
    notice = office.document("2025", now=instant_of(date(2026, 2, 1), 0, office.site.tz)).parts[0]
    (tiles,) = (block for block in notice.blocks if isinstance(block, Tiles))
    assert tiles.tiles and {(said, tone) for _, _, said, tone in tiles.tiles} == {("数据不足，不作比较", "")}
    (lead,) = (b.text for b in notice.blocks if isinstance(b, Text) and b.kind == "lead")
    assert re.fullmatch(
        r"数据不足，无法判断能耗升降：本期 365 天中约缺 2\d\d 天（数据完整率 2\d\.\d %）。", lead
    )


def test_a_report_says_in_the_language_that_was_asked_for(office: Office) -> None:
    """Headings of each part; names of the site stay as they are."""
    for lang, words in (
        ("zh", ("能源资源消费公示", "能源资源消费统计台账", "节能整改报告", "系统诊断及节能综合效益分析", "合规证据", "台账流水", "单位（楼宇）")),
        ("en", ("Energy notice", "Statistical ledger", "Corrective report", "Diagnosis and benefit of measures", "Compliance evidence", "Ledger rows")),
    ):  # fmt: skip
        html = page(office.document("2025-03", lang))  # type: ignore[arg-type]
        assert all(word in html for word in words)
        if lang == "en":
            own = office.folder.joinpath("hall.yaml").read_text(encoding="utf-8")
            left = {
                c
                for c in re.sub(r"<style>.*?</style>", "", html, flags=re.S)
                if "\u4e00" <= c <= "\u9fff" and c not in own
            }
            allowed = set("".join(clauses(rule, "en") for rule in BY_ID))  # they stay as they are law
            assert not left - allowed, "".join(sorted(left - allowed))


def test_a_sheet_is_printed_as_large_as_it_is_written() -> None:
    """Texts wrap until the columns fit on A4; figures keep their width; where an upright sheet would cramp them it lies across."""
    assert fitted([20, 12, 12], [12, 12, 12], wide=False) == ([20, 12, 12], False)
    across, lies = fitted([46, 46, 30, 12, 12, 12], [12, 12, 12, 12, 12, 12], wide=False)
    assert lies and 7 * sum(across) + 5 * 6 <= 1026
    assert across[3:] == [12, 12, 12] and min(across) == 12
    assert fitted([13] * 20, [13] * 20, wide=True) == ([13] * 20, True)


def test_a_year_of_three_months_is_not_judged(office: Office) -> None:
    """Three of twelve months were read: how many is said, and neither kept nor missed."""
    notice = office.document("2025", "en", now=instant_of(date(2026, 2, 1), 0, office.site.tz)).parts[0]
    said = " ".join(b.text for b in notice.blocks if isinstance(b, Text))
    assert "Of the 12 months that are over 3 are counted" in said
    (year,) = (b for b in notice.blocks if isinstance(b, Table) and b.heads[0] == "indicator")
    assert {shown(row[-1]) for row in year.rows} == {"not judged"}


def test_a_folder_that_is_open_is_told_in_the_language_of_the_verb(office: Office) -> None:
    """A state folder that others may look into: a line in Chinese, also where standard error is a file."""
    office.state.chmod(0o755)
    try:
        said = office.says("--month", "2025-03", "--lang", "zh")
    finally:
        office.state.chmod(0o700)
    assert "状态目录对其他用户开放" in said
    assert "open to others" not in said


def test_what_lacks_readings_is_not_said_to_have_risen(office: Office) -> None:
    """“All other electricity” is a rise because a meter beneath it was silent: it stands last, and not in red."""
    corrective = next(p for p in office.document("2025-03").parts if p.id == "corrective")
    (changes,) = (b for b in corrective.blocks if isinstance(b, Table) and "同比" in b.heads)
    marked = [row[-1].marked for row in changes.rows]
    assert any(marked) and marked == sorted(marked)
    assert all(not row[-1].tone for row in changes.rows if row[-1].marked)
