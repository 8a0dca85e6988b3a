"""Gateways that put what is written into another slot, or into none: nothing is fought over, and nothing stays behind unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.events import Enforced, Trouble
from tests.fakes import FakeObject, virtual_time, virtually
from tests.unit.gateway.gateway_world import AC, SETPOINT, World, make_site, wants
from tests.unit.gateway.test_bends import told, with_limit

HOUR = 3600.0


def _into(thing: FakeObject, priority: int | None) -> None:
    """From now on it keeps whatever is written in this slot, or (None) as its own value, which no NULL brings back."""
    write: Callable[[float | int | None, int | None], None] = thing.write

    def elsewhere(value: float | int | None, _priority: int | None) -> None:
        if priority is not None:
            write(value, priority)
        elif value is not None:
            thing.default = value

    thing.write = elsewhere  # type: ignore[assignment,method-assign] # knows no priorities


async def _gateway(priority: int | None, point: str = SETPOINT) -> tuple[World, FakeObject]:
    """A gateway with an array that it does not go by; its setpoint stands at 22 °C."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(point)
    thing.default = 22.0 if point == SETPOINT else 1
    _into(thing, priority)
    await w.gateway.adopt()
    return w, thing


@pytest.mark.parametrize("priority", [3, 8, 9, 16])
def test_what_comes_to_stand_in_anothers_slot_is_taken_back_and_not_written_again(priority: int) -> None:
    """Ours turned up as the operator's slot 8, outranked itself, and counted as his override; in slot 16 it was let go of and
    written again for ever. Written twice, taken back, told; and whatever else is wanted, no third time."""

    async def story() -> None:
        w, thing = await _gateway(priority)
        w.gateway.submit(wants(SETPOINT, 26.0))
        await asyncio.sleep(HOUR)
        assert w.landed(SETPOINT) == [26.0, 26.0, None]
        assert thing.slots == {}
        assert thing.present == 22.0
        await w.do(SETPOINT, 27.0)
        await asyncio.sleep(HOUR)
        assert w.landed(SETPOINT) == [26.0, 26.0, None]
        assert any(f"comes to stand in slot {priority}" in line for line in told(w))
        said = w.gateway.unwritten(SETPOINT)
        assert said is not None
        assert f"slot {priority}" in said.en
        assert (await w.gateway.release_all()).failed == ()
        assert w.heard(Enforced) == []

    virtually(story())


def test_let_go_of_between_two_writes_it_is_known_all_the_same() -> None:
    """Its slot 16 says 26 by then, so that the rule lets go, and asks again as soon as 22 is back: seven times a day, and then
    somebody was said to insist."""

    async def story() -> None:
        w, thing = await _gateway(16)
        for _ in range(5):
            w.gateway.submit(wants(SETPOINT, 26.0))
            await asyncio.sleep(6.0)
            await w.do(SETPOINT, RELINQUISH)
            await asyncio.sleep(60.0)
        assert w.landed(SETPOINT) == [26.0, None, 26.0, None]
        assert thing.slots == {}

    virtually(story())


def test_what_no_slot_shows_is_told_when_it_is_let_go_of_and_stays() -> None:
    """The fan coil was switched off at an open window, every slot read empty, and it was said to be let go of: it stayed off for good."""

    async def story() -> None:
        w, thing = await _gateway(None, AC)
        w.gateway.submit(wants(AC, False))
        await asyncio.sleep(30.0)
        await w.do(AC, RELINQUISH)
        assert thing.present == 0
        lines = [e.en for e in w.heard(Trouble) if e.about == AC]
        assert any("whether it can be let go of is not known" in line for line in lines)
        assert "stays at off all the same" in lines[-1]
        assert w.landed(AC)[-1] is None

    virtually(story())


def test_another_master_who_wants_the_same_just_then_is_not_taken_for_ours() -> None:
    """A write is lost behind its acknowledgement while the operator sets slot 8 to 26, too: ours is written as soon as it is kept."""

    async def story() -> None:
        w = World(make_site(), limits=with_limit(26.0))
        thing = w.thing(SETPOINT)
        thing.default = 22.0
        await w.gateway.adopt()
        thing.deaf = True
        w.gateway.submit(wants(SETPOINT, 26.0))
        await asyncio.sleep(1.0)
        thing.slots[8], thing.deaf = 26.0, False
        await asyncio.sleep(HOUR)
        assert thing.slots == {8: 26.0, 10: 26.0}
        del thing.slots[8]
        await asyncio.sleep(HOUR)
        assert thing.slots == {10: 26.0}

    virtually(story())


def test_a_schedule_at_our_own_priority_is_not_fought_over_each_minute() -> None:
    """The controller's own schedule writes 22 where our 26 stands, empties the slot half a minute later, and so on: 720 enforcements
    a day once."""

    async def story() -> None:
        w = World(make_site(), limits=with_limit(26.0))
        thing = w.thing(SETPOINT)
        thing.default = 22.0
        await w.gateway.adopt()
        await w.do(SETPOINT, 26.0)
        for _ in range(360):
            await asyncio.sleep(30.0)
            thing.slots[10] = 22.0
            await asyncio.sleep(30.0)
            thing.slots.pop(10, None)
        assert len(w.landed(SETPOINT)) < 60
        assert sum("again and again" in line for line in told(w)) == 1

    virtually(story())


def _queues(thing: FakeObject, lag: float) -> None:
    """From now on it carries out what is written `lag` seconds later, in its own slot."""
    write: Callable[[float | int | None, int | None], None] = thing.write

    def later(value: float | int | None, priority: int | None) -> None:
        asyncio.get_running_loop().call_later(lag, write, value, priority)

    thing.write = later  # type: ignore[method-assign] # its own pace


@pytest.mark.parametrize(("lag", "slot"), [(60.0, 16), (8.0, 8), (60.0, 8), (60.0, None)])
@virtual_time
async def test_a_late_gateway_whose_unit_is_off_already_is_not_said_to_put_ours_elsewhere(
    lag: float, slot: int | None
) -> None:
    """The controller's own schedule, or an operator, had it off when we wrote off: its slot was taken for one of ours, nothing was
    written there ever again, frost protection neither, and it was said to stay off when we let go of it."""
    w = World(make_site())
    thing = w.thing(AC)
    if slot is None:
        thing.default = 0
    else:
        thing.slots[slot] = 0
    _queues(thing, lag)
    await w.gateway.adopt()
    for _ in range(3):
        w.gateway.submit(wants(AC, False))
        await asyncio.sleep(HOUR)
        assert thing.slots.get(10) == 0
        assert w.gateway.unwritten(AC) is None
        w.gateway.submit(wants(AC, RELINQUISH))
        await asyncio.sleep(HOUR)
        assert 10 not in thing.slots
    lines = [e.en for e in w.heard(Trouble) if e.about == AC]
    assert not [each for each in lines if "slot" in each or "let go of" in each]


@virtual_time
async def test_an_operator_who_wants_the_same_of_a_late_gateway_keeps_ours_out_for_minutes_at_most() -> None:
    """He sets slot 8 to 26 while ours is under way for a minute, and his stays when ours is taken back: it is his."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default = 22.0
    await w.gateway.adopt()
    _queues(thing, 60.0)
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(1.0)
    thing.slots[8] = 26.0
    await asyncio.sleep(HOUR)
    assert thing.slots == {8: 26.0, 10: 26.0}
    assert w.gateway.unwritten(SETPOINT) is None


@virtual_time
async def test_a_gateway_that_was_mended_is_written_again_after_a_day() -> None:
    """Its installer set it right: nothing was written until the daemon was started anew. One that was not is written twice a day."""
    w, thing = await _gateway(16)
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(25 * HOUR)
    assert w.landed(SETPOINT) == [26.0, 26.0, None] * 2
    del thing.write
    await asyncio.sleep(24 * HOUR)
    assert thing.slots == {10: 26.0}
    assert w.gateway.unwritten(SETPOINT) is None
    assert len(w.heard(Enforced)) == 1
