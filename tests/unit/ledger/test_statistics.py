"""The statistics: what plain SQL makes of the raw readings, to the last digit, and what was done about each fault."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.ledger.hall import Hall, hours

METERS = """
area_m2: 1000
people: 50
meters:
  main: {subitem: total, point: {at: ddc/analog-input:7, unit: kWh}, interval: 1h, digits: 6, rated: 100, name: 总表}
  ac: {subitem: hvac, unit: kWh, parent: main}
  water: {subitem: water, unit: m3}
  gas: {subitem: gas, unit: m3}
  heat: {subitem: heat, unit: GJ}
  car: {subitem: petrol, unit: L}
"""
MARCH = 31 * 24
RATE = 5.5


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    """A building whose main meter is on the wire; the others are read by hand."""
    return Hall(tmp_path, METERS)


def troubled() -> list[float]:
    """March by the hour at 5.5 kWh an hour: past the register's end on the 3rd, begun anew on the 10th, silent for nine
    hours on the 15th, another meter on the 20th."""
    figures: list[float] = []
    register = 999_700.0
    for hour in range(MARCH + 1):
        if hour:
            register += RATE
        if register >= 1_000_000.0:
            register -= 1_000_000.0
        if hour == 9 * 24 + 12:
            register = RATE  # begun anew within this hour
        if hour == 19 * 24 + 12:
            register = 40_000.0  # another meter
        figures.append(math.nan if 14 * 24 + 5 <= hour < 14 * 24 + 14 else register)
    return figures


def test_a_month_with_a_rollover_a_reset_a_gap_and_a_replaced_meter_is_right_and_says_what_it_did(
    hall: Hall,
) -> None:
    """The truth is 744 hours of 5.5 kWh; plain SQL over the raw readings says the same to the sixth decimal, and each
    cause is told with its amount and share, in both languages."""
    hall.reads("main", [row for row in hours("2026-03-01", troubled()) if not math.isnan(row[1])])
    sql = hall.raw(
        "SELECT sum(CASE WHEN value >= before AND value - before < 1000 THEN value - before"
        " WHEN before > 900000 AND value < 1000 THEN value + 1000000 - before"  # past the end
        " WHEN value < before THEN value"  # begun anew
        f" ELSE {RATE} END) FROM r WHERE before IS NOT NULL",  # another meter: the mean of the last day
        "main",
    )
    row = hall.sheet("2026-03")["main"]
    assert row["amount"] == f"{sql:.6f}" == f"{MARCH * RATE:.6f}"
    causes = dict(part.split("=") for part in row["causes"].split("; "))
    assert causes == {
        "rollover": "5.500000",
        "reset": "5.500000",
        "silent": "55.000000",
        "replaced": "5.500000",
    }
    assert row["estimated"] == "66.000000"  # what was read on both sides of the register's end is no guess
    zh = hall.does("meters", "--period", "2026-03")
    notes = [" ".join(line.split()) for line in zh.splitlines() if line.startswith("  2026-03  main")]
    assert notes == [
        "2026-03 main 已换表，表底不连续（replaced） 5.50 kWh 0.1%",
        "2026-03 main 表底清零（reset） 5.50 kWh 0.1%",
        "2026-03 main 表底满量程翻转：已修正（rollover） 5.50 kWh 0.1%",
        "2026-03 main 无读数（silent） 55.00 kWh 1.3%",
        "2026-03 main 估算合计 66.00 kWh 1.6%",
    ]
    en = " ".join(hall.does("statistics", "--period", "2026-03", "--lang", "en").split())
    assert "no reading came (silent) 55.00 kWh 1.3%" in en
    assert "estimated in all 66.00 kWh 1.6%" in en
    asked = hall.does("check", "--period", "2026-03", "--lang", "en", code=1)
    assert (
        "main: replaced: another meter counts on from another figure (2026-03-20), 5.50 kWh, 0.1% of the period"
        in asked
    )
    assert "began anew, so that the month is no difference of two figures: not judged" in asked


def test_every_figure_is_what_plain_sql_makes_of_the_raw_readings(hall: Hall) -> None:
    """Carriers, coal, CO₂ and indicators of a month whose readings have tenths and thousandths, to the last printed digit."""
    hall.reads(
        "main", hours("2026-03-01", [round(1000 + 0.1 * n + 0.003 * (n % 7), 3) for n in range(MARCH + 1)])
    )
    hall.imports("".join(
        f"2026-03-01T00:00,{meter},{first}\n2026-03-11T08:00,{meter},{middle}\n2026-04-01T00:00,{meter},{last}\n"
        for meter, first, middle, last in (
            ("ac", 10.1, 20.2, 40.7), ("water", 100.125, 130.5, 161.25), ("gas", 0.3, 0.4, 99.9), ("heat", 5.01, 7, 15.02),
            ("car", 0, 80.5, 201.3),
        )
    ))  # fmt: skip
    read = {
        meter: Decimal(str(hall.raw("SELECT round(max(value) - min(value), 6) FROM r", meter)))
        for meter in ("main", "ac", "water", "gas", "heat", "car")
    }
    (march,) = hall.statistics("2026-03")
    keys = {"main": "carrier/electricity", "water": "carrier/water", "gas": "carrier/gas", "heat": "carrier/heat",
            "car": "carrier/petrol", "ac": "subitem/hvac"}  # fmt: skip
    for meter, key in keys.items():
        assert f"{march[f'building/{key}']['value']:.6f}" == f"{read[meter]:.6f}", meter
    coal = (
        read["main"] * Decimal("0.1229") + read["gas"] * Decimal("1.33") + read["heat"] * Decimal("34.12")
        + read["car"] * Decimal("0.73") * Decimal("1.4714")
    )  # fmt: skip
    heating = read["heat"] * Decimal("34.12")
    co2 = read["main"] * Decimal("0.5306")
    for key, value in {
        "coal/coal": coal, "co2/co2": co2, "indicator/energy_per_area": coal / 1000,
        "indicator/non_heating_energy_per_area": (coal - heating) / 1000, "indicator/energy_per_head": coal / 50,
        "indicator/electricity_per_area": read["main"] / 1000, "indicator/water_per_head": read["water"] / 50,
        "indicator/co2_of_electricity_per_area": co2 / 1000,
    }.items():  # fmt: skip
        assert f"{march[f'building/{key}']['value']:.6f}" == f"{value:.6f}", key


def test_months_add_up_to_quarters_and_quarters_to_the_year(hall: Hall) -> None:
    """A year of readings at any day of the month: what is split at a month's end is nowhere lost and nowhere twice."""
    hall.imports(
        "".join(
            f"2025-{month:02d}-{(month * 7) % 27 + 1:02d}T06:00,gas,{month * 97.3:.1f}\n"
            for month in range(1, 13)
        )
    )
    months, quarters = hall.statistics("2025"), hall.statistics("2025", "--by", "quarter")
    (year,) = hall.statistics("2025", "--by", "year")
    assert [len(months), len(quarters)] == [13, 5]

    def gas(parts: list[dict[str, dict[str, object]]]) -> list[float]:
        return [float(str(part["building/carrier/gas"]["value"] or 0)) for part in parts]

    assert sum(gas(months)[:-1]) == pytest.approx(gas(months)[-1], abs=1e-6)
    assert sum(gas(quarters)[:-1]) == pytest.approx(gas(months)[-1], abs=1e-6)
    assert gas([year]) == gas(months)[-1:] == gas(quarters)[-1:]
    text = hall.does("statistics", "--period", "2025", "--by", "quarter")
    assert "2025-Q1" in text
    assert "合计" in text


@pytest.mark.parametrize("share", [0.95, 0.89])
def test_a_month_under_nine_tenths_never_prints_without_its_mark(hall: Hall, share: float) -> None:
    """Wherever the month's electricity is printed, on a terminal, in a sheet, in JSON or in a form, its mark stands by it; and
    so it does with whatever is reckoned from it."""
    rows = [
        row
        for n, row in enumerate(hours("2026-03-01", [RATE * n for n in range(MARCH + 1)]))
        if n % 100 < share * 100 or n == MARCH
    ]
    hall.reads("main", rows)
    short = share < 0.9
    told = {
        "meters": [line for line in hall.does("meters", "--period", "2026-03").splitlines() if "4092.00" in line],
        "statistics": [line for line in hall.does("statistics", "--period", "2026-03").splitlines() if "4092.00" in line],
        "sheet": [line for line in hall.does("export", "--period", "2026-03").splitlines() if "4092.00" in line],
        "csv": [line for line in hall.does("statistics", "--period", "2026-03", "--format", "csv").splitlines() if "4092.00" in line],
    }  # fmt: skip
    for where, lines in told.items():
        assert len(lines) >= 1, where
        for line in lines:
            assert ("!" in line) is short, line
    (march,) = hall.statistics("2026-03")
    for key in (
        "carrier/electricity",
        "co2/co2",
        "indicator/electricity_per_area",
        "coal/coal",
        "indicator/energy_per_area",
    ):
        figure = march[f"building/{key}"]
        # coal has carriers that nobody read at all: it is not whole either way
        assert figure["marked"] is (short or key in ("coal/coal", "indicator/energy_per_area")), key
    for edition in ("2025-11", "2022"):
        form = hall.form("2026-03", edition)
        assert form["电消费量"]["数值"] == "4092.00"
        assert ("不足90%" in form["电消费量"]["数据完整率"]) is short
        assert ("不足90%" in form["单位建筑面积电耗"]["数据完整率"]) is short
    for lang, words in (("zh", "main: 数据完整率"), ("en", "main: only 8")):
        said = hall.does("check", "--period", "2026-03", "--lang", lang, code=1)
        assert (words in said) is short


def test_a_meter_read_by_hand_is_as_complete_as_its_readings_cover_the_month(hall: Hall) -> None:
    """From the 8th on only: three quarters of the month, and marked; one that is not read at all is not known, and no zero."""
    hall.imports("2026-03-08T00:00,gas,0\n2026-04-01T00:00,gas,100\n")
    row = hall.sheet("2026-03")["gas"]
    assert (row["completeness"], row["mark"]) == ("0.7742", "!")
    assert hall.sheet("2026-03")["water"]["amount"] == ""
    table = hall.does("meters", "--period", "2026-03")
    assert "100.00 !" in table
    assert "人工 77.4% !" in table
    assert "gas: 人工抄表仅覆盖 77.4% 的时间" in hall.does("check", "--period", "2026-03", code=1)
    assert hall.form("2026-03")["水消费量"]["数值"] == ""


def test_what_was_read_across_a_months_end_is_split_by_time_and_says_so(hall: Hall) -> None:
    """Read on 15 March and on 14 April, 30 days: 17 of them are March's."""
    hall.imports("2026-03-01T00:00,water,0\n2026-03-15T00:00,water,14\n2026-04-14T00:00,water,44\n")
    row = hall.sheet("2026-03")["water"]
    assert (row["amount"], row["estimated"], row["causes"]) == ("31.000000", "17.000000", "split=17.000000")
    table = " ".join(hall.does("meters", "--period", "2026-03").split())
    assert "water 跨期读数按时间分摊（split） 17.00 m³ 54.8%" in table


def test_rows_of_the_table_stand_under_one_another(hall: Hall) -> None:
    """Chinese takes two columns: units begin in one column, and figures end in one."""
    from config.phrase import columns

    hall.imports(
        "2026-03-01T00:00,gas,0\n2026-04-01T00:00,gas,100\n2026-03-01T00:00,car,0\n2026-04-01T00:00,car,12345.6\n"
    )
    for lang in ("zh", "en"):
        lines = hall.does("statistics", "--period", "2026-03", "--lang", lang).splitlines()
        told = [
            line
            for line in lines
            if line.startswith("  ") and (line.endswith(("00", "60")) or ".00 !" in line)
        ]
        ends = {columns(line.rstrip(" !")) for line in told if "m³ " in line or " L " in line}
        assert len(ends) == 1, told


def test_what_was_imported_is_told_in_the_language_asked_for(hall: Hall) -> None:
    """Both where nobody asks; every verb that reckons has `--help` with an example."""
    path = str(hall.file("gas.csv", "2026-03-01T00:00,gas,0\n2026-04-01T00:00,gas,100\n"))
    assert hall.does("import", path) == "gas: readings=2 booked=100.00 m³ · 读数 2 条，计入 100.00 m³\n"
    assert hall.does("import", path, "--lang", "zh") == "gas: 读数 2 条，计入 100.00 m³\n"
    assert hall.does("add", "gas", "130", "--at", "2026-04-02", "--lang", "en").startswith(
        "gas: readings=1 booked="
    )
    assert "building-supervisor ledger statistics office.yaml" in " ".join(
        hall.does("statistics", "--help").split()
    )
