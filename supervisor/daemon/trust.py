"""Whether the computer's clock can be believed: a box without a battery comes up in 1970, or when it lost its power."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from config.phrase import Phrase
from supervisor.store.queries import newest_wall
from supervisor.store.writer import Store

NOT_BEFORE: Final = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""POSIX seconds before which no building was run by this program: the year in which it was made."""
MARK: Final = "clock"
"""Where the store keeps the last wall instant at which the clock was believed."""
LOOK_EVERY: Final = 1.0
"""s between two looks at a clock that is not believed."""


class Trust:
    """Whether to go by the computer's clock. It is asked before anything is decided, until it is right once."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._newest = NOT_BEFORE

    async def learn(self, store: Store) -> None:
        """Take the newest entry of the store: time has not gone back since. Raises StoreProblem."""
        self._newest = max(NOT_BEFORE, await store.read(newest_wall))

    def doubt(self) -> Phrase | None:
        """Why the clock is not believed; None where it is."""
        now = self._now()
        if now >= self._newest:
            return None
        says, newest = (
            datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M UTC") for t in (now, self._newest)
        )
        if self._newest == NOT_BEFORE:
            before = Phrase(
                f"before this program was made ({newest[:10]})", f"早于本程序发布之时（{newest[:10]}）"
            )
        else:
            before = Phrase(f"before the store's newest entry ({newest})", f"早于数据库最新记录（{newest}）")
        return Phrase(
            f"the computer's clock says {says}, {before.en}: nothing is decided until it is right; "
            "set it, or start with --trust-clock if the entry is wrong",
            f"计算机时钟为 {says}，{before.zh}：时钟正确之前不作任何决定；请校时，若记录有误可用 --trust-clock 启动",
        )

    @staticmethod
    async def soon(stop: asyncio.Event) -> None:
        """Return when it is time to look again, or `stop` is set."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await stop.wait()
