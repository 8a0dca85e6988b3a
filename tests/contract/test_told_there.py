"""Changes of value are told to the second port, at a fraction of what the stack takes for one; none is lost where that does not work."""

from __future__ import annotations

import asyncio

import pytest

from drivers.bacnet.rusty import told
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Rejected
from tests.contract import relay, wire
from tests.contract.conftest import Bench, MakeBench
from tests.contract.relay import Fault, Relay
from tests.waiting import SOON

pytestmark = pytest.mark.parametrize("stack", ["rusty"], indirect=True)
both = pytest.mark.parametrize("kind", ["scripted", "rusty"], indirect=True)
scripted = pytest.mark.parametrize("kind", ["scripted"], indirect=True)
ROOM = Address("controller", "analog-input", 1)
Where = tuple[str, int]


def _port(bench: Bench) -> Where:
    assert isinstance(bench.driver, RustyDriver)
    assert bench.driver._link.second is not None
    return bench.driver._link.second.where


def _asked(bench: Bench, then: Fault = relay.honest) -> list[Where]:
    """From where is subscribed from now on."""
    seen: list[Where] = []

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        ours = not from_controller and frame is not None and frame.type == wire.CONFIRMED
        if ours and frame is not None and frame.service == wire.SUBSCRIBE_COV and line.client:
            seen.append(line.client)
        then(line, data, from_controller)

    bench.relay.fault = fault
    return seen


def _unheard(bench: Bench, *kinds: int) -> Fault:
    """A firewall that lets nothing of these kinds of the controller's through to the second port."""
    port = _port(bench)

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if not (from_controller and line.client == port and frame is not None and frame.type in kinds):
            relay.honest(line, data, from_controller)

    return fault


async def _is_told(bench: Bench, value: float) -> None:
    """The room's change is told, however it comes."""
    await bench.server.change(value)
    async with asyncio.timeout(SOON):
        async for answer in bench.driver.changes():
            assert answer.address == ROOM
            if answer.value == value:
                return


@both
async def test_what_is_read_at_the_second_port_is_told_there(make_bench: MakeBench) -> None:
    """Subscribed to from there, told there and cancelled there; the stack's port hears nothing of it."""
    bench = await make_bench()
    await bench.driver.read([ROOM])
    seen = _asked(bench)
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert isinstance(bench.driver, RustyDriver)
    bench.driver._link._on_cov = lambda source, told: pytest.fail("the stack was told")
    await _is_told(bench, 17.25)
    assert bench.driver.reports(ROOM)
    await bench.driver.stop()
    assert seen == [_there(bench, seen)] * 2


def _there(bench: Bench, seen: list[Where]) -> Where:
    """The second port as it was, also once it is closed."""
    assert isinstance(bench.driver, RustyDriver)
    return seen[0][0], bench.driver._link._port + 16


@scripted
async def test_who_does_not_answer_there_is_subscribed_to_by_the_stack(make_bench: MakeBench) -> None:
    """A firewall that knows one port costs a third of one call's time, and no change."""
    bench = await make_bench(timeout=1.5)
    await bench.driver.read([ROOM])
    seen = _asked(bench, _unheard(bench, wire.SIMPLE_ACK))
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert seen[0] == _port(bench) != seen[-1]
    seen.clear()
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert _port(bench) not in seen
    await _is_told(bench, 17.25)


@scripted
async def test_whose_changes_do_not_come_there_is_subscribed_to_by_the_stack(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It agrees, and something between lets no notification through: the renewal goes from the port that everybody knows."""
    bench = await make_bench()
    await bench.driver.read([ROOM])
    seen = _asked(bench, _unheard(bench, wire.UNCONFIRMED))
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert set(seen) == {_port(bench)}
    monkeypatch.setattr(told, "OWED_WITHIN", 0.0)
    seen.clear()
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert _port(bench) not in seen
    await _is_told(bench, 17.25)


@scripted
async def test_who_refuses_it_there_is_not_asked_twice(make_bench: MakeBench) -> None:
    """A refusal is the device's, whichever port it came to."""
    bench = await make_bench()
    await bench.driver.read([ROOM])
    seen = _asked(bench, relay.erring(5, 45))
    assert await bench.driver.subscribe([ROOM], 60) == []
    assert seen == [_port(bench)]
    with pytest.raises(Rejected):
        assert isinstance(bench.driver, RustyDriver)
        await bench.driver._renew(ROOM, 60)


@scripted
async def test_the_way_back_is_kept_open(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is polled rarely is asked something in between: a firewall that lets in answers alone would shut after a while."""
    monkeypatch.setattr(told, "OPEN_FOR", 0.02)
    bench = await make_bench()
    await bench.driver.read([ROOM])
    await bench.driver.subscribe([ROOM], 60)
    port, before = _port(bench), len(bench.relay.requests)
    async with asyncio.timeout(SOON):
        while len(bench.relay.requests) < before + 2:
            await asyncio.sleep(0.01)  # nothing but the wire tells
    assert bench.relay.client == port
    assert {frame.service for frame in bench.relay.requests[before:]} == {wire.READ_MULTIPLE}
