"""Controllers that say no only while their unit is off, by hand or in another mode: asked again as soon as it is not."""

from __future__ import annotations

import asyncio

import pytest

from supervisor.core.decisions import RELINQUISH
from tests.fakes import virtually
from tests.unit.gateway.gateway_world import AC, SETPOINT, World, make_site, wants
from tests.unit.gateway.test_bends import told, with_limit


async def _refused(why: str = "write access denied") -> World:
    """A setpoint of 22 °C that is refused while its fan coil is off."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default, thing.refuses = 22.0, why
    await w.gateway.adopt()
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(60.0)
    return w


@pytest.mark.parametrize("why", ["write access denied", "value out of range"])
def test_a_setpoint_that_was_refused_while_off_is_written_when_the_unit_starts(why: str) -> None:
    """The next try stood ten minutes away: at each start the room was cooled to 22 °C for so long."""

    async def story() -> None:
        w = await _refused(why)
        w.thing(SETPOINT).refuses = None
        w.gateway.foresee(AC)
        await asyncio.sleep(2.0)
        assert w.landed(SETPOINT) == [26.0]
        assert w.gateway.unwritten(SETPOINT) is None

    virtually(story())


def test_a_null_that_was_refused_while_off_is_written_when_the_unit_starts() -> None:
    """What is let go of waits no longer than what is held."""

    async def story() -> None:
        w = World(make_site(), limits=with_limit(26.0))
        thing = w.thing(SETPOINT)
        await w.gateway.adopt()
        await w.do(SETPOINT, 26.0)
        thing.refuses = "write access denied"
        w.gateway.submit(wants(SETPOINT, RELINQUISH))
        await asyncio.sleep(60.0)
        thing.refuses = None
        w.gateway.foresee(AC)
        await asyncio.sleep(2.0)
        assert thing.slots == {}

    virtually(story())


def test_a_unit_that_starts_and_stops_all_the_time_is_not_hammered() -> None:
    """A run status that flaps each second asks no more often than each half minute, another room's asks nothing."""

    async def story() -> None:
        w = await _refused()
        before = len(told(w))
        for _ in range(600):
            w.gateway.foresee("o2/ac/start_stop")
            await asyncio.sleep(0.1)
        assert len(told(w)) == before
        asked = w.results().count("failed")
        for _ in range(120):
            w.gateway.foresee(AC)
            await asyncio.sleep(1.0)
        assert w.results().count("failed") - asked <= 120 / 30 + 1

    virtually(story())
