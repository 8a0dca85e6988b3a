"""A slow trunk behind a router gets so many requests a second, whoever on it they are for."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from drivers.base import Target
from drivers.pacing import ROUTED, Gate, Pace, network, paces
from tests.fakes import virtually


def _target(device: str, address: str | None) -> Target:
    return Target(device, 1, address, 16, 3.0)


TRUNK = [_target("east", "2001:12"), _target("west", "2001:13"), _target("roof", "2002:12")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("2001:12", 2001), ("192.168.1.20:47808", None), ("192.168.1.20", None), (None, None)],
)
def test_an_address_behind_a_router_names_its_network(address: str | None, expected: int | None) -> None:
    """`network:station` is told from `host:port`."""
    assert network(address) == expected


def test_devices_of_one_trunk_share_its_pace() -> None:
    """The lowest that is stated for any of them holds for all; a trunk without a word gets ten a second."""
    found = paces([*TRUNK, _target("ip", "10.0.0.9:47808"), _target("free", None)], {"west": 2.0, "ip": 5.0})
    assert found["east"] is found["west"]
    assert found["roof"] is not found["east"]
    assert "free" not in found


def test_twenty_requests_to_two_devices_of_a_trunk_take_ten_seconds_at_two_a_second() -> None:
    """Sixteen at once are allowed for each, and still no second has more than two."""

    async def story() -> None:
        found = paces(TRUNK, {"west": 2.0})
        gates = [Gate(16, found["east"]), Gate(16, found["west"])]
        started: list[float] = []

        async def request(gate: Gate) -> None:
            async with gate:
                started.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(request(gates[n % 2]) for n in range(20)))
        gaps = [b - a for a, b in pairwise(started)]
        assert min(gaps) == pytest.approx(0.5)
        assert started[-1] == pytest.approx(9.5)

    virtually(story())


def test_a_repeated_request_waits_for_a_turn_of_its_own() -> None:
    """A retry is a request like any other to the trunk, and those after it wait longer."""

    async def story() -> None:
        gate = Gate(16, Pace(2.0))
        async with gate:
            assert gate.again() == pytest.approx(0.5)
            assert gate.again() == pytest.approx(1.0)
        async with gate:
            assert asyncio.get_running_loop().time() == pytest.approx(1.5)

    virtually(story())


def test_a_deadline_does_not_run_while_requests_queue() -> None:
    """Forty single reads at ten a second: a call knows that its last one starts four seconds from now."""

    async def story() -> None:
        gate = Gate(1, Pace(ROUTED))
        assert gate.takes(40) == pytest.approx(4.0)

        async def request() -> None:
            async with gate:
                await asyncio.sleep(0.01)

        others = [asyncio.create_task(request()) for _ in range(10)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert gate.takes(40) == pytest.approx(5.0)
        await asyncio.gather(*others)
        assert Gate(4).takes(40) == 0.0

    virtually(story())
