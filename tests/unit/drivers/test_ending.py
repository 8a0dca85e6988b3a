"""A stop comes to its end, whatever a library makes of being told to stop."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from drivers.care.ending import ended
from supervisor.daemon import helpers as helpers_module
from supervisor.daemon.helpers import Helpers


async def _deaf(times: int, heard: list[int]) -> None:
    """Goes on when it is cancelled, so many times, as `asyncio.wait_for` makes of a cancellation that it loses."""
    while len(heard) <= times:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append(1)
    raise asyncio.CancelledError


async def test_who_did_not_hear_is_told_again() -> None:
    """The publisher had just got an acknowledgement when it was told to stop: the daemon stayed for ever."""
    heard: list[int] = []
    task = asyncio.create_task(_deaf(2, heard))
    await asyncio.sleep(0)
    await ended([task], again=0.01)
    assert (task.cancelled(), len(heard)) == (True, 3)


async def test_nobody_to_end_is_no_error() -> None:
    """A daemon without brokers stops as well."""
    await ended([])


async def test_a_helper_that_did_not_hear_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the task that keeps it running, too."""
    monkeypatch.setattr(helpers_module, "ended", partial(ended, again=0.01))
    heard: list[int] = []
    helpers = Helpers()
    helpers.start("mqtt", lambda: _deaf(1, heard))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await helpers.stop()
    assert len(heard) == 2
