"""Checkpoints: what stands for rows of the audit that retention took away, signed so that nobody else can make one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from config.phrase import Phrase
from supervisor.store import schema
from supervisor.store.audit import CHAINED, Head
from supervisor.store.signing import Signer, signed_by

TABLE = schema.checkpoints


class Checkpoint(NamedTuple):
    """The audit up to a row: the head there, the period (site clock, POSIX seconds) and what was in it.

    `counts`: intents by what came of them, of the rows since the checkpoint before. `made` is wall time. `key` is the
    public key that signed, `before` the signature of the checkpoint before; all three in hex.
    """

    id: int
    head: Head
    since: float
    until: float
    counts: Mapping[str, int]
    made: float
    before: str = ""
    key: str = ""
    signature: str = ""

    def body(self) -> bytes:
        """What is signed: everything but the signature, as JSON with sorted keys."""
        own = self._asdict() | {"head": self.head.kept(), "counts": dict(self.counts)}
        del own["id"], own["signature"]
        return json.dumps(own, sort_keys=True, separators=(",", ":")).encode()


def all_of(connection: sa.Connection) -> list[Checkpoint]:
    """Every checkpoint, oldest first; one that cannot be read has nothing in it, and no signature."""
    ids = connection.execute(sa.select(TABLE.c.id).order_by(TABLE.c.id)).scalars()
    return [_one(connection, id_) for id_ in list(ids)]


def _one(connection: sa.Connection, id_: int) -> Checkpoint:
    try:
        row = connection.execute(sa.select(TABLE).where(TABLE.c.id == id_)).one()._mapping
        ends = tuple(row["ends"][table.name] for table in CHAINED)
        fields = {name: row[name] for name in Checkpoint._fields if name != "head"}
        return Checkpoint(head=Head(row["rows"], row["hash"], ends), **fields)
    except (ValueError, TypeError, LookupError, DBAPIError):
        return Checkpoint(id_, Head(), 0.0, 0.0, {}, 0.0)


def add(connection: sa.Connection, checkpoint: Checkpoint, signer: Signer) -> None:
    """Sign a checkpoint and keep it."""
    kept = all_of(connection)
    made = checkpoint._replace(before=kept[-1].signature if kept else "", key=signer.public)
    head = made.head
    row = made._replace(signature=signer.sign(made.body()))._asdict()
    del row["id"], row["head"]
    connection.execute(
        sa.insert(TABLE), row | {"rows": head.rows, "hash": head.hash, "ends": head.kept()["ends"]}
    )


def flaw(checkpoint: Checkpoint, before: Checkpoint | None, trusted: Collection[str]) -> Phrase | None:
    """Why a checkpoint does not stand for the rows that it says; None: it does."""
    name = checkpoint.id
    if not signed_by(checkpoint.key, checkpoint.signature, checkpoint.body()):
        return Phrase(
            f"checkpoint {name} was altered or forged: its signature does not fit",
            f"检查点 {name} 被改动或伪造：签名不符",
        )
    if checkpoint.key not in trusted:
        return Phrase(
            f"checkpoint {name} was signed with the key {checkpoint.key}, which is not this gateway's",
            f"检查点 {name} 的签名密钥 {checkpoint.key} 不属于本网关",
        )
    if checkpoint.before != (before.signature if before is not None else ""):
        return Phrase(
            f"checkpoint {name} does not follow the one before it: one is gone",
            f"检查点 {name} 与前一个不相接：有检查点被删除",
        )
    return None
