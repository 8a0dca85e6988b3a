"""What the writer does inside a transaction, one function an operation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from supervisor.store import schema
from supervisor.store.chain import Chain
from supervisor.store.rows import IntentRow, NoticeRow, ResultRow, SlotKey, SlotRow

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def finite(value: Any) -> Any:
    """JSON has no infinity and no NaN: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    return value


def _number(value: float | int | None) -> float | None:
    """A Double column gives floats back; the hash must be of what will be read."""
    return None if value is None else float(value)


def upsert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the one with its primary key."""
    connection.execute(_upsert(table, connection.dialect.name), row)


def upsert_all(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, replacing those with the same primary key."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name), list(rows))


@cache
def _upsert(table: sa.Table, dialect: str) -> sa.Insert:
    """Built once a table: building the statement costs ten times what running it does."""
    insert: postgresql.Insert | sqlite.Insert
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # three megabytes, where that is the database

        insert = postgresql.insert(table)
    else:
        insert = sqlite.insert(table)
    keys = [c.name for c in table.primary_key]
    values = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
    statement: sa.Insert = insert.on_conflict_do_update(index_elements=keys, set_=values)
    return statement


def add_intent(connection: sa.Connection, chain: Chain, intent: IntentRow, slot: SlotRow | None) -> int:
    """Insert an intent and journal its slot; the intent's id."""
    row = intent._asdict() | {
        "ts": float(intent.ts),
        "wire": _number(intent.wire),
        "command": finite(intent.command),
        "expires": _number(intent.expires if math.isfinite(intent.expires) else None),
        "inputs": finite(intent.inputs),
        "losers": finite(intent.losers),
    }
    key = chained(connection, chain, schema.intents, row)
    if slot is not None:
        put_slot(connection, slot)
    return key


def chained(connection: sa.Connection, chain: Chain, table: sa.Table, row: dict[str, Any]) -> int:
    """Insert a row at the head of the chain; its id."""
    linked = chain.link(row)
    key = connection.execute(sa.insert(table), linked).inserted_primary_key
    assert key is not None
    chain.added(table, int(key[0]), linked)
    return int(key[0])


def add_result(
    connection: sa.Connection, chain: Chain, result: ResultRow, slot: SlotRow | None, drop: SlotKey | None
) -> None:
    """Insert a result unless its intent has one already (the first stands), and set the journal right."""
    if connection.execute(_RESULT_OF, {"intent": result.intent_id}).first() is None:
        row = result._asdict() | {"ts": float(result.ts), "readback": _number(result.readback)}
        chained(connection, chain, schema.results, row)
    if slot is not None:
        put_slot(connection, slot)
    if drop is not None:
        drop_slot(connection, drop)


def put_slot(connection: sa.Connection, slot: SlotRow) -> None:
    """Journal a slot, in place of what was journalled for it."""
    row = slot.key._asdict() | {
        "point": slot.point,
        "value": float(slot.value),
        "since": float(slot.since),
        "rule": slot.rule,
        "prior_value": _number(slot.prior_value),
    }
    upsert(connection, schema.slots, row)


def drop_slot(connection: sa.Connection, key: SlotKey) -> None:
    """Forget a slot; no error if it is not journalled."""
    connection.execute(_DROP_SLOT, {f"key_{name}": value for name, value in key._asdict().items()})


def add_notice(connection: sa.Connection, row: NoticeRow) -> None:
    """Insert a notice."""
    connection.execute(sa.insert(schema.notices), row._asdict())


def forget_notices(connection: sa.Connection, before: float) -> None:
    """Delete the notices before a site instant."""
    connection.execute(sa.delete(schema.notices).where(schema.notices.c.ts < before))


_RESULT_OF = sa.select(schema.results.c.id).where(schema.results.c.intent_id == sa.bindparam("intent"))
_DROP_SLOT = sa.delete(schema.slots).where(
    *(schema.slots.c[name] == sa.bindparam(f"key_{name}") for name in SlotKey._fields)
)
