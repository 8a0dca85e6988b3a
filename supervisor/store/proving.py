"""Proof that nobody changed the audit: each row follows from the one before, and its ends are those that were kept."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from supervisor.store import queries
from supervisor.store.chain import CHAINED, HEAD, cut_off, digest

_ROWS: Final = 500
"""Rows of one slice: a year's audit has some 10^6, and who reads them in one go keeps the interpreter's lock from
the one who reacts to a fire alarm."""


class Broken(NamedTuple):
    """The first thing that is wrong with a table of the audit: at which row, and what."""

    table: str
    row: int
    what: Phrase


class Walk(NamedTuple):
    """How far the audit has been walked: which of its tables, rows in all, and id and hash of the last one that was sound.

    `heads` are the hashes that the tables before end with.
    """

    table: int = 0
    rows: int = 0
    last: int = 0
    hash: str = ""
    heads: tuple[str, ...] = ()
    broken: Broken | None = None

    @property
    def over(self) -> bool:
        """All of it is sound, or something is not."""
        return self.broken is not None or self.table == len(CHAINED)


def walk_on(connection: sa.Connection, walk: Walk) -> Walk:
    """Walk a slice further along the chain of hashes; at the end of a table, see that it is where it was kept to end."""
    table = CHAINED[walk.table]
    rows = connection.execute(_after(table, walk.last)).all()
    for row in rows:
        mapping, id_ = dict(row._mapping), int(row.id)
        what = _problem(mapping, id_, walk)
        if what is not None:
            return walk._replace(broken=_broken(table, id_, what))
        walk = walk._replace(rows=walk.rows + 1, last=id_, hash=mapping["hash"])
    if rows:
        return walk
    return Walk(walk.table + 1, walk.rows, heads=(*walk.heads, walk.hash), broken=_severed(connection, table))


def walked(connection: sa.Connection) -> Walk:
    """The whole way in one go."""
    walk = Walk()
    while not walk.over:
        walk = walk_on(connection, walk)
    return walk


def _problem(row: dict[str, Any], id_: int, walk: Walk) -> Phrase | None:
    """What is wrong with a row that should follow the last one of a walk."""
    sound = digest(row["prev_hash"], row) == row["hash"]
    if row["prev_hash"] == walk.hash:
        return None if sound else Phrase(f"row {id_} was altered", f"第 {id_} 行内容被改动")
    if sound and id_ - walk.last > 1:
        first = walk.last + 1
        return Phrase(f"rows {first} to {id_ - 1} are gone", f"第 {first} 至 {id_ - 1} 行被删除")
    return Phrase(
        f"row {id_} does not follow row {walk.last}: swapped, or put in",
        f"第 {id_} 行与第 {walk.last} 行不相接：次序被调换或被插入",
    )


def _severed(connection: sa.Connection, table: sa.Table) -> Broken | None:
    """Whether the row that a table was last kept to end with is there no more, whatever has been written since."""
    cut = cut_off(connection, table, queries.value(connection, HEAD) or {})
    if cut is None:
        return None
    before = sa.select(sa.func.max(table.c.id)).where(table.c.id <= cut["id"])
    gone = cut["id"] - (connection.execute(before).scalar() or 0)
    what = Phrase(
        f"the end is not the one that was kept: {gone} rows are cut off",
        f"末尾与留存的链头不符，缺少 {gone} 行",
    )
    return _broken(table, int(cut["id"]), what)


def _broken(table: sa.Table, row: int, what: Phrase) -> Broken:
    return Broken(table.name, row, Phrase(f"{table.name}: {what.en}", f"{table.name}：{what.zh}"))


def _after(table: sa.Table, last: int) -> sa.Select[tuple[Any, ...]]:
    return sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(_ROWS)
