"""A meter that is polled every ten seconds is booked once between two kept readings, however often it is kept."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.site import Site
from supervisor.ledger.late import Row
from supervisor.ledger.late import keep as keep_late
from supervisor.store import Store, StoreProblem, readings
from supervisor.store.readings import Batch
from tests.unit.ledger.test_keeping import KWH, Building, store  # noqa: F401


async def rows(building: Building) -> list[dict[str, Any]]:
    """What is booked of the first meter."""
    return await building.store.read(lambda c: readings.booked(c, building.meter.id, 0.0, 1e12))


async def polled(building: Building, start: int, end: int) -> None:
    """Ten-second polls, each kept by itself: 6 kW."""
    for tick in range(start, end):
        building.reads(tick / 6, 1000 + tick / 60)
        await building.keeping.keep()


async def sound(building: Building, kwh: float) -> None:
    """Every kWh once; one booking follows the other, and none reaches over a kept reading."""
    booked = await rows(building)
    assert math.fsum(row["amount"] for row in booked) / KWH == pytest.approx(kwh)
    assert all(a["end"] == b["start"] for a, b in pairwise(booked))
    kept = {at for at, _ in await building.kept()}
    assert not any(row["start"] < at < row["end"] for row in booked for at in kept)


async def test_ten_second_polls_are_booked_by_the_minute(site: Site, store: Store, tmp_path: Path) -> None:  # noqa: F811
    """An hour of polls makes sixty bookings, and not 360."""
    building = Building(site, store, tmp_path)
    await polled(building, 0, 361)
    assert len(await rows(building)) == 60
    await sound(building, 6.0)


async def test_a_restart_and_a_replay_in_the_midst_of_a_minute_double_nothing(
    site: Site,
    store: Store,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database goes away, comes back, is told the same once more, and the process is another one."""
    building, real = Building(site, store, tmp_path), Store.keep_readings
    await polled(building, 0, 100)

    async def away(self: Store, batch: Batch) -> None:
        raise StoreProblem("the database does not answer")

    monkeypatch.setattr(Store, "keep_readings", away)
    await polled(building, 100, 118)
    building = await building.restarted()
    await polled(building, 118, 139)
    monkeypatch.setattr(Store, "keep_readings", real)
    waiting = (tmp_path / "ledger.spool").read_bytes()
    await polled(building, 139, 140)
    (tmp_path / "ledger.spool").write_bytes(waiting)  # killed before it was cleared
    following = await building.restarted()
    await following.keeping.keep()
    await polled(following, 140, 200)
    await sound(following, 199 / 60)


async def test_a_reading_by_hand_in_between_is_booked_whole(site: Site, store: Store, tmp_path: Path) -> None:  # noqa: F811
    """What lies between two kept readings is booked anew, and no minute twice."""
    building = Building(site, store, tmp_path)
    await polled(building, 0, 121)
    late = [Row(building.meter.id, 645.0, (1000 + 64.5 / 60) * KWH / building.meter.scale)]
    await store.change(lambda c: keep_late(c, site, late))
    booked = await rows(building)
    assert math.fsum(row["amount"] for row in booked) / KWH == pytest.approx(2.0)
    assert [row["end"] for row in booked if 600 <= row["start"] < 720] == [645.0, 660.0, 720.0]
    await polled(building, 121, 200)
    await sound(building, 199 / 60)
