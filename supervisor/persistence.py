"""What survives a restart beside the journal: memory, counters, season, overtime, when values began."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from drivers.readings import Instant, Quality, Reading
from schedules.types import Overtime
from supervisor.core.rule import Memory
from supervisor.core.views import Release
from supervisor.generation import Generation
from supervisor.statistics import Statistics
from supervisor.store.queries import counters, memories, value
from supervisor.store.writer import Store

log = structlog.get_logger()
_SEASON, _READINGS, _OVERTIME, _RELEASED = "season", "readings", "overtime", "released"
LONGEST_AWAY = 86_400.0
"""s after which what was known of a point before a restart says nothing about its present value."""


class Keeper:
    """Writes what changed, and reads it all back at a start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: dict[str, Memory] = {}

    async def restore(self, into: Generation, statistics: Statistics) -> None:
        """Take everything up again; what cannot be read is logged and left out. Raises StoreProblem."""
        statistics.restore(await self._store.read(counters))
        self._season(into, await self._store.read(lambda c: value(c, _SEASON)))
        self._readings(into, await self._store.read(lambda c: value(c, _READINGS)) or {})
        self._overtime(into, await self._store.read(lambda c: value(c, _OVERTIME)) or {})
        for point, (until, who) in (await self._store.read(lambda c: value(c, _RELEASED)) or {}).items():
            if point in into.site.points and until > into.clock.now():
                into.decider.released[point] = Release(until, who)
        self._memory = dict(await self._store.read(memories))
        into.decider.memory.update(self._memory)

    @staticmethod
    def _season(into: Generation, saved: Any) -> None:
        if saved is None:
            return
        try:
            into.season.restore(saved)
        except (KeyError, ValueError) as error:
            log.warning("season record not readable", error=str(error))

    @staticmethod
    def _readings(into: Generation, saved: Mapping[str, Any]) -> None:
        now: Instant = into.clock.now()
        for id_, entry in saved.items():
            if id_ in into.site.points and now - LONGEST_AWAY < entry["time"] <= now:
                reading = Reading(entry["value"], Quality.STALE, entry["time"], entry["since"])
                into.state.recall(id_, reading)

    @staticmethod
    def _overtime(into: Generation, saved: Mapping[str, Any]) -> None:
        now = into.clock.now()
        for zone, requests in saved.items():
            live = tuple(Overtime(*request) for request in requests if request[1] > now)
            if zone in into.site.zones and live:
                into.decider.overtime[zone] = live

    def save(self, running: Generation, statistics: Statistics) -> None:
        """Queue what has changed since the last time."""
        self._save_small(running, statistics)
        self._store.put_kv(_READINGS, _plain(running.state.readings))

    async def save_beside(self, running: Generation, statistics: Statistics) -> None:
        """The same; the readings, by far the most, are made ready in a thread."""
        self._save_small(running, statistics)
        self._store.put_kv(_READINGS, await asyncio.to_thread(_plain, dict(running.state.readings)))

    def _save_small(self, running: Generation, statistics: Statistics) -> None:
        for zone, memory in running.decider.memory.items():
            if self._memory.get(zone) != memory:
                self._memory[zone] = memory
                self._store.put_memory(zone, memory)
        self._store.put_counters(statistics.counters())
        self._store.put_kv(_SEASON, running.season.memory())
        requests = {z: [(o.start, o.until, o.who) for o in os] for z, os in running.decider.overtime.items()}
        self._store.put_kv(_OVERTIME, requests)
        self._store.put_kv(_RELEASED, {p: tuple(r) for p, r in running.decider.released.items()})


def _plain(readings: Mapping[str, Reading]) -> dict[str, Any]:
    """Good readings as JSON: a value that comes back unchanged keeps its `since`."""
    return {
        id_: {"value": r.value, "time": r.time, "since": r.since} for id_, r in readings.items() if r.good
    }
