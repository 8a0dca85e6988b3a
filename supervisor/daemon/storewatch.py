"""Whether the store takes rows: what cannot be recorded is not written, so everybody has to know at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from config.phrase import Phrase
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store

LOOK_EVERY: Final = 1.0
"""s of wall time between two looks at a store that refused a row: it is probed until it takes one again."""
PROBE_EVERY: Final = 10.0
"""s of wall time between two probes of a store that is not known to be in trouble: a turn of the decision loop."""


class StoreWatch:
    """Asks a store whether it takes rows, and says so to `told`, every second; None: it does."""

    def __init__(self, store: Store, told: Callable[[Phrase | None], None]) -> None:
        self._store, self._told = store, told

    @property
    def problem(self) -> Phrase | None:
        """Why nothing can be recorded, and so nothing is written; None while all is well."""
        problem = self._store.problem
        return problem.said if problem is not None else None

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        probed = loop.time()
        while True:
            self._told(self.problem)
            await asyncio.sleep(LOOK_EVERY)
            if self._store.problem is not None or loop.time() - probed >= PROBE_EVERY:
                probed = loop.time()
                with contextlib.suppress(StoreProblem):
                    await self._store.probe()
