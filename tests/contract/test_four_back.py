"""Four controllers, and a restart of ours or of theirs: all four are back, not one."""

from __future__ import annotations

import asyncio

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Target
from tests.contract import wire
from tests.contract.conftest import OURS, PATIENT, STACKS
from tests.contract.scripted import ScriptedDevice, Thing
from tests.contract.servers import DRIVER
from tests.networks import subnet

FOUR = range(1, 5)
ROOM = (0, 1)


async def test_four_of_four_are_back_after_our_restart_and_after_theirs(stack: str, port: int) -> None:
    """Each reports its changes to the process that runs now, and again once all have lost their subscriptions."""
    devices = {
        n: ScriptedDevice(1000 + n, (f"{subnet(13)}.{n}", port), {ROOM: Thing(wire.real(20.0 + n))})
        for n in FOUR
    }
    targets = [
        Target(f"ddc-{n}", each.instance, f"{each.where[0]}:{port}", 1, PATIENT)
        for n, each in devices.items()
    ]
    rooms = [Address(f"ddc-{n}", "analog-input", 1) for n in FOUR]
    for each in devices.values():
        await each.start()
    try:
        for _ in range(2):
            driver = STACKS[stack](DRIVER, port + 1, targets, OURS)
            await driver.start()
            try:
                for room in rooms:
                    assert await driver.subscribe([room], 3600) == [room]
                await _all_report(driver, devices)
                for each in devices.values():
                    each.subscribers.clear()
                    each._send(wire.i_am(each.instance), (DRIVER, port + 1))
                async with asyncio.timeout(30):
                    while not all(each.subscribers for each in devices.values()):
                        await asyncio.sleep(0.02)
                await _all_report(driver, devices)
            finally:
                await driver.stop()
            for each in devices.values():
                each.subscribers.clear()
    finally:
        for each in devices.values():
            await each.stop()


async def _all_report(driver: Bac0Driver | RustyDriver, devices: dict[int, ScriptedDevice]) -> None:
    """A new value of each controller arrives."""
    _told.append(_told[-1] + 1.0)
    for n, each in devices.items():
        each.change(ROOM, wire.real(_told[-1] + n))
    waiting = {(f"ddc-{n}", _told[-1] + n) for n in devices}
    async with asyncio.timeout(30):
        async for change in driver.changes():
            waiting.discard((change.address.device, change.value))
            if not waiting:
                return


_told = [30.0]
