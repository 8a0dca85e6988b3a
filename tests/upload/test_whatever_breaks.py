"""Weeks in which everything breaks at once: connections, acknowledgements, processes, the database; each quarter arrives once."""

from __future__ import annotations

import asyncio
import random

import pytest

from supervisor.ledger.upload.sending import Centre
from tests.upload.building import MIDNIGHT, QUARTER, Hall, MakeHall, until
from tests.upload.centre import TestCentre
from tests.upload.test_centre import opened


class Trouble:
    """A collector, its centre, and what happens to both by a seed."""

    def __init__(self, hall: Hall, centre: TestCentre, seed: int) -> None:
        self.hall, self.centre, self.by = hall, centre, random.Random(seed)
        self.now, self.read = MIDNIGHT, MIDNIGHT
        self.away = False
        self._collector: Centre | None = None
        self._task: asyncio.Task[None] | None = None

    def starts(self) -> None:
        """A collector is started."""
        self._collector = self.hall.centre(self.centre.profile)
        self._task = asyncio.create_task(self._collector.run())

    async def dies(self) -> None:
        """It is gone, wherever it was."""
        assert self._task is not None
        assert self._collector is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._collector.close()

    async def step(self) -> None:
        """Some quarters go by, and something happens, or nothing."""
        self.now += QUARTER * self.by.choice([1, 1, 1, 2, 5, 12])
        if self.by.random() < 0.8:  # else what was read waits on the disk for the database
            self.keep()
        match self.by.randrange(8):
            case 0:
                self.centre.lose_acks += self.by.randint(1, 3)
            case 1 if not self.away:
                await self.centre.goes_away()
                self.away = True
            case 2 if self.away:
                await self.centre.opens()
                self.away = False
            case 3:
                await self.dies()
                self.starts()
            case 4:
                self.hall.failures += self.by.randint(1, 3)
        self.hall.clock.shows(self.now + self.by.choice([0, 20, 700]))
        await asyncio.sleep(self.by.choice([0, 0.001, 0.02]))

    def keep(self) -> None:
        """What was read until now is in the database."""
        self.hall.reads(self.read + QUARTER, self.now + 1)
        self.read = self.now


@pytest.mark.parametrize(("seed", "shipped"), [(1, "55aa"), (2, "8bae9b")])
async def test_whatever_breaks_each_quarter_arrives_once_and_in_order(
    hall_at: MakeHall, seed: int, shipped: str
) -> None:
    """Forty steps of trouble, then peace: nothing is missing, nothing is there twice."""
    hall, centre = hall_at(), await opened(shipped)
    trouble = Trouble(hall, centre, seed)
    trouble.starts()
    try:
        for _ in range(40):
            await trouble.step()
        trouble.keep()
        hall.failures = centre.lose_acks = 0
        if trouble.away:
            await centre.opens()
        hall.clock.shows(trouble.now + 20)
        await until(lambda: trouble.now // 60 in centre.order, centre.changed)
    finally:
        await trouble.dies()
        await centre.goes_away()
    said = centre.score(range(MIDNIGHT + QUARTER, trouble.now + 1, QUARTER))
    print(f"seed={seed} reports={len(centre.order)} again={centre.again.total()} {said}")
    assert said == "missing=0 doubles=0 ordered=True"
