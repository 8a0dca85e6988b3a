"""A meter on its way from the wire to the page and the scrape: what falls is held back."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from config.load import load
from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.ledger.ledger import Ledger
from supervisor.telling.metered import metered

OFFICE = Path(__file__).resolve().parents[3] / "config/examples/office.yaml"


def booked(site: Site) -> tuple[Known, Ledger]:
    """What is known of the office, and what is booked of it."""
    known = Known(site)
    return known, Ledger(site, known)


def test_a_meter_that_falls_is_held_back_and_not_healthy_until_a_reading_reaches_the_last_again() -> None:
    """Its gateway says 0 while it boots; it is silent for a while; then the register is read again, across a reload."""
    site = load(OFFICE).site
    assert site is not None
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
