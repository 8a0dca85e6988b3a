"""The revision is kept by Alembic's own table; the number that stood in its place goes."""

from __future__ import annotations

from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the table of the number."""
    op.drop_table("schema_version")
