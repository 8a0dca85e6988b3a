"""What was so at an instant that has passed: what stood of a series, who held a point, the audit as it is searched."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa

from supervisor.store import readings, schema

DONE = ("ok", "dry_run")
"""Results by which a value is held, or would be."""


class Hold(NamedTuple):
    """From `ts` on a point is held by a rule; `held` False: it was let go of then. `dry`: as it would be."""

    ts: float
    point: str
    rule: str
    held: bool
    dry: bool


def standing(connection: sa.Connection, name: str, at: float) -> float | None:
    """The value of a series that was read last before an instant, of what is still in the database; None where none was."""
    r = readings.readings.c
    found = (
        sa.select(r.value)
        .select_from(readings.readings.join(readings.series, readings.series.c.id == r.series))
        .where(readings.series.c.name == name, r.at < at)
        .order_by(r.at.desc())
        .limit(1)
    )
    value: float | None = connection.execute(found).scalar()
    return value


def holds(connection: sa.Connection, points: Collection[str], start: float, end: float) -> list[Hold]:
    """Who took points and let go of them until an instant, oldest first: what stood at `start` is the first of each."""
    found: list[Hold] = []
    for point in sorted(points):
        rows = _holds(point).where(schema.intents.c.ts >= start, schema.intents.c.ts < end)
        before = _holds(point).where(schema.intents.c.ts < start).order_by(None)
        last = connection.execute(before.order_by(schema.intents.c.id.desc()).limit(1)).first()
        found += [_hold(row) for row in ([last] if last is not None else [])]
        found += [_hold(row) for row in connection.execute(rows)]
    return sorted(found)


def _holds(point: str) -> sa.Select[Any]:
    i, r = schema.intents.c, schema.results.c
    return (
        sa.select(i.ts, i.point, i.rule, i.wire, i.dry_run)
        .select_from(schema.intents.join(schema.results, r.intent_id == i.id))
        .where(i.point == point, r.result.in_(DONE))
        .order_by(i.id)
    )


def _hold(row: Any) -> Hold:
    return Hold(row.ts, row.point, row.rule, row.wire is not None, row.dry_run)
