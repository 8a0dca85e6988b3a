"""What a device's line does to datagrams, and what a device must survive from its clients."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from rusty_bacnet import (
    BacnetAbortError,
    BACnetClient,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from simulator.bacnet.bacpypes_front import BacpypesFront
from simulator.bacnet.front import DeviceSpec, Input, ObjectSpec
from simulator.bacnet.relay import MOST_CLIENTS, Relay, bad_line
from simulator.bacnet.rusty_front import RustyFront
from simulator.bacnet.served_front import ServedFront
from tests.networks import subnet
from tests.ports import free_udp

P = PropertyIdentifier
HOST = f"{subnet(44)}.11"
CONTACTS = tuple(
    ObjectSpec("binary-input", instance, f"CONTACT_{instance}", None, False, None, None, ())
    for instance in range(1, 401)
)
FAN = ObjectSpec("binary-value", 1, "FAN", None, True, True, None, ())
FAN_ID = ObjectIdentifier(ObjectType.BINARY_VALUE, 1)


@pytest.fixture(params=[RustyFront, BacpypesFront])
async def front(request: pytest.FixtureRequest) -> AsyncIterator[tuple[ServedFront, str]]:
    """One controller with a fan and four hundred contacts, and its address."""
    port = free_udp(HOST)
    served: ServedFront = request.param([DeviceSpec("fcu", 2001, HOST, port, (FAN, *CONTACTS))])
    await served.start()
    yield served, f"{HOST}:{port}"
    await served.stop()


def client() -> BACnetClient:
    """A client on loopback at a port of its own."""
    return BACnetClient("127.0.0.1", 0, "127.0.0.1", apdu_timeout_ms=1000)


async def test_a_subscriber_that_is_gone_does_not_stop_the_building(front: tuple[ServedFront, str]) -> None:
    """Four hundred confirmed notifications that nobody answers: the controller still answers another."""
    served, address = front
    async with client() as gone:
        for instance in range(1, 401):
            contact = ObjectIdentifier(ObjectType.BINARY_INPUT, instance)
            await gone.subscribe_cov(address, instance, contact, True, 60)
    await asyncio.wait_for(
        served.set_inputs([Input("fcu", "binary-input", contact.instance, True) for contact in CONTACTS]), 30
    )
    async with client() as other:
        answer = await asyncio.wait_for(other.read_property(address, FAN_ID, P.PRESENT_VALUE), 30)
    assert answer.value == 1


async def test_many_strangers_do_not_exhaust_the_device(front: tuple[ServedFront, str]) -> None:
    """After more clients than it remembers, the device still answers the next one."""
    _, address = front
    host, port = address.split(":")
    for _ in range(MOST_CLIENTS + 50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.1", 0))
            stranger.sendto(b"\x81\x0a\x00\x04", (host, int(port)))
    async with client() as next_one:
        assert (await next_one.read_property(address, FAN_ID, P.PRESENT_VALUE)).value == 1


async def test_a_lost_write_is_not_in_the_log_and_a_doubled_one_is_there_twice(
    front: tuple[ServedFront, str],
) -> None:
    """The log has what reached the device: nothing of a dead line, both copies of an echoing one."""
    served, address = front
    write = PropertyValue.enumerated(0)
    async with client() as supervisor:
        served.set_line("fcu", bad_line(1, loss=1, delay=0, jitter=0, duplicates=0))
        with pytest.raises(BacnetAbortError):
            await supervisor.write_property(address, FAN_ID, P.PRESENT_VALUE, write, 10)
        assert served.writes == []
        served.set_line("fcu", bad_line(1, loss=0, delay=0.01, jitter=0, duplicates=1))
        await supervisor.write_property(address, FAN_ID, P.PRESENT_VALUE, write, 10)
        served.set_line("fcu", None)
        assert (await supervisor.read_property(address, FAN_ID, P.PRESENT_VALUE)).value == 0
    assert [each.value for each in served.writes] == [0, 0]


async def test_stopping_with_datagrams_under_way_is_quiet() -> None:
    """A relay that is closed while datagrams are late drops them, and complains of nothing."""
    heard: list[bytes] = []
    relay = Relay((HOST, free_udp(HOST)), (HOST, free_udp(HOST)), heard.append)
    late, under_way = bad_line(1, loss=0, delay=0.3, jitter=0, duplicates=0), asyncio.Event()

    def fate() -> Sequence[float]:
        under_way.set()
        return late()

    relay.fate = fate
    relay.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"late", relay.public)
    async with asyncio.timeout(30):
        await under_way.wait()
    relay.stop()
    await asyncio.sleep(0.4)
    assert heard == []


def test_a_bad_line_keeps_its_shares_and_its_seed() -> None:
    """A fifth is lost, a tenth comes twice, some overtake others; the same seed gives the same line."""
    line = bad_line(7, loss=0.2, delay=0.2, jitter=0.15, duplicates=0.1)
    fates = [line() for _ in range(10_000)]
    copies = Counter(len(fate) for fate in fates)
    assert copies[0] / 10_000 == pytest.approx(0.2, abs=0.02)
    assert copies[2] / 8_000 == pytest.approx(0.1, abs=0.02)
    delays = [delay for fate in fates for delay in fate]
    assert min(delays) >= 0.05
    assert max(delays) <= 0.35
    assert any(later < earlier for earlier, later in pairwise(delays))
    again = bad_line(7, loss=0.2, delay=0.2, jitter=0.15, duplicates=0.1)
    assert [again() for _ in range(10_000)] == fates
