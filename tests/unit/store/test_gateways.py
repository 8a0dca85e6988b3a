"""Many gateways, one PostgreSQL: each has its own tables, its own journal and its own chain."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from supervisor.store import Store, StoreProblem, queries
from supervisor.store.gateways import address, schema_of
from supervisor.store.proving import walked
from supervisor.store.readings import Batch, Sample, between, names
from supervisor.store.rows import ResultRow
from tests.postgres import Server
from tests.unit.store.test_store import KEY, intent, slot


def opened(url: str) -> Store:
    """A store that takes rows."""
    store = Store(url)
    store.open()
    return store


async def writes(store: Store, count: int) -> None:
    """So many writes, one after the other, and what came of each."""
    for n in range(count):
        key = await store.commit_intent(intent(wall=float(n)), slot(float(n)))
        await store.commit_result(ResultRow(key, float(n), "ok", float(n)))


@pytest.fixture
def shared(postgres: Server) -> str:
    """The one address that stands in every site file."""
    return postgres.empty()


async def test_five_gateways_write_at_once_and_each_has_one_sound_chain(shared: str) -> None:
    """The same device and point in every building: no journal, reading or row of the audit is another's."""
    stores = [opened(address(shared, f"hall-{n}")) for n in range(5)]
    await asyncio.gather(*(writes(store, n + 1) for n, store in enumerate(stores)))
    for n, store in enumerate(stores):
        await store.keep_readings(Batch((Sample("meter/main/energy", 1.0, float(n)),)))
        store.put_kv("season", n)
    for n, store in enumerate(stores):
        walk = await store.read(walked)
        assert (walk.broken, walk.rows) == (None, 2 * (n + 1))
        assert await store.read(queries.owned_slots) == [slot(float(n))]
        assert [v for _, v in await store.read(lambda c: list(between(c, "meter/main/energy", 0, 9)))] == [n]
        assert await store.read(lambda c: queries.value(c, "season")) == n
        store.close()
    engine = sa.create_engine(shared)
    with engine.connect() as connection:  # as docs/how-to/keep-the-ledger.md says the district may ask
        everybody = connection.exec_driver_sql(
            "SELECT string_agg(format('SELECT %%L AS gateway, b.* FROM %%I.readings b', nspname, nspname), ' UNION ALL ')"
            "FROM pg_namespace WHERE nspname LIKE 'gw\\_%%'",
        ).scalar_one()
        rows = connection.exec_driver_sql(everybody).all()
    engine.dispose()
    assert sorted((row.gateway, row.value) for row in rows) == [(f"gw_hall-{n}", n) for n in range(5)]


async def test_two_writers_of_one_gateway_make_one_chain(shared: str) -> None:
    """A daemon, and another that was started beside it: no two rows follow the same one."""
    one, two = opened(address(shared, "hall")), opened(address(shared, "hall"))
    await asyncio.gather(*(writes(store, 20) for store in (one, two, one, two)))
    walk = await one.read(walked)
    assert (walk.broken, walk.rows) == (None, 160)
    one.close()
    two.close()


async def test_a_gateway_has_the_name_that_its_address_says(shared: str) -> None:
    """Two gateways of one building, each with `?gateway=` of its own; a name longer than a schema's may be is no other's."""
    places = [f"{shared}&gateway={'g' * 62}{n}" for n in (1, 2)]
    for number, place in enumerate(places):
        assert address(place, "hall") == place
        store = opened(place)
        await store.keep_readings(Batch((Sample(f"s{number}", 1.0, 1.0),)))
        assert await store.read(names) == [f"s{number}"]
        store.close()
    assert len(schema_of("g" * 63).encode()) <= 63


@pytest.mark.parametrize("file", ["building: hall\n", 'version: 1\nbuilding: "hall"  # ours\n', None])
async def test_a_database_that_had_one_gateway_becomes_that_gateways(shared: str, file: str | None) -> None:
    """After an update the tables go to the building whose site file ran there last; the next one begins its own."""
    before = opened(shared)
    await writes(before, 3)
    if file is not None:
        before.put_config("old", "building: town\n", 1.0)
        before.put_config("new", file, 2.0)
    await before.flush()
    before.close()
    other, hall = opened(address(shared, "annex" if file else "hall")), opened(address(shared, "hall"))
    if file is not None:
        assert await other.read(queries.audit) == []
    await writes(hall, 1)
    assert [s.key for s in await hall.read(queries.owned_slots)] == [KEY]
    walk = await hall.read(walked)
    assert (walk.broken, walk.rows) == (None, 8)
    other.close()
    hall.close()


def test_a_gateway_of_its_own_user_needs_no_right_to_make_schemas(shared: str, postgres: Server) -> None:
    """An administrator makes the schema; without one, and without the right, what to do is said."""
    own = postgres.user(shared, "keeper")
    name = sa.make_url(shared).database
    postgres.does(
        shared, f"REVOKE CREATE ON DATABASE {name} FROM keeper", "CREATE SCHEMA gw_hall AUTHORIZATION keeper"
    )
    opened(address(own, "hall")).close()
    with pytest.raises(StoreProblem, match="may not be used by this user"):
        opened(address(own, "annex"))


@pytest.mark.parametrize("url", ["sqlite:////tmp/a.db", "/tmp/a.db", "postgresql://u:p%40ss@h/b?gateway=x"])
def test_an_address_that_needs_no_gateway_stays_as_it_is(url: str) -> None:
    """A file has one gateway; who named one is taken at the word."""
    assert address(url, "hall") == url


def test_a_server_behind_a_dead_line_is_given_up_within_seconds(shared: str) -> None:
    """No answer is an answer: libpq is told how long to wait, and who has other wishes says so in the address."""
    asked = "SELECT 1"
    for url, seconds in ((shared, "5"), (f"{shared}&connect_timeout=30", "30")):
        store = Store(url, inline=True)
        store.open()
        store.read_now(lambda connection: connection.exec_driver_sql(asked))
        engine = store._engine
        with engine.connect() as connection:
            given = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
        assert given["connect_timeout"] == seconds
        assert given["tcp_user_timeout"] == "20000"
        store.close()
