"""Gateways that acknowledge what is written, and carry it out minutes later: read back then, counted, not written again and again."""

from __future__ import annotations

import asyncio

import pytest

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.events import Enforced, Trouble
from tests.fakes import FakeObject, virtually
from tests.unit.gateway.gateway_world import World, make_site, wants
from tests.unit.gateway.test_bends import SETPOINT, with_limit


def queues(thing: FakeObject, lag: float) -> None:
    """From now on it carries out what is written so many seconds later, in order."""
    write = thing.write

    def later(value: float | int | None, priority: int | None) -> None:
        asyncio.get_running_loop().call_later(lag, write, value, priority)

    thing.write = later  # type: ignore[method-assign] # its gateway's queue


@pytest.mark.parametrize("lag", [30.0, 180.0, 600.0])
def test_what_lands_minutes_late_is_counted_told_once_and_then_waited_for(lag: float) -> None:
    """The first command is sent again as ever; the ones after it wait, are counted, and each is sent once or twice."""

    async def story() -> None:
        w = World(make_site(), limits=with_limit(26.0))
        thing = w.thing(SETPOINT)
        thing.default = 22.0
        queues(thing, lag)
        await w.gateway.adopt()
        for time in range(3):
            before = len(w.landed(SETPOINT))
            for command, stands in ((26.0, {10: 26.0}), (RELINQUISH, {})):
                w.gateway.submit(wants(SETPOINT, command))
                await asyncio.sleep(3 * lag + 600.0)
                assert thing.slots == stands
                assert (w.gateway.points[SETPOINT].owned is None) is not bool(stands)
            assert len(w.heard(Enforced)) == time + 1
            if time:
                assert len(w.landed(SETPOINT)) - before <= 4
        told = [
            trouble.en
            for trouble in w.heard(Trouble)
            if "carried out what was written only after" in trouble.en
        ]
        assert len(told) == 1

    virtually(story())


def test_another_command_does_not_wait_for_one_that_was_ignored() -> None:
    """26 °C is ignored for an hour and tried every ten minutes; frost protection's 18 °C is sent at once."""

    async def story() -> None:
        w = World(make_site(), limits=with_limit(26.0))
        await w.gateway.adopt()
        w.thing(SETPOINT).deaf = True
        w.gateway.submit(wants(SETPOINT, 26.0))
        await asyncio.sleep(3600.0)
        before = len(w.landed(SETPOINT))
        w.gateway.submit(wants(SETPOINT, 18.0))
        await asyncio.sleep(5.0)
        assert w.landed(SETPOINT)[before:] == [18.0]

    virtually(story())
