"""A meter on its way from the wire to the page and the scrape: what falls is held back."""

from __future__ import annotations

import itertools

import pytest

from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.ledger.ledger import Ledger
from supervisor.telling.metered import metered
from tests.site_files import OFFICE, site_of_file


def booked(site: Site) -> tuple[Known, Ledger]:
    """What is known of the office, and what is booked of it."""
    known = Known(site)
    return known, Ledger(site, known)


def test_a_meter_that_falls_is_held_back_and_not_healthy_until_a_reading_reaches_the_last_again() -> None:
    """Its gateway says 0 while it boots; it is silent for a while; then the register is read again, across a reload."""
    site = site_of_file(OFFICE)
    known, ledger = booked(site)
    clock = itertools.count(0.0, 60.0)
    meter = next(iter(site.meters.values()))

    def seen(value: float | None) -> tuple[float | None, bool]:
        now = next(clock)
        known.put_value(meter.series, value, Quality.FAULT if value is None else Quality.GOOD, now)
        found = next(m for m in metered(site, known, ledger, now) if m.id == meter.id)
        return found.value, found.healthy

    assert seen(5e10) == (5e10, True)
    assert seen(0.0) == (5e10, False)
    assert seen(None) == (None, False)
    before, (known, ledger) = ledger, booked(site)
    ledger.carry_over(before)
    assert seen(1.0) == (5e10, False)
    assert seen(5e10) == (5e10, True)
    value, healthy = seen(6e10)
    assert healthy
    assert value == pytest.approx(6e10)


def test_a_meter_goes_on_after_the_clock_was_a_year_ahead() -> None:
    """A clock whose battery is flat says next year for a minute, until the time server answers. The meter is told as not
    healthy, and within the hour it counts on; nothing is counted twice, nor lost."""
    site = site_of_file(OFFICE)
    known, ledger = booked(site)
    meter = next(iter(site.meters.values()))
    value = 5e10

    def passes(since: float, minutes: int) -> list[bool]:
        nonlocal value
        found = []
        for minute in range(minutes):
            value += 6e5  # 10 kW
            known.put_value(meter.series, value, Quality.GOOD, since + 60.0 * minute)
            (one,) = [m for m in metered(site, known, ledger, since + 60.0 * minute) if m.id == meter.id]
            found.append(one.healthy)
        return found

    assert all(passes(1e9, 300))
    passes(1e9 + 366 * 86_400.0, 2)
    told = passes(1e9 + 302 * 60.0, 300)
    assert not any(told[:60])
    assert all(told[62:])
    mine = ledger.meters.of(meter.id)
    assert mine.total == pytest.approx(value)
    (posting,) = [p for p in ledger.meters.postings() if p.meter == meter.id]
    assert sum(amount for _, _, amount, _, _ in posting.booked) == pytest.approx(value - 5e10 - 6e5)


def test_a_clock_that_is_wrong_for_half_an_hour_dates_no_reading_to_last_year() -> None:
    """Somebody types the wrong year and mends it: what was counted meanwhile is booked when the clock is right."""
    site = site_of_file(OFFICE)
    known, ledger = booked(site)
    meter = next(iter(site.meters.values()))
    for minute in range(120):
        at = 1e9 + 60.0 * minute - (366 * 86_400.0 if 60 <= minute < 90 else 0.0)
        known.put_value(meter.series, 5e10 + 6e5 * minute, Quality.GOOD, at)
        ledger.look(at)
    mine = ledger.meters.of(meter.id)
    assert mine.total == pytest.approx(5e10 + 6e5 * 119)
    (posting,) = [p for p in ledger.meters.postings() if p.meter == meter.id]
    assert min(start for start, *_ in posting.booked) >= 1e9
