"""One answer is not enough to give a slot up: datagrams go astray, and answers are mistaken for each other's."""

from __future__ import annotations

import asyncio

import pytest

from drivers.protocol import Address
from drivers.readings import PriorityArray, Slot
from supervisor.gateway import events as ev
from tests.fakes import virtually
from tests.unit.gateway.gateway_world import World

AC = "o1/ac/start_stop"


def falsely(w: World, array: PriorityArray, times: int = 1) -> None:
    """The next `times` readings of the unit's priority array say something else than is true."""
    read, left = w.driver.read_array, [times]

    async def once(address: Address) -> PriorityArray:
        true = await read(address)
        if address != w.address(AC) or not left[0]:
            return true
        left[0] -= 1
        return array

    w.driver.read_array = once  # type: ignore[method-assign]  # a wire that garbles


@pytest.mark.parametrize("slots", [(), (Slot(10, 1),)])
@pytest.mark.parametrize("after", [60.0, 7200.0])
def test_a_single_false_answer_costs_no_slot(slots: tuple[Slot, ...], after: float) -> None:
    """Ours seems empty, or somebody else's, once, a minute or two hours on: still ours, and let go at the end."""

    async def story() -> None:
        w = World()
        await w.gateway.adopt()
        await w.do(AC, False)
        await asyncio.sleep(after)
        falsely(w, PriorityArray(slots, 1))
        await asyncio.sleep(12)
        assert w.gateway.slot_view(AC).ours is False
        assert w.landed(AC) == [0]
        assert w.heard(ev.Lost) == [] == w.heard(ev.Foreign)
        released = await w.gateway.release_all()
        assert AC in released.released
        assert w.thing(AC).slots == {}

    virtually(story())


def test_a_slot_that_is_seen_empty_twice_is_lost() -> None:
    """The controller restarted: taken again."""

    async def story() -> None:
        w = World()
        await w.gateway.adopt()
        await w.do(AC, False)
        w.thing(AC).slots.clear()
        await asyncio.sleep(30)
        assert len(w.heard(ev.Lost)) == 1
        assert w.thing(AC).slots == {10: 0}

    virtually(story())
