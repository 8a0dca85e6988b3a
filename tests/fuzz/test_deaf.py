"""Requests that nobody can read leave nothing behind: what the fuzzer found, as a story of its own."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.bac0.link import MOST_SERVED
from drivers.protocol import Target
from tests.contract import wire
from tests.networks import subnet

OURS: Final = 3_056_001
DRIVER, DEVICE, STRANGER = (f"{subnet(8)}.{octet}" for octet in (1, 11, 200))
_UNREADABLE: Final = 0x0F
"""Max_APDU_Length_Accepted that the standard reserves (§20.1.2.5): bacpypes3 raises, and kept the request for ever."""


def _request(invoke: int, max_apdu: int) -> bytes:
    """ReadProperty of our device's name."""
    asked = wire.context(0, wire.object_id(8, OURS)) + wire.context(1, b"\x4d")
    return wire.datagram(bytes((0x00, max_apdu, invoke, wire.READ_PROPERTY)) + asked, reply=True)


async def test_a_hundred_unreadable_requests_do_not_make_us_deaf() -> None:
    """A front end that asks afterwards gets its answer: no request that could not be read is kept."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front_end:
        front_end.setblocking(False)
        front_end.bind((STRANGER, 0))
        # not the stranger's: bacpypes3 takes any 127.x address on its own port for itself
        port = front_end.getsockname()[1] - 1
        driver = Bac0Driver(DRIVER, port, [Target("d", 1, f"{DEVICE}:47808", 16, 3.0)], OURS)
        await driver.start()
        try:
            for invoke in range(2 * MOST_SERVED):
                front_end.sendto(_request(invoke, _UNREADABLE), (DRIVER, port))
                await asyncio.sleep(0.002)
            front_end.sendto(_request(255, 5), (DRIVER, port))
            async with asyncio.timeout(30):
                while True:
                    frame = wire.parse(await loop.sock_recv(front_end, 1500))
                    if frame is not None and frame.type == wire.COMPLEX_ACK and frame.invoke == 255:
                        break
            assert b"building-supervisor" in frame.data
        finally:
            await driver.stop()
