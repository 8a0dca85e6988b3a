"""A store that takes no rows: what cannot be recorded is not written, everybody knows, and it passes by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from config.phrase import Phrase
from supervisor.daemon import storewatch
from supervisor.daemon.storewatch import StoreWatch
from supervisor.store import Store, StoreProblem
from supervisor.store.rows import IntentRow
from tests.waiting import SOON


async def until(so: Callable[[], bool]) -> None:
    """Wait for what a database and its thread do: they know no virtual clock."""
    async with asyncio.timeout(SOON):
        while not so():
            await asyncio.sleep(0.01)


class Told(list[Phrase | None]):
    """What people were told, each state once."""

    def hear(self, problem: Phrase | None) -> None:
        """As the daemon's events do."""
        if problem != (self[-1] if self else None):
            self.append(problem)


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A store on a disk, which is not waited for long."""
    monkeypatch.setattr("supervisor.store.writer.BUSY_MS", 50)
    monkeypatch.setattr(storewatch, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(storewatch, "PROBE_EVERY", 0.05)
    made = Store(str(tmp_path / "store.db"))
    made.open()
    yield made
    made.close()


async def _watched(
    store: Store, break_it: Callable[[], object], mend_it: Callable[[], object], says: Phrase
) -> None:
    """Nobody wants anything written: the watch alone finds out, and finds out that it is over."""
    told = Told()
    watching = asyncio.create_task((watch := StoreWatch(store, told.hear)).run())
    try:
        await asyncio.sleep(0.1)
        assert watch.problem is None
        break_it()
        await until(lambda: watch.problem is not None)
        await until(lambda: bool(told and told[-1]))
        said = told[-1]
        assert said is not None
        assert (says.en in said.en, says.zh in said.zh) == (True, True), said
        # What fits into a page that is there already is taken, and proves nothing.
        store.put_kv("small", 1)
        await asyncio.sleep(0.2)
        assert watch.problem is not None
        mend_it()
        await until(lambda: watch.problem is None)
        await until(lambda: told[-1] is None)
        assert len(told) == 2, "said when it began and when it was over, not at each try"
    finally:
        watching.cancel()


def _pages(store: Store, most: int) -> None:
    """How many pages the file may have: a full disk, and one with space again."""

    def limit(connection: object, _chain: object) -> None:
        connection.exec_driver_sql(f"pragma max_page_count = {most}")  # type: ignore[attr-defined]

    store._give(limit).result(10)
    for n in range(20):
        store.put_kv(f"what came before {n}", "-" * 8000)


async def test_a_full_disk_is_told_at_once_and_leaves_by_itself(store: Store) -> None:
    """In both languages, with the remedy."""
    said = Phrase("the disk is full", "磁盘已满")
    await _watched(store, lambda: _pages(store, 1), lambda: _pages(store, 100_000), said)


async def test_a_row_that_fits_into_a_page_that_is_there_ends_nothing(store: Store) -> None:
    """On a full disk an intent is taken now and then: that was told as over, and again as full, a point every few seconds."""
    _pages(store, 1)
    store.problem = StoreProblem("the database x cannot grow: the disk is full")
    row = IntentRow(
        1.0,
        1.0,
        "room/fcu/start_stop",
        False,
        0,
        10,
        "pre-close-off",
        "AP",
        "closes",
        "下班",
        [],
        [],
        2.0,
        "x",
    )
    await store.commit_intent(row)
    assert store.problem is not None


async def test_a_store_that_another_program_holds(store: Store) -> None:
    """Somebody's tool has a transaction open; it is told, and over when the tool is closed."""
    other = sqlite3.connect(str(store.url.database), isolation_level=None)
    await _watched(
        store,
        lambda: other.execute("begin immediate"),
        lambda: other.execute("rollback"),
        Phrase("is locked by another program", "被其他程序锁定"),
    )
    other.close()


async def test_a_store_that_may_only_be_read(store: Store) -> None:
    """A file system that turned read-only after an error, as they do."""

    def only(flag: int) -> None:
        def put(connection: object, _chain: object) -> None:
            connection.exec_driver_sql(f"pragma query_only = {flag}")  # type: ignore[attr-defined]

        store._give(put).result(10)

    await _watched(store, lambda: only(1), lambda: only(0), Phrase("is read-only", "只读"))


async def test_an_intent_that_is_taken_ends_it_too(store: Store) -> None:
    """The gateway tries every five seconds, and need not wait for the watch."""
    store.problem = StoreProblem("the database x cannot grow: the disk is full")
    await store.probe()
    assert store.problem is None
