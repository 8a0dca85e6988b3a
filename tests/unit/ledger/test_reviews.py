"""What a reviewer asks of a period: year on year, area and heads, unit price, completeness, and the days against the month."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.unit.ledger.hall import Hall

METERS = """
meters:
  main: {subitem: total, unit: kWh}
"""
GAS = "  gas: {subitem: gas, unit: m3}\n"
BASICS = "area_m2: 1000\npeople: 50\n"


def two_years(hall: Hall, was: float, is_: float) -> None:
    """Electricity of March in two years."""
    hall.imports(f"2025-03-01T00:00,main,0\n2025-04-01T00:00,main,{was}\n"
                 f"2026-03-01T00:00,main,{was + 9000}\n2026-04-01T00:00,main,{was + 9000 + is_}\n")  # fmt: skip


def test_nothing_to_ask_about_is_said_check_by_check(tmp_path: Path) -> None:
    """A month like the one of the year before, paid for at a usual price: exit 0, and each check has its line."""
    hall = Hall(tmp_path, BASICS + "statistics: {costs: costs.csv}\n" + METERS)
    hall.file("costs.csv", "month,carrier,cost\n2026-03,electricity,800\n")
    two_years(hall, 1000, 1050)
    zh = hall.does("check", "--period", "2026-03")
    assert zh.startswith("2026-03：未发现问题\n")
    for check in ("同比 ±10%", "面积与人数 ±10%", "单价", "完整率 ≥90%", "日月合计 ≤5%"):
        assert any(check in line and line.endswith("未发现问题") for line in zh.splitlines()), check
    en = hall.does("check", "--period", "2026-03", "--lang", "en")
    assert "days against month, 5%  nothing to ask about" in en


@pytest.mark.parametrize(("is_", "asked"), [(1099, False), (1101, True), (899, True), (0, True)])
def test_a_tenth_more_or_less_than_the_year_before_is_to_be_explained(
    tmp_path: Path, is_: float, asked: bool
) -> None:
    """Both ways, and down to nothing."""
    hall = Hall(tmp_path, BASICS + METERS)
    two_years(hall, 1000, is_)
    said = hall.does("check", "--period", "2026-03", code=1 if asked else 0)
    assert ("电力较 2025-03 变化" in said) is asked


def test_area_or_heads_that_changed_by_more_than_a_tenth_are_to_be_explained(tmp_path: Path) -> None:
    """By their histories, in the mean of each period; a building that tells no history of its heads is not judged."""
    hall = Hall(tmp_path, "area_m2: [{area_m2: 1000}, {from: 2026-03-01, area_m2: 1101}]\n" + METERS)
    two_years(hall, 1000, 1000)
    said = hall.does("check", "--period", "2026-03", "--lang", "en", code=1)
    assert "area_m2: 1000 → 1101 m² (+10% against 2025-03): say why" in said
    assert "people: the site file does not tell it of 2026-03: not judged" in said
    hall = Hall(
        tmp_path, "area_m2: [{area_m2: 1000}, {from: 2026-03-16, area_m2: 1101}]\npeople: 50\n" + METERS
    )
    assert "area_m2" not in hall.does("check", "--period", "2026-03")  # half a month of it is no tenth


@pytest.mark.parametrize(
    ("cost", "said"),
    [("800", ""), ("20000", "20.0000 元/kWh"), ("1", "0.0010 元/kWh"), (None, "没有费用数据，未审核")],
)
def test_a_unit_price_that_nobody_pays_is_asked_about(tmp_path: Path, cost: str | None, said: str) -> None:
    """1000 kWh: 0.8 CNY each is usual, 20 is not, nor a tenth of a fen; without a cost nothing is judged, and that is said."""
    hall = Hall(tmp_path, BASICS + "statistics: {costs: costs.csv}\n" + METERS)
    hall.file("costs.csv", f"month,carrier,cost\n{f'2026-03,电,{cost}' if cost else '2026-02,电,5'}\n")
    two_years(hall, 1000, 1000)
    told = hall.does("check", "--period", "2026-03", code=1 if cost in ("20000", "1") else 0)
    assert said in told
    assert ("超出参考范围" in told) is (cost in ("20000", "1"))


def test_a_quarter_has_a_price_only_where_each_of_its_months_has_a_cost(tmp_path: Path) -> None:
    """Two of three months paid for would make the quarter look cheap."""
    hall = Hall(tmp_path, BASICS + "statistics: {costs: costs.csv}\n" + METERS)
    two_years(hall, 1000, 1000)
    hall.file("costs.csv", "month,carrier,cost\n2026-02,电,50\n2026-03,电,800\n")
    assert "电力：没有费用数据，未审核" in hall.does("check", "--period", "2026-Q1", code=1)
    hall.file("costs.csv", "month,carrier,cost\n2026-01,电,0\n2026-02,电,50\n2026-03,电,800\n")
    assert "电力：没有费用数据" not in hall.does("check", "--period", "2026-Q1", code=1)
    assert hall.form("2026-Q1")["电消费量"]["费用（元）"] == "850.00"


def test_what_is_paid_for_and_not_counted_is_asked_about(tmp_path: Path) -> None:
    """A bill for gas in a month in which its meter stood still."""
    hall = Hall(tmp_path, BASICS + "statistics: {costs: costs.csv}\n" + METERS + GAS)
    hall.file("costs.csv", "month,carrier,cost\n2026-03,gas,120\n")
    hall.imports("2026-03-01T00:00,gas,7\n2026-04-01T00:00,gas,7\n")
    assert "天然气：支付 120.00 元，但无用量" in hall.does("check", "--period", "2026-03", code=1)


def test_a_meter_that_nobody_read_is_asked_about(tmp_path: Path) -> None:
    """It is not known, which is no zero; one that nobody has read since it was written into the file is told, and no fault yet."""
    hall = Hall(tmp_path, BASICS + METERS + GAS)
    two_years(hall, 1000, 1000)
    assert "gas: 从未抄表，未审核" in hall.does("check", "--period", "2026-03")
    hall.imports("2026-01-01T00:00,gas,0\n2026-02-01T00:00,gas,100\n")
    assert "gas: 本期无人抄表，用量未知" in hall.does("check", "--period", "2026-03", code=1)


def test_days_that_do_not_add_up_to_the_register_are_asked_about(tmp_path: Path) -> None:
    """Somebody removed a week of bookings from the database: the register still knows."""
    hall = Hall(tmp_path, BASICS + METERS)
    rows = "".join(f"2026-03-{day:02d}T00:00,main,{day * 10}\n" for day in range(1, 32))
    hall.imports(rows + "2026-04-01T00:00,main,320\n")
    assert "日合计与表底" not in hall.does("check", "--period", "2026-03")
    with sqlite3.connect(tmp_path / "state" / "supervisor.sqlite3") as database:
        database.execute(
            "DELETE FROM bookings WHERE start IN (SELECT start FROM bookings ORDER BY start LIMIT 7)"
        )
    said = hall.does("check", "--period", "2026-03", code=1)
    assert "main: 2026-03：各日合计与表底月用量不符（240.00 / 310.00 kWh）" in said


def test_a_month_that_is_not_over_is_compared_with_as_much_of_the_year_before(tmp_path: Path) -> None:
    """On a day in the middle of it, half a month against a whole one would always be half."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    from config.load import load
    from supervisor.daemon.assemble import open_store
    from supervisor.ledger.account import with_year_before
    from supervisor.ledger.periods import period

    hall = Hall(tmp_path, BASICS + METERS)
    hall.imports(
        "2025-03-01T00:00,main,0\n2025-04-01T00:00,main,3100\n2026-03-01T00:00,main,5000\n2026-03-11T00:00,main,6000\n"
    )
    site = load(hall.site).site
    assert site is not None
    zone = ZoneInfo("Asia/Shanghai")
    now = dt.datetime(2026, 3, 11, tzinfo=zone).timestamp()
    store = open_store(site, tmp_path / "state")
    this, before = store.read_now(lambda c: with_year_before(c, site, period("2026-03", zone), now))
    store.close()
    assert before is not None
    assert this.figures["main"].amount == pytest.approx(before.figures["main"].amount)
