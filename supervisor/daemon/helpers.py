"""What runs beside the daemon: the page, reloads, chores, consoles. One that dies is started again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from drivers.care.ending import ended

log = structlog.get_logger()

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""s of wall time before a helper is started again; doubled each time it dies. A site choice."""
WELL: Final = 60.0
"""s that a helper must have lived for its next death to count as its first."""

Start = Callable[[], Awaitable[None]]


class Helpers:
    """Helpers by name, and what is wrong with those that do not run. What shows the building may fail; what runs it goes on."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._jobs: list[asyncio.Task[None]] = []
        self._problems: dict[str, str] = {}
        self._troubles: dict[str, str] = {}
        self._over = False

    @property
    def problems(self) -> Mapping[str, str]:
        """Helper → why it does not run, or runs and cannot do what it is for; empty for one that does."""
        return {name: why or self._troubles.get(name, "") for name, why in self._problems.items()}

    def trouble(self, name: str, why: str) -> None:
        """What a helper that runs cannot do, as it tells itself: no broker lets it in, a copy was not made. Empty: it can again."""
        self._troubles[name] = why

    def start(self, name: str, helper: Start) -> None:
        """Run `helper` until `stop`: again whenever it raises, never again once it returns."""
        self._problems[name] = ""
        self._jobs.append(asyncio.create_task(self._keep(name, helper), name=name))

    async def stop(self) -> None:
        """End them all, also one that fails as it ends."""
        self._over = True
        await ended(self._jobs)

    async def _keep(self, name: str, helper: Start) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            began = loop.time()
            try:
                await self._run(name, helper)
            except (
                Exception
            ) as error:  # whatever it died of, the building is supervised and the helper starts again
                if self._over:
                    return
                if loop.time() - began >= WELL:
                    pause = FIRST_PAUSE
                self._died(name, error, pause)
            else:
                return
            await self._sleep(pause)
            pause = min(2.0 * pause, LONGEST_PAUSE)

    async def _run(self, name: str, helper: Start) -> None:
        """Run it once; a problem is over as soon as it has lived for a moment."""
        running = asyncio.ensure_future(helper())
        try:
            if self._problems[name]:
                await asyncio.wait({running}, timeout=FIRST_PAUSE)
                if not running.done():
                    log.info("runs again", what=name)
                    self._problems[name] = ""
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def _died(self, name: str, error: Exception, pause: float) -> None:
        self._troubles.pop(name, None)  # of a life that is over
        said = str(error) or repr(error)
        if self._problems[name] != said:
            log.error("stopped, and will be started again", what=name, error=repr(error), in_seconds=pause)
        self._problems[name] = said
