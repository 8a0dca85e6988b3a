"""Devices that move, and devices that go silent, on both stacks and real datagrams."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Elsewhere, Sighting, Silent, Target
from tests.contract import wire
from tests.contract.conftest import PATIENT, MakeBench
from tests.contract.network import Broadcast, networked
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, MOVED, Scripted, things

ROOM = Address("controller", "analog-input", 1)
DEADLINE = 2.0

Driver = Bac0Driver | RustyDriver


class Network(NamedTuple):
    """A driver, an ear for its broadcasts, its controller, and what was told of where that is."""

    driver: Driver
    broadcast: Broadcast
    device: ScriptedDevice
    told: list[Sighting | None]

    async def moved(self) -> ScriptedDevice:
        """The controller gets another address from its network."""
        await self.device.stop()
        there = await self.double()
        self.broadcast.devices[:] = [there]
        return there

    async def double(self) -> ScriptedDevice:
        """Another one says the same of itself at another address."""
        there = ScriptedDevice(INSTANCE, (MOVED, self.device.where[1]), things())
        await there.start()
        return there

    async def until(self, happened: Callable[[], bool]) -> None:
        """Until something was told."""
        async with asyncio.timeout(30):
            while not happened():
                await asyncio.sleep(0.02)

    async def lost(self) -> None:
        """A call finds nobody at home."""
        with contextlib.suppress(Silent):
            await self.driver.read([ROOM])
        with contextlib.suppress(Silent):
            await self.driver.identify("controller")


@pytest.fixture(params=["fixed"])
async def network(
    stack: str, port: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Network]:
    """A driver and its controller: `fixed`, its address stands in the site file, or `free`, it is found by Who-Is."""
    monkeypatch.setattr("drivers.bacnet.moves.HOME_EVERY", 0.2)
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
    await device.start()
    address = f"{CONTROLLER}:{port}" if request.param == "fixed" else None
    target = Target("controller", INSTANCE, address, 16, DEADLINE)
    async with networked(stack, port, target) as (driver, broadcast):
        broadcast.devices.append(device)
        told: list[Sighting | None] = []
        driver.on_sighting = lambda _, seen: told.append(seen)
        yield Network(driver, broadcast, device, told)
    await device.stop()


def _at(device: ScriptedDevice) -> str:
    return "{}:{}".format(*device.where)


async def _writes(driver: Driver) -> None:
    await driver.write(Address("controller", "analog-value", 1), 26.0, 10)


@pytest.mark.parametrize("network", ["free"], indirect=True)
async def test_a_device_without_an_address_is_found_by_its_instance_and_told(network: Network) -> None:
    """Nobody answers where it was: Who-Is finds it, every call goes there, and it says where. Back at its former
    address it is asked there again, by itself, although the other one still answers."""
    driver, _, device, told = network
    assert (await driver.identify("controller")).address == _at(device)
    assert told == []
    there = await network.moved()
    try:
        with pytest.raises(Silent):
            await driver.read([ROOM])
        assert (await driver.identify("controller")).address == _at(there)
        assert told == [Sighting(_at(device), _at(there), followed=True)]
        assert (await driver.read([ROOM]))[0].value == 21.5
        await _writes(driver)
        assert there.writes == [wire.real(26.0)]
        assert await driver.subscribe([ROOM], 60) == [ROOM]
        network.broadcast.devices.clear()
        await device.start()
        await network.until(lambda: told[-1] is None)
        assert (await driver.identify("controller")).address == _at(device)
        await _writes(driver)
        assert (len(there.writes), len(device.writes)) == (1, 1)
    finally:
        await there.stop()


async def test_a_device_of_a_fixed_address_is_followed_at_a_persons_word_only(network: Network) -> None:
    """What answers elsewhere in its name is neither read nor written, and told; a person says that it moved, and every
    call goes there; it is back at its address, and is asked there again."""
    driver, _, device, told = network
    await driver.identify("controller")
    there = await network.moved()
    try:
        for _ in range(2):
            await network.lost()
        assert told == [Sighting(_at(device), _at(there), followed=False)]
        assert set(there.log) <= {wire.WHO_IS}
        driver.follow("controller", _at(there))
        assert told[1:] == [Sighting(_at(device), _at(there), followed=True)]
        assert (await driver.identify("controller")).address == _at(there)
        await _writes(driver)
        assert there.writes == [wire.real(26.0)]
        await device.start()
        await network.until(lambda: told[-1] is None or not told[-1].followed)
        assert (await driver.identify("controller")).address == _at(device)
        await _writes(driver)
        assert (len(there.writes), len(device.writes)) == (1, 1)
    finally:
        await there.stop()


async def test_a_clone_is_not_followed_before_the_true_one_was_ever_seen(network: Network) -> None:
    """At the first start nobody is at home, and somebody says elsewhere that it is this device."""
    _, _, device, told = network
    there = await network.moved()
    try:
        await network.lost()
        assert told == [Sighting(_at(device), _at(there), followed=False)]
        assert set(there.log) <= {wire.WHO_IS}
    finally:
        await there.stop()


@pytest.mark.parametrize("network", ["fixed", "free"], indirect=True)
async def test_of_two_that_answer_the_one_at_home_is_asked(network: Network) -> None:
    """Both answer the Who-Is, the other one first: the one at home is asked, and the other told."""
    driver, broadcast, device, told = network
    await driver.identify("controller")
    double = await network.double()
    broadcast.devices.insert(0, double)
    try:
        driver._moves.lose("controller")
        driver._asked.silent(driver._asked.peer("controller"))
        assert (await driver.identify("controller")).address == _at(device)
        await _writes(driver)
        assert double.writes == []
        assert Sighting(_at(device), _at(double), followed=True) not in told
    finally:
        await double.stop()


async def test_many_forged_announcements_are_told_once(network: Network) -> None:
    """A hundred say from anywhere that they are this device: one line, not a hundred."""
    driver, _, device, told = network
    await driver.identify("controller")
    doubles = [ScriptedDevice(INSTANCE, (MOVED, 0), things()) for _ in range(20)]
    try:
        for double in doubles:
            await double.start()
            double._send(wire.i_am(INSTANCE), (DRIVER, driver._link._port))
        await network.until(lambda: bool(told))
        await asyncio.sleep(1.0)
        assert len(told) == 1
        assert (await driver.identify("controller")).address == _at(device)
    finally:
        for double in doubles:
            await double.stop()


async def test_who_is_no_longer_heard_elsewhere_is_forgotten(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second device of an instance got another one: told that there is one again, after a few questions."""
    monkeypatch.setattr("drivers.bacnet.moves.CLAIM_EVERY", 0.0)
    driver, _, device, told = network
    await driver.identify("controller")
    double = await network.double()
    double._send(wire.i_am(INSTANCE), (DRIVER, driver._link._port))
    await network.until(lambda: bool(told))
    assert told == [Sighting(_at(device), _at(double), followed=False)]
    await double.stop()
    await network.until(lambda: told[-1] is None)
    assert (await driver.identify("controller")).address == _at(device)


async def test_another_device_at_the_old_address_is_not_taken_for_ours(network: Network) -> None:
    """The address now belongs to another instance, and ours answers elsewhere: told, followed at a person's word, the
    stranger left alone."""
    driver, _, device, told = network
    there = await network.moved()
    stranger = ScriptedDevice(INSTANCE + 1, device.where, things())
    await stranger.start()
    try:
        with pytest.raises(Elsewhere):
            await driver.identify("controller")
        assert told == [Sighting(_at(device), _at(there), followed=False)]
        driver.follow("controller", _at(there))
        await asyncio.sleep(0.5)
        assert (await driver.identify("controller")).address == _at(there), "the stranger at home is not it"
        await _writes(driver)
        assert there.writes == [wire.real(26.0)]
        assert stranger.writes == []
    finally:
        await there.stop()
        await stranger.stop()
        await device.start()


async def test_where_only_a_stranger_answers_the_site_file_is_wrong(network: Network) -> None:
    """Nobody on the network has our instance: said so, with the instance that answers."""
    driver, broadcast, device, _ = network
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


async def test_an_i_am_from_elsewhere_moves_nothing_while_the_device_answers(network: Network) -> None:
    """Two devices have the same instance by mistake: the one in the site file is kept."""
    driver, _, device, told = network
    await driver.identify("controller")
    double = await network.double()
    double._send(wire.i_am(INSTANCE), (DRIVER, driver._link._port))
    try:
        await network.until(lambda: bool(told))
        assert (await driver.identify("controller")).address == _at(device)
    finally:
        await double.stop()


@pytest.mark.parametrize("network", ["fixed", "free"], indirect=True)
async def test_an_i_am_moves_a_silent_device_that_has_no_address(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It announces itself elsewhere, as devices do after a restart: enough where it is found by Who-Is, and not where
    the site file says where it is."""
    monkeypatch.setattr("drivers.care.breaker.AFTER", 1)
    driver, broadcast, device, told = network
    await driver.identify("controller")
    await device.stop()
    broadcast.devices.clear()
    with pytest.raises(Silent):
        await driver.read([ROOM])
    there = await network.double()
    there._send(wire.i_am(INSTANCE), (DRIVER, driver._link._port))
    free = driver._places == [None]
    try:
        await network.until(lambda: bool(told))
        assert told == [Sighting(_at(device), _at(there), followed=free)]
        if free:
            assert (await driver.read([ROOM]))[0].value == 21.5
        else:
            assert there.log == []
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
    for _ in range(4):  # during the first a laden machine may hear what was on its way
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
