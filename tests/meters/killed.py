"""`make soak-ledger KILLS=200`: a process that keeps readings is killed, again and again, and nothing is lost or twice.

The process reads four meters at a hundred times the speed of life, writes as the gateway does, keeps what it read as the daemon
does, and says on its pipe what is durable. The one who kills it takes it at its word: whatever was said to be kept must be there
after the next start. Every tenth life has a disk that is full after some kilobytes more (RLIMIT_FSIZE). Every fourth is on a
PostgreSQL server, which stops under it now and then, for a while, and may be away still when the next life begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import random
import resource
import signal
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from config.load import load
from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.daemon import logs
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store import queries, readings
from supervisor.store.problems import StoreProblem
from supervisor.store.proving import walked
from supervisor.store.rows import IntentRow, ResultRow
from supervisor.store.writer import Store
from tests.postgres import Server

OFFICE: Final = Path(__file__).resolve().parents[2] / "config/examples/office.yaml"
STEP: Final = 60.0
"""s of the site clock between two readings."""
POWER: Final = 7200.0
"""J a second through the first meter, twice that through the second, and so on."""
FULL_EVERY: Final = 10
SERVER_EVERY: Final = 4
ROOM: Final = 200_000
"""Octets that a file may still grow where the disk is nearly full."""
FIRST_WORD: Final = 180.0
"""s for a process to begin, on a machine that runs much else."""


@cache
def site() -> Site:
    """The example office."""
    found = load(OFFICE).site
    assert found is not None
    return found


# ------------------------------------------------------------------ the one who is killed


def live(folder: Path, url: str, full: bool, says: Connection) -> None:
    """Read, write and keep until killed; a word for every minute that is kept, and for every write."""
    logs.configure(quiet=True)
    sys.stderr = (folder / "log").open("a", encoding="utf-8")
    asyncio.run(_live(folder, url, full, says))


async def _live(folder: Path, url: str, full: bool, says: Connection) -> None:
    building = site()
    known = Known(building)
    ledger = Ledger(building, known)
    store = Store(url)
    keeping = Keeping(store, folder, lambda: ledger)
    while True:  # as a service manager starts it again while its database is away
        with contextlib.suppress(StoreProblem):
            store.open()
            ledger.meters.restore(await keeping.books())
            break
        store.close()
        await asyncio.sleep(0.05)
    since = now = _begin(folder)
    if full:
        _fill_up(folder)
    while True:
        now += STEP
        for number, meter in enumerate(building.meters.values(), 1):
            known.put_value(meter.series, POWER * number * now, Quality.GOOD, now)
        ledger.look(now)
        await keeping.keep()
        _put_clock(folder, now)
        if not any(meter.unkept for meter in ledger.meters):
            says.send(("kept", since, now))
            since = now
        with contextlib.suppress(StoreProblem):
            await _write(store, now)
            says.send(("written", now, now))


async def _write(store: Store, now: float) -> None:
    intent = IntentRow(now, now, "room/ac/setpoint", 26.0, 26.0, 10, "r", "c", "en", "zh", [], [], 1e12, "h")
    await store.commit_result(ResultRow(await store.commit_intent(intent), now, "ok", 26.0))


def _begin(folder: Path) -> float:
    clock = folder / "clock"
    return float(clock.read_text(encoding="ascii")) if clock.exists() else 1_000_000.0


def _put_clock(folder: Path, now: float) -> None:
    """All of it or nothing: a clock that began anew would be a fault of the one who tries."""
    (folder / "clock.part").write_text(repr(now), encoding="ascii")
    (folder / "clock.part").replace(folder / "clock")


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
    on_server: int = 0
    stops: int = 0
    """How often the server was stopped under a life."""
    gaps: int = 0
    """Readings that were said to be kept and are not, and writes that were said to be recorded and are not."""
    doubles: int = 0
    """J that were booked twice, or not at all."""
    orphans: int = 0
    """Bookings of which there is no reading, results of which there is no intent, audits that do not follow."""
    seconds: float = 0.0
    places: list[Place] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"kills={self.kills} gaps={self.gaps} doubles={self.doubles} orphans={self.orphans} "
            f"full_disks={self.full} postgres_kills={self.on_server} postgres_stops={self.stops} "
            f"seconds={self.seconds:.0f}"
        )


class Place:
    """A folder and its database, and what was said to be there. `server`: PostgreSQL, which may stop."""

    def __init__(self, folder: Path, dice: random.Random, server: Server | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.server, self._dice = folder, server, dice
        self.url = f"sqlite:///{folder / 'supervisor.sqlite3'}" if server is None else server.empty()
        self.kept: set[float] = set()
        """The minutes of which all readings were said to be kept."""
        self.written: set[float] = set()
        """The minutes of writes that were said to be recorded."""
        self._processes = multiprocessing.get_context(
            "forkserver"
        )  # it has read all modules when a life begins
        self._processes.set_forkserver_preload([live.__module__])

    def life(self, longest: float, *, full: bool, stop: bool) -> int:
        """One life, killed after so many seconds at the most from its first word; how often the server was stopped."""
        hears, says = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=live, args=(self.folder, self.url, full, says), daemon=True)
        process.start()
        says.close()
        if self.server is not None and not self.server.running:
            self._sleep(0.3)
            self.server.start()
        assert hears.poll(FIRST_WORD), (self.folder / "log").read_text(encoding="utf-8")[-2000:]
        self._sleep(longest)
        stops = self._stops() if stop else 0
        process.kill()
        process.join()
        with contextlib.suppress(EOFError):
            while True:
                self._hear(*hears.recv())
        return stops

    def _stops(self) -> int:
        """The server stops; it is back before the kill, or only in the next life."""
        if self.server is None:
            return 0
        self.server.stop()
        self._sleep(0.6)
        if self._dice.random() < 0.6:
            self.server.start()
            self._sleep(0.4)
        return 1

    def _sleep(self, longest: float) -> None:
        time.sleep(self._dice.uniform(0.0, longest))  # another process lives meanwhile: when it dies is tried

    def _hear(self, what: str, since: float, at: float) -> None:
        if what == "kept":
            self.kept |= {since + n * STEP for n in range(1, round((at - since) / STEP) + 1)}
        else:
            self.written.add(at)


def soak(folder: Path, kills: int, seed: int, server: Server | None = None) -> Toll:
    """Kill it so many times, then look what is there; without a server all lives are on SQLite."""
    dice, toll, began = random.Random(seed), Toll(), time.monotonic()
    places = [Place(folder / "sqlite", dice), *([Place(folder / "server", dice, server)] if server else [])]
    for number in range(1, kills + 1):
        on_server, full = server is not None and number % SERVER_EVERY == 2, number % FULL_EVERY == 0
        stop = on_server and dice.random() < 0.6
        toll.stops += places[on_server].life(0.5, full=full, stop=stop)
        toll.kills += 1
        toll.full += full
        toll.on_server += on_server
    toll.places = places
    for place in places:
        place.life(0.2, full=False, stop=False)  # what waited on the disk goes in
        count(place, toll)
    toll.seconds = time.monotonic() - began
    return toll


def count(place: Place, toll: Toll) -> None:
    """Add to a toll what the database of a place lacks, or has twice."""
    store = Store(place.url, inline=True)
    store.open()
    try:
        for number, meter in enumerate(site().meters.values(), 1):
            store.read_now(lambda c, m=meter, n=number: _count_meter(c, m.id, m.series, n, place.kept, toll))  # type: ignore[misc]
        rows = store.read_now(lambda c: queries.audit(c, limit=10**9))
        toll.gaps += len(place.written - {row["ts"] for row in rows if row["result"] == "ok"})
        toll.orphans += store.read_now(walked).broken is not None
    finally:
        store.close()


def _count_meter(
    connection: sa.Connection, meter: str, series: str, number: int, kept: set[float], toll: Toll
) -> None:
    times = {at for at, _ in readings.between(connection, series, 0.0, 1e12)}
    first = min(times, default=0.0)
    toll.gaps += len(kept - times)
    rows = readings.booked(connection, meter, 0.0, 1e12)
    end = max((row["end"] for row in rows), default=first)
    true = POWER * number * (end - first)
    toll.doubles += round(abs(sum(row["amount"] for row in rows) - true))
    toll.orphans += sum(row["end"] not in times for row in rows)
