"""What the database adds up is what was booked, wherever a period begins and ends."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from config.load import load
from supervisor.daemon.assemble import open_store
from supervisor.ledger.periods import Period
from supervisor.ledger.statistics import figure
from supervisor.store import readings, sums
from tests.unit.ledger.hall import Hall, hours

METERS = "meters:\n  main: {subitem: total, point: {at: ddc/analog-input:7, unit: kWh}, interval: 1h, digits: 6, rated: 100}\n"
DAYS = 20


def with_every_fault() -> list[float]:
    """Past the end, begun anew, silent, exchanged, and twice a leap for some hours and back: what is put right afterwards
    reaches over what was booked falsely meanwhile."""
    register, figures = 999_850.0, []
    for hour in range(DAYS * 24):
        register = (register + 4.25) % 1_000_000.0
        register = {100: 4.25, 200: 40_000.0}.get(hour, register)
        leap = 5000.0 if 250 <= hour < 258 or 330 <= hour < 350 else 0.0
        figures.append(math.nan if 150 <= hour < 165 else register + leap)
    return figures


def naive(connection: sa.Connection, of: Period) -> tuple[float, float, int]:
    """Amount, estimated and rows, booking by booking."""
    amounts, guesses = [], []
    for row in readings.booked(connection, "main", of.start, of.end):
        inside = min(row["end"], of.end) - max(row["start"], of.start)
        whole = inside >= row["end"] - row["start"]
        amounts.append(row["amount"] if whole else row["amount"] * inside / (row["end"] - row["start"]))
        if row["estimated"] or not whole:
            guesses.append(amounts[-1])
    return math.fsum(amounts), math.fsum(guesses), len(amounts)


def test_any_period_of_a_troubled_meter_is_the_sum_of_its_bookings(tmp_path: Path) -> None:
    """Every period from any hour, and from within any hour, to any other: as if each booking had been looked at."""
    hall = Hall(tmp_path, METERS)
    hall.reads("main", [row for row in hours("2026-03-01", with_every_fault()) if not math.isnan(row[1])])
    site = load(hall.site).site
    assert site is not None
    first = dt.datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()

    def all_periods(connection: sa.Connection) -> int:
        count = 0
        for begins in range(-3, DAYS * 24, 11):
            for lasts in (0.4, 1.0, 5.5, 24.0, 71.0, 300.0):
                start = first + 3600.0 * (begins + (0.3 if begins % 2 else 0.0))
                of = Period("any", start, start + 3600.0 * lasts)
                told = figure(
                    sums.within(connection, "main", of.start, of.end),
                    sums.reaching(connection, "main", of.start, of.end),
                    of,
                    1.0,
                )
                amount, guess, rows = naive(connection, of)
                assert told.amount == pytest.approx(amount, rel=1e-12, abs=1e-3), of
                assert told.estimated == pytest.approx(guess, rel=1e-12, abs=1e-3), of
                assert told.rows == rows, of
                assert sum(part for _, part in told.causes) >= told.estimated - 1e-3
                count += 1
        return count

    store = open_store(site, tmp_path / "state")
    assert store.read_now(all_periods) > 200
    causes = store.read_now(lambda c: {row["cause"] for row in readings.booked(c, "main", 0.0, 1e12)})
    store.close()
    assert {"rollover", "reset", "silent", "replaced", "jump"} <= causes
