"""A year that is asked for at once says what its months say one by one."""

from __future__ import annotations

import asyncio
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.load import load
from config.site import Site
from supervisor.daemon.assemble import open_store
from supervisor.ledger import account as of_account
from supervisor.ledger.account import account, accounts, counted
from supervisor.ledger.periods import months_of, period
from supervisor.store import Store, parquet, readings
from supervisor.store.kinds import READINGS
from supervisor.store.months import Month
from supervisor.store.readings import Batch, Sample
from tests.unit.ledger.hall import HEAD

METERS = """
meters:
  main: {subitem: total, point: {at: ddc/analog-input:7, unit: kWh}, interval: 1h}
  odd: {subitem: hvac, point: {at: ddc/analog-input:8, unit: kWh}, interval: 55min, parent: main}
  hand: {subitem: lighting_socket, unit: kWh, parent: main}
  rest: {subitem: power, of: [+main, -odd, -hand]}
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two meters on the wire, one read by hand every nine days, one computed."""
    path = tmp_path / "hall.yaml"
    path.write_text(HEAD + METERS, encoding="utf-8")
    found = load(path).site
    assert found is not None
    return found


def _fill(store: Store, site: Site) -> None:
    """From December on, with gaps; January in a file, and a reading of it that came late in the database."""
    assert store._connection is not None and store.months is not None
    raw: Any = store._connection.connection.driver_connection
    draw = np.random.default_rng(5)
    start = period("2024-12", site.tz).start
    stretches = []
    for number, (meter, width) in enumerate((("main", 3600.0), ("odd", 3300.0)), 1):
        at = (
            start + np.arange(0, 125 * 86400.0, width) + draw.uniform(0, 40, math.ceil(125 * 86400.0 / width))
        )
        at = at[draw.random(len(at)) < (0.999 if number == 1 else 0.9)]
        millis = np.round(at * 1000).astype(np.int64)
        value = np.cumsum(draw.uniform(0, 9, len(at)))
        value[draw.random(len(at)) < 0.002] = math.nan
        raw.execute("INSERT INTO series (id, name) VALUES (?, ?)", (number, site.meters[meter].series))
        january = (millis >= Month(2025, 1).start * 1000) & (millis < Month(2025, 1).end * 1000)
        stretches.append(parquet.Stretch(site.meters[meter].series, millis[january], (value[january],)))
        rows = [
            (number, int(t), None if math.isnan(v) else v)
            for t, v in zip(millis[~january], value[~january], strict=True)
        ]
        rows.append((number, int(millis[january][5]), None))
        rows.append((number, int(millis[january][9]) + 7, 1.0))
        raw.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", rows)
        raw.executemany(
            "INSERT OR IGNORE INTO bookings VALUES (?, ?, ?, ?, ?, ?)",
            [
                (meter, a, b, float(draw.uniform(0, 1e7)), int(n % 50 == 3), "silent" if n % 50 == 3 else "")
                for n, (a, b) in enumerate(pairwise(at.tolist()))
            ],
        )
    nine = start + np.arange(0, 125 * 86400.0, 9 * 86400.0 + 1234.5)
    raw.executemany(
        "INSERT INTO bookings VALUES ('hand', ?, ?, ?, 0, '')",
        [(a, b, float(draw.uniform(0, 1e9))) for a, b in pairwise(nine.tolist())],
    )
    raw.commit()
    store.months.folder.mkdir(exist_ok=True)
    parquet.write(
        store.months.path(READINGS, Month(2025, 1)), READINGS, sorted(stretches, key=lambda s: s.name)
    )


def test_months_before_the_first_reading_are_not_looked_around(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each had cost two wide looks at everything around it; what is said of any month stays what it was."""
    store, now = open_store(site, tmp_path / "state"), period("2025-12-20", site.tz).start
    meter, looked = site.meters["main"], list[float]()
    steps = readings.steps

    def look(connection: Any, name: str, start: float, *more: float) -> list[tuple[float, float]]:
        looked.append(start)
        return steps(connection, name, start, *more)

    monkeypatch.setattr(readings, "steps", look)
    try:
        _fill(store, site)
        months = [*months_of(period("2024", site.tz), site.tz), *months_of(period("2025", site.tz), site.tz)]
        few = store.read_now(lambda c: [counted(c, meter, month, now) for month in months])
        assert len({start // 86_400 for start in looked}) <= 4
        monkeypatch.setattr(of_account, "_between", lambda *_: True)
        assert few == store.read_now(lambda c: [counted(c, meter, month, now) for month in months])
    finally:
        store.close()
    assert len(looked) > 20


def test_an_empty_month_is_looked_around_once(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month of silence between two of readings: whether any lies near was asked of the store twice."""
    store, whole = open_store(site, tmp_path / "state"), period("2026-02", site.tz)
    asked, between = list[str](), of_account._between

    def look(connection: Any, meter: Any, *times: float) -> bool:
        asked.append(meter.id)
        return between(connection, meter, *times)

    monkeypatch.setattr(of_account, "_between", look)
    series = site.meters["main"].series
    around = Batch(tuple(Sample(series, at, 1.0) for at in (whole.start - 60.0, whole.end + 60.0)))
    try:
        asyncio.run(store.change(lambda c: readings.keep(c, around)))
        store.read_now(lambda c: accounts(c, site, [whole], whole, whole.end + 86_400.0))
    finally:
        store.close()
    assert asked.count("main") == 1


def test_a_quarter_asked_at_once_says_what_its_months_and_the_quarter_say_by_themselves(
    site: Site, tmp_path: Path
) -> None:
    """Amounts, what of them is estimated and why, completeness and rows: over files, late readings, gaps, bookings across months."""
    store = open_store(site, tmp_path / "state")
    try:
        _fill(store, site)
        whole = period("2025-Q1", site.tz)
        parts, now = months_of(whole, site.tz), period("2025-03-20", site.tz).start
        together = store.read_now(lambda c: accounts(c, site, parts, whole, now))
        alone = store.read_now(lambda c: [account(c, site, each, now) for each in [*parts, whole]])
    finally:
        store.close()
    for one, other in zip(together, alone, strict=True):
        assert one.of == other.of and list(one.figures) == list(other.figures)
        for meter, figure in one.figures.items():
            its = other.figures[meter]
            assert figure.rows == its.rows
            assert figure.amount == pytest.approx(its.amount, rel=1e-12)
            assert figure.estimated == pytest.approx(its.estimated, rel=1e-12)
            assert dict(figure.causes) == pytest.approx(dict(its.causes), rel=1e-12)
            # of a whole, intervals are laid anew by the month and not by the quarter
            assert figure.completeness == pytest.approx(
                its.completeness, abs=1e-12 if one.of != whole else 2e-3
            )
