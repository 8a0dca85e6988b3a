"""Old bookings become one an hour, and no figure of any period changes; a late reading still lands where it belongs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.site import Site
from supervisor.daemon.aging import Aging
from supervisor.ledger.account import figure_of
from supervisor.ledger.late import Row, keep
from supervisor.ledger.periods import period
from supervisor.store import Store, readings
from tests.site_files import OFFICE, site_of_file

START = 1_767_139_200.0
"""2025-12-31, UTC."""
DAYS = 2


def office(zone: str) -> Site:
    """The example office, somewhere, its meters read every two minutes."""
    site = site_of_file(OFFICE)
    meters = {name: replace(meter, interval=120.0) for name, meter in site.meters.items()}
    return replace(site, tz=ZoneInfo(zone), meters=meters)


def rows(site: Site) -> list[Row]:
    """A reading every two minutes of the first meter, give or take; a gap, and a reset."""
    meter = next(m for m in site.meters.values() if m.point is not None)
    found = []
    for n in range(DAYS * 720):
        if not 400 < n < 430:
            count = n * 0.1 if n < 600 else (n - 600) * 0.1
            found.append(Row(meter.id, START + n * 120.0 + n * 7 % 13 / 10, 5000 * (n < 600) + count))
    return found


async def booked(store: Store, meter: str) -> list[dict[str, Any]]:
    """All of it."""
    return await store.read(lambda c: readings.booked(c, meter, 0.0, 1e12))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu"])
async def test_every_day_and_month_is_as_before(zone: str, store: Store) -> None:
    """In any time zone: the day's figure, what of it is estimated, its marks; with a gap and a reset."""
    site = office(zone)
    meter = next(m for m in site.meters.values() if m.point is not None)
    await store.change(lambda c: keep(c, site, rows(site)))
    before = await booked(store, meter.id)

    def figures(connection: Any) -> list[Any]:
        names = ("2025-12-31", "2026-01-01", "2026-01-02", "2025-12", "2026-01")
        return [figure_of(connection, meter, period(name, site.tz), START + 1e6) for name in names]

    was = await store.read(figures)
    for _ in range(2):
        await Aging(store).settle(START + 86400.0 + 1800.0, site)
        for one, other in zip(await store.read(figures), was, strict=True):
            assert one[:3] == pytest.approx(other[:3], rel=1e-12, nan_ok=True)
            assert dict(one.causes) == pytest.approx(dict(other.causes), rel=1e-9)
    after = await booked(store, meter.id)
    assert len(after) < len(before) / (1.5 if zone == "Asia/Kathmandu" else 1.7)
    assert [row for row in after if row["cause"] or row["estimated"]] == [
        row for row in before if row["cause"] or row["estimated"]
    ]
    assert [row for row in after if row["start"] >= START + 86400.0 + 1800.0] == [
        row for row in before if row["start"] >= START + 86400.0 + 1800.0
    ]


async def test_a_late_reading_among_settled_ones_is_booked_once(store: Store) -> None:
    """The hour around it is booked reading by reading again, and every kWh stays one."""
    site = office("Asia/Shanghai")
    meter = next(m for m in site.meters.values() if m.point is not None)
    its = rows(site)
    await store.change(lambda c: keep(c, site, its))
    total = math.fsum(row["amount"] for row in await booked(store, meter.id))
    await Aging(store).settle(START + DAYS * 86400.0, site)
    at = its[100].at + 20.0
    await store.change(lambda c: keep(c, site, [Row(meter.id, at, its[100].value + 0.05)]))
    after = await booked(store, meter.id)
    assert math.fsum(row["amount"] for row in after) == pytest.approx(total)
    assert [row["start"] for row in after if at in (row["start"], row["end"])] == [its[100].at, at]
    await store.change(lambda c: keep(c, site, its[300:500]))  # imported once more
    assert math.fsum(row["amount"] for row in await booked(store, meter.id)) == pytest.approx(total)
