"""From the ledger's bookings to the year's targets, its forecast and its bill: per m² and per head, with their histories."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.load import load
from config.site import Site
from schedules.days import calendars
from schedules.time import instant_of
from schedules.types import DayType
from supervisor.daemon.assemble import open_store
from supervisor.daemon.chores import Chores
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.requests import Requests
from supervisor.ledger.coefficients import DEFAULTS
from supervisor.ledger.periods import period
from supervisor.savings import bills, plan
from supervisor.savings.forecast import Refused
from supervisor.store import Store, queries, readings
from supervisor.store.readings import Batch, Posting
from supervisor.telling.reports import district
from tests.fakes import FakeDriver
from tests.soak.world import SoakClock

KWH = 3.6e6
TEXT = """
version: 1
building: hall
timezone: Asia/Shanghai
area_m2: [{area_m2: 1000}, {from: 2026-03-01, area_m2: 1250}]
people: 50
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
  gas: {subitem: gas, point: {at: ddc/analog-input:71, unit: m3}}
  water: {subitem: water, point: {at: ddc/analog-input:72, unit: m3}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
tariff: {prices: {flat: 0.7, valley: 0.3}, hours: {valley: 22:00-06:00}, water: 4, gas: 3}
"""
JULY = date(2026, 7, 16)
"""Half of July is over."""


def _site(folder: Path, text: str = TEXT) -> Site:
    path = folder / "site.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.site is not None, loaded.problems
    return loaded.site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hall that had a quarter added in March."""
    return _site(tmp_path)


@pytest.fixture
def store(site: Site, tmp_path: Path) -> Iterator[Store]:
    """An empty ledger."""
    opened = open_store(site, tmp_path)
    yield opened
    opened.close()


async def _booked(store: Store, site: Site, meter: str, first: date, last: date, a_day: float) -> None:
    """The same amount each day, J or m³."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    rows = tuple(
        (instant_of(d, 0, site.tz), instant_of(d + timedelta(1), 0, site.tz), a_day, False, "") for d in days
    )
    await store.change(partial(readings.keep, batch=Batch(postings=(Posting(meter, (), rows, (), None),))))


async def _lived(store: Store, site: Site, *, now: float = 90.0) -> None:
    """100 kWh and 1 m³ of gas a day in 2025; in 2026 less, with as much gas."""
    await _booked(store, site, "main", date(2025, 1, 1), date(2025, 12, 31), 100 * KWH)
    await _booked(store, site, "main", date(2026, 1, 1), JULY - timedelta(1), now * KWH)
    await _booked(store, site, "gas", date(2025, 1, 1), JULY - timedelta(1), 1.0)
    await _booked(store, site, "water", date(2025, 1, 1), JULY - timedelta(1), 5.0)


def _daemon(store: Store, site: Site, folder: Path) -> tuple[Daemon, Chores]:
    clock = SoakClock(instant_of(JULY, 300, site.tz))
    daemon = Daemon(site, calendars(site), lambda _: FakeDriver({}).line, clock, store, Options(folder))
    return daemon, Chores(daemon, store, folder)


async def test_the_reduction_is_of_coal_per_area_and_head_of_the_same_days(store: Store, site: Site) -> None:
    """Half a year and half of July, each carrier in standard coal, over the area of those very days."""
    await _lived(store, site)
    found = await store.read(lambda c: plan.standing(c, site, instant_of(JULY, 300, site.tz)))
    was, is_ = 100 * 0.1229 + 1.33, 90 * 0.1229 + 1.33
    head, area = found["head"].progress, found["area"].progress
    assert head.reduction == pytest.approx(1 - is_ / was)
    days = [31, 28, 31, 30, 31, 30, 15]
    used = sum(n * is_ / (1000 if m < 2 else 1250) for m, n in enumerate(days))
    assert area.reduction == pytest.approx(1 - used / (sum(days) * was / 1000))
    assert (head.months[6].over, head.months[7].actual) == (False, None)
    assert head.months[11].plan == pytest.approx(31 * was / 50 * 0.95)


async def test_a_year_in_which_a_meter_was_exchanged_is_judged(store: Store, tmp_path: Path) -> None:
    """The old key ends on its day: every month since, and all of them before the new one, lacked readings that nobody owed."""
    text = TEXT.replace(
        "main: {", "old: {subitem: total, unit: kWh, until: 2026-03-15}\n  main: {since: 2026-03-16, "
    )
    site = _site(tmp_path, text)
    await _lived(store, site)
    await _booked(store, site, "old", date(2025, 1, 1), date(2026, 3, 15), 100 * KWH)
    await store.change(lambda c: c.execute(sa.text("DELETE FROM bookings WHERE meter = 'main' AND start < :at"),
                                           {"at": instant_of(date(2026, 3, 16), 0, site.tz)}))  # fmt: skip
    found = await store.read(lambda c: plan.standing(c, site, instant_of(JULY, 300, site.tz)))
    head = found["head"].progress
    assert [m.name for m in head.known] == [f"2026-0{n}" for n in range(1, 8)]
    assert head.met is not None and head.enough


@pytest.mark.parametrize("gone", [0, 2])
async def test_a_district_asks_nothing_of_a_meter_before_it_counted(
    store: Store, tmp_path: Path, gone: int
) -> None:
    """Gas since 10 January with every reading there: 9 days of January were told as booked nowhere. Two days in July that lack are, at its mean."""
    site = _site(tmp_path, TEXT.replace("gas: {", "gas: {since: 2026-01-10, "))
    await _booked(store, site, "main", date(2025, 1, 1), JULY - timedelta(1), 100 * KWH)
    await _booked(store, site, "gas", date(2026, 1, 10), date(2026, 1, 31), 50.0)
    await _booked(store, site, "gas", date(2026, 2, 1), JULY - timedelta(1 + gone), 1.0)
    now, of = instant_of(JULY, 0, site.tz), period("2026", site.tz)
    found = await store.read(
        lambda c: district.member(c, "hall", site, of, now, DEFAULTS, site.targets.a_year, 2025)
    )
    used, asked = found.figures["gas"], date(2026, 1, 10).toordinal()
    assert used.completeness == pytest.approx(1 - gone / (JULY.toordinal() - asked))
    at_its_mean = gone * used.amount / (JULY.toordinal() - asked - gone)
    assert used.unbooked == pytest.approx(at_its_mean)


async def test_three_days_that_are_booked_nowhere_leave_the_year_open(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """5.8 % less, of which 1.4 % was not read: 4.5 % at the pace of the rest, and neither kept nor missed; the metric says how much."""
    await _lived(store, site, now=95.0)
    gone = [instant_of(date(2026, 3, day), 0, site.tz) for day in (3, 4, 5)]
    await store.change(lambda c: c.execute(
        readings.bookings.delete().where(readings.bookings.c.meter == "main", readings.bookings.c.start.in_(gone))
    ))  # fmt: skip
    daemon, chores = _daemon(store, site, tmp_path)
    await chores.reckon()
    year = daemon.savings.years["head"].progress
    used, missing = 196 * (95 * 0.1229 + 1.33) - 3 * 95 * 0.1229, 3 * 95 * 0.1229
    assert year.reduction == pytest.approx(1 - used / (196 * (100 * 0.1229 + 1.33)))
    assert year.lacks == pytest.approx((missing / (used + missing), 0.0))
    assert (year.reduction or 0.0) > 0.05 and year.met is None
    text = daemon.metrics.text().decode()
    (value,) = re.findall(r'building_energy_unbooked_ratio\{building="hall",per="head"\} (\S+)', text)
    assert float(value) == pytest.approx(missing / (used + missing))
    told = [row for row in await store.read(queries.notices) if row["rule"] == "savings"]
    assert any(
        "cannot be told" in r["en"] and "无法判定是否达到下降 5.0 % 的目标" in r["zh"] for r in told
    ), told


async def test_metrics_say_target_reduction_and_forecast(store: Store, site: Site, tmp_path: Path) -> None:
    """After a night's reckoning; the year is told in a sentence in both languages."""
    await _lived(store, site)
    daemon, chores = _daemon(store, site, tmp_path)
    assert b"building_energy_reduction_ratio{" not in daemon.metrics.text()
    await chores.reckon()
    text = daemon.metrics.text().decode()
    found = {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if 'per="' in line}
    share = 10 * 0.1229 / (100 * 0.1229 + 1.33)
    assert found['building_energy_target_ratio{building="hall",per="head"}'] == pytest.approx(0.05)
    assert found['building_energy_reduction_ratio{building="hall",per="head"}'] == pytest.approx(share)
    assert found['building_energy_forecast_reduction_ratio{building="hall",per="head"}'] == pytest.approx(
        share
    )
    told = [row for row in await store.read(queries.notices) if row["rule"] == "savings"]
    assert any("per head" in r["en"] and "forecast" in r["en"] and "人均" in r["zh"] for r in told), told


async def test_what_was_imported_counts_at_once(store: Store, site: Site, tmp_path: Path) -> None:
    """`ledger import` asks the running daemon to reckon; it does not wait for the night."""
    daemon, chores = _daemon(store, site, tmp_path)
    living = asyncio.create_task(chores.run())
    try:
        async with asyncio.timeout(120):
            await asyncio.sleep(0)
            await _lived(store, site)
            assert await Requests(daemon).answer({"do": "reckon"}) == {"reckons": True}
            while not daemon.savings.years or daemon.savings.years["head"].progress.reduction is None:
                await asyncio.sleep(0.01)
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def test_a_month_without_readings_is_not_made_up(store: Store, site: Site) -> None:
    """The last third of February is missing: it is shown with its mark and does not count; the forecast goes without it."""
    await _booked(store, site, "main", date(2025, 1, 1), date(2025, 12, 31), 100 * KWH)
    await _booked(store, site, "main", date(2026, 1, 1), date(2026, 2, 18), 90 * KWH)
    await _booked(store, site, "main", date(2026, 3, 1), JULY - timedelta(1), 90 * KWH)
    no_gas = _site(
        Path(site.source).parent,
        TEXT.replace("  gas: {subitem: gas, point: {at: ddc/analog-input:71, unit: m3}}\n", ""),
    )
    found = await store.read(lambda c: plan.standing(c, no_gas, instant_of(JULY, 300, no_gas.tz)))
    head = found["head"]
    assert head.progress.months[1].marked
    assert head.progress.reduction == pytest.approx(0.1)
    assert not isinstance(head.forecast, Refused)
    assert head.forecast.months == 5


async def test_nothing_booked_is_no_reduction(store: Store, site: Site) -> None:
    """An empty ledger, a year without a reference: no figure, and the reason."""
    found = await store.read(lambda c: plan.standing(c, site, instant_of(JULY, 300, site.tz)))
    assert found["area"].progress.reduction is None
    assert isinstance(found["area"].forecast, Refused)


async def test_a_months_bill_is_by_the_hour_and_carrier(store: Store, site: Site) -> None:
    """March: daily bookings are split by time, a third of each in the valley; water and gas by their price."""
    await _lived(store, site)
    found = await store.read(
        lambda c: bills.bills(c, site, period("2026-03", site.tz), lambda _: DayType.WORKDAY)
    )
    assert found["electricity"].cny == pytest.approx(31 * 90 * (0.3 / 3 + 0.7 * 2 / 3))
    assert found["water"].cny == pytest.approx(31 * 5 * 4)
    assert found["gas"].cny == pytest.approx(31 * 3)
    assert found["electricity"].split == pytest.approx(1.0)
