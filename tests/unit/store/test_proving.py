"""The audit cannot be changed quietly: every way of changing it is found and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from supervisor.store import audit, operations, proving, schema
from supervisor.store.audit import Chain
from supervisor.store.proving import Walk, walked
from supervisor.store.rows import IntentRow, ResultRow
from supervisor.store.writer import Store


@pytest.fixture
async def kept(database: str) -> str:
    """A database of ten writes and what came of them."""
    await writes(database, 10)
    return database


async def writes(url: str, count: int) -> None:
    """A run that writes so many times."""
    store = Store(url, inline=True)
    store.open()
    for n in range(count):
        intent = IntentRow(float(n), float(n), "p", 26.0, 26.0, 10, "r", "c", "en", "zh", [], [], 1e12, "h")
        await store.commit_result(ResultRow(await store.commit_intent(intent), float(n), "ok", 26.0))
    store.close()


def changed(url: str, *changes: str) -> None:
    """Somebody with a tool of the database's own."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for change in changes:
            connection.exec_driver_sql(change)
    engine.dispose()


def told(url: str) -> Walk:
    """What the proof says."""
    store = Store(url, inline=True)
    store.open()
    try:
        return store.read_now(walked)
    finally:
        store.close()


def test_an_audit_that_nobody_touched_is_sound(kept: str) -> None:
    """Twenty rows in one chain, and one head to compare with the metric."""
    proof = told(kept)
    assert proof.broken is None
    assert proof.rows == 20
    assert proof.last == (10, 10)
    assert len(proof.hash) == 64
    assert proof.head.number == int(proof.hash[:12], 16) == float(proof.head.number)


DROP_KEY = ("ALTER TABLE results DROP CONSTRAINT results_intent_id_fkey",)
"""PostgreSQL does not let go of an intent that has a result; whoever owns the tables does."""
SWAP = "UPDATE intents SET id = CASE id WHEN 4 THEN 104 ELSE 105 END WHERE id IN (4, 5)"
BACK = "UPDATE intents SET id = CASE id WHEN 104 THEN 5 ELSE 4 END WHERE id > 100"


def _spoken(url: str, change: str) -> str:
    """The change in the words of the database: PostgreSQL has types, and knows no text that is none."""
    if "postgres" not in url:
        return change
    for here, there in (
        ("x'ff'", "'?'"),
        ("inputs = '[{'", "inputs = '[1]'"),
        ("dry_run = 1", "dry_run = true"),
        ("replace(value, ", "replace(value::text, "),
        ("') WHERE key", "')::json WHERE key"),
        ("value = 'x'", "value = '\"x\"'"),
    ):
        change = change.replace(here, there)
    return change


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        (["UPDATE intents SET command = '27.0' WHERE id = 4"], "intents: row 4 was altered", "第 4 行内容被改动"),
        (["UPDATE results SET result = 'failed' WHERE id = 7"], "results: row 7 was altered", "第 7 行内容被改动"),
        (["UPDATE intents SET inputs = '[{' WHERE id = 4"], "intents: row 4 was altered", "第 4 行内容被改动"),
        (["UPDATE intents SET reason_zh = x'ff' WHERE id = 4"], "intents: row 4 was altered", "第 4 行内容被改动"),
        (["UPDATE results SET prev_hash = x'ff' WHERE id = 4"], "results: row 4 was altered", "第 4 行内容被改动"),
        (["UPDATE intents SET dry_run = 1 WHERE id = 10"], "intents: row 10 was altered", "第 10 行内容被改动"),
        (["DELETE FROM intents WHERE id IN (4, 5)"], "intents: rows 4 to 5 are gone", "第 4 至 5 行被删除"),
        (["DELETE FROM results WHERE id = 4"], "results: row 4 is gone", "第 4 行被删除"),
        (["DELETE FROM results WHERE id <= 4", "DELETE FROM intents WHERE id <= 4"],
         "intents: rows 1 to 4 are gone, and no checkpoint stands for them", "没有检查点说明"),
        (["DELETE FROM results WHERE id = 10"], "results: the end is not the one that was kept: 1 row is cut off", "缺少 1 行"),
        (["DELETE FROM results WHERE id > 8", "DELETE FROM intents WHERE id > 8"],
         "intents: the end is not the one that was kept: 2 rows are cut off", "缺少 2 行"),
        (["DELETE FROM kv WHERE key = 'audit'"], "the head that was kept is gone", "链头已丢失"),
        (["UPDATE kv SET value = replace(value, '\"intents\": 10', '\"intents\": 1') WHERE key = 'audit'"],
         "intents: row 10 stands behind the end that was kept, row 1: put in, or the end was altered", "链头被改动"),
        (["UPDATE kv SET value = replace(value, '\"rows\": 20', '\"rows\": 21') WHERE key = 'audit'"],
         "the head that was kept says 21 rows", "留存的链头为 21 行"),
        (["UPDATE kv SET value = 'x' WHERE key = 'audit'"], "the head that was kept is gone", "链头已丢失"),
        (["INSERT INTO results SELECT 11, 77, ts, 'ok', readback, detail, hash, 'x' FROM results WHERE id = 10"],
         "results: row 11 stands behind the end that was kept, row 10: put in, or the end was altered", "位于留存的末尾"),
        (["DELETE FROM intents WHERE id > 8"], "intents: the end is not the one that was kept: 2 rows are cut off", "缺少 2 行"),
        (["DELETE FROM results"], "results: the end is not the one that was kept: 10 rows are cut off", "缺少 10 行"),
        ([SWAP, BACK], "intents: row 4 does not follow row 3: swapped, or put in", "次序被调换或被插入"),
    ],
    ids=["flipped", "result", "no json", "no text", "no link", "last", "removed", "one removed", "beginning", "last removed",
         "truncated", "no head", "head moved", "head counted", "broken head", "put in", "intents truncated", "emptied", "swapped"],
)  # fmt: skip
def test_each_way_of_changing_it_is_named(kept: str, changes: list[str], en: str, zh: str) -> None:
    """Which table, which row, and what was done, in both languages."""
    changed(kept, *DROP_KEY if "postgres" in kept else (), *(_spoken(kept, change) for change in changes))
    broken = told(kept).broken
    assert broken is not None
    assert broken.what.en.startswith(en)
    assert zh in broken.what.zh


async def test_writing_on_after_a_cut_does_not_hide_it(kept: str) -> None:
    """The chain goes on from what was cut off, through two more starts: what is missing stays missing."""
    changed(kept, "DELETE FROM results WHERE id > 8", "DELETE FROM intents WHERE id > 8")
    await writes(kept, 3)
    await writes(kept, 3)
    broken = told(kept).broken
    assert broken is not None
    assert broken.what.en == "intents: rows 9 to 10 are gone"


@pytest.mark.parametrize("between", ["head_of", "_after"])
async def test_rows_that_are_written_while_it_is_walked_are_no_forgery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    """The daemon writes on between any two questions of the walk, more rows than a slice has."""
    path = f"sqlite:///{tmp_path / 's.sqlite3'}"
    await writes(path, 3)
    store = Store(path, inline=True)
    store.open()
    monkeypatch.setattr(proving, "_ROWS", 4)
    asked, left = getattr(proving, between), 20

    def meanwhile(*which: Any) -> Any:
        nonlocal left
        answer = asked(*which)
        if left:
            left -= 1
            row = {"ts": 1.0, "wall": 1.0, "point": "p", "rule": "r", "citation": "c", "reason_en": "", "reason_zh": "",
                   "inputs": [], "losers": [], "config_hash": "h", "dry_run": False, "command": None, "wire": None,
                   "priority": 10, "expires": None}  # fmt: skip
            chain = Chain()
            chain.load(which[0])
            intent = chain.add(which[0], schema.intents, row)
            audit.add_result(which[0], chain, ResultRow(intent, 2.0, "ok"), None, None)
            operations.upsert(which[0], schema.kv, {"key": "audit", "value": chain.head.kept()})
        return answer

    monkeypatch.setattr(proving, between, meanwhile)
    walk = store.read_now(walked)
    assert walk.broken is None
    assert walk.rows >= 6
    store.close()
