"""Devices in memory with ASHRAE 135's priority arrays, a bad network, and a loop that never waits."""

from __future__ import annotations

import asyncio
import functools
import random
import selectors
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, ParamSpec, TypeVar

from config.measure import Said
from drivers.habits import Habits
from drivers.protocol import (
    Address,
    Answer,
    DriverError,
    Identity,
    Line,
    Misconfigured,
    Rejected,
    Retryable,
    Sighting,
    Silent,
    Traits,
    WriteMany,
)
from drivers.readings import PriorityArray, Slot

T = TypeVar("T")
P = ParamSpec("P")


class _Jump(selectors.SelectSelector):
    """A selector that never waits: it moves its loop's clock on instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing is ready and nothing is due: everybody waits for somebody else")
        self.loop.clock += max(0.0, timeout)
        self.loop.turns += 1
        if self.loop.turns == self.loop.stop_at:
            self.loop.on_stop()
        # With nothing but the loop's own pipe there is nothing to hear, and no need to ask the kernel.
        return super().select(0) if len(self.get_map()) > 1 else []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on which an hour passes in no time. No threads and no sockets.

    At turn `stop_at` of the loop it calls `on_stop`: between any two awaits, if every turn is tried.
    """

    def __init__(self) -> None:
        self.turns, self.stop_at = 0, -1
        self.on_stop: Callable[[], None] = lambda: None
        selector = _Jump()
        selector.loop = self
        self.clock = 0.0
        super().__init__(selector)
        # The default, 1 ns, is below the spacing of floats after a virtual year.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self.clock


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a fresh virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that is a coroutine, run so."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        virtually(test(*args, **kwargs))

    return run


class VirtualClock:
    """A site clock on the running loop, `speed` times faster, that can be stepped."""

    def __init__(self, start: float = 1_750_000_000.0, speed: float = 1.0) -> None:
        self.start, self.speed, self.step = start, speed, 0.0
        self._begun: float | None = None
        """Loop time at the start: a virtual loop's is 0, another one's is that of the machine, which may have run for days."""

    def now(self) -> float:
        """The site's present."""
        loop = asyncio.get_running_loop()
        if self._begun is None:
            self._begun = 0.0 if isinstance(loop, VirtualLoop) else loop.time()
        return self.start + self.step + (loop.time() - self._begun) * self.speed


class Landed(NamedTuple):
    """A write that reached an object: monotonic second, where, what."""

    at: float
    address: Address
    value: float | int | None
    priority: int | None


@dataclass
class FakeObject:
    """One object: 16 slots and a relinquish default, or with `commandable=False` a plain present value."""

    default: float | int = 0
    commandable: bool = True
    slots: dict[int, float | int] = field(default_factory=dict)
    refuses: str | None = None
    deaf: bool = False
    """Acknowledges writes and does nothing."""
    stuck: float | int | None = None
    """A present value that does not follow the slots."""
    says: float | str | None = None
    """What it answers in place of its present value: text, not a number."""
    flagged: bool = False
    """Status_Flags say fault or out of service."""
    egress: float | None = None
    """s for which a Binary Lighting Output stays on after WARN_OFF (ASHRAE 135-2020 §12.55)."""
    leaving: asyncio.TimerHandle | None = None
    makes: Callable[[float | int], float | int] = lambda value: value
    """What the controller keeps of a value that it takes: a grid, a clamp."""
    said: Said = field(default_factory=Said)
    """What it says of the number that it holds."""
    lag: float = 0.0
    """s after which it makes that of it; until then the value stands as written."""

    @property
    def present(self) -> float | int:
        """Present_Value (§19.2): the highest occupied slot, else the default."""
        if self.stuck is not None:
            return self.stuck
        return self.slots[min(self.slots)] if self.slots and self.commandable else self.default

    def write(self, value: float | int | None, priority: int | None) -> None:
        """Take a write: without a priority into slot 16, or straight where there is no array."""
        if self.deaf:
            return
        if not self.commandable:
            if value is not None:
                self.default = self.makes(value)
        elif self.egress is not None and value in (2, 3):
            if value == 3:
                self._warn_off(priority or 16)
        elif value is None:
            self._stay()
            self.slots.pop(priority or 16, None)
        else:
            self._stay()
            self._keep(priority or 16, value)

    def _keep(self, priority: int, value: float | int) -> None:
        self.slots[priority] = value if self.lag else self.makes(value)
        if self.lag:
            asyncio.get_running_loop().call_later(self.lag, self._make, priority, value)

    def _make(self, priority: int, value: float | int) -> None:
        if self.slots.get(priority) == value:
            self.slots[priority] = self.makes(value)

    def _warn_off(self, priority: int) -> None:
        """Blink and go off after the egress; at once where the slot is not the highest, or holds no ON."""
        self._stay()
        off = functools.partial(self.slots.__setitem__, priority, 0)
        if self.egress and self.slots.get(priority) == 1 and min(self.slots) == priority:
            self.leaving = asyncio.get_running_loop().call_later(self.egress, off)
        else:
            off()

    def _stay(self) -> None:
        if self.leaving is not None:
            self.leaving.cancel()


@dataclass
class Faults:
    """What the network does to a device's requests: probabilities, and seconds as (low, high)."""

    lose_request: float = 0.0
    lose_answer: float = 0.0
    late: float = 0.0
    """The request lands, but only after its caller has given up."""
    duplicate: float = 0.0
    """A write lands a second time, `again` seconds later."""
    delay: tuple[float, float] = (0.002, 0.01)
    again: tuple[float, float] = (0.0, 3.0)


@dataclass
class FakeDevice:
    """Objects by (type, instance), and the faults on the way to them."""

    objects: dict[tuple[str, int], FakeObject] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    silent: bool = False
    queue: float = 0.0
    """s after which it carries out a write that it has acknowledged, in order: a gateway with a slow trunk behind it."""
    script: deque[str] = field(default_factory=deque)
    """For the next calls, in order: `ok`, `lose_request`, `lose_answer`, `late`, `duplicate`, `busy`."""

    def restart(self) -> None:
        """Lose every slot, as controllers do that keep no priority array over a power cut."""
        for thing in self.objects.values():
            thing.slots.clear()


class FakeDriver:
    """Both ends of a line over devices in memory: a FieldReader and a FieldWriter.

    Keeps deadlines on the running loop; the same seed gives the same faults. `landed` logs every write that
    reached an object, `hook` is called before each call with its name and address (to crash there, for one).
    """

    def __init__(self, devices: dict[str, FakeDevice], *, seed: int = 0, timeout: float = 3.0) -> None:
        self.devices = devices
        self.timeout = timeout
        self.rng = random.Random(seed)
        self.landed: list[Landed] = []
        self.calls = 0
        self.habits = Habits()
        self.mute: set[Address] = set()
        """Objects whose subscription is acknowledged and of which nothing is sent."""
        self.on_restart: Callable[[str], None] = lambda device: None
        self.on_sighting: Callable[[str, Sighting | None], None] = lambda device, sighting: None
        self.followed: list[tuple[str, str]] = []
        """Where a person said that devices are."""
        self.lands_anyway = False
        """A request whose caller is cancelled was already on the wire: it lands a little later."""
        self.hook: Callable[[str, Address], None] = lambda _name, _address: None
        self._changes: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._subscribed: set[Address] = set()

    def report(self, answer: Answer) -> None:
        """A controller reports a change by itself."""
        self._changes.put_nowait(answer)

    # ------------------------------------------------------------------ the network

    def _fault(self, device: FakeDevice) -> str:
        if device.silent:
            return "lose_request"
        if device.script:
            return device.script.popleft()
        faults = device.faults
        roll = self.rng.random()
        for name in ("lose_request", "lose_answer", "late", "duplicate"):
            roll -= getattr(faults, name)
            if roll < 0:
                return name
        return "ok"

    async def _exchange(self, name: str, address: Address, act: Callable[[], T]) -> T:
        """One request and its answer over the network. `act` is what the device does with the request."""
        self.calls += 1
        self.hook(name, address)
        device = self.devices.get(address.device)
        if device is None:
            raise Misconfigured(address.device, "no such device")
        fault = self._fault(device)
        loop = asyncio.get_running_loop()
        if fault == "lose_request":
            await self._silence(address)
        if fault == "late":
            loop.call_later(self.timeout + self.rng.uniform(*device.faults.again), _quietly, act)
            await self._silence(address)
        try:
            await asyncio.sleep(self.rng.uniform(*device.faults.delay))
        except asyncio.CancelledError:
            if self.lands_anyway:
                loop.call_later(0.05, _quietly, act)
            raise
        if fault == "busy":
            raise Retryable(address.device, "device busy")
        answer = act()
        if fault == "duplicate" and name == "write":
            loop.call_later(self.rng.uniform(*device.faults.again), _quietly, act)
        if fault == "lose_answer":
            await self._silence(address)
        await asyncio.sleep(self.rng.uniform(*device.faults.delay))
        return answer

    async def _silence(self, address: Address) -> None:
        await asyncio.sleep(self.timeout)
        raise Silent(address.device, f"no answer within {self.timeout:g} s")

    def _object(self, address: Address) -> FakeObject:
        found = self.devices[address.device].objects.get((address.object_type, address.instance))
        if found is None:
            raise Misconfigured(address.device, "unknown object")
        return found

    # ------------------------------------------------------------------ the Protocol

    def follow(self, device: str, place: str) -> None:
        """Note where the device is said to be."""
        self.followed.append((device, place))

    async def start(self) -> None:
        """Nothing to bind."""

    async def stop(self) -> None:
        """End `changes`."""
        self._changes.put_nowait(None)

    async def identify(self, device: str) -> Identity:
        """A plain controller."""
        if self.devices[device].silent:
            await self._silence(Address(device, "device", 0))
        return Identity(device, 1, 999, "fake", device, 1476, False, True, True)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Each object is called after its type and instance."""

        def act() -> list[Answer]:
            return [Answer(a, f"{a.object_type} {a.instance}", False, None) for a in addresses]

        return await self._exchange("names", addresses[0], act)

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the objects say of themselves; by default that they do not say."""

        def act() -> list[Traits]:
            return [Traits(a, self._said(a), None) for a in addresses]

        return await self._exchange("traits", addresses[0], act)

    def _said(self, address: Address) -> Said:
        found = self.devices[address.device].objects.get((address.object_type, address.instance))
        return found.said if found is not None else Said()

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present values of objects of one device."""

        def act() -> list[Answer]:
            return [self._answer(a) for a in addresses]

        return await self._exchange("read", addresses[0], act)

    def _answer(self, address: Address) -> Answer:
        try:
            thing = self._object(address)
            return Answer(address, thing.present if thing.says is None else thing.says, thing.flagged, None)
        except DriverError as error:
            return Answer(address, None, False, error)

    async def read_array(self, address: Address) -> PriorityArray:
        """The occupied slots, highest first."""

        def act() -> PriorityArray:
            thing = self._object(address)
            if not thing.commandable:
                raise Misconfigured(address.device, "unknown property")
            slots = tuple(Slot(p, v) for p, v in sorted(thing.slots.items()))
            return PriorityArray(slots, thing.default, thing.egress or 0.0)

        return await self._exchange("read_array", address, act)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value, or relinquish."""

        def act() -> None:
            thing = self._object(address)
            if thing.refuses is not None:
                raise Rejected(address.device, thing.refuses)
            loop, queue = asyncio.get_running_loop(), self.devices[address.device].queue
            self.landed.append(Landed(loop.time(), address, value, priority))
            if queue:
                loop.call_later(queue, carry_out, thing)
            else:
                carry_out(thing)

        def carry_out(thing: FakeObject) -> None:
            before = thing.present
            thing.write(value, priority)
            if thing.present != before and address in self._subscribed:
                self._changes.put_nowait(Answer(address, thing.present, False, None))

        await self._exchange("write", address, act)

    @property
    def write_many(self) -> WriteMany | None:
        """One write a datagram."""
        return None

    @property
    def line(self) -> Line:
        """Both ends of it."""
        return Line(self, self)

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Every object offers COV."""
        self._subscribed.update(addresses)
        return list(addresses)

    def reports(self, address: Address) -> bool:
        """Its changes are told, unless it is one of those that send none."""
        return address in self._subscribed and address not in self.mute

    async def changes(self) -> AsyncIterator[Answer]:
        """Notifications of values that our own writes changed."""
        while (answer := await self._changes.get()) is not None:
            yield answer


def _quietly(act: Callable[[], object]) -> None:
    """A request that lands when nobody waits for its answer."""
    try:
        act()
    except DriverError:
        return
