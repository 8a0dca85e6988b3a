"""A meter on its way from the wire to the page and the scrape: what falls is held back."""

from __future__ import annotations

from pathlib import Path

from config.load import load
from config.site import Site
from drivers.readings import Quality
from schedules.days import calendars
from schedules.seasons import Season
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.telling.looking import Looking

OFFICE = Path(__file__).resolve().parents[3] / "config/examples/office.yaml"


def looking_at(site: Site) -> tuple[Known, Looking]:
    """What is known of the office, and who looks at it."""
    known = Known(site)
    decider = Decider(site, known, calendars(site).tables, lambda _: (Season.SUMMER, float("inf")))
    return known, Looking(site, decider)


def test_a_meter_that_falls_is_held_back_and_not_healthy_until_a_reading_reaches_the_last_again() -> None:
    """Its gateway says 0 while it boots; it is silent for a while; then the register is read again, across a reload."""
    site = load(OFFICE).site
    assert site is not None
    known, looking = looking_at(site)
    meter = next(iter(site.meters.values()))

    def seen(value: float | None) -> tuple[float | None, bool]:
        if value is None:
            known.put_value(meter.point.id, None, Quality.FAULT, 0.0)
        else:
            known.put_value(meter.point.id, value, Quality.GOOD, 0.0)
        found = next(m for m in looking.meters() if m.id == meter.id)
        return found.value, found.healthy

    assert seen(5e10) == (5e10, True)
    assert seen(0.0) == (5e10, False)
    assert seen(None) == (None, False)
    before, (known, looking) = looking, looking_at(site)
    looking.carry_over(before)
    assert seen(1.0) == (5e10, False)
    assert seen(5e10) == (5e10, True)
    assert seen(6e10) == (6e10, True)
