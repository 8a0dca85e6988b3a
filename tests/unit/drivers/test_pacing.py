"""A slow trunk behind a router gets so many requests a second, whoever on it they are for."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from drivers.care.pacing import ROUTED, Gate, Pace, Paces, network
from drivers.protocol import Target
from tests.fakes import virtual_time


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
    found = Paces([*TRUNK, _target("ip", "10.0.0.9:47808"), _target("free", None)], {"west": 2.0, "ip": 5.0})
    assert found.of("east", "2001:12") is found.of("west", "2001:13")
    assert found.of("roof", "2002:12") is not found.of("east", "2001:12")
    assert found.of("free", None) is found.of("free", "10.0.0.10:47808") is None
    assert found.of("ip", "10.0.0.9:47808") is not None


@virtual_time
async def test_a_device_that_is_found_on_a_trunk_shares_its_pace() -> None:
    """No address in the site file: once its I-Am came through the router it counts among the others there, and the
    lowest word of any of them holds."""
    found = Paces([*TRUNK, _target("free", None), _target("slow", None)], {"slow": 1.0})
    assert found.of("free", "2001:14") is found.of("east", "2001:12")
    met = found.of("free", "2003:1")
    assert met is not None
    assert met.takes(1) == pytest.approx(0.1)
    assert found.of("slow", "2003:2") is met
    assert met.takes(1) == pytest.approx(1.0)


@virtual_time
async def test_twenty_requests_to_two_devices_of_a_trunk_take_ten_seconds_at_two_a_second() -> None:
    """Sixteen at once are allowed for each, and still no second has more than two."""
    found = Paces(TRUNK, {"west": 2.0})
    gates = [Gate(16, found.of(t.device, t.address)) for t in TRUNK[:2]]
    started: list[float] = []

    async def request(gate: Gate) -> None:
        async with gate:
            started.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(request(gates[n % 2]) for n in range(20)))
    gaps = [b - a for a, b in pairwise(started)]
    assert min(gaps) == pytest.approx(0.5)
    assert started[-1] == pytest.approx(9.5)


@virtual_time
async def test_a_repeated_request_waits_for_a_turn_of_its_own() -> None:
    """A retry is a request like any other to the trunk, and those after it wait longer."""
    gate = Gate(16, Pace(2.0))
    async with gate:
        assert gate.again() == pytest.approx(0.5)
        assert gate.again() == pytest.approx(1.0)
    async with gate:
        assert asyncio.get_running_loop().time() == pytest.approx(1.5)


@virtual_time
async def test_a_deadline_does_not_run_while_requests_queue() -> None:
    """Thirty controllers of one trunk are polled in the same moment, three seconds for each: the last is asked three
    seconds later, and none of them counts as silent for that."""
    pace = Pace(ROUTED)
    gates = [Gate(4, pace) for _ in range(30)]
    assert gates[0].takes(40) == pytest.approx(4.0)

    async def poll(gate: Gate) -> None:
        async with gate.deadline(3.0, 2):
            await asyncio.sleep(0)  # the requests start together, after all deadlines
            await asyncio.gather(request(gate), request(gate))

    async def request(gate: Gate) -> None:
        async with gate:
            await asyncio.sleep(0.5)

    await asyncio.gather(*(poll(gate) for gate in gates))
    assert asyncio.get_running_loop().time() == pytest.approx(5.9 + 0.5)
    with pytest.raises(TimeoutError):
        async with gates[0].deadline(3.0):
            await asyncio.sleep(4.0)
    assert Gate(4).takes(40) == 0.0
