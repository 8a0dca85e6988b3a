"""The driver of MQTT: a FieldReader of what topics say, and a FieldWriter that writes nothing.

A broker stands for a device, each of its topics for an object. Nothing is asked of a sensor: what it last said counts for as
long as the topic's `refresh`, and reading it again makes it no younger.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from config.measure import Said
from config.mqtt import Mqtt, topics
from config.values import ObjectRef
from drivers.care.ending import ended
from drivers.care.latest import Latest
from drivers.habits import Habits
from drivers.mqtt.board import Board
from drivers.mqtt.broker import Connection, heard
from drivers.protocol import (
    Address,
    Answer,
    DriverError,
    Identity,
    Misconfigured,
    Rejected,
    Sighting,
    Silent,
    Traits,
    Write,
)
from drivers.readings import PriorityArray

if TYPE_CHECKING:
    from aiomqtt import Client, Message

PATIENCE: Final = 3.0
"""s that a first call waits for the broker."""
LOOK: Final = 1.0
"""s between two looks at what stopped counting."""


class _Device:
    """One broker of the site file."""

    def __init__(self, name: str, instance: int, to: Mqtt) -> None:
        self.name, self.instance = name, instance
        self.board = Board({place: topic for _, place, topic in topics(to)})
        self.connection = Connection(name, to)
        self.looked = 0.0

    @property
    def where(self) -> str:
        """Host and port."""
        return urlsplit(self.connection.to.broker).netloc


class MqttDriver:
    """Reads the brokers of a site: name → its number in the site file, and how it is reached."""

    def __init__(self, brokers: Mapping[str, tuple[int, Mqtt]]) -> None:
        self.on_restart: Callable[[str], None] = lambda device: None
        self.on_sighting: Callable[[str, Sighting | None], None] = lambda device, sighting: None
        self.habits = Habits()
        self._devices = {name: _Device(name, instance, to) for name, (instance, to) in brokers.items()}
        self._latest = Latest()
        self._tasks: list[asyncio.Task[None]] = []

    def follow(self, device: str, place: str) -> None:
        """A broker is where the site file says. Raises Misconfigured."""
        raise Misconfigured(device, "a broker is not followed: its address is changed in the site file")

    async def start(self) -> None:
        """Begin to connect; a broker that is away is tried again, and again."""
        for device in self._devices.values():
            for work in (self._listen(device), self._expire(device)):
                self._tasks.append(asyncio.create_task(work, name=f"mqtt {device.name}"))

    async def stop(self) -> None:
        """Disconnect."""
        await ended(self._tasks)
        self._tasks.clear()
        self._latest.close()

    async def _listen(self, device: _Device) -> None:
        async def serve(connected: Client) -> None:
            await heard(
                connected,
                device.board.topics,
                device.connection.ready,
                lambda message: self._take(device, message),
            )

        await device.connection.run(serve)

    def _take(self, device: _Device, message: Message) -> None:
        payload = message.payload if isinstance(message.payload, bytes) else str(message.payload).encode()
        now = asyncio.get_running_loop().time()
        told = device.board.take(
            str(message.topic), payload, retained=bool(message.retain), now=now, wall=time.time()
        )
        for place in told:
            self._latest.put(self._answer(device, place, now))

    async def _expire(self, device: _Device) -> None:
        """Tell what stopped counting: it is unknown from then on, not from when somebody asks."""
        loop = asyncio.get_running_loop()
        device.looked = loop.time()
        while True:
            await asyncio.sleep(LOOK)
            last, device.looked = device.looked, loop.time()
            for place in list(device.board.expired(last, device.looked)):
                self._latest.put(self._answer(device, place, device.looked))

    def _answer(self, device: _Device, place: ObjectRef, now: float) -> Answer:
        if device.connection.refused and (topic := device.board.topic(place)) in device.connection.refused:
            return Answer(
                Address(device.name, *place),
                None,
                False,
                Misconfigured(device.name, f"the broker does not let us read {topic}"),
            )
        held = device.board.at(place, now)
        return Answer(Address(device.name, *place), held.value, False, None, max(0.0, now - held.at))

    async def _connected(self, name: str) -> _Device:
        """Raises Silent while the broker is away."""
        device = self._devices.get(name)
        if device is None:
            raise Misconfigured(name, "no such broker in the site file")
        if device.connection.problem:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(device.connection.changed.wait(), PATIENCE)
        if device.connection.problem:
            raise Silent(
                name, f"the broker at {device.where} lets us in no more: {device.connection.problem}"
            )
        return device

    async def identify(self, device: str) -> Identity:
        """Which broker. Raises Silent while it is away."""
        known = await self._connected(device)
        return Identity(device, known.instance, 0, "MQTT", device, 0, False, True, True, known.where)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """What the site file calls them: a topic has no other name."""
        if addresses:
            await self._connected(addresses[0].device)
        return [Answer(a, f"{a.object_type}:{a.instance}", False, None) for a in addresses]

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """A topic says no unit: the site file does, or the role's goes without saying."""
        if addresses:
            await self._connected(addresses[0].device)
        return [Traits(address, Said(), None) for address in addresses]

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """What was last said, as old as it is. Raises Silent while the broker is away."""
        if not addresses:
            return []
        device, now = await self._connected(addresses[0].device), asyncio.get_running_loop().time()
        return [self._answer(device, ObjectRef(a.object_type, a.instance), now) for a in addresses]

    async def read_array(self, address: Address) -> PriorityArray:
        """Raises Misconfigured: a topic has no slots."""
        raise Misconfigured(address.device, "a topic has no priority array")

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """All of them: every topic of the site file is subscribed to for as long as the driver runs."""
        return list(addresses)

    def reports(self, address: Address) -> bool:
        """Whatever a topic says is told."""
        return True

    def changes(self) -> AsyncIterator[Answer]:
        """What topics say, the latest of each, and that they say nothing any more. Ends at `stop`."""
        return self._latest.stream()

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Raises Rejected: nothing is written by MQTT."""
        raise Rejected(address.device, "topics are only read")

    @property
    def write_many(self) -> Callable[[Sequence[Write]], Coroutine[Any, Any, list[DriverError | None]]]:
        """Refuses each."""
        return self._refuse

    async def _refuse(self, writes: Sequence[Write]) -> list[DriverError | None]:
        return [Rejected(write.address.device, "topics are only read") for write in writes]
