"""What a report costs: `make bench-report`. A year of 200 meters and 100 zones, in the database as the daemon leaves it: bookings by
the hour, readings every quarter of an hour (ARGS="--minutes 1": every minute, a hundred million), nine months of them in files.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from config.site import Site
from schedules.time import instant_of
from supervisor.cli.report import kinds_of_day
from supervisor.daemon.assemble import open_store
from supervisor.ledger.periods import period
from supervisor.ledger.terms import terms
from supervisor.store import Store, days, parquet
from supervisor.store.kinds import READINGS
from supervisor.store.months import Month
from supervisor.telling.reports import facts, files, making
from tests.bench import machine
from tests.site_files import site_of_file

YEAR: Final = 2025
AIM: Final = 10.0
"""s."""
KWH: Final = 3.6e6


def text(meters: int, zones: int, minutes: int) -> str:
    """The site file: a main meter, 19 floors beneath it, and so on; zones with fan coils."""
    lines = [
        "version: 1\nbuilding: tower\nname: 区行政中心\ntimezone: Asia/Shanghai\narea_m2: 48000\npeople: 2600\n"
        'hours: {office: {workday: "08:30-17:30"}}\n'
        "season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}\n"
        "devices: {ddc: {address: 127.0.0.9, instance: 9}}\norganisations:\n"
    ]
    lines += [f"  unit-{n}: {{name: 第{n}单位, area_m2: 2400, people: 130}}\n" for n in range(10)]
    lines.append("meters:\n")
    for n in range(meters):
        parent = "" if n == 0 else ", parent: meter-000"
        unit = f", organisation: unit-{n % 10}" if n else ""
        lines.append(
            f"  meter-{n:03d}: {{subitem: {'total' if n == 0 else 'lighting_socket'}, interval: {minutes}min{parent}{unit},"
            f" name: 表{n}, point: {{at: ddc/analog-input:{n + 1}, unit: kWh}}}}\n"
        )
    lines.append(
        'templates:\n  fcu:\n    kind: fcu\n    points: {start_stop: {object: "binary-output:1", writable: true},'
        ' cooling_setpoint: {object: "analog-value:2", writable: true}}\nzones:\n'
    )
    for n in range(zones):
        lines.append(
            f"  zone-{n:03d}: {{name: 房间{n}, kind: office, hours: office, sensors: {{temperature: ddc/analog-input:{1000 + n}}},"
            f" equipment: {{fcu: ddc/{100 + 10 * n}}}}}\n"
        )
    return "".join(lines)


def fill(store: Store, site: Site, minutes: int) -> None:
    """Two years of bookings, one of readings and of days. Written past SQLAlchemy: the file is the same."""
    assert store._connection is not None
    raw: Any = store._connection.connection.driver_connection
    raw.execute("PRAGMA synchronous=OFF")
    draw = np.random.default_rng(1)
    start, end = (instant_of(date(y, 1, 1), 0, site.tz) for y in (YEAR - 1, YEAR + 1))
    hours = np.arange(start, end, 3600.0)
    begins = instant_of(date(YEAR, 1, 1), 0, site.tz)
    at = (np.arange(begins, end, 60.0 * minutes) * 1000).astype(np.int64)
    stretches: dict[Month, list[parquet.Stretch]] = {}
    for number, meter in enumerate(site.meters.values(), 1):
        kwh = draw.uniform(1, 9, len(hours)) * (190 if number == 1 else 1)
        raw.executemany(
            "INSERT INTO bookings VALUES (?, ?, ?, ?, 0, '')",
            [(meter.id, t, t + 3600.0, v) for t, v in zip(hours.tolist(), (kwh * KWH).tolist(), strict=True)],
        )
        raw.execute("INSERT INTO series (id, name) VALUES (?, ?)", (number, meter.series))
        value = np.cumsum(draw.uniform(0, 1, len(at)))
        month = Month.of(begins)
        for _ in range(10):
            inside = (at >= month.start * 1000) & (at < month.end * 1000)
            stretches.setdefault(month, []).append(
                parquet.Stretch(meter.series, at[inside], (value[inside],))
            )
            month = month.next
        late = at >= month.start * 1000
        raw.executemany(
            "INSERT INTO readings VALUES (?, ?, ?)",
            zip([number] * int(late.sum()), at[late].tolist(), value[late].tolist(), strict=True),
        )
    raw.commit()
    assert store.months is not None
    store.months.folder.mkdir(exist_ok=True)
    for month, its in stretches.items():
        parquet.write(store.months.path(READINGS, month), READINGS, sorted(its, key=lambda p: p.name))
    values: dict[tuple[str, str, str, str], float] = {}
    for n in range((date(YEAR + 1, 1, 1) - date(YEAR, 1, 1)).days):
        day = str(date(YEAR, 1, 1) + timedelta(n))
        for zone in site.zones:
            values[day, zone, "watched", ""] = 86400.0
            values[day, zone, "blocked", "pre-close-off"] = 1800.0
            if draw.random() < 0.2:
                values[day, zone, "violation", "summer-setpoint"] = float(draw.integers(60, 9000))
                values[day, zone, "correction", "summer-setpoint"] = 1.0
    with store._engine.begin() as connection:
        days.put(connection, values)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=200)
    parser.add_argument("--zones", type=int, default=100)
    parser.add_argument("--minutes", type=int, default=15, help="between two readings of a meter")
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    given = parser.parse_args()
    print(machine.described(), flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-report") as made:
        folder = Path(made)
        (folder / "tower.yaml").write_text(text(given.meters, given.zones, given.minutes), encoding="utf-8")
        site = site_of_file(folder / "tower.yaml")
        began = time.perf_counter()
        store = open_store(site, folder / "state")
        store.inline = True
        fill(store, site, given.minutes)
        store.close()
        print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
        _measure(site, folder, given.profile)


def _measure(site: Site, folder: Path, profiled: bool) -> None:
    of, now = period(str(YEAR), site.tz), time.time()
    profile = cProfile.Profile()
    began, used = time.perf_counter(), time.process_time()
    if profiled:
        profile.enable()
    store = open_store(site, folder / "state")
    found = store.read_now(lambda c: facts.gather(c, site, of, now, terms(site), kinds_of_day(site)))
    store.close()
    gathered = time.perf_counter() - began
    written = files.write(folder / "out", making.files(found, "zh"))
    profile.disable()
    took, busy = time.perf_counter() - began, time.process_time() - used
    sizes = ", ".join(f"{p.suffix} {p.stat().st_size / 1e6:.1f} MB" for p in written)
    mark = "✓" if took < AIM else "✗ missed"
    print(
        f"report of {len(site.meters)} meters and {len(site.zones)} zones, a year: {took:.1f} s, {busy:.1f} s of a core"
    )
    print(f"  asking the database {gathered:.1f} s; aim < {AIM:g} s {mark}; {sizes}")
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
