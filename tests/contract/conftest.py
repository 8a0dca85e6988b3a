"""A driver of each stack, a controller of each kind, and a relay between them that can do harm."""

from __future__ import annotations

import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Target
from tests.contract.relay import Relay, honest
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import (
    BEHIND,
    CONTROLLER,
    DRIVER,
    INSTANCE,
    MOVED,
    NEIGHBOUR,
    RELAY,
    SERVERS,
    Server,
)
from tests.ports import free_everywhere

STACKS: dict[str, type[Bac0Driver] | type[RustyDriver]] = {"bac0": Bac0Driver, "rusty": RustyDriver}

PATIENT, HASTY = 5.0, 0.3
"""Deadlines in seconds: where an answer is expected, on a busy machine too, and where none is."""

OURS = 900_001
"""Our device instance."""

SAMPLE = 5
"""Of the fault matrix every run tries one case in so many, the same each time; `make contract` tries them all."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sample the fault matrix, unless all of it is asked for by CONTRACT=full or listed."""
    if os.environ.get("CONTRACT") == "full" or config.option.collectonly:
        return
    left_out = [
        i for i in items if i.path.name == "test_bac0_faults.py" and zlib.crc32(i.name.encode()) % SAMPLE
    ]
    if left_out:
        chosen = set(left_out)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if i not in chosen]


class Bench(NamedTuple):
    """What a test works with."""

    driver: Bac0Driver | RustyDriver
    relay: Relay
    server: Server

    def at(self, object_type: str, instance: int = 1) -> Address:
        """An object of the controller."""
        return Address("controller", object_type, instance)

    def deadline(self, seconds: float) -> None:
        """From now on a call may take so long: what comes of silence need not be what an answer has."""
        peer = self.driver._calls.peer("controller")
        peer.target = peer.target._replace(timeout=seconds)


@asynccontextmanager
async def beside(
    stack: str, port: int, device: ScriptedDevice, timeout: float
) -> AsyncIterator[Bac0Driver | RustyDriver]:
    """A driver beside a scripted controller at CONTROLLER, without a relay; a call may take so many seconds."""
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 16, timeout)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    yield driver
    await driver.stop()
    await device.stop()


MakeBench = Callable[..., Awaitable[Bench]]


@pytest.fixture(params=list(STACKS))
def stack(request: pytest.FixtureRequest) -> str:
    """Which driver the suite tries."""
    return str(request.param)


@pytest.fixture(params=list(SERVERS))
def kind(request: pytest.FixtureRequest) -> str:
    """Which controller it tries it on."""
    return str(request.param)


@pytest.fixture
def port() -> int:
    """A UDP port that no test used lately, for controllers; the next one is the driver's."""
    return free_everywhere((CONTROLLER, RELAY, BEHIND, MOVED, NEIGHBOUR), DRIVER)


@pytest.fixture
async def make_bench(stack: str, kind: str, port: int) -> AsyncIterator[MakeBench]:
    """Start controller, relay and driver; stop them in the other order."""
    server = SERVERS[kind](port)
    relay = Relay((RELAY, port), BEHIND, server.where)
    benches: list[Bench] = []

    async def make(
        *, timeout: float = PATIENT, at_once: int = 16, instance: int = INSTANCE, **options: Any
    ) -> Bench:
        await server.start()
        await relay.start()
        target = Target("controller", instance, f"{RELAY}:{port}", at_once, timeout)
        driver = STACKS[stack](DRIVER, port + 1, [target], OURS, **options)
        await driver.start()
        benches.append(Bench(driver, relay, server))
        return benches[0]

    yield make
    relay.fault = honest
    for bench in benches:
        await bench.driver.stop()
    await relay.stop()
    await server.stop()
