"""A file with a row an hour, a quarter of an hour, a day or a bill a month, of a meter that is otherwise read each minute."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.load import load_text
from drivers.readings import Quality
from drivers.readings import Reading as Known
from supervisor.ledger.booking import Book, booked, heard
from supervisor.ledger.causes import Cause
from supervisor.ledger.meters import Meter
from supervisor.ledger.pace import pace, seconds
from supervisor.ledger.register import Reading, Register
from tests.unit.ledger.hall import HEAD, Hall

WIRED = "meters: {main: {subitem: total, point: {at: ddc/analog-input:2, unit: kWh}}}\n"
MARCH = dt.datetime.fromisoformat("2026-03-01")
HOUR = 3600.0


@pytest.mark.parametrize("minutes", [15, 60, 24 * 60])
def test_a_file_is_as_complete_as_its_own_rows(tmp_path: Path, minutes: int) -> None:
    """A month of hourly figures lacks nothing, and nothing of it is a guess: it had read 1.7 % and 744 times "silent"."""
    hall, step = Hall(tmp_path, WIRED), dt.timedelta(minutes=minutes)
    hall.reads(
        "main", ((MARCH + n * step, 1000.0 + n * minutes / 6) for n in range(31 * 24 * 60 // minutes + 1))
    )
    row = hall.sheet("2026-03")["main"]
    assert float(row["completeness"]) == pytest.approx(1.0)
    assert float(row["amount"]) == pytest.approx(7440.0)
    assert float(row["estimated"]) == 0.0


def test_bills_are_as_complete_as_their_months(tmp_path: Path) -> None:
    """A year of bills of a meter that was not on the wire then; February is its month, and no silence."""
    hall = Hall(tmp_path, WIRED)
    hall.reads("main", ((dt.datetime.fromisoformat(f"2025-{n:02d}-01"), 1000.0 * n) for n in range(1, 13)))
    assert float(hall.sheet("2025-02")["main"]["completeness"]) == pytest.approx(1.0)


def test_a_hole_in_a_file_is_one(tmp_path: Path) -> None:
    """Five days that an hourly file lacks are told, and missing in its completeness."""
    hall = Hall(tmp_path, WIRED)
    hall.reads(
        "main",
        ((MARCH + n * dt.timedelta(hours=1), 1000.0 + 10 * n) for n in range(745) if not 200 < n < 320),
    )
    row = hall.sheet("2026-03")["main"]
    assert float(row["completeness"]) == pytest.approx(1 - 119 / 744, abs=0.002)
    assert float(row["amount"]) == pytest.approx(7440.0)
    assert float(row["estimated"]) == pytest.approx(1200.0)


def test_a_rollover_in_hourly_figures_is_repaired() -> None:
    """A register of five digits turns over: each hour had been taken for a silence, nothing was learned of the meter, and
    the fall was taken for a unit a million times as large."""
    readings = [Reading(n * HOUR, (99_900.0 + 10 * n) % 100_000) for n in range(240)]
    step = booked(Register(60.0), readings)
    assert sum(b.amount for b in step.booked) == pytest.approx(2390.0)
    assert [f.cause for f in step.found] == [Cause.ROLLOVER]


def test_what_is_always_read_too_seldom_is_known_all_the_same() -> None:
    """Readings now and then, at no pace: what a register can count is learned from them, and its end is its end."""
    at, readings = 0.0, list[Reading]()
    for n in range(60):
        at += HOUR * (5 + 37 * (n % 7))
        readings.append(Reading(at, (99_900.0 + at / HOUR) % 100_000))
    amounts = [b.amount for b in booked(Register(60.0), readings).booked]
    assert sum(amounts) == pytest.approx((readings[-1].at - readings[0].at) / HOUR, rel=0.01)


def test_a_live_meter_that_tells_each_quarter_of_an_hour_is_not_silent() -> None:
    """Its own pace is known after three steps; a silence of hours is still one."""
    book, found = Book(), list[Cause]()
    for at in [n * 900.0 for n in range(40)] + [50 * 900.0]:
        step = heard(Register(60.0), book, Reading(at, at / 900.0))
        book, found = step.book, [*found, *(f.cause for f in step.found)]
    assert found == [Cause.SILENT] * 3


def test_lost_polls_make_no_pace() -> None:
    """Minutes with holes of an hour stay minutes with holes; two gaps are two gaps."""
    assert pace([60, 60, 3600, 3600, 3600, 60, 60]) is None
    assert pace([3600, 3600]) is None
    assert pace([86_400, 82_800, 86_400, 90_000]) == 86_400
    assert seconds([(0, 3600), (7200, 10_800), (20_000, 23_600)], 0, 30_000) == 0.0


@pytest.mark.parametrize(("step", "silent_after"), [(60.0, 900.0), (900.0, 1350.0), (3600.0, 5400.0)])
def test_a_meter_is_silent_by_its_own_pace(step: float, silent_after: float) -> None:
    """One that publishes each hour is not silent for three quarters of each: it had been told so, and to be well again, each hour."""
    loaded = load_text(HEAD + WIRED)
    assert loaded.site is not None
    meter = Meter(loaded.site.meters["main"], Register(60.0))
    for n in range(10):
        meter.take(Known(3.6e9 + n * 3.6e6, Quality.GOOD, 1e9 + n * step, 1e9))
    last = 1e9 + 9 * step
    assert meter.troubles(last + silent_after - 1) == ()
    assert meter.troubles(last + silent_after + 1) == (Cause.SILENT,)
