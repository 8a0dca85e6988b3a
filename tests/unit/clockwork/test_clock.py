"""The site clock's waiting: it ends when it is told to, whatever else happens at that moment."""

from __future__ import annotations

import asyncio
import math

import pytest

from supervisor.clockwork.clock import SiteClock


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_in_the_very_moment_of_a_change_is_not_lost(turns: int) -> None:
    """A building with a thousand changes a second still stops at once (`asyncio.wait_for` would go on)."""
    clock, changed = SiteClock(), asyncio.Event()

    async def decide() -> None:
        while True:
            changed.clear()
            await clock.wait(math.inf, changed)

    deciding = asyncio.create_task(decide())
    await asyncio.sleep(0.01)
    changed.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    deciding.cancel()
    done, _ = await asyncio.wait([deciding], timeout=10.0)
    deciding.cancel()
    assert done
