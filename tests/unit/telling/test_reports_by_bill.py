"""A hall whose meters are read by bill, every 31 days at ten in the morning, where clocks change and the target has a fixed reference year."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from config.load import load
from config.site import Site
from schedules.time import instant_of
from supervisor.daemon.assemble import open_store
from supervisor.ledger.coefficients import DEFAULTS
from supervisor.ledger.periods import period
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting
from supervisor.telling.reports.document import shown
from supervisor.telling.reports.page import page
from supervisor.telling.reports.xlsx import workbook
from tests.unit.telling.test_reports import document, keyed, text_of

TEXT = """version: 1
building: hall
name: Rathaus <A> & 'B'
timezone: Europe/Berlin
area_m2: [{area_m2: 1000}, {from: 2024-06-01, area_m2: 2000}]
people: [{from: 2024-03-10, people: 30}]
targets: {a_year: 0.03, against: 2022}
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, unit: kWh, name: "A <b> & 'x'"}
  gas: {subitem: gas, unit: m3, heating: true}
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Path]:
    """Three years of bills: 1000 kWh and 200 m³ each."""
    folder = tmp_path_factory.mktemp("rathaus")
    (folder / "hall.yaml").write_text(TEXT, encoding="utf-8")
    site = load(folder / "hall.yaml").site
    assert site is not None
    store = open_store(site, folder / "state")
    for meter, amount in (("main", 3.6e9), ("gas", 200.0)):
        days = [date(2021, 12, 17) + timedelta(31 * n) for n in range(38)]
        rows = tuple(
            (instant_of(a, 600, site.tz), instant_of(a + timedelta(31), 600, site.tz), amount, False, "")
            for a in days
        )
        posting = Posting(meter, (), rows, (), None)
        asyncio.run(store.change(partial(readings.keep, batch=Batch(postings=(posting,)))))
    store.close()
    return site, folder / "state"


def shared(state: Path, site: Site, meter: str, name: str) -> float:
    """What plain SQL says, of a bill that reaches over a month's end its share of time."""
    of = period(name, site.tz)
    with sqlite3.connect(state / "supervisor.sqlite3") as database:
        rows = database.execute(
            'SELECT amount * (min("end", :e) - max(start, :s)) / ("end" - start) FROM bookings'
            ' WHERE meter = :m AND start < :e AND "end" > :s',
            {"m": meter, "s": of.start, "e": of.end},
        ).fetchall()
    return math.fsum(value for (value,) in rows)


@pytest.mark.parametrize("name", ["2024-03", "2024"])
def test_a_bill_over_two_months_is_split_by_time_and_said_to_be(hall: tuple[Site, Path], name: str) -> None:
    """To the last digit, over March's 743 hours; the year's months add up to the year."""
    site, state = hall
    told = keyed(document(site, state, name, "en"))
    months = ["2024-03"] if name == "2024-03" else [f"2024-{m:02}" for m in range(1, 13)]
    for month in months:
        assert (
            shown(told[f"electricity/main/{month}"]) == f"{shared(state, site, 'main', month) / 3.6e6:,.2f}"
        )
        assert shown(told[f"gas/gas/{month}"]) == f"{shared(state, site, 'gas', month):,.2f}"
    if name == "2024":
        assert shown(told["electricity/main/whole"]) == f"{shared(state, site, 'main', '2024') / 3.6e6:,.2f}"
    rows = text_of(document(site, state, name, "en"), "rows")
    assert "divided by time" in rows or "split" in rows


def test_the_target_is_that_of_so_many_years_after_a_fixed_one(hall: tuple[Site, Path]) -> None:
    """3 % a year are 5.91 % in two; areas and heads are those of each time."""
    site, state = hall
    of = document(site, state, "2024", "en")
    told, said = keyed(of), " ".join(text_of(of, "notice").split())
    assert "against the same time of 2022: the target of 5.91 % is reached" in said
    coal = [
        shared(state, site, "main", y) / 3.6e6 * DEFAULTS["electricity_kgce"].value + shared(state, site, "gas", y) * DEFAULTS["gas_kgce"].value
        for y in ("2022", "2024")
    ]  # fmt: skip
    begins, grew, ends = (instant_of(date(y, m, 1), 0, site.tz) for y, m in ((2024, 1), (2024, 6), (2025, 1)))
    area = (1000 * (grew - begins) + 2000 * (ends - grew)) / (ends - begins)
    assert (
        shown(told["unit/hall/reduction_area"]) == f"{100 * (1 - coal[1] / area / (coal[0] / 1000)):+.1f} %"
    )
    assert told["unit/hall/reduction_head"].value is None  # nobody was counted in 2022


def test_names_are_shown_as_they_are_and_run_nothing(hall: tuple[Site, Path]) -> None:
    """Signs of HTML and of formulas among them."""
    site, state = hall
    of = document(site, state, "2024-03", "en")
    html = page(of)
    assert (
        "A &lt;b&gt; &amp; &#x27;x&#x27;" in html
        and "Rathaus &lt;A&gt;" in html
        and "<b>" not in html.replace('<b class="', "")
    )
    assert len(workbook(of)) > 10_000
