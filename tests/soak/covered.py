"""The open intents, asked of the database itself, without going through a year's audit for each write."""

from __future__ import annotations

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.rows import OpenIntent


class Covered:
    """`queries.open_intents` from the oldest that was open: an intent that has ended never opens again."""

    def __init__(self) -> None:
        self._oldest = 0

    def open_intents(self, connection: sa.Connection) -> list[OpenIntent]:
        """Intents that are committed and have no result yet, oldest first."""
        rows = [OpenIntent(*row) for row in connection.execute(_OPEN, {"oldest": self._oldest})]
        if rows:
            self._oldest = rows[0].id
        return rows


_I, _R = schema.intents.c, schema.results.c
_OPEN = (
    sa.select(_I.id, _I.point, _I.wire, _I.priority, _I.rule)
    .select_from(schema.intents.outerjoin(schema.results, _R.intent_id == _I.id))
    .where(_R.intent_id.is_(None), _I.id >= sa.bindparam("oldest"))
    .order_by(_I.id)
)
