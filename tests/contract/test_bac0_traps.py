"""The traps that were measured in bacpypes3 0.0.110 and in controllers: each has its guard."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.protocol import Address, Misconfigured, Retryable, Target
from tests.contract import relay, wire
from tests.contract.conftest import HASTY, OURS, PATIENT, Bench, MakeBench
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import DRIVER, INSTANCE, MOVED, NEIGHBOUR, Scripted, things
from tests.waiting import SOON

_US = wire.context(0, wire.object_id(8, OURS))

scripted = pytest.mark.parametrize("kind", ["scripted"], indirect=True)
bac0 = pytest.mark.parametrize("stack", ["bac0"], indirect=True)


def _device(bench: Bench) -> ScriptedDevice:
    assert isinstance(bench.server, Scripted)
    return bench.server.device


@scripted
async def test_a_thousand_reads_of_a_dead_device_do_not_stop_the_world(make_bench: MakeBench) -> None:
    """Past 256 requests to one device bacpypes3 freezes; here the loop goes on and each call ends in time."""
    bench = await make_bench(timeout=HASTY, at_once=500)
    bench.relay.fault = relay.silent
    reads = [asyncio.create_task(bench.driver.read([bench.at("analog-input")])) for _ in range(1000)]
    ticks = 0
    while not all(task.done() for task in reads):
        await asyncio.sleep(0.01)
        ticks += 1
        assert bench.driver.in_flight <= 192
    assert ticks > 1
    assert all(isinstance(task.exception(), Retryable) for task in reads)
    assert bench.driver.in_flight == 0


@scripted
async def test_no_more_at_once_than_the_site_file_says(make_bench: MakeBench) -> None:
    """A device that takes two requests at a time gets two."""
    bench = await make_bench(at_once=2)
    waiting, most = 0, 0

    def count(to: relay.Relay, data: bytes, from_controller: bool) -> None:
        nonlocal waiting, most
        waiting += -1 if from_controller else 1
        most = max(most, waiting)
        relay.delaying(0.02)(to, data, from_controller)

    bench.relay.fault = count
    points = [bench.at("analog-value", n) for n in range(1, 21)]
    await asyncio.gather(*(bench.driver.read([point]) for point in points))
    assert most == 2


@scripted
async def test_a_slow_trunk_gets_so_many_requests_a_second(make_bench: MakeBench) -> None:
    """Twenty requests a second behind a router: six requests take a quarter of a second."""
    bench = await make_bench(pace={"controller": 20.0})
    loop = asyncio.get_running_loop()
    start = loop.time()
    await asyncio.gather(*(bench.driver.read([bench.at("analog-value", n)]) for n in range(1, 7)))
    assert loop.time() - start >= 0.24


@scripted
async def test_a_cancelled_read_sends_nothing_more(make_bench: MakeBench) -> None:
    """bacpypes3 would go on retrying a request whose caller is gone."""
    bench = await make_bench(timeout=1.5)
    arrived = asyncio.Event()
    bench.relay.fault = lambda *_: arrived.set()
    read = asyncio.create_task(bench.driver.read([bench.at("analog-input")]))
    async with asyncio.timeout(SOON):
        await arrived.wait()
    read.cancel()
    await asyncio.wait([read])
    assert bench.driver.in_flight == 0
    await asyncio.sleep(0.7)  # the next copy would go out half a second after the first
    assert len(bench.relay.requests) == 1


@scripted
async def test_a_lost_datagram_costs_a_retry_not_the_call(make_bench: MakeBench) -> None:
    """Every first copy is lost; the second gets through within the deadline."""
    bench = await make_bench(timeout=3.0)
    seen: set[bytes] = set()

    def lose_first(to: relay.Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if not from_controller and frame is not None and frame.data not in seen:
            seen.add(frame.data)
            return
        to.onwards(data, from_controller)

    bench.relay.fault = lose_first
    assert (await bench.driver.read([bench.at("analog-input")]))[0].value == 21.5
    await bench.driver.write(bench.at("analog-value"), 26.0, 10)
    assert _device(bench).writes == [wire.real(26.0)]


@scripted
async def test_an_answer_after_the_deadline_is_nobodys_answer(make_bench: MakeBench) -> None:
    """It arrives while the next calls wait, and none of them takes it for its own."""
    bench = await make_bench(timeout=HASTY)
    bench.relay.fault = relay.delaying(HASTY + 0.05)
    with pytest.raises(Retryable):
        await bench.driver.read([bench.at("analog-input")])
    bench.relay.fault = relay.honest
    bench.deadline(PATIENT)
    answers = await bench.driver.read([bench.at("analog-value", n) for n in range(1, 41)])
    assert {answer.value for answer in answers} == {24.0}


@bac0
@scripted
async def test_the_id_of_a_request_that_was_given_up_is_not_used_again_soon(make_bench: MakeBench) -> None:
    """A write gets no answer in time. Whenever its acknowledgement comes, be it two hundred and fifty-six requests later, it
    acknowledges nothing: bacpypes3 would have given its id to another one by then."""
    bench = await make_bench(timeout=HASTY)
    bench.relay.fault = relay.silent
    with pytest.raises(Retryable):
        await bench.driver.write(bench.at("analog-value"), 26.0, 10)
    given_up = {frame.invoke for frame in bench.relay.requests}
    bench.relay.fault = relay.honest
    bench.deadline(PATIENT)
    asked = len(bench.relay.requests)
    for _ in range(18):
        points = [bench.at("analog-value", n) for n in range(1, 17)]
        await asyncio.gather(*(bench.driver.read([point]) for point in points))
    later = [frame.invoke for frame in bench.relay.requests[asked:]]
    assert len(later) > 256
    assert not given_up & set(later)


async def test_a_small_device_gets_small_batches_and_is_asked_once(make_bench: MakeBench) -> None:
    """It aborts what does not fit 206 octets: the batch shrinks, every value comes, and it stays shrunk."""
    bench = await make_bench()
    bench.relay.fault = relay.too_large(206)
    points = [bench.at("analog-value", n) for n in range(1, 41)]
    assert {a.value for a in await bench.driver.read(points)} == {24.0}
    first = len(bench.relay.requests)
    assert {a.value for a in await bench.driver.read(points)} == {24.0}
    assert len(bench.relay.requests) - first < first


async def test_batches_fit_the_devices_apdu(make_bench: MakeBench) -> None:
    """Forty objects of a device of 480 octets: no answer is longer, and none is aborted."""
    bench = await make_bench()
    lengths: list[int] = []

    def measure(to: relay.Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if from_controller and frame is not None and frame.type == wire.COMPLEX_ACK:
            lengths.append(len(data) - 6)
        to.onwards(data, from_controller)

    bench.relay.fault = measure
    answers = await bench.driver.read([bench.at("analog-value", n) for n in range(1, 41)])
    assert {a.value for a in answers} == {24.0}
    assert len(lengths) == 2
    assert max(lengths) == 3 + 20 * 23


@scripted
async def test_a_device_without_rpm_is_read_singly(make_bench: MakeBench) -> None:
    """Whether it said so or only rejects the service; it is not asked a second time."""
    bench = await make_bench()
    _device(bench).services = frozenset((5, 12, 15))
    points = [bench.at("analog-input"), bench.at("analog-value"), bench.at("analog-value", 99)]
    for _ in range(2):
        answers = await bench.driver.read(points)
        assert [a.value for a in answers] == [21.5, 24.0, None]
        assert isinstance(answers[2].error, Misconfigured)
    assert _device(bench).log.count(wire.READ_MULTIPLE) == 1
    assert not (await bench.driver.identify("controller")).rpm


@scripted
async def test_another_device_at_the_address_is_named(make_bench: MakeBench) -> None:
    """The controller was swapped: the integrator reads which one answers."""
    bench = await make_bench(instance=1234)
    with pytest.raises(Misconfigured, match=f"device {INSTANCE} answers at"):
        await bench.driver.identify("controller")


@scripted
async def test_fault_and_out_of_service_are_seen(make_bench: MakeBench) -> None:
    """Status_Flags comes with each value, read or notified; in-alarm and overridden are no fault."""
    bench = await make_bench()
    room = bench.at("analog-input")
    for flags, fault in ((0x40, True), (0x10, True), (0x80, False), (0x20, False), (0, False)):
        _device(bench).things[0, 1].flags = flags
        assert (await bench.driver.read([room]))[0].fault is fault
    _device(bench).things[0, 1].flags = 0x40
    await bench.driver.subscribe([room], 60)
    async with asyncio.timeout(SOON):
        assert (await anext(bench.driver.changes())).fault


@scripted
@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        (wire.unsigned(7), 7),
        (wire.text("开"), "开"),
        (b"\x00", None),
        (b"\x11", True),
        (b"\x55\x08" + bytes.fromhex("4035800000000000"), 21.5),
        (b"\x31\xfe", -2),
    ],
)
async def test_a_value_of_another_type_comes_as_it_is(
    make_bench: MakeBench, encoded: bytes, value: object
) -> None:
    """An input that answers with text or a number of another type: whoever reads it judges it."""
    bench = await make_bench()
    _device(bench).things[0, 1].value = encoded
    answer = (await bench.driver.read([bench.at("analog-input")]))[0]
    assert answer.value == value
    assert answer.error is None


@scripted
async def test_a_restarted_device_is_subscribed_to_at_once(make_bench: MakeBench) -> None:
    """It says I-Am; nobody waits for half of an hour's lifetime."""
    bench = await make_bench()
    room = bench.at("analog-input")
    assert await bench.driver.subscribe([room], 3600) == [room]
    await bench.server.restart()
    assert not _device(bench).subscribers
    bench.relay.answer(wire.i_am(INSTANCE))
    async with asyncio.timeout(SOON):
        while not _device(bench).subscribers:
            await asyncio.sleep(0.02)


@scripted
async def test_a_chatty_device_is_not_subscribed_to_for_each_i_am(make_bench: MakeBench) -> None:
    """Somebody else's Who-Is every moment causes I-Am messages; one round of ours is enough."""
    bench = await make_bench()
    await bench.driver.subscribe([bench.at("analog-input")], 3600)
    for _ in range(50):
        bench.relay.answer(wire.i_am(INSTANCE))
        await asyncio.sleep(0.002)
    async with asyncio.timeout(SOON):
        while _device(bench).log.count(wire.SUBSCRIBE_COV) < 2:
            bench.relay.answer(wire.i_am(INSTANCE))
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    assert _device(bench).log.count(wire.SUBSCRIBE_COV) == 2


@scripted
async def test_subscribing_to_a_dead_device_succeeds_once_it_is_back(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It accepts nothing now; the driver goes on trying, and the changes come."""
    monkeypatch.setattr("drivers.care.renewals.FIRST_PAUSE", 0.1)
    bench = await make_bench(timeout=HASTY)
    bench.relay.fault = relay.silent
    assert await bench.driver.subscribe([bench.at("analog-input")], 60) == []
    bench.relay.fault = relay.honest
    bench.deadline(PATIENT)
    async with asyncio.timeout(SOON):
        assert (await anext(bench.driver.changes())).value == 21.5


@scripted
async def test_notifications_that_nobody_asked_for_are_dropped(make_bench: MakeBench) -> None:
    """Of another process, another object, another device, or from another port."""
    bench = await make_bench()
    room = bench.at("analog-input")
    await bench.driver.subscribe([room], 60)
    changes = bench.driver.changes()
    async with asyncio.timeout(SOON):
        await anext(changes)
    device, relayed = _device(bench), bench.relay
    client = next(iter(device.subscribers))[0]
    device._notify(client, (0, 1), OURS + 1)
    device._notify(client, (2, 1), OURS)
    device.instance += 1
    device._notify(client, (0, 1), OURS)
    device.instance -= 1
    await asyncio.sleep(0.05)
    relayed.fault = relay.sidestepping
    device._notify(client, (0, 1), OURS)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await anext(changes)


@bac0
@scripted
async def test_a_device_without_an_address_is_found(make_bench: MakeBench, port: int) -> None:
    """Who-Is for its instance goes out, its I-Am says where it is, and the next calls go there."""
    bench = await make_bench(timeout=HASTY)
    await bench.driver.stop()
    target = Target("controller", INSTANCE, None, 16, 2.0)
    driver = Bac0Driver(DRIVER, port + 1, [target], OURS)
    await driver.start()
    try:
        # loopback has no broadcast that reaches another address: let it go to the controller alone
        layer = next(iter(driver._link.app.link_layers.values()))
        layer.server.broadcast_address = bench.relay.where
        assert (await driver.identify("controller")).instance == INSTANCE
        assert _device(bench).log[0] == wire.WHO_IS
        assert (await driver.read([Address("controller", "analog-input", 1)]))[0].value == 21.5
    finally:
        await driver.stop()


@bac0
@scripted
async def test_a_moved_device_is_looked_for_again(make_bench: MakeBench, port: int) -> None:
    """Without an address in the site file it may move: after one silent call it is found at its new place."""
    bench = await make_bench(timeout=HASTY)
    await bench.driver.stop()
    driver = Bac0Driver(DRIVER, port + 1, [Target("controller", INSTANCE, None, 16, 3.0)], OURS)
    moved = ScriptedDevice(INSTANCE, (MOVED, port), things())
    await moved.start()
    await driver.start()
    try:
        server = next(iter(driver._link.app.link_layers.values())).server
        room = Address("controller", "analog-input", 1)
        server.broadcast_address = bench.relay.where
        await driver.read([room])
        bench.relay.fault = relay.silent
        server.broadcast_address = moved.where
        with pytest.raises(Retryable):
            await driver.read([room])
        assert (await driver.read([room]))[0].value == 21.5
    finally:
        await driver.stop()
        await moved.stop()


@pytest.mark.parametrize("patience", [0.2, 5.0])
async def test_a_network_without_a_router_is_silence(port: int, patience: float) -> None:
    """The trunk's router is down: said so in time, and nothing is sent once somebody gave up."""
    driver = Bac0Driver(DRIVER, port + 1, [Target("trunk", 17, "77:17", 16, patience)], OURS)
    await driver.start()
    try:
        await asyncio.sleep(0.05)
        before = len(asyncio.all_tasks())
        with pytest.raises(Retryable):
            await driver.write(Address("trunk", "analog-value", 1), 26.0, 10)
        await asyncio.sleep(0.01)
        assert driver.in_flight == 0
        left = [
            task for task in asyncio.all_tasks() if task.get_name() != "late trunk"
        ]  # who will listen to it
        assert len(left) <= before
    finally:
        await driver.stop()


@scripted
async def test_garbage_at_our_port_stops_nothing(make_bench: MakeBench) -> None:
    """Two thousand mutated datagrams, half of them near-valid, while values are read."""
    bench = await make_bench()
    dice = random.Random(4711)
    valid = [
        wire.complex_ack(3, 14, wire.context(0, wire.object_id(0, 1)) + wire.opening(1) + wire.closing(1)),
        wire.simple_ack(4, 15),
        wire.error(5, 12, 2, 32),
        wire.abort(6, 4),
        wire.i_am(INSTANCE),
        wire.datagram(b"\x00\x05\x01\x0f\x0c\x00\x00\x00\x01\x19\x55\x3e\x44\x42\x00\x00\x00\x3f"),
    ]
    await bench.driver.read([bench.at("analog-input")])
    for index in range(2000):
        data = bytearray(dice.choice(valid) if index % 2 else dice.randbytes(dice.randrange(1, 60)))
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        bench.relay.answer(bytes(data))
        if index % 100 == 0:
            answer = (await bench.driver.read([bench.at("analog-value", 2)]))[0]
            # an Error that hits upon our invoke id is one, for it comes from the controller's own address
            assert answer.value == 24.0 or answer.error is not None
    await asyncio.sleep(0.1)
    assert (await bench.driver.read([bench.at("analog-value", 2)]))[0].value == 24.0
    assert bench.driver.in_flight == 0
    assert _device(bench).writes == []


@scripted
@pytest.mark.parametrize(
    ("service", "data"),
    [
        (wire.WRITE_PROPERTY, _US + b"\x19\x4d\x3e" + wire.text("mine") + b"\x3f"),
        (16, _US + b"\x1e\x09\x4d\x2e" + wire.text("mine") + b"\x2f\x1f"),
        (wire.SUBSCRIBE_COV, b"\x09\x01" + wire.context(1, wire.object_id(8, OURS)) + b"\x29\x00\x39\x3c"),
        (17, b"\x19\x01"),
        (20, b"\x09\x00"),
    ],
)
async def test_nobody_writes_to_the_supervisor(
    make_bench: MakeBench, port: int, service: int, data: bytes
) -> None:
    """WriteProperty, WritePropertyMultiple, SubscribeCOV, communication control, reinitialize: refused."""
    await make_bench()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((NEIGHBOUR, port))
        sock.setblocking(False)
        apdu = bytes((0, 5, 77, service)) + data
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(sock, wire.datagram(apdu, reply=True), (DRIVER, port + 1))
        async with asyncio.timeout(SOON):
            frame = wire.parse(await loop.sock_recv(sock, 1500))
    assert frame is not None
    assert frame.type in (wire.REJECT, wire.ERROR, wire.ABORT)


@bac0
@scripted
async def test_requests_that_nobody_can_read_do_not_pile_up(make_bench: MakeBench) -> None:
    """Five hundred unreadable requests from one neighbour; bacpypes3 would keep each for three seconds."""
    bench = await make_bench()
    await bench.driver.read([bench.at("analog-input")])
    for number in range(500):
        bench.relay.answer(
            wire.datagram(bytes((0, 5, number % 256, wire.SUBSCRIBE_COV, number % 251)), reply=True)
        )
    assert (await bench.driver.read([bench.at("analog-input")]))[0].value == 21.5
    assert isinstance(bench.driver, Bac0Driver)
    assert len(bench.driver._link.app.asap.serverTransactions) <= 64
