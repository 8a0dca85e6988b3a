"""Tables of the store, the same on SQLite and PostgreSQL.

Instants are POSIX seconds in double precision; `ts` is the site clock and `wall` the computer's. A change here
needs a step in `migrations/versions` and a new `revision.REVISION`.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_JSON = sa.JSON(none_as_null=True)
_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts rowids only in a column of type INTEGER."""

intents = sa.Table(
    "intents",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("ts", sa.Double, nullable=False),
    sa.Column("wall", sa.Double, nullable=False),
    sa.Column("point", sa.Text, nullable=False),
    sa.Column("command", _JSON, comment="NULL relinquishes"),
    sa.Column("wire", sa.Double),
    sa.Column("priority", sa.Integer),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("citation", sa.Text, nullable=False),
    sa.Column("reason_en", sa.Text, nullable=False),
    sa.Column("reason_zh", sa.Text, nullable=False),
    sa.Column("inputs", _JSON, nullable=False),
    sa.Column("losers", _JSON, nullable=False),
    sa.Column("expires", sa.Double),
    sa.Column("config_hash", sa.Text, nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("intents_by_point", "point", "id"),
    sa.Index("intents_by_ts", "ts"),
    sa.Index("intents_by_wall", "wall"),
    sqlite_autoincrement=True,
)

results = sa.Table(
    "results",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("intent_id", _Id, sa.ForeignKey("intents.id"), nullable=False, unique=True),
    sa.Column("ts", sa.Double, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("readback", sa.Double),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("rows", sa.BigInteger, nullable=False, comment="of the audit, up to here and from its first"),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("ends", _JSON, nullable=False, comment="table: the last id that it stands for"),
    sa.Column("since", sa.Double, nullable=False),
    sa.Column("until", sa.Double, nullable=False),
    sa.Column("counts", _JSON, nullable=False, comment="intents since the one before, by result"),
    sa.Column("made", sa.Double, nullable=False),
    sa.Column("before", sa.Text, nullable=False, comment="signature of the one before"),
    sa.Column("key", sa.Text, nullable=False, comment="Ed25519, public, hex"),
    sa.Column("signature", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("object_type", sa.Text, primary_key=True),
    sa.Column("instance", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("priority", sa.Integer, primary_key=True, autoincrement=False, comment="0: no priority array"),
    sa.Column("point", sa.Text, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("prior_value", sa.Double),
)

memory = sa.Table(
    "memory",
    metadata,
    sa.Column("zone", sa.Text, primary_key=True),
    sa.Column("body", _JSON, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("ts", sa.Double, nullable=False, index=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("en", sa.Text, nullable=False),
    sa.Column("zh", sa.Text, nullable=False),
)

config_versions = sa.Table(
    "config_versions",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("ts", sa.Double, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("labels", sa.Text, primary_key=True, comment="JSON object, keys sorted"),
    sa.Column("value", sa.Double, nullable=False),
)

kv = sa.Table(
    "kv",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", _JSON, nullable=False),
)
