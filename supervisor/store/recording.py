"""The recording of what was decided on what: enough to decide it again, for some days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.operations import finite

_JSON = sa.JSON(none_as_null=True)

recordings = sa.Table(
    "recordings",
    schema.metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("ts", sa.Double, nullable=False, index=True),
    sa.Column("body", _JSON, nullable=False, comment="supervisor/records/recording.py says what is in it"),
    sqlite_autoincrement=True,
)


class RecordRow(NamedTuple):
    """One step of the decider. `ts` is the site clock."""

    ts: float
    body: dict[str, Any]


def add(connection: sa.Connection, rows: Sequence[RecordRow], before: float) -> None:
    """Insert rows in order, and forget what is older than the site instant `before`."""
    connection.execute(sa.delete(recordings).where(recordings.c.ts < before))
    if rows:
        connection.execute(
            sa.insert(recordings), [{"ts": float(row.ts), "body": finite(row.body)} for row in rows]
        )


def all_rows(connection: sa.Connection) -> Iterator[RecordRow]:
    """Every row, oldest first."""
    for row in connection.execute(sa.select(recordings).order_by(recordings.c.id)):
        yield RecordRow(row.ts, row.body)
