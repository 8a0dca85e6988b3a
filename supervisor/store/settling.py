"""Bookings by the hour, once they are some days old: what was booked without a doubt, reading by reading, becomes one booking an hour.

No sum of any period changes: a booking that reaches over a whole hour stays by itself, and so does each that has a cause.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from supervisor.store import operations as op
from supervisor.store import readings
from supervisor.store.hours import DAY, thinned


class _Row(NamedTuple):
    start: float
    end: float
    amount: float
    estimated: bool
    cause: str


def settle(connection: sa.Connection, meter: str, series: str, before: float, width: float) -> bool:
    """Settle the next day of a meter's bookings, of those before an instant; whether nothing is left of them.

    `width`: s of an hour in which periods may begin: 3600, or less where local time is not whole hours away from UTC's.
    How far it went and what was changed are kept together.
    """
    number, b = readings.number_of(connection, series), readings.bookings
    since = connection.execute(sa.select(thinned.c.until).where(thinned.c.series == number)).scalar()
    next_ = sa.select(sa.func.min(b.c.start)).where(b.c.meter == meter)
    first = connection.execute(next_ if since is None else next_.where(b.c.start >= since)).scalar()
    if first is None or first >= (last := math.floor(before / width) * width):
        return True
    until = min(last, math.floor(first / DAY) * DAY + DAY)
    columns = (b.c[name] for name in _Row._fields)
    its = sa.select(*columns).where(b.c.meter == meter, b.c.start >= first, b.c.start < until)
    rows = [_Row(*row) for row in connection.execute(its.order_by(b.c.start, b.c.end))]
    for run in _runs(rows, width):
        connection.execute(_ONE, [{"of": meter, "from": row.start, "to": row.end} for row in run])
        amount = math.fsum(row.amount for row in run)
        whole = {"start": run[0].start, "end": run[-1].end, "amount": amount, "estimated": False, "cause": ""}
        op.upsert(connection, b, {"meter": meter} | whole)
    op.upsert(connection, thinned, {"series": number, "until": until, "value": None})
    return bool(until >= last)


def _runs(rows: Iterable[_Row], width: float) -> Iterator[Sequence[_Row]]:
    """Plain bookings that follow one another within an hour, where there are several."""
    run: list[_Row] = []
    for row in rows:
        slot = row.start // width
        plain = not row.estimated and not row.cause and row.end <= (slot + 1) * width
        if run and not (plain and run[-1].end == row.start and run[-1].start // width == slot):
            if len(run) > 1:
                yield run
            run = []
        if plain:
            run.append(row)
    if len(run) > 1:
        yield run


_ONE = sa.delete(readings.bookings).where(
    readings.bookings.c.meter == sa.bindparam("of"),
    readings.bookings.c.start == sa.bindparam("from"),
    readings.bookings.c.end == sa.bindparam("to"),
)
