"""What a driver does alike on every stack: who is asked, what may be written, who is left alone, what is renewed."""

from __future__ import annotations

import asyncio
import math
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

import structlog

from drivers.bacnet import dates
from drivers.bacnet.arrays import SLOTS, read_array
from drivers.bacnet.kinds import KINDS, NAMES
from drivers.bacnet.learnt import Lessons, learnt
from drivers.bacnet.listening import listened_to
from drivers.bacnet.looks import Device, identify
from drivers.bacnet.moves import Moves
from drivers.bacnet.names import names
from drivers.bacnet.octets import Tag, Wire
from drivers.bacnet.peer import Calls, IAm, Peer, Place, Wired, same
from drivers.bacnet.starts import Starts
from drivers.care.bind import Adrift
from drivers.care.breaker import Breakers
from drivers.care.late import Listeners, Ways
from drivers.care.latest import Latest
from drivers.care.renewals import Renewals
from drivers.dates import Entry, Span
from drivers.protocol import (
    Address,
    Answer,
    Called,
    DriverError,
    Identity,
    Misconfigured,
    Retryable,
    Sighting,
    Silent,
    Target,
    Traits,
    Write,
)
from drivers.readings import PriorityArray

FIRST_OURS: Final = 9
"""Slots 1 to 8 belong to life safety, equipment protection and the manual operator (ASHRAE 135 §19.2)."""

IDENTIFYING: Final = 8
"""Requests that an identity takes where properties are read one by one."""

UNSUBSCRIBE_WITHIN: Final = 1.0
"""Seconds that stopping waits for devices to cancel subscriptions."""

LOST_WITHIN: Final = 0.25
"""Seconds for which losses are gathered before what they may have been about is asked for: one rarely comes alone. A site choice."""

S = TypeVar("S")
_log = structlog.get_logger(__name__)


class Stack(ABC, Generic[S]):
    """A driver but for the requests themselves, which a stack's own class makes. A FieldReader and a FieldWriter."""

    def __init__(
        self, link: Wired[S], calls: Calls[S], targets: Sequence[Target], process: int,
        configured: Callable[[Target], S | None],
    ) -> None:  # fmt: skip
        self.on_restart: Callable[[str], None] = lambda device: None
        self.on_sighting: Callable[[str, Sighting | None], None] = lambda device, sighting: None
        self.on_namesake: Callable[[str], None] = lambda where: None
        self.habits = calls.habits
        self._wire, self._asked, self._process = link, calls, process
        self._places = [target.address for target in targets]
        self._latest = Latest()
        self._renewals = Renewals(self._renew, habits=self.habits)
        self._breakers = Breakers(self._renewals.restarted)
        self._late = Listeners(Ways(self._listened_to, self._breakers.open, self.waits, self._is_late))
        self._breakers.on_silence = self._late.begin
        self._breakers.spoke = lambda device: calls.peer(device).gate.heard
        self._configured = configured
        self._losses: asyncio.TimerHandle | None = None
        self._moves = Moves(self._tell_who, self._at_home, calls.look, self._settle, self._seen)
        calls.settle, calls.at_home = self._moves.take, self._at_home
        self._lessons, self._starts = Lessons(calls), Starts()

    # ------------------------------------------------------------------ what a stack's own class does

    @abstractmethod
    async def _traits(self, peer: Peer[S], addresses: Sequence[Address], *, limits: bool) -> list[Traits]:
        """What objects count in, in order."""

    @abstractmethod
    async def _state_texts(self, peer: Peer[S], wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """What objects' states are called, in order."""

    @abstractmethod
    async def _values(self, peer: Peer[S], addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values, in order, each batch within its own deadline."""

    @abstractmethod
    def _put(self, peer: Peer[S], write: Write) -> Callable[[], Awaitable[object]]:
        """One WriteProperty, ready to go. Raises Misconfigured at once for a value that cannot be encoded."""

    @abstractmethod
    async def _put_many(self, peer: Peer[S], writes: Sequence[Write]) -> list[DriverError | None]:
        """Several at once, singly where it must be; what became of each."""

    @abstractmethod
    async def _listed(self, peer: Peer[S], item: Wire, number: int) -> list[Tag]:
        """A property that is a list, as tags."""

    @abstractmethod
    def _put_list(self, peer: Peer[S], item: Wire, number: int, encoded: bytes) -> Awaitable[object]:
        """One WriteProperty of a list that is encoded already."""

    @abstractmethod
    def _subscribe(self, peer: Peer[S], address: Address, lifetime: int | None) -> Awaitable[object]:
        """One SubscribeCOV; lifetime None cancels it."""

    @abstractmethod
    def _device(self, peer: Peer[S]) -> Device[Any]:
        """Its Device object, where it is now."""

    # ------------------------------------------------------------------ the driver

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured if it is taken or the address is not ours."""
        await self._wire.open(self._places)

    async def stop(self) -> None:
        """Cancel subscriptions as far as the devices answer within a second, close the port."""
        if self._losses is not None:
            self._losses.cancel()
        await self._late.stop()
        await self._moves.stop()
        await self._renewals.stop(UNSUBSCRIBE_WITHIN)
        self._latest.close()
        await self._wire.close()

    async def identify(self, device: str) -> Identity:
        """Ask the device who it is, and look for it where another one or nobody answers at its address."""
        peer = self._asked.peer(device)
        with self._call(device):
            return await self._moves.identify(peer)

    async def _tell_who(self, peer: Peer[S]) -> Identity:
        """The same within its deadline, and once more, in one request, where it lives and this was lost: of seven answers a bad
        line loses one nearly always."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with self._asked.within(peer, IDENTIFYING):
                who = await self._who(peer)
        except Silent:
            if peer.gate.heard <= began:
                raise
        else:
            self._lessons.took(peer, loop.time() - began)
            return who
        peer.many.doubted = False
        async with self._asked.within(peer, IDENTIFYING):
            return await self._who(peer)

    async def _who(self, peer: Peer[S]) -> Identity:
        """Its identity, where it is now. Raises Elsewhere when another device answers."""
        return await identify(self._asked, peer, self._device(peer))

    def follow(self, device: str, place: str) -> None:
        """A person said where the device is now. Raises Misconfigured for what is no address."""
        peer = self._asked.peer(device)
        station = self._configured(peer.target._replace(address=place))
        if station is None:
            raise Misconfigured(device, f"{place} is not an address")
        self._moves.follow(peer, station)
        self._breakers.heard(device)

    async def _at_home(self, peer: Peer[S]) -> Place[S] | None:
        """The device's home, where it answers there as itself."""
        if peer.home is None:
            return None
        twin = self._asked.twin(peer, peer.home)
        try:
            async with self._asked.within(twin, IDENTIFYING):
                await self._who(twin)
        except DriverError:
            return None
        return Place(peer.home, twin.max_apdu)

    def _seen(self, device: str, sighting: Sighting | None) -> None:
        self.on_sighting(device, sighting)

    def _settle(self, peer: Peer[S], place: Place[S]) -> None:
        """Later calls go to a place; what was subscribed to and known elsewhere does not count there."""
        moved = peer.station is not None and not same(peer.station, place.station)
        self._asked.found(peer, place)
        if moved:
            self._breakers.heard(peer.target.device)
            self._renewals.restarted(peer.target.device)
            self.on_restart(peer.target.device)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Object_Names of objects of one device, in order, as text."""
        if not addresses:
            return []
        device = addresses[0].device
        with self._call(device):
            return await names(self._asked, self._asked.peer(device), addresses)

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the device says of the numbers in objects of one device, in order."""
        if not addresses:
            return []
        device = addresses[0].device
        with self._call(device):
            return await self._traits(self._asked.peer(device), addresses, limits=limits)

    async def state_texts(self, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """What a device calls the states of its objects. That it does not answer is not held against it, nor is it looked for."""
        device = next((address.device for address in wanted), None)
        if device is None:
            return []
        if self._breakers.open(device):
            raise Silent(device, "no answer")
        return await self._state_texts(self._asked.peer(device), wanted)

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device, in order.

        Raises Retryable only when the device does not answer at all.
        """
        if not addresses:
            return []
        device = addresses[0].device
        peer = self._asked.peer(device)
        peer.partly = False
        with self._call(device, *addresses):
            answers = await self._values(peer, addresses)
        if peer.partly:
            self._late.begin(device)
        elif peer.unheard in addresses and not self._late.listens(device):
            peer.unheard = (
                None  # that one got lost, as any may: the device is no slower for it than for itself
            )
        return answers

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Misconfigured where the object has none."""
        peer = self._asked.peer(address.device)
        with self._call(address.device, address):
            return await read_array(self._asked, peer, address)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value; None relinquishes the slot. Priorities 1 to 8 raise Misconfigured."""
        write = Write(address, value, priority)
        _allowed(write)
        peer = self._asked.peer(address.device)
        send = self._put(peer, write)
        async with peer.gate.calls:
            with self._call(address.device, address):
                async with self._asked.within(peer):
                    await send()

    async def write_many(self, writes: Sequence[Write]) -> list[DriverError | None]:
        """Write to objects of one device, in one request where it takes that; what became of each."""
        if not writes:
            return []
        for write in writes:
            _allowed(write)
        return await self._put_many(self._asked.peer(writes[0].address.device), writes)

    async def date_list(self, address: Address) -> list[Entry]:
        """The Date_List of a Calendar object. Raises DriverError."""
        peer = self._asked.peer(address.device)
        with self._call(address.device):
            async with self._asked.within(peer):
                return dates.decoded(
                    await self._listed(peer, (dates.CALENDAR_TYPE, address.instance), dates.DATE_LIST)
                )

    async def write_date_list(self, address: Address, spans: list[Span]) -> None:
        """Replace it. Raises DriverError; after a Retryable it is not known whether it landed."""
        item, encoded = (dates.CALENDAR_TYPE, address.instance), dates.encoded(spans)
        peer = self._asked.peer(address.device)
        async with peer.gate.calls:
            with self._call(address.device):
                async with self._asked.within(peer):
                    await self._put_list(peer, item, dates.DATE_LIST, encoded)

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of one device; those that it accepted, now.

        Objects that got no answer are tried again until they have one; those that it refused, rarely.
        """
        if not addresses:
            return []
        peer = self._asked.peer(addresses[0].device)
        known = [a for a in addresses if a.device == peer.target.device and a.object_type in KINDS]
        within = peer.target.timeout + peer.gate.takes(len(known))
        return await self._renewals.add(known, lifetime, within)

    def reports(self, address: Address) -> bool:
        """Whether the device tells the changes of an object, as far as it has shown."""
        return self._renewals.reports(address)

    def changes(self) -> AsyncIterator[Answer]:
        """COV notifications, the latest of each object, for one consumer. Ends at `stop`."""
        return self._latest.stream()

    @property
    def up(self) -> bool:
        """Whether the port is open."""
        return self._wire.up

    def adrift(self) -> Adrift | None:
        """Whether the address that we work from has gone from this machine."""
        return self._wire.adrift(self._places)

    async def who_claims(self, instance: int, wait: float) -> str | None:
        """Where a device answers, within `wait` seconds, that says to have this instance; None: nobody."""
        said = await self._wire.who_is(None, instance, wait)
        return str(said.place.station) if said is not None else None

    @property
    def in_flight(self) -> int:
        """Requests without an answer yet, in the stack's own books."""
        return self._wire.in_flight

    # ------------------------------------------------------------------ around each call

    @contextmanager
    def _call(self, device: str, *about: Address) -> Iterator[None]:
        """A device that is silent is left alone, and looked for; one that answered something else may be slow for what this is `about`."""
        try:
            with self._breakers.call(device):
                yield
        except Silent as silence:
            if not silence.lives:
                self._moves.lose(device)
            elif about:
                self._asked.peer(device).unheard = random.choice(about)  # noqa: S311 - no secret
            raise

    async def _listened_to(self, device: str) -> float | None:
        """Seconds until a device that was silent answers one question; None: it does not."""
        return await listened_to(self._asked, self._asked.peer(device), self._device)

    def _is_late(self, device: str, seconds: float) -> None:
        peer = self._asked.peer(device)
        self._asked.is_late(peer, seconds)
        if peer.unheard is not None:
            peer.in_time = -math.inf
        self._breakers.heard(device)

    def learnt(self, device: str) -> dict[str, Any]:
        """What is to be kept of it over a restart, JSON-ready. Raises Misconfigured."""
        return learnt(self._asked.peer(device))

    def recall(self, device: str, saved: Mapping[str, Any]) -> None:
        """What an earlier run had learnt. Raises Misconfigured."""
        self._lessons.recall(device, saved)

    async def look_for_restart(self, device: str) -> None:
        """Whether a device has started since it was last asked; then it is as if it had said so."""
        peer = self._asked.peer(device)
        with self._call(device):
            started = await self._starts.look(self._asked, peer, self._listed)
        if started:
            _log.info("device has started and did not say so", device=device)
            self._has_started(peer)

    def _has_started(self, peer: Peer[S]) -> None:
        self._renewals.restarted(peer.target.device)
        peer.many.soon()
        self.on_restart(peer.target.device)

    def waits(self, device: str) -> float:
        """Seconds that a call to a device may take now. Raises Misconfigured."""
        return self._asked.peer(device).target.timeout

    async def _renew(self, address: Address, lifetime: int | None) -> None:
        peer = self._asked.peer(address.device)
        with self._call(address.device):
            async with self._asked.within(peer):
                await self._subscribe(peer, address, lifetime)

    def _i_am(self, said: IAm[S]) -> None:
        """An I-Am that we did not ask for is what a device says after a restart, or where it moved to."""
        if said.instance == self._process:
            self.on_namesake(str(said.place.station))
        peer = self._asked.numbered(said.instance)
        if peer is None or (not peer.sure and (peer.asked_who or peer.finding.locked())):
            return  # whoever looks for it takes the first answer, and home's before others
        device = peer.target.device
        here = same(peer.station, said.place.station)
        self._moves.hear(peer, said.place, silent=self._breakers.open(device))
        if here and not peer.asked_who:
            self._breakers.heard(device)
            self._has_started(peer)

    def _told(self, source: S, process: int, instance: int, item: Wire) -> Address | None:
        """Of whom a change of value is told; None when it is not one that we subscribed to."""
        peer = self._asked.numbered(instance)
        if peer is None or process != self._process or not same(source, peer.station):
            return None
        address = Address(peer.target.device, NAMES.get(item[0], ""), item[1])
        if not self._renewals.holds(address):
            return None
        self._breakers.heard(address.device)
        self._renewals.heard(address)
        return address

    def _lost(self) -> None:
        """Changes of value were lost between the stack and us: that is told in their place, of all that may have been meant."""
        if self._losses is None:
            self._losses = asyncio.get_running_loop().call_later(LOST_WITHIN, self._tell_lost)

    def _tell_lost(self) -> None:
        self._losses = None
        addresses = self._renewals.lost()
        _log.info("changes of value came faster than they could be taken", asked_for=len(addresses))
        for address in addresses:
            self._latest.put(Answer(address, None, False, Retryable(address.device, "a change was lost")))


def _allowed(write: Write) -> None:
    """Raises Misconfigured for what may never be written."""
    device, priority = write.address.device, write.priority
    if priority is not None and not FIRST_OURS <= priority <= SLOTS:
        raise Misconfigured(device, f"priority {priority} is not ours: 9 to 16 are")
    if write.value is None and priority is None:
        raise Misconfigured(device, "an object without a priority array has nothing to release")
