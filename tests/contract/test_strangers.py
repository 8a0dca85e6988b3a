"""What others on the network say: twins with one instance, I-Am by the thousand, notifications nobody asked for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Target
from tests.contract import wire
from tests.contract.conftest import OURS, PATIENT
from tests.contract.network import Broadcast, networked
from tests.contract.scripted import Key
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, MOVED, things
from tests.contract.unusual import Reply, Unusual, characters
from tests.waiting import SOON

ROOM = Address("controller", "analog-input", 1)
SETPOINT = Address("controller", "analog-value", 1)


class Network(NamedTuple):
    """A driver that looks for its controller, that controller, and one that claims to be the same."""

    driver: Bac0Driver | RustyDriver
    broadcast: Broadcast
    ours: Unusual
    twin: Unusual
    us: tuple[str, int]

    def deadline(self, seconds: float) -> None:
        """From now on a call may take so long."""
        peer = self.driver._calls.peer("controller")
        peer.target = peer.target._replace(timeout=seconds)

    async def room(self) -> object:
        """The room's temperature, as the driver reads it."""
        return (await self.driver.read([ROOM]))[0].value


@pytest.fixture
async def network(stack: str, port: int) -> AsyncIterator[Network]:
    """Ours is up, the twin too, but only ours hears broadcasts."""
    pair = [Unusual(INSTANCE, (host, port), dict(things())) for host in (CONTROLLER, MOVED)]
    for device in pair:
        await device.start()
    pair[1].things[0, 1].value = wire.real(99.0)
    target = Target("controller", INSTANCE, None, 4, PATIENT)
    async with networked(stack, port, target) as (driver, broadcast):
        broadcast.devices.append(pair[0])
        yield Network(driver, broadcast, pair[0], pair[1], (DRIVER, port + 1))
    for device in pair:
        await device.stop()


async def test_a_twin_is_not_written_while_ours_answers(network: Network) -> None:
    """Two controllers came with one configuration. Both answer the Who-Is, and the twin announces itself later: the
    first one is ours as long as it answers, and the twin is never read or written."""
    network.broadcast.devices.append(network.twin)
    for _ in range(3):
        assert await network.room() == 21.5
        network.twin._send(wire.i_am(INSTANCE), network.us)
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.6)  # a look at who said I-Am
    await network.driver.write(SETPOINT, 26.0, 10)
    assert network.ours.writes == [wire.real(26.0)]
    assert set(network.twin.log) <= {wire.WHO_IS}


async def test_i_am_by_the_thousand(network: Network) -> None:
    """Of instances that nobody knows, and broken ones: values come, and nobody is taken for another."""
    assert await network.room() == 21.5
    for number in range(2_000):
        network.twin._send(wire.i_am(100_000 + number), network.us)
    whole = wire.i_am(INSTANCE)[6:]
    for broken in (whole[:2], whole[:5], whole[:9], whole[:2] + b"\xc4\0\0\0\1" + whole[7:], whole + b"\xff"):
        network.twin._send(wire.datagram(broken), network.us)
    async with asyncio.timeout(SOON):
        assert await network.room() == 21.5
    await asyncio.sleep(0.6)
    assert await network.room() == 21.5
    assert network.driver.in_flight == 0


def _told(
    device: Unusual, value: bytes, *, key: Key = (0, 1), process: int = OURS, extra: bytes = b""
) -> bytes:
    """The data of a COV notification (ASHRAE 135 §13.6)."""
    number = process.to_bytes(max(1, (process.bit_length() + 7) // 8), "big")
    return (
        wire.context(0, number) + wire.context(1, wire.object_id(8, device.instance))
        + wire.context(2, wire.object_id(*key)) + wire.context(3, b"\x3c") + wire.opening(4)
        + wire.context(0, b"\x55") + wire.opening(2) + value + wire.closing(2) + extra + wire.closing(4)
    )  # fmt: skip


async def test_notifications_of_every_kind(network: Network) -> None:
    """Others' processes and objects, values of other types or none, cut off, confirmed though unconfirmed ones were asked
    for: what is ours comes, what is unreadable says so, and the next good one is heard."""
    device = network.ours
    assert await network.driver.subscribe([ROOM], 60) == [ROOM]
    changes = network.driver.changes()
    async with asyncio.timeout(SOON):
        assert (await anext(changes)).value == 21.5

    async def heard(data: bytes, *, confirmed: bool = False) -> object:
        head = bytes((0, 5, 77, 1)) if confirmed else b"\x10\x02"
        device._send(wire.datagram(head + data, reply=confirmed), network.us)
        # a good one after it, so that nobody waits for what never comes
        device._send(wire.datagram(b"\x10\x02" + _told(device, wire.real(-1.0))), network.us)
        async with asyncio.timeout(SOON):
            answer = await anext(changes)
            if answer.value != -1.0:
                await anext(changes)
        return answer.value if answer.error is None else answer.error

    assert await heard(_told(device, wire.real(1.0), process=OURS + 1)) == -1.0
    assert await heard(_told(device, wire.real(1.0), process=0)) == -1.0
    assert await heard(_told(device, wire.real(1.0), key=(2, 1))) == -1.0
    assert await heard(_told(device, wire.real(1.0), key=(300, 1))) == -1.0
    assert await heard(_told(device, wire.real(1.0))[:-7]) == -1.0
    for value in (
        wire.real(math.nan),
        wire.text("on"),
        characters(0, b"\xff"),
        b"",
        wire.real(1.0) * 2,
        b"\x43\1\2\3",
    ):
        await heard(_told(device, value))
    await heard(_told(device, wire.real(2.0)), confirmed=True)
    device.change((0, 1), wire.real(27.5))
    async with asyncio.timeout(SOON):
        assert (await anext(changes)).value == 27.5


@pytest.mark.parametrize(
    "refuse",
    [
        lambda f: wire.reject(f.invoke, 9), lambda f: wire.error(f.invoke, 5, 5, 43), lambda f: wire.error(f.invoke, 5, 5, 37),
        lambda f: wire.error(f.invoke, 5, 3, 19), lambda f: wire.abort(f.invoke, 9), lambda f: None,
    ],
    ids=["no service", "not this object", "not so long", "no room", "no resources", "silence"],
)  # fmt: skip
async def test_a_subscription_that_is_not_taken_leaves_the_reading_alone(
    network: Network, refuse: Reply
) -> None:
    """However the controller says that it offers no changes of value: nothing is subscribed, and values are read."""
    network.ours.replies[5] = refuse
    network.deadline(1.5)
    assert await network.driver.subscribe([ROOM, SETPOINT], 60) == []
    network.deadline(PATIENT)
    assert await network.room() == 21.5
