"""One call to one device, on every stack: found, paced, ended at its deadline, its refusal said in our terms."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from config.phrase import Phrase
from config.points import Raw
from drivers.bacnet.batches import both_take
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.refusals import of_silence
from drivers.bacnet.spared import Many
from drivers.care.bind import Adrift
from drivers.care.pacing import Gate, Paces, Said, network
from drivers.habits import CROWDED, SLOW, Habits
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Silent, Target

TRIES: Final = 3
"""Times that a request is sent, evenly spread over its deadline (§12.11.28 defaults to 3 retries)."""

UNKNOWN_MAX_APDU: Final = 480
"""Octets assumed until the device says: the MS/TP maximum, the smallest in common use (ASHRAE 135 §6.1)."""

NO_LIMIT: Final = 1_000
"""Objects in one request while only the answer's size bounds them."""

S = TypeVar("S")
"""A stack's own kind of address."""


class Ignored(Exception):
    """A request got no answer, and another one, sent in place of its last copy, did: the device lives."""


class Place(NamedTuple, Generic[S]):
    """Where a device is, and how long an APDU it takes there."""

    station: S
    max_apdu: int


class IAm(NamedTuple, Generic[S]):
    """What a device said of itself, and from where."""

    instance: int
    place: Place[S]


@dataclass(slots=True)
class Peer(Generic[S]):
    """One device, and what its answers have taught us about it."""

    target: Target
    gate: Gate
    station: S | None
    """The stack's address of it; None until it is found."""
    sure: bool
    """Whether `station` needs no new Who-Is before the next call."""
    home: S | None
    """Where it belongs: the site file's address, else where it was first found."""
    many: Many
    """What it makes of requests for many objects."""
    max_apdu: int = UNKNOWN_MAX_APDU
    at_most: int = NO_LIMIT
    """Objects in one ReadPropertyMultiple, once a larger one was refused."""
    rpm: bool = True
    wpm: bool = True
    """Takes WritePropertyMultiple, as far as we know."""
    names_at_most: int = NO_LIMIT
    """Names in one request, once more of them got no answer."""
    slots_singly: bool = False
    """Refuses a whole priority array, and gives its slots one by one."""
    texts_by_index: bool = False
    """Falls silent over a whole State_Text, or refuses it, and gives its elements."""
    looks: object = None
    """What it last said of itself, as far as it has to do with how it is asked."""
    stated: float | None = None
    """Seconds that the site file gives a call, where it was found to take longer."""
    unheard: Address | None = None
    """An object of which a call got no answer lately: a gateway that answers at once for itself may be slow for its meters."""
    partly: bool = False
    """Of the call that ended last, some were answered and others were not."""
    in_time: float = 0.0
    """How often in a row it said within those who it is; minus infinity where that proves nothing: it is slow for its objects."""
    asked_who: int = 0
    """Who-Is of ours that await this device's I-Am."""
    finding: asyncio.Lock = field(default_factory=asyncio.Lock)
    hurry: float = math.inf
    """Seconds over which copies of a request are spread where it answers later than that: a bad line loses some, and waiting longer
    for an answer is no reason to send them later. On a trunk, which they would fill, they are spread over all of its time."""

    @property
    def spacing(self) -> float:
        """Seconds between two copies of a request."""
        return min(self.hurry, self.target.timeout) / TRIES


class Wired(Protocol[S]):
    """A stack's end of the wire."""

    @property
    def up(self) -> bool:
        """Whether the port is open."""

    @property
    def in_flight(self) -> int:
        """Requests without an answer yet."""

    def open(self, devices: Sequence[str | None]) -> Awaitable[None]:
        """Bind the port. Raises Misconfigured."""

    def close(self) -> Awaitable[None]:
        """Let go of it."""

    def adrift(self, devices: Sequence[str | None]) -> Adrift | None:
        """Whether our own address has gone; `devices` are theirs."""

    def doubt(self, station: S | None, seconds: float) -> None:
        """A device was silent for so long: whoever leads there may have been replaced."""

    def who_is(self, station: S | None, instance: int | None, wait: float) -> Awaitable[IAm[S] | None]:
        """The first I-Am within so many seconds: from `station`, or of `instance` from anywhere. None: nobody's."""


class Dialect(NamedTuple):
    """How a stack names an object, and how it says that a request got no result."""

    wire: Callable[[Address], object]
    """The object on the wire. Raises Misconfigured for one that cannot be."""
    refusal: type[Exception]
    """What is raised for an Error, Reject or Abort."""
    problem: Callable[[str, Any], DriverError]
    """Whose fault a refusal, or an answer that cannot be read, is."""
    answered: Callable[[Any], bool]
    """Whether the device itself refused, rather than the stack its answer."""
    in_error: Callable[[Any], bool]
    """Whether it is an Error, of the property that was asked for."""
    lacks_property: Callable[[Any], bool]
    lacks_service: Callable[[Any], bool]
    crowded: Callable[[Any], bool]
    """Whether the device may have had too many requests at once."""
    may_shrink: Callable[[Any], bool]
    """Whether a smaller request may succeed, or the device does not say why it refused."""


class Calls(ABC, Generic[S]):
    """The devices of one network, and how to ask them; the requests themselves are a stack's own."""

    dialect: Dialect

    def __init__(
        self,
        link: Wired[S],
        targets: Sequence[Target],
        pace: Mapping[str, float],
        configured: Callable[[Target], S | None],
    ) -> None:
        self._wire = link
        self.habits = Habits()
        self._paces = Paces(targets, pace)
        self._peers = {
            t.device: Peer(
                t,
                Gate(t.max_in_flight, self._paces.of(t.device, t.address)),
                configured(t),
                t.address is not None,
                configured(t),
                Many(t.device, self.habits),
            )
            for t in targets
        }
        self.settle: Callable[[Peer[S], Place[S]], None] = self.found
        """What is done about a device that was looked for and found."""
        self.at_home: Callable[[Peer[S]], Awaitable[Place[S] | None]] = _not_asked
        """Asks a device who it is where it belongs; None: nobody answers as it there."""
        self.met: Callable[[Peer[S], bool], None] = lambda peer, another: None
        """Told of a device that has said for the first time what it is, or is `another` one now."""
        self._by_instance = {t.instance: self._peers[t.device] for t in targets}

    # ------------------------------------------------------------------ what a stack's own class does

    @abstractmethod
    async def value(self, peer: Peer[S], address: Address, number: int, index: int | None = None) -> Raw:
        """One property that holds one value. Raises the dialect's refusal, and Unreadable."""

    @abstractmethod
    async def values(self, peer: Peer[S], address: Address, number: int) -> list[Raw]:
        """One property that is an array. Raises the same."""

    @abstractmethod
    async def faulty(self, peer: Peer[S], address: Address) -> bool:
        """Whether Status_Flags says fault or out-of-service. Raises the same."""

    @abstractmethod
    async def names(self, peer: Peer[S], addresses: Sequence[Address]) -> dict[Address, Answer]:
        """Object_Names of several objects in one request. Raises the same, and Misconfigured."""

    # ------------------------------------------------------------------ around each call

    def peer(self, device: str) -> Peer[S]:
        """The device of that name. Raises Misconfigured."""
        peer = self._peers.get(device)
        if peer is None:
            raise Misconfigured(device, "no such device in the site file")
        if peer.sure and peer.station is None:
            raise Misconfigured(device, f"{peer.target.address} is not host:port")
        return peer

    def meet(self, target: Target, place: Place[S]) -> None:
        """A device that the site file does not have, found at a place: it can be asked from now on."""
        pace = self._paces.of(target.device, str(place.station))
        habits = Many(target.device, self.habits)
        peer = Peer(target, Gate(target.max_in_flight, pace), place.station, True, place.station, habits)
        self._peers[target.device] = self._by_instance[target.instance] = peer
        self.found(peer, place)

    def numbered(self, instance: int) -> Peer[S] | None:
        """The device of that device instance, if the site file has it."""
        return self._by_instance.get(instance)

    @asynccontextmanager
    async def within(self, peer: Peer[S], requests: int = 1) -> AsyncIterator[None]:
        """Around a call: it ends with the device's deadline, its refusals and silence are our errors.

        `requests` is how many it takes, which may have to wait for their turn first.
        """
        device = peer.target.device
        try:
            async with peer.gate.deadline(peer.target.timeout, requests):
                yield
        except TimeoutError:
            self.silent(peer)
            raise self.silence(peer) from None
        except (self.dialect.refusal, Unreadable, ValueError) as error:
            raise self.dialect.problem(device, error) from None

    def said(self, error: Exception) -> Said:
        """What an error says of a device: that it answers, be it with a refusal, and whether that is for what else it has to do."""
        if isinstance(error, self.dialect.refusal):
            if self.dialect.crowded(error):
                return Said.CROWDED
            return Said.ANSWER if self.dialect.answered(error) else Said.NOTHING
        return Said.ANSWER if isinstance(error, Ignored | Unreadable) else Said.NOTHING

    def crowded(self, peer: Peer[S]) -> None:
        """Tell that a device is sent fewer requests at once than the site file says."""
        name, most = peer.target.device, peer.gate.room.size
        text = Phrase(
            f"has no room for as many requests at once as it is sent: {most} at a time from now on, and more again "
            f"ever less often (say `max_in_flight: {most}`)",
            f"同时处理不了这么多请求：改为每次最多 {most} 个，并逐渐降低再次增加的频率（可写 max_in_flight: {most}）",
        )
        self.habits.found(name, CROWDED, "", text)
        over = Phrase("has room for its requests at once again", "又能同时处理这些请求")
        peer.gate.room.on_calm = lambda: self.habits.over(name, CROWDED, "", over)

    def is_late(self, peer: Peer[S], seconds: float) -> None:
        """A device answers later than its time-out, always: it, and whoever shares its trunk, is waited for longer."""
        name, was = peer.target.device, peer.target.timeout if peer.stated is None else peer.stated
        trunk = _trunk(peer)
        for other in self._peers.values():
            if other is peer or (trunk is not None and _trunk(other) == trunk):
                other.stated = other.target.timeout if other.stated is None else other.stated
                other.in_time = min(other.in_time, 0)
                other.hurry = math.inf if trunk is not None else min(other.hurry, other.stated)
                other.target = other.target._replace(timeout=max(seconds, other.target.timeout))
        text = Phrase(
            f"answers later than its timeout of {was:g} s, each time: waited for up to {seconds:g} s from now on"
            + (f", as all of network {trunk}" if trunk is not None else "")
            + f" (say `timeout: {seconds:g}s`)",
            f"每次应答都晚于其时限 {was:g} 秒：今后最多等待 {seconds:g} 秒"
            + (f"，网络 {trunk} 的所有设备同样" if trunk is not None else "")
            + f"（可写 timeout: {seconds:g}s）",
        )
        self.habits.found(name, SLOW, "", text)

    def is_in_time(self, peer: Peer[S]) -> None:
        """It is waited for as the site file has it again: another one is there, or it answers in time. What is on a trunk is as slow as
        that."""
        if peer.stated is None or _trunk(peer) is not None:
            return
        peer.target, peer.hurry = peer.target._replace(timeout=peer.stated), math.inf
        peer.stated, peer.in_time = None, 0
        text = Phrase("answers within its timeout again", "又能在时限内应答")
        self.habits.over(peer.target.device, SLOW, "", text)

    def silence(self, peer: Peer[S]) -> Silent:
        """What is said of a device that did not answer in time."""
        return of_silence(peer.target.device, peer.target.timeout)

    def silent(self, peer: Peer[S]) -> None:
        """A device that was found by Who-Is and no longer answers may have moved: look for it again."""
        peer.sure = peer.target.address is not None
        self._wire.doubt(peer.station, peer.target.timeout)

    async def who_is(self, peer: Peer[S], station: S | None, instance: int | None) -> IAm[S] | None:
        """One I-Am: from `station`, or of `instance` from anywhere. None: nobody."""
        peer.asked_who += 1
        try:
            return await self._wire.who_is(station, instance, peer.target.timeout / TRIES)
        except OSError:
            return None  # the cable is out: it did not even leave
        finally:
            peer.asked_who -= 1

    async def look(self, peer: Peer[S]) -> Place[S] | None:
        """Where the device says that it is, by a Who-Is limited to its instance; at home where that answers too."""
        said, home = await asyncio.gather(self.who_is(peer, None, peer.target.instance), self.at_home(peer))
        return home or (said.place if said is not None else None)

    def twin(self, peer: Peer[S], station: S) -> Peer[S]:
        """The same device as asked at another place, with turns of its own and for as long as a Who-Is takes: what it says
        there teaches us nothing here."""
        target, pace = peer.target, self._paces.of(peer.target.device, str(station))
        many = Many(target.device, Habits())
        return Peer(
            target._replace(timeout=target.timeout / TRIES), Gate(1, pace), station, True, peer.home, many
        )

    def ear(self, peer: Peer[S], seconds: float) -> Peer[S] | None:
        """The same device as asked once and listened to for so long, without a second copy: its answer would look late to the
        first, where that got lost. None where nobody knows where it is."""
        if peer.station is None:
            return None
        target, many = peer.target._replace(timeout=TRIES * seconds), Many(peer.target.device, Habits())
        return Peer(target, Gate(1), peer.station, True, peer.home, many)

    async def locate(self, peer: Peer[S]) -> S:
        """Where the device is: from the site file, or looked for until it is found."""
        if not peer.sure or peer.station is None:
            async with peer.finding:
                while not peer.sure or peer.station is None:
                    if (place := await self.look(peer)) is not None:
                        self.settle(peer, place)
        return peer.station

    def found(self, peer: Peer[S], place: Place[S]) -> None:
        """The device says where it is and how long an APDU it takes."""
        peer.station, peer.sure = place.station, True
        peer.max_apdu = both_take(place.max_apdu, UNKNOWN_MAX_APDU)
        peer.gate.pace = self._paces.of(peer.target.device, str(place.station))


def _trunk(peer: Peer[Any]) -> int | None:
    """The network behind a router that a device is on."""
    return network(str(peer.station) if peer.station is not None else peer.target.address)


async def _not_asked(_peer: object) -> None:
    return None


def same(one: object, other: object) -> bool:
    """Whether two addresses are one; bacpypes3 cannot compare its own with None."""
    return one is not None and other is not None and one == other
