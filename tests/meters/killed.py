"""`make soak-ledger KILLS=200`: a process that keeps readings is killed, again and again, and nothing is lost or twice.

The process reads four meters at a hundred times the speed of life, keeps what it read as the daemon does, and says on its
pipe up to when all is kept. The one who kills it takes it at its word: whatever was said to be kept must be there after
the next start. Every tenth life has a disk that is full after some kilobytes more (RLIMIT_FSIZE).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from config.load import load
from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store import readings
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store

OFFICE: Final = Path(__file__).resolve().parents[2] / "config/examples/office.yaml"
STEP: Final = 60.0
"""s of the site clock between two readings."""
POWER: Final = 7200.0
"""J a second through the first meter, twice that through the second, and so on."""
FULL_EVERY: Final = 10
ROOM: Final = 200_000
"""Octets that a file may still grow where the disk is nearly full."""


def site() -> Site:
    """The example office."""
    found = load(OFFICE).site
    assert found is not None
    return found


# ------------------------------------------------------------------ the one who is killed


async def _live(folder: Path, full: bool) -> None:
    """Read and keep until killed; a line for every minute that is kept."""
    store = Store(f"sqlite:///{folder / 'supervisor.sqlite3'}")
    store.open()
    building = site()
    known = Known(building)
    ledger = Ledger(building, known)

    keeping = Keeping(store, folder, lambda: ledger)
    ledger.meters.restore(await keeping.books())
    now = _begin(folder)
    if full:
        _fill_up(folder)
    while True:
        now += STEP
        for number, meter in enumerate(building.meters.values(), 1):
            known.put_value(meter.series, POWER * number * now, Quality.GOOD, now)
        ledger.look(now)
        with contextlib.suppress(StoreProblem):
            await keeping.keep()
        (folder / "clock").write_text(repr(now), encoding="ascii")
        unkept = any(meter.unkept for meter in ledger.meters)
        if not unkept:
            print(now, flush=True)


def _begin(folder: Path) -> float:
    try:
        return float((folder / "clock").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 1_000_000.0


def _fill_up(folder: Path) -> None:
    """From here on no file of this process grows by more than some kilobytes."""
    most = max(path.stat().st_size for path in folder.iterdir()) + ROOM
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


# ------------------------------------------------------------------ the one who kills


@dataclass
class Toll:
    """What it came to."""

    kills: int = 0
    full: int = 0
    kept: float = 0.0
    """The last minute that was said to be kept."""
    gaps: int = 0
    """Minutes of which more was said to be kept than there is."""
    doubles: int = 0
    """J that were booked twice, or not at all."""
    orphans: int = 0
    """Bookings of which there is no reading."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"kills={self.kills} full_disks={self.full} gaps={self.gaps} doubles={self.doubles} "
            f"orphans={self.orphans} seconds={self.seconds:.0f}"
        )


def soak(folder: Path, kills: int, seed: int) -> Toll:
    """Kill it so many times, then look what is there."""
    dice, toll, began = random.Random(seed), Toll(), time.monotonic()
    for number in range(1, kills + 1):
        full = number % FULL_EVERY == 0
        toll.kept = max(toll.kept, _killed(folder, dice.uniform(0.0, 0.5), full=full))
        toll.kills += 1
        toll.full += full
    last = _killed(folder, 1.0, full=False)  # what waited on the disk goes in
    toll.kept = max(toll.kept, last)
    count(folder, toll)
    toll.seconds = time.monotonic() - began
    return toll


def _killed(folder: Path, after: float, *, full: bool) -> float:
    """One life: the last minute that it said was kept. Its time counts from its first word."""
    arguments = [
        sys.executable,
        "-m",
        "tests.meters.killed",
        "--live",
        str(folder),
        *(["--full"] if full else []),
    ]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as life:
        assert life.stdout is not None
        lines = [life.stdout.readline()]
        time.sleep(after)  # another process lives meanwhile, on a real disk: when it dies is what is tried
        life.kill()
        lines += life.stdout.readlines()
    said = [float(line) for line in lines if line.endswith("\n") and line.strip()]
    return max(said, default=0.0)


def count(folder: Path, toll: Toll) -> None:
    """Add to a toll what the database of a folder lacks, or has twice."""
    store = Store(f"sqlite:///{folder / 'supervisor.sqlite3'}", inline=True)
    store.open()
    try:
        for number, meter in enumerate(site().meters.values(), 1):
            store.read_now(lambda c, m=meter, n=number: _count_meter(c, m.id, m.series, n, toll))  # type: ignore[misc]
    finally:
        store.close()


def _count_meter(connection: sa.Connection, meter: str, series: str, number: int, toll: Toll) -> None:
    times = {at for at, _ in readings.between(connection, series, 0.0, 1e12)}
    first = min(times, default=0.0)
    count = int((toll.kept - first) / STEP) + 1
    toll.gaps += sum(first + n * STEP not in times for n in range(count))
    rows = readings.booked(connection, meter, 0.0, 1e12)
    end = max((row["end"] for row in rows), default=first)
    true = POWER * number * (end - first)
    toll.doubles += round(abs(sum(row["amount"] for row in rows) - true))
    toll.orphans += sum(row["end"] not in times for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 where anything is lost, twice, or without its reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.live is not None:
        asyncio.run(_live(chosen.live, chosen.full))
    with tempfile.TemporaryDirectory(prefix="soak-ledger-") as folder:
        toll = soak(Path(folder), chosen.kills, chosen.seed)
    print(toll)
    return int(bool(toll.gaps or toll.doubles or toll.orphans))


if __name__ == "__main__":
    sys.exit(main())
