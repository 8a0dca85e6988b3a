"""`make soak-ledger POWER=200`: the power fails, again and again, and nothing that was said to be durable is lost.

A process reads meters and commits intents as the daemon does; at times its database takes nothing, so that readings wait in the
spool. It says what is durable as soon as it is told so. `unplugged.py` is that process, strace sees every write and every fsync of it; tests/meters/disk.py makes
of these the disks that a power cut may leave behind, and the next life begins on one of them. The same with
`synchronous=OFF` must lose something, or nothing was proved.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import sqlalchemy as sa

from config.site import MeterSpec
from supervisor.core.known import Known
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store import queries, readings
from supervisor.store.damage import problem_of
from supervisor.store.proving import walked
from supervisor.store.writer import Store
from tests.meters.disk import Act, Disk, acts, traced
from tests.meters.killed import POWER, STEP, site
from tests.meters.unplugged import url_of

CUTS: Final = 5
"""Cuts that are tried of one life; the next goes on from the last of them."""
ANEW: Final = 5
"""Every so many lives there is nothing yet: a first start is cut, too."""
SHARES: Final = (0.0, 0.0, 0.5, 0.9, 1.0)
"""Of what nobody made durable: how much of it a cut leaves."""
MINUTES: Final = 60


@dataclass
class Losses:
    """What it came to."""

    cuts: int = 0
    acked: int = 0
    """Things that were said to be durable."""
    acked_lost: int = 0
    doubles: int = 0
    orphans: int = 0
    broken: int = 0
    """Audits that do not follow, where the database can be read."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"acked_lost={self.acked_lost} cuts={self.cuts} acked={self.acked} doubles={self.doubles} "
            f"orphans={self.orphans} broken_chains={self.broken} seconds={self.seconds:.0f}"
        )

    @property
    def any(self) -> bool:
        """Whether anything is not as it was said to be."""
        return bool(self.acked_lost or self.doubles or self.orphans or self.broken)


@dataclass
class _Said:
    """What was said to be durable, by minute."""

    kept: set[float] = field(default_factory=set)
    intent: set[float] = field(default_factory=set)
    result: set[float] = field(default_factory=set)

    def hear(self, data: bytes, begin: float) -> None:
        """A line of a life that began after a minute. That a minute is kept is said of all since then."""
        for line in data.decode().splitlines():
            what, at = line.split()
            if what == "kept":
                count = round((float(at) - begin) / STEP)
                self.kept |= {begin + n * STEP for n in range(1, count + 1)}
            else:
                getattr(self, what).add(float(at))

    def __len__(self) -> int:
        return len(self.kept) + len(self.intent) + len(self.result)


def soak(folder: Path, cuts: int, seed: int, *, careless: bool, minutes: int = MINUTES) -> Losses:
    """Cut the power so many times; `careless` with synchronous=OFF, each life on an empty disk then."""
    losses, began = Losses(), time.monotonic()
    box = _Box(folder, Random(seed), losses, careless=careless)
    for life in range(-(-cuts // CUTS)):
        if careless or life % ANEW == 0:
            box.begin_anew()
        box.lives(minutes, min(CUTS, cuts - losses.cuts))
    losses.seconds = time.monotonic() - began
    return losses


class _Box:
    """A computer whose power fails: what its disk has, and what was said to be on it."""

    def __init__(self, folder: Path, dice: Random, losses: Losses, *, careless: bool) -> None:
        self._folder, self._dice, self._losses, self._careless = folder, dice, losses, careless
        self._disk, self._said = folder, _Said()
        self._now = 1_000_000.0
        self._count = 0

    def begin_anew(self) -> None:
        """An empty disk."""
        self._disk, self._said = self._made("empty"), _Said()

    def lives(self, minutes: int, cuts: int) -> None:
        """One life, cut at so many places, each for itself; the box goes on from one of them."""
        home, log, begin = self._made("home"), self._folder / "log", self._now
        shutil.copytree(self._disk, home, dirs_exist_ok=True)
        disk = Disk(home)
        traced([sys.executable, "-m", "tests.meters.unplugged", str(home), "--begin", str(begin),
                "--seed", str(self._dice.randrange(10**6)), "--minutes", str(minutes),
                *(["--careless"] if self._careless else [])], log)  # fmt: skip
        self._now += (minutes + 1) * STEP
        done, left = acts(log, home), list[tuple[Path, _Said]]()
        places = self._places(done, cuts)
        for place, act in enumerate(done[: max(places) + 1]):
            disk.does(act)
            if act.what == "said":
                self._said.hear(act.data, begin)
            for last in [p == max(places) for p in places if p == place]:
                left.append((self._cut(disk, hard=last), copy.deepcopy(self._said)))
        self._disk, self._said = self._dice.choice(left)

    def _places(self, done: Sequence[Act], cuts: int) -> list[int]:
        """Anywhere, and one where all is said: whatever was not made durable is gone there."""
        last = max((n for n, act in enumerate(done) if act.what == "said"), default=len(done) - 1)
        return [*(self._dice.randrange(last + 1) for _ in range(cuts - 1)), last]

    def _cut(self, disk: Disk, *, hard: bool) -> Path:
        left, looked = self._made("left"), self._made("looked")
        disk.cut(left, self._dice, 0.0 if hard else self._dice.choice(SHARES))
        shutil.copytree(left, looked, dirs_exist_ok=True)
        _judge(looked, self._said, self._losses)
        shutil.rmtree(looked)
        self._losses.cuts += 1
        return left

    def _made(self, name: str) -> Path:
        self._count += 1
        folder = self._folder / f"{name}{self._count}"
        folder.mkdir()
        return folder


def _judge(folder: Path, said: _Said, losses: Losses) -> None:
    """Start on what is there, as the daemon does, and count what is missing of what was said."""
    losses.acked += len(said)
    if problem_of(url_of(folder)) is not None:
        losses.acked_lost += max(1, len(said))
        return
    with _started(folder) as store:
        rows = store.read_now(lambda c: queries.audit(c, limit=10**9))
        have = {row["ts"] for row in rows}, {row["ts"] for row in rows if row["result"] == "ok"}
        losses.acked_lost += len(said.intent - have[0]) + len(said.result - have[1])
        slots = store.read_now(queries.owned_slots)
        losses.acked_lost += bool(said.intent) and (not slots or slots[0].value < max(said.intent))
        losses.broken += store.read_now(walked).broken is not None
        for number, meter in enumerate(site().meters.values(), 1):
            store.read_now(partial(_judge_meter, meter=meter, number=number, said=said, losses=losses))


def _judge_meter(
    connection: sa.Connection, meter: MeterSpec, number: int, said: _Said, losses: Losses
) -> None:
    times = {at for at, _ in readings.between(connection, meter.series, 0.0, 1e12)}
    booked = readings.booked(connection, meter.id, 0.0, 1e12)
    losses.acked_lost += len(said.kept - times)
    first, last = min(times, default=0.0), max((row["end"] for row in booked), default=0.0)
    true = POWER * number * max(0.0, last - first)
    losses.doubles += round(abs(sum(row["amount"] for row in booked) - true))
    losses.orphans += sum(row["end"] not in times for row in booked)


@contextlib.contextmanager
def _started(folder: Path) -> Iterator[Store]:
    """A store into which went what waited in the spool."""
    store, building = Store(url_of(folder), inline=True), site()
    store.open()
    ledger = Ledger(building, Known(building))
    keeping = Keeping(store, folder, lambda: ledger)

    async def starts() -> None:
        ledger.meters.restore(await keeping.books())
        await keeping.keep()

    try:
        asyncio.run(starts())
        yield store
    finally:
        store.close()
