"""One answer is not enough to give a slot up: datagrams go astray, and answers are mistaken for each other's."""

from __future__ import annotations

import asyncio

import pytest

from drivers.protocol import Address, Misconfigured
from drivers.readings import PriorityArray, Slot
from supervisor.gateway import events as ev
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import AC, World


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
@virtual_time
async def test_a_single_false_answer_costs_no_slot(slots: tuple[Slot, ...], after: float) -> None:
    """Ours seems empty, or somebody else's, once, a minute or two hours on: still ours, and let go at the end."""
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


@virtual_time
async def test_a_slot_that_is_seen_empty_twice_is_lost() -> None:
    """The controller restarted: taken again."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.thing(AC).slots.clear()
    await asyncio.sleep(30)
    assert len(w.heard(ev.Lost)) == 1
    assert w.thing(AC).slots == {10: 0}


def in_turn(w: World, arrays: list[PriorityArray | None]) -> None:
    """The next readings of the unit's priority array say these; None is the truth."""
    read = w.driver.read_array

    async def once(address: Address) -> PriorityArray:
        true = await read(address)
        said = arrays.pop(0) if address == w.address(AC) and arrays else None
        return true if said is None else said

    w.driver.read_array = once  # type: ignore[method-assign]  # a wire that garbles


EMPTY, STRANGE, OTHER = (PriorityArray(slots, 1) for slots in ((), (Slot(10, 1),), (Slot(9, 1),)))


@pytest.mark.parametrize(
    "said", [[STRANGE, EMPTY], [EMPTY, STRANGE], [OTHER, STRANGE, EMPTY], [STRANGE, None, EMPTY]]
)
@virtual_time
async def test_false_answers_that_do_not_agree_cost_no_slot(said: list[PriorityArray | None]) -> None:
    """Several in a row are falsified, each in a way of its own: still ours, and let go at the end."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    in_turn(w, said)
    await asyncio.sleep(30)
    assert said == []
    assert w.heard(ev.Lost) == [] == w.heard(ev.Foreign)
    assert w.landed(AC) == [0]
    assert AC in (await w.gateway.release_all()).released
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_false_answer_makes_no_stranger_of_an_empty_slot() -> None:
    """Before the first write the slot seems to hold another's value, once: written all the same."""
    w = World()
    in_turn(w, [STRANGE])
    await w.gateway.adopt()
    await w.do(AC, False)
    assert w.heard(ev.Foreign) == []
    assert w.thing(AC).slots == {10: 0}


@pytest.mark.parametrize("after", [60.0, 7200.0])
@pytest.mark.parametrize("false", [STRANGE, EMPTY])
@virtual_time
async def test_what_was_given_up_is_ours_again_when_it_reads_as_we_wrote_it(
    after: float, false: PriorityArray
) -> None:
    """The same was falsified twice, long after the write: at the next true reading the slot is ours again."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await asyncio.sleep(after)
    in_turn(w, [false, false])
    await asyncio.sleep(60)
    assert w.gateway.slot_view(AC).ours is False
    assert AC in w.gateway.owned
    assert AC in (await w.gateway.release_all()).released
    assert w.thing(AC).slots == {}


@pytest.mark.parametrize("false", [2, 4])
@virtual_time
async def test_a_slot_that_counts_as_anothers_is_looked_at_again_at_the_stop(false: int) -> None:
    """The last readings before the stop, and the first at it, are falsified alike: let go of all the same."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    in_turn(w, [STRANGE] * false)
    released = await w.gateway.release_all()
    assert released.left == ()
    assert w.thing(AC).slots == {}


@virtual_time
async def test_what_really_is_anothers_is_left_and_named() -> None:
    """Another master took our slot: it is looked at again at the stop, left alone and named."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.thing(AC).slots[10] = 1
    await asyncio.sleep(30)
    released = await w.gateway.release_all()
    assert [p.why.value for p in released.left] == ["not ours"]
    assert released.failed == ()
    assert w.thing(AC).slots == {10: 1}


@virtual_time
async def test_a_slot_is_let_go_of_once_it_was_read_empty_twice() -> None:
    """The NULL got lost, its acknowledgement and one reading were falsified: it is given back again."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.thing(AC).deaf = True
    in_turn(w, [None, EMPTY])
    asyncio.get_running_loop().call_later(0.3, setattr, w.thing(AC), "deaf", False)
    assert AC in (await w.gateway.release_all()).released
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_false_refusal_does_not_take_the_slots_away() -> None:
    """Falsified errors say that the object has no priority array, twice in a row: our slot is a slot, and let go of."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    read, lies = w.driver.read_array, [1, 1]

    async def refused(address: Address) -> PriorityArray:
        if address == w.address(AC) and lies:
            lies.pop()
            raise Misconfigured(address.device, "unknown property")
        return await read(address)

    w.driver.read_array = refused  # type: ignore[method-assign]  # a wire that garbles
    await asyncio.sleep(30)
    assert lies == []
    assert w.gateway.slot_view(AC).ours is False
    assert AC in (await w.gateway.release_all()).released
    assert w.thing(AC).slots == {}
