"""The tables as they were before the store kept its revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create every table of an empty database."""
    _audit()
    _journal()
    _told()
    _kept()


def _audit() -> None:
    op.create_table(
        "intents",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("ts", sa.Double(), nullable=False),
        sa.Column("wall", sa.Double(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("command", _JSON, nullable=True, comment="NULL relinquishes"),
        sa.Column("wire", sa.Double(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("inputs", _JSON, nullable=False),
        sa.Column("losers", _JSON, nullable=False),
        sa.Column("expires", sa.Double(), nullable=True),
        sa.Column("config_hash", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("intents_by_point", "intents", ["point", "id"], unique=False)
    op.create_index("intents_by_ts", "intents", ["ts"], unique=False)
    op.create_index("intents_by_wall", "intents", ["wall"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("intent_id", _Id, nullable=False),
        sa.Column("ts", sa.Double(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("readback", sa.Double(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["intents.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("intent_id"),
        sqlite_autoincrement=True,
    )


def _journal() -> None:
    op.create_table(
        "slots",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "priority", sa.Integer(), autoincrement=False, nullable=False, comment="0: no priority array"
        ),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("prior_value", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("device", "object_type", "instance", "priority"),
    )


def _told() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("ts", sa.Double(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notices_ts"), "notices", ["ts"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("ts", sa.Double(), nullable=False),
        sa.Column(
            "body", _JSON, nullable=False, comment="supervisor/records/recording.py says what is in it"
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recordings_ts"), "recordings", ["ts"], unique=False)


def _kept() -> None:
    op.create_table(
        "config_versions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ts", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "counters",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False, comment="JSON object, keys sorted"),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("metric", "labels"),
    )
    op.create_table(
        "kv",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "memory",
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("zone"),
    )
    op.create_table(
        "schema_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
