"""The store: durable intents, a journal of slots, an audit that shows tampering, problems in plain words."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from supervisor.store import Store, StoreProblem, queries, schema
from supervisor.store.rows import IntentRow, NoticeRow, ResultRow, SlotKey, SlotRow
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
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on disk, with its thread or without."""
    made = Store(str(tmp_path / "store.db"), inline=request.param == "inline")
    made.open()
    yield made
    made.close()


async def test_an_intent_and_its_slot_are_on_disk_when_the_commit_returns(store: Store) -> None:
    """Another program that opens the file sees both: a write may go out now."""
    key = await store.commit_intent(intent(), slot())
    path = str(store.url.database)
    with sqlite3.connect(path) as other:
        assert other.execute("select id, point, rule from intents").fetchall() == [
            (key, "o1/ac/start_stop", "window-off")
        ]
        assert other.execute("select device, priority, value from slots").fetchall() == [("ddc-1", 10, 0.0)]
        assert other.execute("pragma journal_mode").fetchone() == ("wal",)
    other.close()


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
    with sqlite3.connect(str(store.url.database)) as other:
        other.execute("update intents set rule = 'summer-setpoint' where id = 3")
    other.close()
    assert await store.read(broken_link) == ("intents", 3)


async def test_a_removed_audit_row_shows(store: Store) -> None:
    """Somebody deletes a result: the one after it no longer follows."""
    for _ in range(3):
        key = await store.commit_intent(intent())
        await store.commit_result(ResultRow(key, 0.0, "ok"))
    with sqlite3.connect(str(store.url.database)) as other:
        other.execute("delete from results where id = 2")
    other.close()
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
    monkeypatch.setattr("supervisor.store.writer._BUSY_MS", 100)
    path = tmp_path / "store.db"
    first = Store(str(path), inline=True)
    first.open()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(StoreProblem, match="locked by another program"):
        first.read_now(lambda c: c.execute(sa.insert(schema.kv).values(key="a", value=1)))
    holder.close()
    first.close()


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


async def test_a_closed_store_says_so(store: Store) -> None:
    """After close nothing hangs: callers are told."""
    store.close()
    with pytest.raises(StoreProblem, match="closed"):
        await store.commit_intent(intent())
