"""Devices that move, and devices that go silent, on both stacks and real datagrams."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Elsewhere, Silent, Target
from tests.contract import wire
from tests.contract.conftest import PATIENT, MakeBench
from tests.contract.network import Broadcast, networked
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, MOVED, Scripted, things

ROOM = Address("controller", "analog-input", 1)
DEADLINE = 2.0

Driver = Bac0Driver | RustyDriver
Network = tuple[Driver, Broadcast, ScriptedDevice]


@pytest.fixture
async def network(stack: str, port: int) -> AsyncIterator[Network]:
    """A driver that knows where its controller was installed, and that controller."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 16, DEADLINE)
    async with networked(stack, port, target) as (driver, broadcast):
        broadcast.devices.append(device)
        yield driver, broadcast, device
    await device.stop()


async def _moved(broadcast: Broadcast, device: ScriptedDevice) -> ScriptedDevice:
    """The controller gets another address from its network."""
    await device.stop()
    there = ScriptedDevice(INSTANCE, (MOVED, device.where[1]), things())
    await there.start()
    broadcast.devices[:] = [there]
    return there


async def test_a_device_with_a_new_address_is_found_by_its_instance(network: Network) -> None:
    """Nobody answers where the site file says: Who-Is finds it, every call goes there, and it says where."""
    driver, broadcast, device = network
    assert (await driver.identify("controller")).address == "{}:{}".format(*device.where)
    there = await _moved(broadcast, device)
    try:
        with pytest.raises(Silent):
            await driver.read([ROOM])
        assert (await driver.identify("controller")).address == "{}:{}".format(*there.where)
        assert (await driver.read([ROOM]))[0].value == 21.5
        await driver.write(Address("controller", "analog-value", 1), 26.0, 10)
        assert there.writes == [wire.real(26.0)]
        assert await driver.subscribe([ROOM], 60) == [ROOM]
    finally:
        await there.stop()
        await device.start()


async def test_another_device_at_the_old_address_is_not_taken_for_ours(network: Network) -> None:
    """The address now belongs to another instance: ours is looked for and found, the stranger left alone."""
    driver, broadcast, device = network
    there = await _moved(broadcast, device)
    stranger = ScriptedDevice(INSTANCE + 1, device.where, things())
    await stranger.start()
    try:
        assert (await driver.identify("controller")).address == "{}:{}".format(*there.where)
        await driver.write(Address("controller", "analog-value", 1), 26.0, 10)
        assert there.writes == [wire.real(26.0)]
        assert stranger.writes == []
    finally:
        await there.stop()
        await stranger.stop()
        await device.start()


async def test_where_only_a_stranger_answers_the_site_file_is_wrong(network: Network) -> None:
    """Nobody on the network has our instance: said so, with the instance that answers."""
    driver, broadcast, device = network
    await device.stop()
    broadcast.devices.clear()
    stranger = ScriptedDevice(INSTANCE + 1, device.where, things())
    await stranger.start()
    try:
        with pytest.raises(Elsewhere, match=f"device {INSTANCE + 1} answers at"):
            await driver.identify("controller")
    finally:
        await stranger.stop()
        await device.start()


async def test_a_device_that_comes_home_is_found_without_a_broadcast(network: Network) -> None:
    """It moved away and back, and broadcasts no longer reach it: its address in the site file is tried."""
    driver, broadcast, device = network
    there = await _moved(broadcast, device)
    with pytest.raises(Silent):
        await driver.identify("controller")
    assert (await driver.identify("controller")).address == "{}:{}".format(*there.where)
    await there.stop()
    broadcast.devices.clear()
    await device.start()
    with pytest.raises(Silent):
        await driver.identify("controller")
    assert (await driver.identify("controller")).address == "{}:{}".format(*device.where)


async def test_an_i_am_from_elsewhere_moves_nothing_while_the_device_answers(network: Network) -> None:
    """Two devices have the same instance by mistake: the one in the site file is kept."""
    driver, _, device = network
    await driver.identify("controller")
    double = ScriptedDevice(INSTANCE, (MOVED, device.where[1]), things())
    double.announce_to = (DRIVER, driver._link._port)
    await double.start()
    try:
        async with asyncio.timeout(30):
            while "controller" not in driver._moves._heard:
                await asyncio.sleep(0.02)
        assert (await driver.identify("controller")).address == "{}:{}".format(*device.where)
    finally:
        await double.stop()


async def test_an_i_am_moves_a_device_that_is_silent(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It got another address and announces itself, as devices do after a restart: that is enough."""
    monkeypatch.setattr("drivers.care.breaker.AFTER", 1)
    driver, broadcast, device = network
    await device.stop()
    broadcast.devices.clear()
    with pytest.raises(Silent):
        await driver.read([ROOM])
    there = ScriptedDevice(INSTANCE, (MOVED, device.where[1]), things())
    there.announce_to = (DRIVER, driver._link._port)
    await there.start()
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    assert (await driver.read([ROOM]))[0].value == 21.5
                    break
                except Silent:
                    await asyncio.sleep(0.05)
    finally:
        await there.stop()
        await device.start()


@pytest.mark.parametrize("kind", ["scripted"], indirect=True)
async def test_a_dead_device_costs_no_datagrams(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three silent calls two hundred more, reads and writes, send nothing; one probe goes out a step; an
    answer to it opens the way for all, and subscriptions are taken up again."""
    bench = await make_bench()
    driver, room = bench.driver, bench.at("analog-input")
    monkeypatch.setattr(driver._breakers, "_dice", random.Random(1))
    assert await driver.subscribe([room], 3600) == [room]
    bench.relay.fault = lambda *_: None
    bench.deadline(0.15)
    for _ in range(3):
        with pytest.raises(Silent):
            await driver.read([room])
    sent = len(bench.relay.requests)
    for _ in range(100):
        with pytest.raises(Silent, match="asked again in"):
            await driver.read([room])
        with pytest.raises(Silent, match="asked again in"):
            await driver.write(bench.at("analog-value"), 26.0, 10)
    assert len(bench.relay.requests) == sent
    await asyncio.sleep(1.25)
    answers = await asyncio.gather(*(driver.read([room]) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(answer, Silent) for answer in answers)
    assert sent < len(bench.relay.requests) <= sent + 3, "one probe, three datagrams"
    await bench.server.forget()
    bench.relay.fault = lambda relay, data, back: relay.onwards(data, back)
    bench.deadline(PATIENT)
    await asyncio.sleep(2.45)
    assert (await driver.read([room]))[0].value == 21.5
    async with asyncio.timeout(30):
        assert (await anext(driver.changes())).value == 21.5
    await driver.write(bench.at("analog-value"), 26.0, 10)


async def test_names_are_read_in_batches_that_fit(make_bench: MakeBench) -> None:
    """Forty-three names in a few requests; an object that is not there spoils no other."""
    bench = await make_bench()
    wanted = [bench.at("analog-value", n) for n in range(1, 41)]
    others = [bench.at("binary-value"), bench.at("analog-value", 99), bench.at("multi-state-value")]
    answers = await bench.driver.names([*wanted, *others])
    assert [a.address for a in answers] == [*wanted, *others]
    assert [a.error is None for a in answers] == [*[True] * 41, False, True]
    names = [a.value for a in answers if a.error is None]
    assert len(set(names)) == 42
    assert all(isinstance(name, str) and name for name in names)
    assert len(bench.relay.requests) < 12


@pytest.mark.parametrize("kind", ["scripted"], indirect=True)
async def test_thirty_points_of_a_slow_trunk_are_all_read(make_bench: MakeBench) -> None:
    """One object at a time, fifteen requests a second: longer than the deadline of a call, and no silence."""
    bench = await make_bench(timeout=1.5, pace={"controller": 15.0})
    assert isinstance(bench.server, Scripted)
    bench.server.device.services = frozenset((5, 12, 15))
    points = [bench.at("analog-value", n) for n in range(1, 31)]
    await bench.driver.read(points[:1])
    answers = await bench.driver.read(points)
    assert [answer.value for answer in answers] == [24.0] * 30


@pytest.mark.parametrize("kind", ["scripted"], indirect=True)
async def test_retries_count_against_the_pace(make_bench: MakeBench) -> None:
    """Reads, a subscription and a write into silence, ten requests a second: no second sees more than that."""
    bench = await make_bench(timeout=0.3, pace={"controller": 10.0})
    loop = asyncio.get_running_loop()
    times: list[float] = []

    def swallow(_relay: object, _data: bytes, _back: bool) -> None:
        times.append(loop.time())

    bench.relay.fault = swallow
    room = bench.at("analog-input")
    began = loop.time()  # not the first arrival: that may be noticed late, when others have come too
    calls = [bench.driver.read([bench.at("analog-value", n)]) for n in range(1, 5)]
    write = bench.driver.write(bench.at("analog-value"), 26.0, 10)
    await asyncio.gather(*calls, write, bench.driver.subscribe([room], 60), return_exceptions=True)
    spread = times[-1] - began
    assert len(times) >= 4
    assert len(times) <= 10.0 * spread + 2
