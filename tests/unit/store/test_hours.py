"""What points that are no meters said becomes hours, once it is old: once each, whatever cuts it short."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from supervisor.store import Store, hours, operations, readings
from supervisor.store.hours import DAY, HOUR, Hour, by_hour
from supervisor.store.readings import Batch, Sample

START = 1_767_225_600.0
"""2026-01-01, a whole hour."""
STANDING = frozenset({"hourly", "daily", "at once", "killed"})
SAMPLES = st.lists(
    st.tuples(st.integers(0, 6 * 3600 - 1), st.none() | st.integers(-50, 50)),
    max_size=40,
    unique_by=lambda s: s[0],
)


async def said(store: Store, name: str, *samples: tuple[float, float | None]) -> None:
    """A point's values, at seconds after the start of the year."""
    await store.keep_readings(Batch(tuple(Sample(name, START + at, value) for at, value in samples)))


async def thin(store: Store, before: float, *standing: str) -> int:
    """The night's work on all series, until seconds after the start of the year; how many transactions it took."""
    left, count = await store.read(readings.names), 0
    while left:
        left = await store.change(
            partial(hours.thin, names=left, before=START + before, standing=frozenset(standing))
        )
        count += 1
    return count


async def kept(store: Store, name: str) -> list[Hour]:
    """The hours of a point, `start` in hours after the start of the year."""
    found = await store.read(lambda c: list(hours.between(c, name, -math.inf, math.inf)))
    return [hour._replace(start=(hour.start - START) / HOUR) for hour in found]


async def raw(store: Store, name: str) -> list[tuple[float, float | None]]:
    """Its readings, at seconds after the start of the year."""
    found = await store.read(lambda c: list(readings.between(c, name, 0, math.inf)))
    return [(at - START, value) for at, value in found]


@given(SAMPLES, st.none() | st.integers(-50, 50))
def test_an_hour_is_what_a_look_at_every_second_of_it_gives(
    samples: list[tuple[int, int | None]], standing: int | None
) -> None:
    """Least, mean by time, most, last and the share of time known, of any samples in six hours."""
    samples.sort()
    seconds: list[int | None] = []
    for (at, value), (until, _) in pairwise([(0, standing), *samples, (6 * 3600, None)]):
        seconds += [value] * (until - at)
    plain = []
    for hour in range(6):
        looks = seconds[hour * 3600 : (hour + 1) * 3600]
        known = [look for look in looks if look is not None]
        if known:
            mean = math.fsum(known) / len(known)
            plain.append(Hour(hour * HOUR, min(known), mean, max(known), looks[-1], len(known) / 3600))
    found = by_hour([(float(at), value) for at, value in samples], standing, 0.0, 6 * HOUR)
    assert [hour._replace(mean=0.0) for hour in found] == [hour._replace(mean=0.0) for hour in plain]
    assert [hour.mean for hour in found] == pytest.approx([hour.mean for hour in plain])


async def test_a_room_is_kept_by_the_hour_and_its_old_readings_go(store: Store) -> None:
    """21° for half an hour, 23° from then on, not known for the last quarter of the second hour."""
    await said(store, "room", (900, 21.0), (2700, 23.0), (6300, None), (7200, 20.0), (90000, 19.5))
    await thin(store, 7200, "room")
    assert await kept(store, "room") == [
        Hour(0, 21.0, (30 * 60 * 1000 * 21.0 + 15 * 60 * 1000 * 23.0) / (45 * 60 * 1000), 23.0, 23.0, 0.75),
        Hour(1, 23.0, 23.0, 23.0, None, 0.75),
    ]
    assert await raw(store, "room") == [(7200, 20.0), (90000, 19.5)]


async def test_night_after_night_gives_what_one_night_gives(store: Store) -> None:
    """Thinned by the hour, by the day, or all at once, twice: the same hours."""
    samples = [(n * 1111.0, float(n % 17) if n % 5 else None) for n in range(300)]
    for name in ("hourly", "daily", "at once"):
        await said(store, name, *samples)
    for hour in range(93):
        await store.change(
            partial(hours.thin, names=["hourly"], before=START + hour * HOUR, standing=STANDING)
        )
    for day in range(4):
        await store.change(partial(hours.thin, names=["daily"], before=START + day * DAY, standing=STANDING))
    for _ in range(2):
        await thin(store, 92 * HOUR, "hourly", "daily", "at once")
    assert await kept(store, "hourly") == await kept(store, "daily") == await kept(store, "at once")
    assert await kept(store, "daily") == [
        hour._replace(start=hour.start / HOUR)
        for hour in by_hour([s for s in samples if s[0] < 92 * HOUR], None, 0.0, 92 * HOUR)
    ]


async def test_cut_short_in_any_transaction_it_goes_on_from_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it deletes what has become hours: nothing of that transaction was done, and nothing is doubled."""
    samples = [(n * 2000.0, float(n % 7)) for n in range(200)]
    await said(store, "killed", *samples)
    await said(store, "left alone", *samples)
    monkeypatch.setattr(hours, "ROWS", 1)
    real, calls = operations.upsert, 0

    def killed(*given: object) -> None:
        nonlocal calls
        calls += 1
        if calls % 3 == 2:
            raise RuntimeError("killed")
        real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(operations, "upsert", killed)
    for _ in range(8):
        try:
            await store.change(
                partial(hours.thin, names=["killed"], before=START + 92 * HOUR, standing=STANDING)
            )
        except RuntimeError:
            held = [at for at, _ in await raw(store, "killed")]
            assert len(held) == len(samples) - sum(at < held[0] for at, _ in samples)
    monkeypatch.undo()
    assert await thin(store, 92 * HOUR, "killed", "left alone") >= 1
    assert await kept(store, "killed") == await kept(store, "left alone")
    assert await raw(store, "killed") == await raw(store, "left alone")


async def test_a_switch_that_nobody_touches_stands_and_one_that_is_gone_does_not(store: Store) -> None:
    """A point of the site file keeps its last value; one that was taken out is known until its last reading's hour."""
    for name in ("there", "gone"):
        await said(store, name, (1800, 1.0))
    await thin(store, 30 * HOUR, "there")
    assert [(h.start, h.known) for h in await kept(store, "there")] == [
        (0, 0.5),
        *((n, 1.0) for n in range(1, 30)),
    ]
    assert await kept(store, "gone") == [Hour(0, 1.0, 1.0, 1.0, 1.0, 0.5)]
    await said(store, "gone", (40 * HOUR, 0.0))
    await thin(store, 50 * HOUR, "there", "gone")
    assert [h.last for h in await kept(store, "gone")] == [1.0] * 40 + [0.0] * 10


async def test_a_reading_that_comes_after_its_hour_was_made_stays_as_it_is(store: Store) -> None:
    """A quarter of a year late: the hour stands, and the reading is not thrown away."""
    await said(store, "room", (0, 20.0), (40 * HOUR, 21.0))
    await thin(store, 30 * HOUR, "room")
    before = await kept(store, "room")
    await said(store, "room", (5 * HOUR, 99.0))
    await thin(store, 30 * HOUR, "room")
    assert await kept(store, "room") == before
    assert (5 * HOUR, 99.0) in await raw(store, "room")


async def test_a_transaction_of_the_night_is_short(store: Store) -> None:
    """A hundred points and a week: no transaction takes up much more than its share of rows."""
    for name in range(20):
        await said(store, f"p{name}", *((n * 300.0, float(n)) for n in range(7 * 288)))
    took = await thin(store, 7 * 24 * HOUR, *(f"p{n}" for n in range(20)))
    assert took >= 20 * 7 * 288 // (hours.ROWS + 2 * 288)
    assert (
        await store.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(hours.hours)).scalar())
        == 20 * 168
    )
