"""Operation × fault × controller: what each call comes to when the wire or the controller misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.care import renewals as cov
from drivers.protocol import Answer, DriverError, Misconfigured, Rejected, Retryable
from tests.contract import relay
from tests.contract.conftest import HASTY, PATIENT, Bench, MakeBench

FAULTS: dict[str, relay.Fault] = {
    "none": relay.honest,
    "silence": relay.silent,
    **{f"abort-{reason}": relay.aborting(reason) for reason in range(12)},
    "reject-unrecognized-service": relay.rejecting(9),
    "reject-wrong-datatype": relay.rejecting(3),
    "reject-other": relay.rejecting(0),
    "error-unknown-object": relay.erring(1, 31),
    "error-access-denied": relay.erring(2, 40),
    "error-busy": relay.erring(0, 3),
    "truncated": relay.truncating,
    "wrong-id": relay.misnaming,
    "late": relay.delaying(0.25),
    "too-late": relay.delaying(HASTY + 0.1),
    "duplicate": relay.doubling,
    "oversized": relay.too_large(48),
    "other-port": relay.sidestepping,
}

GRACE = 3.0
"""Seconds that a busy test machine may add to a deadline."""

OK, LATER, NO, WRONG = "ok", "Retryable", "Rejected", "Misconfigured"

EXPECTED: dict[str, str] = {
    "none": OK,
    "silence": LATER,
    **{f"abort-{reason}": LATER for reason in range(12)},
    # a smaller request does not help against these, nor does security come by waiting
    **{f"abort-{reason}": NO for reason in (1, 4, 5, 6, 11)},
    "reject-unrecognized-service": NO,
    "reject-wrong-datatype": WRONG,
    "reject-other": NO,
    "error-unknown-object": WRONG,
    "error-access-denied": NO,
    "error-busy": LATER,
    "truncated": LATER,
    "wrong-id": LATER,
    "late": OK,
    "too-late": LATER,
    "duplicate": OK,
    "oversized": OK,
    "other-port": LATER,
}


UNANSWERED = ("silence", "truncated", "wrong-id", "too-late", "other-port")
"""Faults that a call can only wait out."""


def _of(answers: list[Answer]) -> str:
    """OK, or the error of the first object that has one."""
    for answer in answers:
        if answer.error is not None:
            assert answer.value is None
            return _kind(answer.error)
    return OK


def _kind(error: DriverError) -> str:
    """Whose fault it is, however much more it says."""
    return next(k.__name__ for k in (Retryable, Rejected, Misconfigured) if isinstance(error, k))


async def _read(bench: Bench) -> str:
    return _of(await bench.driver.read([bench.at("analog-input")]))


async def _read_many(bench: Bench) -> str:
    return _of(await bench.driver.read([bench.at("analog-value", n) for n in range(1, 41)]))


async def _write(bench: Bench) -> str:
    await bench.driver.write(bench.at("analog-value"), 26.0, 10)
    return OK


async def _relinquish(bench: Bench) -> str:
    await bench.driver.write(bench.at("analog-value"), None, 10)
    return OK


async def _array(bench: Bench) -> str:
    array = await bench.driver.read_array(bench.at("analog-value"))
    assert array.slots == ()
    return OK


async def _identify(bench: Bench) -> str:
    await bench.driver.identify("controller")
    return OK


async def _subscribe(bench: Bench) -> str:
    room = bench.at("analog-input")
    return OK if await bench.driver.subscribe([room], 60) == [room] else "not accepted"


OPERATIONS: dict[str, Callable[[Bench], Awaitable[str]]] = {
    "read": _read,
    "rpm": _read_many,
    "write": _write,
    "relinquish": _relinquish,
    "priority-array": _array,
    "who-is": _identify,
    "subscribe": _subscribe,
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_fault(make_bench: MakeBench, operation: str, fault: str) -> None:
    """The call ends within its deadline, blames the right side, and leaves nothing in flight behind."""
    expected = EXPECTED[fault]
    deadline = HASTY if fault in UNANSWERED else PATIENT
    bench = await make_bench(timeout=deadline)
    bench.relay.fault = FAULTS[fault]
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        outcome = await OPERATIONS[operation](bench)
    except DriverError as error:
        outcome = _kind(error)
        assert error.device == "controller"
    took = loop.time() - start
    if operation == "subscribe" and expected != OK:
        expected = "not accepted"
    if operation == "priority-array" and expected == WRONG and fault != "error-unknown-object":
        # Only "no such object or property" makes a point one without slots: it would be written into the sixteenth.
        expected = NO
    assert outcome == expected
    assert took < deadline + GRACE
    assert bench.driver.in_flight == 0
    bench.relay.fault = relay.honest
    bench.deadline(PATIENT)
    assert _of(await bench.driver.read([bench.at("analog-input")])) == OK


@pytest.mark.parametrize("fault", [*FAULTS, "restart", "forgotten-cov"])
async def test_subscription_survives(
    make_bench: MakeBench, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewal meets the fault; once the fault is gone, changes are told again without anybody asking."""
    monkeypatch.setattr(cov, "FIRST_PAUSE", 0.1)
    bench = await make_bench()
    room = bench.at("analog-input")
    assert await bench.driver.subscribe([room], 1) == [room]
    bench.deadline(HASTY)
    if fault == "restart":
        await bench.server.restart()
    elif fault == "forgotten-cov":
        await bench.server.forget()
    else:
        asked = len(bench.relay.requests)
        bench.relay.fault = FAULTS[fault]
        async with asyncio.timeout(30):
            while len(bench.relay.requests) == asked:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        bench.relay.fault = relay.honest
    bench.deadline(PATIENT)
    await _hears(bench, 33.0, within=30.0)


async def _hears(bench: Bench, value: float, within: float) -> None:
    """The room changes again and again, and the driver says so by itself."""

    async def until_heard() -> None:
        async for answer in bench.driver.changes():
            if isinstance(answer.value, float) and answer.value >= value:
                return

    heard = asyncio.create_task(until_heard())
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    room = value
    while not heard.done() and loop.time() < end:
        await bench.server.change(room)
        room += 1.0
        await asyncio.wait([heard], timeout=0.2)
    heard.cancel()
    assert heard.done(), f"no change within {within} s"
