"""The gateway on a bad network: silence, refusals, late and doubled writes, pacing."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway import events as ev
from supervisor.store import Store, StoreProblem, queries
from supervisor.store.rows import IntentRow, SlotRow
from tests.audit import results_count
from tests.fakes import Faults, virtual_time
from tests.unit.gateway.gateway_world import AC, LAMPS, SETPOINT, World, make_site, wants


@virtual_time
async def test_one_dead_device_does_not_delay_the_others() -> None:
    """Device 1 is silent; the fan coil on device 2 is off within a second."""
    w = World(make_site(zones=2, devices=2))
    w.devices["d1"].silent = True
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False) | wants("o2/ac/start_stop", False))
    await asyncio.sleep(1)
    assert w.thing("o2/ac/start_stop").slots == {10: 0}
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_device_that_comes_back_gets_what_is_wanted_now() -> None:
    """Off at 10:00, handed back at 10:10, off for good at 10:20; the controller returns at 10:30: one write."""
    w = World()
    w.devices["d1"].silent = True
    await w.gateway.adopt()
    for command in (False, RELINQUISH, False):
        w.gateway.submit(wants(AC, command))
        await asyncio.sleep(600)
    w.devices["d1"].silent = False
    await asyncio.sleep(90)
    assert w.landed(AC) == [0]
    assert w.rows(results_count) == {"ok": 1}


@virtual_time
async def test_somebody_else_hears_the_device_first() -> None:
    """A reading arrives: the write does not wait out a minute of silence."""
    w = World()
    w.devices["d1"].silent = True
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(600)
    w.devices["d1"].silent = False
    w.gateway.device_answers("d1")
    await asyncio.sleep(5)
    assert w.landed(AC) == [0]


@virtual_time
async def test_a_write_behind_a_dead_device_expires_rather_than_lands_an_hour_late() -> None:
    """The decision was good for ten minutes, nobody renewed it, the device came back after an hour."""
    w = World()
    await w.gateway.adopt()
    w.devices["d1"].silent = True
    w.gateway.submit(wants(AC, False, expires=w.clock.now() + 600))
    await asyncio.sleep(3600)
    w.devices["d1"].silent = False
    await asyncio.sleep(120)
    assert w.driver.landed == []
    assert w.results() == ["expired"]


@virtual_time
async def test_a_decision_that_expires_while_the_slot_is_read_is_not_written() -> None:
    """The line is slow and the decision good for two seconds: it was in time when its turn came, not after."""
    w = World()
    await w.gateway.adopt()
    w.devices["d1"].faults = Faults(delay=(1.5, 1.5))
    w.gateway.submit(wants(AC, False, expires=w.clock.now() + 1))
    await asyncio.sleep(60)
    assert w.driver.landed == []
    assert w.results() == ["expired"]


@virtual_time
async def test_the_audit_names_the_renewal_under_which_a_write_went_out() -> None:
    """Renewed while the slot was read: the write is as good as the renewal, and so the record says."""
    w = World()
    await w.gateway.adopt()
    w.devices["d1"].faults = Faults(delay=(1.5, 1.5))
    w.gateway.submit(wants(AC, False, expires=w.clock.now() + 1))
    await asyncio.sleep(0.5)
    renewed = w.clock.now() + 900
    w.gateway.submit(wants(AC, False, expires=renewed))
    assert await w.gateway.settled(30.0)
    assert w.landed(AC) == [0]
    assert [row["expires"] for row in w.rows(queries.audit)] == [renewed]


@virtual_time
async def test_a_held_decision_that_nobody_renews_is_let_go() -> None:
    """Whoever decides has stopped: the building gets its fan coil back, and somebody is told."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False, expires=w.clock.now() + 900)
    await asyncio.sleep(600)
    await w.do(AC, False, expires=w.clock.now() + 900)
    await asyncio.sleep(800)
    assert w.thing(AC).slots == {10: 0}
    await asyncio.sleep(300)
    assert w.thing(AC).slots == {}
    assert [e.en for e in w.heard(ev.Trouble)] == ["a decision was not renewed: let go"]


@virtual_time
async def test_a_refused_write_is_not_hammered() -> None:
    """Write access denied: reported, and tried again after ten minutes, not before."""
    w = World()
    w.thing(AC).refuses = "write access denied"
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(590)
    assert w.results() == ["failed"]
    assert w.rows(queries.owned_slots) == []
    assert w.gateway.owned == {}
    w.thing(AC).refuses = None
    await asyncio.sleep(20)
    assert w.results() == ["failed", "ok"]


@virtual_time
async def test_an_object_that_is_not_there_is_reported_and_left_alone() -> None:
    """The site file names an object that the controller does not have; its neighbour is written as usual."""
    w = World()
    del w.devices["d1"].objects[("binary-value", 101)]
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False) | wants(LAMPS, False))
    await asyncio.sleep(300)
    assert w.thing(LAMPS).slots == {10: 0}
    assert [(e.about, e.en) for e in w.heard(ev.Trouble)] == [(AC, "cannot be commanded: unknown object")]


@virtual_time
async def test_a_write_that_changes_nothing_is_a_mismatch() -> None:
    """The controller acknowledges and does nothing: told within seconds, tried ever more rarely, never `ok`."""
    w = World()
    w.thing(SETPOINT).deaf = True
    await w.gateway.adopt()
    w.gateway.submit(wants(SETPOINT, 26.0))
    await asyncio.sleep(8)
    assert w.results() == ["mismatch"]
    await asyncio.sleep(3600)
    assert set(w.results()) == {"mismatch"}
    assert len(w.results()) < 20
    assert w.heard(ev.Enforced) == []


@virtual_time
async def test_an_output_that_does_not_follow_its_slot_is_a_mismatch() -> None:
    """Our slot holds off, nobody outranks it, and yet the present value stays on."""
    w = World()
    w.thing(AC).stuck = 1
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(8)
    assert w.results() == ["mismatch"]
    assert w.heard(ev.Wrote)[0].detail == "the slot holds it, but the present value is 1"
    assert "o1/ac/start_stop" in w.gateway.owned


@virtual_time
async def test_a_lost_answer_is_found_to_have_landed() -> None:
    """The write arrived, its acknowledgement did not: the read-back proves it, and it is not written twice."""
    w = World()
    await w.gateway.adopt()
    w.devices["d1"].script.extend(["ok", "lose_answer"])
    await w.do(AC, False)
    assert w.landed(AC) == [0]
    assert w.results() == ["ok"]


@pytest.mark.parametrize("fault", ["duplicate", "late"])
@virtual_time
async def test_a_doubled_or_late_write_never_leaves_a_slot_behind(fault: str) -> None:
    """The network keeps a copy of our `off` and delivers it after we let go: seen as ours, and let go."""
    w = World()
    w.devices["d1"].faults = Faults(again=(30.0, 30.0))
    await w.gateway.adopt()
    w.devices["d1"].script.extend(["ok", fault])
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(15)
    w.gateway.submit(wants(AC, RELINQUISH))
    await asyncio.sleep(5)
    assert w.thing(AC).slots == {}
    await asyncio.sleep(120)
    assert w.thing(AC).slots == {}
    assert w.gateway.owned == {}
    assert w.heard(ev.Foreign) == []


@virtual_time
async def test_no_more_writes_a_minute_than_the_site_allows() -> None:
    """Ten a minute: thirty setpoints take two minutes after the first ten, and the last is written too."""
    w = World(make_site(zones=30, devices=3, writes_per_minute=10))
    await w.gateway.adopt()
    for n in range(1, 31):
        w.gateway.submit(wants(f"o{n}/ac/cooling_setpoint", 26.0))
    await asyncio.sleep(1)
    assert len(w.driver.landed) == 10
    await asyncio.sleep(60)
    assert 19 <= len(w.driver.landed) <= 21
    await asyncio.sleep(65)
    assert len(w.driver.landed) == 30


@virtual_time
async def test_starts_are_staggered_and_stops_are_not() -> None:
    """Demand is charged: twelve fan coils stop at once, and start five seconds apart."""
    w = World(make_site(zones=12, devices=3, stagger=5.0))
    await w.gateway.adopt()
    points = [f"o{n}/ac/start_stop" for n in range(1, 13)]
    for point in points:
        w.gateway.submit(wants(point, False))
    await asyncio.sleep(2)
    assert len(w.driver.landed) == 12
    for point in points:
        w.gateway.submit(wants(point, RELINQUISH))
    await asyncio.sleep(70)
    starts = sorted(x.at for x in w.driver.landed if x.value is None)
    assert len(starts) == 12
    assert all(b - a > 4.8 for a, b in pairwise(starts))


@virtual_time
async def test_starts_are_spread_on_the_site_clock_and_writes_on_the_wall() -> None:
    """A rehearsal at 60 times the speed: five minutes between starts are five seconds, ten writes a minute stay ten."""
    w = World(make_site(zones=3, stagger=300.0, writes_per_minute=10), speed=60.0)
    await w.gateway.adopt()
    points = [f"o{n}/ac/start_stop" for n in range(1, 4)]
    for command in (False, RELINQUISH):
        for point in points:
            w.gateway.submit(wants(point, command))
        await asyncio.sleep(30)
    starts = sorted(x.at for x in w.driver.landed if x.value is None)
    assert len(starts) == 3
    assert all(4.8 < b - a < 6.5 for a, b in pairwise(starts))
    assert w.gateway.context.rate.per_minute == 10
    waited = [e.waited for e in w.heard(ev.Wrote) if e.command is RELINQUISH]
    assert [round(s / 5.0) for s in waited] == [0, 1, 2], "and each says how long it waited for its turn"


@virtual_time
async def test_lights_do_not_wait_for_the_stagger() -> None:
    """Somebody walks into a dark corridor: the lamps are no load worth spreading."""
    w = World(make_site(zones=6, stagger=60.0))
    await w.gateway.adopt()
    points = [f"o{n}/lights/start_stop" for n in range(1, 7)]
    for command in (False, RELINQUISH):
        for point in points:
            w.gateway.submit(wants(point, command))
        await asyncio.sleep(3)
    assert all(w.thing(p).slots == {} for p in points)


@virtual_time
async def test_a_broken_disk_stops_new_writes_and_not_the_giving_back() -> None:
    """No audit, no write. But a slot that we hold is let go of, record or no record."""

    class Disk(Store):
        full = False

        async def commit_intent(self, intent: IntentRow, slot: SlotRow | None = None) -> int:
            if self.full:
                raise StoreProblem("the disk is full")
            return await super().commit_intent(intent, slot)

    disk = Disk("sqlite://", inline=True)
    w = World(store=disk)
    await w.gateway.adopt()
    await w.do(AC, False)
    disk.full = True
    w.gateway.submit(wants(AC, RELINQUISH) | wants(SETPOINT, 26.0))
    await asyncio.sleep(3)
    assert w.thing(AC).slots == {}
    assert w.thing(SETPOINT).slots == {}
    disk.full = False
    await asyncio.sleep(10)
    assert w.thing(SETPOINT).slots == {10: 26.0}


@virtual_time
async def test_points_without_a_priority_array_are_restored_within_the_limits() -> None:
    """An occupant's 22 comes back as 26, the limit in force; a fan coil that ran is not started again."""
    w = World(make_site(template="plain"), limits=lambda _point: (26.0, 32.0))
    w.thing(SETPOINT).default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 27.0)
    await w.do(AC, False)
    assert [s.prior_value for s in w.rows(queries.owned_slots)] == [22.0, 1.0]
    await w.do(SETPOINT, RELINQUISH)
    await w.do(AC, RELINQUISH)
    assert w.landed(SETPOINT) == [27.0, 26.0]
    assert w.landed(AC) == [0]
    assert w.rows(queries.owned_slots) == []
    assert all(x.priority is None for x in w.driver.landed)


@virtual_time
async def test_a_point_without_slots_is_written_once_a_correction() -> None:
    """22 becomes 26; what letting go would make of it stands there already, so 26 is not written over 26."""
    w = World(make_site(template="plain"), limits=lambda _point: (26.0, 32.0))
    w.thing(SETPOINT).default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await w.do(SETPOINT, RELINQUISH)
    assert w.landed(SETPOINT) == [26.0]
    assert w.rows(queries.owned_slots) == [], "and the journal holds it no more"
    assert w.results() == ["ok"]


@virtual_time
async def test_an_object_that_turns_out_to_have_no_array_is_treated_as_such() -> None:
    """The site file promised a priority array; the controller has none. Its old value is journalled."""
    w = World()
    w.thing(SETPOINT).commandable = False
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    assert w.thing(SETPOINT).default == 26.0
    await w.do(SETPOINT, RELINQUISH)
    assert w.thing(SETPOINT).default == 24.0


@virtual_time
async def test_the_integrator_is_told_of_an_array_that_is_not_there() -> None:
    """It works as if the file had said so, and the page says what to write."""
    w = World()
    w.thing(SETPOINT).commandable = False
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    told = [e.en for e in w.heard(ev.Trouble) if e.about == SETPOINT]
    assert len(told) == 1
    assert told[0].endswith("say `priority_array: false`; until then it is taken to have none")


@virtual_time
async def test_an_object_that_has_an_array_after_all_is_never_written_without_a_priority() -> None:
    """`priority_array: false` in the file, sixteen slots in the controller: ours would be a lost slot 16."""
    w = World(make_site(template="plain"))
    w.thing(SETPOINT).commandable = True
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await w.do(SETPOINT, RELINQUISH)
    assert w.driver.landed == []
    assert w.results() == ["refused"]
    assert any("has one" in e.en for e in w.heard(ev.Trouble))


@virtual_time
async def test_a_knob_without_an_array_is_not_fought_over() -> None:
    """Somebody turns the knob back: the gateway forgets its claim, and waits for the rule to ask again."""
    w = World(make_site(template="plain"))
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    w.thing(SETPOINT).default = 23.0
    await asyncio.sleep(60)
    assert w.landed(SETPOINT) == [26.0]
    assert w.gateway.owned == {}
    await w.do(SETPOINT, 26.0)
    assert w.landed(SETPOINT) == [26.0, 26.0]


@virtual_time
async def test_one_object_that_never_answers_does_not_hold_up_its_device() -> None:
    """The controller drops every question about one object: its neighbours are written all the same."""
    w = World(make_site(zones=5))
    await w.gateway.adopt()
    bad = w.address(AC)

    def swallow(_name: str, address: object) -> None:
        if address == bad:
            w.devices["d1"].script.append("lose_request")

    w.driver.hook = swallow
    for n in range(1, 6):
        w.gateway.submit(wants(f"o{n}/ac/start_stop", False))
    await asyncio.sleep(15)
    assert [w.thing(f"o{n}/ac/start_stop").slots for n in range(1, 6)] == [{}, *[{10: 0}] * 4]
    before = w.driver.calls
    await asyncio.sleep(3600)
    assert w.driver.calls - before < 2200
    w.driver.hook = lambda _name, _address: None
    await asyncio.sleep(90)
    assert w.thing(AC).slots == {10: 0}
