"""The default stack: BAC0 for start-up and identity, its bacpypes3 application for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bacpypes3.pdu import Address as Station

from drivers import bac0_apdu as apdu
from drivers.bac0_link import Link, Refusal
from drivers.base import Address, Answer, DriverError, Identity, Misconfigured, Retryable, Target
from drivers.batches import batches
from drivers.cov import Latest, Renewals
from drivers.kinds import DEVICE, NAMES, PRESENT_VALUE, PRIORITY_ARRAY, RELINQUISH_DEFAULT, STATUS_FLAGS
from drivers.pacing import Gate
from drivers.readings import PriorityArray
from drivers.refusals import of_silence

UNKNOWN_MAX_APDU: Final = 480
"""Octets assumed until the device says: the MS/TP maximum, the smallest in common use (ASHRAE 135 §6.1)."""

LOWEST_PRIORITY_WRITTEN: Final = 9
"""Slots 1 to 8 belong to life safety, equipment protection and the manual operator (§19.2)."""

UNSUBSCRIBE_WITHIN: Final = 1.0
"""Seconds that stopping waits for devices to cancel subscriptions."""

_T = TypeVar("_T")


@dataclass(slots=True)
class _Peer:
    """One device, and what its answers have taught us about it."""

    target: Target
    gate: Gate
    station: Any = None
    max_apdu: int = UNKNOWN_MAX_APDU
    at_most: int = 1_000
    """Objects in one ReadPropertyMultiple, once a larger one was refused."""
    rpm: bool = True
    asked_who: int = 0
    """Who-Is of ours that await this device's I-Am."""


class Bac0Driver:
    """One network of BACnet/IP devices, read and written from `bind`:`port`. Keeps `drivers.base.Driver`.

    `bind` is an address of this machine, with `/bits` where its mask is not 24. On loopback the devices'
    port must differ from ours: bacpypes3 hands any 127.x address on its own port to itself. `pace` caps the
    requests per second of the devices it names. One driver for one `start` and `stop`, one a process.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        targets: Sequence[Target],
        device_instance: int,
        *,
        confirmed_cov: bool = False,
        pace: Mapping[str, float] | None = None,
    ) -> None:
        rates = pace or {}
        self._peers = {
            t.device: _Peer(t, Gate(t.max_in_flight, rates.get(t.device)), _station(t)) for t in targets
        }
        self._by_instance = {t.instance: self._peers[t.device] for t in targets}
        self._link = Link(bind, port, device_instance, self._i_am, self._cov)
        self._process = device_instance
        self._confirmed = confirmed_cov
        self._latest = Latest()
        self._renewals = Renewals(self._subscribe_one)

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured if it is taken or the address is not ours."""
        await self._link.open()

    async def stop(self) -> None:
        """Cancel subscriptions as far as the devices answer within a second, close the port."""
        await self._renewals.stop(UNSUBSCRIBE_WITHIN)
        self._latest.close()
        await self._link.close()

    async def identify(self, device: str) -> Identity:
        """Ask the device who it is. Raises Misconfigured when another device answers at its address."""
        peer = self._peer(device)
        return await self._within(peer, self._identify(peer))

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device, in order.

        Raises Retryable only when the device does not answer at all.
        """
        if not addresses:
            return []
        peer = self._peer(addresses[0].device)
        answers: dict[Address, Answer] = {}
        good = [a for a in dict.fromkeys(addresses) if self._readable(a, peer, answers)]
        try:
            async with asyncio.timeout(peer.target.timeout):
                await self._read_all(peer, good, answers)
        except TimeoutError:
            pass
        silence = of_silence(peer.target.device, peer.target.timeout)
        if good and not any(a in answers for a in good):
            raise silence
        return [answers.get(a) or Answer(a, None, False, silence) for a in addresses]

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Misconfigured where the object has none."""
        peer = self._peer(address.device)
        item = apdu.wire(address)
        return await self._within(peer, self._read_array(peer, item))

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value; None relinquishes the slot. Priorities 1 to 8 raise Misconfigured."""
        peer = self._peer(address.device)
        item = apdu.wire(address)
        if priority is not None and not LOWEST_PRIORITY_WRITTEN <= priority <= apdu.SLOTS:
            raise Misconfigured(address.device, f"priority {priority} is not ours: only 9 to 16 are")
        if value is None and priority is None:
            raise Misconfigured(address.device, "an object without a priority array cannot be relinquished")
        encoded = apdu.encode(address, value)
        await self._within(peer, self._ask(peer, lambda: apdu.write(item, PRESENT_VALUE, encoded, priority)))

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of one device; those that it accepted, now.

        Objects that got no answer are tried again until they have one; those that it refused are not.
        """
        if not addresses:
            return []
        peer = self._peer(addresses[0].device)
        known = [a for a in addresses if a.object_type in NAMES.values()]
        return await self._renewals.add(known, lifetime, peer.target.timeout)

    def changes(self) -> AsyncIterator[Answer]:
        """COV notifications, the latest of each object, for one consumer. Ends at `stop`."""
        return self._latest.stream()

    @property
    def in_flight(self) -> int:
        """Requests without an answer yet, in the stack's own books."""
        return self._link.in_flight

    # --- one call

    def _peer(self, device: str) -> _Peer:
        peer = self._peers.get(device)
        if peer is None:
            raise Misconfigured(device, "no such device in the site file")
        return peer

    async def _within(self, peer: _Peer, call: Awaitable[_T]) -> _T:
        """The call's result within the device's deadline, its refusals and silence as our errors."""
        device = peer.target.device
        try:
            async with asyncio.timeout(peer.target.timeout):
                return await call
        except TimeoutError:
            raise of_silence(device, peer.target.timeout) from None
        except Refusal as refusal:
            raise apdu.refusal(device, refusal.pdu) from None
        except apdu.Unreadable as error:
            raise Retryable(device, f"unreadable answer: {error}") from None

    async def _ask(self, peer: _Peer, make: Callable[[], Any]) -> Any:
        """The acknowledgement of one request, as pacing lets it out."""
        station = await self._locate(peer)
        async with peer.gate:
            return await self._link.request(make, station, peer.target.timeout / 3)

    async def _locate(self, peer: _Peer) -> Any:
        """Where the device is: from the site file, or found by a Who-Is limited to its instance."""
        while peer.station is None:
            instance = peer.target.instance
            i_am = await self._who_is(peer, None, instance, instance)
            if i_am is not None:
                peer.station = i_am.pduSource
                peer.max_apdu = int(i_am.maxAPDULengthAccepted)
        return peer.station

    async def _who_is(self, peer: _Peer, station: Any, low: int | None, high: int | None) -> Any:
        peer.asked_who += 1
        try:
            found = await self._link.who_is(station, low, high, peer.target.timeout / 3)
        finally:
            peer.asked_who -= 1
        return found[0] if found else None

    # --- identity

    async def _identify(self, peer: _Peer) -> Identity:
        device = peer.target.device
        item = (DEVICE, peer.target.instance)
        values: dict[int, Any] = {}
        for number in _IDENTITY:
            try:
                values[number] = await self._property(peer, item, number)
            except Refusal as refusal:
                error = apdu.refusal(device, refusal.pdu)
                if number == _OBJECT_IDENTIFIER:
                    if isinstance(error, Misconfigured):
                        raise await self._stranger(peer) from None
                    raise error from None
        return self._learn(peer, values)

    async def _stranger(self, peer: _Peer) -> Misconfigured:
        """What to say when the address is another device's: its instance, where it tells."""
        i_am = await self._who_is(peer, peer.station, None, None)
        there = "another device" if i_am is None else f"device {int(i_am.iAmDeviceIdentifier[1])}"
        return Misconfigured(
            peer.target.device, f"{there} answers at {peer.station}, not device {peer.target.instance}"
        )

    def _learn(self, peer: _Peer, values: dict[int, Any]) -> Identity:
        services = apdu.bits(values[_SERVICES]) if _SERVICES in values else b""
        max_apdu = values.get(_MAX_APDU)
        if max_apdu is not None:
            peer.max_apdu = int(apdu.single(max_apdu) or UNKNOWN_MAX_APDU)
        peer.at_most = 1_000
        peer.rpm = _bit(services, _RPM_BIT) if services else True
        segmentation = apdu.single(values[_SEGMENTATION]) if _SEGMENTATION in values else _NO_SEGMENTATION
        vendor = apdu.single(values[_VENDOR_ID]) if _VENDOR_ID in values else 0
        return Identity(
            device=peer.target.device,
            instance=peer.target.instance,
            vendor_id=int(vendor or 0),
            model=str(apdu.single(values[_MODEL])) if _MODEL in values else "",
            name=str(apdu.single(values[_NAME])) if _NAME in values else "",
            max_apdu=peer.max_apdu,
            segmentation=segmentation != _NO_SEGMENTATION,
            rpm=peer.rpm,
            cov=_bit(services, _COV_BIT),
        )

    async def _property(self, peer: _Peer, item: apdu.Wire, number: int, index: int | None = None) -> Any:
        """One property's encoded value. Raises Unreadable when the answer is about something else."""
        ack = await self._ask(peer, lambda: apdu.read_one(item, number, index))
        if apdu.key(ack.objectIdentifier) != item or int(ack.propertyIdentifier) != number:
            raise apdu.Unreadable("it is about another object")
        return ack.propertyValue

    # --- reading

    def _readable(self, address: Address, peer: _Peer, answers: dict[Address, Answer]) -> bool:
        """Whether the object can be asked for at all; if not, its answer says why."""
        try:
            if address.device != peer.target.device:
                raise Misconfigured(address.device, f"read together with {peer.target.device}")
            apdu.wire(address)
        except Misconfigured as error:
            answers[address] = Answer(address, None, False, error)
            return False
        return True

    async def _read_all(
        self, peer: _Peer, addresses: Sequence[Address], answers: dict[Address, Answer]
    ) -> None:
        if peer.rpm:
            parts = batches(addresses, peer.max_apdu, peer.at_most)
            await asyncio.gather(*(self._read_batch(peer, part, answers) for part in parts))
        else:
            await asyncio.gather(*(self._read_single(peer, a, answers) for a in addresses))

    async def _read_batch(self, peer: _Peer, part: list[Address], answers: dict[Address, Answer]) -> None:
        """Read one batch; where it is refused for its size, in halves; where for the service, one by one."""
        items = [apdu.wire(a) for a in part]
        try:
            ack = await self._ask(peer, lambda: apdu.read_many(items, (PRESENT_VALUE, STATUS_FLAGS)))
        except Refusal as refusal:
            await self._refused(peer, part, answers, refusal.pdu)
            return
        results = {
            apdu.key(result.objectIdentifier): result.listOfResults
            for result in getattr(ack, "listOfReadAccessResults", None) or ()
        }
        for address, item in zip(part, items, strict=True):
            answers[address] = _answer(address, results.get(item))

    async def _refused(
        self, peer: _Peer, part: list[Address], answers: dict[Address, Answer], pdu: BaseException
    ) -> None:
        if apdu.lacks_service(pdu):
            peer.rpm = False
        elif apdu.should_shrink(pdu) and len(part) > 1:
            peer.at_most = min(peer.at_most, len(part) // 2)
        elif isinstance(error := apdu.refusal(peer.target.device, pdu), Retryable):
            for address in part:
                answers[address] = Answer(address, None, False, error)
            return
        else:
            await asyncio.gather(*(self._read_single(peer, a, answers) for a in part))
            return
        await self._read_all(peer, part, answers)

    async def _read_single(self, peer: _Peer, address: Address, answers: dict[Address, Answer]) -> None:
        """Read one object by ReadProperty: its value, then its flags, which it may lack."""
        item, device = apdu.wire(address), address.device
        try:
            value = apdu.single(await self._property(peer, item, PRESENT_VALUE))
        except Refusal as refusal:
            answers[address] = Answer(address, None, False, apdu.refusal(device, refusal.pdu))
            return
        except apdu.Unreadable as error:
            answers[address] = Answer(address, None, False, Retryable(device, f"unreadable answer: {error}"))
            return
        try:
            fault = apdu.faulty(apdu.bits(await self._property(peer, item, STATUS_FLAGS)))
        except Refusal:
            fault = False
        except apdu.Unreadable:
            fault = True
        answers[address] = Answer(address, value, fault, None)

    async def _read_array(self, peer: _Peer, item: apdu.Wire) -> PriorityArray:
        try:
            slots = apdu.slots(await self._property(peer, item, PRIORITY_ARRAY))
        except Refusal as refusal:
            if not apdu.should_shrink(refusal.pdu):
                raise
            values = [
                apdu.single(await self._property(peer, item, PRIORITY_ARRAY, index))
                for index in range(1, apdu.SLOTS + 1)
            ]
            slots = apdu.occupied(values)
        default = apdu.single(await self._property(peer, item, RELINQUISH_DEFAULT))
        return apdu.array(slots, default)

    # --- change of value

    async def _subscribe_one(self, address: Address, lifetime: int | None) -> None:
        peer, item = self._peer(address.device), apdu.wire(address)
        await self._within(
            peer,
            self._ask(peer, lambda: apdu.subscribe(self._process, item, self._confirmed, lifetime)),
        )

    def _cov(self, source: Any, request: Any) -> bool:
        """Take a notification; False when it is not one that we subscribed to."""
        peer = self._by_instance.get(int(request.initiatingDeviceIdentifier[1]))
        if peer is None or int(request.subscriberProcessIdentifier) != self._process:
            return False
        number, instance = apdu.key(request.monitoredObjectIdentifier)
        address = Address(peer.target.device, NAMES.get(number, ""), instance)
        if source != peer.station or not self._renewals.holds(address):
            return False
        values = {int(item.propertyIdentifier): item.value for item in request.listOfValues}
        try:
            if PRESENT_VALUE not in values:
                return True
            flags = apdu.bits(values[STATUS_FLAGS]) if STATUS_FLAGS in values else b""
            answer = Answer(address, apdu.single(values[PRESENT_VALUE]), apdu.faulty(flags), None)
        except apdu.Unreadable as error:
            answer = Answer(address, None, False, Retryable(address.device, f"unreadable answer: {error}"))
        self._latest.put(answer)
        return True

    def _i_am(self, source: Any, instance: int, max_apdu: int) -> None:
        """An I-Am that we did not ask for is what a device says after a restart."""
        peer = self._by_instance.get(instance)
        if peer is not None and not peer.asked_who and peer.station == source:
            self._renewals.restarted(peer.target.device)


_OBJECT_IDENTIFIER: Final = 75
_VENDOR_ID: Final = 120
_MODEL: Final = 70
_NAME: Final = 77
_MAX_APDU: Final = 62
_SEGMENTATION: Final = 107
_SERVICES: Final = 97
_IDENTITY: Final = (_OBJECT_IDENTIFIER, _VENDOR_ID, _MODEL, _NAME, _MAX_APDU, _SEGMENTATION, _SERVICES)
"""Properties of the Device object (ASHRAE 135 §12.11, numbers §21)."""

_NO_SEGMENTATION: Final = 3
_COV_BIT: Final = 5
_RPM_BIT: Final = 14
"""BACnetSegmentation and bits of BACnetServicesSupported (§21)."""


def _bit(octets: bytes, index: int) -> bool:
    return index // 8 < len(octets) and bool(octets[index // 8] & (0x80 >> index % 8))


def _station(target: Target) -> Any:
    """The stack's address of a target; None where it has to be found."""
    if target.address is None:
        return None
    try:
        return Station(target.address)
    except ValueError:
        raise Misconfigured(target.device, f"{target.address} is not host:port") from None


def _answer(address: Address, results: Any) -> Answer:
    """One object's answer out of a ReadPropertyMultiple; None where the device left the object out."""
    error: DriverError
    if results is None:
        error = Retryable(address.device, "answered about other objects than asked")
        return Answer(address, None, False, error)
    found = {int(r.propertyIdentifier): r.readResult for r in results if r.propertyArrayIndex is None}
    try:
        value = found.get(PRESENT_VALUE)
        if value is None:
            raise apdu.Unreadable("without the present value")
        if value.propertyAccessError is not None:
            error = apdu.property_error(address.device, value.propertyAccessError)
            return Answer(address, None, False, error)
        flags = found.get(STATUS_FLAGS)
        known = None if flags is None else flags.propertyValue
        fault = known is not None and apdu.faulty(apdu.bits(known))
        return Answer(address, apdu.single(value.propertyValue), fault, None)
    except apdu.Unreadable as unreadable:
        error = Retryable(address.device, f"unreadable answer: {unreadable}")
        return Answer(address, None, False, error)
