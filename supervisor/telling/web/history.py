"""What the pages read of the past: the store's rows, a few readers at a time, never on the loop that decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from config.phrase import Phrase
from config.site import Site
from supervisor.store.problems import StoreProblem

READERS: Final = 2
"""Questions to the store at once: the others wait, so that the daemon's own are not kept from a thread."""
Read: TypeAlias = Callable[[Callable[[Any], Any]], Awaitable[Any]]
"""`Store.read`."""


class History:
    """The site that is in force, the rows that its store has, and the folder of its reports."""

    def __init__(self, site: Callable[[], Site], read: Read, reports: Path) -> None:
        self._site, self._read, self.reports = site, read, reports
        self._free = asyncio.Semaphore(READERS)

    @property
    def site(self) -> Site:
        """The site file in force."""
        return self._site()

    async def ask(self, query: Callable[[Any], Any]) -> tuple[Any, Phrase | None]:
        """What a query finds, or why the store does not say."""
        async with self._free:
            try:
                return await self._read(query), None
            except StoreProblem as problem:
                return None, problem.said
