"""Proof that nobody changed the audit: each row follows from the one before, and its end is the one that was kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from config.phrase import Phrase
from supervisor.store.audit import CHAINED, Head, digest, head_of
from supervisor.store.checkpoints import TABLE as CHECKPOINTS
from supervisor.store.checkpoints import all_of, flaw

_ROWS: Final = 500
"""Rows of one slice: a year's audit has some 10^6, and who reads them in one go keeps the interpreter's lock from
the one who reacts to a fire alarm."""


class Broken(NamedTuple):
    """The first thing that is wrong with the audit: in which table, at which row (0: at none), and what."""

    table: str
    row: int
    what: Phrase


class Walk(NamedTuple):
    """How far the audit has been walked: rows (those taken away by retention included), hash of the last one that was
    sound, and the last id of each table. `retired` is where it began: rows that a checkpoint stands for.

    `sought` are beginnings of a hash in hex, `found` the number of the first row that has one.
    """

    rows: int = 0
    hash: str = ""
    last: tuple[int, ...] = (0,) * len(CHAINED)
    retired: int = 0
    sought: tuple[str, ...] = ()
    found: int | None = None
    done: bool = False
    broken: Broken | None = None

    @property
    def over(self) -> bool:
        """All of it is sound, or something is not."""
        return self.done or self.broken is not None

    @property
    def head(self) -> Head:
        """The end of what has been walked."""
        return Head(self.rows, self.hash, self.last)


class Step(NamedTuple):
    """A row that was sound, and the walk after it; the last step of all has none."""

    walk: Walk
    table: sa.Table | None = None
    row: Mapping[str, Any] = {}


def begin(connection: sa.Connection, trusted: Collection[str], sought: tuple[str, ...] = ()) -> Walk:
    """A walk from the last checkpoint on, or from the first row; over at once where a checkpoint is not what it says.

    `trusted`: public keys (hex) that may have signed.
    """
    kept = all_of(connection)
    for before, checkpoint in zip([None, *kept], kept, strict=False):
        what = flaw(checkpoint, before, trusted)
        if what is not None:
            return Walk(broken=_broken(CHECKPOINTS, checkpoint.id, what))
    if not kept:
        return Walk(sought=sought)
    rows, hash_, ends = kept[-1].head
    hits = [c.head.rows for c in kept if sought and c.head.hash.startswith(sought)]
    return Walk(rows, hash_, ends, retired=rows, sought=sought, found=hits[0] if hits else None)


def walk_on(connection: sa.Connection, walk: Walk) -> Walk:
    """Walk a slice further along the chain of hashes; at its end, see that it is where it was kept to end."""
    for step in steps(connection, walk):
        walk = step.walk
    return walk


def walked(connection: sa.Connection, trusted: Collection[str] = (), sought: tuple[str, ...] = ()) -> Walk:
    """The whole way in one go."""
    walk = begin(connection, trusted, sought)
    while not walk.over:
        walk = walk_on(connection, walk)
    return walk


def steps(connection: sa.Connection, walk: Walk) -> Iterator[Step]:
    """The rows of a slice, in the order in which they were committed: the next is the one that follows by its hash.

    Rows may be added meanwhile: no further than the head is looked, which is read before them, and after the ids that
    must not lie beyond it.
    """
    tops = [_top(connection, table) for table in CHAINED]
    head = head_of(connection)
    ends = head.ends if head is not None else tops
    lanes = [_after(connection, *which) for which in zip(CHAINED, walk.last, ends, strict=True)]
    places = [0] * len(lanes)
    while True:
        here = [lane[at] if at < len(lane) else None for lane, at in zip(lanes, places, strict=True)]
        which = next((i for i, row in enumerate(here) if row and row["prev_hash"] == walk.hash), None)
        if which is None:
            if not any(at == len(lane) == _ROWS for lane, at in zip(lanes, places, strict=True)):
                yield Step(_ended(connection, walk, here, head, tops))
            return
        row = here[which]
        assert row is not None
        if not _sound(row):
            yield Step(walk._replace(broken=_altered(CHAINED[which], row)))
            return
        places[which] += 1
        walk = _passed(walk, which, row)
        yield Step(walk, CHAINED[which], row)


def _passed(walk: Walk, which: int, row: Mapping[str, Any]) -> Walk:
    rows, hash_ = walk.rows + 1, row["hash"]
    last = (*walk.last[:which], row["id"], *walk.last[which + 1 :])
    found = rows if walk.found is None and walk.sought and hash_.startswith(walk.sought) else walk.found
    return walk._replace(rows=rows, hash=hash_, last=last, found=found)


# ------------------------------------------------------------------ what is wrong


def _ended(
    connection: sa.Connection,
    walk: Walk,
    here: Sequence[Mapping[str, Any] | None],
    head: Head | None,
    tops: Sequence[int],
) -> Walk:
    """The walk at a place from which no row goes on: its end, or the first thing that is wrong."""
    found = _behind(head, tops), _cut(walk, here, head), _unlinked(connection, walk, here), _other(walk, head)
    for what in found:
        if what is not None:
            return walk._replace(broken=what)
    return walk._replace(done=True)


def _cut(walk: Walk, here: Sequence[Mapping[str, Any] | None], head: Head | None) -> Broken | None:
    """A table has no more rows, and was kept to end later."""
    for table, last, end, row in zip(CHAINED, walk.last, head.ends if head else walk.last, here, strict=True):
        if row is None and end > last:
            what = Phrase(
                f"the end is not the one that was kept: {_counted(end - last)} cut off",
                f"末尾与留存的链头不符，缺少 {end - last} 行",
            )
            return _broken(table, end, what)
    return None


def _unlinked(
    connection: sa.Connection, walk: Walk, here: Sequence[Mapping[str, Any] | None]
) -> Broken | None:
    """There are more rows, and none of them follows."""
    left = [(table, last, row) for table, last, row in zip(CHAINED, walk.last, here, strict=True) if row]
    for table, _, row in left:
        if not _sound(row):
            return _altered(table, row)
    for table, last, row in left:
        if _follower(connection, table, walk.hash):
            return _stranger(table, last, row)
    for table, last, row in left:
        if row["id"] - last > 1:
            return _gone(table, last + 1, row["id"] - 1, row["id"], first=walk.rows == walk.retired)
    return _stranger(*left[0]) if left else None


def _behind(head: Head | None, tops: Sequence[int]) -> Broken | None:
    """A table has rows behind its end as it was kept."""
    for table, end, top in zip(CHAINED, head.ends if head else tops, tops, strict=True):
        if top > end:
            what = Phrase(
                f"row {top} stands behind the end that was kept, row {end}: put in, or the end was altered",
                f"第 {top} 行位于留存的末尾（第 {end} 行）之后：被插入，或链头被改动",
            )
            return _broken(table, top, what)
    return None


def _other(walk: Walk, head: Head | None) -> Broken | None:
    """All rows follow, and the head that was kept is another, or none."""
    if head is None:
        what = Phrase("the head that was kept is gone", "留存的链头已丢失")
        return Broken("kv", 0, what) if walk.rows else None
    if (walk.rows, walk.hash) == (head.rows, head.hash):
        return None
    what = Phrase(
        f"the head that was kept says {head.rows} rows and {head.short}, the chain ends after {walk.rows} "
        f"with {walk.head.short}",
        f"留存的链头为 {head.rows} 行 {head.short}，链在 {walk.rows} 行后止于 {walk.head.short}",
    )
    return Broken("kv", 0, what)


def _altered(table: sa.Table, row: Mapping[str, Any]) -> Broken:
    return _broken(table, row["id"], Phrase(f"row {row['id']} was altered", f"第 {row['id']} 行内容被改动"))


def _stranger(table: sa.Table, last: int, row: Mapping[str, Any]) -> Broken:
    what = Phrase(
        f"row {row['id']} does not follow row {last}: swapped, or put in",
        f"第 {row['id']} 行与第 {last} 行不相接：次序被调换或被插入",
    )
    return _broken(table, row["id"], what)


def _gone(table: sa.Table, since: int, until: int, row: int, *, first: bool) -> Broken:
    one = since == until
    which = f"row {since} is gone" if one else f"rows {since} to {until} are gone"
    zh = f"第 {since} 行被删除" if one else f"第 {since} 至 {until} 行被删除"
    unsaid = f", and no checkpoint stands for {'it' if one else 'them'}" if first else ""
    return _broken(table, row, Phrase(which + unsaid, zh + ("，且没有检查点说明" if first else "")))


def _counted(rows: int) -> str:
    return "1 row is" if rows == 1 else f"{rows} rows are"


def _broken(table: sa.Table, row: int, what: Phrase) -> Broken:
    return Broken(table.name, row, Phrase(f"{table.name}: {what.en}", f"{table.name}：{what.zh}"))


# ------------------------------------------------------------------ what is asked


def _sound(row: Mapping[str, Any]) -> bool:
    """A row's own hash is of what stands in it."""
    try:
        return digest(row["prev_hash"], row) == str(row["hash"])
    except TypeError:  # bytes where text was
        return False


def _after(connection: sa.Connection, table: sa.Table, last: int, end: int) -> list[dict[str, Any]]:
    """The next rows of a table, up to the first that cannot be read at all, of which its id and link alone are told."""
    there = table.c.id > last, table.c.id <= end
    some = sa.select(table).where(*there).order_by(table.c.id).limit(_ROWS)
    try:
        return [dict(row._mapping) for row in connection.execute(some)]
    except (ValueError, TypeError, DBAPIError):  # no JSON where JSON was, no text where text was
        found: list[dict[str, Any]] = []
    ids = sa.select(table.c.id).where(*there).order_by(table.c.id).limit(_ROWS)
    for id_ in list(connection.execute(ids).scalars()):
        try:
            found += [
                dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.id == id_))
            ]
        except (ValueError, TypeError, DBAPIError):
            link = sa.cast(table.c.prev_hash, sa.LargeBinary)
            prev = connection.execute(sa.select(link).where(table.c.id == id_)).scalar() or b""
            return [*found, {"id": id_, "prev_hash": bytes(prev).decode(errors="replace"), "hash": ""}]
    return found


def _top(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0


def _follower(connection: sa.Connection, table: sa.Table, hash_: str) -> bool:
    found = sa.select(table.c.id).where(table.c.prev_hash == hash_).limit(1)
    return connection.execute(found).first() is not None
