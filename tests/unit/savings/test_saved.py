"""From the ledger's bookings and the weather to the metrics: a daemon that says what was saved, and why it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from config.load import load
from config.meanings import MEANINGS
from config.site import Site
from schedules.days import calendars
from schedules.time import instant_of
from schedules.worked import days_worked, working_days
from supervisor.cli.report import kinds_of_day
from supervisor.daemon.assemble import open_store
from supervisor.daemon.chores import Chores
from supervisor.daemon.daemon import Daemon, Options
from supervisor.ledger.periods import period as month
from supervisor.ledger.statistics import CARRIERS
from supervisor.ledger.terms import terms
from supervisor.savings import account, weather
from supervisor.savings.baseline import Refused, Saving
from supervisor.savings.told import told, unit
from supervisor.savings.weather import BadWeather
from supervisor.store import Store, queries, readings
from supervisor.store.readings import Batch, Posting, Sample
from supervisor.telling.reports import diagnosis_part, facts
from supervisor.telling.reports.document import Table, Text
from tests.fakes import FakeDriver
from tests.savings.office import Office
from tests.soak.world import SoakClock

KWH = 3.6e6
FIRST, SINCE, TODAY = date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)
TEXT = """
version: 1
building: hall
timezone: Asia/Shanghai
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}
points: {outdoor_temperature: ddc/analog-input:60}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
  hvac: {subitem: hvac, parent: main, point: {at: ddc/analog-input:71, unit: kWh}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
savings:
  baseline: {from: 2024-01-01, to: 2024-12-31}
  weather: days.csv
  events: [{from: 2025-05-01, to: 2025-05-10, note: a fair in the hall}]
"""


def _site(folder: Path, text: str = TEXT) -> Site:
    path = folder / "site.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.site is not None, loaded.problems
    return loaded.site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hall with a meter, and a year of weather from the met office."""
    year = Office().year(np.random.default_rng(4), FIRST.toordinal(), count=(TODAY - FIRST).days)
    lines = [f"{FIRST + timedelta(n)},{t:.3f}" for n, t in enumerate(year.temperature)]
    (tmp_path / "days.csv").write_text("\ufeffdate,mean\n" + "\n".join(lines) + "\n")
    return _site(tmp_path)


@pytest.fixture
def store(site: Site, tmp_path: Path) -> Iterator[Store]:
    """Two years of its meter, a fifth less in the second; four days of it are missing, and a fair is held."""
    opened = open_store(site, tmp_path)
    yield opened
    opened.close()


async def _metered(store: Store, site: Site, *, saved: float = 0.2) -> None:
    year = Office().year(np.random.default_rng(4), FIRST.toordinal(), count=(TODAY - FIRST).days)
    booked = []
    for n, kwh in enumerate(year.energy):
        day = FIRST + timedelta(n)
        start, end = (instant_of(d, 0, site.tz) for d in (day, day + timedelta(1)))
        kwh = kwh * (1 - saved) if day >= SINCE else kwh
        kwh = kwh * 4 if date(2025, 5, 1) <= day <= date(2025, 5, 10) else kwh
        gap = date(2025, 8, 4) <= day <= date(2025, 8, 7)
        booked.append((start, end, kwh * KWH, gap, "gap" if gap else ""))
    posting = Posting("main", (), tuple(booked), (), None)
    await store.change(partial(readings.keep, batch=Batch(postings=(posting,))))


def _chores(store: Store, site: Site, folder: Path, day: date = TODAY) -> tuple[Daemon, Chores]:
    clock = SoakClock(instant_of(day, 300, site.tz))
    daemon = Daemon(site, calendars(site), lambda _: FakeDriver({}).line, clock, store, Options(folder))
    return daemon, Chores(daemon, store, folder)


async def test_a_fifth_saved_stands_in_the_metrics_with_its_interval(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """The year against the year before: the fair and the four missing days are in neither sum."""
    await _metered(store, site)
    daemon, chores = _chores(store, site, tmp_path)
    await chores.reckon()
    text = daemon.metrics.text().decode()
    found = {
        line.split("{")[0]: float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if 'method="baseline"' in line
    }
    baseline, saved = found["building_energy_baseline_joules"], found["building_energy_saved_joules"]
    low, high = found["building_energy_saved_low_joules"], found["building_energy_saved_high_joules"]
    assert saved / baseline == pytest.approx(0.2, abs=0.03)
    assert 0 < low / baseline < 0.2 < high / baseline
    days = (TODAY - SINCE).days - 10 - 4
    assert baseline / KWH == pytest.approx(
        days * Office().year(np.random.default_rng(4), FIRST.toordinal()).energy.mean(), rel=0.06
    )


async def test_a_saving_is_told_in_a_sentence_with_what_is_to_be_known_of_it(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """A fifth is claimed; a hundredth is not, and the least that can be seen is said; one year tells nothing of drift."""
    for saved, en, zh in (
        (0.2, "saved against the baseline: ", "节能"),
        (0.01, "no saving can be claimed", "不能认定"),
    ):
        await _metered(store, site, saved=saved)
        _, chores = _chores(store, site, tmp_path)
        await chores.reckon()
        row = (await store.read(queries.notices))[0]
        assert row["en"].startswith(en)
        assert zh in row["zh"]
        assert "drift not separable: ± 7.5 %" in row["en"]
        assert ("under " in row["en"]) is (saved == 0.01)


async def test_why_nothing_is_told_is_said_once(store: Store, site: Site, tmp_path: Path) -> None:
    """No bookings yet: no metric, one alert, and none the next night."""
    daemon, chores = _chores(store, site, tmp_path)
    await chores.reckon()
    await chores.reckon()
    assert b'method="baseline"' not in daemon.metrics.text()
    told = [row for row in await store.read(queries.notices) if row["rule"] == "savings"]
    assert len(told) == 1
    assert "270" in told[0]["en"]
    assert "基准期" in told[0]["zh"]


async def test_a_computed_meter_has_the_days_that_all_its_parts_have(store: Store, tmp_path: Path) -> None:
    """The hall less its workshop: the four days that one of them lacks are nobody's."""
    more = "  rest: {subitem: hvac, of: [+main, -hvac]}\ndevices:"
    site = _site(tmp_path, TEXT.replace("devices:", more))
    await _metered(store, site)
    start = instant_of(FIRST, 0, site.tz)
    half = tuple((start + n * 86_400.0, start + (n + 1) * 86_400.0, 100 * KWH, False, "") for n in range(10))
    await store.change(partial(readings.keep, batch=Batch(postings=(Posting("hvac", (), half, (), None),))))
    found = [
        await store.read(lambda c, m=site.meters[m]: account.daily(c, site, m, FIRST, FIRST + timedelta(20)))  # type: ignore[misc]
        for m in ("rest", "main")
    ]
    rest, main = found
    assert len(rest) == 10
    assert all(rest[day] == pytest.approx(main[day] - 100 * KWH) for day in rest)


def test_the_reporting_period_begins_anew_each_year(site: Site) -> None:
    """From the day after the baseline, then whole years, each told until the next has four weeks; a leap day's year ends with February."""
    assert site.savings is not None
    assert account.period(site.savings, date(2025, 6, 1)) == (SINCE, date(2025, 6, 1))
    assert account.period(site.savings, date(2027, 1, 20)) == (date(2026, 1, 1), date(2027, 1, 1))
    assert account.period(site.savings, date(2027, 3, 1)) == (date(2027, 1, 1), date(2027, 3, 1))
    leap = site.savings.model_copy(update={"since": date(2024, 2, 29)})
    assert account.period(leap, date(2025, 4, 1))[0] == date(2025, 2, 28)


async def test_our_own_sensor_goes_before_the_file(store: Store, site: Site, tmp_path: Path) -> None:
    """Half-hourly readings of one day make its mean; a day of six hours has none of ours."""
    point = "building/outdoor_temperature"
    start = instant_of(SINCE, 0, site.tz)
    whole = [Sample(point, start + 1800 * n, 10.0 if n < 24 else 20.0) for n in range(48)]
    part = [Sample(point, start + 86400 + 1800 * n, 30.0) for n in range(12)] + [
        Sample(point, start + 86400 + 21600, None)
    ]
    await store.change(partial(readings.keep, batch=Batch(samples=(*whole, *part))))
    assert site.savings is not None
    means = await store.read(lambda c: account.outdoor(c, site, site.savings, FIRST, TODAY))
    filed = weather.filed(Path(str(site.savings.weather)))
    assert means[SINCE] == pytest.approx(15.0)
    assert means[SINCE + timedelta(1)] == filed[SINCE + timedelta(1)]


@pytest.mark.parametrize(
    ("line", "said"), [("2025-01-01", "4.2"), ("2025-01-01,99", "99"), ("first of May,3", "2025-01-31")]
)
def test_a_bad_line_of_weather_is_named(tmp_path: Path, line: str, said: str) -> None:
    """By file and line, in both languages."""
    file = tmp_path / "days.csv"
    file.write_text(f"2024-12-31,1.0\n{line}\n")
    with pytest.raises(BadWeather) as caught:
        weather.filed(file)
    assert "days.csv:2" in caught.value.said.en
    assert said in caught.value.said.en
    assert "第 2 行" in caught.value.said.zh


def test_a_file_of_weather_may_be_in_gbk_as_spreadsheets_write_it(tmp_path: Path) -> None:
    """A Chinese heading, in the encoding of a Chinese Windows."""
    file = tmp_path / "days.csv"
    file.write_bytes("日期,日平均气温\r\n2025-01-01,-3.5\r\n".encode("gb18030"))
    assert weather.filed(file) == {SINCE: -3.5}


async def test_a_saving_is_told_with_its_worth_its_figures_and_what_was_left_out(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """Coal, CO₂, money by the tariff; CV(RMSE), NMBE and R²; the fair by its name; the smallest that can be seen."""
    await _metered(store, site)
    priced = _site(tmp_path, TEXT + "tariff: {prices: {flat: 0.8}}\n")
    _, chores = _chores(store, priced, tmp_path)
    await chores.reckon()
    row = (await store.read(queries.notices))[0]
    for said in (
        "kgce",
        "kgCO₂",
        "CNY",
        "CV(RMSE)",
        "NMBE",
        "R²",
        "10 days left out: a fair in the hall",
        "smallest",
    ):
        assert said in row["en"], said
    for said in ("折标准煤", "元", "剔除 10 天：a fair in the hall", "可识别的最小节能量"):
        assert said in row["zh"], said


async def test_what_an_event_added_is_taken_off_in_place_of_its_days(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """A server room of 100 kWh a day from March on: with it taken off, the saving is what it was without."""
    await _metered(store, site)
    plain = await store.read(lambda c: account.reckon(c, site, _weekday, instant_of(TODAY, 300, site.tz)))
    event = "{from: 2025-05-01, to: 2025-05-10, note: a fair in the hall}"
    added = "{from: 2025-03-01, to: 2025-12-31, adds: -100, note: half of the servers moved out}"
    other = _site(tmp_path, TEXT.replace(event, f"{event}, {added}"))
    found = await store.read(lambda c: account.reckon(c, other, _weekday, instant_of(TODAY, 300, site.tz)))
    assert isinstance(plain, Saving)
    assert isinstance(found, Saving)
    days = (
        sum(date(2025, 3, 1).toordinal() <= n for n in range(SINCE.toordinal(), TODAY.toordinal())) - 10 - 4
    )
    assert plain.saved - found.saved == pytest.approx(days * 100 * KWH)
    assert [(e.days, e.adds) for e in found.events] == [(10, None), (days, -100.0)]


def _weekday(day: date) -> bool:
    return day.weekday() < 5


async def test_the_report_of_a_past_month_tells_the_saving_as_it_stood_then(store: Store, site: Site) -> None:
    """June's report, made in January, counts no day after June, and says which days it counts."""
    await _metered(store, site)
    of = month("2025-06", site.tz)
    found = await store.read(
        lambda c: facts.gather(c, site, of, instant_of(TODAY, 0, site.tz), terms(site), kinds_of_day(site))
    )
    assert isinstance(found.saving, Saving)
    assert found.saving.days == 181 - 10
    said = " ".join(b.text for b in diagnosis_part.part(found, "en").blocks if isinstance(b, Text))
    assert "2025-01-01 to 2025-06-30: saved against the baseline" in said


async def _said(store: Store, site: Site) -> Saving:
    found = await store.read(lambda c: account.reckon(c, site, _weekday, instant_of(TODAY, 300, site.tz)))
    assert isinstance(found, Saving), found
    return found


async def _thermometer(store: Store, site: Site, first: date, more: float) -> None:
    """The sensor of the hall from a day on: the station's days, and so many K."""
    assert site.savings is not None
    filed = weather.filed(Path(str(site.savings.weather)))
    samples = [
        Sample("building/outdoor_temperature", instant_of(day, 0, site.tz), mean + more)
        for day, mean in filed.items()
        if first <= day < TODAY
    ]
    await store.change(partial(readings.keep, batch=Batch(samples=tuple(samples))))


def _file(folder: Path, until: date) -> None:
    lines = [line for line in (folder / "days.csv").read_text().splitlines() if line < until.isoformat()]
    (folder / "days.csv").write_text("\n".join(lines) + "\n")


async def test_a_sensor_on_a_warm_roof_saves_nothing(store: Store, site: Site, tmp_path: Path) -> None:
    """Baseline by the station's file, the year after by a sensor that reads 3 K more: put on the station's scale by what both know, else told."""
    await _metered(store, site, saved=0.0)
    plain = await _said(store, site)
    await _thermometer(store, site, SINCE, 3.0)
    _file(tmp_path, date(2025, 3, 1))
    moved = await _said(store, site)
    assert moved.saved == pytest.approx(plain.saved, abs=1e-3 * plain.baseline)
    assert any("moved by -3.0 K" in c.en and "-3.0 K" in c.zh for c in moved.caveats), moved.caveats
    _file(tmp_path, date(2025, 1, 11))
    alone = await _said(store, site)
    assert alone.saved - plain.saved > 0.01 * alone.baseline
    assert alone.detectable > 1.05 * moved.detectable
    assert not alone.claimed
    assert any(
        "10 days have both" in c.en and "nobody saved" in c.en and "1 K" in c.zh for c in alone.caveats
    )


async def test_a_sensor_in_fahrenheit_is_not_believed(store: Store, site: Site) -> None:
    """77 degrees are no weather: nothing is told, and why; one such day of a broken sensor is left out."""
    await _metered(store, site)
    start = instant_of(date(2025, 7, 1), 0, site.tz)
    await _thermometer(store, site, SINCE, 0.0)
    hot = (
        Sample("building/outdoor_temperature", start, 80.0),
        Sample("building/outdoor_temperature", start + 86400, 25.0),
    )
    await store.change(partial(readings.keep, batch=Batch(samples=hot)))
    assert any("no weather (2025-07-01)" in c.en for c in (await _said(store, site)).caveats)
    with pytest.raises(BadWeather, match="unit: degF"):
        weather.joined({}, {FIRST: 50.0, SINCE: 77.0}, FIRST, SINCE)


async def test_heads_that_changed_and_days_that_are_shares_of_a_month_are_told(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """Monthly bills, and a house that has a quarter more people since."""
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(25)]
    edges = [instant_of(day, 0, site.tz) for day in months]
    bills = tuple(
        (a, b, (900 + 30 * (n % 12)) * KWH * (b - a) / 86400, False, "")
        for n, (a, b) in enumerate(pairwise(edges))
    )
    posting = Posting("hvac", (), bills, (), None)
    await store.change(partial(readings.keep, batch=Batch(postings=(posting,))))
    people = "people: [{people: 200}, {from: 2025-01-01, people: 250}]\n"
    other = _site(tmp_path, TEXT + "  meters: [hvac]\n" + people)
    found = await _said(store, other)
    said = told(found)
    for en, zh in (("heads 200 → 250 (+25 %)", "人数由 200 变为 250"), ("366 days of the baseline have no reading", "基准期有 366 天"),
                   ("up to 31 days", "最长 31 天"), ("under savings: events", "savings: events")):  # fmt: skip
        assert en in said.en, said.en
        assert zh in said.zh, said.zh
    await _metered(store, site)
    plain = await _said(store, site)
    assert [c.en for c in plain.caveats] == ["4 of 355 days lack energy or weather and do not count"]


@pytest.mark.usefixtures("site")
def test_a_closure_of_the_sites_own_is_no_working_day(tmp_path: Path) -> None:
    """A school's summer, and a Saturday on which it is open; one group's day off among many zones leaves a day what it is."""
    more = "  b: {hours: hall, sensors: {temperature: ddc/analog-input:51}}\n"
    text = TEXT.replace(
        "hours: {office: {workday: 09:00-17:00}}", "hours: {office: {workday: 09:00-17:00}, hall: {workday: 10:00-16:00}}"
    ).replace("{room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}",
              "\n  room: {hours: office, sensors: {temperature: ddc/analog-input:50}}\n" + more)  # fmt: skip
    text += (
        "special_days:\n  - {from: 2025-07-07, to: 2025-08-29, hours: closed}\n  - {date: 2025-06-14, hours: 09:00-12:00}\n"
        "  - {date: 2025-06-18, hours: closed, groups: [hall]}\n  - {date: 2025-06-19, close: 12:00}\n"
    )
    site = _site(tmp_path, text + "  - {date: 2025-07-09, hours: 09:00-12:00}\n")
    kept = {problem.said.en for problem in load(tmp_path / "site.yaml").problems}
    assert "2025-08-29 is past: it stays for the savings, which tell days with work from days without" in kept
    worked = working_days(site, calendars(site).tables)
    days = [date(2025, 6, 13), date(2025, 6, 14), date(2025, 6, 15), date(2025, 6, 18), date(2025, 6, 19)]
    assert [worked(day) for day in days] == [True, True, False, True, True]
    assert [worked(date(2025, 7, n)) for n in (4, 7, 8, 9, 10)] == [True, False, False, True, False]


async def test_gas_is_told_in_cubic_metres_and_counted_as_heat(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """A boiler's meter: m³ in the sentence, the report and its events; the metrics have joules of its heating value."""
    other = _site(tmp_path, TEXT.replace("  hvac: {subitem: hvac, parent: main, point: {at: ddc/analog-input:71, unit: kWh}}",
                                         "  gas: {subitem: gas, unit: m3}").replace("savings:\n", "savings:\n  meters: [gas]\n")
                  .replace("note: a fair in the hall}", "note: a fair}, {from: 2025-06-01, to: 2025-06-10, adds: 5, note: a kitchen}"))  # fmt: skip
    year = Office().year(np.random.default_rng(4), FIRST.toordinal(), count=(TODAY - FIRST).days)
    edges = [instant_of(FIRST + timedelta(n), 0, site.tz) for n in range(len(year) + 1)]
    rows = tuple(
        (a, b, m3 * (0.8 if n >= 366 else 1.0), False, "")
        for n, (a, b, m3) in enumerate(zip(edges, edges[1:], year.energy / 10, strict=False))
    )
    await store.change(partial(readings.keep, batch=Batch(postings=(Posting("gas", (), rows, (), None),))))
    daemon, chores = _chores(store, other, tmp_path)
    await chores.reckon()
    found = daemon.savings.last
    assert isinstance(found, Saving)
    row = (await store.read(queries.notices))[0]
    assert f"{found.saved:,.0f} m³ (" in row["en"]
    assert "10 days less 5 m³ each: a kitchen" in row["en"]
    assert "kWh" not in row["en"] + row["zh"]
    assert daemon.savings.told()["baseline"].saved == pytest.approx(found.saved * 1.33 * 29.307e6)
    of = month("2025-06", site.tz)
    facts_ = await store.read(
        lambda c: facts.gather(c, other, of, instant_of(TODAY, 0, site.tz), terms(other), kinds_of_day(other))
    )
    (table,) = [
        b for b in diagnosis_part.part(facts_, "en").blocks if isinstance(b, Table) and "m³" in b.heads
    ]
    assert isinstance(facts_.saving, Saving)
    assert table.rows[0][1].value == pytest.approx(facts_.saving.saved)
    assert table.rows[0][2].value == pytest.approx(facts_.saving.saved * 1.33)


@pytest.mark.usefixtures("site")
def test_days_of_work_are_those_of_the_sites_own_week(tmp_path: Path) -> None:
    """A shop that works on Saturdays, a museum that rests on Mondays, a Saturday until noon, and who never rests: by the state's calendar."""
    week = [date(2025, 6, 16) + timedelta(n) for n in range(7)]
    always = "{workday: 24h, weekend: 24h, holiday: 24h}"
    for hours, wanted in (
        ("{workday: 09:00-17:00}", "1111100"),
        ('{workday: 09:00-17:00, saturday: "09:00-17:00"}', "1111110"),
        ('{workday: 09:00-17:00, saturday: "09:00-12:00"}', "1111100"),
        ("{monday: closed, workday: 09:00-17:00, weekend: 09:00-17:00}", "0111111"),
        (always, "1111100"),
    ):
        site = _site(tmp_path, TEXT.replace("{workday: 09:00-17:00}", hours))
        worked = days_worked(site, calendars(site).tables)
        assert "".join(str(int(worked(day))) for day in week) == wanted, hours
        assert not worked(date(2025, 10, 1)), hours
    assert worked(date(2025, 10, 11)), "a Saturday worked in lieu of a holiday"


WEST = "  west: {subitem: total, unit: kWh, until: 2024-12-31}\n"
NEW = "  annexe: {subitem: total, unit: kWh, since: 2025-02-01}\n"
NEXT = "  west-2: {subitem: total, unit: kWh, since: 2025-01-03}\n"
LESS = "  less: {subitem: hvac, of: [+main, -tenant]}\n  tenant: {subitem: hvac, parent: main, unit: kWh, until: 2024-12-31}\n"
LESS_2 = "  tenant-2: {subitem: hvac, parent: main, unit: kWh, since: 2025-01-01}\n"
GONE = "events: [{from: 2025-01-01, to: 2025-12-31, adds: -80, note: the west wing was let}, "


@pytest.mark.parametrize(("meters", "of", "told", "said"), [
    (WEST, "", "", "`west` ended on 2024-12-31, and no meter follows it"),
    (NEW, "", "", "`annexe` counts from 2025-02-01 on, and no meter ended then"),
    (LESS, "less", "", "`tenant` ended on 2024-12-31"),
    (WEST + NEXT, "", "", ""),
    (LESS.replace("-tenant", "-tenant, -tenant-2") + LESS_2, "less", "", ""),
    (WEST, "", GONE, ""),
    (WEST, "main", "", ""),
    (WEST.replace("2024-12-31", "2023-12-31"), "", "", ""),
])  # fmt: skip
async def test_a_meter_that_is_over_with_none_in_its_place_is_no_saving(
    store: Store, tmp_path: Path, meters: str, of: str, told: str, said: str
) -> None:
    """East and west count, west ends, and "44 % saved" was told. An exchange, an event or meters that count throughout: the saving is told."""
    named = TEXT.replace("devices:", f"{meters}devices:").replace("events: [", told or "events: [")
    other = _site(tmp_path, named.replace("savings:\n", f"savings:\n  meters: [{of}]\n"))
    await _metered(store, other, saved=0.0)
    await _counted(store, other, ("west", FIRST, SINCE), ("west-2", date(2025, 1, 3), TODAY),
                   ("annexe", date(2025, 2, 1), TODAY), ("tenant", FIRST, SINCE), ("tenant-2", SINCE, TODAY))  # fmt: skip
    found = await store.read(lambda c: account.reckon(c, other, _weekday, instant_of(TODAY, 300, other.tz)))
    if said:
        assert isinstance(found, Refused), found
        assert said in found.refused.en and "adds" in found.refused.en and "adds" in found.refused.zh
    else:
        assert isinstance(found, Saving), found
        assert abs(found.saved) < 0.05 * found.baseline


BORN = {"main: {": "main: {since: 2024-02-01, "}
ENDED = {"main: {": "main: {until: 2025-10-31, "}
BOTH = {**BORN, "devices:": "  west: {subitem: total, unit: kWh, since: 2024-02-01}\ndevices:"}
LATER = {**BORN, "devices:": f"{NEW}devices:"}


@pytest.mark.parametrize(("changed", "said"), [(BORN, ""), (ENDED, ""), (BOTH, ""), (LATER, "`annexe`")])
async def test_days_on_which_no_meter_counted_are_in_no_sum(
    store: Store, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    """The only meter was put in, in February of the baseline: its days since are held against next year's. One that comes later is told still."""
    text = TEXT
    for was, is_ in changed.items():
        text = text.replace(was, is_, 1)
    other = _site(tmp_path, text)
    await _metered(store, other, saved=0.0)
    born, ended = (instant_of(date(*day), 0, other.tz) for day in ((2024, 2, 1), (2025, 11, 1)))
    outside = readings.bookings.c.end > ended if changed is ENDED else readings.bookings.c.start < born
    await store.change(lambda c: c.execute(readings.bookings.delete().where(outside)))
    await _counted(store, other, ("west", date(2024, 2, 1), TODAY), ("annexe", date(2025, 2, 1), TODAY))
    found = await store.read(lambda c: account.reckon(c, other, _weekday, instant_of(TODAY, 300, other.tz)))
    if said:
        assert isinstance(found, Refused) and said in found.refused.en and "`main`" not in found.refused.en
    else:
        assert isinstance(found, Saving), found
        assert abs(found.saved) < 0.05 * found.baseline


async def _counted(store: Store, site: Site, *meters: tuple[str, date, date]) -> None:
    """80 kWh a day of each, from a day until before another; of those that the site has, and that were not over before."""
    for name, first, end in meters:
        if name in site.meters and (site.meters[name].until or end) >= first:
            edges = [instant_of(first + timedelta(n), 0, site.tz) for n in range((end - first).days + 1)]
            rows = tuple((a, b, 80 * KWH, False, "") for a, b in pairwise(edges))
            await store.change(
                partial(readings.keep, batch=Batch(postings=(Posting(name, (), rows, (), None),)))
            )


@pytest.mark.parametrize("carrier", [name for name in CARRIERS if unit(name)[0] != "kWh"])
def test_in_which_unit_an_event_adds_is_told_of_each_carrier(carrier: str) -> None:
    """A bus depot wrote its diesel in m³, as it was told to, and a thousandth of it was taken off."""
    said, name = MEANINGS["NonRoutine"]["adds"], CARRIERS[carrier][2]
    assert re.search(rf"\b{name.en}\b[^,)]*: {unit(carrier)[0]}", said.en)
    assert re.search(rf"{name.zh[-1:]}[^，）]*为 {unit(carrier)[0]}", said.zh)
