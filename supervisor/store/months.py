"""Months of readings that have moved to files beside the store: `readings/readings-2026-03.parquet`, by UTC.

What stands in a file and in the database at once counts once, and the database is right: so that a move that was cut
short doubles nothing, and a reading that comes late for a month that has moved is read at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.instants import bound, millis
from supervisor.store.kinds import Kind
from supervisor.store.problems import StoreProblem

if TYPE_CHECKING:
    from supervisor.store.parquet import Stretch

T = TypeVar("T", bound=tuple[Any, ...])
FOLDER: Final = "readings"
_OPTION: Final = "months"
_NAME: Final = re.compile(r"(readings|hours)-(\d{4})-(\d{2})\.parquet")

months = sa.Table(
    "months",
    schema.metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True, comment="2026-03, by UTC"),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False, comment="of the rows, as the file's own metadata say"),
    sqlite_with_rowid=False,
)

TABLES = (months,)


class Month(NamedTuple):
    """A month of UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, at: float) -> Month:
        """The month of an instant, POSIX seconds."""
        when = datetime.fromtimestamp(at, UTC)
        return cls(when.year, when.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def next(self) -> Month:
        """The one after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def start(self) -> float:
        """Its first instant, POSIX seconds."""
        return datetime(self.year, self.month, 1, tzinfo=UTC).timestamp()

    @property
    def end(self) -> float:
        """The first instant of the next."""
        return self.next.start


class Months:
    """The files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, kind: Kind, month: Month) -> Path:
        """Where a month's file is, or would be."""
        return self.folder / f"{kind.name}-{month}.parquet"

    def there(self, kind: Kind) -> list[Month]:
        """The months that have a file, oldest first."""
        if not self.folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(Month(int(m[2]), int(m[3])) for m in found if m is not None and m[1] == kind.name)


def given(connection: sa.Connection) -> Months | None:
    """The files beside the database of a connection."""
    found: Months | None = connection.get_execution_options().get(_OPTION)
    return found


def beside(url: sa.URL) -> Months | None:
    """The files beside an SQLite file; None where there is none, and nobody said where they are."""
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Months(Path(file).parent / FOLDER) if file not in (None, "", ":memory:") else None


def option(files: Months | None) -> dict[str, Months]:
    """What an engine is made with, so that whoever reads finds the files."""
    return {} if files is None else {_OPTION: files}


def moved(connection: sa.Connection, kind: Kind, start: float, end: float) -> list[tuple[Month, Path]]:
    """The files that may have rows from `start` until before `end`, oldest first. Raises StoreProblem: one is missing."""
    marked = connection.execute(sa.select(months.c.month).where(months.c.kind == kind.name)).scalars()
    files = given(connection)
    there = files.there(kind) if files is not None else []
    needed = {Month(*map(int, text.split("-"))) for text in marked} | set(there)
    found = []
    for month in sorted(needed):
        if month.end > start and month.start < end:
            if files is None or month not in there:
                name = f"{kind.name}-{month}.parquet"
                raise StoreProblem(
                    f"{files.folder / name if files is not None else name} is missing: this month's readings are in it",
                    "Put the newest copy of it in its place.",
                )
            found.append((month, files.path(kind, month)))
    return found


def told(connection: sa.Connection, kind: Kind, name: str, start: float, end: float) -> Iterator[Stretch]:
    """Rows of a point that are in files, oldest first, a stretch at a time. Raises StoreProblem."""
    found = moved(connection, kind, start, end)
    if not found:
        return
    from supervisor.store import parquet  # and with it numpy and pyarrow: only where a month has moved

    for _, path in found:
        try:
            yield from parquet.read(path, kind, name, bound(start), bound(end))
        except OSError as error:
            raise StoreProblem(f"{path} cannot be read: {error.strerror or error}") from error


def merged(here: Iterator[T], there: Iterator[T]) -> Iterator[T]:
    """Rows by time, that of both in order; of two at the same instant the one that is here."""
    mine = next(here, None)
    for other in there:
        while mine is not None and mine[0] < other[0]:
            yield mine
            mine = next(here, None)
        if mine is None or mine[0] > other[0]:
            yield other
    if mine is not None:
        yield mine
        yield from here


def edges(
    connection: sa.Connection,
    kind: Kind,
    name: str,
    start: float,
    end: float,
    known: tuple[float | None, float | None],
) -> tuple[float | None, float | None]:
    """The last instant of a point before `start`, and the first after `end`, of what is in files.

    `known`: what the database has: files that cannot have one nearer are not opened. Raises StoreProblem.
    """
    low = known[0] if known[0] is not None else -math.inf
    high = known[1] if known[1] is not None else math.inf
    before = after = None
    for month, _ in moved(connection, kind, low, start)[::-1]:
        for part in told(connection, kind, name, month.start, min(start, month.end)):
            before = int(part.at[-1]) / 1000.0
        if before is not None:
            break
    for month, _ in moved(connection, kind, end, high):
        since = max(month.start, (millis(end) + 1) / 1000.0)
        first = next((int(p.at[0]) / 1000.0 for p in told(connection, kind, name, since, month.end)), None)
        if first is not None:
            after = first
            break
    return before, after


def mark(
    connection: sa.Connection,
    kind: Kind,
    name: str,
    within: tuple[float, float],
    width: float,
    seen: bytearray,
    but: Set[int],
) -> None:
    """Set to 1, of `seen`, each interval of `width` seconds in which files have a known value of a point.

    `within`: from when until before when, POSIX seconds. `but`: instants, ms, of which the database knows better.
    """
    for part in told(connection, kind, name, *within):
        import numpy as np  # it is there where a file was read

        known = ~np.isnan(part.values[0])
        if but:
            known &= ~np.isin(part.at, list(but))
        np.frombuffer(seen, np.uint8)[(part.at[known] - millis(within[0])) // millis(width)] = 1
