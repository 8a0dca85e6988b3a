"""A store that a power cut, a full disk or a hand has spoilt: found out, said plainly, kept under another name."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from supervisor.store import Store, StoreProblem
from supervisor.store.damage import must_take, problem_of, set_aside
from supervisor.store.problems import explain, make_url
from supervisor.store.rows import IntentRow, SlotKey, SlotRow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store that has taken two hundred intents with their slots, closed."""
    path = tmp_path / "supervisor.sqlite3"
    store = Store(str(path), inline=True)
    store.open()
    asyncio.run(_morning(store))
    store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


async def _morning(store: Store) -> None:
    for n in range(200):
        slot = SlotRow(SlotKey("ddc-1", "binary-output", n, 10), f"p{n}", 0, 0.0, "window-off")
        intent = IntentRow(0.0, 0.0, f"p{n}", False, 0, 10, "window-off", "", "", "", [], [], 0.0, "hash")
        await store.commit_intent(intent, slot)


def _middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 9 * 4096] = os.urandom(6 * 4096)
    path.write_bytes(bytes(data))


def _half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 // 4096 * 4096])


def _foreign(path: Path) -> None:
    path.write_bytes(b"not a database at all\n" * 400)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("inside", encoding="utf-8")


def _no_numbers(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE intents SET wire = 'blue' WHERE id = 7")


@pytest.mark.parametrize("spoil", [_middle, _half, _foreign, _folder])
def test_a_spoilt_store_is_told_with_both_ways_out(file: Path, spoil: Callable[[Path], None]) -> None:
    """Overwritten pages, half a file, another file, a folder in its place: the building is not lost with it."""
    spoil(file)
    problem = problem_of(str(file))
    assert isinstance(problem, StoreProblem)
    assert not problem.busy
    assert "run SITE.yaml --new-store" in problem.hint
    assert "release SITE.yaml --offline --lost-journal" in problem.hint
    assert "另建新库" in problem.hint_zh


@pytest.mark.parametrize("spoil", [_middle, _half, _foreign, _folder])
def test_what_was_spoilt_is_kept_and_a_new_store_takes_its_place(
    file: Path, spoil: Callable[[Path], None]
) -> None:
    """Somebody may want to look into the old one: it is renamed, never removed."""
    spoil(file)
    was = None if file.is_dir() else file.read_bytes()
    kept = set_aside(file)
    assert not file.exists()
    assert kept.parent == file.parent
    assert (kept / "something").exists() if was is None else kept.read_bytes() == was
    store = Store(str(file), inline=True)
    store.open()
    store.close()
    assert problem_of(str(file)) is None


def test_a_sound_store_and_one_that_is_not_there_have_no_problem(file: Path, tmp_path: Path) -> None:
    """A first start is nothing to worry about, and looking makes no file."""
    assert problem_of(str(file)) is None
    assert problem_of(str(tmp_path / "another.sqlite3")) is None
    assert not (tmp_path / "another.sqlite3").exists()


def test_rows_that_make_no_sense_are_damage_too(file: Path) -> None:
    """Every page is in order, and a number is a word: no traceback."""
    _no_numbers(file)
    problem = problem_of(str(file))
    assert problem is not None
    assert "is damaged" in problem.message


def test_two_that_are_put_aside_in_one_second_keep_names_of_their_own(file: Path) -> None:
    """Nothing that was kept is overwritten."""
    _foreign(file)
    first = set_aside(file)
    file.write_bytes(b"again")
    assert set_aside(file) != first
    assert first.exists()


def test_a_store_that_another_program_holds_is_not_lost(file: Path) -> None:
    """It is the other daemon's: nothing is put aside."""
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store = Store(str(file), inline=True)
    store.open()
    try:
        with pytest.raises(StoreProblem, match="locked by another program") as told:
            asyncio.run(store.drop_slot(SlotKey("ddc-1", "binary-output", 1, 10)))
        assert told.value.busy
    finally:
        store.close()
        holder.close()


def test_a_store_that_may_only_be_read_is_found_out_before_the_first_write(file: Path) -> None:
    """Restored by root with the wrong owner, or a disk that was mounted read-only: it opens without a word."""
    must_take(Store(str(file), inline=True))
    with sqlite3.connect(file) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (0,), "trying changes nothing"
    store = Store(f"sqlite:///file:{file}?mode=ro&uri=true", inline=True)
    with pytest.raises(StoreProblem, match="is read-only") as told:
        must_take(store)
    assert "--new-store" in told.value.hint
    store.close()


@pytest.mark.parametrize(("free", "said"), [(3, "无法增长：磁盘已满"), (3_000_000, "无法读写：磁盘错误")])
def test_a_disk_so_full_that_the_store_cannot_be_opened_is_no_lost_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, said: str
) -> None:
    """SQLite calls it an I/O error where there is no room for its shared memory: nobody is told to begin a new store, nor to let go
    of what the journal knows."""
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=free, f_frsize=4096))
    problem = explain(sqlite3.OperationalError("disk I/O error"), make_url(str(tmp_path / "store.sqlite3")))
    assert said in problem.said.zh
    assert ("--new-store" in problem.hint + problem.hint_zh) is (free > 3)
