"""Changes of value are told to the second port, at a fraction of what the stack takes for one; none is lost where that does not work."""

from __future__ import annotations

import asyncio

import pytest

from drivers.bacnet.rusty import told
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Rejected, Silent
from tests.contract import relay, wire
from tests.contract.conftest import HASTY, PATIENT, Bench, MakeBench
from tests.contract.relay import Fault, Relay
from tests.waiting import SOON

pytestmark = pytest.mark.parametrize("stack", ["rusty"], indirect=True)
both = pytest.mark.parametrize("kind", ["scripted", "rusty"], indirect=True)
scripted = pytest.mark.parametrize("kind", ["scripted"], indirect=True)
CANCEL = 9
"""Octets of a SubscribeCOV that cancels: our number (up to three octets), and an object's."""
ROOM = Address("controller", "analog-input", 1)
Where = tuple[str, int]


def _port(bench: Bench) -> Where:
    assert isinstance(bench.driver, RustyDriver)
    assert bench.driver._link.second is not None
    return bench.driver._link.second.where


def _asked(bench: Bench, then: Fault = relay.honest, ended: list[Where] | None = None) -> list[Where]:
    """From where is subscribed from now on; and from where no more, there or in a list of its own."""
    seen: list[Where] = []
    cancelled = seen if ended is None else ended

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        ours = not from_controller and frame is not None and frame.type == wire.CONFIRMED
        if ours and frame is not None and frame.service == wire.SUBSCRIBE_COV and line.client:
            (cancelled if len(frame.data) <= CANCEL else seen).append(line.client)
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
    ended: list[Where] = []
    seen = _asked(bench, _unheard(bench, wire.UNCONFIRMED), ended)
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    assert _port(bench) not in seen
    assert ended == [_port(bench)]  # it would keep both, and its table is small
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


@both
async def test_a_silence_doubles_no_subscription(make_bench: MakeBench) -> None:
    """It was silent for a moment, and is not polled there until the stack has read it: what is told there is renewed and ended
    there, else it had both."""
    bench = await make_bench()
    await bench.driver.read([ROOM])
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    bench.deadline(HASTY)
    bench.relay.fault = relay.silent
    with pytest.raises(Silent):
        await bench.driver.read([ROOM])
    bench.deadline(PATIENT)
    seen = _asked(bench)
    assert isinstance(bench.driver, RustyDriver)
    assert not bench.driver._polls.may(bench.driver._calls.peer("controller"))
    await bench.driver._renew(ROOM, 60)
    await bench.driver.stop()
    assert seen == [_there(bench, seen)] * 2


@both
async def test_what_the_stack_subscribed_to_is_ended_before_it_is_told_there(make_bench: MakeBench) -> None:
    """Subscribed to before it was read: at the next renewal the controller has one of it again, and it is told."""
    bench = await make_bench()
    assert isinstance(bench.driver, RustyDriver)
    ended: list[Where] = []
    seen = _asked(bench, ended=ended)
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    await bench.driver.read([ROOM])
    await bench.driver._renew(ROOM, 60)
    assert [where == _port(bench) for where in (*seen, *ended)] == [False, True, False]
    await _is_told(bench, 17.25)
    await bench.driver._renew(ROOM, 60)
    assert len(ended) == 1


@scripted
async def test_who_falls_deaf_there_is_renewed_by_the_stack(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall put up later: each renewal comes through all the same, and after a few the second port is not asked again."""
    monkeypatch.setattr(told, "IN_A_ROW", 2)
    bench = await make_bench(timeout=1.0)
    assert isinstance(bench.driver, RustyDriver)
    await bench.driver.read([ROOM])
    assert await bench.driver.subscribe([ROOM], 60) == [ROOM]
    ended: list[Where] = []
    seen = _asked(bench, _unheard(bench, wire.SIMPLE_ACK), ended)
    for _ in range(3):
        await bench.driver._renew(ROOM, 60)
    assert seen[-1] != _port(bench)
    assert seen.count(seen[-1]) == 3
    assert ended.count(_port(bench)) == 2


@scripted
async def test_nothing_is_kept_open_after_the_stop(make_bench: MakeBench) -> None:
    """A subscription that the stop itself was the first to ask about leaves nobody behind who asks for ever."""
    bench = await make_bench()
    assert isinstance(bench.driver, RustyDriver)
    await bench.driver.read([ROOM])
    bench.driver._there.stop()
    await bench.driver._renew(ROOM, None)
    assert "told to the second port" not in {task.get_name() for task in asyncio.all_tasks()}
