"""Tables of the ledger: what was read, what was booked, what was found, and where each meter's booking stands.

Instants are POSIX seconds of the site clock; a reading's is kept to the millisecond. What has moved to files is read as if
it had not (`supervisor.store.months`). `value` is what the register said, in its own unit; amounts are J or m³.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import months, schema
from supervisor.store import operations as op
from supervisor.store.instants import Millis, grid, millis
from supervisor.store.kinds import READINGS

_JSON = sa.JSON(none_as_null=True)
METER: Final = "meter/"
"""What the series of meters begin with: they are kept as they came, for good."""
AT_ONCE: Final = 2000
"""Rows of an answer in memory."""
_FRACTION: Final = 0.001

series = sa.Table(
    "series",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True, comment="the point's id"),
)

readings = sa.Table(
    "readings",
    schema.metadata,
    sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Millis, primary_key=True, comment="POSIX milliseconds"),
    sa.Column("value", sa.Double, comment="NULL: not known from then on"),
    sqlite_with_rowid=False,
)

bookings = sa.Table(
    "bookings",
    schema.metadata,
    sa.Column("meter", sa.Text, primary_key=True),
    sa.Column("start", sa.Double, primary_key=True),
    sa.Column("end", sa.Double, primary_key=True),
    sa.Column("amount", sa.Double, nullable=False, comment="J or m³"),
    sa.Column("estimated", sa.Boolean, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

findings = sa.Table(
    "findings",
    schema.metadata,
    sa.Column("meter", sa.Text, primary_key=True),
    sa.Column("start", sa.Double, primary_key=True),
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("end", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

books = sa.Table(
    "books",
    schema.metadata,
    sa.Column("meter", sa.Text, primary_key=True),
    sa.Column("body", _JSON, nullable=False),
)

TABLES = (series, readings, bookings, findings, books)


class Sample(NamedTuple):
    """A reading that is kept: `series` by its point, `value` in the register's own unit; None: not known from then on."""

    series: str
    at: float
    value: float | None


class Posting(NamedTuple):
    """What of one meter is kept together, or not at all. Amounts in J or m³; `book` is where the booking goes on from.

    `booked`: (start, end, amount, estimated, cause); `found`: (cause, start, end).
    """

    meter: str
    samples: tuple[Sample, ...]
    booked: tuple[tuple[float, float, float, bool, str], ...]
    found: tuple[tuple[str, float, float], ...]
    book: Mapping[str, Any] | None
    """None: it goes on from where it stood."""


class Batch(NamedTuple):
    """What is kept in one transaction. Keeping it twice is keeping it once."""

    samples: tuple[Sample, ...] = ()
    postings: tuple[Posting, ...] = ()

    def saved(self) -> str:
        """As one line of JSON."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def restored(cls, line: str) -> Batch:
        """From what `saved` gave. Raises ValueError, TypeError."""
        samples, postings = json.loads(line)
        return cls(
            tuple(Sample(*s) for s in samples),
            tuple(
                Posting(m, tuple(Sample(*s) for s in kept), tuple(map(tuple, b)), tuple(map(tuple, f)), book)
                for m, kept, b, f, book in postings
            ),
        )


_WITHIN = sa.delete(bookings).where(
    bookings.c.meter == sa.bindparam("of"),
    bookings.c.start >= sa.bindparam("from"),
    bookings.c.start
    < sa.bindparam("to"),  # says no more than the next, and ends the search: a meter's whole future else
    bookings.c.end <= sa.bindparam("to"),
    sa.or_(bookings.c.start > sa.bindparam("from"), bookings.c.end < sa.bindparam("to")),
    sa.not_(bookings.c.estimated),
    bookings.c.cause == "",
)


def keep(connection: sa.Connection, batch: Batch) -> None:
    """Keep a batch; readings, bookings and findings that are there already are replaced by themselves."""
    _add_readings(connection, [*batch.samples, *(s for p in batch.postings for s in p.samples)])
    op.upsert_all(connection, bookings, [
        {"meter": p.meter, "start": start, "end": end, "amount": amount, "estimated": estimated, "cause": cause}
        for p in batch.postings for start, end, amount, estimated, cause in p.booked
    ])  # fmt: skip
    # a longer booking takes the place of those that it went on from, which a replay keeps anew
    plain = [
        {"of": p.meter, "from": start, "to": end}
        for p in batch.postings for start, end, _, estimated, cause in p.booked if not estimated and not cause
    ]  # fmt: skip
    if plain:
        connection.execute(_WITHIN, plain)
    op.upsert_all(connection, findings, [
        {"meter": p.meter, "cause": cause, "start": start, "end": end}
        for p in batch.postings for cause, start, end in p.found
    ])  # fmt: skip
    op.upsert_all(
        connection,
        books,
        [{"meter": p.meter, "body": dict(p.book)} for p in batch.postings if p.book is not None],
    )


def _add_readings(connection: sa.Connection, samples: Sequence[Sample]) -> None:
    numbers = _numbers(connection, {s.series for s in samples})
    rows = {(numbers[s.series], millis(s.at)): s for s in samples}
    op.upsert_all(
        connection,
        readings,
        [{"series": n, "at": grid(s.at), "value": s.value} for (n, _), s in rows.items()],
    )


def _numbers(connection: sa.Connection, wanted: Collection[str]) -> dict[str, int]:
    """The numbers of series, given when they are first asked for."""
    found: dict[str, int] = {}
    names_ = iter(sorted(wanted))
    while some := tuple(islice(names_, 500)):
        told = sa.select(series.c.name, series.c.id).where(series.c.name.in_(some))
        found |= {row.name: row.id for row in connection.execute(told)}
        for name in some:
            if name not in found:
                key = connection.execute(sa.insert(series).values(name=name)).inserted_primary_key
                assert key is not None
                found[name] = int(key[0])
    return found


def number_of(connection: sa.Connection, name: str) -> int:
    """The number of one series."""
    return _numbers(connection, (name,))[name]


# ------------------------------------------------------------------ reading


def names(connection: sa.Connection) -> list[str]:
    """Every series that anything is kept of."""
    return list(connection.execute(sa.select(series.c.name).order_by(series.c.id)).scalars())


def all_books(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """Where the booking of every meter stands."""
    return {row.meter: row.body for row in connection.execute(sa.select(books))}


def between(
    connection: sa.Connection, name: str, start: float, end: float
) -> Iterator[tuple[float, float | None]]:
    """(at, value) of a series from `start` until before `end`, oldest first, as they are asked for. Raises StoreProblem."""
    number = _known(connection, name)
    here = kept(connection, number, start, end) if number is not None else iter(())
    there = months.told(connection, READINGS, name, start, end)
    return months.merged(here, (row for part in there for row in part.rows()))


def kept(
    connection: sa.Connection, number: int, start: float, end: float
) -> Iterator[tuple[float, float | None]]:
    """(at, value) of a series, by its number, of what is in the database itself."""
    found = (
        sa.select(readings.c.at, readings.c.value)
        .where(readings.c.series == number, readings.c.at >= start, readings.c.at < end)
        .order_by(readings.c.at)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in connection.execute(found):
        yield row.at, row.value


def _known(connection: sa.Connection, name: str) -> int | None:
    return connection.execute(sa.select(series.c.id).where(series.c.name == name)).scalar()


def booked(connection: sa.Connection, meter: str, start: float, end: float) -> list[dict[str, Any]]:
    """What was booked of a meter in intervals that touch the time from `start` until `end`, oldest first."""
    b = bookings
    found = (
        sa.select(b).where(b.c.meter == meter, b.c.end > start, b.c.start < end).order_by(b.c.start, b.c.end)
    )
    return [dict(row._mapping) for row in connection.execute(found)]


def longer(
    connection: sa.Connection, meter: str, start: float, end: float, seconds: float
) -> list[tuple[float, float]]:
    """Intervals of more than so many seconds, none of them estimated, that were booked of a meter and touch the time from `start` until `end`."""
    b = bookings
    found = sa.select(b.c.start, b.c.end).where(
        b.c.meter == meter, b.c.end > start, b.c.start < end, b.c.end - b.c.start > seconds, ~b.c.estimated
    )
    return [(row.start, row.end) for row in connection.execute(found.order_by(b.c.start))]


def found(connection: sa.Connection, start: float, end: float) -> list[dict[str, Any]]:
    """What was found wrong with any meter from `start` until `end`, oldest first."""
    f = findings
    rows = sa.select(f).where(f.c.end >= start, f.c.start < end).order_by(f.c.start, f.c.meter, f.c.cause)
    return [dict(row._mapping) for row in connection.execute(rows)]


def received(connection: sa.Connection, name: str, start: float, end: float, interval: float) -> int:
    """In how many intervals of so many seconds, from `start` until before `end`, a series was read. Raises StoreProblem."""
    number = _known(connection, name)
    moved = months.moved(connection, READINGS, start, end)
    at = sa.type_coerce(readings.c.at, sa.BigInteger)
    slot = (at - millis(start)) // sa.literal(millis(interval), sa.BigInteger)
    here = (
        readings.c.series == number,
        readings.c.at >= start,
        readings.c.at < end,
        readings.c.value.is_not(None),
    )
    if not moved:
        counted = sa.select(sa.func.count(sa.distinct(slot))).where(*here)
        return int(connection.execute(counted).scalar() or 0)
    seen = bytearray(-((millis(start) - millis(end)) // millis(interval)))
    late: set[int] = set()
    if number is not None:
        for month, _ in moved:
            late.update(millis(at) for at, _ in kept(connection, number, month.start, month.end))
    months.mark(connection, READINGS, name, (start, end), interval, seen, late)
    slots = sa.select(slot).distinct().where(*here).execution_options(yield_per=AT_ONCE)
    for place in connection.execute(slots).scalars():
        seen[place] = 1
    return sum(seen)


def steps(
    connection: sa.Connection, name: str, start: float, end: float, least: float
) -> list[tuple[float, float]]:
    """From one reading of a series to the next, of those from `start` until before `end`, where that is `least` seconds or more; in
    order. Raises StoreProblem."""
    if months.moved(connection, READINGS, start, end):
        known = (at for at, value in between(connection, name, start, end) if value is not None)
        return [(since, to) for since, to in pairwise(known) if to - since >= least]
    at = sa.type_coerce(readings.c.at, sa.BigInteger)
    since = sa.func.lag(at, type_=sa.BigInteger).over(order_by=readings.c.at)
    each = (
        sa.select(at.label("at"), since.label("since"))
        .where(
            readings.c.series == _known(connection, name), readings.c.at >= start, readings.c.at < end, readings.c.value.is_not(None),
        )
        .subquery()
    )  # fmt: skip
    found = sa.select(each.c.since, each.c.at).where(each.c.at - each.c.since >= millis(least))
    return [(row.since / 1000.0, row.at / 1000.0) for row in connection.execute(found.order_by(each.c.at))]


def edges(
    connection: sa.Connection, name: str, start: float, end: float
) -> tuple[float | None, float | None]:
    """When a series was last read before `start`, and when first after `end`. Raises StoreProblem."""
    mine = sa.select(readings.c.at).where(readings.c.series == _known(connection, name))
    before = connection.execute(
        mine.where(readings.c.at < start).order_by(readings.c.at.desc()).limit(1)
    ).scalar()
    after = connection.execute(mine.where(readings.c.at > end).order_by(readings.c.at).limit(1)).scalar()
    moved_before, moved_after = months.edges(connection, READINGS, name, start, end, (before, after))
    return (
        max((at for at in (before, moved_before) if at is not None), default=None),
        min((at for at in (after, moved_after) if at is not None), default=None),
    )


def span(connection: sa.Connection, meter: str, start: float, end: float) -> tuple[float, float]:
    """A time, with the whole of each booking of a meter that touches it: what is booked anew in it replaces whole ones."""
    b = bookings
    last = (
        sa.select(b.c.start).where(b.c.meter == meter, b.c.start <= start).order_by(b.c.start.desc()).limit(1)
    )
    since = connection.execute(last).scalar()
    touching = sa.select(sa.func.min(b.c.start), sa.func.max(b.c.end)).where(
        b.c.meter == meter, b.c.start >= (start if since is None else since), b.c.start < end, b.c.end > start
    )
    first, until = connection.execute(touching).one()
    return (start, end) if first is None else (min(start, first), max(end, until))


def unbook(connection: sa.Connection, meter: str, start: float, end: float) -> None:
    """Forget what was booked and found of a meter within a time, to book it anew."""
    # what an earlier version booked knew fractions of the millisecond in which its readings are kept
    start, end = start - _FRACTION, end + _FRACTION
    for table in (bookings, findings):
        connection.execute(
            sa.delete(table).where(table.c.meter == meter, table.c.start >= start, table.c.end <= end)
        )


def withdraw(connection: sa.Connection, name: str, instants: Collection[float]) -> None:
    """Take readings of a series away, by their instants, at which nothing stood before they came: what a month's file has there is the
    same reading, moved since, and becomes one that is not known. Raises StoreProblem."""
    number, wanted = _known(connection, name), sorted(grid(at) for at in instants)
    if number is None or not wanted:
        return
    for n in range(0, len(wanted), 500):
        some = wanted[n : n + 500]
        connection.execute(sa.delete(readings).where(readings.c.series == number, readings.c.at.in_(some)))
    left = {millis(at) for at, _ in between(connection, name, wanted[0], wanted[-1] + _FRACTION)}
    in_files = left & {millis(at) for at in wanted}
    _add_readings(connection, [Sample(name, ms / 1000.0, None) for ms in sorted(in_files)])


def begin_anew(connection: sa.Connection, meter: str) -> None:
    """Forget where the booking of a meter stands: none of its readings is left."""
    connection.execute(sa.delete(books).where(books.c.meter == meter))
