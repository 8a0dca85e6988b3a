"""Several writes in one datagram, on each kind of controller and with both stacks."""

from __future__ import annotations

import asyncio

import pytest

from drivers.protocol import DriverError, Misconfigured, Rejected, Retryable, Write
from tests.contract.conftest import HASTY, Bench, MakeBench
from tests.contract.relay import Relay
from tests.contract.servers import Bacpypes, Scripted

SINGLE, MANY = 15, 16


def _closing(bench: Bench, *instances: int) -> list[Write]:
    return [Write(bench.at("analog-value", n), 26.0 + n, 10) for n in instances]


async def _slot(bench: Bench, instance: int) -> float | int | None:
    return (await bench.driver.read_array(bench.at("analog-value", instance))).at(10)


def _services(bench: Bench) -> list[int]:
    return [frame.service for frame in bench.relay.requests if frame.service in (SINGLE, MANY)]


async def test_the_closing_of_ten_rooms_is_one_datagram(make_bench: MakeBench) -> None:
    """Ten setpoints, a switch and a mode; then all are let go, in one datagram again."""
    bench = await make_bench()
    await bench.driver.identify("controller")
    writes = _closing(bench, *range(1, 11))
    writes += [Write(bench.at("binary-value"), 1, 10), Write(bench.at("multi-state-value"), 2, 10)]
    assert await bench.driver.write_many(writes) == [None] * 12
    assert _services(bench) == [MANY]
    assert [await _slot(bench, n) for n in (1, 10)] == [27.0, 36.0]
    assert (await bench.driver.read([writes[-1].address]))[0].value == 2
    assert await bench.driver.write_many([write._replace(value=None) for write in writes]) == [None] * 12
    assert [await _slot(bench, n) for n in (1, 10)] == [None, None]


async def test_one_refused_write_stops_none_of_the_others(make_bench: MakeBench) -> None:
    """The third object is not there: two were written, the rest is sent again singly, and each has its own result."""
    bench = await make_bench()
    results = await bench.driver.write_many(_closing(bench, 1, 2, 99, 3, 4))
    if isinstance(bench.server, Bacpypes):
        assert all(isinstance(result, Retryable) for result in results), "its server falls silent on this"
        results = await bench.driver.write_many(_closing(bench, 1, 2, 99, 3, 4))
    assert [type(result) for result in results] == [
        type(None),
        type(None),
        Misconfigured,
        type(None),
        type(None),
    ]
    assert [await _slot(bench, n) for n in (1, 2, 3, 4)] == [27.0, 28.0, 29.0, 30.0]
    assert _services(bench)[0] == MANY
    assert _services(bench).count(SINGLE) == (5 if isinstance(bench.server, Bacpypes) else 2)


@pytest.mark.parametrize("kind", ["scripted"], indirect=True)
@pytest.mark.parametrize("asked", [True, False])
async def test_a_controller_without_the_service_is_written_singly(make_bench: MakeBench, asked: bool) -> None:
    """It says so when asked who it is; else it rejects once, and that is remembered."""
    bench = await make_bench()
    assert isinstance(bench.server, Scripted)
    bench.server.device.services = frozenset((5, 12, 14, 15))
    if asked:
        await bench.driver.identify("controller")
    for _ in range(2):
        assert await bench.driver.write_many(_closing(bench, 1, 2)) == [None, None]
    assert _services(bench) == [*([] if asked else [MANY]), SINGLE, SINGLE, SINGLE, SINGLE]
    assert [await _slot(bench, n) for n in (1, 2)] == [27.0, 28.0]


@pytest.mark.parametrize("kind", ["scripted"], indirect=True)
async def test_an_error_that_names_no_write_leads_to_single_ones(make_bench: MakeBench) -> None:
    """An older controller answers with a plain error: every write is sent again and answered for itself."""
    bench = await make_bench()
    assert isinstance(bench.server, Scripted)
    bench.server.device.names_failed = False
    results = await bench.driver.write_many(_closing(bench, 1, 99, 2))
    assert [type(result) for result in results] in (
        [type(None), Misconfigured, type(None)],
        [Retryable, Retryable, Retryable],
    )
    assert not all(isinstance(r, Rejected) for r in results)


@pytest.mark.parametrize("after", ["request", "answer"])
async def test_silence_leaves_every_write_in_doubt(make_bench: MakeBench, after: str) -> None:
    """Nobody knows whether they landed: each is Retryable, to be read back; nothing stays in flight."""
    bench = await make_bench()
    await bench.driver.identify("controller")
    bench.deadline(HASTY)

    def cut(relay: Relay, data: bytes, from_controller: bool) -> None:
        if after == "answer" and not from_controller:
            relay.onwards(data, from_controller)

    bench.relay.fault = cut
    results = await bench.driver.write_many(_closing(bench, 1, 2))
    assert all(isinstance(result, Retryable) for result in results)
    await asyncio.sleep(0.1)
    assert bench.driver.in_flight == 0


async def test_what_may_never_be_written_is_not_written_in_company(make_bench: MakeBench) -> None:
    """One slot 8 among five tens: nothing leaves the machine."""
    bench = await make_bench()
    writes = _closing(bench, 1, 2)
    with pytest.raises(DriverError):
        await bench.driver.write_many([*writes, writes[0]._replace(priority=8)])
    assert bench.relay.requests == []
