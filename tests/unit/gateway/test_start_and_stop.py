"""The gateway's first and last minute: adopting what a crash left, giving everything back."""

from __future__ import annotations

import asyncio
import dataclasses

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway import events as ev
from supervisor.gateway import release_offline
from supervisor.store import queries
from supervisor.store.rows import SlotKey, SlotRow
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import World, make_site, wants

AC, SETPOINT, LAMPS = "o1/ac/start_stop", "o1/ac/cooling_setpoint", "o1/lights/start_stop"


@virtual_time
async def test_fallbacks_are_read_at_the_start() -> None:
    """What each point becomes when our slot is NULL: shown, and listed where it means `on`."""
    w = World()
    w.thing(SETPOINT).slots[13] = 22.0
    await w.gateway.adopt()
    assert w.gateway.fallbacks[SETPOINT] == 22.0
    assert w.gateway.fallbacks[AC] is True


@virtual_time
async def test_a_dead_device_does_not_hold_up_the_start() -> None:
    """Two of three devices answer: the start takes seconds, the third is read when it comes back."""
    w = World(make_site(zones=3, devices=3))
    w.devices["d1"].silent = True
    await w.gateway.adopt()
    assert asyncio.get_running_loop().time() < 5
    assert w.gateway.fallbacks[AC] is None
    assert w.gateway.fallbacks["o2/ac/start_stop"] is True
    w.devices["d1"].silent = False
    await asyncio.sleep(60)
    assert w.gateway.fallbacks[AC] is True


@virtual_time
async def test_a_slot_held_before_the_crash_is_adopted_and_not_written_again() -> None:
    """kill -9, start: the journal says that the slot is ours, the array agrees, the engine wants it still."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.gateway.stop()
    w.new_gateway()
    await w.gateway.adopt()
    assert w.gateway.slot_view(AC).ours is False
    await w.do(AC, False)
    assert w.landed(AC) == [0]
    await w.do(AC, RELINQUISH)
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_slot_that_the_power_cut_cleared_is_forgotten() -> None:
    """Supervisor and controllers lost power: the journal's row is dropped, and told."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.gateway.stop()
    w.devices["d1"].restart()
    w.new_gateway()
    await w.gateway.adopt()
    assert w.gateway.owned == {}
    assert w.rows(queries.owned_slots) == []
    assert len(w.heard(ev.Lost)) == 1


@virtual_time
async def test_a_point_taken_off_the_site_file_is_let_go_at_the_start() -> None:
    """The manager removes `writable`, or the whole zone, while a slot of it is held."""
    w = World(make_site(zones=2))
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.do("o2/ac/start_stop", False)
    await w.gateway.stop()
    points = dict(w.site.points)
    points[AC] = dataclasses.replace(points[AC], writable=False)
    del points["o2/ac/start_stop"]
    devices = w.devices
    w.site = dataclasses.replace(w.site, points=points)
    w.new_gateway()
    await w.gateway.adopt()
    assert await w.gateway.settled(10)
    assert devices["d1"].objects[("binary-value", 101)].slots == {}
    assert devices["d1"].objects[("binary-value", 201)].slots == {}
    assert w.rows(queries.owned_slots) == []


@virtual_time
async def test_a_new_priority_gives_the_old_slot_back() -> None:
    """The site file moves from priority 10 to 12: nothing stays behind in slot 10."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.gateway.stop()
    w.site = dataclasses.replace(w.site, priority=12)
    w.new_gateway()
    await w.gateway.adopt()
    await w.do(AC, False, priority=12)
    assert await w.gateway.settled(10)
    assert w.thing(AC).slots == {12: 0}


@virtual_time
async def test_everything_is_null_within_five_seconds_of_the_end() -> None:
    """120 slots on six devices, most of them fan coils that start again: all NULL in time, starts spread."""
    w = World(make_site(zones=60, devices=6, stagger=5.0, writes_per_minute=1000))
    await w.gateway.adopt()
    points = [f"o{n}/{e}/start_stop" for n in range(1, 61) for e in ("ac", "lights")]
    for point in points:
        w.gateway.submit(wants(point, False))
    assert await w.gateway.settled(60)
    assert len(w.gateway.owned) == 120
    began = asyncio.get_running_loop().time()
    done = await w.gateway.release_all(5.0)
    assert len(done.released) == 120
    assert done.failed == ()
    assert asyncio.get_running_loop().time() - began < 5
    assert all(w.thing(p).slots == {} for p in points)
    starts = sorted(x.at for x in w.driver.landed if x.value is None and "binary-value" in x.address)
    assert starts[-1] - starts[0] > 2


@virtual_time
async def test_after_the_end_nothing_is_written() -> None:
    """A decision that comes after the release is not carried out."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.gateway.release_all()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(60)
    assert w.landed(AC) == [0, None]


@virtual_time
async def test_a_dead_device_at_the_end_stays_in_the_journal_for_the_next_start() -> None:
    """Its slot cannot be given back now: it is named, and `release --offline` does it later."""
    w = World(make_site(zones=2, devices=2))
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.do("o2/ac/start_stop", False)
    w.devices["d1"].silent = True
    done = await w.gateway.release_all(5.0)
    assert done.released == ("o2/ac/start_stop",)
    assert done.failed == (AC,)
    assert [s.point for s in w.rows(queries.owned_slots)] == [AC]
    w.devices["d1"].silent = False
    offline = await release_offline(w.site, w.store, w.driver)
    assert offline == ((AC,), (), 0)
    assert w.thing(AC).slots == {}
    assert w.rows(queries.owned_slots) == []
    assert w.rows(queries.open_intents) == []


@virtual_time
async def test_equipment_on_exit_hold_keeps_its_slot_except_offline() -> None:
    """A heartbeat lets that controller revert by itself; `release --offline` lets go all the same."""
    w = World(make_site(template="kept"))
    await w.gateway.adopt()
    await w.do(AC, False)
    await asyncio.sleep(200)
    assert w.landed("device/d1/heartbeat") == [1, 0, 1]
    done = await w.gateway.release_all()
    assert done == (("device/d1/heartbeat",), (), (AC,))
    assert w.thing(AC).slots == {10: 0}
    assert (await release_offline(w.site, w.store, w.driver)).owned == 0
    assert w.thing(AC).slots == {}


@virtual_time
async def test_releasing_some_points_on_request() -> None:
    """`release` of one point: NULL now; what the engine asks next is carried out again."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.do(LAMPS, False)
    done = await w.gateway.release([AC])
    assert done == ((AC,), (), ())
    assert w.thing(AC).slots == {}
    assert w.thing(LAMPS).slots == {10: 0}
    await w.do(AC, False)
    assert w.thing(AC).slots == {10: 0}


@virtual_time
async def test_a_heartbeat_left_by_a_crash_goes_on_or_is_taken_back() -> None:
    """Toggled each minute, found again by the next start, NULL once we stop; none of it in the audit."""
    w = World(make_site(template="kept"))
    beat = "device/d1/heartbeat"
    await w.gateway.adopt()
    await asyncio.sleep(130)
    await w.gateway.stop()
    w.new_gateway()
    await w.gateway.adopt()
    await asyncio.sleep(70)
    assert w.landed(beat) == [1, 0, 1]
    assert w.heard(ev.Foreign) == []
    await w.gateway.release_all()
    assert w.thing(beat).slots == {}
    assert len(w.rows(queries.audit)) == 1


@virtual_time
async def test_a_light_that_becomes_an_escape_light_is_let_go_and_never_written_again() -> None:
    """Somebody marks the circuit `escape_route` while our slot keeps it dark: NULL, and off every list."""
    w = World()
    await w.gateway.adopt()
    await w.do(LAMPS, False)
    await w.gateway.stop()
    zone = w.site.zones["o1"]
    marked = tuple(dataclasses.replace(e, escape_route=e.lights) for e in zone.equipment)
    zones = {**w.site.zones, "o1": dataclasses.replace(zone, equipment=marked)}
    w.site = dataclasses.replace(w.site, zones=zones)
    w.new_gateway()
    await w.gateway.adopt()
    w.gateway.submit(wants(LAMPS, False))
    await asyncio.sleep(30)
    assert w.landed(LAMPS) == [0, None]
    assert LAMPS not in w.gateway.points


@virtual_time
async def test_a_journal_that_was_tampered_with_reaches_no_slot_of_others() -> None:
    """A row that claims slot 8: the manual operator's slot is not touched, and somebody is told."""
    w = World()
    w.thing(AC).slots[8] = 1
    await w.store.put_slot(SlotRow(SlotKey("d1", "binary-value", 101, 8), AC, 1, 0.0, "window-off"))
    await w.gateway.adopt()
    await asyncio.sleep(60)
    await w.gateway.release_all()
    assert w.thing(AC).slots == {8: 1}
    assert w.driver.landed == []


@virtual_time
async def test_what_was_emptied_by_ourselves_right_before_a_kill_is_told_as_nobody_else_s_doing() -> None:
    """NULL landed, and the kill came before its result was kept: the start finds our slot empty, and no start of the controller is told."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.driver.lands_anyway = True
    w.gateway.submit(wants(AC, RELINQUISH))
    while not w.rows(queries.open_intents):
        await asyncio.sleep(0.001)
    await w.gateway.stop()  # killed
    await asyncio.sleep(1.0)
    assert w.thing(AC).slots == {}
    w.new_gateway()
    await w.gateway.adopt()
    await w.do(AC, RELINQUISH)
    assert w.heard(ev.Lost) == []
    assert w.gateway.owned == {}
    assert w.rows(queries.open_intents) == []
    await w.do(AC, False)
    assert w.thing(AC).slots == {10: 0}


@virtual_time
async def test_a_first_value_that_a_kill_kept_from_arriving_is_not_told_as_lost() -> None:
    """The intent was kept, and the kill came before the controller had the value: the start finds our slot as empty as it ever was."""
    w = World()
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    while not w.rows(queries.open_intents):
        await asyncio.sleep(0.001)
    await w.gateway.stop()  # killed
    await asyncio.sleep(1.0)
    assert w.thing(AC).slots == {}
    w.new_gateway()
    await w.gateway.adopt()
    await w.do(AC, False)
    assert w.heard(ev.Lost) == []
    assert w.thing(AC).slots == {10: 0}
    assert w.rows(queries.open_intents) == []
