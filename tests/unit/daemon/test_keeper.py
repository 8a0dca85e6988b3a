"""What survives a restart, saved a slice at a time so that no write waits for the saving."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from config.rules import RuleId
from config.site import Site
from drivers.readings import Quality
from schedules.days import calendars
from schedules.time import DAY, from_iso
from supervisor.core.daily import Daily
from supervisor.core.tally import Look, Tally
from supervisor.daemon import keeper as persistence
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.running import Running
from supervisor.store import StoreProblem, days
from supervisor.store.writer import Store
from tests.fakes import FakeDriver, VirtualClock
from tests.unit.core.office import office

SLICE = 20


def _running(site: Site, store: Store, clock: Any) -> Running:
    return Running(site, calendars(site), FakeDriver({}).line, clock, store, dry_run=True)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """A database of its own."""
    made = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    made.open()
    yield made
    made.close()


async def test_readings_counters_and_memory_come_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart each room's value is known to have stood as long as it did, and no second is lost."""
    monkeypatch.setattr(persistence, "SLICE", SLICE)
    site, clock = office(), VirtualClock()
    before, counted = _running(site, store, clock), Tally()
    now = clock.now()
    for n, point in enumerate(site.points):
        before.known.put_value(point, 20.0 + n / 10, Quality.GOOD, now - 60.0 - n)
    for zone in site.zones:
        counted.look(zone, Look(now - 100.0, (RuleId.WINDOW_OFF,), (), True, 1.0, 0.0))
    counted.settle(now)
    before.decider.memory.update({zone: {"window-off.held": True} for zone in site.zones})
    transactions: list[int] = []
    transact = store._transact

    def counted_transaction(jobs: list[Any]) -> list[Any]:
        transactions.append(len(jobs))
        return transact(jobs)

    monkeypatch.setattr(store, "_transact", counted_transaction)
    await Keeper(store).save_beside(before, counted)
    assert len(transactions) > len(site.points) / SLICE, "a slice each"
    after, restored = _running(site, store, clock), Tally()
    await Keeper(store).restore(after, restored)
    assert {p: r.since for p, r in after.known.readings.items()} == {
        p: r.since for p, r in before.known.readings.items()
    }
    assert {r.quality for r in after.known.readings.values()} == {Quality.STALE}
    assert restored.counters() == counted.counters()
    assert {z: dict(after.decider.memory[z]) for z in site.zones} == {
        z: {"window-off.held": True} for z in site.zones
    }


async def test_what_a_smaller_building_saves_goes_before_what_a_larger_one_left(store: Store) -> None:
    """Slices that nobody writes any more are older than those that are."""
    site, clock = office(), VirtualClock()
    point = next(iter(site.points))
    now = clock.now()
    store.put_kv("readings/1", {point: {"value": 1.0, "time": now - 500.0, "since": now - 500.0}})
    running = _running(site, store, clock)
    running.known.put_value(point, 2.0, Quality.GOOD, now - 5.0)
    await Keeper(store).save_beside(running, Tally())
    after = _running(site, store, clock)
    await Keeper(store).restore(after, Tally())
    assert after.known.reading(point).value == 2.0


async def test_what_the_database_refused_is_put_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was full for a while loses no counter: the next save has all of them."""
    site, clock = office(), VirtualClock()
    running, counted = _running(site, store, clock), Tally()
    zone = next(iter(site.zones))
    counted.look(zone, Look(clock.now() - 100.0, (RuleId.WINDOW_OFF,), (), False, 0.0, 0.0))
    counted.settle(clock.now())

    async def full() -> None:
        raise StoreProblem("database or disk is full")

    put: list[Any] = []
    keeper = Keeper(store)
    monkeypatch.setattr(store, "put_counters", put.append)
    with monkeypatch.context() as broken:
        broken.setattr(store, "flush", full)
        await keeper.save_beside(running, counted)
    await keeper.save_beside(running, counted)
    await keeper.save_beside(running, counted)
    assert put == [counted.counters()] * 2, "once refused, once taken, then there is nothing new"


async def test_a_save_that_somebody_asks_for_goes_before_one_that_is_under_way(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round's save, interrupted between two slices by that of a request, never puts its older figures over newer ones."""
    monkeypatch.setattr(persistence, "COMPARED", 1)
    site, clock = office(), VirtualClock()
    running, tally = _running(site, store, clock), Tally()
    for zone in site.zones:
        tally.look(zone, Look(clock.now() - 100.0, (RuleId.WINDOW_OFF,), (), False, 0.0, 0.0))
    tally.settle(clock.now())
    keeper, kept = Keeper(store), dict[Any, float]()
    monkeypatch.setattr(store, "put_counters", kept.update)
    under_way = asyncio.create_task(keeper.save_beside(running, tally))
    await asyncio.sleep(0)
    tally.settle(clock.now() + 60.0)
    keeper.save(running, tally)
    await under_way
    assert kept == tally.counters()


class Standing:
    """A site clock that stands until it is moved."""

    at, speed = 0.0, 1.0

    def now(self) -> float:
        """Where it stands."""
        return self.at


async def test_a_day_goes_on_after_a_restart_to_the_second(store: Store) -> None:
    """Killed at noon and at eight, with a reload's save in between, once over midnight: each day is whole, once."""
    site, clock = office(), Standing()
    zone = next(iter(site.zones))
    noon = from_iso("2026-07-15T12:00:00+08:00")
    daily = Daily(site.tz)
    for since, until in (
        (noon - 3600.0, noon),
        (noon + 60.0, noon + 1860.0),
        (noon + DAY / 2 - 900, noon + DAY / 2 + 900),
    ):
        clock.at = since
        running, keeper, daily = _running(site, store, clock), Keeper(store), Daily(site.tz)
        counted = Tally(daily)
        await keeper.restore(running, counted)
        counted.look(zone, Look(since, (RuleId.WINDOW_OFF,), (), False, 0.0, 0.0))
        for at in (since + 600.0, until, until):
            clock.at = at
            counted.settle(at)
            await keeper.save_beside(running, counted)
        keeper.save(running, counted)
        await store.flush()
    found = {
        (row.day, row.kind): row.value
        for row in await store.read(lambda c: days.between(c, "2026-07-15", "2026-07-16"))
    }
    assert found == {
        ("2026-07-15", "violation"): 3600.0 + 1800.0 + 900.0,
        ("2026-07-15", "watched"): 3600.0 + 1800.0 + 900.0,
        ("2026-07-16", "violation"): 900.0,
        ("2026-07-16", "watched"): 900.0,
    }
    assert {entry.day for entry in daily.values} == {"2026-07-16"}, (
        "what is over and kept need not be remembered"
    )
    assert counted.totals().violation_seconds[zone, RuleId.WINDOW_OFF] == 3600.0 + 1800.0 + 1800.0


async def test_days_that_the_database_refused_are_put_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full over midnight loses no day: it is remembered until it was taken."""
    site, clock = office(), Standing()
    zone = next(iter(site.zones))
    before = from_iso("2026-07-15T23:50:00+08:00")
    clock.at = before
    running, counted, keeper = _running(site, store, clock), Tally(Daily(site.tz)), Keeper(store)
    counted.look(zone, Look(before, (), (), False, 0.0, 0.0))
    clock.at = before + 1200.0
    counted.settle(before + 1200.0)
    with monkeypatch.context() as full:
        full.setattr(days, "put", lambda *_: 1 / 0)
        await keeper.save_beside(running, counted)
    clock.at = before + 1800.0
    counted.settle(before + 1800.0)
    await keeper.save_beside(running, counted)
    rows = await store.read(lambda c: days.between(c, "2026-07-15", "2026-07-16"))
    assert [(row.day, row.value) for row in rows] == [("2026-07-15", 600.0), ("2026-07-16", 1200.0)]


async def test_what_a_full_disk_let_fall_is_put_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that nobody waits for fails without a word, and the flush after it has nothing to write and succeeds."""
    site, clock = office(), VirtualClock()
    running, keeper = _running(site, store, clock), Keeper(store)
    zone = next(iter(site.zones))
    running.decider.memory[zone] = {"window-off.held": True}
    transact = store._transact

    def full(jobs: list[Any]) -> list[Any]:
        if any("_later" in job.__qualname__ or "put_memory" in job.__qualname__ for job in jobs):
            raise OperationalError("insert", {}, Exception("database or disk is full"))
        return transact(jobs)

    with monkeypatch.context() as broken:
        broken.setattr(store, "_transact", full)
        await keeper.save_beside(running, Tally())
    await keeper.save_beside(running, Tally())
    after = _running(site, store, clock)
    await Keeper(store).restore(after, Tally())
    assert dict(after.decider.memory[zone]) == {"window-off.held": True}
