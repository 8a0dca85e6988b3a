"""The gateway's books: the audit of what was meant and what came of it, and the journal of slots that are ours.

The audit is a hash chain: each row carries the hash of the one before, so that a changed row shows. One chain goes through both tables, in the order in which rows were committed: a result follows what was written last,
be it an intent or another result. The head, what the last row hashes to, is kept apart from the rows.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.operations import finite, upsert
from supervisor.store.prepared import Prepared, inserting
from supervisor.store.rows import IntentRow, ResultRow, SlotKey, SlotRow

CHAINED: Final = (schema.intents, schema.results)
HEAD: Final = "audit"
"""The key under which the head is kept apart from the rows, so that a cut tail shows."""
BITS: Final = 48
"""Bits of a hash that a metric shows: a float64 holds any whole number up to 2^53 exactly, and hex takes four a digit."""
_ONE_WRITER: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('audit'))")
"""Whoever adds to the audit on PostgreSQL does so alone until it is committed, or two rows would follow the same one."""
_SKIP = frozenset({"id", "prev_hash", "hash"})


class Head(NamedTuple):
    """How long the chain is, rows that retention took away included, what it ends with, and each table's last id."""

    rows: int = 0
    hash: str = ""
    ends: tuple[int, ...] = (0,) * len(CHAINED)

    @property
    def short(self) -> str:
        """The first 16 hex digits, as people note it."""
        return self.hash[:16]

    @property
    def number(self) -> int:
        """Its first 48 bits as a number, as a metric shows it; 0 for a chain without rows."""
        return number(self.hash)

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        ends = {table.name: end for table, end in zip(CHAINED, self.ends, strict=True)}
        return {"rows": self.rows, "hash": self.hash, "ends": ends}


def number(hash_: str) -> int:
    """The first 48 bits of a hash in hex, as a whole number that a float64 holds exactly."""
    return int(hash_[: BITS // 4] or "0", 16)


def _canonical(value: Any) -> Any:
    """SQLite gives a whole number in a JSON column back as an integer: 26.0 and 26 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def digest(prev_hash: str, row: Mapping[str, Any]) -> str:
    """sha256 (hex) over the previous hash and the row's own columns, as JSON with sorted keys."""
    own = {k: _canonical(v) for k, v in row.items() if k not in _SKIP}
    body = json.dumps(own, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{prev_hash}\n{body}".encode()).hexdigest()


def head_of(connection: sa.Connection) -> Head | None:
    """The head that was kept; None where none was, or what stands there is none."""
    try:
        kept: Any = connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == HEAD)).scalar()
        return Head(
            int(kept["rows"]), str(kept["hash"]), tuple(int(kept["ends"][table.name]) for table in CHAINED)
        )
    except (KeyError, TypeError, ValueError):
        return None


class Chain:
    """The head of the chain, as the writer thread moves it on. Only that thread touches it."""

    def __init__(self) -> None:
        self.head = Head()
        self._moved = False
        self.stale = True
        """A transaction failed: the head must be read again, for it may have been committed."""
        self._shared: sa.Connection | None = None
        """Of a transaction in which others may have written on meanwhile: until this one's first row."""

    def begin(self, connection: sa.Connection) -> None:
        """A transaction begins. A server's tables may have other writers; a file's have this one."""
        self._shared = connection if connection.dialect.name == "postgresql" else None
        if self.stale:
            self.load(connection)

    def load(self, connection: sa.Connection) -> None:
        """Take up the chain at the head that was kept.

        Where the rows end before it, they were cut off: going on from what is missing leaves the cut in the chain for good.
        """
        self.head = head_of(connection) or _ended(connection)
        self._moved = self.stale = False

    def add(self, connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> int:
        """Insert a row, which is the head from now on; its id."""
        if self._shared is not None:
            self._shared.execute(_ONE_WRITER)
            self.load(self._shared)
            self._shared = None
        prev = self.head.hash
        linked = row | {"prev_hash": prev, "hash": digest(prev, row)}
        id_, place = int(inserting(table).execute(connection, linked).scalar_one()), CHAINED.index(table)
        ends = (*self.head.ends[:place], id_, *self.head.ends[place + 1 :])
        self.head = Head(self.head.rows + 1, linked["hash"], ends)
        self._moved = True
        return id_

    def moved(self) -> Head | None:
        """The head, once after rows were added; None where none were."""
        moved, self._moved = self._moved, False
        return self.head if moved else None


def _ended(connection: sa.Connection) -> Head:
    """What the rows end with, where no head was kept: the last row that no other follows."""
    rows, last, ends = 0, "", []
    for table in CHAINED:
        count, end = connection.execute(sa.select(sa.func.count(), sa.func.max(table.c.id))).one()
        rows += count
        ends.append(end or 0)
        hash_ = connection.execute(sa.select(table.c.hash).where(table.c.id == end)).scalar()
        if hash_ and not any(_follows(connection, other, hash_) for other in CHAINED):
            last = hash_
    return Head(rows, last, tuple(ends))


def _follows(connection: sa.Connection, table: sa.Table, hash_: str) -> bool:
    return (
        connection.execute(sa.select(table.c.id).where(table.c.prev_hash == hash_).limit(1)).first()
        is not None
    )


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
    key = chain.add(connection, schema.intents, row)
    if slot is not None:
        put_slot(connection, slot)
    return key


def add_result(
    connection: sa.Connection, chain: Chain, result: ResultRow, slot: SlotRow | None, drop: SlotKey | None
) -> None:
    """Insert a result unless its intent has one already (the first stands), and set the journal right."""
    if _RESULT_OF.execute(connection, {"intent": result.intent_id}).first() is None:
        row = result._asdict() | {"ts": float(result.ts), "readback": _number(result.readback)}
        chain.add(connection, schema.results, row)
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
    _DROP_SLOT.execute(connection, {f"key_{name}": value for name, value in key._asdict().items()})


def _number(value: float | int | None) -> float | None:
    """A Double column gives floats back; the hash must be of what will be read."""
    return None if value is None else float(value)


_RESULT_OF = Prepared(
    sa.select(schema.results.c.id).where(schema.results.c.intent_id == sa.bindparam("intent"))
)
_DROP_SLOT = Prepared(
    sa.delete(schema.slots).where(
        *(schema.slots.c[name] == sa.bindparam(f"key_{name}") for name in SlotKey._fields)
    )
)
