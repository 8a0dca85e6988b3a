"""The ledger's tables: readings, bookings, findings, and where each meter stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from supervisor.store import readings

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    bind = op.get_bind()
    for table in readings.TABLES:
        if table is not readings.readings:
            table.create(bind, checkfirst=True)
    if not sa.inspect(bind).has_table("readings"):
        op.create_table(  # as it was then: the next step makes milliseconds of its seconds
            "readings",
            sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("at", sa.Double, primary_key=True),
            sa.Column("value", sa.Double),
            sqlite_with_rowid=False,
        )
