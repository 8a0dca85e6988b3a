"""One chain through both tables of the audit, its checkpoints, and what each zone's day came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from supervisor.store import days, schema
from supervisor.store.audit import CHAINED, HEAD, Head, digest

revision = "v0006"
down_revision = "v0004"
branch_labels = None
depends_on = None

_ROWS = 1000


def upgrade() -> None:
    """Create the tables, and link the rows of the two chains into one."""
    connection = op.get_bind()
    schema.checkpoints.create(connection, checkfirst=True)
    days.zone_days.create(connection, checkfirst=True)
    _link(connection)


def _link(connection: sa.Connection) -> None:
    """Rows that were sound are linked anew; one that was not keeps what it says, and so breaks the one chain as well."""
    kept = connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == HEAD)).scalar() or {}
    old = {table.name: "" for table in CHAINED}
    last = {table.name: 0 for table in CHAINED}
    rows, prev = 0, ""
    for table, row in _in_order(connection):
        if row["prev_hash"] == old[table.name] and digest(row["prev_hash"], row) == row["hash"]:
            linked = {"prev_hash": prev, "hash": digest(prev, row)}
            connection.execute(sa.update(table).where(table.c.id == row["id"]).values(**linked))
        else:
            linked = {"hash": row["hash"]}
        old[table.name], last[table.name] = row["hash"], row["id"]
        rows, prev = rows + 1, linked["hash"]
    for table in CHAINED:
        end = kept.get(table.name) or {}
        end = end.get("cut") or end
        if end.get("hash") and end["id"] >= last[table.name] and end["hash"] != old[table.name]:
            # its end was cut off: the chain goes on from what is missing, and shows it
            last[table.name], prev = end["id"], end["hash"]
    head = Head(rows, prev, tuple(last[table.name] for table in CHAINED))
    connection.execute(sa.delete(schema.kv).where(schema.kv.c.key == HEAD))
    if rows or prev:
        connection.execute(sa.insert(schema.kv).values(key=HEAD, value=head.kept()))


def _in_order(connection: sa.Connection) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Each table's rows by their ids, a result after its intent."""
    intents = _all(connection, schema.intents)
    intent = next(intents, None)
    for result in _all(connection, schema.results):
        while intent is not None and intent["id"] <= result["intent_id"]:
            yield schema.intents, intent
            intent = next(intents, None)
        yield schema.results, result
    while intent is not None:
        yield schema.intents, intent
        intent = next(intents, None)


def _all(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        some = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(_ROWS)
        rows = [dict(row._mapping) for row in connection.execute(some)]
        yield from rows
        if len(rows) < _ROWS:
            return
        last = rows[-1]["id"]
