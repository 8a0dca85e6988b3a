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

from supervisor.daemon import audited
from supervisor.store import Store, StoreProblem, days, migrations, queries, schema
from supervisor.store.audit import digest
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


def _two_chains(connection: sa.Connection) -> None:
    """What an older program left: intents and results, each in a chain of its own, with the ends of both."""
    last = {"intents": "", "results": ""}
    for n in range(1, 6):
        asked = {"ts": float(n), "wall": float(n), "point": "p", "command": 26.5, "wire": 26.5, "priority": 10, "rule": "r",
                 "citation": "c", "reason_en": "e", "reason_zh": "理由", "inputs": [], "losers": [], "expires": None,
                 "config_hash": "h", "dry_run": False}  # fmt: skip
        came = {"intent_id": n, "ts": n + 0.5, "result": "ok", "readback": 26.5, "detail": ""}
        for table, row in ((schema.intents, asked), (schema.results, came)):
            prev = last[table.name]
            last[table.name] = digest(prev, row)
            connection.execute(sa.insert(table).values(**row, prev_hash=prev, hash=last[table.name]))
    ends = {name: {"id": 5, "hash": hash_} for name, hash_ in last.items()}
    connection.execute(sa.insert(schema.kv).values(key="audit", value=ends))


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("SELECT 1", None),
        ("UPDATE intents SET rule = 'x' WHERE id = 3", ("intents", 3)),
        ("DELETE FROM results WHERE id = 3", ("results", 4)),
        ("DELETE FROM results WHERE id = 5", ("results", 5)),
    ],
    ids=["sound", "altered", "removed", "cut"],
)
async def test_two_chains_become_one_and_what_was_wrong_with_them_stays_wrong(
    database: str, change: str, broken: tuple[str, int] | None
) -> None:
    """The step to one chain hides nothing: a row that was altered or gone before it is found after it."""
    _step_to(database, "v0003")
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        _two_chains(connection)
        connection.execute(sa.text(change))
    engine.dispose()
    store = Store(database)
    store.open()
    assert await store.read(broken_link) == broken
    await store.commit_result(ResultRow(await store.commit_intent(intent()), 9.0, "ok"))
    found = await store.read(broken_link)
    assert (found is None) == (broken is None)
    store.close()


async def test_old_audit_goes_under_a_checkpoint_and_days_are_kept_on_either(
    database: str, tmp_path: Path
) -> None:
    """Half of the writes go, signed for; the chain holds from there on; a zone's day is put twice and there once."""
    store = Store(database)
    store.open()
    for n in range(4):
        key = await store.commit_intent(intent()._replace(ts=float(n)))
        await store.commit_result(ResultRow(key, n + 0.5, "ok"))
    assert await audited.retire(store, tmp_path, 2.0) is not None
    walk = await audited.walk(store, tmp_path)
    assert (walk.broken, walk.rows, walk.retired) == (None, 8, 4)
    assert len(await store.read(queries.audit)) == 2
    for minutes in (1.0, 2.0):
        store.put_days({("2026-07-01", "r", "violation", "window-off"): minutes * 60})
    assert [row.value for row in await store.read(lambda c: days.between(c, "2026-07-01", "2026-07-01"))] == [
        120.0
    ]
    store.close()
