"""Our own port, on both stacks: who has it already is named, and nobody takes it from us."""

from __future__ import annotations

import socket

import pytest

from drivers.protocol import Misconfigured
from tests.contract.conftest import OURS, STACKS
from tests.contract.servers import DRIVER


@pytest.mark.parametrize("shared", [False, True])
async def test_a_taken_port_is_reported(stack: str, port: int, shared: bool) -> None:
    """Even when the other program shares it, which bacpypes3 would accept silently."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
        other.bind((DRIVER, port))
        with pytest.raises(Misconfigured, match=f"UDP port {port} on {DRIVER} is taken"):
            await STACKS[stack](DRIVER, port, [], OURS).start()


async def test_our_port_cannot_be_taken_later(stack: str, port: int) -> None:
    """A second program that shares ports is told that this one is taken, until we stop."""
    driver = STACKS[stack](DRIVER, port, [], OURS)
    await driver.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            with pytest.raises(OSError, match="in use"):
                other.bind((DRIVER, port))
        finally:
            await driver.stop()
        other.bind((DRIVER, port))


async def test_an_address_of_another_machine_is_reported(stack: str, port: int) -> None:
    """The bind address was copied from another site."""
    with pytest.raises(Misconfigured, match="not an address of this machine"):
        await STACKS[stack]("192.0.2.1", port, [], OURS).start()
