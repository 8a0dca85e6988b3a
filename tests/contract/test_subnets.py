"""Devices of another subnet: as a foreign device of its BBMD, or as our own subnet's BBMD; on both stacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest

from drivers.care.ports import Foreign, Subnets
from drivers.protocol import Address, Silent, Target
from tests.contract import wire
from tests.contract.bbmd import ACCEPTED, REFUSED, Bbmd
from tests.contract.conftest import OURS, STACKS
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, NEIGHBOUR, things

ROOM = Address("controller", "analog-input", 1)
FAR = [Target("controller", INSTANCE, None, 16, 2.0)]
"""A device whose address nobody knows."""


@pytest.fixture
async def bbmd(port: int) -> AsyncIterator[Bbmd]:
    """The other subnet's BBMD, and a controller there."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
    await device.start()
    made = Bbmd((NEIGHBOUR, port))
    made.devices.append(device)
    await made.start()
    yield made
    await made.stop()
    await device.stop()


async def until(happened: Callable[[], bool], within: float = 30.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not happened():
            await asyncio.sleep(0.02)


async def test_a_foreign_device_registers_renews_and_finds_devices_through_the_bbmd(
    stack: str, port: int, bbmd: Bbmd
) -> None:
    """Register-Foreign-Device goes out with the TTL and again before it is over; Who-Is goes as
    Distribute-Broadcast-To-Network, and the controller of the other subnet is read."""
    subnets = Subnets(Foreign(f"{NEIGHBOUR}:{port}", 2))
    driver = STACKS[stack](DRIVER, port + 1, FAR, OURS, subnets=subnets)
    await driver.start()
    try:
        assert (await driver.identify("controller")).address == f"{CONTROLLER}:{port}"
        assert (await driver.read([ROOM]))[0].value == 21.5
        assert wire.WHO_IS in [frame.service for frame in bbmd.distributed]
        await until(lambda: len(bbmd.registered) >= 3)
        times = [at for at, _, ttl in bbmd.registered if ttl]
        assert {ttl for _, _, ttl in bbmd.registered} == {2}
        assert {who for _, who, _ in bbmd.registered} == {(DRIVER, port + 1)}
        assert all(b - a < 2.0 for a, b in pairwise(times)), "renewed in time"
    finally:
        await driver.stop()


async def test_a_refusal_and_a_silence_are_not_the_last_word(
    stack: str, port: int, bbmd: Bbmd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The BBMD's table is full, then its cable is out: it is asked again until it accepts. bacpypes3 by itself
    would have given up at the refusal."""
    monkeypatch.setattr("drivers.bacnet.bac0.foreign.RETRY", 0.3)
    bbmd.answer = REFUSED
    subnets = Subnets(Foreign(f"{NEIGHBOUR}:{port}", 2))
    driver = STACKS[stack](DRIVER, port + 1, FAR, OURS, subnets=subnets)
    await driver.start()
    try:
        await until(lambda: len(bbmd.registered) >= 1)
        with pytest.raises(Silent):
            await driver.identify("controller")
        bbmd.answer = None
        asked = len(bbmd.registered)
        await until(lambda: len(bbmd.registered) > asked)
        bbmd.answer = ACCEPTED
        asked = len(bbmd.registered)
        await until(lambda: len(bbmd.registered) > asked + 1)
        assert (await driver.identify("controller")).instance == INSTANCE
    finally:
        await driver.stop()


async def test_a_bbmd_that_restarts_has_us_again_at_the_first_broadcast(
    stack: str, port: int, bbmd: Bbmd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table is empty, and our registration of ten minutes was to be renewed in five: until then no controller of the other
    subnet would have been found. It says so to the first Who-Is, and is asked at once."""
    monkeypatch.setattr("drivers.bacnet.bac0.foreign.RETRY", 0.3)
    subnets = Subnets(Foreign(f"{NEIGHBOUR}:{port}", 600))
    driver = STACKS[stack](DRIVER, port + 1, FAR, OURS, subnets=subnets)
    await driver.start()
    try:
        assert (await driver.identify("controller")).instance == INSTANCE
        bbmd.knows_us, asked = False, len(bbmd.registered)
        async with asyncio.timeout(30):
            while await driver.who_claims(INSTANCE, 0.3) is None:
                pass
        assert len(bbmd.registered) > asked
    finally:
        await driver.stop()


async def test_as_a_bbmd_we_forward_broadcasts_to_our_peers_and_hear_theirs(
    stack: str, port: int, bbmd: Bbmd
) -> None:
    """Our Who-Is reaches the other subnet as a Forwarded-NPDU that names us; the controller answers."""
    driver = STACKS[stack](DRIVER, port + 1, FAR, OURS, subnets=Subnets(None, (f"{NEIGHBOUR}:{port}",)))
    await driver.start()
    try:
        assert (await driver.identify("controller")).address == f"{CONTROLLER}:{port}"
        who_is = [origin for origin, frame in bbmd.forwarded if frame.service == wire.WHO_IS]
        assert who_is
        assert set(who_is) == {(DRIVER, port + 1)}
        assert bbmd.registered == []
        assert (await driver.read([ROOM]))[0].value == 21.5
    finally:
        await driver.stop()


async def test_an_i_am_that_another_bbmd_forwards_is_from_its_device(
    stack: str, port: int, bbmd: Bbmd
) -> None:
    """The controller announces itself on its own subnet: we learn its address, not the BBMD's."""
    device = bbmd.devices.pop()
    driver = STACKS[stack](DRIVER, port + 1, FAR, OURS, subnets=Subnets(None, (f"{NEIGHBOUR}:{port}",)))
    await driver.start()
    try:
        bbmd.forward(wire.i_am(INSTANCE), device.where, (DRIVER, port + 1))
        await until(lambda: driver._calls.peer("controller").sure)
        assert (await driver.read([ROOM]))[0].value == 21.5
        assert wire.WHO_IS not in [frame.service for _, frame in bbmd.forwarded]
    finally:
        await driver.stop()
