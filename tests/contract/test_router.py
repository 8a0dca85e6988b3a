"""Controllers on an MS/TP trunk behind a router, on real datagrams with network and station in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Retryable, Sighting, Silent, Target, Write
from drivers.readings import PriorityArray, Slot
from tests.contract import wire
from tests.contract.conftest import OURS
from tests.contract.router import BUSY, UNKNOWN_NETWORK, WHO_IS_ROUTER, Ear, Router, Station, routed
from tests.contract.servers import BEHIND, CONTROLLER, things

TRUNK = 2001
SOON = 2.0
"""Seconds that a call may take."""

EAST, WEST = 12, 13
"""Stations of the trunk."""


class Trunk(NamedTuple):
    """A driver, a router, and two controllers behind it."""

    driver: Bac0Driver | RustyDriver
    ear: Ear
    router: Router
    east: Station
    west: Station


def _target(name: str, mac: int, *, found: bool = False, timeout: float = SOON) -> Target:
    return Target(name, 1000 + mac, None if found else f"{TRUNK}:{mac}", 4, timeout)


async def _trunk(stack: str, port: int, targets: list[Target], **options: object) -> AsyncIterator[Trunk]:
    router = Router((CONTROLLER, port), TRUNK)
    east, west = (Station(1000 + mac, mac, things()) for mac in (EAST, WEST))
    router.wire(east)
    router.wire(west)
    await router.start()
    async with routed(stack, port, targets, **options) as (driver, ear):
        ear.routers.append(router)
        yield Trunk(driver, ear, router, east, west)
    await router.stop()


@pytest.fixture
async def trunk(stack: str, port: int) -> AsyncIterator[Trunk]:
    """Two controllers that the site file names by network and station."""
    async for made in _trunk(
        stack, port, [_target("east", EAST), _target("west", WEST)], pace={"east": 200.0}
    ):
        yield made


async def test_a_controller_behind_a_router_is_read_and_written(trunk: Trunk) -> None:
    """Identity, a batch of values, a slot taken and given back: each request names network and station."""
    identity = await trunk.driver.identify("east")
    assert (identity.instance, identity.address) == (1012, f"{TRUNK}:{EAST}")
    asked = [Address("east", "analog-value", n) for n in range(1, 41)]
    assert [a.value for a in await trunk.driver.read(asked)] == [24.0] * 40
    await trunk.driver.write(asked[0], 26.0, 10)
    assert await trunk.driver.read_array(asked[0]) == PriorityArray((Slot(10, 26.0),), 24.0)
    assert await trunk.driver.write_many([Write(a, None, 10) for a in asked[:3]]) == [None] * 3
    assert trunk.east.things[2, 1].present() == wire.real(24.0)
    assert trunk.west.log == []
    assert trunk.router.asked.count(WHO_IS_ROUTER) == 1


async def test_changes_come_through_the_router(trunk: Trunk) -> None:
    """Two controllers with the same object: each change is heard as its own controller's."""
    east, west = (Address(name, "analog-input", 1) for name in ("east", "west"))
    assert await trunk.driver.subscribe([east], 60) == [east]
    assert await trunk.driver.subscribe([west], 60) == [west]
    changes = trunk.driver.changes()
    async with asyncio.timeout(30):
        assert {(await anext(changes)).address for _ in range(2)} == {east, west}
        trunk.west.change((0, 1), wire.real(27.5))
        told = await anext(changes)
    assert (told.address, told.value) == (west, 27.5)


async def test_one_trunk_one_cap(trunk: Trunk) -> None:
    """Two hundred requests a second for both controllers together, whoever asks."""
    await trunk.driver.identify("east")
    trunk.router.at.clear()
    began = asyncio.get_running_loop().time()
    await asyncio.gather(
        *(
            trunk.driver.read([Address(name, "analog-input", 1)])
            for name in ("east", "west")
            for _ in range(20)
        )
    )
    assert asyncio.get_running_loop().time() - began >= 39 / 200
    assert len(trunk.router.at) == 40


async def test_a_network_that_no_router_knows_is_silent(
    trunk: Trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The router is off: nobody says who leads to the network. That is silence like any other, so that after
    three calls the controller is left alone, and the network is spared the question who leads there."""
    monkeypatch.setattr("bacpypes3.netservice.WHO_IS_ROUTER_TO_NETWORK_TIMEOUT", 0.1)
    trunk.router.network += 1
    peer = trunk.driver._calls.peer("east")
    peer.target = peer.target._replace(timeout=0.6)  # nobody answers: as often as it asks in that time
    for _ in range(3):
        with pytest.raises(Silent, match="no answer"):
            await trunk.driver.read([Address("east", "analog-input", 1)])
    assert trunk.driver.in_flight == 0
    asked = len(trunk.router.asked)
    assert 3 <= asked <= 9
    with pytest.raises(Silent, match="asked again in"):
        await trunk.driver.read([Address("east", "analog-input", 1)])
    assert len(trunk.router.asked) == asked


@pytest.mark.parametrize("reason", [UNKNOWN_NETWORK, BUSY])
async def test_a_router_that_refuses_is_asked_again(trunk: Trunk, reason: int) -> None:
    """Reject-Message-To-Network, as while its trunk is down; once it is up, values come again."""
    room = Address("east", "analog-input", 1)
    assert (await trunk.driver.read([room]))[0].value == 21.5
    trunk.router.reject = reason
    with pytest.raises(Retryable):
        await trunk.driver.read([room])
    trunk.router.reject = None
    assert (await trunk.driver.read([room]))[0].value == 21.5


async def test_a_router_with_a_new_address_is_found(trunk: Trunk, port: int) -> None:
    """The router is replaced and says nothing: one silent call, and who leads there is asked again."""
    room = Address("east", "analog-input", 1)
    assert (await trunk.driver.read([room]))[0].value == 21.5
    await trunk.router.stop()
    other = Router((BEHIND, port), TRUNK)
    await other.start()
    other.wire(trunk.east)
    trunk.ear.routers[:] = [other]
    with pytest.raises(Silent):
        await trunk.driver.read([room])
    assert (await trunk.driver.read([room]))[0].value == 21.5
    await other.stop()
    await trunk.router.start()


async def test_two_routers_that_both_claim_a_network_do_no_harm(trunk: Trunk, port: int) -> None:
    """A second one answers for the trunk too: the first answer counts."""
    other = Router((BEHIND, port), TRUNK)
    await other.start()
    trunk.ear.routers.append(other)
    other.stations = trunk.router.stations
    room = Address("east", "analog-input", 1)
    answers = await asyncio.gather(*(trunk.driver.read([room]) for _ in range(4)))
    assert [a[0].value for a in answers] == [21.5] * 4
    await other.stop()


async def test_controllers_that_are_found_behind_a_router_share_its_cap(stack: str, port: int) -> None:
    """The site file names no address: Who-Is passes the router, and the trunk is spared as if it had."""
    targets = [_target("east", EAST, found=True), _target("west", WEST, found=True)]
    async for trunk in _trunk(stack, port, targets, pace={"west": 50.0}):
        rooms = [Address(name, "analog-input", 1) for name in ("east", "west")]
        for room in rooms:
            assert (await trunk.driver.read([room]))[0].value == 21.5
        assert (await trunk.driver.identify("west")).address == f"{TRUNK}:{WEST}"
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(trunk.driver.read([rooms[n % 2]]) for n in range(8)))
        assert asyncio.get_running_loop().time() - began >= 7 / 50


async def test_a_controller_that_restarts_on_its_trunk_is_subscribed_to_again(trunk: Trunk) -> None:
    """Its I-Am comes through the router: nobody waits for half of an hour's lifetime."""
    room = Address("east", "analog-input", 1)
    restarted: list[str] = []
    trunk.driver.on_restart = restarted.append
    await trunk.driver.subscribe([room], 3600)
    client = next(iter(trunk.east.subscribers))[0]
    trunk.east.subscribers.clear()
    trunk.router.from_trunk(EAST, wire.i_am(1012), client)
    async with asyncio.timeout(30):
        while not trunk.east.subscribers:
            await asyncio.sleep(0.01)
    assert restarted == ["east"]


async def test_a_controller_that_moves_to_the_trunk_is_asked_there_at_a_persons_word(
    stack: str, port: int
) -> None:
    """The site file has an address where nobody is; its instance answers from behind the router: that may be a clone."""
    target = Target("east", 1012, f"{BEHIND}:{port}", 4, SOON)
    told: list[Sighting | None] = []
    async for trunk in _trunk(stack, port, [target], pace={"east": 200.0}):
        room = Address("east", "analog-input", 1)
        with pytest.raises(Silent):
            await trunk.driver.read([room])
        trunk.driver.on_sighting = lambda _, seen: told.append(seen)
        with pytest.raises(Silent):
            await trunk.driver.identify("east")
        assert told == [Sighting(f"{BEHIND}:{port}", f"{TRUNK}:{EAST}", followed=False)]
        assert told[0] is not None
        trunk.driver.follow("east", told[0].there)
        assert (await trunk.driver.identify("east")).address == f"{TRUNK}:{EAST}"
        assert (await trunk.driver.read([room]))[0].value == 21.5
        await trunk.driver.subscribe([room], 60)
        async with asyncio.timeout(30):
            assert (await anext(trunk.driver.changes())).value == 21.5


async def test_the_same_instance_on_two_trunks_is_never_written_by_mistake(trunk: Trunk, port: int) -> None:
    """A spare part came with the instance of another: what it says counts for nothing, and it is not written."""
    other = Router((BEHIND, port), TRUNK + 1)
    await other.start()
    spare = Station(1012, EAST, things())
    other.wire(spare)
    point = Address("east", "analog-value", 1)
    await trunk.driver.subscribe([point], 60)
    client = next(iter(trunk.east.subscribers))[0]
    changes = trunk.driver.changes()
    async with asyncio.timeout(30):
        assert (await anext(changes)).value == 24.0
    other.from_trunk(EAST, wire.i_am(1012), client)
    spare.things[2, 1].default = wire.real(99.0)
    spare._notify(client, (2, 1), OURS)
    await trunk.driver.write(point, 26.0, 10)
    assert (await trunk.driver.read([point]))[0].value == 26.0
    assert trunk.east.writes == [wire.real(26.0)]
    assert spare.writes == []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await anext(changes)
    await other.stop()
