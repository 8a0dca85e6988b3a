"""A thermostat is turned: its slot is read while the rules are asked, and what is written waits for one thing less."""

from __future__ import annotations

import asyncio
import dataclasses

from drivers.protocol import Address
from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.ahead import FRESH, SELDOM
from supervisor.store import queries
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import SETPOINT, World, make_site, wants


async def _world(w: World | None = None) -> tuple[World, list[str]]:
    """A world that has begun, and what its controllers are asked from now on."""
    w = w if w is not None else World()
    await w.gateway.adopt()
    asked: list[str] = []

    def hook(name: str, address: Address) -> None:
        asked.append(name)

    w.driver.hook = hook
    return w, asked


@virtual_time
async def test_a_slot_is_read_once_and_before_its_intent() -> None:
    """The reading that began with the change is the one that the write goes by; order and audit are as ever."""
    w, asked = await _world()
    w.gateway.foresee(SETPOINT)
    await asyncio.sleep(0.001)
    assert asked == ["read_array"]
    w.gateway.submit(wants(SETPOINT, 26.0))
    assert w.rows(queries.audit) == [], "nothing is meant before its slot was read"
    assert await w.gateway.settled(5.0)
    assert asked[:3] == ["read_array", "write", "read_array"]
    assert w.thing(SETPOINT).slots == {10: 26.0}
    assert w.results() == ["ok"]


@virtual_time
async def test_what_was_read_ahead_soon_counts_no_more() -> None:
    """The rules took longer than that: somebody else may have taken the slot meanwhile."""
    w, asked = await _world()
    w.gateway.foresee(SETPOINT)
    await asyncio.sleep(2 * FRESH)
    w.thing(SETPOINT).write(20.0, 10)
    await w.do(SETPOINT, 26.0)
    assert asked.count("write") == 0
    assert w.thing(SETPOINT).slots == {10: 20.0}


@virtual_time
async def test_what_nobody_takes_is_not_kept() -> None:
    """A large building changes at thousands of points: what was read ahead of each would be megabytes."""
    w, _ = await _world()
    w.gateway.foresee(SETPOINT)
    await asyncio.sleep(2 * FRESH)
    assert [each.reading for each in w.gateway._reads.ahead._begun.values()] == [None]


@virtual_time
async def test_what_a_controller_changes_all_the_time_is_not_read_each_time() -> None:
    """A valve that moves each second costs one request in five of them; one that we are just writing none."""
    w, asked = await _world()
    for _ in range(10):
        w.gateway.foresee(SETPOINT)
        await asyncio.sleep(SELDOM / 10)
    assert asked == ["read_array"]
    asked.clear()
    await asyncio.sleep(SELDOM)
    w.gateway.submit(wants(SETPOINT, 26.0))
    w.gateway.foresee(SETPOINT)
    await asyncio.sleep(0.001)
    assert asked == ["read_array"], "the write's own"


@virtual_time
async def test_a_device_that_is_spared_requests_and_a_point_that_may_not_be_written_are_not_read_ahead() -> (
    None
):
    """A slow trunk carries nothing that may turn out to be for nothing; a dry run writes nothing anyway."""
    site = make_site()
    slow = dataclasses.replace(
        site, devices={"d1": dataclasses.replace(site.devices["d1"], requests_per_second=5.0)}
    )
    for each in (slow, make_site(dry_run=True)):
        w, asked = await _world(World(each))
        for point in (SETPOINT, "stair/lights/start_stop", "nobody's"):
            w.gateway.foresee(point)
        await asyncio.sleep(1)
        assert asked == []


@virtual_time
async def test_a_reading_ahead_that_fails_is_made_again_when_it_is_needed() -> None:
    """Its request was lost: the write goes its usual way, and the device is not blamed twice."""
    w, _ = await _world()
    w.devices["d1"].script.append("lose_request")
    w.gateway.foresee(SETPOINT)
    await w.do(SETPOINT, 26.0)
    assert w.thing(SETPOINT).slots == {10: 26.0}
    await w.do(SETPOINT, RELINQUISH)
    w.gateway.foresee(SETPOINT)
    await w.gateway.stop()
    await asyncio.sleep(1)
    assert w.thing(SETPOINT).slots == {}


@virtual_time
async def test_a_reading_ahead_without_an_answer_delays_no_write() -> None:
    """Its request was lost: the write's own reading begins a quarter of a second later, and not after a time-out."""
    w, _ = await _world()
    w.devices["d1"].script.append("lose_request")
    w.gateway.foresee(SETPOINT)
    began = asyncio.get_running_loop().time()
    await w.do(SETPOINT, 26.0)
    assert w.driver.landed[-1].at - began < 2 * FRESH
