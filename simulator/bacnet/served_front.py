"""What every front does alike: relays, the log of writes, restarts; a stack only has to serve one device."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias

from simulator.bacnet.apdu import writes_in
from simulator.bacnet.front import DeviceSpec, Input, Point, Present, WriteRecord, checked
from simulator.bacnet.relay import Endpoint, Fate, Relay, free_port

Key: TypeAlias = tuple[str, int]
"""Object type and instance, within one device."""

PROGRAMME: Final = 16
"""The slot of the controller's own programme, the lowest (ASHRAE 135-2020 table 19-1)."""


class DeviceServer(Protocol):
    """One device's objects on one UDP address, by some BACnet stack. Values are checked before they come."""

    async def start(self) -> None:
        """Serve the objects: slots empty, Relinquish_Default set, no COV subscription."""

    async def stop(self) -> None:
        """Stop serving and free the address."""

    async def put(self, key: Key, value: Present) -> None:
        """Replace the Present_Value of an object without a priority array."""

    async def command(self, key: Key, value: Present | None, priority: int) -> None:
        """Fill a slot, or empty it with None."""

    async def present(self, key: Key) -> Present:
        """The Present_Value as a network read gives it."""


ServerFactory: TypeAlias = Callable[[DeviceSpec, Endpoint], DeviceServer]


class _Device:
    """One device: what it is, what serves it, and its wire."""

    def __init__(
        self, spec: DeviceSpec, serve: ServerFactory, log: list[WriteRecord], taken: set[Endpoint]
    ) -> None:
        self.spec = spec
        self.objects = {(each.object_type, each.instance): each for each in spec.objects}
        self.inputs: dict[Key, Present] = {}
        """What the physics last set: sensors go on reading through a restart."""
        public = (spec.host, spec.port)
        behind = (spec.host, free_port(public, taken))
        taken.add(behind)
        self.relay = Relay(public, behind, self._heard)
        self.server = serve(spec, behind)
        self._log = log

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

    async def start(self, first: bool) -> None:
        """Serve; the programme fills its slots on the `first` start only, inputs come back on each."""
        await self.server.start()
        for key, spec in self.objects.items():
            if not spec.commandable:
                await self.server.put(key, self.inputs.get(key, checked(spec, spec.initial)))
            elif first and spec.initial != spec.relinquish_default:
                await self.server.command(key, checked(spec, spec.initial), PROGRAMME)

    async def put(self, key: Key, value: Present) -> None:
        """Move an input. Only an input's last value is known here: a value object may have been written."""
        if self.inputs.get(key) == value:
            return
        await self.server.put(key, value)
        if key[0].endswith("-input"):
            self.inputs[key] = value


class ServedFront:
    """Keeps `simulator.bacnet.front.Front` over any stack that serves one device."""

    def __init__(self, devices: Sequence[DeviceSpec], serve: ServerFactory) -> None:
        self.writes: list[WriteRecord] = []
        taken = {(spec.host, spec.port) for spec in devices}
        self._devices = {spec.name: _Device(spec, serve, self.writes, taken) for spec in devices}
        if len(self._devices) < len(devices):
            raise ValueError("two devices have one name")

    async def start(self) -> None:
        """Serve every device. Raises OSError if an address is taken or is not ours."""
        try:
            for device in self._devices.values():
                device.relay.start()
            for device in self._devices.values():
                await device.start(first=True)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every device and free its address."""
        for device in self._devices.values():
            device.relay.stop()
        await asyncio.gather(*(device.server.stop() for device in self._devices.values()))

    async def set_input(
        self, device: str, object_type: str, instance: int, value: float | bool | int
    ) -> None:
        """The physics moves an input, or a value object without a priority array."""
        found, key = self._devices[device], (object_type, instance)
        spec = found.objects[key]
        if spec.commandable:
            raise ValueError(f"{spec.name} is commandable: use command")
        await found.put(key, checked(spec, value))

    async def set_inputs(self, inputs: Sequence[Input]) -> None:
        """`set_input` for many, at once; of two values for one object the later counts."""
        last = {(each.device, each.object_type, each.instance): each for each in inputs}
        await asyncio.gather(*(self.set_input(*each) for each in last.values()))

    async def present(self, device: str, object_type: str, instance: int) -> Present:
        """An object's Present_Value as a client would read it."""
        found, key = self._devices[device], (object_type, instance)
        spec = found.objects[key]
        value = await found.server.present(key)
        return float(value) if spec.kind == "analog" else int(value)

    async def presents(self, points: Sequence[Point]) -> list[Present]:
        """`present` for many, in order."""
        return list(await asyncio.gather(*(self.present(*point) for point in points)))

    async def command(
        self, device: str, object_type: str, instance: int, value: float | bool | int | None, priority: int
    ) -> None:
        """Somebody at the controller itself fills a slot (a knob: 13), or empties it with None."""
        found, key = self._devices[device], (object_type, instance)
        spec = found.objects[key]
        if not spec.commandable:
            raise ValueError(f"{spec.name} has no priority array: use set_input")
        if not 1 <= priority <= 16:
            raise ValueError(f"priority {priority} is not 1 to 16")
        await found.server.command(key, None if value is None else checked(spec, value), priority)

    async def restart(self, device: str) -> None:
        """The controller restarts: slots and COV subscriptions are lost, inputs keep their values."""
        found = self._devices[device]
        await found.server.stop()
        await found.start(first=False)
        found.relay.announce()

    async def set_silent(self, device: str, silent: bool) -> None:
        """While silent, the device neither hears nor says anything on the wire."""
        self._devices[device].relay.silent = silent

    def set_line(self, device: str, fate: Fate | None) -> None:
        """From now on the device's datagrams, both ways, go as `fate` has it (`simulator.bacnet.relay.bad_line`).

        None is a perfect line. What is under way stays under way. Raises KeyError.
        """
        self._devices[device].relay.fate = fate
