"""What the ledger costs: `make bench-ledger`. Prints each figure against its aim.

The month is every tenth point of a building of 5,000 (`tests/bench/lasting.py` says how it is generated; octets a reading do
not depend on how many points there are), the year is of ten meters and reckoned up to 200: `ARGS="--every 1 --meters 200"`
does all of it, which takes an hour and 30 GB.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from config.points import Point
from config.roles import Role
from config.site import MeterSpec
from drivers.readings import Quality, Reading
from supervisor.daemon.aging import Aging
from supervisor.ledger.account import figure_of
from supervisor.ledger.periods import period
from supervisor.ledger.samples import Samples
from supervisor.store import Store, moving, parquet, readings, settling
from supervisor.store.kinds import HOURS, READINGS, Kind
from supervisor.store.months import Month, Months
from supervisor.store.readings import METER, Batch
from supervisor.store.rows import IntentRow, ResultRow
from tests.bench import machine
from tests.bench.lasting import POINTS, START, Building, Rows, name_of
from tests.site_files import OFFICE, site_of_file

ROUNDS, PHASE = 6, 10.0
"""Times that with and without follow each other, and s of each."""
WRITES: Final = 10
"""Of the gateway, a second."""


def told(what: str, figure: float, unit: str, aim: str = "", *, met: bool | None = None) -> None:
    """One line."""
    mark = "" if met is None else "  ✓" if met else "  ✗ missed"
    print(f"{what:<66} {figure:>10.3g} {unit:<8} {aim}{mark}", flush=True)


# ------------------------------------------------------------------ a thousand readings a second


class Intake:
    """A thousand points of which each says something else each second: states, of which every change is kept."""

    def __init__(self) -> None:
        site = site_of_file(OFFICE)
        point: Point = next(p for p in site.points.values() if p.role is Role.OCCUPANCY)
        self.names = [f"room{n}/occupancy" for n in range(1000)]
        self.samples = Samples(dict.fromkeys(self.names, point))
        self.kept = 0

    def second(self, at: float) -> None:
        """All say something."""
        value = int(at) % 2 == 0
        said = {
            name: Reading(value, Quality.GOOD, at + n / 1000, at + n / 1000)
            for n, name in enumerate(self.names)
        }
        self.samples.heard(self.names, said, at)

    async def keep(self, store: Store) -> None:
        """Every ten seconds, 250 a transaction, as the daemon does."""
        taken = self.samples.take()
        for start in range(0, len(taken), 250):
            await store.keep_readings(Batch(samples=taken[start : start + 250]))
        self.kept += len(taken)


def _intent(n: int) -> IntentRow:
    at = time.time()
    return IntentRow(at, at, f"room{n % 50}/start_stop", False, 0, 10, "pre-close-off", "AP 2.2", "closing", "下班", [], [], at + 60, "c0ffee")  # fmt: skip


async def _writes(store: Store, took: list[float]) -> None:
    """What the database has of a write: the intent before it, the result after."""
    for n in range(round(WRITES * PHASE)):
        began = time.perf_counter()
        key = await store.commit_intent(_intent(n))
        await store.commit_result(ResultRow(key, time.time(), "ok", 0.0))
        took.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1 / WRITES - (time.perf_counter() - began)))


async def _reads(store: Store, intake: Intake) -> None:
    for n in range(round(PHASE)):
        began = time.perf_counter()
        intake.second(time.time())
        if n == round(PHASE) - 1:
            await intake.keep(store)
        await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - began)))


async def sustained(folder: Path) -> None:
    """Percent of a core for a thousand readings a second, and a write's p99 with them and without, in turns."""
    store = Store(str(folder / "sustained.db"))
    store.open()
    intake = Intake()
    took: dict[bool, list[float]] = {False: [], True: []}
    used: dict[bool, float] = {False: 0.0, True: 0.0}
    for n in range(2 * ROUNDS):
        reading = n % 2 == 1
        began = time.process_time()
        both = [_writes(store, took[reading])] + ([_reads(store, intake)] if reading else [])
        await asyncio.gather(*both)
        used[reading] += time.process_time() - began
    store.close()
    share = (used[True] - used[False]) / (ROUNDS * PHASE)
    rate = intake.kept / (ROUNDS * PHASE)
    told(
        f"{rate:.0f} readings a second, heard, kept and durable",
        100 * share,
        "% core",
        "aim < 10",
        met=share < 0.1,
    )
    with_, without = (float(np.percentile(took[on], 99)) * 1000 for on in (True, False))
    told("a write's two transactions, p99 without readings", without, "ms")
    told("… and with them", with_, "ms", "aim: as without", met=with_ < 1.25 * without + 1.0)
    for on in (False, True):
        told(f"… median {'with' if on else 'without'}", float(np.median(took[on])) * 1000, "ms")


# ------------------------------------------------------------------ octets a reading


def _insert(raw: Any, rows: Rows) -> None:
    """As they come, without SQLAlchemy: the file is the same, and a month takes minutes and not hours."""
    columns = zip((rows.point + 1).tolist(), rows.at.tolist(), rows.value.tolist(), strict=True)
    raw.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", columns)


def _raw(store: Store) -> Any:
    assert store._connection is not None
    raw = store._connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA synchronous=OFF")
    return raw


def _size(raw: Any) -> int:
    pages, free, size = (
        raw.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _whole(connection: sa.Connection, kind: Kind, names: tuple[str, ...], path: Path) -> None:
    due = moving.Due(READINGS, Month.of(START), names)
    parquet.write(path, kind, moving._together(connection, due, iter(())))


async def month(folder: Path, every: int) -> dict[str, float]:
    """Octets a reading in the database, in files, and of hours."""
    store = Store(str(folder / "month.db"), folder=folder / "readings")
    store.open()
    raw = _raw(store)
    for n in range(POINTS):
        raw.execute("INSERT INTO series (id, name) VALUES (?, ?)", (n + 1, name_of(n)))
    building, count, empty, meters = Building(every), 0, _size(raw), 0
    for rows in building.month():
        _insert(raw, rows)
        count += len(rows.at)
        meters += int((rows.point % 25 == 0).sum())
    raw.commit()
    hot = (_size(raw) - empty) / count
    told(
        f"hot: {count / 1e6:.1f} million readings of {building.count} points, a month",
        hot,
        "octets",
        "aim ≤ 24",
        met=hot <= 24,
    )
    names = sorted(name_of(int(n)) for points in building.points.values() for n in points)
    meter_names = [n for n in names if n.startswith(METER)]
    others = [n for n in names if not n.startswith(METER)]
    raw_size = 0
    for kind, some in ((READINGS, meter_names), (replace(READINGS, split=()), others)):
        write = partial(_whole, kind=kind, names=tuple(some), path=folder / "raw")
        await store.read(write)
        raw_size += (folder / "raw").stat().st_size
    all_ = raw_size / count
    told(
        "Parquet: every point as it came, meters and others a file each",
        all_,
        "octets",
        "aim ≤ 3",
        met=all_ <= 3,
    )
    aging, end = Aging(store), Month.of(START).end
    began = time.perf_counter()
    await aging.thin(end, frozenset(names))
    told("the night: points into hours", time.perf_counter() - began, "s")
    hours = raw.execute("SELECT count(*) FROM hours").fetchone()[0]
    began = time.perf_counter()
    await aging.move(end)
    told("the night: the month into files", time.perf_counter() - began, "s")
    files = Months(folder / "readings")
    size = {kind: files.path(kind, Month.of(START)).stat().st_size for kind in (READINGS, HOURS)}
    moved = size[READINGS] / meters
    told(
        f"Parquet: what moves as it came, {meters / 1e6:.1f} million of meters",
        moved,
        "octets",
        "aim ≤ 3",
        met=moved <= 3,
    )
    told(
        f"Parquet: an hour of a point (five figures), {hours / 1e6:.2f} million",
        size[HOURS] / hours,
        "octets",
    )
    left = raw.execute("SELECT count(*) FROM readings").fetchone()[0]
    told("readings left in the database afterwards", left, "")
    store.close()
    scale = POINTS / building.count
    return {
        "hot": hot * count * scale, "raw": all_ * count * scale, "meters": size[READINGS] * scale, "hours": size[HOURS] * scale,
    }  # fmt: skip


def five_years(month_: dict[str, float], booking: float) -> None:
    """What a building of 5,000 points takes, of the figures that were measured."""
    hot, hours = 4 * month_["hot"] / 1e9, 200 * 60 * 1460 * booking / 1e9
    files = 57 * (month_["meters"] + month_["hours"]) / 1e9
    told("5,000 points, 5 years: three to four months of readings in the database", hot, "GB")
    told("… and what was booked of 200 meters, two bookings an hour", hours, "GB")
    told("… and 57 months in files", files, "GB")
    told("… together", hot + hours + files, "GB")
    told("… had every point stayed as it came, the files alone", 57 * month_["raw"] / 1e9, "GB")


# ------------------------------------------------------------------ a month's statistics


def _year(store: Store, spec: MeterSpec, start: float, count: int) -> list[MeterSpec]:
    """A year of a reading a minute: its first nine months in files, its last three in the database, all of it booked."""
    raw = _raw(store)
    random, minutes = np.random.default_rng(3), 365 * 1440
    specs = [replace(spec, id=f"floor-{n:03d}-ac", interval=60.0) for n in range(count)]
    parts: dict[Month, list[parquet.Stretch]] = {}
    for number, each in enumerate(specs, 1):
        at = np.round((start + np.arange(minutes) * 60.0 + random.uniform(0, 2, minutes)) * 1000).astype(
            np.int64
        )
        value = np.round(1e5 + np.cumsum(random.uniform(0, 0.2, minutes)), 2)
        raw.execute("INSERT INTO series (id, name) VALUES (?, ?)", (number, each.series))
        rows = zip(at[:-1].tolist(), at[1:].tolist(), (np.diff(value) * 3.6e6).tolist(), strict=True)
        raw.executemany(
            "INSERT INTO bookings VALUES (?, ?, ?, ?, 0, '')",
            ((each.id, a / 1000, b / 1000, v) for a, b, v in rows),
        )
        month_ = Month.of(start)
        for _ in range(9):
            inside = (at >= month_.start * 1000) & (at < month_.end * 1000)
            parts.setdefault(month_, []).append(parquet.Stretch(each.series, at[inside], (value[inside],)))
            month_ = month_.next
        late = at >= month_.start * 1000
        raw.executemany(
            f"INSERT INTO readings VALUES ({number}, ?, ?)",
            zip(at[late].tolist(), value[late].tolist(), strict=True),
        )
    raw.commit()
    assert store.months is not None
    store.months.folder.mkdir()
    for month_, its in parts.items():
        parquet.write(store.months.path(READINGS, month_), READINGS, sorted(its, key=lambda p: p.name))
    return specs


def _settled(store: Store, spec: MeterSpec) -> int:
    """The nights' work on a year of bookings; how many are left."""

    def by_day(connection: sa.Connection) -> bool:
        end = Month(2026, 1).start - 2 * 86400.0
        return all(settling.settle(connection, spec.id, spec.series, end, 3600.0) for _ in range(30))

    while not asyncio.run(store.change(by_day)):
        pass
    b = readings.bookings
    counted = sa.select(sa.func.count()).where(b.c.meter == spec.id)
    return int(store.read_now(lambda c: c.execute(counted).scalar()) or 0)


def statistics(folder: Path, count: int) -> float:
    """Octets a booking; and prints the time for a month of 200 meters, out of a year; a month of the database, and one that has moved."""
    site = site_of_file(OFFICE)
    spec = next(m for m in site.meters.values() if m.point is not None)
    store = Store(str(folder / "year.db"), folder=folder / "year")
    store.open()
    specs = _year(store, spec, Month(2025, 1).start, count)
    raw = _raw(store)
    hot = count * raw.execute("SELECT count(*) FROM readings WHERE series = 1").fetchone()[0]
    booking = float(_size(raw) - 23.5 * hot) / (count * 365 * 1440)
    told(f"a booking of a minute (a year of {count} meters, 23.5 a reading taken off)", booking, "octets")
    settled = sum(_settled(store, spec) for spec in specs)
    told("… by the hour, after two days: of each meter a year", settled / count, "rows")
    store.read_now(
        lambda c: figure_of(c, specs[0], period("2025-06", site.tz), math.inf)
    )  # pyarrow is loaded: once a process
    for name, where in (("2025-11", "in the database"), ("2025-05", "in a file")):
        of = period(name, site.tz)
        began, used = time.perf_counter(), time.process_time()
        figures = store.read_now(lambda c, of=of: [figure_of(c, m, of, of.end) for m in specs])  # type: ignore[misc]
        took = (time.perf_counter() - began) * 200 / count
        busy = (time.process_time() - used) * 200 / count
        assert all(f.completeness > 0.999 for f in figures)
        told(
            f"statistics of 200 meters, a month {where} (x{200 / count:g})",
            took,
            "s",
            "aim < 3",
            met=took < 3,
        )
        told("… of a core", busy, "s")
    store.close()
    return booking


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=10, help="one point of so many; 1 for all 5,000")
    parser.add_argument("--meters", type=int, default=10, help="whose year is built, reckoned up to 200")
    parser.add_argument("--only", choices=("sustained", "month", "statistics"))
    given = parser.parse_args()
    print(machine.described(), flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-ledger") as made:
        folder = Path(made)
        if given.only in (None, "sustained"):
            asyncio.run(sustained(folder))
        measured = asyncio.run(month(folder, given.every)) if given.only in (None, "month") else None
        booking = statistics(folder, given.meters) if given.only in (None, "statistics") else 45.0
        if measured is not None:
            five_years(measured, booking)


if __name__ == "__main__":
    main()
