"""SQLite's write-ahead log: which commits wait for the disk, and when it is moved into the database file.

A commit of what must outlive a power cut is flushed to the disk (`synchronous=FULL`), and takes with it all that was committed
before. What nobody waits for (readings of a restart, counters, notices) is written without a flush, and is durable with the next
that is, or a second later. SQLite itself would move the log into the file inside whichever commit makes it long, with two
flushes more: every hundredth intent would wait for that. It is done beside the writer instead.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any, Final

import sqlalchemy as sa

BUSY_MS: Final = 5000
"""ms for which a connection waits for another one's lock."""

COMMITS: Final = 100
"""Commits after which the log is moved: of some ten pages each, SQLite's own thousand."""

BACKSTOP: Final = 8000
"""Pages (32 MB) at which SQLite moves it in a commit after all."""

LINGER: Final = 1.0
"""Seconds for which what nobody waits for may be written and not yet flushed, where nothing else is committed."""


def pragmas(connection: Any, _record: Any) -> None:
    """How each connection is set up."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL, not NORMAL: an intent must outlive a power cut that follows its write.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA wal_autocheckpoint={BACKSTOP}")
    cursor.close()


class Wal:
    """The log of one database file, as its one writer sees it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._path = f"{engine.url.database}-wal"
        self._durable = True
        self.unflushed = False
        """Something was committed and waits for a flush."""
        self._commits = 0
        self._mover: threading.Thread | None = None

    def before(self, connection: sa.Connection, *, durable: bool) -> None:
        """The next transaction waits for the disk, or need not."""
        if durable is not self._durable:
            raw: Any = connection.connection.driver_connection
            raw.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def committed(self) -> None:
        """That transaction was committed."""
        self.unflushed = not self._durable
        self._commits += 1
        if self._commits >= COMMITS and (self._mover is None or not self._mover.is_alive()):
            self._commits = 0
            self._mover = threading.Thread(target=self._move, name="store log", daemon=True)
            self._mover.start()

    def flush(self) -> None:
        """What was committed is on the disk. Where the disk fails, the next commit that must be durable says so."""
        self.unflushed = False
        with contextlib.suppress(OSError):
            file = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)

    def close(self) -> None:
        """Wait until nobody moves it."""
        if self._mover is not None:
            self._mover.join()
            self._mover = None

    def _move(self) -> None:
        """Whoever reads or writes meanwhile is not held up; what cannot be moved now is moved the next time."""
        with contextlib.suppress(sa.exc.SQLAlchemyError), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
