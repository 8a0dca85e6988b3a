"""The same rows on SQLite and on a real PostgreSQL server, also in a database of an older program."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from supervisor.store import Store, StoreProblem, migrations, queries, schema
from supervisor.store.revision import FIRST, REVISION
from supervisor.store.rows import ResultRow
from tests.audit import broken_link
from tests.postgres import Server
from tests.unit.store.test_store import KEY, intent, slot


async def test_a_day_in_the_life_of_a_store(database: str) -> None:
    """Intents, results, journal, memory: written by one run, read by the next, the audit sound."""
    store = Store(database)
    store.open()
    ids = await asyncio.gather(*(store.commit_intent(intent(wall=float(n)), slot(n)) for n in range(50)))
    await asyncio.gather(*(store.commit_result(ResultRow(i, 26.5, "ok", 26.0)) for i in ids[:-1]))
    store.put_kv("season", {"season": "spring"})
    store.put_kv("season", {"season": "summer"})
    await store.flush()
    store.close()

    store = Store(database)
    store.open()
    kept = await store.kept(since_wall=0.0)
    assert kept.slots == [slot(49.0)]
    assert [o.id for o in kept.open] == ids[-1:]
    assert kept.sent == {"o1/ac/start_stop": [0.0] * 8}
    await store.commit_result(ResultRow(ids[-1], 27.0, "failed"), drop=KEY)
    assert await store.read(queries.owned_slots) == []
    assert await store.read(lambda c: queries.value(c, "season")) == {"season": "summer"}
    newest = (await store.read(lambda c: queries.audit(c, limit=1)))[0]
    assert (newest["command"], newest["expires"], newest["result"]) == (False, None, "failed")
    assert await store.read(broken_link) is None
    store.close()


async def test_a_database_that_restarts_is_used_again(postgres: Server) -> None:
    """The server restarts under us: at most the commit that met it fails, and says so; the audit stays sound."""
    store = Store(postgres.empty())
    store.open()
    before = len(await store.read(queries.audit))
    await store.commit_intent(intent())
    await asyncio.to_thread(postgres.restart)
    with contextlib.suppress(StoreProblem):
        await store.commit_intent(intent())
    await store.commit_intent(intent())
    assert len(await store.read(queries.audit)) >= before + 2
    assert await store.read(broken_link) is None
    store.close()


def _step_to(url: str, revision: str) -> None:
    """Alembic's own steps, from nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_every_step_together_makes_the_tables_that_the_program_knows(database: str) -> None:
    """A table changed without a step for those who have the old one would show here."""
    _step_to(database, REVISION)
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(found, schema.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("kept", ["with its revision", "from before revisions were kept"])
async def test_an_older_programs_store_is_taken_over_with_all_that_is_in_it(kept: str, database: str) -> None:
    """After an update the audit, its chain and the journal are as they were, and new rows follow them."""
    _step_to(database, FIRST)
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO schema_version (version) VALUES (1)"))
        if kept != "with its revision":
            connection.execute(sa.text("DROP TABLE alembic_version"))
            connection.execute(sa.text("DROP TABLE recordings"))
        connection.execute(
            sa.insert(schema.slots).values(
                **KEY._asdict(), point="hall/ac/start_stop", value=0.0, since=1.0, rule="pre-close-off"
            )
        )
    engine.dispose()
    store = Store(database)
    store.open()
    await store.commit_intent(intent())
    assert [row.point for row in await store.read(queries.owned_slots)] == ["hall/ac/start_stop"]
    assert await store.read(broken_link) is None
    store.close()
    store.open()
    assert len(await store.read(queries.audit)) == 1
    tables = await store.read(lambda c: set(sa.inspect(c).get_table_names()))
    assert {"recordings", "alembic_version"} <= tables
    assert "schema_version" not in tables
    store.close()
