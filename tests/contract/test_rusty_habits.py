"""rusty-bacnet's own habits: ports, silence, the table of devices, what it will not decode."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rusty_bacnet import ObjectIdentifier, ObjectType, PropertyValue

from drivers.bacnet.rusty.driver import RustyDriver
from drivers.bacnet.rusty.station import Station
from drivers.protocol import Address, Misconfigured, Retryable, Target
from tests.contract import relay, wire
from tests.contract.conftest import OURS, PATIENT, MakeBench
from tests.contract.servers import ANALOGS, CONTROLLER, DRIVER, INSTANCE, MOVED, Rusty, Scripted
from tests.waiting import SOON

rusty = pytest.mark.parametrize("stack", ["rusty"], indirect=True)
scripted = pytest.mark.parametrize("kind", ["scripted"], indirect=True)

ROOM = Address("controller", "analog-input", 1)

LEISURE = 2.0
"""s that a call may take where its datagrams are counted: what holds our loop up for a tenth of that adds none."""


@pytest.fixture
async def controller(port: int) -> AsyncIterator[Rusty]:
    """A controller on our own port, where our broadcasts reach it."""
    server = Rusty(port)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def seeker(port: int) -> AsyncIterator[RustyDriver]:
    """A driver whose site file has no address for the controller."""
    driver = RustyDriver(DRIVER, port, [Target("controller", INSTANCE, None, 16, 3.0)], OURS)
    await driver.start()
    yield driver
    await driver.stop()


@pytest.mark.parametrize("bind", ["0.0.0.0", "eth0", "10.0.0.1/40", "", "192.0.2.1"])
async def test_a_bind_address_that_cannot_be_is_reported(bind: str) -> None:
    """An interface's name, another machine's address, or the one for "any"."""
    with pytest.raises(Misconfigured):
        await RustyDriver(bind, 47808, [], OURS).start()


@pytest.mark.parametrize(
    "address", ["not an address", "77:317", "70000:1", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999"]
)
async def test_a_device_address_that_is_none_concerns_that_device_alone(address: str) -> None:
    """A typing error in the site file, or a station behind a router that cannot be."""
    driver = RustyDriver(DRIVER, 47808, [Target("hall", 1, address, 1, 1.0)], OURS)
    with pytest.raises(Misconfigured, match="not host:port"):
        await driver.identify("hall")


async def test_a_driver_that_is_not_started_says_so() -> None:
    """And one that was never started can be stopped."""
    driver = RustyDriver(DRIVER, 47808, [Target("controller", INSTANCE, "127.0.0.1:1", 1, 1.0)], OURS)
    with pytest.raises(Misconfigured, match="not started"):
        await driver.read([ROOM])
    await driver.stop()


async def test_two_drivers_in_one_process(controller: Rusty, port: int) -> None:
    """Two networks, two ports: unlike BAC0, this stack keeps its state to itself."""
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 4, PATIENT)
    pair = [RustyDriver(DRIVER, port + offset, [target], OURS + offset) for offset in (1, 3)]
    for driver in pair:
        await driver.start()
    try:
        answers = await asyncio.gather(*(driver.read([ROOM]) for driver in pair))
        assert [answer.value for (answer,) in answers] == [21.5, 21.5]
    finally:
        for driver in pair:
            await driver.stop()


async def test_a_device_without_an_address_is_found(controller: Rusty, seeker: RustyDriver) -> None:
    """Who-Is for its instance goes out, its I-Am says where it is, and the next calls go there."""
    assert (await seeker.identify("controller")).instance == INSTANCE
    assert (await seeker.read([ROOM]))[0].value == 21.5


async def test_a_moved_device_is_looked_for_again(controller: Rusty, seeker: RustyDriver, port: int) -> None:
    """After one silent call it is found at its new place, though the stack's table has the old one."""
    await seeker.read([ROOM])
    await controller.stop()
    moved = Rusty(port)
    moved.where = (MOVED, port)
    with pytest.raises(Retryable, match="no answer within 3 s"):
        await seeker.read([ROOM])
    await moved.start()
    try:
        assert (await seeker.read([ROOM]))[0].value == 21.5
    finally:
        await moved.stop()


@rusty
@scripted
async def test_silence_is_called_silence(make_bench: MakeBench) -> None:
    """rusty-bacnet would report it as an Abort of reason 10, as if the device had said it."""
    bench = await make_bench(timeout=LEISURE)
    bench.relay.fault = relay.silent
    with pytest.raises(Retryable, match=f"no answer within {LEISURE:g} s"):
        await bench.driver.read([bench.at("analog-input")])
    async with asyncio.timeout(SOON):
        while len(bench.relay.requests) < 3:  # the last copy may be under way to the relay
            await asyncio.sleep(0.02)
    assert len(bench.relay.requests) == 3


@rusty
@scripted
async def test_stopping_does_not_wait_for_who_does_not_answer(make_bench: MakeBench) -> None:
    """Its own stop drains requests first; ours gives them up, and frees the port."""
    bench = await make_bench(timeout=3 * SOON)
    arrived = asyncio.Event()
    bench.relay.fault = lambda *_: arrived.set()
    reads = [asyncio.create_task(bench.driver.read([bench.at("analog-input")])) for _ in range(40)]
    async with asyncio.timeout(SOON):
        await arrived.wait()
    async with asyncio.timeout(SOON):  # a third of what the requests would wait
        await bench.driver.stop()
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
    assert bench.driver.in_flight == 0


@rusty
@scripted
async def test_an_answer_for_another_object_is_nobodys_value(make_bench: MakeBench) -> None:
    """rusty-bacnet hands up a ReadPropertyMultiple about other objects; here each says that it is unreadable."""
    bench = await make_bench()
    points = [bench.at("analog-value", n) for n in (1, 2, 3)]
    bench.relay.fault = relay.misnaming
    answers = await bench.driver.read(points)
    assert [answer.value for answer in answers] == [None, 24.0, 24.0]
    assert isinstance(answers[0].error, Retryable)


@rusty
@scripted
async def test_objects_that_an_answer_leaves_out_do_not_shift_the_others(make_bench: MakeBench) -> None:
    """The device drops the second of three: its value is unknown, the third keeps its own."""
    bench = await make_bench()
    assert isinstance(bench.server, Scripted)
    bench.server.device.things[2, 3].default = wire.real(30.0)

    def drop_second(frame: wire.Frame, data: bytes) -> bytes:
        start = frame.data.index(wire.context(0, wire.object_id(2, 2)))
        end = frame.data.index(wire.context(0, wire.object_id(2, 3)))
        return wire.complex_ack(frame.invoke, frame.service, frame.data[:start] + frame.data[end:])

    bench.relay.fault = relay.changing(drop_second)
    answers = await bench.driver.read([bench.at("analog-value", n) for n in (1, 2, 3)])
    assert [answer.value for answer in answers] == [24.0, None, 30.0]


@rusty
@scripted
async def test_a_flood_of_i_am_does_not_grow_the_table(make_bench: MakeBench) -> None:
    """Somebody sends I-Am for hundreds of devices: the table is emptied, and reading goes on."""
    bench = await make_bench()
    await bench.driver.read([bench.at("analog-input")])
    for number in range(300):
        bench.relay.answer(wire.i_am(100_000 + number))
    assert isinstance(bench.driver, RustyDriver)
    async with asyncio.timeout(SOON):
        while len(await bench.driver._link.client.discovered_devices()):
            await asyncio.sleep(0.05)
    assert len(await bench.driver.read([bench.at("analog-value", n) for n in range(1, ANALOGS)])) == 39


@rusty
@scripted
async def test_an_i_am_that_comes_while_another_is_taken_is_not_lost(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A controller says that it has restarted just when what another one said is taken out of the stack's table; and says so
    once more, a second later: three are heard."""
    bench = await make_bench()
    assert isinstance(bench.driver, RustyDriver)
    link = bench.driver._link._i_ams
    await bench.driver.read([bench.at("analog-input")])
    heard: list[int] = []
    told = link._told

    def tell(said: Any) -> None:
        heard.append(said.i_am.instance)
        told(said)

    def between(device: Any, now: float, made: Any = link._i_am) -> Any:
        if device.object_identifier.instance == 100_000:
            bench.relay.answer(wire.i_am(INSTANCE))
            time.sleep(0.05)  # our loop is blocked on purpose: the stack's own threads take the datagram
        return made(device, now)

    monkeypatch.setattr(link, "_told", tell)
    monkeypatch.setattr(link, "_i_am", between)
    bench.relay.answer(wire.i_am(100_000))
    async with asyncio.timeout(SOON):
        while INSTANCE not in heard:
            await asyncio.sleep(0.05)
    bench.relay.answer(wire.i_am(INSTANCE))
    async with asyncio.timeout(SOON):
        while heard.count(INSTANCE) < 2:
            await asyncio.sleep(0.05)
    assert heard == [100_000, INSTANCE, INSTANCE]


def test_where_a_device_is() -> None:
    """From the site file or from six octets, and back to text."""
    assert Station.of("10.1.2.3:47808") == Station.from_mac(b"\x0a\x01\x02\x03\xba\xc0")
    assert str(Station("10.1.2.3", 47808)) == "10.1.2.3:47808"
    assert Station.from_mac(b"\x07") is None


@rusty
@scripted
async def test_a_value_that_rusty_bacnet_does_not_take_spoils_no_other(make_bench: MakeBench) -> None:
    """One object has a long tag where a short one does (ASHRAE 135 §20.2.1.3.1): the stack drops the answer."""
    bench = await make_bench()
    assert isinstance(bench.server, Scripted)
    bench.server.device.things[0, 1].value = b"\x75\x04\0abc"
    answers = await bench.driver.read([bench.at("analog-value"), bench.at("analog-input")])
    assert [answer.value for answer in answers] == [24.0, None]
    assert isinstance(answers[1].error, Retryable)


async def test_changes_that_come_faster_than_they_are_taken_are_not_lost_in_silence(
    controller: Rusty, port: int
) -> None:
    """The loop is held up for a moment while a sensor swings: the stack keeps some dozens of its notifications and throws the
    rest away. That is told in their place, so that whoever reads asks for what is so now."""
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 16, 3.0)
    driver = RustyDriver(DRIVER, port, [target], OURS)
    await driver.start()
    try:
        await driver.identify("controller")
        assert await driver.subscribe([ROOM], 60) == [ROOM]
        stream, server = driver.changes(), controller._server
        assert (await anext(stream)).error is None
        assert server is not None
        room = ObjectIdentifier(ObjectType.ANALOG_INPUT, 1)
        swings = [server.set_present_value_local(room, PropertyValue.real(20.0 + n)) for n in range(400)]
        time.sleep(0.5)  # what holds up the loop
        await asyncio.gather(*swings)
        async with asyncio.timeout(SOON):
            async for answer in stream:
                if answer.error is not None:
                    break
        assert (answer.address, type(answer.error)) == (ROOM, Retryable)
    finally:
        await driver.stop()
