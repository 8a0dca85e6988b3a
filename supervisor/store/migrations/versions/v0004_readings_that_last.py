"""Readings in whole milliseconds; hours of what is no meter; which months have moved to files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from supervisor.store import hours, months, readings

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rewrite the readings in milliseconds, two within the same one become one; create the new tables."""
    bind = op.get_bind()
    (at,) = (c["type"] for c in sa.inspect(bind).get_columns("readings") if c["name"] == "at")
    if not isinstance(at, sa.Integer):  # a database from before revisions has it as it is now, and empty
        op.rename_table("readings", "readings_in_seconds")
        if bind.dialect.name == "postgresql":
            op.execute("ALTER INDEX readings_pkey RENAME TO readings_in_seconds_pkey")
        readings.readings.create(bind)
        op.execute(
            "INSERT INTO readings (series, at, value) "
            "SELECT series, CAST(round(at * 1000) AS BIGINT), value FROM readings_in_seconds WHERE true "
            "ON CONFLICT DO NOTHING"
        )
        op.drop_table("readings_in_seconds")
    for table in (*hours.TABLES, *months.TABLES):
        table.create(bind, checkfirst=True)
