"""The building's controllers, asked over real UDP by a client of another process's habits."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rusty_bacnet import (
    BacnetAbortError,
    BACnetClient,
    BacnetProtocolError,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from simulator.bacnet.bacpypes_front import BacpypesFront
from simulator.bacnet.front import DeviceSpec, Front, Input, ObjectSpec, Point
from simulator.bacnet.rusty_front import RustyFront
from tests.networks import subnet
from tests.ports import free_udp

P = PropertyIdentifier
NETWORK = subnet(44)
PATIENCE = 1000
"""Milliseconds before the client repeats a request: a repeated write would be logged twice."""
pytestmark = pytest.mark.parametrize("wire", ["rusty", "bacpypes3"], indirect=True)

ROOM = ObjectSpec("analog-input", 1, "ROOM_TEMP", "degrees-celsius", 24.0, None, 0.5, (), "房间温度")
CO2 = ObjectSpec("analog-value", 9, "CO2", "parts-per-million", 600, None, 10, ())
SETPOINT = ObjectSpec("analog-value", 1, "SETPOINT", "degrees-celsius", 24.0, 26.0, 0.1, ())
VALVE = ObjectSpec("analog-output", 1, "VALVE", "percent", 0, 0, 1, ())
WINDOW = ObjectSpec("binary-input", 1, "WINDOW", None, False, None, None, ("closed", "open"))
FAN = ObjectSpec("binary-value", 1, "FAN", None, True, True, None, ("stop", "run"))
STAIRS = ObjectSpec("binary-output", 7, "ESCAPE_STAIR_LIGHT", None, True, True, None, ("off", "on"))
RUNNING = ObjectSpec("multi-state-input", 1, "RUNNING", None, 1, None, None, ("off", "cooling", "heating"))
MODE = ObjectSpec("multi-state-value", 1, "MODE", None, 2, 2, None, ("off", "cool", "heat", "auto"))
SPEED = ObjectSpec("multi-state-output", 1, "SPEED", None, 1, 1, None, ("low", "high"))
OBJECTS = (ROOM, CO2, SETPOINT, VALVE, WINDOW, FAN, STAIRS, RUNNING, MODE, SPEED)

TYPES = {
    "analog-input": ObjectType.ANALOG_INPUT,
    "analog-output": ObjectType.ANALOG_OUTPUT,
    "analog-value": ObjectType.ANALOG_VALUE,
    "binary-input": ObjectType.BINARY_INPUT,
    "binary-output": ObjectType.BINARY_OUTPUT,
    "binary-value": ObjectType.BINARY_VALUE,
    "multi-state-input": ObjectType.MULTI_STATE_INPUT,
    "multi-state-output": ObjectType.MULTI_STATE_OUTPUT,
    "multi-state-value": ObjectType.MULTI_STATE_VALUE,
}


def identifier(spec: ObjectSpec) -> ObjectIdentifier:
    """The object's identifier as the client wants it."""
    return ObjectIdentifier(TYPES[spec.object_type], spec.instance)


def made(stack: str, devices: list[DeviceSpec]) -> Front:
    """The front under test; the annotation has mypy check that both keep the Protocol."""
    return RustyFront(devices) if stack == "rusty" else BacpypesFront(devices)


class Wire:
    """A running front with two devices of the same objects, and a client that asks the first."""

    def __init__(self, front: Front, specs: list[DeviceSpec], client: BACnetClient) -> None:
        self.front = front
        self.specs = specs
        self.client = client
        self.address, self.other = (f"{spec.host}:{spec.port}" for spec in specs)

    async def read(self, spec: ObjectSpec, property_id: PropertyIdentifier = P.PRESENT_VALUE) -> Any:
        """What the first device answers over the wire."""
        return (await self.client.read_property(self.address, identifier(spec), property_id)).value

    async def write(self, spec: ObjectSpec, value: PropertyValue, priority: int | None = None) -> None:
        """Write the first device's Present_Value over the wire."""
        await self.client.write_property(self.address, identifier(spec), P.PRESENT_VALUE, value, priority)

    async def present(self, spec: ObjectSpec) -> float | int:
        """The first device's Present_Value as the physics sees it."""
        return await self.front.present("fcu", spec.object_type, spec.instance)


@pytest.fixture
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    """Two controllers of the stack named by the parameter, and a client."""
    specs = [
        DeviceSpec("fcu", 2001, f"{NETWORK}.1", free_udp(f"{NETWORK}.1"), OBJECTS),
        DeviceSpec("ahu", 2002, f"{NETWORK}.2", free_udp(f"{NETWORK}.2"), OBJECTS),
    ]
    served = made(request.param, specs)
    await served.start()
    try:
        async with BACnetClient("127.0.0.1", 0, "127.0.0.1", apdu_timeout_ms=PATIENCE) as client:
            yield Wire(served, specs, client)
    finally:
        await served.stop()


async def test_every_object_says_what_it_is(wire: Wire) -> None:
    """An integrator finds names, descriptions, units and state texts, and no flag of trouble."""
    listed = await wire.client.read_property(
        wire.address, ObjectIdentifier(ObjectType.DEVICE, 2001), P.OBJECT_LIST
    )
    for spec in OBJECTS:
        assert identifier(spec) in listed.value
        assert await wire.read(spec, P.OBJECT_NAME) == spec.name
        assert await wire.read(spec, P.DESCRIPTION) == spec.description
        assert await wire.read(spec, P.STATUS_FLAGS) == {"unused_bits": 4, "data": b"\x00"}
        assert await wire.read(spec) == spec.initial == await wire.present(spec)
    assert await wire.read(ROOM, P.UNITS) == 62
    assert await wire.read(CO2, P.UNITS) == 96
    assert await wire.read(ROOM, P.COV_INCREMENT) == 0.5
    assert await wire.read(MODE, P.STATE_TEXT) == ["off", "cool", "heat", "auto"]
    assert await wire.read(MODE, P.NUMBER_OF_STATES) == 4
    assert await wire.read(WINDOW, P.ACTIVE_TEXT) == "open"
    assert await wire.read(WINDOW, P.INACTIVE_TEXT) == "closed"


async def test_a_commanded_fan_returns_to_its_default_which_is_on(wire: Wire) -> None:
    """The supervisor stops a fan at 10, a hand at 8 outranks it; when both let go the fan runs again."""
    assert await wire.read(FAN, P.RELINQUISH_DEFAULT) == 1
    await wire.write(FAN, PropertyValue.enumerated(0), 10)
    assert await wire.present(FAN) == 0
    await wire.write(FAN, PropertyValue.enumerated(1), 8)
    assert await wire.read(FAN) == 1
    array = await wire.read(FAN, P.PRIORITY_ARRAY)
    assert array == [None] * 7 + [1, None, 0] + [None] * 6
    await wire.write(FAN, PropertyValue.null(), 8)
    assert await wire.read(FAN) == 0
    await wire.write(FAN, PropertyValue.null(), 10)
    assert await wire.read(FAN) == 1
    assert await wire.read(FAN, P.PRIORITY_ARRAY) == [None] * 16


@pytest.mark.parametrize(
    "spec", [SETPOINT, VALVE, FAN, STAIRS, MODE, SPEED], ids=lambda spec: spec.object_type
)
async def test_each_commandable_type_has_sixteen_slots(wire: Wire, spec: ObjectSpec) -> None:
    """Outputs and values of each kind keep what is commanded at 12, and fall back once it is relinquished."""
    value = {"analog": 30.0, "binary": 0, "multi-state": 1}[spec.kind]
    await wire.front.command("fcu", spec.object_type, spec.instance, value, 12)
    array = await wire.read(spec, P.PRIORITY_ARRAY)
    assert len(array) == 16
    assert array[11] == value == await wire.read(spec)
    await wire.front.command("fcu", spec.object_type, spec.instance, None, 12)
    await wire.front.command("fcu", spec.object_type, spec.instance, None, 16)
    assert await wire.read(spec) == spec.relinquish_default


async def test_an_occupants_knob_lies_under_the_supervisor_and_over_the_programme(wire: Wire) -> None:
    """22 at slot 13 beats the programme's 24; 26 at slot 10 beats the knob; the log has only the 26."""
    assert (await wire.read(SETPOINT, P.PRIORITY_ARRAY))[15] == 24.0
    await wire.front.command("fcu", "analog-value", 1, 22.0, 13)
    assert await wire.read(SETPOINT) == 22.0
    await wire.write(SETPOINT, PropertyValue.real(26.0), 10)
    assert await wire.present(SETPOINT) == 26.0
    assert [(write.priority, write.value) for write in wire.front.writes] == [(10, 26.0)]


async def test_no_write_to_the_escape_stairs_goes_unseen(wire: Wire) -> None:
    """Single, multiple, relinquishing and refused writes are all in the log; silence there is proof."""
    await wire.write(SETPOINT, PropertyValue.real(27.0), 10)
    assert not [write for write in wire.front.writes if write.instance == STAIRS.instance]
    await wire.write(STAIRS, PropertyValue.null(), 10)
    await wire.client.write_property_multiple(
        wire.address,
        [
            (identifier(FAN), [(P.PRESENT_VALUE, PropertyValue.enumerated(0), 10, None)]),
            (identifier(STAIRS), [(P.PRESENT_VALUE, PropertyValue.enumerated(0), 11, None)]),
        ],
    )
    with pytest.raises(BacnetProtocolError):
        await wire.write(WINDOW, PropertyValue.enumerated(1))
    seen = [(w.device, w.object_type, w.instance, w.priority, w.value) for w in wire.front.writes]
    assert seen == [
        ("fcu", "analog-value", 1, 10, 27.0),
        ("fcu", "binary-output", 7, 10, None),
        ("fcu", "binary-value", 1, 10, 0),
        ("fcu", "binary-output", 7, 11, 0),
        ("fcu", "binary-input", 1, None, 1),
    ]
    times = [write.time_monotonic for write in wire.front.writes]
    assert times == sorted(times)


async def test_a_value_without_a_priority_array_takes_the_last_write(wire: Wire) -> None:
    """A CO2 value is moved by the physics, and by whoever writes it: it has no slots to hold."""
    await wire.front.set_input("fcu", "analog-value", 9, 800)
    assert await wire.read(CO2) == 800
    await wire.write(CO2, PropertyValue.real(500.0))
    assert await wire.present(CO2) == 500.0
    await wire.front.set_input("fcu", "analog-value", 9, 800)
    assert await wire.present(CO2) == 800.0
    with pytest.raises(BacnetProtocolError):
        await wire.read(CO2, P.PRIORITY_ARRAY)


@pytest.mark.parametrize("confirmed", [True, False])
async def test_changes_are_notified_from_the_devices_own_address(wire: Wire, confirmed: bool) -> None:
    """A subscriber hears the window open and the room warm by half a degree, not by a tenth."""
    heard = await wire.client.cov_notifications()
    for process, spec in enumerate((ROOM, WINDOW, FAN, RUNNING), start=1):
        await wire.client.subscribe_cov(wire.address, process, identifier(spec), confirmed, 60)
        async with asyncio.timeout(30):
            while (await anext(heard)).monitored_object_identifier != identifier(spec):
                """One that is sent again, because its acknowledgement took its time."""
    await wire.front.set_input("fcu", "analog-input", 1, 24.1)
    await wire.front.set_inputs(
        [Input("fcu", "binary-input", 1, True), Input("fcu", "multi-state-input", 1, 2)]
    )
    await wire.front.command("fcu", "binary-value", 1, False, 13)
    await wire.front.set_input("fcu", "analog-input", 1, 24.8)
    values: dict[tuple[int, int], float] = {}
    async with asyncio.timeout(30):
        while values != {(1, 1): pytest.approx(24.8), (1, 2): 1, (1, 3): 0, (1, 4): 2}:
            notice = await anext(heard)
            assert notice.source_mac == socket.inet_aton(f"{NETWORK}.1") + wire.specs[0].port.to_bytes(
                2, "big"
            )
            value = notice.values[0]["value"].value
            assert value != pytest.approx(24.1), "a tenth of a degree is no news"
            values[notice.monitored_object_identifier.instance, notice.subscriber_process_identifier] = value


async def test_a_restarted_controller_has_lost_its_slots_and_says_so(wire: Wire) -> None:
    """After a power cut at the controller every slot is NULL; the sensors still read, and it says I-Am."""
    await wire.write(SETPOINT, PropertyValue.real(28.0), 10)
    await wire.front.set_inputs([Input("fcu", "analog-input", 1, 31.5), Input("fcu", "binary-input", 1, 1)])
    await wire.front.restart("fcu")
    assert await wire.read(SETPOINT, P.PRIORITY_ARRAY) == [None] * 16
    assert await wire.read(SETPOINT) == 26.0
    assert await wire.front.presents([Point("fcu", "analog-input", 1), Point("fcu", "binary-input", 1)]) == [
        31.5,
        1,
    ]
    async with asyncio.timeout(30):
        while not (found := await wire.client.discovered_devices()):
            await asyncio.sleep(0.05)
    assert [device.object_identifier.instance for device in found] == [2001]


async def test_a_silent_controller_does_not_take_the_others_with_it(wire: Wire) -> None:
    """While one controller neither hears nor speaks, another answers; then it is back as it was."""
    await wire.front.set_silent("fcu", True)
    with pytest.raises(BacnetAbortError):
        await wire.write(FAN, PropertyValue.enumerated(0), 10)
    other = await wire.client.read_property(wire.other, identifier(FAN), P.PRESENT_VALUE)
    assert other.value == 1
    await wire.front.set_silent("fcu", False)
    assert await wire.read(FAN) == 1
    assert wire.front.writes == []


async def test_nonsense_on_the_wire_stops_nobody(wire: Wire) -> None:
    """Datagrams of no known protocol, and half a write, leave the controller answering."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        half = bytes.fromhex("810a000f010400050a0f0c0140000719")
        for datagram in (b"", b"\x00" * 40, b"\x81\x0a\x00\x04", half):
            stranger.sendto(datagram, (wire.specs[0].host, wire.specs[0].port))
    assert await wire.read(FAN) == 1
    assert [write.object_type for write in wire.front.writes] == ["unreadable"]


async def test_misuse_is_told_apart(wire: Wire) -> None:
    """The physics may not move a commandable object, nor a knob an input; the unknown is a KeyError."""
    with pytest.raises(ValueError, match="use command"):
        await wire.front.set_input("fcu", "analog-value", 1, 20.0)
    with pytest.raises(ValueError, match="use set_input"):
        await wire.front.command("fcu", "analog-input", 1, 20.0, 13)
    with pytest.raises(ValueError, match="not 1 to 16"):
        await wire.front.command("fcu", "analog-value", 1, 20.0, 17)
    with pytest.raises(ValueError, match="not 1 to 3"):
        await wire.front.set_input("fcu", "multi-state-input", 1, 4)
    with pytest.raises(ValueError, match="not a Real"):
        await wire.front.set_input("fcu", "analog-input", 1, float("nan"))
    with pytest.raises(KeyError):
        await wire.front.set_input("fcu", "analog-input", 99, 20.0)
    with pytest.raises(KeyError):
        await wire.front.present("boiler", "analog-input", 1)


async def test_a_taken_address_is_said_and_nothing_stays_bound(
    wire: Wire, request: pytest.FixtureRequest
) -> None:
    """A second building at the first one's address does not start, and frees what it had begun."""
    fresh = DeviceSpec("new", 2003, f"{NETWORK}.3", free_udp(f"{NETWORK}.3"), OBJECTS)
    second = made(request.node.callspec.params["wire"], [fresh, wire.specs[0]])
    with pytest.raises(OSError, match=rf"{re.escape(NETWORK)}\.1"):
        await second.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((fresh.host, fresh.port))
    assert await wire.read(FAN) == 1
