"""The fast stack: rusty-bacnet, whose wire work runs outside of Python."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rusty_bacnet import CovNotification, PropertyValue

from drivers import bac0_apdu as apdu
from drivers import rusty_reading as reading
from drivers.base import (
    Address,
    Answer,
    DriverError,
    Identity,
    Misconfigured,
    Retryable,
    Silent,
    Target,
    Write,
)
from drivers.breaker import Breakers
from drivers.cov import Latest, Renewals
from drivers.kinds import KINDS, NAMES
from drivers.moves import Moves, Place
from drivers.octets import Unreadable
from drivers.ports import Subnets
from drivers.readings import PriorityArray
from drivers.rusty_calls import Calls, Peer, configured
from drivers.rusty_identity import identify
from drivers.rusty_link import IAm, Link, Station
from drivers.rusty_names import names
from drivers.rusty_values import FLAGS, VALUE, faulty, plain, wire
from drivers.rusty_writing import write_many

FIRST_OURS: Final = 9
"""Slots 1 to 8 belong to life safety, equipment protection and the manual operator (ASHRAE 135 §19.2)."""

IDENTIFYING: Final = 8
"""Requests that an identity takes where properties are read one by one."""

UNSUBSCRIBE_WITHIN: Final = 1.0
"""Seconds that stopping waits for devices to cancel subscriptions."""


class RustyDriver:
    """One network of BACnet/IP devices, read and written from `bind`:`port`. Keeps `drivers.base.Driver`.

    `bind` is an address of this machine, with `/bits` where its mask is not 24, None for the one that the
    devices are routed to; rusty-bacnet checks the mask against the machine's. `pace` caps the requests per second of the devices it names. Several drivers may
    run in one process, each on a port of its own. Devices are at `host:port` or found by Who-Is on our own
    network; behind a router they are not reached, and `stack: bac0` is the one to choose.
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
        self._link = Link(bind, port, self._i_am, self._cov, subnets or Subnets())
        self._places = [target.address for target in targets]
        self.on_restart: Callable[[str], None] = lambda device: None
        self._calls = Calls(self._link, targets, pace or {})
        self._process = device_instance
        self._confirmed = confirmed_cov
        self._latest = Latest()
        self._renewals = Renewals(self._subscribe_one)
        self._breakers = Breakers(self._renewals.restarted)
        self._moves = Moves(self._ask_who, self._look, self._settle, configured)

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured if it is taken or the address is not ours."""
        await self._link.open(self._places)

    async def stop(self) -> None:
        """Cancel subscriptions as far as the devices answer within a second, close the port."""
        await self._renewals.stop(UNSUBSCRIBE_WITHIN)
        self._latest.close()
        await self._link.close()

    async def identify(self, device: str) -> Identity:
        """Ask the device who it is, and look for it where another one or nobody answers at its address."""
        peer = self._calls.peer(device)
        with self._call(device):
            return await self._calls.within(peer, self._moves.identify(peer), IDENTIFYING)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Object_Names of objects of one device, in order, as text."""
        if not addresses:
            return []
        device = addresses[0].device
        with self._call(device):
            return await names(self._calls, self._calls.peer(device), addresses)

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device, in order.

        Raises Retryable only when the device does not answer at all.
        """
        if not addresses:
            return []
        device = addresses[0].device
        with self._call(device):
            return await reading.read(self._calls, self._calls.peer(device), addresses)

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Misconfigured where the object has none."""
        peer, item = self._calls.peer(address.device), wire(address)
        with self._call(address.device):
            return await self._calls.within(peer, reading.read_array(self._calls, peer, item))

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value; None relinquishes the slot. Priorities 1 to 8 raise Misconfigured."""
        peer, item = self._calls.peer(address.device), wire(address)
        self._check(Write(address, value, priority))
        encoded = PropertyValue.application_data(apdu.encode(address, value))
        with self._call(address.device):
            call = self._calls.ask(
                peer, lambda client, where: client.write_property(where, item, VALUE, encoded, priority)
            )
            await self._calls.within(peer, call)

    async def write_many(self, writes: Sequence[Write]) -> list[DriverError | None]:
        """Write to objects of one device, in one request where it takes that; what became of each."""
        if not writes:
            return []
        for write in writes:
            self._check(write)
        peer = self._calls.peer(writes[0].address.device)
        return await write_many(self._calls, peer, writes, lambda write: self.write(*write), self._call)

    def _check(self, write: Write) -> None:
        """Raises Misconfigured for what may never be written."""
        device, priority = write.address.device, write.priority
        if priority is not None and not FIRST_OURS <= priority <= apdu.SLOTS:
            raise Misconfigured(device, f"priority {priority} is not ours: 9 to 16 are")
        if write.value is None and priority is None:
            raise Misconfigured(device, "an object without a priority array has nothing to release")

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of one device; those that it accepted, now.

        Objects that got no answer are tried again until they have one; those that it refused are not.
        """
        if not addresses:
            return []
        peer = self._calls.peer(addresses[0].device)
        known = [a for a in addresses if a.device == peer.target.device and a.object_type in KINDS]
        within = peer.target.timeout + peer.gate.takes(len(known))
        return await self._renewals.add(known, lifetime, within)

    def changes(self) -> AsyncIterator[Answer]:
        """COV notifications, the latest of each object, for one consumer. Ends at `stop`."""
        return self._latest.stream()

    @property
    def in_flight(self) -> int:
        """Requests without an answer yet."""
        return self._link.in_flight

    async def _subscribe_one(self, address: Address, lifetime: int | None) -> None:
        peer, item = self._calls.peer(address.device), wire(address)
        process, confirmed = self._process, self._confirmed
        with self._call(address.device):
            if lifetime is None:
                call = self._calls.ask(
                    peer, lambda client, where: client.unsubscribe_cov(where, process, item)
                )
            else:
                call = self._calls.ask(
                    peer,
                    lambda client, where: client.subscribe_cov(where, process, item, confirmed, lifetime),
                )
            await self._calls.within(peer, call)

    @contextmanager
    def _call(self, device: str) -> Iterator[None]:
        """Around each call: a device that is silent is left alone, and looked for."""
        with self._breakers.call(device):
            try:
                yield
            except Silent:
                self._moves.lose(device)
                raise

    async def _ask_who(self, peer: Peer) -> Identity:
        return await identify(self._calls, peer)

    async def _look(self, peer: Peer) -> Place[Station] | None:
        said = await self._calls.who_is(peer, None, peer.target.instance)
        return Place(said.station, said.max_apdu) if said is not None else None

    def _settle(self, peer: Peer, place: Place[Station]) -> None:
        self._calls.found(peer, place)

    def _cov(self, source: Station, told: CovNotification) -> None:
        """Take a notification if it is one that we subscribed to."""
        peer = self._calls.numbered(told.initiating_device_identifier.instance)
        if peer is None or told.subscriber_process_identifier != self._process or source != peer.station:
            return
        item = told.monitored_object_identifier
        address = Address(peer.target.device, NAMES.get(item.object_type.to_raw(), ""), item.instance)
        if not self._renewals.holds(address):
            return
        self._breakers.heard(address.device)
        values = {each["property_id"]: each["value"] for each in told.values}
        if VALUE not in values:
            return
        try:
            fault = FLAGS in values and faulty(values[FLAGS])
            answer = Answer(address, plain(values[VALUE]), fault, None)
        except Unreadable as error:
            answer = Answer(address, None, False, Retryable(address.device, f"unreadable change: {error}"))
        self._latest.put(answer)

    def _i_am(self, said: IAm) -> None:
        """An I-Am that we did not ask for is what a device says after a restart, or where it moved to."""
        peer = self._calls.numbered(said.instance)
        if peer is None or peer.asked_who:
            return
        device = peer.target.device
        self._moves.hear(peer, Place(said.station, said.max_apdu), silent=self._breakers.open(device))
        if peer.station == said.station:
            self._breakers.heard(device)
            self._renewals.restarted(device)
            self.on_restart(device)
