"""Controllers that undo what we write, lose their arrays or their objects for a while: no storm of writes, nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from drivers.protocol import Address, Retryable
from drivers.readings import PriorityArray
from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.events import Lost, Trouble
from supervisor.store import queries
from tests.fakes import FakeObject, virtual_time, virtually
from tests.unit.gateway.gateway_world import SETPOINT, World, make_site, wants
from tests.unit.gateway.test_bends import told, with_limit

HOUR = 3600.0


async def _held() -> tuple[World, FakeObject]:
    """A setpoint of 22 °C that our slot holds at 26."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    return w, thing


def _empties(thing: FakeObject, after: float) -> None:
    write: Callable[[float | int | None, int | None], None] = thing.write

    def undone(value: float | int | None, priority: int | None) -> None:
        write(value, priority)
        if value is not None:
            asyncio.get_running_loop().call_later(after, thing.slots.pop, 10, None)

    thing.write = undone  # type: ignore[method-assign] # its own programme


@pytest.mark.parametrize("after", [0.5, 10.0, 60.0])
@virtual_time
async def test_a_controller_that_empties_our_slot_after_each_write_is_not_written_again_and_again(
    after: float,
) -> None:
    """It acknowledges, is read back, and seconds later has undone it: 357 writes an hour once, and nobody was told."""
    w, thing = await _held()
    _empties(thing, after)
    thing.slots.clear()
    await asyncio.sleep(6 * HOUR)
    assert len(w.landed(SETPOINT)) < 6 * 7 + 8
    assert len(told(w)) == 1
    assert "emptied again and again" in told(w)[0]
    assert (await w.gateway.release_all()).failed == ()


@virtual_time
async def test_another_command_does_not_wait_for_what_was_undone() -> None:
    """Filling its slot with 26 °C waits for ten minutes by now; frost protection, and its end, are carried out at once."""
    w, thing = await _held()
    _empties(thing, 10.0)
    thing.slots.clear()
    await asyncio.sleep(6 * HOUR)
    for value in (18.0, 26.0):
        before = len(w.landed(SETPOINT))
        await w.do(SETPOINT, value)
        await asyncio.sleep(5.0)
        assert w.landed(SETPOINT)[before:] == [value]
        await asyncio.sleep(HOUR)
        assert len(w.landed(SETPOINT)[before:]) < 8


@virtual_time
async def test_a_restart_now_and_then_is_no_quarrel() -> None:
    """A power cut, two in a row, one more after an hour: filled again at the next look each time."""
    w, thing = await _held()
    for rest in (60.0, 60.0, HOUR, HOUR, HOUR):
        w.devices["d1"].restart()
        await asyncio.sleep(rest)
        assert thing.slots == {10: 26.0}
    assert told(w) == []


@pytest.mark.parametrize("every", [120.0, 300.0])
@virtual_time
async def test_a_controller_that_starts_every_few_minutes_is_told_each_time(every: float) -> None:
    """It forgets its slots, says I-Am, and what it falls back to is on: the room it was to leave off stood so for five hours of six."""
    w = World(make_site())
    switch, on = w.thing("o1/ac/start_stop"), 0.0
    await w.gateway.adopt()
    await w.do("o1/ac/start_stop", False)
    for second in range(0, int(6 * HOUR), 10):
        if second and not second % every:
            w.devices["d1"].restart()
            w.gateway.device_restarted("d1")
        await asyncio.sleep(10.0)
        on += 10.0 * bool(switch.present)
    assert on < 0.15 * 6 * HOUR
    assert len(w.landed("o1/ac/start_stop")) <= 6 * HOUR / every + 1
    assert any("starts again and again" in trouble.en for trouble in w.heard(Trouble))


@virtual_time
async def test_who_says_i_am_all_the_time_and_empties_our_slot_is_filled_once_a_minute_at_most() -> None:
    """A front end asks Who-Is every ten seconds, and a programme of the controller's own undoes what is written."""
    w, thing = await _held()
    _empties(thing, 1.0)
    thing.slots.clear()
    for _ in range(360):
        w.gateway.device_restarted("d1")
        await asyncio.sleep(10.0)
    assert len(w.landed(SETPOINT)) <= 65


@virtual_time
async def test_a_controller_that_says_for_a_while_that_it_has_no_slots_does_not_keep_ours() -> None:
    """It boots into other firmware: our value was left in it when it had its array again, and the stop said that all was free."""
    w, thing = await _held()
    thing.commandable = False
    await asyncio.sleep(HOUR / 2)
    assert len(told(w)) == 1
    assert "no priority array, and had one" in told(w)[0]
    left = (await w.gateway.release_all()).left
    assert [each.point for each in left] == [SETPOINT], "named, for nobody can know"
    thing.commandable = True
    assert (await w.gateway.release_all()).failed == ()
    assert thing.slots == {}


@virtual_time
async def test_an_object_that_is_gone_for_a_while_is_told_once_and_held_again() -> None:
    """Deleted in the middle of an engineer's download: one line, not one in ten seconds, and none once it is back."""
    w, thing = await _held()
    objects = w.devices["d1"].objects
    place = next(where for where, each in objects.items() if each is thing)
    del objects[place]
    await asyncio.sleep(HOUR / 2)
    assert told(w) == ["cannot be commanded: unknown object"]
    assert w.gateway.unwritten(SETPOINT) is not None
    objects[place] = thing
    await asyncio.sleep(60)
    assert w.gateway.unwritten(SETPOINT) is None
    assert thing.slots == {10: 26.0}
    thing.slots.clear()
    await asyncio.sleep(HOUR / 2)
    assert thing.slots == {10: 26.0}


def _unreadable(thing: FakeObject, w: World) -> None:
    """Its array has eight entries: nobody knows which of ours is in it."""
    read = w.driver.read_array

    async def odd(address: Address) -> PriorityArray:
        if w.devices[address.device].objects[(address.object_type, address.instance)] is thing:
            raise Retryable(address.device, "unreadable answer: a priority array of 8 slots")
        return await read(address)

    w.driver.read_array = odd  # type: ignore[method-assign] # the controller's own idea of an array


async def _read_for(w: World, seconds: float) -> None:
    """Its values are polled all the while."""
    for _ in range(round(seconds / 30.0)):
        await asyncio.sleep(30.0)
        w.gateway.device_heard("d1")


@virtual_time
async def test_an_array_that_nobody_can_read_is_told_once_where_the_controller_answers_otherwise() -> None:
    """It stood in `explain` alone: no line, no alert, and the controller counted as silent, so that others waited for a minute.
    Nothing is written there, the other points are at once, and it is as ever once it can be read."""
    w = World(make_site(zones=3), limits=with_limit(26.0))
    read, thing = w.driver.read_array, w.thing(SETPOINT)
    _unreadable(thing, w)
    await w.gateway.adopt()
    for number in (1, 2):
        w.gateway.submit(wants(f"o{number}/ac/cooling_setpoint", 26.0))
    await _read_for(w, 2 * HOUR)
    assert (w.landed(SETPOINT), w.landed("o2/ac/cooling_setpoint")) == ([], [26.0])
    assert told(w) == ["cannot be commanded: unreadable answer: a priority array of 8 slots"]
    assert [e.zh for e in w.heard(Trouble)] == ["无法控制：应答无法解读：优先级数组有 8 项，应为 16 项"]
    why = w.gateway.unwritten(SETPOINT)
    assert why is not None
    assert "8 slots" in why.en
    w.gateway.submit(wants("o3/ac/cooling_setpoint", 26.0))
    await asyncio.sleep(0.5)
    assert w.landed("o3/ac/cooling_setpoint") == [26.0]
    w.driver.read_array = read  # type: ignore[method-assign] # new firmware
    await asyncio.sleep(120)
    assert (w.landed(SETPOINT), w.gateway.unwritten(SETPOINT)) == ([26.0], None)
    assert len(told(w)) == 1


@pytest.mark.parametrize("tells", [True, False])
def test_a_controller_that_starts_between_two_polls_and_says_nothing_is_asked_whether_it_has(
    tells: bool,
) -> None:
    """Its watchdog starts it every two minutes, and it says no I-Am: the daemon took it for a quarrel, and left its unit running for
    ten minutes of each. One that does not tell when it started is filled ever more rarely, as whatever else empties our slot: that may
    be a person."""

    async def story() -> None:
        w = World(make_site())
        switch, on, started, asked = w.thing("o1/ac/start_stop"), 0.0, 0, 0

        async def look_for_restart(device: str) -> None:
            nonlocal asked
            if tells and asked != started:
                w.gateway.device_restarted(device)
            asked = started

        w.driver.look_for_restart = look_for_restart  # type: ignore[attr-defined] # as both stacks have it
        await w.gateway.adopt()
        await w.do("o1/ac/start_stop", False)
        for second in range(0, int(6 * HOUR), 10):
            if second and not second % 120:
                w.devices["d1"].restart()
                started += 1
            await asyncio.sleep(10.0)
            on += 10.0 * bool(switch.present)
        assert (on < 0.15 * 6 * HOUR) is tells
        said = [trouble.en for trouble in w.heard(Trouble)]
        assert [("starts again and again" in each, "see what else commands it" in each) for each in said] == [
            (tells, not tells)
        ]

    virtually(story())


@virtual_time
async def test_a_person_who_lets_go_of_all_our_slots_again_and_again_is_not_taken_for_a_restart() -> None:
    """A front end's "release all", every two minutes: the controller says that it has not started, and is filled ever more rarely."""
    w = World(make_site(zones=3), limits=with_limit(26.0))

    async def look_for_restart(device: str) -> None:
        """It runs as it did."""

    w.driver.look_for_restart = look_for_restart  # type: ignore[attr-defined] # as both stacks have it
    await w.gateway.adopt()
    for number in (1, 2, 3):
        await w.do(f"o{number}/ac/cooling_setpoint", 26.0)
    for _ in range(90):
        w.devices["d1"].restart()
        await asyncio.sleep(120.0)
    assert len(w.landed(SETPOINT)) < 3 * 7 + 8


@virtual_time
async def test_another_master_who_takes_the_slot_that_we_let_go_of_undoes_nothing() -> None:
    """He shares our priority, and writes 20 half a minute after we let go, each time: ours was said to be taken again and again, and
    waited for minutes when the slot was free."""
    w, thing = await _held()
    for _ in range(6):
        await w.do(SETPOINT, RELINQUISH)
        await asyncio.sleep(30.0)
        thing.slots[10] = 20.0
        await asyncio.sleep(60.0)
        w.gateway.submit(wants(SETPOINT, 26.0))
        await asyncio.sleep(1.0)
        del thing.slots[10]
        await asyncio.sleep(61.0)
        assert thing.slots == {10: 26.0}
    assert not [each for each in told(w) if "again and again" in each]


@virtual_time
async def test_a_stop_while_a_controller_is_asked_whether_it_started_loses_nothing_twice() -> None:
    """It takes its time over the answer, and a reload comes: the row of the empty slot stayed in the journal, and the next run told
    once more that our slot was emptied."""
    w, thing = await _held()
    asked = asyncio.Event()

    async def look_for_restart(device: str) -> None:
        asked.set()
        await asyncio.sleep(HOUR)

    w.driver.look_for_restart = look_for_restart  # type: ignore[attr-defined] # as both stacks have it
    thing.slots.clear()
    await asked.wait()
    assert len(w.heard(Lost)) == 1
    assert w.rows(queries.owned_slots) == []
    assert w.gateway.points[SETPOINT].wish.dirty
    await w.gateway.stop()
    w.new_gateway()
    await w.gateway.adopt()
    assert len(w.heard(Lost)) == 1
