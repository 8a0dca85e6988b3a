"""The simulated building on BACnet/IP, each device served by rusty-bacnet's server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from simulator.bacnet.front import LIGHTING, UNITS, DeviceSpec, ObjectSpec, Present, checked
from simulator.bacnet.relay import Endpoint
from simulator.bacnet.served_front import Key, ServedFront

_TYPES: Final[dict[str, ObjectType]] = {
    "analog-input": ObjectType.ANALOG_INPUT,
    "analog-output": ObjectType.ANALOG_OUTPUT,
    "analog-value": ObjectType.ANALOG_VALUE,
    "binary-input": ObjectType.BINARY_INPUT,
    "binary-output": ObjectType.BINARY_OUTPUT,
    "binary-value": ObjectType.BINARY_VALUE,
    LIGHTING: ObjectType.BINARY_LIGHTING_OUTPUT,
    "multi-state-input": ObjectType.MULTI_STATE_INPUT,
    "multi-state-output": ObjectType.MULTI_STATE_OUTPUT,
    "multi-state-value": ObjectType.MULTI_STATE_VALUE,
}

_MOST_SUBSCRIPTIONS: Final = 2048
"""A client's COV subscriptions to one device; the server's own 64 are fewer than a supervisor wants."""


class RustyFront(ServedFront):
    """Keeps `simulator.bacnet.front.Front` with rusty-bacnet's server. Vendor and model are the server's own."""

    def __init__(self, devices: Sequence[DeviceSpec]) -> None:
        super().__init__(devices, _RustyServer)


class _RustyServer:
    """Keeps `simulator.bacnet.served_front.DeviceServer`."""

    def __init__(self, spec: DeviceSpec, address: Endpoint) -> None:
        self._spec = spec
        self._address = address
        self._objects = {(each.object_type, each.instance): each for each in spec.objects}
        self._ids = {key: ObjectIdentifier(_TYPES[key[0]], key[1]) for key in self._objects}
        self._server: BACnetServer | None = None

    @property
    def _running(self) -> BACnetServer:
        if self._server is None:
            raise RuntimeError(f"{self._spec.name} is not running")
        return self._server

    async def start(self) -> None:
        """Serve the objects: slots empty, Relinquish_Default set, no COV subscription."""
        host, port = self._address
        server = BACnetServer(
            self._spec.instance,
            self._spec.name,
            interface=host,
            port=port,
            broadcast_address=host,
            share_port_by_address=True,
            cov_policy={
                "max_subscriptions_global": 4 * _MOST_SUBSCRIPTIONS,
                "max_subscriptions_per_peer": _MOST_SUBSCRIPTIONS,
            },
        )
        for spec in self._spec.objects:
            _add(server, spec)
        for instance in self._spec.calendars:
            server.add_calendar(instance, f"calendar {instance}")
        await server.start()
        self._server = server
        for key, spec in self._objects.items():
            for property_id, value in _properties(spec):
                await server.write_property_local(self._ids[key], property_id, value, source_object=None)

    async def stop(self) -> None:
        """Stop serving and free the address."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    async def put(self, key: Key, value: Present) -> None:
        """Replace the Present_Value of an object without a priority array."""
        encoded = _encoded(self._objects[key], value)
        if key[0].endswith("-input"):
            await self._running.set_present_value_local(self._ids[key], encoded)
        else:
            await self._running.write_property_local(
                self._ids[key], PropertyIdentifier.PRESENT_VALUE, encoded, source_object=None
            )

    async def command(self, key: Key, value: Present | None, priority: int) -> None:
        """Fill a slot, or empty it with None."""
        encoded = PropertyValue.null() if value is None else _encoded(self._objects[key], value)
        await self._running.write_property_local(
            self._ids[key], PropertyIdentifier.PRESENT_VALUE, encoded, priority, source_object=None
        )

    async def present(self, key: Key) -> Present:
        """The Present_Value as a network read gives it."""
        found = await self._running.read_property(self._ids[key], PropertyIdentifier.PRESENT_VALUE)
        value: Present = found.value
        return value


def _add(server: BACnetServer, spec: ObjectSpec) -> None:
    """Add one object; what else it has is set once the server runs."""
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
        case "binary-lighting-output":
            server.add_binary_lighting_output(spec.instance, spec.name)
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
    if spec.egress:
        found.append((PropertyIdentifier.EGRESS_TIME, PropertyValue.unsigned(spec.egress)))
        found.append((PropertyIdentifier.BLINK_WARN_ENABLE, PropertyValue.boolean(True)))
    if spec.kind == "binary" and spec.object_type != LIGHTING:
        # The server's Alarm_Value is active: without this every closed contact would read in-alarm.
        found.append((PropertyIdentifier.EVENT_DETECTION_ENABLE, PropertyValue.boolean(False)))
    if spec.cov_increment is not None:
        found.append((PropertyIdentifier.COV_INCREMENT, PropertyValue.real(spec.cov_increment)))
    if spec.relinquish_default is not None:
        default = _encoded(spec, checked(spec, spec.relinquish_default))
        found.append((PropertyIdentifier.RELINQUISH_DEFAULT, default))
    if spec.kind == "multi-state":
        found.append(
            (PropertyIdentifier.STATE_TEXT, PropertyValue.list([text(each) for each in spec.states]))
        )
    elif spec.states and spec.object_type != LIGHTING:
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
