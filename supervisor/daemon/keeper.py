"""What survives a restart beside the journal: memory, counters, season, overtime, what is held by hand, when values began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import structlog

from drivers.readings import Quality, Reading
from schedules.time import DAY, Instant
from schedules.types import Overtime
from supervisor.core.daily import Daily, Entry, Kind
from supervisor.core.known import NOTHING
from supervisor.core.manual import still_fits
from supervisor.core.rule import Memory
from supervisor.core.tally import Tally
from supervisor.core.views import Manual, Release
from supervisor.daemon.running import Running
from supervisor.store import StoreProblem, days
from supervisor.store.queries import counters, memories, value
from supervisor.store.writer import Store

log = structlog.get_logger()
_K = TypeVar("_K")
_V = TypeVar("_V")
_SEASON, _READINGS, _OVERTIME, _RELEASED, _MANUAL = "season", "readings", "overtime", "released", "manual"
SLICE = 100
"""Readings, counters or zones that are saved in one transaction."""
COMPARED = 500
"""Of them that are held against what was saved last before others may have their turn: a quarter of a millisecond."""
LONGEST_AWAY = DAY
"""s after which what was known of a point before a restart says nothing about its present value."""


class Keeper:
    """Writes what changed, and reads it all back at a start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: dict[str, Memory] = {}
        self._counters: dict[tuple[str, str], float] = {}
        self._days: dict[Entry, float] = {}
        self._dropped = store.dropped
        self._saves = 0

    async def restore(self, into: Running, tally: Tally) -> None:
        """Take everything up again; what cannot be read is logged and left out. Raises StoreProblem."""
        tally.restore(await self._store.read(counters))
        await self._restore_day(into.clock.now(), tally.daily)
        self._season(into, await self._store.read(lambda c: value(c, _SEASON)))
        self._readings(into, await self._saved_readings())
        self._overtime(into, await self._store.read(lambda c: value(c, _OVERTIME)) or {})
        for point, (until, who) in (await self._store.read(lambda c: value(c, _RELEASED)) or {}).items():
            if point in into.site.points and until > into.clock.now():
                into.decider.released[point] = Release(until, who)
        self._manual(into, await self._store.read(lambda c: value(c, _MANUAL)) or {})
        self._memory = dict(await self._store.read(memories))
        into.decider.memory.update(self._memory)
        into.decider.put_back(into.clock.now())  # it may have been kept by a clock that was ahead

    async def _restore_day(self, now: Instant, daily: Daily | None) -> None:
        """Go on with the day that is not over; what is of no kind that we know is another version's."""
        if daily is None:
            return
        today = daily.today(now)
        rows = await self._store.read(lambda connection: days.between(connection, today, today))
        self._days = {
            Entry(r.day, r.zone, Kind(r.kind), r.what): r.value for r in rows if r.kind in list(Kind)
        }
        daily.restore(self._days)

    async def _saved_readings(self) -> dict[str, Any]:
        """Every slice there is: one that a larger building left behind holds nothing that is newer."""
        found: dict[str, Any] = {}
        number = 0
        while (part := await self._slice(number)) is not None:
            found |= {p: r for p, r in part.items() if p not in found or r["time"] > found[p]["time"]}
            number += 1
        return found

    async def _slice(self, number: int) -> Mapping[str, Any] | None:
        saved: Mapping[str, Any] | None = await self._store.read(lambda c: value(c, f"{_READINGS}/{number}"))
        return saved

    @staticmethod
    def _season(into: Running, saved: Any) -> None:
        if saved is None:
            return
        try:
            into.season.restore(saved)
        except (KeyError, ValueError) as error:
            log.warning("season record not readable", error=str(error))

    @staticmethod
    def _readings(into: Running, saved: Mapping[str, Any]) -> None:
        now: Instant = into.clock.now()
        for id_, entry in saved.items():
            if id_ in into.site.points and now - LONGEST_AWAY < entry["time"] <= now:
                reading = Reading(entry["value"], Quality.STALE, entry["time"], entry["since"])
                into.known.recall(id_, reading)

    @staticmethod
    def _overtime(into: Running, saved: Mapping[str, Any]) -> None:
        now = into.clock.now()
        for zone, requests in saved.items():
            live = tuple(Overtime(*request) for request in requests if request[1] > now)
            if zone in into.site.zones and live:
                into.decider.overtime[zone] = live

    @staticmethod
    def _manual(into: Running, saved: Mapping[str, Any]) -> None:
        """What has ended meanwhile as well: it is over at the first turn, and people are told."""
        found = {point: Manual(*word) for point, word in saved.items()}
        into.decider.manual = {p: m for p, m in found.items() if still_fits(into.decider, p, m)}

    def save(self, running: Running, tally: Tally) -> None:
        """Queue what has changed since the last time, all at once."""
        for put in self._changes(running, tally):
            if put is not None:
                put()

    async def save_beside(self, running: Running, tally: Tally) -> None:
        """The same, a slice at a time: an intent that must be durable before its write never waits for more."""
        dropped, now = self._store.dropped, running.clock.now()
        try:
            for put in self._changes(running, tally):
                if put is None:
                    await asyncio.sleep(0)
                    continue
                put()
                await self._store.written()
            await self._store.flush()
            if self._store.dropped != dropped:
                raise StoreProblem("the database did not take every row")
        except StoreProblem as problem:
            log.warning("not saved", problem=str(problem))
            self._memory, self._counters, self._days = {}, {}, {}
        else:
            self._close_days(now, tally.daily)

    def _close_days(self, now: Instant, daily: Daily | None) -> None:
        """The days before this one are over, and durable: they need not be remembered."""
        if daily is not None:
            today = daily.today(now)
            daily.forget(today)
            self._days = {entry: value for entry, value in self._days.items() if entry.day >= today}

    def save_requests(self, running: Running) -> None:
        """Queue what people asked for: overtime, releases, what they hold."""
        requests = {z: [(o.start, o.until, o.who) for o in os] for z, os in running.decider.overtime.items()}
        self._store.put_kv(_OVERTIME, requests)
        self._store.put_kv(_RELEASED, {p: tuple(r) for p, r in running.decider.released.items()})
        self._store.put_kv(_MANUAL, {p: list(m) for p, m in running.decider.manual.items()})

    def _changes(self, running: Running, tally: Tally) -> Iterator[Callable[[], None] | None]:
        """What is to be put, each a slice of at most some milliseconds of the store's time; None wherever others may have
        their turn. It ends where a later save has begun meanwhile: that one puts everything, and what is newer."""
        self._saves += 1
        mine = self._saves
        for put in self._all_changes(running, tally):
            yield put
            if self._saves != mine:
                return

    def _all_changes(self, running: Running, tally: Tally) -> Iterator[Callable[[], None] | None]:
        if self._dropped != self._store.dropped:
            # what was put lately may not have been taken (a full disk): all of it is put again
            self._dropped = self._store.dropped
            self._memory, self._counters, self._days = {}, {}, {}
        # counters and days of the same instant, whatever is counted while the slices are kept
        totals, daily = tally.totals(), dict(tally.daily.values) if tally.daily is not None else {}
        yield None
        memory = dict(running.decider.memory)
        yield None
        yield from _puts(memory.items(), self._memory, self._put_memory)
        yield from _puts(totals.counters(), self._counters, self._store.put_counters)
        yield from _puts(daily.items(), self._days, self._store.put_days)
        yield lambda: self._store.put_kv(_SEASON, running.season.memory())
        yield lambda: self.save_requests(running)
        for number, known in enumerate(_sliced(running.known.readings)):
            key, saved = f"{_READINGS}/{number}", _plain(known, running.known.suspected)
            yield lambda key=key, saved=saved: self._store.put_kv(key, saved)  # type: ignore[misc] # bound now

    def _put_memory(self, zones: Mapping[str, Memory]) -> None:
        for zone, memory in zones.items():
            self._store.put_memory(zone, memory)


def _puts(
    values: Iterable[tuple[_K, _V]], known: dict[_K, _V], put: Callable[[Any], None]
) -> Iterator[Callable[[], None] | None]:
    """What differs from what is known, in slices that are known once they are put; None after some that were compared."""
    changed: dict[_K, _V] = {}
    for number, (key, new) in enumerate(values, 1):
        if known.get(key) != new:
            changed[key] = new
        if len(changed) == SLICE:
            known.update(changed)
            yield partial(put, changed)
            changed = {}
        if number % COMPARED == 0:
            yield None
    if changed:
        known.update(changed)
        yield partial(put, changed)


def _sliced(values: Mapping[_K, _V]) -> Iterator[dict[_K, _V]]:
    """The same in pieces."""
    items = list(values.items())
    return (dict(items[start : start + SLICE]) for start in range(0, len(items), SLICE))


def _plain(readings: Mapping[str, Reading], suspected: Container[str]) -> dict[str, Any]:
    """Readings that are good, or that are none only for what they say for too long, as JSON: a value that comes back
    unchanged keeps its `since`."""
    return {
        id_: {"value": r.value, "time": r.time, "since": r.since}
        for id_, r in readings.items()
        if r.good or (id_ in suspected and (isinstance(r.value, bool) or r.value not in NOTHING))
    }
