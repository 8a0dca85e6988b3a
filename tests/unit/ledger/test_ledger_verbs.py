"""The ledger at a terminal: readings in, figures out, and no quiet change of the record."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from supervisor.cli import ledger
from supervisor.cli.main import app
from supervisor.store.gateways import address
from supervisor.store.writer import Store

SITE = """version: 1
building: hall
name: 区政府大楼
timezone: Asia/Shanghai
area_m2: 1000
people: 50
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, unit: kWh, name: 总表, interval: 1h, digits: 6}
  ac: {subitem: hvac, unit: kWh, parent: main}
  water: {subitem: water, unit: m3}
  gas: {subitem: gas, unit: m3}
  heat: {subitem: heat, unit: GJ}
  car-1: {subitem: petrol, unit: L, name: 京A12345}
"""


class Office:
    """A building whose meters are read by hand, at a terminal."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder, self.site = folder, folder / "hall.yaml"
        database = database or f"sqlite:///{folder / 'hall.sqlite3'}"
        self.address = address(database, "hall")
        self.site.write_text(f"{SITE}database: {database}\n", encoding="utf-8")

    def does(self, verb: str, *arguments: str, code: int = 0) -> str:
        """What a verb of the ledger says, and that it ends so."""
        done = CliRunner().invoke(
            app, ["ledger", verb, str(self.site), *arguments, "--state-dir", str(self.folder / "state")]
        )
        assert done.exit_code == code, done.output
        return done.output

    def file(self, text: str, name: str = "readings.csv", encoding: str = "utf-8") -> str:
        """A file beside the site file."""
        path = self.folder / name
        path.write_text(text, encoding=encoding)
        return str(path)

    def sql(self, query: str) -> Any:
        """What plain SQL says, the first column of the first row."""
        store = Store(self.address, inline=True)
        store.open()
        try:
            return store.read_now(lambda connection: connection.exec_driver_sql(query).scalar())
        finally:
            store.close()


@pytest.fixture
def office(tmp_path: Path, database: str) -> Office:
    """A building of its own, in a database of either kind."""
    return Office(tmp_path, database)


MARCH = """time,meter,value
2026-03-01T00:00,main,1000
2026-03-15T00:00,main,1500
2026-04-01T00:00,main,2500
2026-03-01T00:00,ac,10
2026-04-01T00:00,ac,610
2026-03-01 00:00,water,100
2026/04/01 00:00,water,160
2026-03-01T00:00,gas,0
2026-04-01T00:00,gas,100
2026-03-01T00:00,heat,5
2026-04-01T00:00,heat,15
2026-03-01T00:00,car-1,0
2026-04-01T00:00,car-1,200
"""


def test_a_month_of_readings_becomes_a_month_of_figures(office: Office) -> None:
    """Imported by file; sums, coal and indicators follow, and the figure is what plain SQL makes of the raw readings."""
    said = office.does("import", office.file(MARCH))
    assert "main: readings=3 booked=1500.00 kWh · 读数 3 条" in said
    table = office.does("meters", "--period", "2026-03")
    assert "总表" in table
    assert "1500.00" in table
    # 1500 kWh, 100 m³ of gas, 10 GJ of heat, 200 L of petrol
    coal = 1500 * 0.1229 + 100 * 1.33 + 10 * 34.12 + 200 * 0.73 * 1.4714
    assert f"{coal:.2f}  kgce" in " ".join(table.split("折标煤")[1].split()).replace(" kgce", "  kgce")
    raw = office.sql(
        "SELECT max(value) - min(value) FROM readings JOIN series ON series.id = readings.series "
        "WHERE series.name = 'meter/main/energy'"
    )
    rows = list(csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03"))))
    assert f"{raw:.6f}" == next(r["amount"] for r in rows if r["meter"] == "main")


def test_two_rows_that_contradict_each_other_are_told_with_both_lines(office: Office) -> None:
    """A copied sheet with a slip: nobody guesses which is true, nothing is imported; a row that stands twice counts once."""
    rows = (
        "time,meter,value\n2026-03-01T00:00,main,1000\n2026-03-02T00:00,main,1010\n2026/3/1 0:00,main,1001\n"
    )
    said = office.does("import", office.file(rows), code=1)
    assert "readings.csv, line 4: `main` says 1001 here and 1000 in line 2, of the same instant" in said
    assert "同一时刻此处为 1001，第 2 行为 1000" in said
    assert office.sql("SELECT count(*) FROM readings") == 0
    assert "readings=3" in office.does("import", office.file(rows.replace("1001", "1000")))
    assert office.sql("SELECT count(*) FROM readings") == 2


def test_importing_twice_counts_once_and_a_late_reading_lands_where_it_belongs(office: Office) -> None:
    """The same file again changes nothing; a reading between two others splits what was between them."""
    office.does("import", office.file(MARCH))
    office.does("import", office.file(MARCH))
    office.does("add", "main", "2100", "--at", "2026-03-25T00:00")
    rows = list(csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03"))))
    assert next(r["amount"] for r in rows if r["meter"] == "main") == "1500.000000"
    week = list(csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03-20"))))
    assert float(next(r["amount"] for r in week if r["meter"] == "main")) == pytest.approx(60.0)


def test_a_bad_row_is_told_by_file_and_line_and_nothing_is_half_imported(office: Office) -> None:
    """Four kinds of slip in one file: each is told in both languages, and no good row goes in without them."""
    text = (
        MARCH
        + "2026-04-02T00:00,mian,1\nnoon,main,1\n2026-04-02T00:00,main,-1\n2099-01-01T00:00,main,1\n1,2\n"
    )
    said = office.does("import", office.file(text), code=1)
    for line, en, zh in (
        (15, "`mian` is no meter", "无计量表"), (16, "`noon` is no time", "不是时间"), (17, "`-1` is no reading", "不是读数"),
        (18, "is in the future", "晚于当前时间"), (19, "2 cells", "应为 3 列"),
    ):  # fmt: skip
        assert f"readings.csv, line {line}: " in said
        assert en in said
        assert zh in said
    assert "nothing was imported" in said
    assert "未导入任何数据" in said
    rows = list(csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03"))))
    assert {row["amount"] for row in rows} == {""}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_file_from_a_chinese_spreadsheet_is_read(office: Office, encoding: str) -> None:
    """GBK, or UTF-8 with a mark, and a Chinese heading."""
    text = "时间,表,读数\n2026-03-01T00:00,main,1\n2026-03-02T00:00,main,2\n"
    assert "booked=1.00 kWh" in office.does("import", office.file(text, encoding=encoding))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00\x81", b"# only a remark\n"])
def test_a_file_without_a_reading_says_so(office: Office, data: bytes) -> None:
    """Empty, no text at all, only remarks: exit 1, and no traceback."""
    path = office.folder / "none.csv"
    path.write_bytes(data)
    assert "nothing was imported" in office.does("import", str(path), code=1)


def test_what_the_heading_says_that_readings_count_in_holds(office: Office) -> None:
    """MWh of a meter that counts kWh, by the name that the meter is known by: 1 MWh is 1000 kWh, and was 1. A unit of something
    else is refused by its line."""
    data = "抄表时间,表号,读数（MWh）\n2026-03-01 00:00,总表,10\n2026-03-31 24:00,总表,11\n"
    assert "1000.00 kWh" in office.does("import", office.file(data))
    said = office.does("import", office.file("时间,表号,读数(kWh)\n2026-03-01 00:00,gas,10\n"), code=1)
    assert "第 2 行：表头单位为 kWh，而 `gas` 计量的是体积" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"PK\x03\x04" + b"\0" * 90, "另存为 CSV"), (b"\xd0\xcf\x11\xe0" + b"\0" * 90, "另存为 CSV"),
     ("<html><table><tr><td>时间".encode(), "另存为 CSV"), ("时间,表号,读数\n2026-03-01,main,1000,5\n".encode(), "单元格多于表头"),
     ("时间,表号,读数\n2026-03-01,,1000\n".encode(), "未写明计量表"), ("时间,用量\n2026-03-01,5\n".encode(), "缺少列：表号（meter）、读数（value）"),
     ("时间,表号,读数\n46082.33,main,5\n".encode(), "日期序号（2026-03-01 07:55？）")],
)  # fmt: skip
def test_a_file_that_says_something_else_than_it_means_is_refused_with_what_to_do(
    office: Office, data: bytes, said: str
) -> None:
    """Workbooks, pages that are called .xls, a decimal comma between commas (1000,5 was taken for 1000), days as numbers."""
    path = office.folder / "odd.csv"
    path.write_bytes(data)
    assert said in office.does("import", str(path), code=1)


def test_a_month_with_a_rollover_a_reset_and_a_replaced_meter_is_right_and_says_so(office: Office) -> None:
    """Hourly figures of one meter; what was done about each is in the check."""
    figures = [999_900.0 + 5 * n for n in range(24)]
    figures += [5 * n - 0.0 for n in range(1, 25)]  # rolled over at 10^6, by 20 in that hour
    figures += [40_000.0 + 5 * n for n in range(24)]  # another meter
    text = "".join(f"2026-03-{2 + n // 24:02d}T{n % 24:02d}:00,{v:.1f}\n" for n, v in enumerate(figures))
    office.does("import", office.file(text), "--meter", "main")
    said = office.does("check", "--period", "2026-03", "--lang", "en", code=1)
    assert "main: replaced: another meter counts on from another figure (2026-03-03)" in said


def test_the_meters_beneath_must_not_count_more_than_the_one_above(office: Office) -> None:
    """A main meter that is short of what its branch counts is told, with both figures."""
    office.does("import", office.file("2026-03-01T00:00,main,0\n2026-04-01T00:00,main,100\n"
                                      "2026-03-01T00:00,ac,0\n2026-04-01T00:00,ac,150\n"))  # fmt: skip
    said = office.does("check", "--period", "2026-03", code=1)
    assert "main: 下级表合计大于本表（150.00 > 100.00 kWh）" in said


@pytest.mark.parametrize(("edition", "there"), [("2025-11", False), ("2022", True)])
def test_the_form_of_2025_asks_no_more_for_four_fields(office: Office, edition: str, there: bool) -> None:
    """用地面积, 充电桩数量, 可再生能源应用 and UPS装机容量 are in the form of 2022 only; heat is by quantity since."""
    office.does("import", office.file(MARCH))
    form = office.does("export", "--period", "2026-03", "--form", edition)
    for name in ("用地面积", "充电桩数量", "可再生能源应用", "UPS装机容量"):
        assert (name in form) is there
    assert ("热力消费量（按热量收费）" in form) is not there
    assert "电消费量,kWh,1500.00" in form
    assert "水消费量,m³,60.00" in form


def test_a_period_that_is_none_is_misuse(office: Office) -> None:
    """Exit 2, and how one is written."""
    assert "2026-Q1" in office.does("meters", "--period", "March", code=2)


def test_every_verb_shows_an_example() -> None:
    """`--help` of each: what it does in both languages, and one line to copy."""
    for verb in ("meters", "check", "add", "import", "export", "verify"):
        done = CliRunner().invoke(app, ["ledger", verb, "--help"])
        assert done.exit_code == 0
        assert f"building-supervisor ledger {verb}" in " ".join(done.output.split())


def test_the_zones_days_are_a_sheet_in_either_language(office: Office) -> None:
    """Minutes outside a rule, corrections and overrides by zone and day, for the month that is asked for."""
    office.does("meters")  # there is a store
    store = Store(office.address, inline=True)
    store.open()
    store.put_days({
        ("2026-03-01", "r", "violation", "window-off"): 90.0, ("2026-03-31", "r", "correction", "summer-setpoint"): 2.0,
        ("2026-03-31", "r", "override", "cooling_setpoint"): 3600.0, ("2026-04-01", "r", "watched", ""): 86400.0,
    })  # fmt: skip
    store.close()
    zh = list(csv.reader(io.StringIO(office.does("export", "--form", "days", "--period", "2026-03"))))
    assert zh[0][:4] == ["日期", "区域", "名称", "类别"]
    assert [(row[0], row[4], row[7], row[8]) for row in zh[1:]] == [
        ("2026-03-01", "不合规", "1.50", "分钟"), ("2026-03-31", "已纠正", "2", "次"), ("2026-03-31", "他人占用", "60.00", "分钟"),
    ]  # fmt: skip
    en = list(
        csv.reader(
            io.StringIO(office.does("export", "--form", "days", "--period", "2026-04", "--lang", "en"))
        )
    )
    assert en[0][-2:] == ["value", "unit"]
    assert en[1:] == [["2026-04-01", "r", "r", "watched", "watched", "", "", "1440.00", "min"]]


def _verbs() -> list[str]:
    return ["", *(command.name or "" for command in ledger.app.registered_commands)]


@pytest.mark.parametrize("verb", _verbs())
def test_every_verb_of_the_ledger_helps_in_both_languages_with_an_example_that_can_be_asked(
    verb: str,
) -> None:
    """`--help` has an example whose options exist, Chinese for what it does, and for each option of its own."""
    words = ["ledger", *([verb] if verb else []), "--help"]
    english = CliRunner().invoke(app, words, env={"COLUMNS": "200", "LC_ALL": "en_US.UTF-8"})
    assert "Example: building-supervisor ledger " in english.output
    said = CliRunner().invoke(app, words, env={"COLUMNS": "200", "LC_ALL": "zh_CN.UTF-8"})
    assert said.exit_code == 0
    text, _, options = said.output.partition("例：building-supervisor ledger ")
    assert re.search("[\u4e00-\u9fff]", text), "what it does"
    example, _, options = options.partition("\n\n")
    for option in re.findall(r"--[a-z-]+", example):
        assert option in options or not verb
    if verb:
        assert example.startswith(verb)
        options = options[options.index("参数：") :]
        rows = re.split(r"\n  (?=\S)", options.replace("-h, --help", ""))
        for row in rows[1:]:
            assert re.search("[\u4e00-\u9fff]", row), row


def test_a_time_or_a_period_that_is_none_is_told_in_both_languages(office: Office) -> None:
    """Misuse, and how it is written."""
    assert "--at：noon 不是可用的时间" in office.does("add", "gas", "1", "--at", "noon", code=2)
    assert "--period：last 不是统计期" in office.does("meters", "--period", "last", code=2)


@pytest.mark.parametrize(
    "verb", [["ledger", "meters"], ["ledger", "check"], ["ledger", "export"], ["ledger", "verify"]]
)
def test_a_mistyped_state_folder_is_no_empty_building(verb: list[str], tmp_path: Path) -> None:
    """Whoever only reads begins no ledger: figures of zero would be handed in."""
    site, folder = tmp_path / "hall.yaml", tmp_path / "sate"
    site.write_text(SITE, encoding="utf-8")
    done = CliRunner().invoke(app, [*verb, str(site), "--state-dir", str(folder), "--lang", "zh"])
    assert done.exit_code == 1 and str(folder) in done.output and "state-dir" in done.output
    assert not folder.exists()
