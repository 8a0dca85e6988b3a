"""The two Protocols that a field driver keeps, one to read and one to write, and its three kinds of error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from config.measure import Said
from config.points import Raw
from config.state_texts import StateTexts
from config.visible import visible
from drivers.habits import Habits
from drivers.readings import PriorityArray


class DriverError(Exception):
    """A call to a device did not succeed. `device` is its name in the site file. What the message quotes of the wire is
    made visible."""

    def __init__(self, device: str, message: str) -> None:
        message = visible(message)
        super().__init__(f"{device}: {message}")
        self.device = device
        self.message = message
        self.answered = False
        """The device itself said so, rather than nothing, or something that cannot be read."""


class Retryable(DriverError):
    """The device or the way to it: silence, busy, a restart. The same call may succeed later."""


class Silent(Retryable):
    """No answer at all within the deadline, or none expected yet: `again` seconds are left until a next try."""

    def __init__(self, device: str, message: str, again: float = 0.0) -> None:
        super().__init__(device, message)
        self.again = again
        self.lives = False
        """The device answered something else meanwhile: this alone was lost, or is not answered."""


class Withheld(Retryable):
    """Nothing is written to the device for now, whatever it answers: it was not recognised."""


class Barred(Withheld):
    """The device is not ours to write for now, whatever it answers: a person has to say first who it is."""


class Rejected(DriverError):
    """The device understood and said no (write access denied, value out of range). Do not insist."""


class Misconfigured(DriverError):
    """The site file is wrong: no such object or property, wrong type, wrong device at the address."""


class Elsewhere(Misconfigured):
    """Another device answers at the address of the site file."""


class Address(NamedTuple):
    """An object in a device: the device's name in the site file, BACnet object type, instance."""

    device: str
    object_type: str
    """Hyphenated, as in ASHRAE 135: `analog-input`, `binary-output`, `multi-state-value` …"""
    instance: int


def interned(address: Address) -> Address:
    """The same address, as the one object that stands for it everywhere: each is in a dozen tables for as long as we run."""
    return _INTERNED.setdefault(address, address)


_INTERNED: Final[dict[Address, Address]] = {}


class Write(NamedTuple):
    """One write of an object's Present_Value; value None relinquishes, priority None is a point without slots."""

    address: Address
    value: float | int | None
    priority: int | None


class Answer(NamedTuple):
    """One object's Present_Value: either `value`, or the `error` that came instead of it.

    `fault` is set when Status_Flags has fault or out-of-service.
    """

    address: Address
    value: Raw
    fault: bool
    error: DriverError | None
    age: float = 0.0
    """s of wall time since it was so, where it was not read just now."""


class Traits(NamedTuple):
    """What a device says of the number in one object; with an `error` where it did not answer."""

    address: Address
    said: Said
    error: DriverError | None


class Identity(NamedTuple):
    """What a device says of itself (Device object, ASHRAE 135 §12.11)."""

    device: str
    instance: int
    vendor_id: int
    model: str
    name: str
    max_apdu: int
    segmentation: bool
    rpm: bool
    """Offers ReadPropertyMultiple."""
    cov: bool
    """Offers SubscribeCOV."""
    address: str = ""
    """Where it answers: `host:port`, or `network:station` behind a router."""


class Sighting(NamedTuple):
    """A device's instance answers somewhere else than where the device belongs."""

    home: str
    """Where it belongs: the address of the site file, else where it was first found."""
    there: str
    """Where else its instance answers."""
    followed: bool
    """Whether calls go there."""


class Target(NamedTuple):
    """Where a device is expected: its name, device instance, `host:port` or None to look for it by Who-Is."""

    device: str
    instance: int
    address: str | None
    max_in_flight: int
    timeout: float
    """Seconds of wall time that one call to this device may take, all its retries included."""


class FieldReader(Protocol):
    """Reads one network of devices. Every call has a deadline; none outlives it.

    All times here are wall-clock seconds on the monotonic clock: the site clock stays outside.
    """

    on_restart: Callable[[str], None]
    """Called with a device that said I-Am unasked, as after a restart; never by a driver that hears no such thing."""

    on_sighting: Callable[[str, Sighting | None], None]
    """Called with a device that answers, or is said to answer, elsewhere; with None once it is in one place again."""

    def follow(self, device: str, place: str) -> None:
        """A person said that the device is at `place` (as an address of the site file): calls go there until it answers
        at home again. Raises Misconfigured for what is no address."""

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured if it is taken or the address is not ours."""

    async def stop(self) -> None:
        """Cancel subscriptions as far as the devices answer within a second, close the port."""

    async def identify(self, device: str) -> Identity:
        """Ask the device who it is; look for its instance by Who-Is where it is not at its address.

        One without an address in the site file is followed where it is found; one with an address is not, see `follow`.
        Raises DriverError.
        """

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Object_Names of objects of ONE device, in order, as text. One bad object does not stop the others.

        Raises Silent only when the device does not answer at all.
        """

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the numbers in objects of ONE device are counted in, in order; with `limits` also what they can be set to.

        That a property is not there is an answer, silence is none. Raises Silent only when the device does not answer
        at all.
        """

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of ONE device, in order. One bad object does not stop the others.

        Raises Retryable only when the device does not answer at all.
        """

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Misconfigured where the object has none."""

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of ONE device for `lifetime` seconds; those that it accepted.

        The driver renews at half the lifetime, retries, and resubscribes after a restart, until `stop`; what was
        refused it tries again, but rarely.
        """

    def changes(self) -> AsyncIterator[Answer]:
        """COV notifications as they arrive, from all devices. Ends at `stop`."""


@runtime_checkable
class Candid(Protocol):
    """What a reader can besides: say what it found out about devices while it asked them."""

    habits: Habits
    """What they keep doing otherwise than they should."""

    def reports(self, address: Address) -> bool:
        """Whether the device tells the changes of an object: it agreed to, and has sent one since."""


class Called(NamedTuple):
    """What a device calls the states of one object; with an `error` where it could not be had, and may be later."""

    address: Address
    said: StateTexts
    error: DriverError | None


@runtime_checkable
class Calling(Protocol):
    """What a reader can besides: say what devices call the states of their objects."""

    async def state_texts(self, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """Of objects of ONE device the texts of these states at least, as far as it has them. That there are none is an answer, and
        so is a refusal. Raises Silent only when the device is left alone, or answers nothing; that it did not is held against nobody:
        many fall silent over a long list of texts alone.
        """


class Uplink(NamedTuple):
    """How it stands with the one connection that devices are behind, as a hub of BACnet/SC."""

    hub: str | None
    """`primary` or `failover`; None while there is none."""
    problem: str
    """Why there is none; empty where there is."""
    expires: float | None = None
    """When the hub's own certificate ends, POSIX s; None while none was seen."""


@runtime_checkable
class Uplinked(Protocol):
    """What a reader can besides: say how it stands with the hub that its devices are behind."""

    @property
    def uplink(self) -> Uplink | None:
        """None where there is no hub."""


class Met(NamedTuple):
    """A device that said I-Am, and from where: `host:port`, or `network:station` behind a router."""

    instance: int
    address: str


class Told(NamedTuple):
    """What an object says of itself. `unit`: BACnet's number, None where it tells none; with an `error` where it did not answer."""

    address: Address
    name: str
    description: str
    unit: int | None
    states: tuple[str, ...]
    error: DriverError | None


@runtime_checkable
class Surveyor(Protocol):
    """What a reader can besides: say who is on the network, and what they have. A device is called by its instance."""

    async def who_is_there(self, at: str | None, limits: tuple[int, int] | None, wait: float) -> list[Met]:
        """Everybody who says I-Am within `wait` seconds to a Who-Is: to an address, or to all networks. They can be asked then.

        Raises Misconfigured for what is no address.
        """

    async def object_count(self, device: str) -> int:
        """How many objects its list has. Raises DriverError."""

    async def object_list(self, device: str, index: int | None = None) -> list[tuple[int, int]]:
        """Type and instance of all its objects, or of the one at an index (from 1). Raises DriverError, also where the list does
        not fit into one answer."""

    async def told(self, addresses: Sequence[Address]) -> list[Told]:
        """What objects of ONE device say of themselves, in order. Raises Silent only when none of them was answered."""


class SurveyReader(FieldReader, Surveyor, Protocol):
    """A reader of a network of which nothing is known yet."""


WriteMany = Callable[[Sequence[Write]], Coroutine[Any, Any, list[DriverError | None]]]
"""Write to objects of ONE device, each once; what became of each, in order. None: acknowledged."""


class FieldWriter(Protocol):
    """Commands the objects of a network, and reads them before and after. Only the gateway is given one."""

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """As a FieldReader's, of what is about to be written or was."""

    async def read_array(self, address: Address) -> PriorityArray:
        """As a FieldReader's, of what is about to be written or was."""

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value; value None relinquishes the slot. Priority None: a point without an array.

        Raises DriverError. A Retryable leaves it unknown whether the write landed: read back.
        """

    @property
    def write_many(self) -> WriteMany | None:
        """Puts several writes into one datagram, for a device that takes it; None where this driver cannot."""


@runtime_checkable
class Slotted(Protocol):
    """What a writer can besides: read the slots of several objects in a few requests."""

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """As `read_array`, of objects of ONE device, those that can be had together now; each that is left out has to be read
        by itself. Raises DriverError where it may not be asked at all."""


@runtime_checkable
class Patient(Protocol):
    """What a writer can besides: learn that a device answers later than the site file has it."""

    def waits(self, device: str) -> float:
        """Seconds that a call to a device may take now. Raises Misconfigured."""


@runtime_checkable
class Watchful(Protocol):
    """What a writer can besides: find out that a device has started, though it said nothing."""

    async def look_for_restart(self, device: str) -> None:
        """Ask what it tells of its last start; where that is not what it told before, it is told of as if it had said I-Am. Raises
        DriverError."""


@runtime_checkable
class Learning(Protocol):
    """What a reader can besides: say what devices' answers have taught it about asking them, and take that up after a restart."""

    def learnt(self, device: str) -> dict[str, Any]:
        """JSON-ready; empty where it is asked as any other. Raises Misconfigured."""

    def recall(self, device: str, saved: Mapping[str, Any]) -> None:
        """Before it is first asked: what an earlier run had learnt. Dropped where it turns out to be another device. Raises
        Misconfigured."""


@runtime_checkable
class Heedful(Protocol):
    """What a writer can besides: find out before a first write what a device calls the states of an object."""

    async def know_states(self, address: Address) -> None:
        """Ask, unless it was asked before. That nothing came of it hinders no write."""


class Glimpse(NamedTuple):
    """What a device says of itself, and where, in octets that nobody took apart; and what some of its objects are called."""

    said: bytes
    names: tuple[tuple[Address, str], ...]


@runtime_checkable
class Glimpsing(Protocol):
    """What a reader can besides: see with one request whether a device is still the one that it was."""

    async def glimpse(self, device: str, objects: Sequence[Address]) -> Glimpse | None:
        """What it says of itself: the same octets, the same device. None where it does not say all of it, or is not to be asked so
        now. Raises Misconfigured."""


class Line(NamedTuple):
    """The two ends of one network: whoever looks at devices is given `reader`, the gateway `writer`, nobody else."""

    reader: FieldReader
    writer: FieldWriter
