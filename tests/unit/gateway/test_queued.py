"""Gateways that acknowledge what is written, and carry it out minutes later: read back then, counted, not written again and again."""

from __future__ import annotations

import asyncio

import pytest

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.events import Enforced, Trouble
from tests.fakes import FakeObject, virtual_time
from tests.unit.gateway.gateway_world import SETPOINT, World, make_site, wants
from tests.unit.gateway.test_bends import with_limit

AC = "o1/ac/start_stop"


def queues(thing: FakeObject, lag: float) -> None:
    """From now on it carries out what is written so many seconds later, in order."""
    write = thing.write

    def later(value: float | int | None, priority: int | None) -> None:
        asyncio.get_running_loop().call_later(lag, write, value, priority)

    thing.write = later  # type: ignore[method-assign] # its gateway's queue


@pytest.mark.parametrize("lag", [30.0, 180.0, 600.0])
@virtual_time
async def test_what_lands_minutes_late_is_counted_told_once_and_then_waited_for(lag: float) -> None:
    """The first command is sent again as ever; the ones after it wait, are counted, and each is sent once or twice."""
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
        trouble.en for trouble in w.heard(Trouble) if "carried out what was written only after" in trouble.en
    ]
    assert len(told) == 1


@pytest.mark.parametrize("lag", [60.0, 180.0, 600.0])
@virtual_time
async def test_a_switch_that_comes_late_is_not_one_that_is_ignored(lag: float) -> None:
    """Our off stands while `on` is under way: three read-backs find nothing but that. Each later `on` is written, and lands."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    queues(w.thing(AC), lag)
    for time in range(3):
        before = len(w.landed(AC))
        for command in (True, False):
            w.gateway.submit(wants(AC, command))
            await asyncio.sleep(3 * lag + 600.0)
            assert w.thing(AC).slots == {10: int(command)}
            assert w.gateway.unwritten(AC) is None
        if time:
            assert len(w.landed(AC)) - before <= 4, "it is known by now how long it takes"
    assert [event.command for event in w.heard(Enforced)] == [False, *[True, False] * 3]
    assert sum("made False of True" in trouble.en for trouble in w.heard(Trouble)) <= 1


@virtual_time
async def test_what_is_decided_while_the_last_command_is_under_way_goes_behind_it() -> None:
    """`on` seemed to be ignored, and a minute before it comes the window is opened: off is sent, though off is what is read."""
    w = World(array_poll=7200.0)
    await w.gateway.adopt()
    await w.do(AC, False)
    queues(w.thing(AC), 400.0)
    w.gateway.submit(wants(AC, True))
    await asyncio.sleep(340.0)
    assert w.thing(AC).slots == {10: 0}
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(410.0)
    assert w.thing(AC).slots == {10: 0}
    assert w.landed(AC) == [0, 1, 1, 1, 0]


@virtual_time
async def test_what_was_ignored_once_is_written_again_the_next_time() -> None:
    """A unit whose own interlock ignores `on` for some minutes: at the next `on` it is asked anew, though our off stands there."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.thing(AC).deaf = True
    w.gateway.submit(wants(AC, True))
    await asyncio.sleep(300.0)
    assert w.landed(AC) == [0, 1, 1, 1], "insisted on, and then left"
    w.thing(AC).deaf = False
    for command in (RELINQUISH, False, True):
        w.gateway.submit(wants(AC, command))
        await asyncio.sleep(60.0)
    assert w.thing(AC).slots == {10: 1}


@virtual_time
async def test_another_command_does_not_wait_for_one_that_was_ignored() -> None:
    """26 °C is ignored for an hour and tried every ten minutes; frost protection's 18 °C is sent at once."""
    w = World(make_site(), limits=with_limit(26.0))
    await w.gateway.adopt()
    w.thing(SETPOINT).deaf = True
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(3600.0)
    before = len(w.landed(SETPOINT))
    w.gateway.submit(wants(SETPOINT, 18.0))
    await asyncio.sleep(5.0)
    assert w.landed(SETPOINT)[before:] == [18.0]


@virtual_time
async def test_an_output_that_does_not_follow_is_no_gateway_that_is_late() -> None:
    """The slot took `off` at once and the fan runs on: nothing counts and no delay is learnt, until it does go off."""
    w = World()
    w.thing(AC).stuck = 1
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(3600.0)
    assert w.heard(Enforced) == []
    assert w.gateway.context.landing == {}
    assert w.gateway.unwritten(AC) is not None
    w.thing(AC).stuck = None
    await asyncio.sleep(600.0)
    assert len(w.heard(Enforced)) == 1
    assert w.gateway.unwritten(AC) is None
    assert w.gateway.context.landing == {}
    assert w.landed(AC) == [0]


@virtual_time
async def test_a_delay_that_is_over_is_no_longer_waited_for() -> None:
    """What is written once more comes at once: a write that is lost behind its acknowledgement is then sent again as ever."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    queues(thing, 180.0)
    await w.gateway.adopt()
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(1200.0)
    (learnt,) = w.gateway.context.landing.values()
    assert learnt >= 180.0
    del thing.write  # its queue
    for _ in range(5):
        await w.do(SETPOINT, RELINQUISH)
        await w.do(SETPOINT, 26.0)
    await w.do(SETPOINT, RELINQUISH)
    before = len(w.driver.landed)
    thing.deaf = True
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(3.0)
    thing.deaf = False
    await asyncio.sleep(15.0)
    assert [landed.value for landed in w.driver.landed[before:]] == [26.0, 26.0]
    assert thing.slots == {10: 26.0}


@virtual_time
async def test_a_copy_that_a_late_gateway_still_holds_is_let_go_of_when_it_lands() -> None:
    """Its queue is over, our NULL is there at once, and minutes later the last `off` of before comes: the room is not kept off by it."""
    w = World()
    thing = w.thing(AC)
    queues(thing, 400.0)
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    while not w.heard(Enforced):
        await asyncio.sleep(1.0)
    del thing.write  # its queue
    await w.do(AC, RELINQUISH)
    assert thing.slots == {}
    while not thing.slots:
        await asyncio.sleep(1.0)
    await asyncio.sleep(60.0)
    assert thing.slots == {}
    assert w.gateway.owned == {}
