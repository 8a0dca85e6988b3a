"""The journal in memory answers as the database does."""

from __future__ import annotations

from pathlib import Path

import pytest

from supervisor.store import MemoryJournal, Store
from supervisor.store.rows import Kept, NoticeRow, ResultRow
from tests.unit.store.test_store import KEY, intent, slot


async def _story(journal: Store | MemoryJournal) -> Kept:
    """Two points held, one let go, one write in doubt, one only on paper."""
    other = KEY._replace(instance=201)
    first = await journal.commit_intent(intent(wall=1.0, wire=1.0), slot(1.0))
    await journal.commit_result(ResultRow(first, 0.0, "ok", 1.0))
    await journal.commit_intent(intent(wall=2.0, wire=0.0), slot(0.0))
    second = await journal.commit_intent(intent("o2/ac/start_stop", wall=3.0), slot(0.0, other))
    await journal.commit_result(ResultRow(second, 0.0, "failed"), drop=other)
    await journal.commit_result(ResultRow(second, 0.0, "ok"))
    await journal.commit_unsent(intent("o3/ac/start_stop", wall=90.0), "dry_run")
    await journal.put_slot(slot(5.0, other))
    await journal.drop_slot(other)
    journal.notice(NoticeRow(0.0, "gateway", "trouble", "o1", "en", "zh"))
    return await journal.kept(since_wall=50.0)


@pytest.mark.parametrize("audit", [True, False])
async def test_memory_and_database_leave_the_same_behind(tmp_path: Path, audit: bool) -> None:
    """A rehearsal's gateway meets the same journal as a live one, whether it keeps the audit or not."""
    store = Store(str(tmp_path / "store.db"), inline=True)
    store.open()
    memory = MemoryJournal(audit=audit)
    in_database, in_memory = await _story(store), await _story(memory)
    assert in_memory.slots == in_database.slots == [slot(0.0)]
    assert in_memory.open == in_database.open
    assert in_memory.sent["o1/ac/start_stop"] == in_database.sent["o1/ac/start_stop"] == [0.0, 1.0]
    assert memory.counts == {"ok": 1, "failed": 1, "dry_run": 1}
    assert len(memory.intents) == (4 if audit else 1)
    store.close()
