"""What points that are no meters said, hour by hour: all that is left of it once its readings are old.

A value stands until the next; None: not known from then on. An hour in which nothing was known has no row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import months, readings, schema
from supervisor.store import operations as op
from supervisor.store.instants import Millis, bound, millis
from supervisor.store.kinds import HOURS
from supervisor.store.months import merged

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
ROWS: Final = 1000
"""Rows after which a transaction of the night ends: some 10 ms, which an intent may have to wait for."""

hours = sa.Table(
    "hours",
    schema.metadata,
    sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", sa.BigInteger, primary_key=True, comment="POSIX seconds, a whole hour of UTC"),
    sa.Column("min", sa.Double, nullable=False),
    sa.Column("mean", sa.Double, nullable=False, comment="by the time that each value stood"),
    sa.Column("max", sa.Double, nullable=False),
    sa.Column("last", sa.Double, comment="at the end of the hour; NULL: not known then"),
    sa.Column("known", sa.Double, nullable=False, comment="share of the hour in which it was known"),
    sqlite_with_rowid=False,
)

thinned = sa.Table(
    "thinned",
    schema.metadata,
    sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("until", Millis, nullable=False, comment="what came before has become hours"),
    sa.Column("value", sa.Double, comment="what stood then; NULL: not known"),
    sqlite_with_rowid=False,
)

TABLES = (hours, thinned)


class Hour(NamedTuple):
    """One hour of a point: `start` in POSIX seconds, `mean` by time, `last` at its end, `known` a share of the hour."""

    start: float
    min: float
    mean: float
    max: float
    last: float | None
    known: float


def by_hour(
    samples: Iterable[tuple[float, float | None]], standing: float | None, start: float, end: float
) -> list[Hour]:
    """Hours from `start` until `end` (whole hours) of samples within them, oldest first; `standing` came before."""
    changes = [*samples, (end, None)]
    found: list[Hour] = []
    at, value, number = start, standing, 0
    for hour in (start + HOUR * n for n in range(round((end - start) / HOUR))):
        until, stood = hour + HOUR, list[tuple[float, int]]()
        while at < until:
            upto = min(until, changes[number][0])
            if value is not None and upto > at:
                stood.append((value, millis(upto - at)))
            at = upto
            if changes[number][0] < until:
                value, number = changes[number][1], number + 1
        if stood:
            known = sum(time for _, time in stood)
            values = [v for v, _ in stood]
            least, most = min(values), max(values)
            mean = math.fsum(v * time for v, time in stood) / known
            found.append(Hour(hour, least, min(most, max(least, mean)), most, value, known / millis(HOUR)))
    return found


def thin(
    connection: sa.Connection, names: Sequence[str], before: float, standing: frozenset[str]
) -> list[str]:
    """Make hours of what series said before an instant, as far as one transaction goes; the series that are not done.

    `standing`: points that are still read: their last value stands. Of the others nothing is known after the hour of
    their last reading. Hours, what they were made of and how far it went change together: whenever this is cut
    short, it goes on from where it was.
    """
    left, worked = list(names), 0
    while left and worked < ROWS:
        rows, done = _thin_a_day(connection, left[0], before, still=left[0] in standing)
        worked += rows
        if done:
            left.pop(0)
    return left


def _thin_a_day(connection: sa.Connection, name: str, before: float, *, still: bool) -> tuple[int, bool]:
    """The next day of a series: rows touched, and whether nothing is left of it."""
    number = readings.number_of(connection, name)
    r = readings.readings
    state = connection.execute(sa.select(thinned).where(thinned.c.series == number)).first()
    since, value = (state.until, state.value) if state is not None else (-math.inf, None)
    reach = sa.select(sa.func.min(r.c.at), sa.func.max(r.c.at)).where(r.c.series == number, r.c.at >= since)
    first, last = connection.execute(reach).one()
    if state is None:
        if first is None:
            return 1, True
        since = _whole(first)
    until = _whole(before)
    if not still:
        until = min(until, _whole(last) + HOUR if last is not None else since)
    if since >= until:
        return 1, True
    end = min(until, _whole(since, DAY) + DAY)
    told = list(readings.kept(connection, number, since, end))
    made = by_hour(told, value, since, end)
    op.upsert_all(
        connection, hours, [{"series": number} | h._asdict() | {"start": round(h.start)} for h in made]
    )
    connection.execute(sa.delete(r).where(r.c.series == number, r.c.at >= since, r.c.at < end))
    op.upsert(connection, thinned, {"series": number, "until": end, "value": told[-1][1] if told else value})
    return len(told) + len(made), end >= until


def _whole(at: float, width: float = HOUR) -> float:
    return math.floor(at / width) * width


def between(connection: sa.Connection, name: str, start: float, end: float) -> Iterator[Hour]:
    """The hours of a point that begin from `start` until before `end`, oldest first, those in files too. Raises StoreProblem."""
    h = hours
    found = (
        sa.select(*(h.c[column] for column in Hour._fields))
        .join(readings.series, readings.series.c.id == h.c.series)
        .where(readings.series.c.name == name)
        .where(h.c.start >= _second(start), h.c.start < _second(end))
        .order_by(h.c.start)
        .execution_options(yield_per=readings.AT_ONCE)
    )
    here = (Hour(float(row[0]), *row[1:]) for row in connection.execute(found))
    return merged(here, _moved(connection, name, start, end))


def told(connection: sa.Connection, name: str, start: float, end: float, *, still: bool) -> Iterator[Hour]:
    """The same, and what is not hours yet as if it were: whole hours from `start` until before `end`. `still`: it is a point that
    is read, whose last value stands. Raises StoreProblem."""
    yield from between(connection, name, start, end)
    number = connection.execute(
        sa.select(readings.series.c.id).where(readings.series.c.name == name)
    ).scalar()
    if number is None:
        return
    state = connection.execute(sa.select(thinned).where(thinned.c.series == number)).first()
    begin = max(-HOUR * math.floor(-start / HOUR), state.until if state is not None else -math.inf)
    r = readings.readings
    mine = sa.select(r.c.at, r.c.value).where(r.c.series == number)
    before = connection.execute(mine.where(r.c.at < begin).order_by(r.c.at.desc()).limit(1)).first()
    standing = before.value if before is not None else state.value if state is not None else None
    if not still:
        last = connection.execute(sa.select(sa.func.max(r.c.at)).where(r.c.series == number)).scalar()
        end = min(end, _whole(last) + HOUR if last is not None else begin)
    until = _whole(end)
    while begin < until:
        day = min(until, _whole(begin, DAY) + DAY)
        rows = list(readings.kept(connection, number, begin, day))
        yield from by_hour(rows, standing, begin, day)
        begin, standing = day, rows[-1][1] if rows else standing


def _moved(connection: sa.Connection, name: str, start: float, end: float) -> Iterator[Hour]:
    for part in months.told(connection, HOURS, name, start, end):
        for row in part.rows():
            yield Hour(*row)


def _second(at: float) -> int:
    return -(-bound(at) // 1000)
