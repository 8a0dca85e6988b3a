"""Coefficients and costs: ours with basis and source, a site's own by a file, and every bad row told by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app as main
from supervisor.ledger.coefficients import DEFAULTS
from tests.unit.ledger.hall import Hall

MARCH = "".join(
    f"2026-03-01T00:00,{m},0\n2026-04-01T00:00,{m},{v}\n"
    for m, v in (("main", 1000), ("gas", 100), ("car", 200))
)
METERS = """
meters:
  main: {subitem: total, unit: kWh}
  gas: {subitem: gas, unit: m3}
  car: {subitem: petrol, unit: L}
"""
HEAD = "name,value,unit,basis,source\n"


def hall_with(folder: Path, statistics: str) -> Hall:
    """A building with a month of readings, and so much of its own statistics."""
    hall = Hall(folder, METERS + (f"statistics: {statistics}\n" if statistics else ""))
    hall.imports(MARCH)
    return hall


def value(hall: Hall, key: str) -> float:
    """One figure of March."""
    (march,) = hall.statistics("2026-03")
    return float(march[f"building/{key}"]["value"])


@pytest.mark.parametrize(
    ("region", "factor"),
    [("", 0.5306), ("national", 0.5306), ("north", 0.6361), ("northeast", 0.5122), ("east", 0.55), ("central", 0.5271),
     ("northwest", 0.5543)],
)  # fmt: skip
def test_the_grid_of_the_region_says_what_a_kilowatt_hour_stands_for(
    tmp_path: Path, region: str, factor: float
) -> None:
    """The factors of 2023, by the site file's region; without one the nation's."""
    assert value(hall_with(tmp_path, f"{{region: {region}}}" if region else ""), "co2/co2") == pytest.approx(
        1000 * factor
    )


def test_each_coefficient_has_its_basis_and_source_in_both_languages(tmp_path: Path) -> None:
    """A figure without them compares with nothing: they stand under every statement."""
    for name, each in DEFAULTS.items():
        assert each.basis.en and each.basis.zh and each.source.en and each.source.zh, name
    hall = hall_with(tmp_path, "")
    zh, en = (hall.does("statistics", "--period", "2026-03", "--lang", lang) for lang in ("zh", "en"))
    assert "electricity_kgce 0.1229 kgce/kWh：当量值（部分省市用等价值 0.31）；GB/T 2589-2020 附录 A" in zh
    assert "petrol_density 0.73 kg/L: No. 92 petrol" in en
    body = json.loads(hall.does("statistics", "--period", "2026-03", "--format", "json"))
    assert body["coefficients"]["gas_kgce"]["basis_zh"] == "当量值，油田天然气（气田天然气为 1.2143）"
    assert body["coefficients"]["electricity_co2"]["value"] == 0.5306


def test_a_site_replaces_what_its_province_counts_otherwise(tmp_path: Path) -> None:
    """The equal value of electricity, and gas of a gas field: in coal, in every form, and with the site's own words."""
    hall = hall_with(tmp_path, "{coefficients: coefficients.csv, region: east}")
    hall.file("coefficients.csv", HEAD + "# 本省口径\nelectricity_kgce,0.31,kgce/kWh,等价值,省节能办 2026\n"
              "gas_kgce,1.2143,kgce/m3,当量值（气田）,GB/T 2589\nelectricity_co2_east,0.5,kgCO2/kWh,华东 2024,公告\n")  # fmt: skip
    coal = 1000 * 0.31 + 100 * 1.2143 + 200 * 0.73 * 1.4714
    assert value(hall, "coal/coal") == pytest.approx(coal)
    assert value(hall, "co2/co2") == pytest.approx(500)
    assert f"{coal:.2f}" in hall.does("meters", "--period", "2026-03")
    assert hall.form("2026-03")["能源消费总量"]["数值"] == f"{coal:.2f}"
    assert "0.31 kgce/kWh：等价值；省节能办 2026" in hall.does("statistics", "--period", "2026-03")


BAD = (
    ("electricty_kgce,0.31,kgce/kWh,a,b", "did you mean `electricity_kgce`?", "是否指 `electricity_kgce`？"),
    ("electricity_kgce,0.31", "2 cells", "应为 5 列"),
    ("electricity_kgce,much,kgce/kWh,a,b", "`much` is no coefficient", "`much` 不是系数"),
    ("electricity_kgce,-1,kgce/kWh,a,b", "`-1` is no coefficient", "`-1` 不是系数"),
    ("electricity_kgce,nan,kgce/kWh,a,b", "`nan` is no coefficient", "`nan` 不是系数"),
    ("electricity_kgce,0.31,tce/kWh,a,b", "is in kgce/kWh", "单位应为 kgce/kWh"),
    ("electricity_kgce,0.31,kgce/kWh,,b", "without basis or source", "缺少口径或来源"),
    ("gas_kgce,1.33,kgce/m³,a,b", "stands in line 2 already", "已见于第 2 行"),
    ('gas_kgce,"1.33,kgce/m³,a,b', "no CSV", "不是 CSV"),
)


def test_every_bad_row_is_told_by_file_and_line_and_nothing_is_reckoned(tmp_path: Path) -> None:
    """All of them at once, in both languages, and exit 1 in every verb that reckons; the readings stay as they are."""
    hall = hall_with(tmp_path, "{coefficients: coefficients.csv}")
    rows = "\n".join(row for row, _, _ in BAD)
    hall.file("coefficients.csv", f"{HEAD}gas_kgce,1.2143,kgce/m³,当量值,GB\n{rows}\n")
    for verb in ("meters", "statistics", "check", "export"):
        said = hall.does(verb, "--period", "2026-03", code=1).splitlines()
        for line, (row, en, zh) in enumerate(BAD, 3):
            told = next(n for n, each in enumerate(said) if f"coefficients.csv, line {line}: " in each)
            assert en in said[told], row
            assert zh in said[told + 1], row
        assert "nothing was reckoned" in said[-2]
        assert "未作统计" in said[-1]


def test_two_bad_rows_are_told_at_once_and_a_file_that_is_not_there_by_its_name(tmp_path: Path) -> None:
    """Costs as well as coefficients; `check` of the site file warns of a file that is missing."""
    hall = hall_with(tmp_path, "{costs: costs.csv}")
    assert "costs.csv" in hall.does("check", "--period", "2026-03", code=1)
    hall.file(
        "costs.csv",
        "month,carrier,cost\n2026-13,gas,5\n2026-03,steam,5\n2026-03,gas,-5\n2026-03,gas,6\n2026-03,天然气,7\n",
    )
    said = hall.does("check", "--period", "2026-03", code=1)
    for line, en, zh in ((2, "is no month", "不是月份"), (3, "is no carrier", "没有能源"), (4, "is no cost", "不是费用"),
                         (6, "stands in line 5 already", "已见于第 5 行")):  # fmt: skip
        assert f"costs.csv, line {line}: " in said
        assert en in said
        assert zh in said


def test_check_tells_bad_rows_of_coefficients_and_costs_by_file_and_line(tmp_path: Path) -> None:
    """Whoever asks whether the site file is right learns it of the files beside it, all at once, and as JSON."""
    hall = Hall(tmp_path, "statistics: {coefficients: c.csv, costs: k.csv}\n")
    hall.file("c.csv", "name,value,unit,basis,source\ngas_kgce,-1,kgce/m³,a,b\ngas_kcge,1.2,kgce/m³,a,b\n")
    hall.file("k.csv", "month,carrier,cost\n2026-03,电力,12\n2026-13,电力,12\n")
    done = CliRunner().invoke(main, ["check", str(hall.site)])
    assert done.exit_code == 1
    for said in (
        "c.csv:2:1: error: `-1` is no coefficient", "c.csv:3:1: error: `gas_kcge` is no coefficient: did you mean `gas_kgce`?",
        "k.csv:3:1: error: `2026-13` is no month", "`ledger` reckons nothing",
    ):  # fmt: skip
        assert said in done.output, done.output
    assert "不是系数" in CliRunner().invoke(main, ["check", str(hall.site), "--lang", "zh"]).output
    told = json.loads(CliRunner().invoke(main, ["check", str(hall.site), "--format", "json"]).output)
    assert [(Path(p["file"]).name, p["line"], p["path"]) for p in told["problems"]] == [
        ("c.csv", 2, "statistics.coefficients"), ("c.csv", 3, "statistics.coefficients"), ("k.csv", 3, "statistics.costs"),
    ]  # fmt: skip
    hall.file("c.csv", "gas_kgce,1.2143,kgce/m³,a,b\n")
    hall.file("k.csv", "2026-03,电力,12\n")
    assert CliRunner().invoke(main, ["check", str(hall.site)]).exit_code == 0


@pytest.mark.parametrize(
    ("region", "factor"), [("south", "0.4042"), ("southwest", "0.2472"), ("north", "0.6361")]
)
def test_each_region_has_its_grids_factor_of_2023(tmp_path: Path, region: str, factor: str) -> None:
    """Seven regional grids, as the notice has them."""
    hall = Hall(
        tmp_path, f"statistics: {{region: {region}}}\nmeters: {{main: {{subitem: total, unit: kWh}}}}\n"
    )
    hall.imports("2026-03-01T00:00,main,0\n2026-04-01T00:00,main,1000\n")
    (march,) = hall.statistics("2026-03")
    assert f"{march['building/co2/co2']['value']:.1f}" == f"{1000 * float(factor):.1f}"
