"""Sums of what was booked: a period of a meter as a handful of numbers, whatever it was booked in.

A month of minutes is 43,200 bookings of a meter: the database adds them up. Those that reach over the period's start or end
come one by one, to be split by whoever knows the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from supervisor.store.readings import bookings, findings


class Sum(NamedTuple):
    """Bookings of one kind together: `amount` in J or m³, `seconds` that they last, `rows` of them."""

    amount: float
    seconds: float
    rows: int
    estimated: bool
    cause: str


class Reaching(NamedTuple):
    """A booking that reaches over the start or the end of a period."""

    start: float
    end: float
    amount: float
    estimated: bool
    cause: str


def within(connection: sa.Connection, meter: str, start: float, end: float) -> list[Sum]:
    """What was booked of a meter in intervals that lie within a time as a whole, by estimated and cause.

    Most months have nothing but plain bookings, and adding up is a third of the work of grouping.
    """
    b = bookings
    amount_ = _amount(connection)
    inside = (b.c.meter == meter, b.c.start >= start, b.c.start < end, b.c.end <= end)
    doubtful = b.c.estimated | (b.c.cause != "")
    total = (amount_, sa.func.sum(b.c.end - b.c.start), sa.func.count())
    amount, seconds, rows, doubts = connection.execute(
        sa.select(*total, sa.func.sum(sa.case((doubtful, 1), else_=0))).where(*inside)
    ).one()
    if not rows:
        return []
    if not doubts:
        return [Sum(amount, seconds, rows, estimated=False, cause="")]
    grouped = (
        sa.select(*total, b.c.estimated, b.c.cause)
        .where(*inside)
        .group_by(b.c.estimated, b.c.cause)
        .order_by(b.c.cause, b.c.estimated)
    )
    return [Sum(*row) for row in connection.execute(grouped)]


def _amount(connection: sa.Connection) -> sa.ColumnElement[float]:
    """The amounts added up in the order of time, so that the last digit is the same however the rows lie on the disk.

    SQLite walks its index in that order, and adds with a compensation; PostgreSQL walks as it likes unless it is told.
    """
    b = bookings
    if connection.dialect.name != "postgresql":
        return sa.func.sum(b.c.amount)
    from sqlalchemy.dialects.postgresql import aggregate_order_by

    return sa.func.sum(aggregate_order_by(b.c.amount, b.c.start, b.c.end))


def reaching(connection: sa.Connection, meter: str, start: float, end: float) -> list[Reaching]:
    """What was booked of a meter in intervals that reach over the start or the end of a time."""
    rows = {(row.start, row.end): row for at in (start, end) for row in _over(connection, meter, at)}
    return [rows[key] for key in sorted(rows)]


def _over(connection: sa.Connection, meter: str, at: float) -> Iterator[Reaching]:
    """Bookings that begin before an instant and end after it.

    Bookings follow one another, so that it can only be the last one that began before; but for those that put right what was
    booked falsely meanwhile, and each of those has a finding that begins with it. (A search for all would read the meter's
    whole past.)
    """
    b, f = bookings, findings
    picked = sa.select(b.c.start, b.c.end, b.c.amount, b.c.estimated, b.c.cause).where(b.c.meter == meter)
    last = picked.where(b.c.start < at).order_by(b.c.start.desc(), b.c.end.desc()).limit(1)
    begun = sa.select(f.c.start).where(f.c.meter == meter, f.c.start < at, f.c.end >= at)
    for query in (last, picked.where(b.c.start.in_(begun), b.c.end > at)):
        yield from (Reaching(*row) for row in connection.execute(query) if row.end > at)


def last(connection: sa.Connection, meter: str, start: float, end: float) -> float | None:
    """Where what was booked of a meter in a time ends, at `end` at the latest; None where nothing was."""
    b = bookings
    ends = connection.execute(
        sa.select(b.c.end)
        .where(b.c.meter == meter, b.c.start < end, b.c.end > start)
        .order_by(b.c.start.desc())
        .limit(1)
    ).scalar()
    return min(float(ends), end) if ends is not None else None


class Entry(NamedTuple):
    """Bookings of a meter as a report lists them: one, or so many of a kind together, from the first's start to the last's end.

    `amount` in J or m³, `seconds` that they last together.
    """

    first: float
    last: float
    amount: float
    rows: int
    estimated: bool
    cause: str
    seconds: float

    @property
    def summed(self) -> Sum:
        """The same as a sum."""
        return Sum(self.amount, self.seconds, self.rows, self.estimated, self.cause)


class Parted(NamedTuple):
    """A part of a period: bookings that lie within it, by kind, and those that reach over its start or end."""

    inside: list[Entry]
    reaching: list[Reaching]


_OF_PART: Final = """
SELECT {n} AS part, COUNT(*) AS rows_, SUM(CASE WHEN "end" <= :e{m} THEN 1 ELSE 0 END) AS within_,
 SUM(CASE WHEN "end" <= :e{m} THEN amount END{order}) AS amount, SUM(CASE WHEN "end" <= :e{m} THEN "end" - start END) AS seconds,
 MIN(start) AS first_, MAX(CASE WHEN "end" <= :e{m} THEN "end" END) AS last_,
 SUM(CASE WHEN estimated OR cause <> '' THEN 1 ELSE 0 END) AS doubts
FROM bookings WHERE meter = :meter AND start >= :e{n} AND start < :e{m}"""


def parted(connection: sa.Connection, meter: str, edges: Sequence[float], most: int = 0) -> list[Parted]:
    """What was booked of a meter in each part of a period, from each edge until before the next: as `within` and `reaching` tell it,
    in a handful of queries where these are asked part by part. Parts of `most` bookings or fewer have them one by one."""
    inside: list[list[Entry]] = [[] for _ in edges[1:]]
    over = list(_over(connection, meter, edges[0]))
    order = ' ORDER BY start, "end"' if connection.dialect.name == "postgresql" else ""  # as `_amount`
    parts = (_OF_PART.format(n=n, m=n + 1, order=order) for n in range(len(edges) - 1))
    query = sa.text(" UNION ALL ".join(parts))
    asked = {"meter": meter, **{f"e{n}": at for n, at in enumerate(edges)}}
    for row in connection.execute(query, asked).all():
        start, end = edges[row.part], edges[row.part + 1]
        if row.rows_ > (row.within_ or 0):
            over += [r for r in _begun(connection, meter, start, end) if r.end > end]
        if not row.within_:
            continue
        if row.doubts or row.within_ <= most:
            inside[row.part] = entries(connection, meter, start, end, most)
        else:
            inside[row.part] = [Entry(row.first_, row.last_, row.amount, row.within_, False, "", row.seconds)]
    each = sorted(set(over))
    return [
        Parted(its, [r for r in each if any(r.start < at < r.end for at in edges[n : n + 2])])
        for n, its in enumerate(inside)
    ]


def _begun(connection: sa.Connection, meter: str, start: float, end: float) -> list[Reaching]:
    b = bookings
    picked = sa.select(b.c.start, b.c.end, b.c.amount, b.c.estimated, b.c.cause)
    rows = picked.where(b.c.meter == meter, b.c.start >= start, b.c.start < end, b.c.end > end)
    return [Reaching(*row) for row in connection.execute(rows)]


def entries(connection: sa.Connection, meter: str, start: float, end: float, most: int) -> list[Entry]:
    """What was booked of a meter in intervals that lie within a time as a whole: one by one where it is `most` at the most, else
    by estimated and cause."""
    b = bookings
    inside = (b.c.meter == meter, b.c.start >= start, b.c.start < end, b.c.end <= end)
    lasts = b.c.end - b.c.start
    grouped = (
        sa.select(
            sa.func.min(b.c.start), sa.func.max(b.c.end), _amount(connection), sa.func.count(), b.c.estimated, b.c.cause,
            sa.func.sum(lasts),
        )
        .where(*inside)
        .group_by(b.c.estimated, b.c.cause)
        .order_by(b.c.cause, b.c.estimated)
    )  # fmt: skip
    found = [Entry(*row) for row in connection.execute(grouped)]
    if sum(each.rows for each in found) > most:
        return found
    single = (
        sa.select(b.c.start, b.c.end, b.c.amount, sa.literal(1), b.c.estimated, b.c.cause, lasts)
        .where(*inside)
        .order_by(b.c.start)
    )
    return [Entry(*row) for row in connection.execute(single)]
