"""A crash at any moment leaves a state that the next start settles."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from supervisor.core.decisions import RELINQUISH, Outcome
from supervisor.gateway import release_offline
from supervisor.store import queries
from tests.audit import broken_link
from tests.fakes import Faults, VirtualLoop, virtual_time, virtually
from tests.unit.gateway.gateway_world import AC, SETPOINT, World, make_site, wants

Ending = Callable[[World], Awaitable[None]]


async def _morning(w: World) -> None:
    """Start, hold two points, change one, let go of the other."""
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, False) | wants(SETPOINT, 26.0))
    await w.gateway.settled(20)
    w.gateway.submit(wants(AC, RELINQUISH) | wants(SETPOINT, 27.0))
    await w.gateway.settled(20)


async def _crashed(turn: int | None, ending: Ending, **world: bool) -> int:
    """The morning, cut off at a turn of the loop, then an ending. Returns how many turns there were."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    w = World(make_site(zones=1, template="plain" if world.get("plain") else "fcu"))
    w.driver.lands_anyway = world.get("lands_anyway", False)
    w.thing(SETPOINT).slots[13] = 22.0
    began = loop.turns
    morning = asyncio.ensure_future(_morning(w))
    loop.on_stop = lambda: _cut(morning)
    loop.stop_at = began + turn if turn is not None else -1
    with contextlib.suppress(asyncio.CancelledError):
        await morning
    turns = loop.turns - began
    await w.gateway.stop()
    await ending(w)
    assert w.rows(broken_link) is None
    return turns


def _cut(morning: asyncio.Future[None]) -> None:
    morning.cancel()


async def _starts_again(w: World) -> None:
    """The next start decides as before, and ends at the decided state."""
    w.new_gateway()
    await w.gateway.adopt()
    w.gateway.submit(wants(AC, RELINQUISH) | wants(SETPOINT, 27.0))
    await asyncio.sleep(30)
    assert await w.gateway.settled(20)
    assert w.rows(queries.open_intents) == []
    assert w.thing(AC).slots == {}
    kept = w.rows(queries.owned_slots)
    if w.site.points[AC].priority_array:
        assert w.thing(SETPOINT).slots == {13: 22.0, 10: 27.0}
        assert [(s.point, s.value) for s in kept] == [(SETPOINT, 27.0)]
    else:
        assert w.thing(SETPOINT).default == 27.0


async def _released_offline(w: World) -> None:
    """No daemon any more: `release --offline` leaves nothing of ours in any slot."""
    await asyncio.sleep(1)
    done = await release_offline(w.site, w.store, w.driver)
    assert (done.failed, done.owned) == ((), 0)
    assert w.thing(AC).slots == {}
    assert w.thing(SETPOINT).slots == {13: 22.0}
    assert w.rows(queries.owned_slots) == []
    assert w.rows(queries.open_intents) == []


async def _told_to_stop(w: World) -> None:
    """SIGTERM in the middle of a write: the same process lets go of everything."""
    done = await w.gateway.release_all(5.0)
    assert done.failed == ()
    await asyncio.sleep(1)
    assert w.thing(AC).slots == {}
    assert w.thing(SETPOINT).slots == {13: 22.0}
    assert w.rows(queries.owned_slots) == []


@pytest.mark.parametrize("ending", [_starts_again, _released_offline, _told_to_stop])
@pytest.mark.parametrize("lands_anyway", [False, True])
def test_a_crash_at_every_await(ending: Ending, lands_anyway: bool) -> None:
    """Cut off at each turn of the loop in turn, the last datagram lost or landed: settled every time."""
    turns = virtually(_crashed(None, ending, lands_anyway=lands_anyway))
    assert turns > 50
    for turn in range(1, turns):
        virtually(_crashed(turn, ending, lands_anyway=lands_anyway))


def test_a_crash_at_every_await_without_a_priority_array() -> None:
    """Points with nothing but a present value: the same."""
    turns = virtually(_crashed(None, _starts_again, plain=True))
    for turn in range(1, turns):
        virtually(_crashed(turn, _starts_again, plain=True))


@pytest.mark.parametrize("seed", range(12))
@virtual_time
async def test_a_day_of_losses_restarts_and_crashes_ends_as_decided(seed: int) -> None:
    """A fifth of the datagrams lost, late or doubled, controllers restart, the daemon dies: no slot goes astray."""
    w = World(make_site(zones=4, devices=2, writes_per_minute=1000), seed=seed)
    rng = w.driver.rng
    w.driver.lands_anyway = True
    for device in w.devices.values():
        device.faults = Faults(0.06, 0.05, 0.03, 0.06, (0.01, 0.2), (0.0, 20.0))
    points = list(w.gateway.points)
    wanted: dict[str, float | bool | None] = {}
    await w.gateway.adopt()
    for _ in range(150):
        roll = rng.random()
        if roll < 0.04:
            rng.choice(list(w.devices.values())).restart()
        elif roll < 0.08:
            await w.gateway.stop()
            w.new_gateway()
            await w.gateway.adopt()
            w.gateway.submit({k: v for p, c in wanted.items() for k, v in _asked(p, c).items()})
        else:
            point = rng.choice(points)
            value = rng.choice((26.0, 27.0, 28.0)) if point.endswith("setpoint") else False
            wanted[point] = rng.choice((value, None))
            w.gateway.submit(_asked(point, wanted[point]))
        await asyncio.sleep(rng.choice((0.1, 1.0, 5.0, 60.0)))
    for device in w.devices.values():
        device.faults = Faults()
    await asyncio.sleep(900)
    for point in points:
        last = wanted.get(point)
        expected = {} if last is None else {10: last}
        assert w.thing(point).slots == expected, point
    assert w.rows(broken_link) is None
    assert {s.point for s in w.rows(queries.owned_slots)} == {p for p, v in wanted.items() if v is not None}


def _asked(point: str, value: float | bool | None) -> dict[str, Outcome]:
    return wants(point, RELINQUISH if value is None else value)
