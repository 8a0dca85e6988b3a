"""The ledger's tables: readings, bookings, findings, and where each meter stands."""

from __future__ import annotations

from alembic import op

from supervisor.store import readings

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    for table in readings.TABLES:
        table.create(op.get_bind(), checkfirst=True)
