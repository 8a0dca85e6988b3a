"""The one whose power fails: a process that reads and writes, and says what is durable. `tests.meters.power` cuts it off."""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import sqlalchemy as sa

from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.daemon import logs
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store.problems import StoreProblem
from supervisor.store.readings import Batch
from supervisor.store.rows import IntentRow, ResultRow, SlotKey, SlotRow
from supervisor.store.wal import Wal
from supervisor.store.writer import Store
from tests.meters.killed import POWER, STEP, site

CHECKPOINT: Final = 60
"""Pages of SQLite's log after which it goes into the file: often, or few cuts would meet it."""
KEY: Final = SlotKey("ddc", "analog-value", 1, 10)


def url_of(folder: Path) -> str:
    """The database of a folder."""
    return f"sqlite:///{folder / 'supervisor.sqlite3'}"


class Careless(Wal):
    """A log that is never flushed, whatever waits for it."""

    def before(self, connection: sa.Connection, *, durable: bool) -> None:
        """It stays as the connection was opened."""

    def flush(self) -> None:
        """Nothing is."""
        self.unflushed = False


class Unsteady(Store):
    """A store that takes no readings while it is `away`; a `careless` one never waits for the disk."""

    away = False

    def __init__(self, url: str, *, careless: bool) -> None:
        super().__init__(url)
        asked = [f"wal_autocheckpoint={CHECKPOINT}", *(["synchronous=OFF"] if careless else [])]

        def connected(connection: sqlite3.Connection, _record: object) -> None:
            for pragma in asked:
                connection.execute(f"PRAGMA {pragma}")

        sa.event.listen(self._engine, "connect", connected)
        if careless and self._wal is not None:
            self._wal = Careless(self._engine)

    async def keep_readings(self, batch: Batch) -> None:
        """Keep readings, or not."""
        if self.away:
            raise StoreProblem("the database does not answer")
        await super().keep_readings(batch)


class Life:
    """Reads and writes a minute of its own clock after the other."""

    def __init__(self, folder: Path, begin: float, seed: int, *, careless: bool) -> None:
        self._now, self._dice = begin, Random(seed)
        self._store = Unsteady(url_of(folder), careless=careless)
        self._known = Known(site())
        self._ledger = Ledger(site(), self._known)
        self._keeping = Keeping(self._store, folder, lambda: self._ledger)

    async def lives(self, minutes: int) -> None:
        """So many minutes; the database is away for some at a time."""
        self._store.open()
        self._ledger.meters.restore(await self._keeping.books())
        for _ in range(minutes):
            self._store.away = self._dice.random() < (0.8 if self._store.away else 0.15)
            await self._minute()
        self._store.close()

    async def _minute(self) -> None:
        self._now += STEP
        for number, meter in enumerate(site().meters.values(), 1):
            self._known.put_value(meter.series, POWER * number * self._now, Quality.GOOD, self._now)
        self._ledger.look(self._now)
        await self._keeping.keep()
        if not any(meter.unkept for meter in self._ledger.meters):
            self._says("kept")
        now = self._now
        intent = IntentRow(
            now, now, "room/ac/setpoint", 26.0, now, 10, "r", "c", "en", "zh", [], [], 1e12, "h"
        )
        key = await self._store.commit_intent(intent, SlotRow(KEY, "room/ac/setpoint", now, now, "r"))
        self._says("intent")
        if self._dice.random() < 0.7:
            await self._store.commit_result(ResultRow(key, now, "ok", now))
            self._says("result")

    def _says(self, what: str) -> None:
        os.write(1, f"{what} {self._now}\n".encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """One life, whose every write is watched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--begin", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--careless", action="store_true")
    chosen = parser.parse_args(arguments)
    logs.configure(quiet=True)
    life = Life(chosen.folder, chosen.begin, chosen.seed, careless=chosen.careless)
    asyncio.run(life.lives(chosen.minutes))


if __name__ == "__main__":
    main()
