"""Whether the audit that a test left behind is whole."""

from __future__ import annotations

import sqlalchemy as sa

from supervisor.store.proving import walked


def broken_link(connection: sa.Connection) -> tuple[str, int] | None:
    """The first row (table, id) of the audit that does not follow from the one before; None if all do."""
    broken = walked(connection).broken
    return None if broken is None else (broken.table, broken.row)
