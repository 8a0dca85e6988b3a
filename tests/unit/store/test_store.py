"""The store: durable intents, a journal of slots, an audit that shows tampering, problems in plain words."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from supervisor.store import Store, StoreProblem, queries, schema
from supervisor.store.problems import explain, make_url
from supervisor.store.rows import IntentRow, NoticeRow, ResultRow, SlotKey, SlotRow
from supervisor.store.wal import Wal
from tests.audit import broken_link, results_count

KEY = SlotKey("ddc-1", "binary-value", 101, 10)


def intent(point: str = "o1/ac/start_stop", wall: float = 1000.0, wire: float | None = 0.0) -> IntentRow:
    """A window is open: off."""
    return IntentRow(
        1.75e9, wall, point, None if wire is None else False, wire, 10, "window-off", "AP 开空调时不开窗",
        "window open", "开窗", [{"point": "o1/window", "value": True, "since": float("-inf")}], [],
        float("inf"), "ab" * 32,
    )  # fmt: skip


def slot(value: float = 0.0, key: SlotKey = KEY) -> SlotRow:
    """Our slot of a fan coil."""
    return SlotRow(key, "o1/ac/start_stop", value, 1.75e9, "window-off")


@pytest.fixture(params=["thread", "inline"])
def store(request: pytest.FixtureRequest, database: str) -> Iterator[Store]:
    """A store on disk or on a server, with its thread or without."""
    made = Store(database, inline=request.param == "inline")
    made.open()
    yield made
    made.close()


@contextlib.contextmanager
def another(store: Store) -> Iterator[sa.Connection]:
    """Another program that has the database open."""
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


async def test_an_intent_and_its_slot_are_on_disk_when_the_commit_returns(store: Store) -> None:
    """Another program that opens the file sees both: a write may go out now."""
    key = await store.commit_intent(intent(), slot())
    with another(store) as other:
        found = other.exec_driver_sql("select id, point, rule from intents").all()
        assert found == [(key, "o1/ac/start_stop", "window-off")]
        assert other.exec_driver_sql("select device, priority, value from slots").all() == [
            ("ddc-1", 10, 0.0)
        ]
        if other.dialect.name == "sqlite":
            assert other.exec_driver_sql("pragma journal_mode").scalar() == "wal"


async def test_a_result_closes_its_intent_and_moves_the_journal_with_it(store: Store) -> None:
    """One transaction: the intent has its result, and the slot is forgotten."""
    first = await store.commit_intent(intent(), slot())
    second = await store.commit_intent(intent(wire=None))
    await store.commit_result(ResultRow(first, 1.75e9, "ok", 0.0))
    assert [i.id for i in await store.read(queries.open_intents)] == [second]
    assert await store.read(queries.owned_slots) == [slot()]
    await store.commit_result(ResultRow(second, 1.75e9, "ok"), drop=KEY)
    assert await store.read(queries.open_intents) == []
    assert await store.read(queries.owned_slots) == []
    assert await store.read(results_count) == {"ok": 2}


async def test_the_first_result_stands(store: Store) -> None:
    """A second result for an intent, after a time-out that was none, changes nothing and breaks no link."""
    key = await store.commit_intent(intent())
    await store.commit_result(ResultRow(key, 1.0, "ok"))
    await store.commit_result(ResultRow(key, 2.0, "failed"))
    assert [r["result"] for r in await store.read(queries.audit)] == ["ok"]
    assert await store.read(broken_link) is None


async def test_what_a_start_has_to_settle(store: Store) -> None:
    """Slots, open intents, and the values that were sent to their points, newest first."""
    await store.commit_intent(intent(wall=1.0, wire=1.0), slot(1.0))
    await store.commit_intent(intent(wall=2.0, wire=0.0), slot(0.0))
    await store.commit_unsent(intent("o2/ac/start_stop", wall=50.0), "refused", "out of range")
    await store.commit_intent(intent("o3/ac/start_stop", wall=5.0))
    kept = await store.kept(since_wall=40.0)
    assert kept.slots == [slot(0.0)]
    assert [o.id for o in kept.open] == [1, 2, 4]
    assert kept.sent["o1/ac/start_stop"] == [0.0, 1.0]
    assert set(kept.sent) == {"o1/ac/start_stop", "o2/ac/start_stop", "o3/ac/start_stop"}


async def test_a_changed_audit_row_shows(store: Store) -> None:
    """Somebody edits the reason of an old intent: the chain names the row."""
    for n in range(5):
        key = await store.commit_intent(intent(wall=float(n)))
        await store.commit_result(ResultRow(key, 26.5, "ok", 26.0))
    assert await store.read(broken_link) is None
    with another(store) as other:
        other.exec_driver_sql("update intents set rule = 'summer-setpoint' where id = 3")
    assert await store.read(broken_link) == ("intents", 3)


async def test_a_removed_audit_row_shows(store: Store) -> None:
    """Somebody deletes a result: the one after it no longer follows."""
    for _ in range(3):
        key = await store.commit_intent(intent())
        await store.commit_result(ResultRow(key, 0.0, "ok"))
    with another(store) as other:
        other.exec_driver_sql("delete from results where id = 2")
    assert await store.read(broken_link) == ("results", 3)


async def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Two runs write one audit."""
    for _ in range(2):
        store = Store(str(tmp_path / "store.db"))
        store.open()
        await store.commit_intent(intent())
        store.close()
    store.open()
    assert len(await store.read(queries.audit)) == 2
    assert await store.read(broken_link) is None
    store.close()


async def test_many_at_once_share_transactions_and_keep_their_order(store: Store) -> None:
    """Two hundred intents at once: all committed, ids in the order in which they were given."""
    ids = await asyncio.gather(*(store.commit_intent(intent(wall=float(n))) for n in range(200)))
    assert ids == sorted(ids)
    assert await store.read(broken_link) is None


async def test_a_bad_row_fails_alone(store: Store) -> None:
    """A result for an intent that does not exist: its caller is told, its neighbours in the batch are kept."""
    key = await store.commit_intent(intent())
    done = await asyncio.gather(
        store.commit_result(ResultRow(999, 0.0, "ok")),
        store.commit_result(ResultRow(key, 0.0, "ok")),
        return_exceptions=True,
    )
    assert isinstance(done[0], StoreProblem)
    assert done[1] is None
    assert await store.read(results_count) == {"ok": 1}
    assert await store.read(broken_link) is None


async def test_memory_counters_notices_and_configs_come_back(store: Store) -> None:
    """What the daemon puts away without waiting is there at the next start."""
    store.put_memory("o1", {"summer-setpoint.count": 2.0})
    store.put_memory("o1", {"summer-setpoint.count": 3.0})
    store.put_counters({("building_supervisor_writes_total", '{"result": "ok"}'): 4.0})
    store.put_config("ab" * 32, "version: 1", 1.75e9)
    store.put_kv("season", {"season": "summer"})
    store.notice(NoticeRow(1.75e9, "summer-setpoint", "alert", "o1", "corrected 7 times", "已纠正7次"))
    assert await store.read(queries.memories) == {"o1": {"summer-setpoint.count": 3.0}}
    assert await store.read(queries.counters) == {
        ("building_supervisor_writes_total", '{"result": "ok"}'): 4.0
    }
    assert await store.read(lambda c: queries.config_text(c, "ab" * 32)) == "version: 1"
    assert await store.read(lambda c: queries.value(c, "season")) == {"season": "summer"}
    assert [n["zh"] for n in await store.read(queries.notices)] == ["已纠正7次"]
    assert store.dropped == 0


async def test_a_queue_that_is_full_says_so_and_blocks_nobody(tmp_path: Path) -> None:
    """The disk hangs: commits beyond the queue fail at once, notices are counted as lost."""
    store = Store(str(tmp_path / "store.db"), queue_size=1)
    store.open()
    gate, held = threading.Event(), threading.Event()

    def hang(*_args: object) -> None:
        held.set()
        gate.wait(10)

    stuck = store._give(hang)
    assert await asyncio.to_thread(held.wait, 5)
    store.put_kv("fits", 1)
    with pytest.raises(StoreProblem, match="cannot keep up"):
        await store.commit_intent(intent())
    store.put_kv("lost", 1)
    assert store.dropped == 1
    gate.set()
    await asyncio.wrap_future(stuck)
    store.close()


def test_a_power_cut_after_the_commit_keeps_the_intent(tmp_path: Path) -> None:
    """kill -9 right after the commit returned: the row and the journal are there."""
    program = f"""
import asyncio, os, signal
from supervisor.store import Store
from tests.unit.store.test_store import intent, slot
async def main():
    store = Store({str(tmp_path / "store.db")!r})
    store.open()
    await store.commit_intent(intent(), slot())
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == -9
    store = Store(str(tmp_path / "store.db"), inline=True)
    store.open()
    assert len(store.read_now(queries.open_intents)) == 1
    assert store.read_now(queries.owned_slots) == [slot()]
    store.close()


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_first_start_that_was_cut_short_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """kill -9 between two of its tables: nothing of it is there, and the next start is the first."""
    path, made = tmp_path / "store.db", list[str]()

    def killed(connection: sa.Connection, cursor: object, statement: str, *rest: object) -> None:
        made.append(statement) if "CREATE TABLE" in statement else None
        if len(made) > after:
            raise OSError("killed")

    store = Store(str(path), inline=True)
    sa.event.listen(store._engine, "before_cursor_execute", killed)
    with pytest.raises(OSError, match="killed"):
        store.open()
    store.close()
    with sqlite3.connect(path) as left:
        assert left.execute("select count(*) from sqlite_master").fetchone() == (0,)
    left.close()
    store = Store(str(path), inline=True)
    store.open()
    assert store.read_now(queries.audit) == []
    store.close()


@pytest.mark.parametrize("kept", [("intents",), ("intents", "results", "kv", "alembic_version")])
def test_a_first_start_of_an_earlier_program_that_was_cut_short_is_made_whole(
    database: str, kept: tuple[str, ...]
) -> None:
    """It left some of its tables, and no revision: nothing is in them, and what is missing is made."""
    store = Store(database, inline=True)
    store.open()
    store.close()
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for table in reversed(sa.inspect(connection).get_table_names()):
            if table not in kept:
                cascade = " CASCADE" if engine.dialect.name == "postgresql" else ""
                connection.exec_driver_sql(f"DROP TABLE {table}{cascade}")
    engine.dispose()
    store = Store(database, inline=True)
    store.open()
    assert store.read_now(queries.audit) == []
    store.close()


# ---------------------------------------------------------------- what goes wrong, in plain words


def opened(url: str) -> StoreProblem:
    """The problem that opening this store has."""
    store = Store(url)
    with pytest.raises(StoreProblem) as caught:
        store.open()
    return caught.value


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The path is named, and what to look at."""
    problem = opened(str(tmp_path / "none" / "store.db"))
    assert "cannot be opened" in problem.message
    assert "none/store.db" in problem.message
    assert "folder" in problem.hint


@pytest.mark.parametrize("junk", [b"this is no database, it is a letter. " * 40, b"\x00\xff" * 4000])
def test_a_file_that_is_no_database(tmp_path: Path, junk: bytes) -> None:
    """Somebody named the wrong file."""
    path = tmp_path / "store.db"
    path.write_bytes(junk)
    problem = opened(str(path))
    assert "is not an SQLite database" in problem.message
    assert path.read_bytes() == junk


def test_a_damaged_file(tmp_path: Path) -> None:
    """The first page survived, the rest did not: told, not guessed at."""
    path = tmp_path / "store.db"
    store = Store(str(path), inline=True)
    store.open()
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xaa" * (len(data) - 4096))
    assert "damaged" in opened(str(path)).message


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    """Read-only: the hint is about permissions."""
    path = tmp_path / "store.db"
    path.touch()
    store = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreProblem, match=r"read-only|cannot be opened"):
        store.open()


def test_a_database_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second daemon, or a tool with an open transaction: named as such after the busy time-out."""
    monkeypatch.setattr("supervisor.store.writer.BUSY_MS", 100)
    path = tmp_path / "store.db"
    first = Store(str(path), inline=True)
    first.open()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(StoreProblem, match="locked by another program"):
        first.read_now(lambda c: c.execute(sa.insert(schema.kv).values(key="a", value=1)))
    holder.close()
    first.close()


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What each commit to a file waited for: the disk, or nothing."""
    seen: list[bool] = []
    committed = Wal.committed

    def noted(wal: Wal) -> None:
        seen.append(wal._durable)
        committed(wal)

    monkeypatch.setattr(Wal, "committed", noted)
    return seen


async def test_what_is_wanted_in_one_turn_shares_a_commit(tmp_path: Path, flushes: list[bool]) -> None:
    """Fifty intents given in one turn of the loop share a few flushes: the first may go by itself, and on a busy machine some of
    the others are still being handed over when it is done."""
    store = Store(str(tmp_path / "store.db"))
    store.open()
    await asyncio.gather(*(store.commit_intent(intent(wall=float(n))) for n in range(50)))
    store.close()
    assert 1 <= sum(flushes) <= 5


async def test_only_what_somebody_waits_for_is_flushed(tmp_path: Path, flushes: list[bool]) -> None:
    """Counters and the readings of a restart are written without a flush; an intent's takes them along, and so does a
    second in which nothing else comes."""
    store = Store(str(tmp_path / "store.db"))
    store.open()
    store.put_kv("a", 1)
    await store.written()
    assert flushes
    assert not any(flushes)
    assert store._wal is not None
    assert store._wal.unflushed
    await store.commit_intent(intent())
    assert flushes[-1]
    assert not store._wal.unflushed
    store.put_kv("a", 2)
    async with asyncio.timeout(60):
        while flushes[-1] or store._wal.unflushed:
            await asyncio.sleep(0.05)
    store.close()


async def test_the_log_is_moved_beside_the_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many commits, by another thread; nothing is lost by it."""
    monkeypatch.setattr("supervisor.store.wal.COMMITS", 5)
    moved: list[str] = []
    move = Wal._move

    def noted(wal: Wal) -> None:
        move(wal)
        moved.append(threading.current_thread().name)

    monkeypatch.setattr(Wal, "_move", noted)
    store = Store(str(tmp_path / "store.db"))
    store.open()
    for n in range(12):
        await store.commit_intent(intent(wall=float(n)))
    store.close()
    assert set(moved) == {"store log"}
    with sqlite3.connect(tmp_path / "store.db") as after:
        assert after.execute("select count(*) from intents").fetchone() == (12,)


async def test_a_full_disk(tmp_path: Path) -> None:
    """No page left: the commit fails with the remedy, and works again once there is space."""
    store = Store(str(tmp_path / "store.db"), inline=True)
    store.open()
    assert store._connection is not None
    store._connection.exec_driver_sql("pragma max_page_count = 1")
    store._connection.commit()
    with pytest.raises(StoreProblem, match="disk is full") as caught:
        for n in range(2000):
            await store.commit_intent(intent(wall=float(n)))
    assert "Free some space" in caught.value.hint
    store._connection.exec_driver_sql("pragma max_page_count = 100000")
    store._connection.commit()
    await store.commit_intent(intent())
    assert await store.read(broken_link) is None
    store.close()


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """An older program must not write into tables that it does not know."""
    path = tmp_path / "store.db"
    store = Store(str(path), inline=True)
    store.open()
    store.close()
    with sqlite3.connect(path) as other:
        other.execute("update alembic_version set version_num = 'v0099'")
    other.close()
    assert "revision v0099, which this program does not know" in opened(str(path)).message


@pytest.mark.parametrize("url", ["mysql+nothing://x/y", "://", "oracle9://u:secret@host/db"])
def test_an_url_that_means_nothing(url: str) -> None:
    """Refused with an example of a right one, and without repeating a password."""
    with pytest.raises(StoreProblem, match="no database can be reached") as caught:
        Store(url)
    assert "secret" not in str(caught.value)


def test_a_postgresql_server_that_does_not_answer() -> None:
    """The address is named, the password is not."""
    problem = opened("postgresql://user:secret@127.0.0.1:1/db?connect_timeout=2")
    assert "does not answer" in problem.message
    assert "secret" not in str(problem)


@pytest.mark.parametrize("said", [
    'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
    "terminating connection due to administrator command", "FATAL:  the database system is starting up",
    "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
    "connection timeout expired", "could not receive data from server: Connection timed out", "the connection is closed",
    'connection to server at "10.0.0.9", port 5432 failed: No route to host',
])  # fmt: skip
def test_a_server_that_went_away_is_told_in_both_languages(said: str) -> None:
    """However its driver puts it: what to look at, and nothing of the driver's own words."""
    error = sa.exc.OperationalError("SELECT 1", {}, Exception(said))
    problem = explain(error, make_url("postgresql://u:secret@db/b"))
    assert problem.message == "the database postgresql+psycopg://…@db/b does not answer"
    assert "无应答。PostgreSQL 是否在运行" in problem.said.zh


async def test_a_closed_store_says_so(store: Store) -> None:
    """After close nothing hangs: callers are told."""
    store.close()
    with pytest.raises(StoreProblem, match="closed"):
        await store.commit_intent(intent())
