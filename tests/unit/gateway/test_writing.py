"""The gateway, day to day: taking a slot, holding it, giving it back."""

from __future__ import annotations

import asyncio

import pytest

from config.rules import RuleId
from schedules.time import clock
from supervisor.core.decisions import KEEP, RELINQUISH, Because
from supervisor.core.rules.common import At
from supervisor.core.wording import point_name
from supervisor.gateway import events as ev
from supervisor.store import Store, queries
from supervisor.store.rows import IntentRow, SlotRow
from tests.audit import results_count
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import AC, LAMPS, SETPOINT, World, make_site, wants


@virtual_time
async def test_a_setpoint_of_22_is_corrected_in_our_slot_and_read_back() -> None:
    """The knob (slot 13) keeps its 22; our slot 10 holds 26 above it, and the audit says why."""
    w = World()
    w.thing(SETPOINT).slots[13] = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0, rule=RuleId.SUMMER_SETPOINT)
    assert w.thing(SETPOINT).slots == {13: 22.0, 10: 26.0}
    assert w.results() == ["ok"]
    assert [e.rule for e in w.heard(ev.Enforced)] == ["summer-setpoint"]
    (row,) = w.rows(queries.audit)
    assert (row["point"], row["command"], row["wire"], row["priority"]) == (SETPOINT, 26.0, 26.0, 10)
    assert (row["result"], row["readback"]) == ("ok", 26.0)
    assert row["reason_zh"] == "窗户自 10:00 起打开"
    view = w.gateway.slot_view(SETPOINT)
    assert (view.ours, view.beneath, view.override) == (26.0, 22.0, None)


@virtual_time
async def test_the_audit_tells_a_time_as_people_do() -> None:
    """An auditor reads `nobody since 14:03`, of another day with its date, of a point its room's name; never a count of seconds."""
    w = World()
    await w.gateway.adopt()
    now = w.clock.now()
    why = Because("{} since {}, seen {}", "{}自 {}，见于 {}", (AC, At(now), At(now - 86400.0)))
    await w.do(AC, False, reason=why)
    (row,) = w.rows(queries.audit)
    today, before = (clock(t, w.site.tz, now) for t in (now, now - 86400.0))
    assert row["reason_en"] == f"{AC} since {today}, seen {before}"
    assert row["reason_zh"] == f"{point_name(AC, w.site, zh=True)}自 {today}，见于 {before}"
    assert len(today) == 5


@virtual_time
async def test_the_intent_is_in_the_database_before_the_write_is_on_the_wire() -> None:
    """A committed intent row, and the journal of the slot with it, precede each write."""
    w = World()
    await w.gateway.adopt()
    seen = []

    def look(name: str, _address: object) -> None:
        if name == "write":
            seen.append((len(w.rows(queries.open_intents)), len(w.rows(queries.owned_slots))))

    w.driver.hook = look
    await w.do(AC, False)
    assert seen == [(1, 1)]
    assert w.rows(queries.open_intents) == []


@virtual_time
async def test_the_same_decision_again_writes_nothing() -> None:
    """Write on change only: a renewed decision costs no datagram."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    calls = w.driver.calls
    for _ in range(10):
        await w.do(AC, False)
    assert w.driver.calls == calls
    assert w.landed(AC) == [0]


@virtual_time
async def test_letting_go_is_null_and_the_journal_forgets_it() -> None:
    """RELINQUISH writes NULL only where the journal says that the slot is ours."""
    w = World()
    await w.gateway.adopt()
    await w.do(LAMPS, RELINQUISH)
    assert w.driver.landed == []
    await w.do(LAMPS, False)
    await w.do(LAMPS, RELINQUISH)
    assert w.landed(LAMPS) == [0, None]
    assert w.thing(LAMPS).slots == {}
    assert w.rows(queries.owned_slots) == []
    assert w.gateway.owned == {}


@virtual_time
async def test_the_fire_alarm_cancels_a_queued_write_and_leaves_what_is_held() -> None:
    """KEEP: nothing more is written, and the slot that keeps the fan coil off stays."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.devices["d1"].silent = True
    w.gateway.submit(wants(AC, RELINQUISH) | wants(LAMPS, False))
    await asyncio.sleep(2)
    w.gateway.submit(wants(AC, KEEP) | wants(LAMPS, KEEP))
    w.devices["d1"].silent = False
    await asyncio.sleep(120)
    assert w.landed(AC) == [0]
    assert w.landed(LAMPS) == []


@virtual_time
async def test_the_fire_alarm_stops_a_write_between_its_intent_and_the_wire() -> None:
    """The alarm comes while the intent is committed: the write is cancelled, and the audit says so."""

    class SlowStore(Store):
        async def commit_intent(self, intent: IntentRow, slot: SlotRow | None = None) -> int:
            key = await super().commit_intent(intent, slot)
            w.gateway.submit(wants(AC, KEEP))
            return key

    w = World(store=SlowStore("sqlite://", inline=True))
    await w.gateway.adopt()
    await w.do(AC, False)
    assert w.driver.landed == []
    assert w.results() == ["cancelled"]
    assert w.rows(queries.owned_slots) == []


@pytest.mark.parametrize("command", [12.0, 31.0, float("nan"), True, "cool"])
@virtual_time
async def test_a_setpoint_out_of_range_or_of_the_wrong_type_is_refused(command: float | bool | str) -> None:
    """The point says 16 to 30 °C: anything else is audited as refused and never sent."""
    w = World()
    await w.gateway.adopt()
    await w.do(SETPOINT, command)
    assert w.driver.landed == []
    assert w.results() == ["refused"]


@virtual_time
async def test_escape_route_lights_are_on_no_list_whatever_is_asked() -> None:
    """No decision, and no mapping of another point to the same object, reaches an escape-route light."""
    site = make_site()
    stair = site.points["stair/lights/start_stop"]
    w = World(site)
    await w.gateway.adopt()
    w.gateway.submit(wants(stair.id, False))
    await asyncio.sleep(60)
    assert not w.gateway.writable(stair)
    assert w.driver.landed == []
    assert [e.about for e in w.heard(ev.Trouble)] == [stair.id]


@virtual_time
async def test_slots_1_to_8_are_refused_before_anything_starts() -> None:
    """A site object that escaped the check of the file still gets no gateway."""
    with pytest.raises(ValueError, match="priority 8"):
        World(make_site(priority=8))
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False, priority=9)
    assert w.results() == ["refused"]


@virtual_time
async def test_dry_run_audits_once_and_writes_nothing() -> None:
    """A new site in dry run: each decision is in the audit, none is on the wire."""
    w = World(make_site(dry_run=True))
    await w.gateway.adopt()
    for _ in range(3):
        await w.do(AC, False)
    await w.do(AC, RELINQUISH)
    await w.do(AC, False)
    assert w.driver.landed == []
    assert w.results() == ["dry_run", "dry_run"]
    assert [r["dry_run"] for r in w.rows(queries.audit)] == [True, True]


@virtual_time
async def test_going_back_to_dry_run_lets_go_of_what_was_held() -> None:
    """A manager sets dry_run: the slots that an earlier run holds are given back."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.gateway.stop()
    w.new_gateway(dry_run=True)
    await w.gateway.adopt()
    await w.do(AC, False)
    assert w.thing(AC).slots == {}
    assert w.gateway.owned == {}


@virtual_time
async def test_another_master_above_us_is_respected_and_told() -> None:
    """Slot 8 holds the fan coil on: ours lies beneath, is not counted, and counts once slot 8 lets go."""
    w = World()
    w.thing(AC).slots[8] = 1
    await w.gateway.adopt()
    await w.do(AC, False)
    assert w.thing(AC).slots == {8: 1, 10: 0}
    assert w.results() == ["ok"]
    assert w.heard(ev.Enforced) == []
    held = w.gateway.slot_view(AC).override
    assert held is not None
    assert (held.priority, held.value, held.protection) == (8, True, False)
    del w.thing(AC).slots[8]
    await asyncio.sleep(15)
    assert w.gateway.slot_view(AC).override is None
    assert len(w.heard(ev.Enforced)) == 1
    assert [e.held for e in w.heard(ev.Overridden)] == [held, None]


@virtual_time
async def test_a_value_in_our_slot_that_we_did_not_write_is_reported_and_left() -> None:
    """Somebody else uses priority 10: never overwritten, never relinquished; ours once it is gone."""
    w = World()
    w.thing(SETPOINT).slots[10] = 21.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await w.do(SETPOINT, RELINQUISH)
    await w.do(SETPOINT, 26.0)
    assert w.driver.landed == []
    assert [e.value for e in w.heard(ev.Foreign)] == [21.0]
    assert w.gateway.slot_view(SETPOINT).foreign == 21.0
    w.thing(SETPOINT).slots.clear()
    await asyncio.sleep(30)
    assert w.thing(SETPOINT).slots == {10: 26.0}


@virtual_time
async def test_somebody_takes_our_slot_from_us() -> None:
    """Our 26 is overwritten at priority 10 by another's 23: told, left alone, struck off our journal."""
    w = World()
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    w.thing(SETPOINT).slots[10] = 23.0
    await asyncio.sleep(30)
    assert w.thing(SETPOINT).slots == {10: 23.0}
    assert w.gateway.owned == {}
    assert w.rows(queries.owned_slots) == []
    released = await w.gateway.release_all()
    assert released.failed == ()
    assert w.thing(SETPOINT).slots == {10: 23.0}


@virtual_time
async def test_a_controller_that_restarts_gets_its_slot_back() -> None:
    """The restart cleared the array: seen by the poll, told, written again, counted as one enforcement."""
    w = World()
    await w.gateway.adopt()
    await w.do(AC, False)
    w.devices["d1"].restart()
    await asyncio.sleep(30)
    assert w.thing(AC).slots == {10: 0}
    assert len(w.heard(ev.Lost)) == 1
    assert len(w.heard(ev.Enforced)) == 1


@virtual_time
async def test_the_engine_knows_that_a_slot_is_ours_before_its_value_can_be_read() -> None:
    """Else a rule would take our own 26 for the occupant's, and let go of it."""
    order: list[str] = []
    w = World(
        on_event=lambda e: order.append(f"holds {e.value}") if isinstance(e, ev.Holds) else None,
        on_array=lambda _point, array: order.append(f"array {array.at(10)}"),
    )
    await w.gateway.adopt()
    order.clear()
    await w.do(SETPOINT, 26.0)
    await w.do(SETPOINT, RELINQUISH)
    assert order == ["holds 26.0", "array 26.0", "array None", "holds None"]


@virtual_time
async def test_a_listener_that_fails_does_not_touch_the_writing() -> None:
    """A defect in the metrics is logged; the write, its read-back and its record go on."""

    def broken(*_args: object) -> None:
        raise RuntimeError("a defect elsewhere")

    w = World(on_event=broken, on_array=broken)
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.do(AC, RELINQUISH)
    assert w.landed(AC) == [0, None]
    assert w.rows(results_count) == {"ok": 2}
