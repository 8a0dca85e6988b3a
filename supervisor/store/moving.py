"""A month moves from the database to a file: written, made durable, read back, renamed, and only then deleted here.

Each step may be the last one for now: what was written and not renamed is written anew, what stands in both places
counts once and is deleted the next night. What came late for a month that has moved is written into it the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from supervisor.store import hours, parquet, readings
from supervisor.store import operations as op
from supervisor.store.instants import EVER, millis
from supervisor.store.kinds import HOURS, READINGS, Kind
from supervisor.store.months import Month, Months, given, months
from supervisor.store.parquet import Stretch
from supervisor.store.problems import StoreProblem

SLICE: Final = 1000
"""Rows that are deleted in one transaction: some milliseconds, which an intent may have to wait for."""
_S: Final = {READINGS: (readings.readings, "at", 1), HOURS: (hours.hours, "start", 1000)}
"""Where a kind stands in the database: table, column of time, ms in one of its units."""


class Due(NamedTuple):
    """A month to be moved, and the points that have rows of it in the database."""

    kind: Kind
    month: Month
    names: tuple[str, ...]


def due(connection: sa.Connection, kind: Kind, after: float, before: float) -> Due | None:
    """The oldest month from `after` that ended before an instant and of which the database has rows; None: there is none.

    Of readings these are the meters': those of other points become hours.
    """
    table, column, unit = _S[kind]
    first: dict[str, float] = {}
    at = sa.type_coerce(table.c[column], sa.BigInteger)
    for name, number in connection.execute(sa.select(readings.series.c.name, readings.series.c.id)).all():
        if kind is HOURS or name.startswith(readings.METER):
            its = sa.select(sa.func.min(at)).where(table.c.series == number, at >= millis(after) // unit)
            oldest = connection.execute(its).scalar()
            if oldest is not None:
                first[name] = oldest * unit / 1000.0
    month = Month.of(min(first.values())) if first else None
    if month is None or month.end > before:
        return None
    return Due(kind, month, tuple(sorted(name for name, oldest in first.items() if oldest < month.end)))


def write(connection: sa.Connection, what: Due) -> parquet.Digest:
    """The month, with what its file has of it already, into a file beside; durable, and read back. Raises StoreProblem, OSError."""
    files = _files(connection)
    files.folder.mkdir(mode=0o700, exist_ok=True)
    target = files.path(what.kind, what.month)
    old = parquet.by_point(parquet.read(target, what.kind)) if target.exists() else iter(())
    try:
        wrote = parquet.write(part_of(target), what.kind, _together(connection, what, old))
        found = parquet.Digest()
        for part in parquet.read(part_of(target), what.kind):
            found.add(part)
        if found.told() != wrote.told():
            raise StoreProblem(f"{part_of(target)} is not what was written", "Check the disk.")
    except BaseException:
        part_of(target).unlink(missing_ok=True)  # a full disk has better use for it
        raise
    return wrote


def put(files: Months, what: Due) -> None:
    """The file that was written takes its place. Raises OSError."""
    target = files.path(what.kind, what.month)
    part_of(target).replace(target)
    folder = os.open(files.folder, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def mark(connection: sa.Connection, what: Due, wrote: parquet.Digest) -> None:
    """From now on a missing file is noticed."""
    row = {"kind": what.kind.name, "month": str(what.month), "rows": wrote.rows, "checksum": wrote.told()}
    op.upsert(connection, months, row)


def slices(files: Months, what: Due) -> Iterator[Stretch]:
    """What the file has of the points that are still in the database too."""
    wanted = frozenset(what.names)
    for part in parquet.read(files.path(what.kind, what.month), what.kind):
        if part.name in wanted:
            for start in range(0, len(part.at), SLICE):
                yield part.cut(slice(start, start + SLICE))


def clear(connection: sa.Connection, kind: Kind, part: Stretch) -> None:
    """Delete rows that stand in a file. One that is not the same there came since, and stays for the next night."""
    table, column, unit = _S[kind]
    at = sa.type_coerce(table.c[column], sa.BigInteger)
    number = readings.number_of(connection, part.name)
    low, high = int(part.at[0]) // unit, int(part.at[-1]) // unit
    here = _rows(connection, kind, part.name, low, high + 1)
    where = (table.c.series == number, at >= low, at <= high)
    if _same(here, part):
        connection.execute(sa.delete(table).where(*where))
        return
    both = part.cut(np.isin(part.at, here.at))
    mine = here.cut(np.isin(here.at, both.at))
    equal = np.logical_and.reduce(
        [(a == b) | (np.isnan(a) & np.isnan(b)) for a, b in zip(mine.values, both.values, strict=True)]
    )
    for each in mine.at[equal].tolist():
        connection.execute(sa.delete(table).where(table.c.series == number, at == each // unit))


def part_of(target: Path) -> Path:
    """Where a file is written before it takes its place."""
    return target.with_suffix(".part")


def _files(connection: sa.Connection) -> Months:
    files = given(connection)
    if files is None:
        raise StoreProblem("there is no folder for months of readings")
    return files


def _together(connection: sa.Connection, what: Due, old: Iterator[Stretch]) -> Iterator[Stretch]:
    """The rows of the database and of the file by point, in the order of their names."""
    unit = _S[what.kind][2]
    low, high = (round(at * 1000) // unit for at in (what.month.start, what.month.end))
    there = next(old, None)
    for name in what.names:
        while there is not None and there.name < name:
            yield there
            there = next(old, None)
        here = _rows(connection, what.kind, name, low, high)
        if there is not None and there.name == name:
            here = there.with_late(here)
            there = next(old, None)
        yield here
    if there is not None:
        yield there
    yield from old


def _rows(connection: sa.Connection, kind: Kind, name: str, low: int, high: int = EVER) -> Stretch:
    table, column, unit = _S[kind]
    number = readings.number_of(connection, name)
    at = sa.type_coerce(table.c[column], sa.BigInteger)
    found = connection.execute(
        sa.select(at, *(table.c[c] for c in kind.values))
        .where(table.c.series == number, at >= low, at < high)
        .order_by(at)
    ).all()
    columns = np.array([row[1:] for row in found], np.float64).reshape(len(found), len(kind.values))
    return Stretch(name, np.array([row[0] * unit for row in found], np.int64), tuple(columns.T))


def _same(one: Stretch, other: Stretch) -> bool:
    return np.array_equal(one.at, other.at) and all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(one.values, other.values, strict=True)
    )
