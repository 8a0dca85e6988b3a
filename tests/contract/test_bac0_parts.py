"""The parts of a driver by themselves: sizes, octets, refusals, pacing, the queue of changes, renewals."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bacnet import octets
from drivers.bacnet.apdu import encode, write
from drivers.bacnet.batches import batches
from drivers.bacnet.batches import octets as size
from drivers.bacnet.kinds import KINDS
from drivers.bacnet.refusals import of_abort, of_error, of_reject
from drivers.care.latest import Latest
from drivers.care.pacing import CEILING, Gate, Pace
from drivers.care.renewals import Renewals
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Rejected, Retryable
from tests.contract import wire
from tests.waiting import SOON


def _points(count: int, object_type: str = "analog-value") -> list[Address]:
    return [Address("hall", object_type, n) for n in range(1, count + 1)]


@given(
    st.lists(st.sampled_from(sorted(KINDS)), max_size=200),
    st.sampled_from([50, 128, 206, 480, 1024, 1476]),
    st.integers(1, 100),
)
def test_batches_hold_everything_once_and_fit(types: list[str], max_apdu: int, at_most: int) -> None:
    """Any mix of objects, any device: in order, none lost, none too long, none too many."""
    asked = [Address("hall", each, n) for n, each in enumerate(types)]
    parts = batches(asked, max_apdu, at_most)
    assert [address for part in parts for address in part] == asked
    for part in parts:
        assert 1 <= len(part) <= at_most
        assert 3 + sum(map(size, part)) <= max_apdu or len(part) == 1


@pytest.mark.parametrize(("max_apdu", "count"), [(50, 2), (206, 8), (480, 20), (1024, 44), (1476, 64)])
def test_so_many_reals_fit(max_apdu: int, count: int) -> None:
    """An analog value with its flags takes 23 octets of an answer."""
    assert len(batches(_points(100), max_apdu, 1000)[0]) == count


@given(st.binary(max_size=80))
def test_no_octets_break_the_decoder(data: bytes) -> None:
    """Whatever comes is read or said to be unreadable."""
    for decode in (octets.tags, octets.read_answer, octets.read_many_answer):
        try:
            decode(data)
        except octets.Unreadable as error:
            assert str(error)


@given(st.integers(0, 60), st.data())
def test_an_answer_cut_anywhere_is_unreadable(cut: int, data: st.DataObject) -> None:
    """A truncated answer never passes for a shorter one."""
    whole = (
        wire.context(0, wire.object_id(2, 1))
        + wire.opening(1)
        + (wire.context(2, b"\x55") + wire.opening(4) + wire.real(21.5) + wire.closing(4))
        + (wire.context(2, b"\x6f") + wire.opening(5) + wire.pair(2, 32) + wire.closing(5))
        + wire.closing(1)
    )
    assert octets.read_many_answer(whole) == {
        (2, 1): {85: [octets.Tag(0, 4, wire.real(21.5)[1:])], 111: octets.Refused(2, 32)}
    }
    if 0 < cut < len(whole):
        with pytest.raises(octets.Unreadable):
            octets.read_many_answer(whole[:cut])


@pytest.mark.parametrize(
    ("object_type", "value", "encoded"),
    [
        ("analog-value", 26.0, "4441d00000"),
        ("analog-value", 26, "4441d00000"),
        ("large-analog-value", 26.0, "5508403a000000000000"),
        ("binary-value", True, "9101"),
        ("multi-state-value", 300, "22012c"),
        ("positive-integer-value", 0, "2100"),
        ("integer-value", -2, "31fe"),
        ("integer-value", 200, "3200c8"),
        ("analog-value", None, "00"),
    ],
)
def test_values_go_out_in_the_objects_datatype(object_type: str, value: float | None, encoded: str) -> None:
    """As ASHRAE 135 §20.2 writes them, whatever Python had them in."""
    assert encode(Address("hall", object_type, 1), value).hex() == encoded


@pytest.mark.parametrize(
    ("object_type", "value"),
    [
        ("analog-value", float("nan")),
        ("analog-value", float("inf")),
        ("binary-value", 2),
        ("binary-value", 0.5),
        ("multi-state-value", 0),
        ("positive-integer-value", -1),
    ],
)
def test_values_that_cannot_be_are_never_sent(object_type: str, value: float) -> None:
    """Not a number, a third state of a switch, state zero."""
    with pytest.raises(Misconfigured):
        encode(Address("hall", object_type, 1), value)


def test_a_write_with_a_priority_is_as_the_standard_shows() -> None:
    """Annex F's shape: object, property, value between tags 3, priority in tag 4."""
    request = write((2, 1), 85, encode(Address("hall", "analog-value", 1), 180.0), 10)
    assert request.data.hex() == "0c00800001" + "1955" + "3e44433400003f" + "490a"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (of_error("hall", 1, 31), Misconfigured),
        (of_error("hall", 2, 32), Misconfigured),
        (of_error("hall", 2, 9), Misconfigured),
        (of_error("hall", 2, 40), Rejected),
        (of_error("hall", 2, 37), Rejected),
        (of_error("hall", 0, 3), Retryable),
        (of_error("hall", 7, 99), Retryable),
        (of_error("hall", 2, 4999), Rejected),
        (of_reject("hall", 9), Rejected),
        (of_reject("hall", 77), Rejected),
        (of_abort("hall", 0), Retryable),
        (of_abort("hall", 5), Rejected),
        (of_abort("hall", 200), Retryable),
    ],
)
def test_whose_fault_it_is(error: DriverError, kind: type[DriverError]) -> None:
    """The site file's, the device's for good, or the moment's."""
    assert type(error) is kind
    assert error.device == "hall"


async def test_the_gate_never_opens_wider_than_invoke_ids_allow() -> None:
    """Even when the site file asks for a thousand."""
    gate, inside, most = Gate(1000), 0, 0

    async def pass_through() -> None:
        nonlocal inside, most
        async with gate:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(pass_through() for _ in range(500)))
    assert most == CEILING


async def test_a_caller_that_gives_up_in_the_queue_leaves_no_hole() -> None:
    """Cancelled while it waits for its turn: the next one gets in."""
    gate = Gate(1, Pace(50.0))
    async with gate:
        waiting = asyncio.create_task(gate.__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
    paced = asyncio.create_task(gate.__aenter__())
    await asyncio.sleep(0)
    paced.cancel()
    await asyncio.wait([waiting, paced])
    async with asyncio.timeout(SOON):
        async with gate:
            pass


async def test_changes_come_in_the_order_of_their_objects_first_change() -> None:
    """Three objects change, the first one twice: three answers, the latest of each."""
    latest = Latest()
    room, run, mode = (
        Address("hall", kind, 1) for kind in ("analog-input", "binary-value", "multi-state-value")
    )
    for address, value in ((room, 20.0), (run, 1), (mode, 2), (room, 21.0)):
        latest.put(Answer(address, value, False, None))
    stream = latest.stream()
    heard = [await anext(stream) for _ in range(3)]
    assert [(a.address, a.value) for a in heard] == [(room, 21.0), (run, 1), (mode, 2)]
    latest.close()
    assert [answer async for answer in stream] == []


class _Wire:
    """Devices that accept, refuse, are silent or break, as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[Address, int | None]] = []
        self.raises: Exception | None = None

    async def send(self, address: Address, lifetime: int | None) -> None:
        self.sent.append((address, lifetime))
        if self.raises is not None:
            raise self.raises


@pytest.mark.parametrize("raises", [Retryable("hall", "silence"), RuntimeError("a bug")])
async def test_renewals_outlive_silence_and_our_own_bugs(
    raises: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a renewal meets, there is another one after it."""
    monkeypatch.setattr("drivers.care.renewals.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("drivers.care.renewals.LONGEST_PAUSE", 0.05)
    line = _Wire()
    renewals = Renewals(line.send, random.Random(1))
    points = _points(5)
    assert await renewals.add(points, 1, 1.0) == points
    line.raises = raises
    await _until(lambda: len(line.sent) >= 7)
    assert {address for address, _ in line.sent[5:]} <= set(points)
    line.raises = None
    tries = len(line.sent)
    await _until(lambda: {address for address, _ in line.sent[tries:]} == set(points))
    await renewals.stop(1.0)
    assert [lifetime for _, lifetime in line.sent[-5:]] == [None] * 5


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not happened():
            await asyncio.sleep(0.01)


async def test_a_dead_device_is_asked_about_one_object_not_all() -> None:
    """Fifty subscriptions to a device that is silent cost one request."""
    line = _Wire()
    line.raises = Retryable("hall", "silence")
    renewals = Renewals(line.send)
    assert await renewals.add(_points(50), 60, 1.0) == []
    assert len(line.sent) == 1
    await renewals.stop(1.0)


async def test_what_a_device_refuses_is_left_alone() -> None:
    """It offers no COV for this object: not accepted, and not tried again by itself."""
    line = _Wire()
    line.raises = Rejected("hall", "optional functionality not supported")
    renewals = Renewals(line.send)
    points = _points(2)
    assert await renewals.add(points, 60, 1.0) == []
    assert not any(renewals.holds(point) for point in points)
    renewals.restarted("hall")
    await asyncio.sleep(0.05)
    assert len(line.sent) == 2
    await renewals.stop(1.0)
