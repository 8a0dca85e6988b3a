"""The simulated building on BACnet/IP, served by rusty-bacnet: one server a device, behind its relay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Literal

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from simulator.apdu import writes_in
from simulator.front import UNITS, DeviceSpec, Input, ObjectSpec, Point, Present, WriteRecord, checked
from simulator.relay import Relay, free_port

_TYPES: Final[dict[str, ObjectType]] = {
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
_PROGRAMME: Final = 16
"""The slot of the controller's own programme, the lowest (ASHRAE 135 table 19-1)."""

_COV: Final[dict[str, int]] = {"max_subscriptions_global": 8192, "max_subscriptions_per_peer": 2048}
"""The server's own 64 a client is fewer than a supervisor wants of one controller."""


class _Served:
    """One device: its spec, the server that holds its objects, and the relay on its public address."""

    def __init__(self, spec: DeviceSpec, log: list[WriteRecord]) -> None:
        self.spec = spec
        self.objects = {(o.object_type, o.instance): o for o in spec.objects}
        self.ids = {key: ObjectIdentifier(_TYPES[key[0]], key[1]) for key in self.objects}
        self.inputs: dict[tuple[str, int], Present] = {}
        """What the physics last set, by object: sensors go on reading through a restart."""
        self._log = log
        public = (spec.host, spec.port)
        self.relay = Relay(public, (spec.host, free_port(public)), self._heard)
        self.server: BACnetServer | None = None

    def _heard(self, datagram: bytes) -> None:
        for write in writes_in(datagram):
            self._log.append(
                WriteRecord(
                    time.monotonic(),
                    self.spec.name,
                    write.object_type,
                    write.instance,
                    write.priority,
                    write.value,
                    write.property_id,
                )
            )

    @property
    def running(self) -> BACnetServer:
        """The server. Raises RuntimeError while it is stopped."""
        if self.server is None:
            raise RuntimeError(f"{self.spec.name} is not running")
        return self.server

    async def start(self, first: bool) -> None:
        """A server with every object as it is after a start; on the `first`, its programme's slots too."""
        host, port = self.relay.server
        server = BACnetServer(
            self.spec.instance,
            self.spec.name,
            interface=host,
            port=port,
            broadcast_address=host,
            share_port_by_address=True,
            cov_policy=_COV,  # type: ignore[arg-type]  # a TypedDict of which these are two keys
        )
        for spec in self.spec.objects:
            _add(server, spec)
        await server.start()
        self.server = server
        for key, spec in self.objects.items():
            await self._set_up(server, key, spec, first)

    async def _set_up(
        self, server: BACnetServer, key: tuple[str, int], spec: ObjectSpec, first: bool
    ) -> None:
        identifier = self.ids[key]
        for property_id, value in _properties(spec):
            await server.write_property_local(identifier, property_id, value, source_object=None)
        if not spec.commandable:
            await self.put(key, self.inputs.get(key, checked(spec, spec.initial)))
        elif first and spec.initial != spec.relinquish_default:
            await self.command(key, checked(spec, spec.initial), _PROGRAMME)

    async def stop(self) -> None:
        """Stop the server; its address stays the relay's."""
        if self.server is not None:
            await self.server.stop()
            self.server = None

    async def put(self, key: tuple[str, int], value: Present) -> None:
        """Replace the Present_Value of an object without a priority array."""
        encoded = _encoded(self.objects[key], value)
        if key[0].endswith("-input"):
            await self.running.set_present_value_local(self.ids[key], encoded)
            self.inputs[key] = value
        else:
            await self.running.write_property_local(
                self.ids[key], PropertyIdentifier.PRESENT_VALUE, encoded, source_object=None
            )

    async def command(self, key: tuple[str, int], value: Present | None, priority: int) -> None:
        """Fill a slot, or empty it with None."""
        encoded = PropertyValue.null() if value is None else _encoded(self.objects[key], value)
        await self.running.write_property_local(
            self.ids[key], PropertyIdentifier.PRESENT_VALUE, encoded, priority, source_object=None
        )

    async def present(self, key: tuple[str, int]) -> Present:
        """The Present_Value as a network read gives it."""
        found = await self.running.read_property(self.ids[key], PropertyIdentifier.PRESENT_VALUE)
        return float(found.value) if self.objects[key].kind == "analog" else int(found.value)


class RustyFront:
    """Keeps `simulator.front.Front` with rusty-bacnet's server."""

    def __init__(self, devices: Sequence[DeviceSpec]) -> None:
        self.writes: list[WriteRecord] = []
        self._devices = {spec.name: _Served(spec, self.writes) for spec in devices}

    async def start(self) -> None:
        """Serve every device. Raises OSError if an address is taken or is not ours."""
        try:
            for served in self._devices.values():
                served.relay.start()
            for served in self._devices.values():
                await served.start(first=True)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every device and free its address."""
        for served in self._devices.values():
            served.relay.stop()
        await asyncio.gather(*(served.stop() for served in self._devices.values()))

    async def set_input(
        self, device: str, object_type: str, instance: int, value: float | bool | int
    ) -> None:
        """The physics moves an input, or a value object without a priority array."""
        served, key = self._devices[device], (object_type, instance)
        spec = served.objects[key]
        if spec.commandable:
            raise ValueError(f"{spec.name} is commandable: use command")
        wanted = checked(spec, value)
        if served.inputs.get(key) != wanted:
            await served.put(key, wanted)

    async def set_inputs(self, inputs: Sequence[Input]) -> None:
        """`set_input` for many; unchanged inputs cost next to nothing."""
        for each in inputs:
            await self.set_input(*each)

    async def present(self, device: str, object_type: str, instance: int) -> Present:
        """An object's Present_Value as a client would read it."""
        return await self._devices[device].present((object_type, instance))

    async def presents(self, points: Sequence[Point]) -> list[Present]:
        """`present` for many, in order."""
        return list(await asyncio.gather(*(self.present(*point) for point in points)))

    async def command(
        self, device: str, object_type: str, instance: int, value: float | bool | int | None, priority: int
    ) -> None:
        """Somebody at the controller itself fills a slot (a knob: 13), or empties it with None."""
        served, key = self._devices[device], (object_type, instance)
        spec = served.objects[key]
        if not spec.commandable:
            raise ValueError(f"{spec.name} has no priority array: use set_input")
        if not 1 <= priority <= 16:
            raise ValueError(f"priority {priority} is not 1 to 16")
        await served.command(key, None if value is None else checked(spec, value), priority)

    async def restart(self, device: str) -> None:
        """The controller restarts: slots and COV subscriptions are lost, inputs keep their values."""
        served = self._devices[device]
        await served.stop()
        await served.start(first=False)
        served.relay.announce()

    async def set_silent(self, device: str, silent: bool) -> None:
        """While silent, the device neither hears nor says anything on the wire."""
        self._devices[device].relay.silent = silent


def _add(server: BACnetServer, spec: ObjectSpec) -> None:
    """Add one object; its Present_Value and the rest are set once the server runs."""
    units = UNITS[spec.units or "no-units"]
    access: Literal["commandable", "writable"] = "commandable" if spec.commandable else "writable"
    match spec.object_type:
        case "analog-input":
            server.add_analog_input(spec.instance, spec.name, units)
        case "analog-output":
            server.add_analog_output(spec.instance, spec.name, units)
        case "analog-value":
            server.add_analog_value(spec.instance, spec.name, units, present_value_access=access)
        case "binary-input":
            server.add_binary_input(spec.instance, spec.name)
        case "binary-output":
            server.add_binary_output(spec.instance, spec.name)
        case "binary-value":
            server.add_binary_value(spec.instance, spec.name, present_value_access=access)
        case "multi-state-input":
            server.add_multistate_input(spec.instance, spec.name, len(spec.states))
        case "multi-state-output":
            server.add_multistate_output(spec.instance, spec.name, len(spec.states))
        case _:
            server.add_multistate_value(
                spec.instance, spec.name, len(spec.states), present_value_access=access
            )


def _properties(spec: ObjectSpec) -> list[tuple[PropertyIdentifier, PropertyValue]]:
    """What the server does not take when the object is added."""
    text = PropertyValue.character_string
    found = [(PropertyIdentifier.DESCRIPTION, text(spec.description))]
    if spec.kind == "binary":
        # The server's Alarm_Value is active: without this every closed contact would read in-alarm.
        found.append((PropertyIdentifier.EVENT_DETECTION_ENABLE, PropertyValue.boolean(False)))
    if spec.cov_increment is not None:
        found.append((PropertyIdentifier.COV_INCREMENT, PropertyValue.real(spec.cov_increment)))
    if spec.relinquish_default is not None:
        default = _encoded(spec, checked(spec, spec.relinquish_default))
        found.append((PropertyIdentifier.RELINQUISH_DEFAULT, default))
    if spec.kind == "multi-state":
        found.append((PropertyIdentifier.STATE_TEXT, PropertyValue.list([text(s) for s in spec.states])))
    elif spec.states:
        found.append((PropertyIdentifier.INACTIVE_TEXT, text(spec.states[0])))
        found.append((PropertyIdentifier.ACTIVE_TEXT, text(spec.states[1])))
    return found


def _encoded(spec: ObjectSpec, value: Present) -> PropertyValue:
    """A Present_Value in its object's datatype: Real, Enumerated or Unsigned."""
    if spec.kind == "analog":
        return PropertyValue.real(float(value))
    return (
        PropertyValue.enumerated(int(value)) if spec.kind == "binary" else PropertyValue.unsigned(int(value))
    )
