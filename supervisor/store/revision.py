"""Which revision the tables of a database have, and how an older one is brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from supervisor.store import days, gateways, hours, months, readings, recording, schema
from supervisor.store.problems import StoreProblem

FIRST: Final = "v0001"
"""What a database without a revision has: it was written before revisions were kept."""
REVISION: Final = "v0006"
"""What this program reads and writes."""
_NUMBER: Final = "schema_version"
"""The table that stood in the place of Alembic's until then."""
_STEPS: Final = Path(__file__).parent / "migrations"
_revision: Final = sa.table("alembic_version", sa.column("version_num", sa.String))
assert recording.recordings.metadata is schema.metadata  # its table is created with the others
assert readings.readings.metadata is schema.metadata  # so are its
assert hours.hours.metadata is months.months.metadata is schema.metadata
assert days.zone_days.metadata is schema.metadata


def prepare(connection: sa.Connection) -> None:
    """Create the tables of an empty database, or step an older one up, all or nothing; data stay. Raises StoreProblem."""
    gateways.take_over(connection)
    tables = set(sa.inspect(connection).get_table_names())
    found = _found(connection, tables)
    if found == REVISION:
        return
    if connection.dialect.name == "sqlite":
        # Python's driver commits each table by itself else, and a kill in between left a store that nobody could open
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if found is None:
        schema.metadata.create_all(connection)
        _stamp(connection, REVISION)
        return
    if _revision.name not in tables:
        schema.metadata.create_all(connection)  # tables came one by one then: some may be missing
        _stamp(connection, FIRST)
    _step_up(connection, found)


def _found(connection: sa.Connection, tables: set[str]) -> str | None:
    """The revision of a database; None where nothing is there, or nothing but tables of a first start that was cut short."""
    found = None
    if _revision.name in tables:
        found = connection.execute(sa.select(_revision.c.version_num)).scalar()
    return found or (FIRST if _NUMBER in tables else None)


def _stamp(connection: sa.Connection, revision: str) -> None:
    connection.execute(
        sa.text(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(sa.delete(_revision))
    connection.execute(sa.insert(_revision).values(version_num=revision))


def _step_up(connection: sa.Connection, found: str) -> None:
    from alembic import command  # only for this: it costs memory that a gateway box has better use for
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_STEPS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, REVISION)
    except CommandError as error:
        raise StoreProblem(
            f"the database has revision {found}, which this program does not know",
            "Install the version that wrote it, or a later one.",
        ) from error
