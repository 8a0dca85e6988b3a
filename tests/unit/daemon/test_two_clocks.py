"""Lamps that warn by themselves count their own seconds, however fast the site's afternoon goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import config
from config.load import load_text
from config.site import Site
from drivers.readings import PriorityArray, Slot
from schedules.days import calendars
from simulator.bacnet.controllers import devices_of
from supervisor.core.known import Known
from supervisor.daemon.running import Running
from supervisor.records.recording import _array as recorded
from supervisor.records.replay import _array as replayed
from supervisor.store.writer import Store
from tests.fakes import FakeDriver, VirtualClock, virtually

LAMPS = "f4-office-401/lights/start_stop"
PLAIN = "      start_stop: {object: binary-output:5, writable: true}"
HELD = PriorityArray((Slot(10, 1),), 0, 5.0)
"""On, and five wall seconds of light after WARN_OFF."""


@pytest.fixture
def site() -> Site:
    """The example office with Binary Lighting Outputs."""
    source = Path(config.__file__).parent / "examples" / "office.yaml"
    text = source.read_text(encoding="utf-8")
    assert PLAIN in text
    text = text.replace(PLAIN, PLAIN.replace("binary-output", "binary-lighting-output"))
    loaded = load_text(text, str(source))
    assert loaded.site is not None, loaded.problems
    return loaded.site


def test_the_rules_are_told_an_egress_in_the_sites_seconds(site: Site) -> None:
    """Five seconds of the lamp's are five minutes of an afternoon at speed 60: it is told so much earlier."""

    async def story() -> None:
        store = Store("sqlite://", inline=True)
        store.open()
        clock: Any = VirtualClock(speed=60.0)
        world = Running(site, calendars(site), FakeDriver({}).line, clock, store, dry_run=True)
        world.gateway.points[LAMPS].slot.heard_array(HELD, clock.now())
        world._learn(LAMPS)
        assert world.known.point(site.points[LAMPS]).egress == 300.0
        store.close()

    virtually(story())


def test_a_recorded_afternoon_knows_how_long_its_lamps_warned(site: Site) -> None:
    """`simulate --replay` tells them at the same minute; a recording without the figure knows of no warning."""
    known = Known(site)
    known.put_array(LAMPS, HELD)
    row = recorded(known.arrays[LAMPS])
    assert row is not None
    assert replayed(row) == HELD
    assert replayed(row[:2]).egress == 0.0


@pytest.mark.parametrize(("speed", "egress"), [(1.0, 300), (60.0, 5), (70.0, 4), (600.0, 0)])
def test_simulated_lamps_warn_for_five_minutes_of_the_site_clock(
    site: Site, speed: float, egress: int
) -> None:
    """Whole seconds, rather shorter than longer; where not one is left they go off without a warning, in time."""
    lamps = [
        o for d in devices_of(site, speed) for o in d.objects if o.object_type == "binary-lighting-output"
    ]
    assert lamps
    assert {lamp.egress for lamp in lamps} == {egress}
