"""The default stack: BAC0 for start-up and identity, its bacpypes3 application for everything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from drivers.bacnet import apdu, octets
from drivers.bacnet.bac0 import reading
from drivers.bacnet.bac0.calls import Calls, Peer, configured
from drivers.bacnet.bac0.identity import identify
from drivers.bacnet.bac0.link import Link, Notification
from drivers.bacnet.bac0.names import names
from drivers.bacnet.bac0.writing import write_many
from drivers.bacnet.kinds import NAMES, PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.moves import Moves, Place
from drivers.bacnet.stack import Stack
from drivers.care.ports import Subnets
from drivers.protocol import Address, Answer, DriverError, Identity, Retryable, Target, Write
from drivers.readings import PriorityArray


class Bac0Driver(Stack[Peer]):
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
        super().__init__(self._link, self._calls, targets)
        self._process = device_instance
        self._confirmed = confirmed_cov
        self._moves = Moves(self._ask_who, self._look, self._settle, configured)

    async def _names(self, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
        return await names(self._calls, peer, addresses)

    async def _values(self, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
        return await reading.read(self._calls, peer, addresses)

    async def _array(self, peer: Peer, address: Address) -> PriorityArray:
        return await reading.read_array(self._calls, peer, apdu.wire(address))

    def _put(self, peer: Peer, write: Write) -> Callable[[], Awaitable[object]]:
        item, encoded = apdu.wire(write.address), apdu.encode(write.address, write.value)
        request = apdu.write(item, PRESENT_VALUE, encoded, write.priority)
        return lambda: self._calls.ask(peer, request)

    async def _put_many(self, peer: Peer, writes: Sequence[Write]) -> list[DriverError | None]:
        return await write_many(self._calls, peer, writes, lambda write: self.write(*write), self._call)

    def _subscribe(self, peer: Peer, address: Address, lifetime: int | None) -> Awaitable[object]:
        request = apdu.subscribe(self._process, apdu.wire(address), self._confirmed, lifetime)
        return self._calls.ask(peer, request)

    async def _ask_who(self, peer: Peer) -> Identity:
        return await identify(self._calls, peer)

    async def _look(self, peer: Peer) -> Place[Any] | None:
        i_am = await self._calls.who_is(peer, None, (peer.target.instance, peer.target.instance))
        return Place(i_am.pduSource, int(i_am.maxAPDULengthAccepted)) if i_am is not None else None

    def _settle(self, peer: Peer, place: Place[Any]) -> None:
        self._calls.found(peer, place.station, place.max_apdu)

    def _cov(self, source: Any, told: Notification) -> bool:
        """Take a notification; False when it is not one that we subscribed to."""
        peer = self._calls.numbered(told.device)
        if peer is None or peer.station is None or told.process != self._process:
            return False
        number, instance = told.item
        address = Address(peer.target.device, NAMES.get(number, ""), instance)
        if source != peer.station or not self._renewals.holds(address):
            return False
        values = told.values
        self._breakers.heard(address.device)
        if PRESENT_VALUE not in values:
            return True
        try:
            flags = octets.bits(values[STATUS_FLAGS]) if STATUS_FLAGS in values else b""
            answer = Answer(address, octets.single(values[PRESENT_VALUE]), apdu.faulty(flags), None)
        except octets.Unreadable as error:
            answer = Answer(address, None, False, Retryable(address.device, f"unreadable change: {error}"))
        self._latest.put(answer)
        return True

    def _i_am(self, source: Any, instance: int, max_apdu: int) -> None:
        self._announced(self._calls.numbered(instance), Place(source, max_apdu))
