"""Devices are polled through a second port, by which a value costs a fraction; nothing is lost where that does not work."""

from __future__ import annotations

import asyncio

import pytest

from drivers.bacnet.apdu import READ_MANY, WRITE
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.bacnet.rusty.polls import IN_A_ROW
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Rejected, Retryable, Silent
from tests.contract import relay, wire
from tests.contract.conftest import Bench, MakeBench
from tests.contract.relay import Fault, Relay
from tests.contract.servers import ANALOGS

pytestmark = [
    pytest.mark.parametrize("stack", ["rusty"], indirect=True),
    pytest.mark.parametrize("kind", ["scripted", "rusty"], indirect=True),
]

OBJECTS = [Address("controller", "analog-input", 1), Address("controller", "binary-value", 1)] + [
    Address("controller", "analog-value", number) for number in range(1, ANALOGS + 1)
]


def _port(bench: Bench) -> tuple[str, int]:
    assert isinstance(bench.driver, RustyDriver)
    assert bench.driver._link.second is not None
    return bench.driver._link.second.where


def _firewall(bench: Bench) -> Fault:
    """One that lets our BACnet port through, and not the second one."""
    port = _port(bench)

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        if line.client != port:
            relay.honest(line, data, from_controller)

    return fault


def _values(answers: list[Answer]) -> list[object]:
    assert not any(answer.error for answer in answers)
    return [answer.value for answer in answers]


def _seen(bench: Bench, then: Fault = relay.honest) -> list[tuple[str, int]]:
    """From where requests for many objects come from now on."""
    seen: list[tuple[str, int]] = []

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if not from_controller and frame is not None and frame.service == READ_MANY and line.client:
            seen.append(line.client)
        then(line, data, from_controller)

    bench.relay.fault = fault
    return seen


async def test_what_was_read_once_is_read_through_the_second_port(make_bench: MakeBench) -> None:
    """The stack reads a device first; from then on all its requests come from the second port, with the same values."""
    bench = await make_bench()
    first = await bench.driver.read(OBJECTS)
    seen = _seen(bench)
    again = await bench.driver.read(OBJECTS)
    assert _values(again) == _values(first)
    assert set(seen) == {_port(bench)}
    assert bench.driver.in_flight == 0


async def test_what_changes_is_news_and_what_does_not_is_the_same_answer(make_bench: MakeBench) -> None:
    """An object whose octets are the last time's gives the very answer that it gave then."""
    bench = await make_bench()
    for _ in range(2):
        before = await bench.driver.read(OBJECTS)
    await bench.server.change(17.25)
    after = await bench.driver.read(OBJECTS)
    assert after[0].value == 17.25
    assert all(one is other for one, other in zip(before[1:], after[1:], strict=True))


async def test_a_firewall_that_knows_one_port_costs_no_value(make_bench: MakeBench) -> None:
    """What gets no answer at the second port is read by the stack in the same call; after five times it is left to it."""
    bench = await make_bench(timeout=3.0)
    first = await bench.driver.read(OBJECTS)
    port, seen = _port(bench), _seen(bench, _firewall(bench))
    for _ in range(IN_A_ROW):
        assert _values(await bench.driver.read(OBJECTS)) == _values(first)
        assert port in seen
        seen.clear()
    assert _values(await bench.driver.read(OBJECTS)) == _values(first)
    assert port not in seen


@pytest.mark.parametrize(
    "fault", [relay.truncating, relay.misnaming, relay.sidestepping], ids=["cut off", "of another", "from elsewhere"]
)  # fmt: skip
async def test_an_answer_that_is_none_counts_for_nothing(make_bench: MakeBench, fault: Fault) -> None:
    """Cut off, about another object, or from another port: the stack is asked instead, and its answers stand."""
    bench = await make_bench(timeout=3.0)
    first = await bench.driver.read(OBJECTS)
    port = _port(bench)

    def spoilt(line: Relay, data: bytes, from_controller: bool) -> None:
        (fault if line.client == port else relay.honest)(line, data, from_controller)

    bench.relay.fault = spoilt
    assert _values(await bench.driver.read(OBJECTS)) == _values(first)


async def test_a_refusal_is_left_to_the_stack(make_bench: MakeBench) -> None:
    """A controller that can answer in segments only aborts ours, and answers the stack's."""
    bench = await make_bench()
    first = await bench.driver.read(OBJECTS)
    port = _port(bench)

    def aborted(line: Relay, data: bytes, from_controller: bool) -> None:
        (relay.aborting(4) if line.client == port else relay.honest)(line, data, from_controller)

    bench.relay.fault = aborted
    assert _values(await bench.driver.read(OBJECTS)) == _values(first)


async def test_a_device_that_falls_silent_is_silent(make_bench: MakeBench) -> None:
    """Within the deadline of one call, and it is read again once it is back."""
    bench = await make_bench()
    for _ in range(2):
        first = await bench.driver.read(OBJECTS)
    bench.deadline(0.3)
    bench.relay.fault = relay.silent
    with pytest.raises(Exception, match=r"no answer within 0\.3 s"):
        await bench.driver.read(OBJECTS)
    bench.relay.fault = relay.honest
    bench.deadline(5.0)
    assert _values(await bench.driver.read(OBJECTS)) == _values(first)
    assert bench.driver.in_flight == 0


async def test_slots_are_read_in_one_request_through_the_second_port(make_bench: MakeBench) -> None:
    """Array and default of several objects, before anything else was read of them; the same as by itself."""
    bench = await make_bench()
    await bench.driver.identify("controller")
    assert isinstance(bench.driver, RustyDriver)
    await bench.driver.write(OBJECTS[2], 26.0, 10)
    seen = _seen(bench)
    together = await bench.driver.read_arrays(OBJECTS)
    assert set(seen) == {_port(bench)}
    assert set(together) >= {OBJECTS[2], OBJECTS[3]}
    assert together[OBJECTS[2]].at(10) == 26.0
    for address, array in together.items():
        assert await super(RustyDriver, bench.driver).read_array(address) == array
    assert bench.driver.in_flight == 0


async def test_slots_are_read_by_the_stack_where_nothing_answers_at_the_second_port(
    make_bench: MakeBench,
) -> None:
    """It costs a third of a call's time once, and no array."""
    bench = await make_bench(timeout=1.5)
    await bench.driver.identify("controller")
    assert isinstance(bench.driver, RustyDriver)
    seen = _seen(bench, _firewall(bench))
    assert await bench.driver.read_arrays(OBJECTS[2:]) == {}
    assert set(seen) == {_port(bench)}
    seen.clear()
    assert (await bench.driver.read_array(OBJECTS[2])).at(10) is None
    assert _port(bench) not in seen


async def test_a_device_is_looked_at_in_one_request(make_bench: MakeBench) -> None:
    """The same octets each time, and the names that the stack reads; none where one of them has no name."""
    bench = await make_bench()
    assert isinstance(bench.driver, RustyDriver)
    await bench.driver.read(OBJECTS)
    seen = _seen(bench)
    looks = [
        await bench.driver.glimpse("controller", part) for part in (OBJECTS[:1], OBJECTS[:1], OBJECTS[1:3])
    ]
    said = [look for look in looks if look is not None]
    assert len(said) == 3
    assert said[0] == said[1]
    assert said[0].said == said[2].said
    assert set(seen) == {_port(bench)}
    names = [(answer.address, answer.value) for answer in await bench.driver.names(OBJECTS[1:3])]
    assert list(said[2].names) == names
    assert await bench.driver.glimpse("controller", [Address("controller", "analog-input", 4000)]) is None
    assert bench.driver.in_flight == 0


def _writes(bench: Bench, then: Fault = relay.honest) -> list[tuple[tuple[str, int], int]]:
    """From where writes come from now on, and under which invoke id."""
    seen: list[tuple[tuple[str, int], int]] = []

    def fault(line: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        ours = not from_controller and frame is not None and frame.type == 0 and frame.service == WRITE
        if ours and frame is not None and line.client:
            seen.append((line.client, frame.invoke))
        then(line, data, from_controller)

    bench.relay.fault = fault
    return seen


async def test_a_write_goes_where_its_slot_was_just_read(make_bench: MakeBench) -> None:
    """Through the second port right after an answer there, and through the stack before the first one; it lands in its slot."""
    bench = await make_bench()
    assert isinstance(bench.driver, RustyDriver)
    seen = _writes(bench)
    await bench.driver.write(OBJECTS[2], 25.0, 10)
    assert [port for port, _ in seen] != [_port(bench)]
    await bench.driver.identify("controller")
    for _ in range(2):
        await bench.driver.read(OBJECTS)
    seen.clear()
    await bench.driver.write(OBJECTS[2], 26.0, 10)
    await bench.driver.write(OBJECTS[2], None, 9)
    assert [port for port, _ in seen] == [_port(bench)] * 2
    assert (await bench.driver.read_array(OBJECTS[2])).at(10) == 26.0
    assert bench.driver.in_flight == 0


@pytest.mark.parametrize(
    ("refused", "raised", "said"),
    [
        (relay.erring(2, 40), Rejected, "write access denied"),
        (relay.erring(2, 9), Misconfigured, "invalid data type"),
        (relay.rejecting(9), Rejected, "rejected: unrecognized service"),
        (relay.aborting(9), Retryable, "aborted: out of resources"),
    ],
)
async def test_a_write_that_is_refused_there_is_refused_in_the_same_words_and_sent_once(
    make_bench: MakeBench, refused: Fault, raised: type[DriverError], said: str
) -> None:
    """An Error, a Reject, an Abort: whose fault it is does not depend on the port."""
    bench = await make_bench()
    for _ in range(2):
        await bench.driver.read(OBJECTS)
    seen = _writes(bench, refused)
    with pytest.raises(raised, match=said):
        await bench.driver.write(OBJECTS[2], 26.0, 10)
    assert [port for port, _ in seen] == [_port(bench)]
    assert bench.driver.in_flight == 0


async def test_a_write_that_nobody_acknowledges_is_sent_again_as_the_same_and_then_left_to_the_stack(
    make_bench: MakeBench,
) -> None:
    """Under one invoke id, so that a slow controller does it once; who lets no writes through there is written by the stack."""
    bench = await make_bench(timeout=0.6)
    for _ in range(2):
        await bench.driver.read(OBJECTS)
    port = _port(bench)
    lost = _writes(bench, _firewall(bench))
    with pytest.raises(Silent):
        await bench.driver.write(OBJECTS[2], 26.0, 10)
    assert len(lost) == 3
    assert len(set(lost)) == 1
    bench.relay.fault = relay.honest
    await bench.driver.read(OBJECTS)
    seen = _writes(bench)
    await bench.driver.write(OBJECTS[2], 26.0, 10)
    assert len(seen) == 1
    assert port not in [where for where, _ in seen]
    assert bench.driver.in_flight == 0


async def test_a_write_that_a_stop_cuts_off_says_nothing_against_the_second_port(
    make_bench: MakeBench,
) -> None:
    """A reload came while it was under way: nobody waited for its answer, and the next write goes there as before."""
    bench = await make_bench()
    for _ in range(2):
        await bench.driver.read(OBJECTS)
    port = _port(bench)
    seen = _writes(bench, relay.silent)
    cut_off = asyncio.ensure_future(bench.driver.write(OBJECTS[2], 26.0, 10))
    while not seen:
        await asyncio.sleep(0.01)  # its datagram is on the way
    cut_off.cancel()
    await asyncio.gather(cut_off, return_exceptions=True)
    seen = _writes(bench)
    await bench.driver.write(OBJECTS[2], 26.0, 10)
    assert [where for where, _ in seen] == [port]
    assert bench.driver.in_flight == 0
