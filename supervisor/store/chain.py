"""The audit's hash chain: each row carries the hash of the one before, so that a changed row shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from supervisor.store import schema

CHAINED = (schema.intents, schema.results)
HEAD = "audit"
"""The key under which both ends of the audit are kept apart from it, so that a cut tail shows."""
_ONE_WRITER = sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('audit'))")
"""Whoever adds to the audit on PostgreSQL does so alone until it is committed, or two rows would follow the same one."""
_SKIP = frozenset({"id", "prev_hash", "hash"})


def _canonical(value: Any) -> Any:
    """SQLite gives a whole number in a JSON column back as an integer: 26.0 and 26 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def digest(prev_hash: str, row: Mapping[str, Any]) -> str:
    """sha256 (hex) over the previous hash and the row's own columns, as JSON with sorted keys."""
    own = {k: _canonical(v) for k, v in row.items() if k not in _SKIP}
    body = json.dumps(own, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{prev_hash}\n{body}".encode()).hexdigest()


def cut_off(connection: sa.Connection, table: sa.Table, kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """The end (id, hash) that a table was once kept to have and has no more, of all ends that were kept; None: it has it."""
    end = kept.get(table.name)
    if end is None or "cut" in end:
        return end["cut"] if end is not None else None
    found = connection.execute(sa.select(table.c.hash).where(table.c.id == end["id"])).scalar()
    return None if not end["hash"] or found == end["hash"] else {"id": end["id"], "hash": end["hash"]}


class Chain:
    """The last hash of each chained table. Only the writer thread touches it."""

    def __init__(self) -> None:
        self._heads: dict[str, str] = {}
        self._cut: dict[str, dict[str, Any]] = {}
        """Ends that were kept and are there no more: whoever writes on does not hide that."""
        self._moved = False
        self.stale = True
        """A transaction failed: what the tables end with must be read again, for it may have been committed."""
        self._shared: sa.Connection | None = None
        """Of a transaction in which others may have written on meanwhile: until this one's first row."""

    def begin(self, connection: sa.Connection) -> None:
        """A transaction begins. A server's tables may have other writers; a file's have this one."""
        self._shared = connection if connection.dialect.name == "postgresql" else None
        if self.stale:
            self.load(connection)

    def load(self, connection: sa.Connection) -> None:
        """Take up the chains where the tables end."""
        kept = connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == HEAD)).scalar() or {}
        for table in CHAINED:
            if (cut := cut_off(connection, table, kept)) is not None:
                self._cut[table.name] = cut
            last = sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)
            self._heads[table.name] = connection.execute(last).scalar() or ""
        self.stale = False

    def link(self, table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
        """The row with `prev_hash` and `hash`, now the head of its table."""
        if self._shared is not None:
            self._shared.execute(_ONE_WRITER)
            self.load(self._shared)
            self._shared = None
        prev = self._heads.get(table.name, "")
        row |= {"prev_hash": prev, "hash": digest(prev, row)}
        self._heads[table.name] = row["hash"]
        self._moved = True
        return row

    def ends(self, connection: sa.Connection) -> dict[str, dict[str, Any]] | None:
        """Id and hash of the last row of each table, once after some were added; None where none were."""
        if not self._moved:
            return None
        self._moved = False
        return {
            table.name: {
                "id": connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0,
                "hash": self._heads[table.name],
                **({"cut": self._cut[table.name]} if table.name in self._cut else {}),
            }
            for table in CHAINED
        }
