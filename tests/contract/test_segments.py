"""Answers in segments although none are wanted: as they should be, and longer than anybody takes."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Silent, Target
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.scripted import Where
from tests.contract.servers import BACPYPES, CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.unusual import Unusual

FRAME = 1476
SETPOINTS = [Address("controller", "analog-value", n) for n in range(1, 33)]


@asynccontextmanager
async def _driving(stack: str, port: int, where: Where) -> AsyncIterator[Bac0Driver | RustyDriver]:
    target = Target("controller", INSTANCE, f"{where[0]}:{where[1]}", 16, 2.0)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    try:
        yield driver
    finally:
        await driver.stop()


class Segmenting(Unusual):
    """Cuts what is longer than a frame into segments of `size` octets, whatever the client said that it takes."""

    size = FRAME

    def _send(self, data: bytes, addr: Where) -> None:
        apdu = data[6:]
        if apdu[0] >> 4 != wire.COMPLEX_ACK or len(apdu) <= FRAME:
            super()._send(data, addr)
            return
        body, size = apdu[3:], self.size - 5
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        for number, part in enumerate(parts):
            more = 0x04 if number + 1 < len(parts) else 0
            head = bytes((0x38 | more, apdu[1], number, len(parts), apdu[2]))
            super()._send(wire.datagram(head + part), addr)


async def _names(driver: Bac0Driver | RustyDriver) -> list[object]:
    """As who vets a device asks for them: again where it was silent, though it had said just now who it is."""
    await driver.identify("controller")
    for _ in range(3):
        with contextlib.suppress(Silent):
            return [answer.value for answer in await driver.names(SETPOINTS)]
    return []


@pytest.mark.parametrize("size", [480, FRAME, 2_500])
async def test_a_controller_that_segments_though_nobody_asked(stack: str, port: int, size: int) -> None:
    """Names of a hundred letters: thirty do not fit a frame. In proper segments, or in ones that no BACnet/IP frame
    may have: every name comes, in smaller parts where it must be, and nothing is left in flight."""
    named = dict(things())
    for (kind, number), thing in named.items():
        thing.name = f"object {kind} {number} ".ljust(100, "x")
    device = Segmenting(INSTANCE, (CONTROLLER, port), dict(named))
    device.size = size
    await device.start()
    async with _driving(stack, port, device.where) as driver:
        assert await _names(driver) == [f"object 2 {n} ".ljust(100, "x") for n in range(1, 33)]
        assert [a.value for a in await driver.read(SETPOINTS)] == [24.0] * 32
        assert driver.in_flight == 0
    await device.stop()


async def test_a_value_in_segments_without_an_end_is_given_up(stack: str, port: int) -> None:
    """It begins to send segments and stops half-way: the call ends in time, and the next one is answered."""
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(things()))
    await device.start()
    device.replies[14] = _first_of_many(device)
    async with _driving(stack, port, device.where) as driver:
        with contextlib.suppress(Silent):
            async with asyncio.timeout(30):
                await driver.read(SETPOINTS)
        device.replies.clear()
        assert [a.value for a in await driver.read(SETPOINTS)] == [24.0] * 32
        assert driver.in_flight == 0
    await device.stop()


def _first_of_many(device: Unusual) -> Callable[[wire.Frame], bytes]:
    def reply(frame: wire.Frame) -> bytes:
        whole = device._read_many(frame)[9:]
        return wire.datagram(bytes((0x3C, frame.invoke, 0, 4, frame.service)) + whole[:100])

    return reply


async def test_bacpypes3s_own_server_with_long_names(stack: str, port: int) -> None:
    """bacpypes3 0.0.110 makes its segments longer than the client takes: its names are read in smaller parts, and it
    is not taken for silent."""
    script = Path(__file__).with_name("bacpypes_wordy.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(INSTANCE), BACPYPES, str(port), "40"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        async with _driving(stack, port, (BACPYPES, port)) as driver:
            names = await _names(driver)
            assert [str(name)[:11].strip() for name in names] == [f"setpoint {n}" for n in range(1, 33)]
            assert [a.value for a in await driver.read(SETPOINTS)] == [24.0] * 32
    finally:
        process.kill()
        process.communicate()
