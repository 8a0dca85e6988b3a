"""A lost store is not a lost building: what our priority holds is read from the controllers themselves."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from drivers.protocol import Address, Barred
from drivers.readings import PriorityArray
from supervisor.gateway import Why
from supervisor.gateway.lost import RULE, Search, release_lost, search
from supervisor.gateway.offline import known
from supervisor.store import Store, StoreProblem, queries
from supervisor.store.rows import SlotRow
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import AC, LAMPS, SETPOINT, World, make_site

STAIR = ("binary-output", 6)


async def _night(w: World) -> None:
    """The daemon held three slots when the box died; its store is gone, another master holds slots of its own."""
    await w.gateway.adopt()
    await w.do(AC, False)
    await w.do(SETPOINT, 26.0)
    await w.do(LAMPS, False)
    await w.gateway.stop()
    w.thing(AC).slots[8] = 1
    w.thing(SETPOINT).slots[12] = 21.0
    w.devices["d1"].objects[STAIR].slots[10] = 1
    w.store.close()
    w.store = Store("sqlite://", inline=True)
    w.store.open()


async def _looked(w: World, **how: Any) -> Search:
    return await search(await known(w.site, w.store, w.driver), w.driver, **how)


@virtual_time
async def test_every_slot_at_our_priority_is_listed_and_nothing_is_written() -> None:
    """Looking is not letting go: three slots of ours, none of them in a journal, no others."""
    w = World()
    await _night(w)
    before = len(w.driver.landed)
    looked = await _looked(w)
    assert {(f.point, f.value, f.journalled) for f in looked.found} == {
        (AC, False, False),
        (SETPOINT, 26.0, False),
        (LAMPS, False, False),
    }
    assert looked.left == ()
    assert len(w.driver.landed) == before


@virtual_time
async def test_at_a_persons_word_they_are_let_go_of_and_the_audit_has_it() -> None:
    """NULL at our priority alone: the manual operator's slot, another system's and the escape stair stay."""
    w = World()
    await _night(w)
    looked, done = await release_lost(w.site, w.store, w.driver, "李工")
    assert len(looked.found) == 3
    assert (set(done.released), done.left, done.owned) == ({AC, SETPOINT, LAMPS}, (), 0)
    assert w.thing(AC).slots == {8: 1}
    assert w.thing(SETPOINT).slots == {12: 21.0}
    assert w.devices["d1"].objects[STAIR].slots == {10: 1}
    audit = w.rows(queries.audit)
    assert {(row["point"], row["result"]) for row in audit} == {(p, "ok") for p in (AC, SETPOINT, LAMPS)}
    assert all("李工" in row["reason_en"] and "李工" in row["reason_zh"] for row in audit)
    assert w.rows(queries.owned_slots) == []


@virtual_time
async def test_an_older_backup_knows_some_and_is_wrong_about_others() -> None:
    """Restored from yesterday: one row is right, one names another value, one names a slot that is empty."""
    w = World(make_site(zones=2))
    await _night(w)
    of = {c.name: c.key for c in w.gateway.points.values()}
    await w.store.put_slot(SlotRow(of[AC], AC, 0, 0.0, "window-off"))
    await w.store.put_slot(SlotRow(of[SETPOINT], SETPOINT, 28.0, 0.0, "summer-setpoint"))
    await w.store.put_slot(SlotRow(of["o2/ac/start_stop"], "o2/ac/start_stop", 0, 0.0, "window-off"))
    looked, done = await release_lost(w.site, w.store, w.driver, "x")
    assert {f.point: f.journalled for f in looked.found} == {AC: True, SETPOINT: False, LAMPS: False}
    assert (done.failed, done.owned) == ((), 0)
    assert w.thing(SETPOINT).slots == {12: 21.0}
    assert w.rows(queries.owned_slots) == []


@virtual_time
async def test_points_that_may_not_be_written_are_not_even_looked_at() -> None:
    """Read-only by the site file: whatever is in its slot ten is not ours to empty."""
    w = World()
    await _night(w)
    points = dict(w.site.points)
    points[AC] = dataclasses.replace(points[AC], writable=False)
    w.site = dataclasses.replace(w.site, points=points)
    looked, _ = await release_lost(w.site, w.store, w.driver, "x")
    assert AC not in {f.point for f in looked.found}
    assert w.thing(AC).slots == {8: 1, 10: 0}


@virtual_time
async def test_a_point_without_a_priority_array_is_listed_as_not_knowable() -> None:
    """There is no slot to look into: named, and no failure."""
    w = World(make_site(template="plain"))
    await w.gateway.adopt()
    looked = await _looked(w)
    assert {p.why for p in looked.left if p.point in (AC, SETPOINT)} == {Why.NO_ARRAY}
    assert looked.unread == ()


@virtual_time
async def test_a_silent_controller_is_asked_again_and_then_named() -> None:
    """Whether it holds anything is not known: that is no success."""
    w = World(make_site(zones=2, devices=2))
    await _night(w)
    w.devices["d1"].silent = True
    looked = await _looked(w, deadline=10.0)
    assert {AC, SETPOINT, LAMPS} == set(looked.unread)
    assert {p.why for p in looked.left} == {Why.SILENT}
    _, done = await release_lost(w.site, w.store, w.driver, "x")
    assert {AC, SETPOINT, LAMPS} == set(done.failed)


@virtual_time
async def test_a_quarantined_controller_is_named_and_never_written() -> None:
    """Another device is in its place: its slot ten may be anybody's."""
    w = World()
    await _night(w)

    async def judged(address: Address) -> PriorityArray:
        raise Barred(address.device, "quarantined")

    w.driver.read_array = judged  # type: ignore[method-assign]
    looked, done = await release_lost(w.site, w.store, w.driver, "x")
    assert looked.found == ()
    assert {p.why for p in done.left} == {Why.QUARANTINED}
    assert done.failed == ()
    assert w.thing(LAMPS).slots == {10: 0}


@virtual_time
async def test_the_journal_takes_each_slot_before_it_is_written() -> None:
    """A box that dies in the middle leaves a journal that the next release goes by."""
    w = World()
    await _night(w)
    w.thing(AC).refuses = "write access denied"
    _, done = await release_lost(w.site, w.store, w.driver, "x", deadline=5.0)
    assert done.failed == (AC,)
    assert [(s.point, s.rule) for s in w.rows(queries.owned_slots)] == [(AC, RULE)]


@virtual_time
async def test_a_journal_that_takes_no_rows_is_told_before_anything_is_written() -> None:
    """The caller then goes on with a journal in memory, and says so."""
    w = World()
    await _night(w)
    before = len(w.driver.landed)

    async def full(slot: SlotRow) -> None:
        raise StoreProblem("the disk is full")

    w.store.put_slot = full  # type: ignore[method-assign]
    with pytest.raises(StoreProblem):
        await release_lost(w.site, w.store, w.driver, "x")
    assert len(w.driver.landed) == before
