"""What survives a restart beside the journal: memory, counters, season, when readings took their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog

from drivers.readings import Instant, Quality, Reading
from supervisor.core.rule import Memory
from supervisor.decider import Decider
from supervisor.season import SeasonKeeper
from supervisor.state import State
from supervisor.statistics import Statistics
from supervisor.store.queries import counters, memories, value
from supervisor.store.writer import Store

log = structlog.get_logger()
_SEASON, _READINGS, _OVERTIME = "season", "readings", "overtime"
LONGEST_AWAY = 86_400.0
"""s after which what was known of a point before a restart says nothing about its present value."""


class Keeper:
    """Writes what changed, and reads it all back at a start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: dict[str, Memory] = {}

    async def restore(
        self, state: State, statistics: Statistics, season: SeasonKeeper, now: Instant
    ) -> dict[str, Memory]:
        """Take everything up again; what cannot be read is logged and left out. Raises StoreProblem."""
        statistics.restore(await self._store.read(counters))
        saved = await self._store.read(lambda c: value(c, _SEASON))
        if saved is not None:
            try:
                season.restore(saved)
            except (KeyError, ValueError) as error:
                log.warning("season record not readable", error=str(error))
        for id_, entry in (await self._store.read(lambda c: value(c, _READINGS)) or {}).items():
            if id_ in state.site.points and now - LONGEST_AWAY < entry["time"] <= now:
                state.readings[id_] = Reading(entry["value"], Quality.STALE, entry["time"], entry["since"])
        self._memory = dict(await self._store.read(memories))
        return dict(self._memory)

    def save(self, decider: Decider, statistics: Statistics, season: SeasonKeeper) -> None:
        """Queue what has changed since the last time."""
        for zone, memory in decider.memory.items():
            if self._memory.get(zone) != memory:
                self._memory[zone] = memory
                self._store.put_memory(zone, memory)
        self._store.put_counters(statistics.counters())
        self._store.put_kv(_SEASON, season.memory())
        self._store.put_kv(_READINGS, _plain(decider.state.readings))


def _plain(readings: Mapping[str, Reading]) -> dict[str, Any]:
    """Good readings as JSON: a value that comes back unchanged keeps its `since`."""
    kept = {
        id_: {"value": r.value, "time": r.time, "since": r.since} for id_, r in readings.items() if r.good
    }
    json.dumps(kept, allow_nan=False)
    return kept
