"""What was so at an instant that has passed: what stood of a series, who held a point, the audit as it is searched."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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


class Sought(NamedTuple):
    """What is looked for in the audit; each that is given narrows it.

    `under`: points whose id begins so, or `points` themselves; `since` and `until` are POSIX seconds; `text` is found in
    the point, the reason and the clause, or the row is of a rule in `rules` or of a point under one of `zones`.
    """

    under: str = ""
    points: tuple[str, ...] = ()
    rule: str = ""
    since: float | None = None
    until: float | None = None
    text: str = ""
    rules: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    before: int | None = None
    """Rows with a smaller id: the page after."""


def audit(connection: sa.Connection, sought: Sought, limit: int) -> list[dict[str, Any]]:
    """Rows of the audit that are looked for, newest first: an intent, with `result`, `readback` and `detail` (None while open)."""
    i, r = schema.intents, schema.results.c
    found = (
        sa.select(i, r.result, r.readback, r.detail)
        .select_from(i.outerjoin(schema.results, r.intent_id == i.c.id))
        .order_by(i.c.id.desc())
        .limit(limit)
    )
    for condition in _conditions(sought):
        found = found.where(condition)
    return [dict(row._mapping) for row in connection.execute(found)]


def _conditions(sought: Sought) -> Iterator[sa.ColumnElement[bool]]:
    i = schema.intents.c
    if sought.under:
        yield sa.or_(i.point.startswith(sought.under, autoescape=True), i.point.in_(sought.points))
    if sought.rule:
        yield i.rule == sought.rule
    if sought.since is not None:
        yield i.ts >= sought.since
    if sought.until is not None:
        yield i.ts < sought.until
    if sought.before is not None:
        yield i.id < sought.before
    if sought.text:
        texts = (i.point, i.rule, i.reason_en, i.reason_zh, i.citation)
        yield sa.or_(
            *(column.icontains(sought.text, autoescape=True) for column in texts),
            *(i.point.startswith(f"{zone}/", autoescape=True) for zone in sought.zones),
            i.rule.in_(sought.rules),
        )
