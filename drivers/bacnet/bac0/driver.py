"""The default stack: BAC0 for start-up and identity, its bacpypes3 application for everything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0 import raw, reading, survey
from drivers.bacnet.bac0 import traits as own
from drivers.bacnet.bac0.calls import Calls, Peer, configured
from drivers.bacnet.bac0.identity import device
from drivers.bacnet.bac0.link import Link, Notification
from drivers.bacnet.bac0.serving import SharedCarrier
from drivers.bacnet.bac0.writing import write_many
from drivers.bacnet.kinds import PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.looks import Device
from drivers.bacnet.octets import Tag, Unreadable, Wire
from drivers.bacnet.results import unreadable_change
from drivers.bacnet.stack import Stack
from drivers.bacnet.texts import state_texts
from drivers.bacnet.traits import traits
from drivers.care.ports import Subnets
from drivers.protocol import (
    Address,
    Answer,
    Called,
    DriverError,
    Met,
    Misconfigured,
    Target,
    Told,
    Traits,
    Write,
)
from drivers.raw import Item, Raw


class Bac0Driver(Stack[Any]):
    """One network of BACnet/IP devices, read and written from `bind`:`port`. A FieldReader and a FieldWriter.

    `bind` is an address of this machine, with `/bits` where its mask is not 24, None for the one that the
    devices are routed to. On loopback the devices' port must differ from ours: bacpypes3 hands any 127.x address on its own port to itself. `pace` caps the
    requests per second of the devices it names. One driver for one `start` and `stop`, one a process.
    """

    def __init__(
        self,
        bind: str | None,
        port: int,
        targets: Sequence[Target],
        device_instance: int,
        *,
        confirmed_cov: bool = False,
        pace: Mapping[str, float] | None = None,
        subnets: Subnets | None = None,
    ) -> None:
        self._link = Link(bind, port, device_instance, self._i_am, self._cov, subnets or Subnets())
        self._calls = Calls(self._link, targets, pace or {})
        super().__init__(self._link, self._calls, targets, device_instance, configured)
        self._confirmed = confirmed_cov

    async def _traits(self, peer: Peer, addresses: Sequence[Address], *, limits: bool) -> list[Traits]:
        return await traits(
            self._calls, peer, addresses, lambda part, wanted: own.together(self._calls, peer, part, wanted),
            lambda address, number: own.single(self._calls, peer, address, number), limits=limits,
        )  # fmt: skip

    async def _state_texts(self, peer: Peer, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        return await state_texts(
            self._calls, peer, wanted,
            lambda part, properties: own.asked(self._calls, peer, part, properties, own.texts),
        )  # fmt: skip

    async def _values(self, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
        return await reading.read(self._calls, peer, addresses)

    def _put(self, peer: Peer, write: Write) -> Callable[[], Awaitable[object]]:
        item, encoded = apdu.wire(write.address), apdu.encode(write.address, write.value)
        request = apdu.write(item, PRESENT_VALUE, encoded, write.priority)
        return lambda: self._calls.ask(peer, request)

    async def _put_many(self, peer: Peer, writes: Sequence[Write]) -> list[DriverError | None]:
        return await write_many(self._calls, peer, writes, lambda write: self.write(*write), self._call)

    async def _listed(self, peer: Peer, item: Wire, number: int) -> list[Tag]:
        return await self._calls.property(peer, item, number)

    def _put_list(self, peer: Peer, item: Wire, number: int, encoded: bytes) -> Awaitable[object]:
        return self._calls.ask(peer, apdu.write(item, number, encoded, None))

    def _subscribe(self, peer: Peer, address: Address, lifetime: int | None) -> Awaitable[object]:
        request = apdu.subscribe(self._process, apdu.wire(address), self._confirmed, lifetime)
        return self._calls.ask(peer, request)

    def _device(self, peer: Peer) -> Device[list[Tag]]:
        return device(self._calls, peer)

    async def who_is_there(self, at: str | None, limits: tuple[int, int] | None, wait: float) -> list[Met]:
        """Everybody who answers a Who-Is. Raises Misconfigured for what is no address."""
        return await survey.who_is_there(self._link, self._calls, at, limits, wait)

    async def object_count(self, device: str) -> int:
        """The length of its object list. Raises DriverError."""
        return await survey.object_count(self._calls, self._calls.peer(device))

    async def object_list(self, device: str, index: int | None = None) -> list[tuple[int, int]]:
        """All its objects, or one. Raises DriverError."""
        return await survey.object_list(self._calls, self._calls.peer(device), index)

    async def told(self, addresses: Sequence[Address]) -> list[Told]:
        """Names, descriptions, units and states of objects of one device, in order."""
        return await survey.told(self._calls, self._calls.peer(addresses[0].device), addresses)

    def carrier(self, port: int | None) -> SharedCarrier:
        """Carries a served device on our own port. Raises Misconfigured for another."""
        if port is not None:
            raise Misconfigured("bac0", "with `stack: bac0` the device shares the port of `bacnet:`")
        return SharedCarrier(self._link)

    async def raw(self, device: str, item: Item, number: int, index: int | None = None) -> Raw:
        """One property as the device answers. Raises Misconfigured for a device that is not known."""
        return await raw.one(self._calls, self._calls.peer(device), item, number, index)

    async def raw_many(self, device: str, wanted: Sequence[tuple[Item, Sequence[int]]]) -> Raw:
        """Several at once, likewise."""
        return await raw.many(self._calls, self._calls.peer(device), wanted)

    def _cov(self, source: Any, told: Notification) -> bool:
        """Take a notification; False when it is not one that we subscribed to."""
        address, values = self._told(source, told.process, told.device, told.item), told.values
        if address is None:
            return False
        try:
            if PRESENT_VALUE in values:
                fault = STATUS_FLAGS in values and octets.faulty(octets.bits(values[STATUS_FLAGS]))
                self._latest.put(Answer(address, octets.single(values[PRESENT_VALUE]), fault, None))
        except Unreadable as error:
            self._latest.put(unreadable_change(address, error))
        return True
