"""The nights of the gateway box: copies, old notices, the audit's chain, next year's holidays."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules.days import calendars
from schedules.time import DAY
from supervisor.daemon.aging import Aging
from supervisor.daemon.assemble import open_store
from supervisor.daemon.chores import BACKUPS, Chores
from supervisor.daemon.daemon import Daemon, Options
from supervisor.store import Store, StoreProblem, queries, readings
from supervisor.store.checkpoints import all_of
from supervisor.store.months import Month
from supervisor.store.readings import Sample
from supervisor.store.rows import IntentRow, NoticeRow, ResultRow
from tests.fakes import FakeDriver
from tests.soak.site import soak_site
from tests.soak.world import SoakClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
JANUARY, MARCH = Month(2026, 1).start, Month(2026, 3).start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store of a building's gateway box."""
    opened = open_store(soak_site(), tmp_path)
    yield opened
    opened.close()


def chores(store: Store, folder: Path, day: str = "2026-07-01") -> tuple[Daemon, Chores]:
    """A daemon that is not running, on a given day, and its housekeeping."""
    site = soak_site()
    clock = SoakClock(datetime.fromisoformat(f"{day} 03:00").replace(tzinfo=SHANGHAI).timestamp())
    daemon = Daemon(site, calendars(site), lambda _: FakeDriver({}).line, clock, store, Options(folder))
    return daemon, Chores(daemon, store, folder)


async def told(store: Store) -> list[str]:
    """What people were told."""
    return [row["en"] for row in await store.read(queries.notices)]


def intent(n: int) -> IntentRow:
    """The n-th write of a day."""
    return IntentRow(
        1e9 + n, 1e9 + n, "room/fcu/start_stop", False, 0, 10, "pre-close-off", "AP 2.2", "closing", "下班", [], [],
        2e9, "c0ffee",
    )  # fmt: skip


async def read_and_moved(store: Store) -> list[tuple[float, float | None]]:
    """A meter by the hour from January to March, of which what ended before March is in files; all that is known of it."""
    kept = [Sample("meter/main/energy", JANUARY + 3600.0 * n, float(n)) for n in range(89 * 24)]
    await store.change(lambda c: readings.keep(c, readings.Batch(tuple(kept))))
    await Aging(store).move(MARCH + 1.0)
    return await all_read(store)


async def all_read(store: Store) -> list[tuple[float, float | None]]:
    """What is known of the meter."""
    return await store.read(lambda c: list(readings.between(c, "meter/main/energy", 0.0, 1e12)))


async def test_a_box_that_is_lost_comes_back_with_its_months_from_the_copies(
    database: str, tmp_path: Path
) -> None:
    """As the page says: the copy in the place of the store, `backups/readings` in the place of `readings`; nothing is missing.
    Of a server's database the months alone are copied: its own people copy it."""
    state = tmp_path / "state"
    state.mkdir()
    here = f"sqlite:///{state / 'supervisor.sqlite3'}" if database.startswith("sqlite") else database
    store = Store(here, folder=state / "readings")
    store.open()
    before = await read_and_moved(store)
    _, keeping = chores(store, state)
    await keeping.back_up()
    store.close()
    (copies := tmp_path / "elsewhere").mkdir()
    shutil.copytree(state / "backups", copies / "backups")
    shutil.rmtree(state)
    state.mkdir()
    assert sorted(p.name for p in (copies / "backups/readings").iterdir()) == [
        "readings-2026-01.parquet", "readings-2026-02.parquet",
    ]  # fmt: skip
    for file in (copies / "backups").glob("supervisor-*.sqlite3"):
        shutil.copy(file, state / "supervisor.sqlite3")
    with_no_files = Store(here, folder=state / "readings")
    with_no_files.open()
    with pytest.raises(StoreProblem, match=r"readings-2026-01.parquet is missing"):
        await all_read(with_no_files)
    with_no_files.close()
    shutil.copytree(copies / "backups/readings", state / "readings")
    store = Store(here, folder=state / "readings")
    store.open()
    assert await all_read(store) == before
    assert len(before) == 89 * 24
    store.close()


async def test_months_are_copied_once_and_anew_where_something_came_late(
    store: Store, tmp_path: Path
) -> None:
    """A night without news copies nothing; a month that was lost keeps its copy; nobody else may read them."""
    await read_and_moved(store)
    _, keeping = chores(store, tmp_path)
    await keeping.back_up()
    copies = tmp_path / "backups" / "readings"
    first = {path.name: path.stat().st_ino for path in copies.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in copies.iterdir()} == {0o600}
    await keeping.back_up()
    assert {path.name: path.stat().st_ino for path in copies.iterdir()} == first
    late = readings.Batch((Sample("meter/main/energy", JANUARY + 1800.0, 0.5),))
    await store.change(lambda c: readings.keep(c, late))
    await Aging(store).move(MARCH + 1.0)
    (tmp_path / "readings" / "readings-2026-02.parquet").unlink()
    await keeping.back_up()
    again = {path.name: path.stat().st_ino for path in copies.iterdir()}
    assert {name for name in first if again[name] != first[name]} == {"readings-2026-01.parquet"}
    assert (copies / "readings-2026-01.parquet").read_bytes() == (
        tmp_path / "readings" / "readings-2026-01.parquet"
    ).read_bytes()


async def test_a_reload_moves_the_night_with_the_building(store: Store, tmp_path: Path) -> None:
    """The file said the wrong time zone; once it is mended the chores go by the new one."""
    daemon, keeping = chores(store, tmp_path)
    waiting = asyncio.create_task(keeping._elsewhere(daemon.site.tz))
    await asyncio.sleep(0)
    daemon.reloads.taken_up()  # something else was changed
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    daemon.running.site = replace(daemon.site, tz=ZoneInfo("Asia/Urumqi"))
    daemon.reloads.taken_up()
    async with asyncio.timeout(60):
        await waiting
    assert str(keeping.scheduler().timezone) == "Asia/Urumqi"


async def test_a_copy_a_night_and_the_oldest_go(store: Store, tmp_path: Path) -> None:
    """After nine nights there are seven copies, and the newest opens as a whole database."""
    _, keeping = chores(store, tmp_path)
    folder = tmp_path / "backups"
    folder.mkdir()
    for night in range(1, 10):
        (folder / f"supervisor-2026-06-0{night}.sqlite3").write_bytes(b"")
    await store.commit_intent(intent(1))
    await keeping.back_up()
    copies = sorted(folder.iterdir())
    assert len(copies) == BACKUPS
    assert copies[-1].stat().st_mode & 0o077 == 0, "it tells who was where"
    with sqlite3.connect(copies[-1]) as copy:
        assert copy.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert copy.execute("select point from intents").fetchall() == [("room/fcu/start_stop",)]


async def test_notices_go_after_three_years_and_the_audit_stays(store: Store, tmp_path: Path) -> None:
    """Last year's notice is still there for the yearly report; one of four years ago is not; writes all are."""
    daemon, keeping = chores(store, tmp_path)
    now = daemon.clock.now()
    await store.commit_intent(intent(1))
    for years in (0, 1, 4):
        store.notice(NoticeRow(now - years * 366 * DAY, "calendar", "alert", "b", f"{years} years ago", ""))
    await keeping.forget()
    assert await told(store) == ["1 years ago", "0 years ago"]
    assert len(await store.read(queries.audit)) == 1


async def test_an_altered_audit_is_told_once_and_shown(store: Store, tmp_path: Path) -> None:
    """Somebody edits what was written that night: the metric falls, and people are told which row."""
    daemon, keeping = chores(store, tmp_path)
    for n in range(3):
        await store.commit_result(ResultRow(await store.commit_intent(intent(n)), 1e9 + n, "ok", 0.0))
    assert daemon.snapshot().audit_valid is None
    await keeping.verify()
    assert daemon.snapshot().audit_valid is True
    assert "building_audit_chain_valid{" in daemon.metrics.text().decode()
    with sqlite3.connect(tmp_path / "supervisor.sqlite3") as database:
        database.execute("update intents set reason_en = 'never closed' where id = 2")
    await keeping.verify()
    await keeping.verify()
    assert daemon.snapshot().audit_valid is False
    assert await told(store) == ["the audit was altered: intents: row 2 was altered"]


async def test_the_audit_goes_by_whole_months_after_its_years_under_a_checkpoint(
    store: Store, tmp_path: Path
) -> None:
    """Five years by default: on 1 July 2026 June 2021 is over, July 2021 is not; the night after finds nothing to do."""
    daemon, keeping = chores(store, tmp_path)
    for day in ("2021-05-31T12:00", "2021-06-30T23:59", "2021-07-01T00:00", "2026-06-30T12:00"):
        at = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI).timestamp()
        key = await store.commit_intent(intent(1)._replace(ts=at, point=day))
        await store.commit_result(ResultRow(key, at + 1, "ok", 0.0))
    for _ in range(2):
        await keeping.retire()
    assert [row["point"] for row in await store.read(queries.audit)] == [
        "2026-06-30T12:00",
        "2021-07-01T00:00",
    ]
    (checkpoint,) = await store.read(all_of)
    assert (checkpoint.head.rows, checkpoint.counts) == (4, {"ok": 2})
    await keeping.verify()
    snapshot = daemon.snapshot()
    assert (snapshot.audit_valid, snapshot.audit_rows) == (True, 8)
    assert not await told(store)


@pytest.mark.parametrize(("day", "asked"), [("2026-10-20", False), ("2026-12-10", True)])
async def test_next_years_holidays_are_asked_for_in_time(
    store: Store, tmp_path: Path, day: str, *, asked: bool
) -> None:
    """In December 2026 nobody has brought 2027's notice: people are asked, while there is time."""
    _, keeping = chores(store, tmp_path, day)
    await keeping.look_ahead()
    assert [line for line in await told(store) if "known until 2026-12-31" in line] == [
        "the public holidays are known until 2026-12-31: bring the next year's (calendar.holiday_cn)"
    ] * asked


async def test_a_chore_that_fails_stops_nothing(store: Store, tmp_path: Path) -> None:
    """Where the folder for copies cannot be made, people are told, and the next chore is done."""
    (tmp_path / "backups").write_text("a file in its place")
    _, keeping = chores(store, tmp_path)
    await keeping._tried(keeping.back_up)
    await keeping._tried(keeping.verify)
    assert [line for line in await told(store) if line.startswith("back up: ")]


async def test_chores_have_their_hours_of_the_buildings_night(store: Store, tmp_path: Path) -> None:
    """Each chore is due once a day, by the clock on the building's wall."""
    _, keeping = chores(store, tmp_path)
    noon = datetime(2026, 7, 1, 12, tzinfo=SHANGHAI)
    due = {
        job.id: job.trigger.get_next_fire_time(None, noon).isoformat()
        for job in keeping.scheduler().get_jobs()
    }
    assert due == {
        "age": "2026-07-02T01:10:00+08:00",
        "forget": "2026-07-02T02:10:00+08:00",
        "verify": "2026-07-02T02:30:00+08:00",
        "retire": "2026-07-02T02:50:00+08:00",
        "back_up": "2026-07-02T03:10:00+08:00",
        "reckon": "2026-07-02T04:10:00+08:00",
        "relive": "2026-07-02T04:30:00+08:00",
        "refresh_calendars": "2026-07-02T05:10:00+08:00",
        "weigh": "2026-07-02T06:10:00+08:00",
        "look_ahead": "2026-07-02T08:00:00+08:00",
        "verifications": "2026-07-02T08:05:00+08:00",
    }


async def test_a_clock_that_says_2098_does_not_throw_the_record_away(store: Store, tmp_path: Path) -> None:
    """It leapt at noon, and nobody has put it right by the night: what is old by it stays, for a day."""
    daemon, keeping = chores(store, tmp_path, "2098-07-01")
    store.notice(NoticeRow(1e9, "gateway", "alert", "soak", "of this year", "今年的"))
    daemon.running.clock_set(72 * 366 * DAY)
    await keeping.forget()
    await keeping.age()
    await keeping.retire()
    assert "of this year" in await told(store)
    daemon.leapt -= DAY
    await keeping.forget()
    assert "of this year" not in await told(store)


async def test_a_night_whose_copy_could_not_be_made_is_housekeeping_in_trouble_until_one_is(
    store: Store, tmp_path: Path
) -> None:
    """The metric is 0 and `/readyz` says why; another chore that is done does not make up for it."""
    daemon, keeping = chores(store, tmp_path)
    daemon.helpers.start("housekeeping", asyncio.Event().wait)  # type: ignore[arg-type]

    async def full() -> None:
        raise OSError(28, "No space left on device")

    full.__name__ = "back_up"
    await keeping._tried(full)
    await keeping._tried(keeping.look_ahead)
    assert daemon.helpers.problems["housekeeping"].startswith("back up: ")
    await keeping._tried(keeping.back_up)
    assert daemon.helpers.problems["housekeeping"] == ""
    await daemon.helpers.stop()
