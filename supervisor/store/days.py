"""What each zone's day came to: a row a day, zone, kind and rule or role, for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.operations import upsert_all

zone_days = sa.Table(
    "zone_days",
    schema.metadata,
    sa.Column("day", sa.Text, primary_key=True, comment="ISO date, by the building's clock"),
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="supervisor/core/daily.py says which there are"),
    sa.Column("what", sa.Text, primary_key=True, comment="rule or role; empty: the zone itself"),
    sa.Column("value", sa.Double, nullable=False, comment="seconds, or times"),
)


class ZoneDay(NamedTuple):
    """One figure of a zone's day: seconds, or of corrections and exceptions how often."""

    day: str
    zone: str
    kind: str
    what: str
    value: float


def put(connection: sa.Connection, values: Mapping[tuple[str, str, str, str], float]) -> None:
    """Keep figures by (day, zone, kind, what), each in the place of what was kept of it before."""
    rows = [
        {"day": day, "zone": zone, "kind": str(kind), "what": str(what), "value": value}
        for (day, zone, kind, what), value in values.items()
    ]
    upsert_all(connection, zone_days, rows)


def between(connection: sa.Connection, first: str, last: str) -> list[ZoneDay]:
    """The figures of the days from `first` to `last` (ISO dates, both included), in order."""
    c = zone_days.c
    found = sa.select(zone_days).where(c.day >= first, c.day <= last).order_by(c.day, c.zone, c.kind, c.what)
    return [ZoneDay(*row) for row in connection.execute(found)]
