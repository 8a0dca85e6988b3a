"""What the bookings of many days show about the meters of a site, out of the database."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from config.site import MeterSpec, Site
from config.subitems import carrier
from supervisor.ledger import patterns, tree
from supervisor.ledger.booking import Finding
from supervisor.ledger.life import life
from supervisor.ledger.patterns import COVERED, HOUR, Hours
from supervisor.store.readings import bookings

LONGEST = 92 * 86_400.0
"""s of a period, back from its end, that are looked at."""
BEFORE = 15 * 86_400.0
"""s before it from which its habits are known."""


def found(connection: sa.Connection, site: Site, start: float, end: float) -> Iterator[tuple[str, Finding]]:
    """What shows of any meter in a period."""
    for meter in site.meters.values():
        for finding in of_meter(connection, site, meter, start, end):
            yield meter.id, finding


def of_meter(
    connection: sa.Connection, site: Site, meter: MeterSpec, start: float, end: float
) -> list[Finding]:
    """What shows of one meter in a period, alone and against those beneath it."""
    kind, below = carrier(meter.subitem), tree.weighed(site, meter.id)
    if kind not in ("electricity", "water") and not below:
        return []
    start = max(start, end - LONGEST)
    span = (start - BEFORE, end)
    own = hours_of(connection, site, meter, *span)
    shown = patterns.of_one(kind, own, site.tz, always_on=meter.always_on)
    if below:
        others = [_lived(connection, site, m, *span) for m in below]
        share = meter.error + max(m.error for m in below)
        shown = shown + patterns.sub_over_main(own, others, site.tz, lambda counted: share * counted)
    return [f for f in shown if f.end >= start and f.start < end]


def hours_of(connection: sa.Connection, site: Site, meter: MeterSpec, start: float, end: float) -> Hours:
    """A meter's hours, J or m³; of a computed one from its parts."""
    first, count = start // HOUR, math.ceil((end - start) / HOUR)
    if meter.virtual:
        parts = [(_lived(connection, site, site.meters[id_], start, end), sign) for id_, sign in meter.of]
        return Hours(
            first * HOUR,
            [_sum([h.amounts[n] for h, _ in parts], [s for _, s in parts]) for n in range(count)],
        )
    amounts: list[float | None] = [None] * count
    b = bookings
    hour = sa.func.floor(b.c.start / HOUR)
    rows = connection.execute(
        sa.select(
            hour.label("hour"),
            sa.func.sum(b.c.amount).label("amount"),
            sa.func.sum(b.c.end - b.c.start).label("covered"),
            sa.func.sum(sa.case((b.c.estimated, 1), else_=0)).label("guessed"),
        )
        .where(b.c.meter == meter.id, b.c.start >= first * HOUR, b.c.end <= end)
        .group_by(hour)
    )
    for row in rows:
        n = int(row.hour - first)
        if 0 <= n < count and not row.guessed and COVERED * HOUR <= row.covered <= 2 * HOUR:
            amounts[n] = float(row.amount)
    return Hours(first * HOUR, amounts)


def _lived(connection: sa.Connection, site: Site, meter: MeterSpec, start: float, end: float) -> Hours:
    """A meter's hours among others': nothing in those in which it did not count, since it was exchanged, or was not there yet."""
    hours, (born, ended) = hours_of(connection, site, meter, start, end), life(meter, site.tz)
    amounts = [
        0.0 if amount is None and (at + HOUR <= born or at >= ended) else amount
        for at, amount in ((hours.start + n * HOUR, amount) for n, amount in enumerate(hours.amounts))
    ]
    return hours._replace(amounts=amounts)


def _sum(amounts: Sequence[float | None], signs: Sequence[float]) -> float | None:
    known = [a * s for a, s in zip(amounts, signs, strict=True) if a is not None]
    return math.fsum(known) if len(known) == len(amounts) else None
