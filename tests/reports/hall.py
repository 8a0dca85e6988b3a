"""A district office whose ledger and evidence of two years are written straight into its database, for reports to tell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import sqlalchemy as sa

from config.load import load
from config.site import Site
from schedules.time import instant_of
from supervisor.daemon.assemble import open_store
from supervisor.store import Store, days, readings
from supervisor.store.readings import Batch, Posting

KWH: Final = 3.6e6
HEAD: Final = """version: 1
building: hall
name: 区政府办公楼
timezone: Asia/Shanghai
area_m2: 12500
people: 640
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
organisations:
  tax: {name: 税务局, area_m2: 5200, people: 260}
  civil: {name: 民政局, area_m2: 4100, people: 210}
  water: {name: 水利局, area_m2: 3200, people: 170}
meters:
  main: {subitem: total, unit: kWh, name: 总进线}
  ac: {subitem: hvac, unit: kWh, parent: main, name: 空调总表}
  tax-floor: {subitem: lighting_socket, unit: kWh, parent: main, organisation: tax, name: 二层（税务）}
  civil-floor: {subitem: lighting_socket, unit: kWh, parent: main, organisation: civil, name: 三层（民政）}
  water-floor: {subitem: lighting_socket, unit: kWh, parent: main, organisation: water, name: 四层（水利）}
  rest: {subitem: power, of: [+main, -ac, -tax-floor, -civil-floor, -water-floor], name: 其余用电}
  tap: {subitem: water, unit: m3, name: 自来水}
  canteen: {subitem: gas, unit: m3, name: 食堂燃气}
  heat-in: {subitem: heat, unit: GJ, heating: true, name: 市政供热}
"""
ZONES: Final = """exemptions:
  - {zones: [server], rules: [summer-setpoint, mild-season-off], reason: 信息机房恒温, approver: 王主任, until: 2027-12-31}
  - {zones: [clinic], rules: [winter-setpoint], reason: 医务室, approver: 李科长, until: 2025-02-10}
templates:
  fcu:
    kind: fcu
    points: {start_stop: {object: "binary-output:1", writable: true}, cooling_setpoint: {object: "analog-value:2", writable: true}}
zones:
"""
NAMES: Final = ("税务大厅", "民政窗口", "水利办公室", "会议室", "信息机房", "医务室", "档案室", "值班室")
IDS: Final = ("tax-hall", "civil-desk", "water-office", "meeting", "server", "clinic", "archive", "duty")
RATES: Final = {"main": 210.0, "ac": 88.0, "tax-floor": 30.0, "civil-floor": 24.0, "water-floor": 20.0}
"""kWh a working hour or so."""


def text() -> str:
    """The site file: eight zones with fan coils, half of them with windows and presence sensors."""
    lines = [HEAD, ZONES]
    for n, (id_, name) in enumerate(zip(IDS, NAMES, strict=True)):
        sensors = f"temperature: ddc/analog-input:{n + 1}"
        if n % 2 == 0:
            sensors += f", window: ddc/binary-input:{n + 1}, occupancy: ddc/binary-input:{50 + n}"
        lines.append(
            f"  {id_}:\n    name: {name}\n    kind: office\n    hours: office\n    sensors: {{{sensors}}}\n"
            f"    equipment: {{fcu: {{template: fcu, at: ddc/{100 + 10 * n}}}}}\n"
        )
    return "".join(lines)


def site_of(folder: Path, more: str = "") -> Site:
    """The site, its file in a folder."""
    path = folder / "hall.yaml"
    path.write_text(text() + more, encoding="utf-8")
    loaded = load(path)
    assert loaded.site is not None, loaded.problems
    return loaded.site


def lived(site: Site, folder: Path, last: date = date(2025, 3, 31)) -> None:
    """Two years of days in its database, until a day."""
    store = open_store(site, folder)
    try:
        asyncio.run(_live(store, site, last))
    finally:
        store.close()


async def _live(store: Store, site: Site, last: date) -> None:
    first = date(2024, 1, 1)
    dates = [first + timedelta(n) for n in range((last - first).days + 1)]
    for posting in _booked(site, dates):
        await store.change(partial(readings.keep, batch=Batch(postings=(posting,))))
    values = dict(_evidence(dates))
    await store.change(lambda connection: days.put(connection, values))


def _booked(site: Site, dates: list[date]) -> Iterator[Posting]:
    draw = np.random.default_rng(7)
    year = np.array([d.timetuple().tm_yday for d in dates])
    work = np.array([1.0 if d.weekday() < 5 else 0.35 for d in dates])
    warm = 1.0 + 0.5 * np.cos((year - 205) / 365 * 2 * np.pi) ** 2
    later = np.array([1.0 if d.year == 2024 else 0.97 for d in dates])
    by_meter = {
        m: rate * 10 * work * warm * later * draw.normal(1, 0.03, len(dates)) for m, rate in RATES.items()
    }
    by_meter["tax-floor"] *= np.where(later < 1, 0.93, 1.0)
    by_meter["civil-floor"] *= np.where(later < 1, 1.06, 1.0)
    by_meter["tap"] = 38 * work * draw.normal(1, 0.05, len(dates))
    by_meter["canteen"] = 45 * work * draw.normal(1, 0.05, len(dates))
    by_meter["heat-in"] = np.where(
        (year < 75) | (year > 318), 42 * draw.normal(1, 0.05, len(dates)) * later, 0.0
    )
    for meter, amounts in by_meter.items():
        scale = site.meters[meter].scale
        rows = []
        for n, (day, amount) in enumerate(zip(dates, amounts, strict=True)):
            if meter == "water-floor" and date(2025, 3, 9) <= day <= date(2025, 3, 15):
                continue
            start, end = (instant_of(d, 0, site.tz) for d in (day, day + timedelta(1)))
            guess = meter == "ac" and n % 97 == 5
            rows.append((start, end, round(float(amount), 2) * scale, guess, "silent" if guess else ""))
        yield Posting(meter, (), tuple(rows), (), None)


def _evidence(dates: list[date]) -> Iterator[tuple[tuple[str, str, str, str], float]]:
    draw = np.random.default_rng(3)
    for day in dates:
        if day.year < 2025:
            continue
        for zone in IDS[:-1]:
            if zone == "archive" and day.day % 9 == 0:
                continue
            key = (day.isoformat(), zone)
            yield (*key, "watched", ""), 86400.0 if day.day % 13 else 40000.0
            if draw.random() < 0.2:
                yield (*key, "violation", "winter-setpoint"), float(draw.integers(120, 9000))
                yield (*key, "correction", "winter-setpoint"), 1.0
            if draw.random() < 0.08:
                yield (
                    (*key, "violation", "window-off" if IDS.index(zone) % 2 == 0 else "pre-close-off"),
                    float(draw.integers(60, 4000)),
                )
                yield (*key, "override", "start_stop"), float(draw.integers(600, 20000))
            yield (*key, "blocked", "mild-season-off"), float(draw.integers(0, 7000))
            if draw.random() < 0.05:
                yield (*key, "exception", "mild-season-off"), 1.0
                yield (*key, "suspended", "mild-season-off"), 2400.0


def amount(folder: Path, meter: str, start: float, end: float) -> float:
    """What plain SQL says was booked of a meter in a time, J or m³."""
    engine = sa.create_engine(f"sqlite:///{folder / 'supervisor.sqlite3'}")
    with engine.connect() as connection:
        found = connection.execute(
            sa.text('SELECT sum(amount) FROM bookings WHERE meter = :m AND start >= :s AND "end" <= :e'),
            {"m": meter, "s": start, "e": end},
        ).scalar()
    engine.dispose()
    return float(found or 0.0)
