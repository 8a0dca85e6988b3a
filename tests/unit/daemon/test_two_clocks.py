"""The site clock and the wall's: lamps that count seconds of their own, and a clock that is set while we run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from config.phrase import Phrase
from config.site import Site
from drivers.readings import PriorityArray, Slot
from schedules.days import calendars
from simulator.bacnet.controllers import devices_of
from supervisor.core.known import Known
from supervisor.daemon.running import Running
from supervisor.daemon.voice import Voice
from supervisor.records.recording import _array as recorded
from supervisor.records.replay import _array as replayed
from supervisor.store.writer import Store
from supervisor.telling.events import Events
from tests.fakes import FakeDriver, VirtualClock, virtual_time
from tests.site_files import OFFICE, site_of_text

LAMPS = "f4-office-401/lights/start_stop"
PLAIN = "      start_stop: {object: binary-output:5, writable: true}"
HELD = PriorityArray((Slot(10, 1),), 0, 5.0)
"""On, and five wall seconds of light after WARN_OFF."""


@pytest.fixture
def site() -> Site:
    """The example office with Binary Lighting Outputs."""
    text = OFFICE.read_text(encoding="utf-8")
    assert PLAIN in text
    text = text.replace(PLAIN, PLAIN.replace("binary-output", "binary-lighting-output"))
    return site_of_text(text, str(OFFICE))


@virtual_time
async def test_the_rules_are_told_an_egress_in_the_sites_seconds(site: Site) -> None:
    """Five seconds of the lamp's are five minutes of an afternoon at speed 60: it is told so much earlier."""
    store = Store("sqlite://", inline=True)
    store.open()
    clock: Any = VirtualClock(speed=60.0)
    world = Running(site, calendars(site), FakeDriver({}).line, clock, store, dry_run=True)
    world.gateway.points[LAMPS].slot.heard_array(HELD, clock.now())
    world._learn(LAMPS)
    assert world.known.point(site.points[LAMPS]).egress == 300.0
    store.close()


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


@virtual_time
async def test_a_clock_that_is_set_while_we_run_is_told_and_followed(site: Site) -> None:
    """Eight hours ahead by a time zone's mistake, and put right: both are told, and nothing is remembered of what is to come."""
    store = Store("sqlite://", inline=True)
    store.open()
    clock: Any = VirtualClock()
    told: list[Phrase] = []
    voice = Voice(Events(site, lambda event: told.append(event.text)), store, clock)
    world = Running(site, calendars(site), FakeDriver({}).line, clock, store, dry_run=True)
    world.clock_set = voice.clock_set
    sweeping = asyncio.create_task(world._sweep())
    await asyncio.sleep(1.5)
    clock.step = 8 * 3600.0
    await asyncio.sleep(1.5)
    world.decider.memory["f1-hall"] = {
        "freeze-protect.turning": clock.now(),
        "summer-setpoint.corrected": 3.0,
    }
    clock.step = 0.0
    await asyncio.sleep(1.5)
    sweeping.cancel()
    memory = world.decider.memory["f1-hall"]
    assert memory["freeze-protect.turning"] == pytest.approx(clock.now(), abs=1.5)
    assert memory["summer-setpoint.corrected"] == 3.0
    assert [each.en for each in told] == [
        "the computer's clock went forward by 8 h 00 min at once: it was set, or the machine slept",
        "the computer's clock was put back by 8 h 00 min",
    ]
    assert [each.zh for each in told] == [
        "计算机时钟突然前进 8 时 00 分：被调整，或计算机休眠过",
        "计算机时钟被往回调 8 时 00 分",
    ]
    store.close()
