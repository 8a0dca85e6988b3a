"""Whether the audit that a test left behind is whole, and how its writes ended."""

from __future__ import annotations

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.proving import walked


def broken_link(connection: sa.Connection) -> tuple[str, int] | None:
    """The first row (table, id) of the audit that does not follow from the one before; None if all do."""
    broken = walked(connection).broken
    return None if broken is None else (broken.table, broken.row)


def results_count(connection: sa.Connection) -> dict[str, int]:
    """How many intents ended in each result."""
    r = schema.results.c
    rows = connection.execute(sa.select(r.result, sa.func.count()).group_by(r.result))
    return {result: int(n) for result, n in rows}
