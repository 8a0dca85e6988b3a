"""A building that lives in shadow mode, and a store with what the daemon would have kept of it.

The same decider judges and nobody acts; points go through the daemon's own `Samples`, into the tables that it writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable

import numpy as np

from config.points import Value
from config.roles import Role
from drivers.readings import Quality, Reading
from schedules.time import Instant
from simulator.meters import JOULES_PER_KWH, Meter, MeterBank
from simulator.plant.base import Commands, Observations, Stop, Stride
from simulator.plant.from_site import building_of
from supervisor.ledger.samples import Samples
from supervisor.rehearsal.run import Rehearsal
from supervisor.rehearsal.scenario import Scenario
from supervisor.store.memory import MemoryJournal
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store

EVERY = 300.0
HOUR = 3600.0


class Recorder:
    """Looks at a rehearsal every five minutes, as the daemon's sampling does, and keeps what is new."""

    def __init__(
        self, rehearsal: Rehearsal, changed: Callable[[str, Value], Value], lost: Collection[Instant] = ()
    ) -> None:
        self._of, self._changed, self._lost = rehearsal, changed, lost
        self.batches: list[Batch] = []
        site = rehearsal.site
        self._samples = Samples(site.points)
        building = rehearsal.scenario.building or building_of(site)
        self._names = [m.id for m in site.meters.values()]
        self._bank = MeterBank([Meter(m.id, m.subitem) for m in site.meters.values()], building)
        self._units = np.array([JOULES_PER_KWH if m.energy else 1.0 for m in site.meters.values()])
        self._shown, self._booked_to = np.zeros(len(self._names)), rehearsal.scenario.start
        self._said: dict[str, Value] = {}
        self._step = rehearsal.world.plant.step

    def step(self, dt: float, commands: Commands) -> Observations:
        """A step of the plant, looked at on its way."""
        seen = self._step(dt, commands)
        if seen.time <= self._of.scenario.start:  # what is lived before the first day warms the walls
            self._shown, self._booked_to = self._bank.read(seen), seen.time
            return seen
        if seen.time % EVERY == 0.0:
            self._look(seen)
        if seen.time % HOUR == 0.0:
            self._keep(seen)
        return seen

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """A single step, whatever the plant could take at once: what is read every five minutes must be seen."""
        return Stride.of(self.step(dt, commands))

    def _look(self, seen: Observations) -> None:
        told: dict[str, Reading] = {}
        known, site = self._of.known, self._of.site
        for place, zone in enumerate(self._of.world.plant.zones):
            for point in site.zones[zone].sensors.get(Role.TEMPERATURE, ()):
                value = self._changed(point.id, round(float(seen.air[place]), 2))
                told[point.id] = Reading(value, Quality.GOOD, seen.time, seen.time)
        outdoor = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
        if outdoor is not None:
            told[outdoor.id] = Reading(round(seen.outdoor.dry_bulb, 2), Quality.GOOD, seen.time, seen.time)
        told |= {id_: reading for id_, reading in known.readings.items() if id_ not in told}
        news = [id_ for id_, reading in told.items() if self._said.get(id_, "?") != reading.value]
        self._said |= {id_: told[id_].value for id_ in news}
        self._samples.heard(news, told, seen.time)

    def _keep(self, seen: Observations) -> None:
        if seen.time in self._lost:  # booked as a whole when the meters speak again
            self.batches.append(Batch(self._samples.take(), ()))
            return
        shown, since = self._bank.read(seen), self._booked_to
        gap = seen.time - since > HOUR
        self._booked_to = seen.time
        booked = (shown - self._shown) * self._units
        self._shown = shown
        postings = tuple(
            Posting(name, (), ((since, seen.time, float(amount), gap, "gap" if gap else ""),), (), None)
            for name, amount in zip(self._names, booked, strict=True)
        )
        self.batches.append(Batch(self._samples.take(), postings))


def record(
    scenario: Scenario,
    url: str,
    changed: Callable[[str, Value], Value] = lambda _, v: v,
    lost: Collection[Instant] = (),
) -> Rehearsal:
    """Live a scenario and keep what was read in the store at `url`. `lost`: ends of hours at which no meter was heard."""
    journal = MemoryJournal(audit=scenario.controlled)
    rehearsal = Rehearsal(scenario, journal=journal)
    recorder = Recorder(rehearsal, changed, lost)
    rehearsal.world.plant.step = recorder.step  # type: ignore[method-assign] # looked at on its way
    rehearsal.world.plant.stride = recorder.stride  # type: ignore[method-assign] # minute by minute
    rehearsal.run()
    keep(url, recorder.batches, journal)
    return rehearsal


def keep(url: str, batches: Iterable[Batch], journal: MemoryJournal | None = None) -> None:
    """Keep batches, and what a journal has of writes, in the store at `url`."""
    written = journal.results if journal is not None else {}
    store = Store(url, inline=True)
    store.open()

    async def every() -> None:
        for batch in batches:
            await store.keep_readings(batch)
        for number, result in sorted(written.items()):
            assert journal is not None
            key = await store.commit_intent(journal.intents[number])
            await store.commit_result(result._replace(intent_id=key))

    try:
        asyncio.run(every())
    finally:
        store.close()
