"""The audit cannot be changed quietly: every way of changing it is found and named."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

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
    """Twenty rows, and a head to compare with the metric."""
    proof = told(kept)
    assert proof.broken is None
    assert proof.rows == 20
    assert [len(head) for head in proof.heads] == [64, 64]


DROP_KEY = ("ALTER TABLE results DROP CONSTRAINT results_intent_id_fkey",)
"""PostgreSQL does not let go of an intent that has a result; whoever owns the tables does."""
SWAP = "UPDATE intents SET id = CASE id WHEN 4 THEN 104 ELSE 105 END WHERE id IN (4, 5)"
BACK = "UPDATE intents SET id = CASE id WHEN 104 THEN 5 ELSE 4 END WHERE id > 100"


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        (["UPDATE intents SET command = '27.0' WHERE id = 4"], "intents: row 4 was altered", "第 4 行内容被改动"),
        (["UPDATE results SET result = 'failed' WHERE id = 7"], "results: row 7 was altered", "第 7 行内容被改动"),
        (["DELETE FROM intents WHERE id IN (4, 5)"], "intents: rows 4 to 5 are gone", "第 4 至 5 行被删除"),
        (["DELETE FROM intents WHERE id > 8"], "intents: the end is not the one that was kept: 2 rows are cut off", "缺少 2 行"),
        (["DELETE FROM results"], "results: the end is not the one that was kept: 10 rows are cut off", "缺少 10 行"),
        ([SWAP, BACK], "intents: row 4 does not follow row 3: swapped, or put in", "次序被调换或被插入"),
    ],
    ids=["flipped", "result", "removed", "truncated", "emptied", "swapped"],
)  # fmt: skip
def test_each_way_of_changing_it_is_named(kept: str, changes: list[str], en: str, zh: str) -> None:
    """Which table, which row, and what was done, in both languages."""
    changed(kept, *DROP_KEY if "postgres" in kept else (), *changes)
    broken = told(kept).broken
    assert broken is not None
    assert broken.what.en == en
    assert zh in broken.what.zh


async def test_writing_on_after_a_cut_does_not_hide_it(kept: str) -> None:
    """The chain goes on from where it was cut, through two more starts; that there was more stays on record."""
    changed(kept, "DELETE FROM results WHERE id > 8", "DELETE FROM intents WHERE id > 8")
    await writes(kept, 3)
    await writes(kept, 3)
    broken = told(kept).broken
    assert broken is not None
    assert broken.what.en == "intents: the end is not the one that was kept: 2 rows are cut off"
