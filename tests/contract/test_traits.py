"""What a controller's numbers are counted in, read on both stacks as ASHRAE 135 encodes it, odd answers included."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from config.measure import Said
from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Retryable, Silent
from tests.contract import wire
from tests.contract.conftest import HASTY, beside
from tests.contract.scripted import ScriptedDevice, Thing
from tests.contract.servers import CONTROLLER, INSTANCE

UNITS, SCALE, PRESCALE, SCALE_FACTOR, RESOLUTION, LOW, HIGH = 117, 187, 185, 188, 106, 69, 65
ROOM, SETPOINT, COUNTER, TALLY, PULSES, LARGE, WHOLE = (
    (0, 1),
    (2, 1),
    (23, 1),
    (23, 2),
    (24, 1),
    (46, 1),
    (45, 1),
)
NAMES = {
    ROOM: "analog-input", SETPOINT: "analog-value", COUNTER: "accumulator", TALLY: "accumulator",
    PULSES: "pulse-converter", LARGE: "large-analog-value", WHOLE: "integer-value",
}  # fmt: skip


def double(value: float) -> bytes:
    """A Double (§20.2.7)."""
    return b"\x55\x08" + struct.pack(">d", value)


def counted() -> dict[tuple[int, int], Thing]:
    """A controller in °F, two meters that count pulses, and objects of rarer types."""
    return {
        ROOM: Thing(wire.real(38.0), says={UNITS: wire.enumerated(64)}),
        SETPOINT: Thing(
            wire.real(45.0), wire.real(45.0),
            says={UNITS: wire.enumerated(64), RESOLUTION: wire.real(0.5), LOW: wire.real(40), HIGH: wire.real(90)},
        ),
        COUNTER: Thing(
            wire.unsigned(123456),
            says={UNITS: wire.enumerated(19), SCALE: b"\x19\xff", PRESCALE: b"\x09\x01\x19\x0a"},
        ),
        TALLY: Thing(wire.unsigned(500), says={UNITS: wire.enumerated(19), SCALE: b"\x0c" + struct.pack(">f", 10.0)}),
        PULSES: Thing(wire.real(7.5), says={UNITS: wire.enumerated(82), SCALE_FACTOR: wire.real(0.25)}),
        LARGE: Thing(
            double(293.15), double(293.15),
            says={UNITS: wire.enumerated(63), RESOLUTION: double(0.1), LOW: double(280), HIGH: double(310)},
        ),
        WHOLE: Thing(b"\x31\x4e", says={UNITS: b"\x92\x02\x00", LOW: b"\x31\xf6", HIGH: b"\x31\x63"}),
    }  # fmt: skip


class Counted(NamedTuple):
    """A driver and such a controller."""

    driver: Bac0Driver | RustyDriver
    device: ScriptedDevice

    def at(self, *keys: tuple[int, int]) -> list[Address]:
        """Objects of the controller."""
        return [Address("controller", NAMES[key], key[1]) for key in keys]

    async def said(self, *keys: tuple[int, int]) -> list[Said]:
        """What it says of objects; each must have answered."""
        found = await self.driver.traits(self.at(*keys), limits=True)
        assert [traits.error for traits in found] == [None] * len(keys)
        return [traits.said for traits in found]


@pytest.fixture
async def counted_in(stack: str, port: int) -> AsyncIterator[Counted]:
    """Both, without a relay."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), counted())
    async with beside(stack, port, device, 5.0) as driver:
        yield Counted(driver, device)


@pytest.mark.parametrize("services", [(5, 12, 14, 15, 16), (5, 12, 15)], ids=["at once", "one by one"])
async def test_units_scales_and_ranges_are_read(counted_in: Counted, services: tuple[int, ...]) -> None:
    """Fahrenheit, a power of ten, a REAL scale, a Double's range, a vendor's own unit; in one request where it offers that."""
    counted_in.device.services = frozenset(services)
    await counted_in.driver.identify("controller")
    counted_in.device.log.clear()
    room, setpoint, counter, tally, pulses, large, whole = await counted_in.said(
        ROOM, SETPOINT, COUNTER, TALLY, PULSES, LARGE, WHOLE
    )
    assert room == Said(units=64)
    assert setpoint == Said(units=64, resolution=0.5, low=40.0, high=90.0)
    assert counter == Said(units=19, scale=0.1, prescale=(1, 10))
    assert tally == Said(units=19, scale=10.0)
    assert pulses == Said(units=82, scale_factor=0.25)
    assert large == Said(units=63, resolution=0.1, low=280.0, high=310.0)
    assert whole == Said(units=512, low=-10.0, high=99.0)
    if 14 in services:
        assert counted_in.device.log == [14]


async def test_what_may_not_be_written_is_asked_for_its_unit_alone(counted_in: Counted) -> None:
    """A sensor's range is of no use to anybody: fewer octets, and a fourth of the requests where they go singly."""
    found = await counted_in.driver.traits(counted_in.at(SETPOINT), limits=False)
    assert [traits.said for traits in found] == [Said(units=64)]


async def test_a_property_that_is_not_there_is_an_answer(counted_in: Counted) -> None:
    """Old controllers have no Units; so may an object that is not there at all."""
    counted_in.device.things[ROOM].says.clear()
    missing = Address("controller", "analog-value", 99)
    found = await counted_in.driver.traits([*counted_in.at(ROOM), missing], limits=True)
    assert [(traits.said, traits.error) for traits in found] == [(Said(), None)] * 2


@pytest.mark.parametrize("odd", [wire.text("degF"), wire.real(64.0), b"\x00"], ids=["text", "real", "null"])
async def test_units_that_say_nothing_are_told_from_none(counted_in: Counted, odd: bytes) -> None:
    """Answered, but not as units: nobody can know, and the other objects are not concerned."""
    counted_in.device.things[ROOM].says[UNITS] = odd
    room, counter = await counted_in.said(ROOM, COUNTER)
    assert room == Said(odd=("Units",))
    assert counter.scale == 0.1


async def test_a_scale_that_says_nothing_is_told_from_none(counted_in: Counted) -> None:
    """A plain REAL where a choice belongs."""
    counted_in.device.things[COUNTER].says[SCALE] = wire.text("x0.1")
    (counter,) = await counted_in.said(COUNTER)
    assert counter == Said(units=19, prescale=(1, 10), odd=("Scale",))


async def test_busy_and_silent_are_no_answers(counted_in: Counted) -> None:
    """They are asked again; nothing is taken for granted meanwhile."""
    device, driver = counted_in.device, counted_in.driver
    read = device._property

    def busy(key: tuple[int, int], number: int, index: int | None = None) -> bytes | tuple[int, int]:
        return (0, 3) if key == ROOM and number == UNITS else read(key, number, index)

    device._property = busy  # type: ignore[method-assign] # busy with this one object
    room, counter = await driver.traits(counted_in.at(ROOM, COUNTER), limits=False)
    assert isinstance(room.error, Retryable)
    assert counter.said.units == 19
    peer = driver._calls.peer("controller")
    peer.target = peer.target._replace(timeout=HASTY)
    await device.stop()
    with pytest.raises(Silent):
        await driver.traits(counted_in.at(ROOM), limits=False)
    await device.start()
