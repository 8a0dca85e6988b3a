"""What the writer does inside a transaction, one function an operation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from supervisor.store import schema
from supervisor.store.prepared import Prepared
from supervisor.store.rows import NoticeRow

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


def upsert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the one with its primary key."""
    _upserting(table, connection.dialect.name).execute(connection, row)


def upsert_all(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, replacing those with the same primary key."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name), list(rows))


@cache
def _upserting(table: sa.Table, dialect: str) -> Prepared:
    return Prepared(_upsert(table, dialect), [column.name for column in table.columns])


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


def add_notice(connection: sa.Connection, row: NoticeRow) -> None:
    """Insert a notice."""
    connection.execute(sa.insert(schema.notices), row._asdict())


def forget_notices(connection: sa.Connection, before: float) -> None:
    """Delete the notices before a site instant."""
    connection.execute(sa.delete(schema.notices).where(schema.notices.c.ts < before))
