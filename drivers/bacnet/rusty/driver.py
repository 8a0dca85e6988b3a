"""The fast stack: rusty-bacnet, whose wire work runs outside of Python."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rusty_bacnet import CovNotification, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from drivers.bacnet import apdu, octets, results
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.looks import Device
from drivers.bacnet.octets import Tag, Unreadable, Wire
from drivers.bacnet.results import unreadable_change
from drivers.bacnet.rusty import reading
from drivers.bacnet.rusty import traits as own
from drivers.bacnet.rusty.calls import Calls, Peer, configured
from drivers.bacnet.rusty.commanding import Again, AskedWrite, refusal
from drivers.bacnet.rusty.commanding import crowded as no_room
from drivers.bacnet.rusty.glimpse import glimpse
from drivers.bacnet.rusty.identity import device
from drivers.bacnet.rusty.link import NEVER, Link
from drivers.bacnet.rusty.named import Names
from drivers.bacnet.rusty.polls import FOR_EVER, ITS_TIME, Polls
from drivers.bacnet.rusty.port import Round
from drivers.bacnet.rusty.slots import Slots
from drivers.bacnet.rusty.station import Station, Where
from drivers.bacnet.rusty.told import Told
from drivers.bacnet.rusty.values import FLAGS, VALUE, bits, content, plain, wire
from drivers.bacnet.rusty.writing import write_many
from drivers.bacnet.stack import Stack
from drivers.bacnet.texts import state_texts
from drivers.bacnet.traits import traits
from drivers.care.pacing import network
from drivers.care.ports import Subnets
from drivers.protocol import (
    Address,
    Answer,
    Called,
    DriverError,
    Glimpse,
    Misconfigured,
    Silent,
    Target,
    Traits,
    Uplink,
    Write,
)
from drivers.readings import PriorityArray

if TYPE_CHECKING:
    from drivers.bacnet.rusty.hub import HubLink, Secure
    from drivers.bacnet.rusty.serving import OwnCarrier


class RustyDriver(Stack[Where]):
    """One network of BACnet/IP devices, read and written from `bind`:`port`. A FieldReader and a FieldWriter.

    `bind` is an address of this machine, with `/bits` where its mask is not 24, None for the one that the
    devices are routed to; rusty-bacnet checks the mask against the machine's. `pace` caps the requests per
    second of the devices it names. Several drivers may run in one process, each on a port of its own. A device
    behind a router (`network:station`, or found there by Who-Is) takes a UDP port more: see `drivers.bacnet.rusty.routed`.
    At `served` a device of our own will be. With `secure` the devices are behind a hub of BACnet/SC instead, and `bind`, `port` and `subnets` mean nothing.
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
        secure: Secure | None = None,
        served: int | None = None,
    ) -> None:
        capped = bool(pace) or any(network(target.address) is not None for target in targets)
        slowest = NEVER if capped else max((target.timeout for target in targets), default=NEVER)
        self._hub = self._behind(secure, slowest) if secure else None
        self._link = self._hub or Link(
            bind, port, self._i_am, self._cov, subnets or Subnets(), slowest, served
        )
        self._calls = Calls(self._link, targets, pace or {})
        super().__init__(self._link, self._calls, targets, device_instance, configured)
        self._link.on_lost, self._link.on_told = self._lost, self._told_there
        self._confirmed = confirmed_cov
        self._plans, self._polls = reading.Plans(), Polls(self._link)
        self._there = Told(self._polls)
        self._slots = Slots(self._polls)
        self._calls.quick_names = Names(self._polls).of
        self._devices = [target.device for target in targets]

    def _behind(self, secure: Secure, slowest: float) -> HubLink:
        """The hub's side, imported only where a site has one."""
        from drivers.bacnet.rusty.hub import HubLink

        return HubLink(secure, self._i_am, self._cov, self._back, slowest)

    @property
    def uplink(self) -> Uplink | None:
        """How it stands with the hub; None on BACnet/IP."""
        return self._hub.uplink if self._hub is not None else None

    def _back(self) -> None:
        """There is a hub again: nobody was told anything meanwhile, and no silence was a device's."""
        for name in self._devices:
            self._breakers.heard(name)
            self._renewals.restarted(name)

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
        return await reading.read(self._calls, self._plans, self._polls, peer, addresses)

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """The slots of objects of one device that can be had together, through the second port."""
        if not addresses or self._breakers.open(addresses[0].device):
            return {}
        peer = self._calls.peer(addresses[0].device)
        found = await self._slots.read(peer, addresses)
        if found:
            self._breakers.heard(peer.target.device)
        return found

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Misconfigured where the object has none."""
        if (array := (await self.read_arrays([address])).get(address)) is not None:
            return array
        try:
            return await super().read_array(address)
        except Silent:
            self._polls.silent(self._calls.peer(address.device))
            raise

    async def glimpse(self, device: str, objects: Sequence[Address]) -> Glimpse | None:
        """What a device says of itself, where it is and what some of its objects are called, through the second port."""
        if self._breakers.open(device):
            return None
        said = await glimpse(self._polls, self._calls.peer(device), objects)
        if said is not None:
            self._breakers.heard(device)
        return said

    def _put(self, peer: Peer, write: Write) -> Callable[[], Awaitable[object]]:
        item, priority = wire(write.address), write.priority
        encoded = apdu.encode(write.address, write.value)

        def by_the_stack() -> Awaitable[object]:
            value = PropertyValue.application_data(encoded)
            return self._calls.ask(
                peer,
                lambda client, where: client.write_property(where, item, VALUE, value, priority),
                once=True,
            )

        return lambda: self._command(peer, AskedWrite(write.address, encoded, priority), by_the_stack)

    async def _command(
        self, peer: Peer, asked: AskedWrite, by_the_stack: Callable[[], Awaitable[object]]
    ) -> None:
        """Write through the second port where the device has just answered there. Raises DriverError, and what the stack raises."""
        way = await self._polls.way_for_a_write(peer)
        if way is None:
            await by_the_stack()
            return
        round_ = Round(*way, [asked], 1, FOR_EVER)
        again, clock = Again(round_, peer.target.timeout), asyncio.get_running_loop().time
        began, crowded = clock(), False
        try:
            await round_.quiet
            crowded = no_room(round_) and peer.gate.room.crowded()
            self._polls.acknowledged(peer)
        except asyncio.CancelledError:
            if (
                clock() - began >= ITS_TIME * peer.target.timeout
            ):  # else a stop or a reload does not wait for it
                self._polls.unacknowledged(peer)
            raise
        finally:
            again.cancel()
            round_.end()
            peer.gate.leave(1)
        if crowded:
            await by_the_stack()
        elif (error := refusal(peer.target.device, round_)) is not None:
            raise error

    async def _put_many(self, peer: Peer, writes: Sequence[Write]) -> list[DriverError | None]:
        return await write_many(self._calls, peer, writes, lambda write: self.write(*write), self._call)

    async def _listed(self, peer: Peer, item: Wire, number: int) -> list[Tag]:
        name = PropertyIdentifier.from_raw(number)
        return octets.tags(content(await self._calls.property(peer, _identifier(item), name)))

    def _put_list(self, peer: Peer, item: Wire, number: int, encoded: bytes) -> Awaitable[object]:
        name, value = PropertyIdentifier.from_raw(number), PropertyValue.application_data(encoded)
        return self._calls.ask(
            peer,
            lambda client, where: client.write_property(where, _identifier(item), name, value),
            once=True,
        )

    def _subscribe(self, peer: Peer, address: Address, lifetime: int | None) -> Awaitable[object]:
        item, process, confirmed = wire(address), self._process, self._confirmed

        def by_the_stack(lifetime: int | None) -> Awaitable[object]:
            if lifetime is None:
                return self._calls.ask(
                    peer, lambda client, where: client.unsubscribe_cov(where, process, item)
                )
            return self._calls.ask(
                peer, lambda client, where: client.subscribe_cov(where, process, item, confirmed, lifetime)
            )

        if confirmed:
            return by_the_stack(lifetime)
        return self._there.ask(peer, address, process, lifetime, by_the_stack)

    def _device(self, peer: Peer) -> Device[object]:
        return device(self._calls, peer)

    def carrier(self, port: int | None) -> OwnCarrier:
        """Carries a served device on a port of its own; imported only where there is one. Raises Misconfigured where none is said."""
        from drivers.bacnet.rusty.serving import OwnCarrier

        if port is None:
            raise Misconfigured("rusty", "with `stack: rusty` the device needs a UDP port of its own")
        return OwnCarrier(self._link, port)

    def _told_there(self, source: tuple[str, int], data: bytes) -> None:
        """Take a notification that came to the second port, if it is one that we subscribed to."""
        try:
            process, device, wired, values = octets.notification(data)
        except Unreadable:
            return
        address = self._told(Station(*source), process, device, wired)
        if address is not None:
            self._there.heard(address.device)
            if PRESENT_VALUE in values:
                self._latest.put(results.answer(address, values))

    async def stop(self) -> None:
        """Cancel subscriptions as far as the devices answer within a second, close the ports."""
        self._there.stop()
        await super().stop()

    def _cov(self, source: Where, told: CovNotification) -> None:
        """Take a notification if it is one that we subscribed to."""
        item, device = told.monitored_object_identifier, told.initiating_device_identifier
        wired = (item.object_type.to_raw(), item.instance)
        address = self._told(source, told.subscriber_process_identifier, device.instance, wired)
        if address is None:
            return
        try:
            values = {each["property_id"]: each["value"] for each in told.values}
            if VALUE in values:
                fault = FLAGS in values and octets.faulty(bits(values[FLAGS]))
                self._latest.put(Answer(address, plain(values[VALUE]), fault, None))
        except Unreadable as error:
            self._latest.put(unreadable_change(address, error))


def _identifier(item: Wire) -> ObjectIdentifier:
    return ObjectIdentifier(ObjectType.from_raw(item[0]), item[1])
