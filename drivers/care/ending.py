"""Ending tasks for good: one cancellation may be lost on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

AGAIN: Final = 5.0
"""Seconds after which a task that goes on is told once more; longer than a good order takes (an MQTT farewell: one). A site choice."""


async def ended(tasks: Collection[asyncio.Task[Any]], again: float = AGAIN) -> None:
    """Cancel tasks until all are over; what they raise is dropped.

    `asyncio.wait_for`, with which aiomqtt waits for each acknowledgement, loses in Python 3.11 a cancellation that comes in the same step as
    the acknowledgement (python/cpython#86296): the task goes on, and whoever waits for its end would wait for ever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again)
    await asyncio.gather(*tasks, return_exceptions=True)
