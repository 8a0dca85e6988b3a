"""Keeps what is read: batches into the database, or on the disk until the database takes them, in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from supervisor.ledger.ledger import Ledger
from supervisor.ledger.spool import Spool
from supervisor.store.problems import StoreProblem
from supervisor.store.readings import Batch, Posting, Sample, all_books
from supervisor.store.writer import Store

log = structlog.get_logger()
EVERY: Final = 10.0
"""s between two times that what was read is kept: a power cut costs that much."""
AT_ONCE: Final = 250
"""Rows of one transaction: an intent never waits for more than some milliseconds."""
SPOOL: Final = "ledger.spool"


class Keeping:
    """Keeps what the ledger in force has."""

    def __init__(self, store: Store, folder: Path, ledger: Callable[[], Ledger]) -> None:
        self._store, self._ledger = store, ledger
        self._spool = Spool(folder / SPOOL)
        self.behind = False
        """The database does not take what is read: it waits on the disk."""
        self.nowhere = False
        """Neither does the disk: it waits in memory, which has its bounds (`samples.MOST`, `meters.MOST_UNKEPT`)."""
        self._one = asyncio.Lock()
        """Whoever stops the daemon keeps while it may be being kept: one after the other, or their order were lost."""

    @property
    def lost(self) -> int:
        """Readings that could be kept nowhere for so long that memory had no room for them."""
        return self._ledger().lost

    @property
    def waiting(self) -> bool:
        """Something is on the disk that the database may have or not."""
        return self.behind or bool(self._spool)

    async def books(self) -> dict[str, Mapping[str, Any]]:
        """Where the booking of each meter stands: as the database says, or what still waits on the disk. Raises StoreProblem."""
        found: dict[str, Mapping[str, Any]] = dict(await self._store.read(all_books))
        for batch in self._spool.waiting():
            found |= {posting.meter: posting.book for posting in batch.postings if posting.book is not None}
        return found

    async def run(self) -> None:
        """Keep what there is, every ten seconds, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.keep()

    async def keep(self) -> None:
        """Keep everything that was read until now, in order. What can be kept nowhere stays in memory."""
        async with self._one:
            await self._keep()

    async def _keep(self) -> None:
        if not await self._replayed():
            await self._lay_aside(self._batches())
            return
        for batch in (batches := iter(self._batches())):
            try:
                await self._store.keep_readings(batch)
            except StoreProblem as problem:
                self._fell_behind(problem)
                await self._lay_aside([batch, *batches])
                return
            except asyncio.CancelledError:
                self._give_back(
                    [batch, *batches]
                )  # whoever stops the daemon keeps once more, and then for good
                raise
        self._caught_up()

    async def _replayed(self) -> bool:
        """Whether nothing waits on the disk any more."""
        if not self._spool:
            return True
        try:
            for batch in self._spool.take():
                await self._store.keep_readings(batch)
            await _beside(self._spool.clear)
        except (StoreProblem, OSError) as problem:
            self._fell_behind(problem)
            return False
        return True

    async def _lay_aside(self, batches: Iterable[Batch]) -> None:
        """Put batches on the disk. What does not go there goes with the next, and all that comes after it: the book of a
        later one must never be kept without what was booked before."""
        for batch in (rest := iter(batches)):
            try:
                await _beside(partial(self._spool.put, batch))
            except OSError as error:
                self._give_back([batch, *rest])
                if not self.nowhere:
                    log.error("readings can be kept nowhere, and wait in memory", problem=str(error))
                self.nowhere = True
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise asyncio.CancelledError from None
                return
            except asyncio.CancelledError:
                self._give_back(list(rest))  # the one that was on its way is there
                raise
        self.nowhere = False

    def _give_back(self, batches: Sequence[Batch]) -> None:
        """They go with the next: in memory as if they had never been taken."""
        ledger = self._ledger()
        for batch in reversed(batches):
            ledger.samples.give_back(batch.samples)
            for posting in batch.postings:
                ledger.meters.give_back(posting)

    def _batches(self) -> list[Batch]:
        """Everything that is not kept yet, in transactions of a modest size."""
        ledger = self._ledger()
        found = [Batch(samples=part) for part in _parts(ledger.samples.take())]
        postings: list[Posting] = []
        for posting in ledger.meters.postings():
            postings.append(posting)
            if sum(len(p.samples) + len(p.booked) for p in postings) >= AT_ONCE:
                found.append(Batch(postings=tuple(postings)))
                postings = []
        return [*found, Batch(postings=tuple(postings))] if postings else found

    def _fell_behind(self, problem: StoreProblem | OSError) -> None:
        if not self.behind:
            log.error("readings wait on the disk", problem=str(problem))
        self.behind = True

    def _caught_up(self) -> None:
        if self.behind:
            log.warning("readings are in the database again")
        self.behind = self.nowhere = False


async def _beside(work: Callable[[], None]) -> None:
    """Wait for the disk on a thread: a card that is worn takes seconds, and the building must not wait for them.

    Who is cancelled waits for it all the same: two at work on one file would spoil it. Raises OSError.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        task.result()
        raise


def _parts(samples: tuple[Sample, ...]) -> list[tuple[Sample, ...]]:
    return [samples[start : start + AT_ONCE] for start in range(0, len(samples), AT_ONCE)]
