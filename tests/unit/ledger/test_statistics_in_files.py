"""Statistics of months that stand in files: plain SQL of another engine over the files says the same, to the last digit."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlalchemy as sa

from config.load import load
from supervisor.daemon.aging import Aging
from supervisor.daemon.assemble import open_store
from supervisor.ledger.periods import period
from tests.unit.ledger.hall import Hall, hours

METERS = """
area_m2: 1000
people: 50
meters:
  main: {subitem: total, point: {at: ddc/analog-input:7, unit: kWh}, interval: 1h, digits: 6, rated: 100}
  ac: {subitem: hvac, point: {at: ddc/analog-input:8, unit: kWh}, interval: 1h, parent: main}
  gas: {subitem: gas, unit: m3}
"""
QUARTER = 90 * 24
"""h of January to March 2026."""
RATE = 5.375
MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp()
"""Months of files are UTC's: in Shanghai the first eight hours of March stand in the file of February."""
PERIODS = ("2026-02", "2026-Q1", "2026-03-01")
DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "keep-the-ledger.md"


def troubled() -> list[float]:
    """A quarter by the hour: past the register's end in January; begun anew, silent for nine hours and exchanged in February."""
    register, figures = 998_000.0, []
    for hour in range(QUARTER + 1):
        if hour:
            register = (register + RATE) % 1_000_000.0
        register = {34 * 24 + 12: RATE, 50 * 24 + 12: 40_000.0}.get(hour, register)
        figures.append(math.nan if 40 * 24 + 5 <= hour < 40 * 24 + 14 else register)
    return figures


def read_in(folder: Path, database: str | None = None, days: int = 90) -> Hall:
    """A building with a quarter of readings, all of them in its database."""
    hall, last = Hall(folder, METERS, database), days * 24 + 1
    hall.reads("main", [row for row in hours("2026-01-01", troubled()[:last]) if not math.isnan(row[1])])
    hall.reads("ac", hours("2026-01-01", [round(10 + 0.1 * n + 0.003 * (n % 7), 3) for n in range(last)]))
    hall.imports("2026-01-01T00:00,gas,0.3\n2026-02-01T00:00,gas,33.4\n2026-03-01T00:00,gas,70.1\n2026-04-01T00:00,gas,99.9\n")  # fmt: skip
    return hall


def moved(hall: Hall) -> None:
    """The night in which what ended before March, by UTC, moves to files."""
    store = opened(hall)
    asyncio.run(Aging(store).move(MARCH))
    store.close()
    files = {path.name for path in (hall.folder / "state" / "readings").iterdir()}
    assert files == {f"readings-{month}.parquet" for month in ("2025-12", "2026-01", "2026-02")}


def opened(hall: Hall) -> Any:
    """The building's database."""
    site = load(hall.site).site
    assert site is not None
    return open_store(site, hall.folder / "state")


class Elsewhere:
    """What a district has: an engine of its own, the files, and the rows that are still in the database."""

    def __init__(self, hall: Hall) -> None:
        self._engine = duckdb.connect()
        self._engine.execute("CREATE TABLE hot (point VARCHAR, ms BIGINT, value DOUBLE)")
        raw = "SELECT name, at, value FROM readings JOIN series ON series.id = readings.series"
        store = opened(hall)
        rows = store.read_now(lambda c: [tuple(row) for row in c.execute(sa.text(raw))])
        store.close()
        self.hot = len(rows)
        self._engine.executemany("INSERT INTO hot VALUES (?, ?, ?)", rows)
        self._files = str(hall.folder / "state" / "readings" / "readings-*.parquet")

    def told(self, of: str, meter: str, rise: str) -> Decimal:
        """The sum of a meter's rises within a period; `rise` is SQL of `value` and `before`."""
        within = period(of, ZoneInfo("Asia/Shanghai"))
        found = self._engine.execute(
            "WITH every AS (SELECT point, epoch_ms(ts) AS ms, value FROM read_parquet(?) UNION ALL SELECT * FROM hot), "
            "r AS (SELECT ms, value, lag(value) OVER (ORDER BY ms) AS before FROM every WHERE point LIKE ?) "
            f"SELECT round(coalesce(sum({rise}), 0), 6) FROM r WHERE ms > ? AND ms <= ?",
            [self._files, f"meter/{meter}/%", within.start * 1000, within.end * 1000],
        ).fetchone()
        assert found is not None
        return Decimal(f"{found[0]:.6f}")


RISES = {
    "main": "CASE WHEN value >= before AND value - before < 1000 THEN value - before"
    " WHEN before > 900000 AND value < 1000 THEN value + 1000000 - before"  # past the end
    f" WHEN value < before AND value < 1000 THEN value ELSE {RATE} END",  # begun anew; another meter: the day's mean
    "ac": "value - before",
    "gas": "value - before",
}


def test_every_figure_is_what_another_engine_makes_of_files_and_database(
    tmp_path: Path, database: str
) -> None:
    """A quarter with every fault, of which two months are in files: registers, coal, CO₂ and indicators, to the last digit."""
    hall = read_in(tmp_path, None if database.startswith("sqlite") else database)
    before = {of: (hall.sheet(of), hall.form(of)) for of in PERIODS}
    moved(hall)
    engine = Elsewhere(hall)
    assert 0 < engine.hot < 2 * 32 * 24  # March alone is in the database
    for of in PERIODS:
        sheet = hall.sheet(of)
        assert (sheet, hall.form(of)) == before[of], of
        hall.file("nothing", "")  # what was told before the move is asked for anew
        (told,) = hall.statistics(of, "--by", {"2026-Q1": "quarter"}.get(of, "month"))[-1:]
        read = {meter: engine.told(of, meter, rise) for meter, rise in RISES.items()}
        keys = {"main": "carrier/electricity", "ac": "subitem/hvac"}
        if (
            of != "2026-03-01"
        ):  # gas is read by hand on the first of each month: a day has no figure of its own
            keys |= {"gas": "carrier/gas"}
            coal = read["main"] * Decimal("0.1229") + read["gas"] * Decimal("1.33")
            assert f"{told['building/coal/coal']['value']:.6f}" == f"{coal:.6f}", of
        for meter, key in keys.items():
            assert (
                sheet[meter]["amount"] == f"{told[f'building/{key}']['value']:.6f}" == f"{read[meter]:.6f}"
            ), (of, meter)
        co2 = read["main"] * Decimal("0.5306")
        assert f"{told['building/co2/co2']['value']:.6f}" == f"{co2:.6f}", of
        per_area = read["main"] / 1000
        assert f"{told['building/indicator/electricity_per_area']['value']:.6f}" == f"{per_area:.6f}", of


def test_a_late_reading_for_a_month_in_a_file_is_booked_as_plain_sql_says(tmp_path: Path) -> None:
    """What came in March for January stands in the database beside January's file, counts at once, and once."""
    hall = read_in(tmp_path, days=33)
    moved(hall)
    first = Elsewhere(hall).told("2026-01", "gas", RISES["gas"])
    hall.imports("2026-01-15T00:00,gas,20.05\n")
    assert hall.sheet("2026-01")["gas"]["amount"] == f"{first:.6f}"
    assert hall.sheet("2026-01-10")["gas"]["amount"] == f"{(20.05 - 0.3) / 14:.6f}"
    assert Elsewhere(hall).told("2026-01", "gas", RISES["gas"]) == first
    moved(hall)
    assert Elsewhere(hall).told("2026-01", "gas", RISES["gas"]) == first
    assert hall.sheet("2026-01-10")["gas"]["amount"] == f"{(20.05 - 0.3) / 14:.6f}"


def test_the_query_of_the_documentation_reads_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types what the page says gets each day's rise."""
    hall = read_in(tmp_path, days=33)
    moved(hall)
    monkeypatch.chdir(hall.folder / "state")
    query = re.search(r'duckdb -c "(.*)"', DOCS.read_text(encoding="utf-8"))
    assert query is not None
    days = duckdb.execute(query[1]).fetchall()
    assert len(days) > 2 * 32
    usual = [rise for point, _, rise in days if point.startswith("meter/ac/")]
    assert usual[5] == pytest.approx(2.3, abs=0.03)
