"""Pages ask the store a few at a time, and nobody who decides waits for them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from config.load import load
from supervisor.store.problems import StoreProblem
from supervisor.telling.web.history import READERS, History
from tests.unit.telling.web.test_zone_page import OFFICE


async def test_a_crowd_before_the_audit_takes_two_threads_at_most() -> None:
    """Ten searches at once: two run, eight wait, and all are answered."""
    site = load(OFFICE).site
    assert site is not None
    running, most, go = 0, 0, asyncio.Event()

    async def read(query: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1
        return query(None)

    history = History(lambda: site, read, Path("reports"))
    asking = [asyncio.create_task(history.ask(lambda _: "found")) for _ in range(10)]
    for _ in range(20):
        await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*asking) == [("found", None)] * 10
    assert most == READERS


async def test_a_store_that_is_away_is_told_in_both_languages() -> None:
    """The page says so in place of an error."""
    site = load(OFFICE).site
    assert site is not None

    async def read(query: Any) -> Any:
        raise StoreProblem("the database is locked")

    found, why = await History(lambda: site, read, Path("reports")).ask(lambda _: None)
    assert found is None
    assert why is not None
    assert why.en == "the database is locked"
