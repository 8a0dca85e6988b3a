"""The gateway puts lamps out that warn by themselves: Binary Lighting Outputs with three minutes of egress."""

from __future__ import annotations

import asyncio

from config.rules import RuleId
from supervisor.core.decisions import KEEP, RELINQUISH
from supervisor.gateway import events as ev
from supervisor.store import queries
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import World, make_site, wants

LAMPS = "o1/lights/start_stop"
SWEEP = RuleId.LIGHTS_CLOSE


async def _told_to_go_off() -> World:
    """Lamps that burn on the controller's own account, and the sweep has just told them WARN_OFF."""
    w = World(make_site(lamps="warning-lamps"))
    await w.gateway.adopt()
    w.gateway.submit(wants(LAMPS, False, rule=SWEEP, warned=True))
    await asyncio.sleep(2.0)
    return w


@virtual_time
async def test_lamps_are_held_on_then_told_to_warn_and_go_off_by_themselves() -> None:
    """A strict object warns only from a slot that holds ON: 1, then 3, and its own 0 three minutes later."""
    w = await _told_to_go_off()
    assert w.landed(LAMPS) == [1, 3]
    assert w.thing(LAMPS).present == 1
    assert w.gateway.slot_view(LAMPS).ours is False, "for the fire alarm it is a slot that darkens"
    assert w.heard(ev.Enforced) == []
    await asyncio.sleep(190.0)
    assert w.thing(LAMPS).slots == {10: 0}
    assert w.landed(LAMPS) == [1, 3]
    assert [(e.rule, e.command) for e in w.heard(ev.Enforced)] == [(SWEEP, False)]
    assert [r["wire"] for r in reversed(w.rows(queries.audit))] == [1, 3]
    assert w.results() == ["ok", "ok"]
    assert w.heard(ev.Foreign) == []
    assert await w.gateway.settled(1.0)


@virtual_time
async def test_somebody_who_comes_back_during_the_warning_keeps_the_light() -> None:
    """NULL into our slot ends the egress."""
    w = await _told_to_go_off()
    await asyncio.sleep(60.0)
    await w.do(LAMPS, RELINQUISH)
    await asyncio.sleep(300.0)
    assert (w.thing(LAMPS).slots, w.thing(LAMPS).present) == ({}, 1)
    assert w.landed(LAMPS) == [1, 3, None]


@virtual_time
async def test_lamps_of_ours_are_kept_on_when_somebody_comes_back() -> None:
    """`base: supervisor` wants them on again: the slot reads ON already, and yet ON must be written."""
    w = await _told_to_go_off()
    await w.do(LAMPS, True, rule=RuleId.BASE)
    await asyncio.sleep(300.0)
    assert w.thing(LAMPS).slots == {10: 1}
    assert w.landed(LAMPS) == [1, 3, 1]


@virtual_time
async def test_a_fire_alarm_during_the_warning_leaves_nobody_in_the_dark() -> None:
    """The rule sees a slot of ours that holds a light off, and has it released before the egress ends."""
    w = await _told_to_go_off()
    await w.do(LAMPS, RELINQUISH, rule=RuleId.FIRE_ALARM)
    w.gateway.submit(wants(LAMPS, KEEP, rule=RuleId.FIRE_ALARM))
    await asyncio.sleep(300.0)
    assert w.thing(LAMPS).present == 1


@virtual_time
async def test_an_object_that_never_goes_off_is_put_off_plainly() -> None:
    """Its egress ended five seconds ago and the lamps still burn: OFF is written, and only once."""
    w = World(make_site(lamps="warning-lamps"))
    await w.gateway.adopt()
    w.gateway.submit(wants(LAMPS, False, rule=SWEEP, warned=True))
    await asyncio.sleep(2.0)
    leaving = w.thing(LAMPS).leaving
    assert leaving is not None
    leaving.cancel()
    await asyncio.sleep(200.0)
    assert w.landed(LAMPS) == [1, 3, 0]
    assert w.thing(LAMPS).slots == {10: 0}


@virtual_time
async def test_lamps_that_another_master_holds_are_not_warned() -> None:
    """Slot 8 outranks us: a warning could not be seen, so our slot takes a plain OFF beneath it."""
    w = World(make_site(lamps="warning-lamps"))
    w.thing(LAMPS).slots[8] = 1
    await w.gateway.adopt()
    await w.do(LAMPS, False, rule=SWEEP, warned=True)
    assert w.landed(LAMPS) == [0]


@virtual_time
async def test_after_a_crash_during_the_warning_the_lamps_still_go_off() -> None:
    """The next gateway finds ON or OFF in our slot, knows both as ours, and ends with them off."""
    w = await _told_to_go_off()
    await w.gateway.stop()
    w.new_gateway()
    await w.gateway.adopt()
    w.gateway.submit(wants(LAMPS, False, rule=SWEEP, warned=True))
    await asyncio.sleep(400.0)
    assert w.thing(LAMPS).slots == {10: 0}
    assert w.heard(ev.Foreign) == []
    assert w.rows(queries.open_intents) == []
