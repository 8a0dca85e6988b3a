"""A driver that knows its devices and what they count in: nothing is written to one that was not recognised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import structlog

from config.site import Site
from drivers.care.pacing import network
from drivers.habits import Habits
from drivers.protocol import (
    Address,
    Answer,
    Barred,
    Candid,
    DriverError,
    FieldReader,
    FieldWriter,
    Identity,
    Line,
    Misconfigured,
    Retryable,
    Sighting,
    Silent,
    Traits,
    Write,
    WriteMany,
)
from drivers.readings import PriorityArray
from supervisor.field.agreed import ROUNDS, Agreed
from supervisor.field.measures import Measures
from supervisor.field.register import Likeness, Places, Register, Tell, known_by, mapped, object_key
from supervisor.store.problems import StoreProblem
from supervisor.store.queries import value
from supervisor.store.writer import Store

log = structlog.get_logger()
AT_ONCE: Final = 32
"""Names asked for in one call, which has the deadline of any other."""
SINGLY: Final = 32
"""Names asked for at all where a device answers about one object at a time; those we may write come first."""
BRIEF: Final = 20.0
"""Seconds of silence in which no controller is unscrewed, another wired and started: its names are not read again."""
FRESH: Final = 2.0
"""Seconds for which writes follow one another without a new look at who takes them."""
SOON: Final = 2.0
"""Seconds after which a device in quarantine is looked at again before it is turned away: it may have been falsified."""
AGAIN: Final = 3600.0
"""Seconds after which all names are read again although nothing happened."""


Ask = Callable[[Sequence[Address]], Awaitable[list[Answer]]]
"""A driver's call about objects of one device."""


class Quarantined(Barred):
    """Another device is in this one's place; a person may accept it."""


@dataclass(slots=True)
class _Seen:
    """What we know of a device since the start. Times are the loop's."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    sure: bool = False
    """It was recognised, and not silent since."""
    placed: bool = False
    """Where a person said that it is was looked up."""
    looks: tuple[int, str, str, str] | None = None
    """Vendor, model, name and place when its objects' names were last read."""
    at: float = 0.0
    fresh: float = float("-inf")
    """When it was last recognised, were it by a look."""
    heard: float = float("-inf")
    doubt: str = ""
    """Why it could not be recognised, where that is not its silence."""


class Vetting:
    """Recognises the devices of a site through their reader, for as long as both are in force."""

    def __init__(self, site: Site, driver: FieldReader, register: Register, measures: Measures) -> None:
        self.site, self.driver, self.register, self.measures = site, driver, register, measures
        self._seen = {device: _Seen() for device in site.devices}
        self.slow = {d.id for d in site.devices.values() if d.requests_per_second or network(d.address)}
        """Devices on trunks that are spared requests without need."""
        driver.on_restart = self.doubt
        driver.on_sighting = lambda device, seen: register.sighted(site.devices[device], seen)
        register.follow = driver.follow

    @contextmanager
    def call(self, device: str) -> Iterator[None]:
        """Around each call: a silence puts the device in doubt."""
        seen = self._seen.get(device)
        try:
            yield
        except Silent:
            if seen is not None:
                seen.sure = False
            raise
        self.hear(device)

    async def ask(self, addresses: Sequence[Address], call: Ask) -> list[Answer]:
        """The answers of objects of one device; a silence puts it in doubt."""
        if not addresses:
            return []
        with self.call(addresses[0].device):
            return await call(addresses)

    def hear(self, device: str) -> None:
        """The device said something."""
        if (seen := self._seen.get(device)) is not None:
            seen.heard = asyncio.get_running_loop().time()

    async def _look(self, device: str, seen: _Seen, objects: Sequence[Address]) -> None:
        """Two requests at the same time; what is not as it was puts the device in doubt."""
        now = asyncio.get_running_loop().time()
        if now - seen.fresh <= FRESH:
            return
        with self.call(device):
            who, answers = await asyncio.gather(self.driver.identify(device), self.driver.names(objects))
        names = {object_key(a.address): str(a.value) for a in answers if a.error is None}
        if seen.looks == _looks(who) and self.register.agrees(self.site.devices[device].instance, names):
            seen.fresh = now
        else:
            self.doubt(device)

    def doubt(self, device: str) -> None:
        """Recognise the device by all its names before it is written again: it was off for a moment, or is new."""
        if (seen := self._seen.get(device)) is not None:
            seen.sure, seen.heard = False, float("-inf")

    async def identify(self, device: str) -> Identity:
        """Who the device is; judged before it is told. Raises DriverError."""
        seen = self._seen.get(device)
        if seen is None:
            raise Misconfigured(device, "no such device in the site file")
        async with seen.lock:
            return await self._identify(device, seen)

    async def _identify(self, device: str, seen: _Seen) -> Identity:
        now = asyncio.get_running_loop().time()
        away = now - seen.heard
        if not seen.placed:
            await self._place(device, seen)
        with self.call(device):
            who = await self.driver.identify(device)
        looks, again = _looks(who), SOON if device in self.register.suspects else AGAIN
        if seen.looks != looks or away > BRIEF or now - seen.at > again:
            try:
                await self._judge(device, who)
            except (DriverError, StoreProblem) as problem:
                # reading goes on; nothing is written until we can tell whom we write to
                seen.sure = False
                self._not_sure(device, seen, "device not recognised", problem)
                return who
            self.measures.again([device])
            seen.looks, seen.at = looks, now
        try:
            with self.call(device):
                await self.measures.learn(device, self.driver)
        except DriverError as problem:
            self._not_sure(device, seen, "units of a device not read", problem)
            return who
        seen.doubt = ""
        seen.sure, seen.fresh = True, now
        return who

    @staticmethod
    def _not_sure(device: str, seen: _Seen, what: str, problem: DriverError | StoreProblem) -> None:
        if seen.doubt != problem.message:
            seen.doubt = problem.message
            log.error(what, device=device, reason=problem.message)

    async def _judge(self, device: str, who: Identity) -> None:
        """Raises DriverError, StoreProblem."""
        spec = self.site.devices[device]
        agreed = Agreed(await self.register.known(spec))
        objects = mapped(self.site, device, None if who.rpm else SINGLY)
        agreed.hear(*await self._read(device, who, objects))
        for _ in range(ROUNDS):
            if not (open_ := agreed.open):
                break
            with self.call(device):
                who = await self.driver.identify(device)
            wanted = [address for address in objects if object_key(address) in open_]
            agreed.hear(*await self._read(device, who, wanted))
        if agreed.open:
            raise Retryable(device, "it says now this and now that of itself")
        await self.register.judge(spec, *agreed.result)

    async def _place(self, device: str, seen: _Seen) -> None:
        """Go where a person said that the device is, in this run or an earlier one."""
        try:
            place = await self.register.place(self.site.devices[device])
            seen.placed = True
            if place is not None:
                self.driver.follow(device, place)
        except (DriverError, StoreProblem) as problem:
            log.warning("where the device is accepted is not known", device=device, reason=problem.message)

    async def _read(
        self, device: str, who: Identity, wanted: list[Address]
    ) -> tuple[Likeness, frozenset[str]]:
        """The device by its objects' names, and which of them it does not have. Raises DriverError."""
        names: dict[str, str] = {}
        gone: set[str] = set()
        while wanted:
            part, rest = wanted[:AT_ONCE], wanted[AT_ONCE:]
            with self.call(device):
                answers = await self.driver.names(part)
            later = []
            for answer in answers:
                if answer.error is None:
                    names[object_key(answer.address)] = str(answer.value)
                elif isinstance(answer.error, Silent):
                    later.append(answer.address)
                elif isinstance(answer.error, Misconfigured):
                    gone.add(object_key(answer.address))
            if len(later) == len(part):
                raise Silent(device, "its objects' names could not be read")
            wanted = later + rest
        return known_by(who, names), frozenset(gone)

    async def admit(self, device: str, objects: Sequence[Address] = ()) -> None:
        """Return where a device may be written. Raises Quarantined, or DriverError where it does not answer.

        Where `objects` are to be written now, the device is looked at once more, and at their names: a swap
        may take less than the time between two polls.
        """
        seen = self._seen.get(device)
        if seen is not None:
            async with seen.lock:
                if device in self.register.suspects:
                    seen.sure &= asyncio.get_running_loop().time() - seen.at <= SOON
                elif seen.sure and objects:
                    await self._look(device, seen, objects)
                if not seen.sure:
                    await self._identify(device, seen)
            if not seen.sure:
                raise Retryable(device, f"nothing is written while it is not recognised: {seen.doubt}")
        reason = self.register.reason(device)
        if reason:
            raise Quarantined(device, reason)


def vetted(site: Site, line: Line, register: Register, measures: Measures | None = None) -> Line:
    """The same line, whose reader and writer know the devices, and what they count in: see VettedReader, VettedWriter.

    `measures` keeps what they count in, for those who tell of it.
    """
    measures = measures if measures is not None else Measures(site)
    vetting = Vetting(site, line.reader, register, measures)
    return Line(VettedReader(vetting), VettedWriter(vetting, line.writer))


def _looks(who: Identity) -> tuple[int, str, str, str]:
    return who.vendor_id, who.model, who.name, who.address


class VettedReader:
    """A FieldReader over another: another device than was adopted goes into quarantine, its values count as faulty."""

    def __init__(self, vetting: Vetting) -> None:
        self._vetting, self._driver = vetting, vetting.driver
        self._suspects, self._up = vetting.register.suspects, vetting.measures.up
        driver = vetting.driver
        self._candid = driver if isinstance(driver, Candid) else None
        self.habits = self._candid.habits if self._candid is not None else Habits()
        self.on_restart: Callable[[str], None] = lambda device: None
        """Never called: what a restart means for a device is settled here."""

        self.on_sighting: Callable[[str, Sighting | None], None] = lambda device, sighting: None
        """Never called either: the register is told."""

    def follow(self, device: str, place: str) -> None:
        """Calls go to a place where a person said that the device is."""
        self._driver.follow(device, place)

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured."""
        await self._driver.start()

    async def stop(self) -> None:
        """Close the port."""
        await self._driver.stop()

    async def identify(self, device: str) -> Identity:
        """Who the device is; another one than was adopted goes into quarantine."""
        return await self._vetting.identify(device)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Object_Names of objects of one device."""
        return await self._vetting.ask(addresses, self._driver.names)

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the device says of its numbers."""
        if not addresses:
            return []
        with self._vetting.call(addresses[0].device):
            return await self._driver.traits(addresses, limits=limits)

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device."""
        answers = [self._up(answer) for answer in await self._vetting.ask(addresses, self._driver.read)]
        if self._suspects and addresses and addresses[0].device in self._suspects:
            return [answer._replace(fault=True) for answer in answers]
        return answers

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default."""
        with self._vetting.call(address.device):
            array = await self._driver.read_array(address)
        return self._vetting.measures.array(address, array)

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of one device."""
        return await self._driver.subscribe(addresses, lifetime)

    def reports(self, address: Address) -> bool:
        """Whether the device tells the changes of an object; taken for so where the driver beneath cannot say."""
        return self._candid is None or self._candid.reports(address)

    async def changes(self) -> AsyncIterator[Answer]:
        """COV notifications as they arrive."""
        async for answer in self._driver.changes():
            self._vetting.hear(answer.address.device)
            counted = self._up(answer)
            yield counted._replace(fault=True) if answer.address.device in self._suspects else counted


class VettedWriter:
    """A FieldWriter over another: a device in quarantine is not even read, so that no write of it is prepared."""

    def __init__(self, vetting: Vetting, driver: FieldWriter) -> None:
        self._vetting, self._driver, self._measures = vetting, driver, vetting.measures

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device. Raises Quarantined."""
        if addresses:
            await self._vetting.admit(addresses[0].device)
        return [self._measures.up(a) for a in await self._vetting.ask(addresses, self._driver.read)]

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Quarantined."""
        await self._vetting.admit(address.device)
        if address.device in self._vetting.slow:
            return await self._array(address)
        # a write may follow: looking meanwhile costs it no time, and a stranger gets no intent written down
        array, _ = await asyncio.gather(self._array(address), self._looked_at(address))
        return array

    async def _array(self, address: Address) -> PriorityArray:
        with self._vetting.call(address.device):
            array = await self._driver.read_array(address)
        return self._measures.array(address, array)

    async def _looked_at(self, address: Address) -> None:
        """Look at the device beside another call; a look that gets lost is made again before the write."""
        try:
            await self._vetting.admit(address.device, [address])
        except Quarantined:
            raise
        except Retryable as error:
            log.debug("not looked at", device=address.device, reason=error.message)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value of a device that was recognised. Raises Quarantined."""
        await self._vetting.admit(address.device, [address])
        with self._vetting.call(address.device):
            await self._driver.write(address, self._measures.down(address, value), priority)

    @property
    def write_many(self) -> WriteMany | None:
        """Several writes to a device that was recognised, where the driver beneath can. Raises Quarantined."""
        write_many = self._driver.write_many
        return None if write_many is None else partial(self._write_many, write_many)

    async def _write_many(self, write_many: WriteMany, writes: Sequence[Write]) -> list[DriverError | None]:
        if not writes:
            return []
        device = writes[0].address.device
        await self._vetting.admit(device, [write.address for write in writes])
        with self._vetting.call(device):
            results = await write_many(
                [w._replace(value=self._measures.down(w.address, w.value)) for w in writes]
            )
            for result in results:
                if isinstance(result, Silent) and all(isinstance(each, Silent) for each in results):
                    raise result
            return results


def register_of(store: Store, tell: Tell = lambda device, what: None) -> Register:
    """The register that a store keeps."""

    def recalled(key: str) -> Awaitable[Any]:
        return store.read(lambda connection: value(connection, key))

    return Register(
        lambda instance: recalled(f"device/{instance}"),
        lambda instance, saved: store.put_kv(f"device/{instance}", saved),
        tell,
        Places(
            lambda instance: recalled(f"place/{instance}"),
            lambda instance, saved: store.put_kv(f"place/{instance}", saved),
        ),
    )
