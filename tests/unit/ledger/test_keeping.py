"""What is read is kept: by the database, or on the disk until the database is there again; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.ledger.booking import Booked, booked
from supervisor.ledger.books import restored, saved
from supervisor.ledger.causes import Cause
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.ledger.meters import MOST_UNKEPT, merged, whole
from supervisor.ledger.spool import Spool
from supervisor.store import readings
from supervisor.store.problems import StoreProblem
from supervisor.store.readings import Batch, Posting, Sample
from supervisor.store.writer import Store
from tests.meters.simulated import KINDS, broken
from tests.waiting import SOON

KWH = 3.6e6


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A database of either kind, written at once."""
    store = Store(database, inline=True)
    store.open()
    yield store
    store.close()


class Building:
    """The office's meters as they are read, minute by minute, and what is kept of them."""

    def __init__(self, site: Site, store: Store, folder: Path) -> None:
        self.site, self.store, self.folder = site, store, folder
        self.known = Known(site)
        self.ledger = Ledger(site, self.known)
        self.keeping = Keeping(store, folder, lambda: self.ledger)
        self.meter = next(iter(site.meters.values()))

    def reads(self, minute: float, kwh: float) -> None:
        """The first meter says so much."""
        self.known.put_value(self.meter.series, kwh * KWH, Quality.GOOD, minute * 60.0)
        self.ledger.look(minute * 60.0)

    async def restarted(self) -> Building:
        """Another process on the same files."""
        following = Building(self.site, self.store, self.folder)
        following.ledger.meters.restore(await following.keeping.books())
        return following

    async def kwh(self) -> float:
        """Booked in the database."""
        rows = await self.store.read(lambda c: readings.booked(c, self.meter.id, 0.0, 1e12))
        return sum(float(row["amount"]) for row in rows) / KWH

    async def kept(self) -> list[tuple[float, float | None]]:
        """Readings in the database."""
        return await self.store.read(lambda c: list(readings.between(c, self.meter.series, 0.0, 1e12)))


async def test_an_hour_of_a_meter_is_kept_and_booked(site: Site, store: Store, tmp_path: Path) -> None:
    """A reading a minute; what was booked is what the register rose by."""
    building = Building(site, store, tmp_path)
    for minute in range(61):
        building.reads(minute, 1000 + minute * 0.5)
        await building.keeping.keep()
    assert await building.kwh() == pytest.approx(30.0)
    assert len(await building.kept()) == 61


async def test_a_kill_loses_no_energy(site: Site, store: Store, tmp_path: Path) -> None:
    """What was read after the last transaction is gone; the register is not, and what it counted is booked once."""
    building = Building(site, store, tmp_path)
    for minute in range(20):
        building.reads(minute, 1000 + minute)
        if minute == 9:
            await building.keeping.keep()
    following = await building.restarted()
    for minute in range(20, 30):
        following.reads(minute, 1000 + minute)
    await following.keeping.keep()
    assert await following.kwh() == pytest.approx(29.0)


async def test_while_the_database_is_away_readings_wait_on_the_disk(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of an hour without a database, and a restart in the middle: all there, in order, once."""
    building, real = Building(site, store, tmp_path), Store.keep_readings

    async def away(self: Store, batch: Batch) -> None:
        raise StoreProblem("the database does not answer")

    for minute in range(40):
        if minute == 10:
            monkeypatch.setattr(Store, "keep_readings", away)
        if minute == 25:
            monkeypatch.setattr(Store, "keep_readings", real)
        if minute == 20:
            building = await building.restarted()
        building.reads(minute, 1000 + minute)
        await building.keeping.keep()
        assert building.keeping.behind is (10 <= minute < 25)
    assert await building.kwh() == pytest.approx(39.0)
    assert [at for at, _ in await building.kept()] == [60.0 * minute for minute in range(40)]
    assert not (tmp_path / "ledger.spool").exists()


async def test_with_the_disk_full_too_nothing_is_lost_from_memory(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither database nor spool: it goes with the next, when there is room again."""
    building, real_keep, real_put = Building(site, store, tmp_path), Store.keep_readings, Spool.put

    async def away(self: Store, batch: Batch) -> None:
        raise StoreProblem("the disk is full")

    def full(self: Spool, batch: Batch) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "keep_readings", away)
    monkeypatch.setattr(Spool, "put", full)
    for minute in range(10):
        building.reads(minute, 1000 + minute)
        await building.keeping.keep()
    monkeypatch.setattr(Store, "keep_readings", real_keep)
    monkeypatch.setattr(Spool, "put", real_put)
    building.reads(10, 1010)
    await building.keeping.keep()
    assert await building.kwh() == pytest.approx(10.0)
    assert len(await building.kept()) == 11


async def test_for_a_week_nowhere_memory_has_bounds_and_no_energy_is_lost(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week by the minute with neither database nor disk: every second reading goes when there are too many, each of
    them is counted, and what the meter counted is booked to the last kWh."""
    building, week = Building(site, store, tmp_path), 7 * 24 * 60
    real_keep, real_put = Store.keep_readings, Spool.put

    async def away(self: Store, batch: Batch) -> None:
        raise StoreProblem("the disk is full")

    def full(self: Spool, batch: Batch) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "keep_readings", away)
    monkeypatch.setattr(Spool, "put", full)
    meter = building.ledger.meters.of(building.meter.id)
    most = 0
    for minute in range(week):
        building.reads(minute, 1000 + 0.5 * minute)
        if minute % 997 == 0:
            await building.keeping.keep()
            assert building.keeping.nowhere
        most = max(most, len(meter._samples), len(meter._booked))
    assert most <= MOST_UNKEPT + 1
    assert building.keeping.lost == week - len(meter._samples)
    monkeypatch.setattr(Store, "keep_readings", real_keep)
    monkeypatch.setattr(Spool, "put", real_put)
    await building.keeping.keep()
    assert not building.keeping.nowhere
    assert await building.kwh() == pytest.approx(0.5 * (week - 1))
    kept = await building.kept()
    assert len(kept) == week - building.keeping.lost
    assert kept[-1][0] == 60.0 * (week - 1)
    rows = await store.read(lambda c: readings.booked(c, building.meter.id, 0.0, 1e12))
    assert {row["start"] for row in rows} | {rows[-1]["end"]} == {at for at, _ in kept}


def test_a_meter_in_doubt_for_weeks_fills_no_memory_either() -> None:
    """Whatever is booked, neighbours become one, and nothing of it is lost."""
    parts = [
        Booked(float(n), n + 1.0, 0.25, n % 2 == 0, Cause.BACKWARDS if n % 2 == 0 else None) for n in range(8)
    ]
    one = whole(parts)
    assert one == Booked(0.0, 8.0, 2.0, True, Cause.BACKWARDS)
    assert (
        merged(parts, {1.0, 2.0, 3.0}) == parts
    )  # what is in doubt keeps its own place as long as there is room


def test_samples_of_points_have_bounds_and_are_counted() -> None:
    """The oldest go, at what comes next."""
    from supervisor.ledger import samples

    held = samples.Samples({})
    held.give_back([Sample("a", float(n), 0.0) for n in range(samples.MOST + 7)])
    held.heard((), {}, 0.0)
    assert held.lost == 7
    assert held.take()[0].at == 7.0


async def test_a_disk_that_takes_seconds_holds_up_nobody(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worn card: while it is waited for, the loop turns; who stops the daemon meanwhile keeps after it, in order."""
    building, real, under_way, turns = Building(site, store, tmp_path), Spool.put, threading.Event(), 0
    released = threading.Event()

    async def away(self: Store, batch: Batch) -> None:
        raise StoreProblem("the database does not answer")

    def slow(self: Spool, batch: Batch) -> None:
        under_way.set()
        released.wait(SOON)
        real(self, batch)

    monkeypatch.setattr(Store, "keep_readings", away)
    monkeypatch.setattr(Spool, "put", slow)
    for minute in range(3):
        building.reads(minute, 1000 + minute)
    keeping = asyncio.create_task(building.keeping.keep())
    while not under_way.is_set():
        await asyncio.sleep(0)
        turns += 1
    keeping.cancel()
    building.reads(3, 1003)
    last = asyncio.create_task(building.keeping.keep())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not last.done()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    await last
    waiting = list(Spool(tmp_path / "ledger.spool").waiting())
    assert [s.at for batch in waiting for p in batch.postings for s in p.samples] == [0.0, 60.0, 120.0, 180.0]


def test_a_torn_line_of_the_spool_was_never_put(tmp_path: Path) -> None:
    """A power cut in the middle of a line, or a flipped byte: the others are there."""
    spool = Spool(tmp_path / "spool")
    for n in range(3):
        spool.put(Batch((Sample("a", float(n), float(n)),)))
    whole = (tmp_path / "spool").read_bytes()
    lines = whole.splitlines(keepends=True)
    (tmp_path / "spool").write_bytes(lines[0] + lines[1].replace(b"1.0", b"7.0") + lines[2][:-4])
    assert [batch.samples[0].at for batch in spool.waiting()] == [0.0]


@pytest.mark.parametrize("left", [b"0badc0de [[[", b"\0" * 700, b"12345678"])
def test_a_half_written_line_does_not_take_the_next_one_with_it(left: bytes, tmp_path: Path) -> None:
    """What a power cut or a kill left at the end of the spool, text or nothing but zeros: what is put after it is there."""
    spool = Spool(tmp_path / "spool")
    spool.put(Batch((Sample("a", 0.0, 0.0),)))
    with (tmp_path / "spool").open("ab") as file:
        file.write(left)
    following = Spool(tmp_path / "spool")
    for n in (1, 2):
        following.put(Batch((Sample("a", float(n), 0.0),)))
    assert [batch.samples[0].at for batch in following.waiting()] == [0.0, 1.0, 2.0]


async def test_a_database_that_goes_away_while_it_is_told_goes_on_where_it_was(
    store: Store, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week waits on the disk, and the line holds for some rows at a time: none is sent again, and the end is reached."""
    building, sent = Building(site, store, tmp_path), list[float]()
    spool = Spool(tmp_path / "ledger.spool")
    for n in range(10):
        spool.put(Batch((Sample("a", float(n), 0.0),)))
    real = Store.keep_readings

    async def for_three(self: Store, batch: Batch) -> None:
        if len(sent) % 4 == 3:
            sent.append(-1.0)
            raise StoreProblem("the database does not answer")
        sent.append(batch.samples[0].at)
        await real(self, batch)

    monkeypatch.setattr(Store, "keep_readings", for_three)
    for _ in range(4):
        await building.keeping.keep()
    assert sent == [0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9]
    assert not building.keeping.behind
    assert not (tmp_path / "ledger.spool").exists()


async def test_a_spool_that_cannot_be_removed_is_told_and_no_end_of_keeping(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may only be read: what is new waits in memory, for a later book beside an old spool would be set back."""
    building = Building(site, store, tmp_path)
    Spool(tmp_path / "ledger.spool").put(Batch((Sample("a", 1.0, 0.0),)))

    def refused(self: Spool) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "clear", refused)
        building.reads(1, 1000)
        await building.keeping.keep()
        assert building.keeping.behind
    building.reads(2, 1001)
    await building.keeping.keep()
    assert not building.keeping.behind
    assert await building.kwh() == pytest.approx(1.0)


async def test_a_stop_in_the_middle_of_keeping_loses_nothing(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is stopped while the first of some batches is on its way: the others go with the last keeping, in their order."""
    building, real, under_way = Building(site, store, tmp_path), Store.keep_readings, asyncio.Event()
    monkeypatch.setattr("supervisor.ledger.keeping.AT_ONCE", 2)
    building.ledger.samples.give_back([Sample("a", float(n), 0.0) for n in range(7)])
    for minute in range(10):
        building.reads(minute, 1000 + minute)

    async def slow(self: Store, batch: Batch) -> None:
        under_way.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Store, "keep_readings", slow)
    keeping = asyncio.create_task(building.keeping.keep())
    await under_way.wait()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    monkeypatch.setattr(Store, "keep_readings", real)
    building.reads(10, 1010)
    await building.keeping.keep()
    assert await building.kwh() == pytest.approx(10.0)
    assert len(await building.kept()) == 11
    assert len(await store.read(lambda c: list(readings.between(c, "a", 0.0, 1e12)))) == 7


def test_a_batch_comes_back_from_the_disk_as_it_was() -> None:
    """To the last bit, unknown values and Chinese names too."""
    posting = Posting(
        "总表",
        (Sample("m", 1.1, None),),
        ((0.1, 0.2, 1 / 3, True, "silent"),),
        (("reset", 0.0, 9.9),),
        {"a": 1},
    )
    batch = Batch((Sample("x", 1e9 + 1 / 3, 2 / 3),), (posting,))
    assert Batch.restored(batch.saved()) == batch


@pytest.mark.parametrize("kind", KINDS)
def test_a_book_comes_back_as_it_was(kind: str) -> None:
    """In the middle of any fault."""
    series = broken(kind, 4, days=5)
    for count in (1, len(series.readings) // 2, len(series.readings) - 3):
        book = booked(series.register, series.readings[:count]).book
        assert restored(json.loads(json.dumps(saved(book)))) == book
