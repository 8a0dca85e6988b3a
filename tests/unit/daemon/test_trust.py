"""A box whose clock has no battery: nothing is decided by a time that cannot be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supervisor.daemon.trust import MARK, NOT_BEFORE, Trust
from supervisor.store.rows import IntentRow
from supervisor.store.writer import Store

JULY = datetime(2026, 7, 15, 2, 0, tzinfo=UTC).timestamp()


def a_store(folder: Path) -> Store:
    """The store of a box that was last sure of the time on 15 July."""
    store = Store(f"sqlite:///{folder / 'store.sqlite3'}")
    store.open()
    store.put_kv(MARK, JULY)
    return store


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        (0.0, "before the store's newest entry (2026-07-15 02:00 UTC)"),
        (JULY - 3600.0, "before the store's newest entry (2026-07-15 02:00 UTC)"),
        (JULY + 1.0, ""),
    ],
)
async def test_a_clock_that_stands_before_the_newest_entry_is_not_believed(
    tmp_path: Path, clock: float, why: str
) -> None:
    """1970, or the hour at which the power went: said in both languages, with what to do."""
    store = a_store(tmp_path)
    trust = Trust(lambda: clock)
    await trust.learn(store)
    doubt = trust.doubt()
    assert (doubt is not None) is bool(why)
    if doubt is not None:
        assert why in doubt.en
        assert "--trust-clock" in doubt.en
        assert "--trust-clock" in doubt.zh
    store.close()


async def test_a_new_store_still_knows_when_the_program_was_made(tmp_path: Path) -> None:
    """The very first start, in 1970."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    store.open()
    trust = Trust(lambda: 40.0)
    await trust.learn(store)
    doubt = trust.doubt()
    assert doubt is not None
    assert "2026-01-01" in doubt.en
    assert "2026-01-01" in doubt.zh
    store.close()


async def test_it_is_believed_by_itself_once_it_is_right(tmp_path: Path) -> None:
    """The time server answers."""
    store, now = a_store(tmp_path), [0.0]
    trust = Trust(lambda: now[0])
    await trust.learn(store)
    assert trust.doubt() is not None
    now[0] = JULY + 86_400.0
    assert trust.doubt() is None
    store.close()


async def test_a_stop_does_not_wait_for_the_time() -> None:
    """SIGTERM while the clock is wrong."""
    stop = asyncio.Event()
    stop.set()
    await Trust(lambda: NOT_BEFORE - 1.0).soon(stop)


async def test_a_clock_that_was_a_year_ahead_for_minutes_stops_no_later_start(tmp_path: Path) -> None:
    """Commands were written meanwhile; then the time server answered, and every half minute since the clock was believed. A power
    cut in the night found a building that nobody supervised until somebody typed --trust-clock."""
    store, ahead = a_store(tmp_path), JULY + 366 * 86_400.0
    written = IntentRow(
        ahead,
        ahead,
        "room/fcu/start_stop",
        False,
        0,
        10,
        "window-off",
        "AP",
        "open",
        "开窗",
        [],
        [],
        2e9,
        "c0ffee",
    )
    await store.commit_intent(written)
    trust = Trust(lambda: JULY + 60.0)
    await trust.learn(store)
    assert trust.doubt() is None
    store.close()
