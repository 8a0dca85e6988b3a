"""Questions to the store. Each takes a connection: `await store.read(queries.open_intents)`."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.rows import Kept, OpenIntent, SlotKey, SlotRow

_Rows = list[dict[str, Any]]
_ROWS: Final = 500


def owned_slots(connection: sa.Connection) -> list[SlotRow]:
    """The journal: every slot we hold or may hold, in a fixed order."""
    c = schema.slots.c
    rows = connection.execute(
        sa.select(schema.slots).order_by(c.device, c.object_type, c.instance, c.priority)
    )
    return [
        SlotRow(
            SlotKey(r.device, r.object_type, r.instance, r.priority),
            r.point, r.value, r.since, r.rule, r.prior_value,
        )
        for r in rows
    ]  # fmt: skip


def open_intents(connection: sa.Connection) -> list[OpenIntent]:
    """Intents without a result, oldest first."""
    i, r = schema.intents.c, schema.results.c
    found = (
        sa.select(i.id, i.point, i.wire, i.priority, i.rule)
        .select_from(schema.intents.outerjoin(schema.results, r.intent_id == i.id))
        .where(r.intent_id.is_(None))
        .order_by(i.id)
    )
    return [OpenIntent(*row) for row in connection.execute(found)]


def sent_values(connection: sa.Connection, point: str, since_wall: float, limit: int = 8) -> list[float]:
    """Wire values that we meant to send to a point since a wall instant, newest first, dry runs left out."""
    i = schema.intents.c
    found = (
        sa.select(i.wire)
        .where(i.point == point, i.wall >= since_wall, i.wire.is_not(None), i.dry_run.is_(False))
        .order_by(i.id.desc())
        .limit(limit)
    )
    return [float(wire) for (wire,) in connection.execute(found)]


def kept(connection: sa.Connection, since_wall: float) -> Kept:
    """What a start has to settle; values sent to journalled points, and to all since a wall instant."""
    slots, open_ones = owned_slots(connection), open_intents(connection)
    i = schema.intents.c
    lately = sa.select(i.point).where(i.wall >= since_wall).distinct()
    points = {s.point for s in slots} | {o.point for o in open_ones}
    sent = {p: sent_values(connection, p, 0.0) for p in sorted(points)}
    for (point,) in connection.execute(lately):
        sent.setdefault(point, sent_values(connection, point, since_wall))
    return Kept(slots, open_ones, sent)


def audit(
    connection: sa.Connection, *, point: str | None = None, since: float | None = None, limit: int = 100
) -> _Rows:
    """Intents, newest first, with `result`, `result_ts`, `readback`, `detail` (None while open)."""
    i, r = schema.intents, schema.results.c
    found = (
        sa.select(i, r.result, r.ts.label("result_ts"), r.readback, r.detail)
        .select_from(i.outerjoin(schema.results, r.intent_id == i.c.id))
        .order_by(i.c.id.desc())
        .limit(limit)
    )
    if point is not None:
        found = found.where(i.c.point == point)
    if since is not None:
        found = found.where(i.c.ts >= since)
    return [dict(row._mapping) for row in connection.execute(found)]


_NAMED: Final = re.compile(r"""^building:\s*["']?([\w-]+)""", re.MULTILINE)


def memories(connection: sa.Connection) -> dict[str, Any]:
    """Each zone's kept memory."""
    return {r.zone: r.body for r in connection.execute(sa.select(schema.memory))}


def counters(connection: sa.Connection) -> dict[tuple[str, str], float]:
    """Kept counters by (metric, labels as JSON)."""
    return {(m, labels): value for m, labels, value in connection.execute(sa.select(schema.counters))}


def config_text(connection: sa.Connection, config_hash: str) -> str | None:
    """The site file that had this hash, or None."""
    c = schema.config_versions.c
    text: str | None = connection.execute(sa.select(c.text).where(c.hash == config_hash)).scalar()
    return text


def latest_config(connection: sa.Connection) -> str | None:
    """The text of the site file that was taken up last."""
    last = latest_config_at(connection)
    return last[1] if last is not None else None


def latest_config_at(connection: sa.Connection) -> tuple[float, str] | None:
    """When a site file was taken up last, POSIX seconds, and its text."""
    table = schema.config_versions
    row = connection.execute(sa.select(table.c.ts, table.c.text).order_by(table.c.ts.desc()).limit(1)).first()
    return (row.ts, row.text) if row is not None else None


BUILDING: Final = "building"
"""Under this key of `kv`: whose store it is, where readings were imported before a daemon took up a site file."""


def buildings(connection: sa.Connection) -> frozenset[str]:
    """Whose store it is: by the site file that was taken up last, and by who imported last. A building that was renamed may have
    two names for a while; a store that nobody wrote has none."""
    noted = connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == BUILDING)).scalar()
    found = _NAMED.search(latest_config(connection) or "")
    return frozenset(
        name for name in (noted, found[1] if found is not None else None) if isinstance(name, str)
    )


def notices(connection: sa.Connection, *, since: float = 0.0, limit: int = 100) -> _Rows:
    """Notices at or after a site instant, newest first."""
    n = schema.notices
    found = sa.select(n).where(n.c.ts >= since).order_by(n.c.id.desc()).limit(limit)
    return [dict(row._mapping) for row in connection.execute(found)]


def newest_wall(connection: sa.Connection) -> float:
    """The latest instant of the computer's clock that the store knows of and that was believed, POSIX seconds; -inf where it
    knows of none."""
    mark = value(connection, "clock")
    if (
        mark is not None
    ):  # of every half minute, and put right with the clock, which intents of a minute ahead are not
        return float(mark)
    intent = connection.execute(sa.select(sa.func.max(schema.intents.c.wall))).scalar()
    return -math.inf if intent is None else float(intent)


def value(connection: sa.Connection, key: str) -> Any:
    """The JSON value kept under a key, or None."""
    return connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == key)).scalar()
