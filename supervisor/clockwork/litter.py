"""Python's collector of cycles, in doses: left to itself it walks through everything that came since it last did, at a moment of
its own choosing.

It counts what was made less what is gone. A building that is read over and over puts new readings in the place of old ones, so
that nothing is counted while tens of thousands gather; then somebody asks for the metrics, and the pause is his: 14 ms of a
scrape's longest step, at 10,000 points.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.05
"""s of wall time between two doses, each then less than a millisecond; a site choice."""
A_START: Final = 30.0
"""s of wall time for which a start may go on without a dose; a site choice."""
_YOUNG: Final = 1
"""What has come since the last dose; the rest is looked through a few times an hour."""
_THRESHOLDS: Final = (2_000, 1, 12_000)
"""What a burst makes is looked through by the two thousand between two doses; everything after so many doses, ten minutes: what a
request or a stream left behind that lived for longer than a dose waits for no more than that."""


def set_aside() -> None:
    """Keep the collector off what stays for good: it would walk through every point again and again.

    With 10,000 points that was a third of the daemon's time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


async def in_doses(begun: Callable[[], bool] = lambda: True) -> None:
    """Look through what is new, until cancelled. Not while a start goes on: nearly all that it makes stays, and is set aside
    unseen when it has `begun`, for to look through it would hold up the first hands at a thermostat."""
    if not begun():
        await _a_start(begun)
    while True:
        await asyncio.sleep(EVERY)
        gc.collect(_YOUNG)


async def _a_start(begun: Callable[[], bool]) -> None:
    """Collect nothing until it is over, or takes too long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + A_START
    gc.disable()
    try:
        while not begun() and loop.time() < until:  # noqa: ASYNC110 - a collector tells nobody that it waits
            await asyncio.sleep(EVERY)
    finally:
        gc.enable()
    gc.freeze()
