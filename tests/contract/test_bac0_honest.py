"""What a driver does for a supervisor while nothing goes wrong, on each kind of controller."""

from __future__ import annotations

import asyncio

import pytest

from drivers.protocol import Misconfigured, Rejected
from drivers.readings import PriorityArray, Slot
from tests.contract.conftest import MakeBench
from tests.contract.servers import INSTANCE


async def test_a_device_says_who_it_is(make_bench: MakeBench) -> None:
    """The integrator sees instance, name, largest APDU and services."""
    bench = await make_bench()
    identity = await bench.driver.identify("controller")
    assert (identity.instance, identity.max_apdu, identity.rpm, identity.cov) == (INSTANCE, 1476, True, True)
    assert identity.name
    assert bench.driver.in_flight == 0


async def test_values_come_in_the_order_asked_and_one_bad_object_stops_nobody(make_bench: MakeBench) -> None:
    """Forty-three good objects and one that is not there, in two orders."""
    bench = await make_bench()
    await bench.driver.identify("controller")
    asked = [bench.at("analog-value", n) for n in range(1, 41)]
    asked += [bench.at("analog-input"), bench.at("analog-value", 99)]
    asked += [bench.at("binary-value"), bench.at("multi-state-value")]
    for wanted in (asked, asked[::-1]):
        answers = await bench.driver.read(wanted)
        assert [a.address for a in answers] == wanted
        values = {a.address: a.value for a in answers if a.error is None}
        assert values[bench.at("analog-input")] == 21.5
        assert values[bench.at("analog-value", 40)] == 24.0
        assert values[bench.at("binary-value")] == 0
        assert values[bench.at("multi-state-value")] == 1
        bad = [a for a in answers if a.error is not None]
        assert [a.address.instance for a in bad] == [99]
        assert isinstance(bad[0].error, Misconfigured)
    assert len(bench.relay.requests) <= 5


@pytest.mark.parametrize(
    ("object_type", "value", "default"),
    [("analog-value", 26.0, 24.0), ("binary-value", 1, 0), ("multi-state-value", 2, 1)],
)
async def test_a_slot_is_taken_and_given_back(
    make_bench: MakeBench, object_type: str, value: float, default: float
) -> None:
    """A setpoint, a switch and a mode: written at 10, seen there, relinquished, and the default is back."""
    bench = await make_bench()
    point = bench.at(object_type)
    await bench.driver.write(point, value, 10)
    assert await bench.driver.read_array(point) == PriorityArray((Slot(10, value),), default)
    assert (await bench.driver.read([point]))[0].value == value
    await bench.driver.write(point, None, 10)
    assert await bench.driver.read_array(point) == PriorityArray((), default)


async def test_what_is_not_there_is_the_site_files_fault(make_bench: MakeBench) -> None:
    """A priority array of an input, a write to an unknown object, a third state of a switch."""
    bench = await make_bench()
    with pytest.raises(Misconfigured):
        await bench.driver.read_array(bench.at("analog-input"))
    with pytest.raises(Misconfigured):
        await bench.driver.write(bench.at("analog-value", 99), 26.0, 10)
    with pytest.raises(Misconfigured):
        await bench.driver.write(bench.at("binary-value"), 2, 10)


@pytest.mark.parametrize("priority", [1, 8, 0, 17])
async def test_slots_of_others_are_never_written(make_bench: MakeBench, priority: int) -> None:
    """Nothing leaves the machine for slots 1 to 8."""
    bench = await make_bench()
    with pytest.raises(Misconfigured):
        await bench.driver.write(bench.at("analog-value"), 26.0, priority)
    assert bench.relay.requests == []


@pytest.mark.parametrize("confirmed", [False, True])
async def test_changes_are_told(make_bench: MakeBench, confirmed: bool) -> None:
    """The room warms up and the driver hears it without asking."""
    bench = await make_bench(confirmed_cov=confirmed)
    room, absent = bench.at("analog-input"), bench.at("analog-input", 9)
    assert await bench.driver.subscribe([room, absent], 60) == [room]
    changes = bench.driver.changes()
    async with asyncio.timeout(30):
        first = await anext(changes)
        assert (first.address, first.value, first.fault) == (room, 21.5, False)
        await bench.server.change(27.5)
        told = await anext(changes)
        while told.value == 21.5:  # sent again, where the acknowledgement took its time
            told = await anext(changes)
        assert told.value == 27.5


async def test_a_slow_consumer_gets_the_latest_value(make_bench: MakeBench) -> None:
    """Ten changes while nobody looks are one answer: the last."""
    bench = await make_bench()
    room = bench.at("analog-input")
    await bench.driver.subscribe([room], 60)
    for value in range(30, 41):
        await bench.server.change(float(value))
    async with asyncio.timeout(30):
        while (last := bench.driver._latest._waiting.get(room)) is None or last.value != 40.0:
            await asyncio.sleep(0.02)
        assert len(bench.driver._latest._waiting) == 1
        assert (await anext(bench.driver.changes())).value == 40.0


async def test_stopping_ends_the_changes(make_bench: MakeBench) -> None:
    """The consumer's loop comes to its end, and the controller is not left notifying."""
    bench = await make_bench()
    await bench.driver.subscribe([bench.at("analog-input")], 60)
    await bench.driver.stop()
    heard = [answer async for answer in bench.driver.changes()]
    assert heard == []
    assert bench.relay.requests[-1].service == 5


@pytest.mark.parametrize("kind", ["rusty", "scripted"], indirect=True)
async def test_a_controller_that_says_no_is_not_pressed(make_bench: MakeBench) -> None:
    """An input is not writable: asked once, and the refusal is final."""
    bench = await make_bench()
    with pytest.raises(Rejected):
        await bench.driver.write(bench.at("analog-input"), 2.0, None)
    assert len(bench.relay.requests) == 1
