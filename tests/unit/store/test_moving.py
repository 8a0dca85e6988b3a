"""A month of readings moves to a file, and nobody who reads sees that it has: not after a crash, nor with a late reading."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.site import Site
from supervisor.daemon import aging
from supervisor.daemon.aging import Aging
from supervisor.ledger import late
from supervisor.ledger.account import account
from supervisor.ledger.periods import period
from supervisor.store import Store, StoreProblem, hours, months, moving, parquet, readings
from supervisor.store.instants import grid
from supervisor.store.kinds import HOURS, READINGS
from supervisor.store.months import Month
from supervisor.store.readings import Batch, Sample

JANUARY, FEBRUARY, MARCH = (Month(2026, n).start for n in (1, 2, 3))
EVERY = 4 * 3600.0
Rows = list[tuple[float, float | None]]


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A database of either kind, and a folder for the months beside it."""
    store = Store(database, folder=tmp_path / "readings")
    store.open()
    yield store
    store.close()


async def read_in(store: Store, site: Site) -> None:
    """Two months and a half of the office's meters, every four hours or so; one rolls over, one is reset, one silent for days."""
    random = Random(7)
    ids = [m.id for m in site.meters.values() if m.point is not None][:3]
    rows = []
    for number, meter in enumerate(ids):
        register, at = 99000.0 + number, JANUARY - 86400.0
        while at < MARCH + 3 * 86400.0:
            at = grid(at + EVERY + random.uniform(-20, 20))
            register += random.uniform(0.0, 32.0)
            if number == 0:
                register %= 1e5
            if number == 1 and FEBRUARY + 6e5 < at < FEBRUARY + 6e5 + EVERY:
                register = 0.0
            if number == 2 and FEBRUARY - 2e5 < at < FEBRUARY + 2e5:
                continue
            rows.append(late.Row(meter, at, register))
    await store.change(lambda c: late.keep(c, site, rows))


def aged(store: Store, until: float) -> Any:
    """The night's work of moving."""
    return Aging(store).move(until)


async def told(store: Store, name: str) -> Rows:
    """All that is known of a series."""
    return await store.read(lambda c: list(readings.between(c, name, -math.inf, math.inf)))


async def hot(store: Store, name: str) -> Rows:
    """What of it is in the database."""

    def here(connection: Any) -> Rows:
        return list(readings.kept(connection, readings.number_of(connection, name), -math.inf, math.inf))

    return await store.read(here)


async def everything(store: Store, site: Site) -> list[Any]:
    """What anybody can read: each series, and the account of each period with its completeness."""
    found: list[Any] = [await told(store, name) for name in await store.read(readings.names)]
    for name in ("2026-01", "2026-02", "2026-03", "2026-Q1", "2026-01-31", "2026"):
        of = period(name, site.tz)
        found.append(repr(await store.read(lambda c, of=of: account(c, site, of, MARCH + 20 * 86400.0))))  # type: ignore[misc]
    for at in (JANUARY, FEBRUARY + 0.5, FEBRUARY - 1e5, MARCH + 3e5):
        for name in await store.read(readings.names):
            found.append(await store.read(lambda c, n=name, at=at: readings.edges(c, n, at, at + 60.0)))  # type: ignore[misc]  # noqa: PERF401
    return found


async def test_two_months_move_and_every_figure_stays_to_the_last_digit(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """Rollover, reset and days of silence in them: readings, accounts and neighbours are as before, and the rows are gone."""
    await read_in(store, site)
    before = await everything(store, site)
    await aged(store, MARCH + 1.0)
    assert sorted(p.name for p in (tmp_path / "readings").iterdir()) == [
        f"readings-{month}.parquet" for month in ("2025-12", "2026-01", "2026-02")
    ]
    assert await everything(store, site) == before
    for name in await store.read(readings.names):
        assert min(at for at, _ in await hot(store, name)) >= MARCH
    await aged(store, MARCH + 1.0)
    assert await everything(store, site) == before


STEPS = ("write", "put", "mark", "clear")


@pytest.mark.parametrize("step", [*STEPS, "read back", "clear, halfway"])
async def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(
    step: str, store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each step and in the midst of two: whoever reads then sees all, and the next night ends it."""
    await read_in(store, site)
    before = await everything(store, site)
    monkeypatch.setattr(moving, "SLICE", 50)
    room, name = (parquet, "read") if step == "read back" else (moving, step.partition(",")[0])
    real, calls = getattr(room, name), 0

    def killed(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > (2 if "halfway" in step else 0):
            raise RuntimeError("killed")
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(room, name, killed)
        with pytest.raises(RuntimeError, match="killed"):
            await aged(store, MARCH + 1.0)
    assert await everything(store, site) == before
    await aged(store, MARCH + 1.0)
    assert await everything(store, site) == before
    for name in await store.read(readings.names):
        assert min(at for at, _ in await hot(store, name)) >= MARCH


async def test_a_reading_that_comes_late_for_a_month_that_has_moved(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """It is read at once beside the others, a correction instead of what it corrects; the next night it is in the file."""
    await read_in(store, site)
    await aged(store, MARCH + 1.0)
    name = next(n for n in await store.read(readings.names) if n.startswith(readings.METER))
    rows = dict(await told(store, name))
    wrong = sorted(rows)[200]
    rows |= {FEBRUARY + 0.25: 5.5, wrong: 7.25}
    await store.keep_readings(Batch((Sample(name, FEBRUARY + 0.25, 5.5), Sample(name, wrong, 7.25))))
    assert await told(store, name) == sorted(rows.items())
    await aged(store, MARCH + 1.0)
    assert await told(store, name) == sorted(rows.items())
    assert min(at for at, _ in await hot(store, name)) >= MARCH
    assert not list((tmp_path / "readings").glob("*.part"))


async def test_what_comes_while_its_month_moves_stays_for_the_next_night(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading corrected, and another one added, after the file was written and before the rows are deleted."""
    await read_in(store, site)
    name = next(n for n in await store.read(readings.names) if n.startswith(readings.METER))
    rows = dict(await told(store, name))
    first, real = min(rows), moving.put
    news = {first: 1.5, first + 0.125: 2.5}

    def meanwhile(*given: Any) -> None:
        real(*given)
        if given[1].month == Month.of(first):
            store._give(
                lambda c, _: readings.keep(c, Batch(tuple(Sample(name, *row) for row in news.items())))
            ).result()

    monkeypatch.setattr(moving, "put", meanwhile)
    await aged(store, MARCH + 1.0)
    assert await told(store, name) == sorted((rows | news).items())
    assert [row for row in await hot(store, name) if row[0] < MARCH - 50 * 86400] == sorted(news.items())
    monkeypatch.undo()
    await aged(store, MARCH + 1.0)
    assert await told(store, name) == sorted((rows | news).items())
    assert min(at for at, _ in await hot(store, name)) >= MARCH


async def test_hours_move_too_and_are_read_as_before(store: Store) -> None:
    """A room's hours of three months: two of them in files, all of them told."""
    await store.keep_readings(
        Batch(
            tuple(Sample("room", JANUARY + n * 5000.0, 20.0 + n % 7 if n % 9 else None) for n in range(1400))
        )
    )
    until = MARCH + 10 * 86400.0
    await Aging(store).thin(until, frozenset({"room"}))

    def its(connection: Any) -> list[hours.Hour]:
        return list(hours.between(connection, "room", -math.inf, math.inf))

    before = await store.read(its)
    assert len(before) > 60 * 24
    await aged(store, until)
    assert await store.read(its) == before
    assert await store.read(lambda c: list(hours.between(c, "room", FEBRUARY, FEBRUARY + 7200.0))) == [
        hour for hour in before if FEBRUARY <= hour.start < FEBRUARY + 7200.0
    ]


async def test_any_engine_of_a_district_can_read_the_files(store: Store, site: Site, tmp_path: Path) -> None:
    """Plain columns, time in UTC, sorted; what is not known is empty and says so; of the owner alone."""
    name = "meter/elsewhere/energy"
    await store.keep_readings(
        Batch(
            (
                Sample(name, JANUARY, 1.5),
                Sample(name, JANUARY + 0.001, None),
                Sample("meter/总表/energy", JANUARY, 2.5),
            )
        )
    )
    await aged(store, FEBRUARY + 1.0)
    path = tmp_path / "readings/readings-2026-01.parquet"
    table = pq.read_table(path)
    assert table.schema.remove_metadata().equals(
        pa.schema(
            [
                ("point", pa.string()),
                ("ts", pa.timestamp("ms", "UTC")),
                ("value", pa.float64()),
                ("flag", pa.string()),
            ]
        )
    )
    assert [(*row.values(),) for row in table.set_column(1, "ts", table["ts"].cast("int64")).to_pylist()] == [
        (name, 1767225600000, 1.5, "good"),
        (name, 1767225600001, None, "unknown"),
        ("meter/总表/energy", 1767225600000, 2.5, "good"),
    ]
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


async def test_a_file_that_is_gone_or_spoilt_is_told_and_never_taken_for_an_empty_month(
    store: Store, site: Site, tmp_path: Path
) -> None:
    """A copy of the database was brought back without its files: an account is refused, in both languages."""
    await read_in(store, site)
    await aged(store, MARCH + 1.0)
    of = period("2026-02", site.tz)
    path = tmp_path / "readings/readings-2026-02.parquet"
    whole = path.read_bytes()
    for spoil in (lambda: path.write_bytes(whole[:-200]), lambda: path.write_bytes(b""), path.unlink):
        spoil()
        with pytest.raises(StoreProblem) as problem:
            await store.read(lambda c: account(c, site, of, MARCH))
        assert path.name in problem.value.said.en
        assert any(letter >= "\u4e00" for letter in problem.value.said.zh)
    assert await store.read(lambda c: account(c, site, period("2026-03-02", site.tz), MARCH + 1e6))


async def test_a_full_disk_or_a_lying_one_deletes_nothing(
    store: Store, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for the file, or other octets come back than were written: all rows stay, and nothing half done lies about."""
    await read_in(store, site)
    before = await everything(store, site)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            await aged(store, MARCH + 1.0)
    real = parquet.read

    def lying(*given: Any) -> Any:
        for part in real(*given):
            yield part.cut(slice(1, None))

    with monkeypatch.context() as patch:
        patch.setattr(parquet, "read", lying)
        with pytest.raises(StoreProblem, match="is not what was written"):
            await aged(store, MARCH + 1.0)
    assert list((tmp_path / "readings").iterdir()) == []
    assert await everything(store, site) == before


async def test_without_pyarrow_nothing_moves_and_it_is_told_once(
    store: Store, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All stays in the database, which is right too; one line says what it would need."""
    await read_in(store, site)
    before = await everything(store, site)
    monkeypatch.setattr(aging, "installed", lambda: False)
    lines: list[str] = []
    monkeypatch.setattr(aging.log, "info", lambda event, **_: lines.append(event))
    keeping = Aging(store)
    for _ in range(3):
        await keeping.move(MARCH + 1.0)
    assert lines == ["months of readings stay in the database"]
    assert not (tmp_path / "readings").exists()
    assert await everything(store, site) == before


async def test_years_are_read_a_month_at_a_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for three years and stops after a day has opened one file."""
    name = "meter/main/energy"
    rows = [Sample(name, JANUARY + n * 86400.0, float(n)) for n in range(3 * 365)]
    await store.keep_readings(Batch(tuple(rows)))
    await aged(store, rows[-1].at)
    assert len(list((tmp_path / "readings").iterdir())) == 35
    opened: list[Path] = []
    real: Callable[..., Any] = parquet.read

    def opening(path: Path, *rest: Any) -> Any:
        opened.append(path)
        return real(path, *rest)

    monkeypatch.setattr(parquet, "read", opening)

    def a_day(connection: Any) -> tuple[float, float | None]:
        return next(readings.between(connection, name, -math.inf, math.inf))

    assert await store.read(a_day) == (JANUARY, 0.0)
    assert len(opened) == 1
    assert len(await told(store, name)) == len(rows)


def test_a_digest_is_of_the_rows_and_not_of_how_they_are_cut() -> None:
    """Else what was read back could not be compared with what was written."""
    import numpy as np

    whole = parquet.Stretch("m", np.arange(9), (np.array([*range(8), np.nan]),))
    one, many, other = parquet.Digest(), parquet.Digest(), parquet.Digest()
    one.add(whole)
    for cut in (slice(0, 4), slice(4, 5), slice(5, 9)):
        many.add(whole.cut(cut))
    other.add(parquet.Stretch("m", whole.at, (np.array([*range(7), 8, np.nan]),)))
    assert one.told() == many.told() != other.told()
    assert one.rows == 9
    assert {READINGS.name, HOURS.name} == {"readings", "hours"}
    assert [str(m) for m in (Month(2026, 12).next, Month.of(months.Month(2026, 3).end - 1))] == [
        "2027-01",
        "2026-03",
    ]
