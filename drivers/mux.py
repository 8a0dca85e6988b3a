"""Many wires behind one: each call goes to the wire of its device, which is all that an address is looked at for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from config.state_texts import StateTexts
from drivers.bacnet.serving.device import Carrier, Hosting
from drivers.care.bind import Adrift, Moored
from drivers.care.latest import Latest
from drivers.dates import Entry, Span, dated
from drivers.habits import Habits, News
from drivers.protocol import (
    Address,
    Answer,
    Called,
    Calling,
    Candid,
    DriverError,
    Glimpse,
    Glimpsing,
    Identity,
    Learning,
    Line,
    Misconfigured,
    Patient,
    Sighting,
    Slotted,
    Traits,
    Uplink,
    Uplinked,
    Watchful,
    Write,
    WriteMany,
)
from drivers.readings import PriorityArray


class Mux:
    """A FieldReader and a FieldWriter over several. `wires` says which device is on which; `besides` are started with them.

    All start together or none does; one that loses its devices later does not touch the others. Several writes at once are
    offered where every wire takes them.
    """

    def __init__(self, wires: Mapping[str, Line], besides: Sequence[Line] = ()) -> None:
        self._wires = wires
        self._lines = list({id(line): line for line in (*wires.values(), *besides)}.values())
        self._latest = Latest()
        self._streams: list[asyncio.Task[None]] = []
        self.habits = _Together([ln.reader.habits for ln in self._lines if isinstance(ln.reader, Candid)])

    @property
    def on_restart(self) -> Callable[[str], None]:
        """Who is told of a device that restarted, on whichever wire."""
        return self._lines[0].reader.on_restart

    @on_restart.setter
    def on_restart(self, told: Callable[[str], None]) -> None:
        for line in self._lines:
            line.reader.on_restart = told

    @property
    def on_sighting(self) -> Callable[[str, Sighting | None], None]:
        """Who is told of a device that answers elsewhere, on whichever wire."""
        return self._lines[0].reader.on_sighting

    @on_sighting.setter
    def on_sighting(self, told: Callable[[str, Sighting | None], None]) -> None:
        for line in self._lines:
            line.reader.on_sighting = told

    @property
    def uplink(self) -> Uplink | None:
        """How it stands with the hub, where one of the wires has one."""
        found = (line.reader.uplink for line in self._lines if isinstance(line.reader, Uplinked))
        return next((uplink for uplink in found if uplink is not None), None)

    def adrift(self) -> Adrift | None:
        """Whether the address that one of the wires works from has gone."""
        found = (line.reader.adrift() for line in self._lines if isinstance(line.reader, Moored))
        return next((adrift for adrift in found if adrift is not None), None)

    def _of(self, device: str) -> Line:
        if (line := self._wires.get(device)) is None:
            raise Misconfigured(device, "no such device in the site file")
        return line

    def follow(self, device: str, place: str) -> None:
        """A person said where a device is. Raises Misconfigured."""
        self._of(device).reader.follow(device, place)

    async def start(self) -> None:
        """Start every wire; where one cannot, those before it are stopped again. Raises Misconfigured."""
        for number, line in enumerate(self._lines):
            try:
                await line.reader.start()
            except BaseException:
                for started in self._lines[:number]:
                    await started.reader.stop()
                raise

    async def stop(self) -> None:
        """Stop every wire."""
        await asyncio.gather(*(line.reader.stop() for line in self._lines))
        for task in self._streams:
            task.cancel()
        self._latest.close()

    async def identify(self, device: str) -> Identity:
        """Who the device is."""
        return await self._of(device).reader.identify(device)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Names of objects of one device."""
        return await self._of(addresses[0].device).reader.names(addresses) if addresses else []

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the numbers of one device are counted in."""
        return (
            await self._of(addresses[0].device).reader.traits(addresses, limits=limits) if addresses else []
        )

    async def state_texts(self, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """What a device calls the states of its objects; empty where its wire has no such thing."""
        device = next((address.device for address in wanted), None)
        reader = self._of(device).reader if device is not None else None
        if isinstance(reader, Calling):
            return await reader.state_texts(wanted)
        return [Called(address, StateTexts(), None) for address in wanted]

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Values of objects of one device."""
        return await self._of(addresses[0].device).reader.read(addresses) if addresses else []

    async def read_array(self, address: Address) -> PriorityArray:
        """The slots of an object."""
        return await self._of(address.device).reader.read_array(address)

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """The slots of objects of one device that can be had together."""
        writer = self._of(addresses[0].device).writer if addresses else None
        return await writer.read_arrays(addresses) if isinstance(writer, Slotted) else {}

    def waits(self, device: str) -> float:
        """Seconds that a call to a device may take now; 0 where its wire does not say."""
        writer = self._of(device).writer
        return writer.waits(device) if isinstance(writer, Patient) else 0.0

    def learnt(self, device: str) -> dict[str, Any]:
        """What its wire has learnt about asking a device. Raises Misconfigured."""
        reader = self._of(device).reader
        return reader.learnt(device) if isinstance(reader, Learning) else {}

    def recall(self, device: str, saved: Mapping[str, Any]) -> None:
        """What an earlier run had learnt. Raises Misconfigured."""
        reader = self._of(device).reader
        if isinstance(reader, Learning):
            reader.recall(device, saved)

    async def look_for_restart(self, device: str) -> None:
        """Whether a device has started and did not say so, where its wire can tell. Raises DriverError."""
        writer = self._of(device).writer
        if isinstance(writer, Watchful):
            await writer.look_for_restart(device)

    async def glimpse(self, device: str, objects: Sequence[Address]) -> Glimpse | None:
        """What a device says of itself, where its wire can see that with one request."""
        reader = self._of(device).reader
        return await reader.glimpse(device, objects) if isinstance(reader, Glimpsing) else None

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Hear of the changes of objects of one device."""
        return await self._of(addresses[0].device).reader.subscribe(addresses, lifetime) if addresses else []

    def reports(self, address: Address) -> bool:
        """Whether the device tells the changes of an object."""
        reader = self._of(address.device).reader
        return not isinstance(reader, Candid) or reader.reports(address)

    def changes(self) -> AsyncIterator[Answer]:
        """What every wire tells, in one stream for one consumer. Ends at `stop`."""
        for line in self._lines:
            self._streams.append(asyncio.create_task(self._forward(line.reader.changes())))
        return self._latest.stream()

    async def _forward(self, changes: AsyncIterator[Answer]) -> None:
        async for answer in changes:
            self._latest.put(answer)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value. Raises DriverError."""
        await self._of(address.device).writer.write(address, value, priority)

    def _host(self) -> Hosting:
        for line in self._lines:
            behind_hub = isinstance(line.reader, Uplinked) and line.reader.uplink is not None
            if isinstance(line.reader, Hosting) and not behind_hub:
                return line.reader
        raise Misconfigured("bacnet_device", "no wire of this site speaks BACnet")

    @property
    def up(self) -> bool:
        """Whether the port of the wire that can carry a served device is open."""
        return self._host().up

    def carrier(self, port: int | None) -> Carrier:
        """Carries a served device, on the wire that can. Raises Misconfigured."""
        return self._host().carrier(port)

    async def who_claims(self, instance: int, wait: float) -> str | None:
        """Where a device answers that says to have this instance. Raises Misconfigured."""
        return await self._host().who_claims(instance, wait)

    @property
    def on_namesake(self) -> Callable[[str], None]:
        """Who is told of a device that says to have our own instance."""
        return self._host().on_namesake

    @on_namesake.setter
    def on_namesake(self, told: Callable[[str], None]) -> None:
        self._host().on_namesake = told

    async def date_list(self, address: Address) -> list[Entry]:
        """The days of a Calendar object. Raises DriverError."""
        return await dated(self._of(address.device).writer, address).date_list(address)

    async def write_date_list(self, address: Address, spans: list[Span]) -> None:
        """Replace them. Raises DriverError."""
        dated(self._of(address.device).writer, address)
        await self._of(address.device).writer.write_date_list(address, spans)  # type: ignore[attr-defined] # it is dated

    @property
    def write_many(self) -> WriteMany | None:
        """Several writes to one device, where every wire takes them."""
        if any(line.writer.write_many is None for line in self._lines):
            return None
        return self._write_many

    async def _write_many(self, writes: Sequence[Write]) -> list[DriverError | None]:
        if not writes:
            return []
        many = self._of(writes[0].address.device).writer.write_many
        assert many is not None  # whoever was given this has looked
        return await many(writes)


class _Together(Habits):
    """The habits of several wires' devices, told to one listener."""

    def __init__(self, all_: Sequence[Habits]) -> None:
        super().__init__()
        self._all = all_
        for habits in all_:
            habits.listener = self._tell

    def _tell(self, news: News) -> None:
        if not news.over:
            self._known[news.habit[:3]] = news.habit
        else:
            self._known.pop(news.habit[:3], None)
        self.listener(news)
