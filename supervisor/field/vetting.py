"""A driver that knows its devices and what they count in: nothing is written to one that was not recognised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from config.site import Site
from drivers.care.pacing import network
from drivers.protocol import (
    Address,
    Answer,
    Barred,
    DriverError,
    FieldReader,
    Glimpse,
    Glimpsing,
    Identity,
    Learning,
    Misconfigured,
    Retryable,
    Silent,
    Withheld,
)
from supervisor.field.agreed import ROUNDS, Agreed
from supervisor.field.asking import Asking
from supervisor.field.measures import Measures
from supervisor.field.register import Likeness, Register, known_by, mapped, object_key
from supervisor.store.problems import StoreProblem

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
SELDOM: Final = 600.0
"""Seconds between two questions what a device calls its states, however often it was silent; a site choice."""
AGAIN: Final = 3600.0
"""Seconds after which all names are read again although nothing happened."""
_MEANWHILE: Final = "it may have been replaced or started anew while it was asked who it is"

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
    """Where a person said that it is was looked up, and what an earlier run had learnt about asking it."""
    learnt: dict[str, Any] = field(default_factory=dict)
    """What is kept of that."""
    looks: tuple[int, str, str, str] | None = None
    """Vendor, model, name and place when its objects' names were last read."""
    at: float = 0.0
    called: float = float("-inf")
    """When what it calls its states was last asked anew."""
    owed: bool = False
    """It may have started anew since then, and has not been asked yet."""
    fresh: float = float("-inf")
    """When it was last recognised, were it by a look."""
    heard: float = float("-inf")
    doubted: bool = False
    """It may be another, or have started anew, whatever it has said since: its names are read before it is sure again."""
    asked: bool = False
    """It has said who it is, and is being asked for the rest of what makes us sure."""
    paused: bool = False
    """For a while it said nothing meanwhile: it is slow, or waits its turn on a trunk, unless that ends in its silence."""
    said: bytes = b""
    """What it said of itself, octet by octet, when it was last recognised by a look; empty where that is not known."""
    doubt: str = ""
    """Why it could not be recognised, where that is not its silence."""


class Vetting:
    """Recognises the devices of a site through their reader, for as long as both are in force."""

    def __init__(self, site: Site, driver: FieldReader, register: Register, measures: Measures) -> None:
        self.site, self.driver, self.register, self.measures = site, driver, register, measures
        self._mapped = mapped(site)
        self.slow = {d.id for d in site.devices.values() if d.requests_per_second or network(d.address)}
        """Devices on trunks that are spared requests without need."""
        self._singly: set[str] = set()
        """Devices that answer about one property at a time."""
        self.states = Asking(measures.called, driver, self._spared, register.suspects)
        self._glimpsing = driver if isinstance(driver, Glimpsing) else None
        self._learning = driver if isinstance(driver, Learning) else None
        self._seen = {device: _Seen() for device in site.devices}
        driver.on_restart = self._restarted
        self.on_restart: Callable[[str], None] = lambda device: None
        """Told of each device that says that it has started."""
        driver.on_sighting = lambda device, seen: register.sighted(site.devices[device], seen)
        register.follow = driver.follow
        self.on_suspect: Callable[[str], None] = lambda device: None
        """Told when another device was found in the place of one: what it said until then is no evidence either."""

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

    async def believe(self, device: str, leapt: Sequence[Address]) -> None:
        """Ask what temperatures count in that have leapt: somebody may have switched the controller from °C to °F. Until it
        has answered they are not believed."""
        if not leapt:
            return
        log.info("a temperature leapt: its unit is asked", device=device, objects=len(leapt))
        try:
            with self.call(device):
                await self.measures.ask_again(leapt, self.driver)
        except DriverError as problem:
            log.warning("units of a device not read", device=device, reason=problem.message)

    def hear(self, device: str) -> None:
        """The device said something. After a silence that may be another: what comes first need not be an answer of who it is."""
        if (seen := self._seen.get(device)) is not None:
            now = asyncio.get_running_loop().time()
            long = not seen.sure and now - seen.heard > BRIEF
            seen.paused |= long and seen.asked
            seen.doubted |= long and not seen.asked
            seen.heard = now

    def fresh(self, device: str) -> bool:
        """Whether a device was recognised so lately that no look at it is due."""
        seen = self._seen.get(device)
        return seen is not None and asyncio.get_running_loop().time() - seen.fresh <= FRESH

    async def _look(self, device: str, seen: _Seen, objects: Sequence[Address]) -> None:
        """Two requests at the same time; what is not as it was puts the device in doubt."""
        if self.fresh(device):
            return
        now = asyncio.get_running_loop().time()
        with self.call(device):
            said = await self._glimpse(device, objects)
            if said is not None and said.said == seen.said and self._agrees(device, dict(said.names)):
                seen.fresh = now
                return
            who, answers = await asyncio.gather(self.driver.identify(device), self.driver.names(objects))
            # what was said before and after is what was recognised between
            stands = said is not None and said == await self._glimpse(device, objects)
        names = {a.address: str(a.value) for a in answers if a.error is None}
        if seen.looks == _looks(who) and self._agrees(device, names):
            seen.fresh = now
            if said is not None and stands:
                seen.said = said.said
        else:
            self.doubt(device)

    def _agrees(self, device: str, names: Mapping[Address, str]) -> bool:
        """Whether objects of a device are called as they were."""
        called = {object_key(address): name for address, name in names.items()}
        return self.register.agrees(self.site.devices[device].instance, called)

    async def _glimpse(self, device: str, objects: Sequence[Address]) -> Glimpse | None:
        return await self._glimpsing.glimpse(device, objects) if self._glimpsing is not None else None

    def _restarted(self, device: str) -> None:
        self.doubt(device)
        self.on_restart(device)

    def doubt(self, device: str) -> None:
        """Recognise the device by all its names before it is written again: it was off for a moment, or is new."""
        if (seen := self._seen.get(device)) is not None:
            seen.sure, seen.doubted = False, True
            seen.said = b""

    async def identify(self, device: str) -> Identity:
        """Who the device is; judged before it is told. Raises DriverError."""
        seen = self._seen.get(device)
        if seen is None:
            raise Misconfigured(device, "no such device in the site file")
        async with seen.lock:
            return await self._identify(device, seen)

    async def _identify(self, device: str, seen: _Seen) -> Identity:
        now = asyncio.get_running_loop().time()
        away = now - seen.heard > BRIEF
        if not seen.placed:
            await self._place(device, seen)
        with self.call(device):
            who = await self.driver.identify(device)
        (self._singly.discard if who.rpm else self._singly.add)(device)
        seen.asked, seen.paused = True, False
        try:
            await self._recognise(device, seen, who, now, away)
        finally:
            seen.asked = False
            seen.doubted |= seen.paused and not seen.sure
        return who

    async def _recognise(self, device: str, seen: _Seen, who: Identity, now: float, away: bool) -> None:
        """Whether it is the one that was adopted, and what it counts in; `away`: it was silent before it said who it is."""
        looks, again = _looks(who), SOON if device in self.register.suspects else AGAIN
        away, seen.doubted = away or seen.doubted, False
        if seen.looks != looks or away or now - seen.at > again:
            try:
                await self._judge(device, who)
            except (DriverError, StoreProblem) as problem:
                # reading goes on; nothing is written until we can tell whom we write to
                seen.sure, seen.doubted = False, seen.doubted or away
                self._not_sure(device, seen, "device not recognised", problem)
                return
            self.measures.again([device])
            another = seen.looks != looks or device in self.register.suspects
            seen.owed |= another or away
            if another:
                seen.called = float("-inf")
            seen.looks, seen.at = looks, now
        self._states_again(device, seen, now)
        try:
            with self.call(device):
                await self.measures.learn(device, self.driver)
        except DriverError as problem:
            self._not_sure(device, seen, "units of a device not read", problem)
            return
        seen.doubt = ""
        seen.sure, seen.fresh = not seen.doubted, now
        if self._learning is not None and (learnt := self._learning.learnt(device)) != seen.learnt:
            seen.learnt = learnt
            self.register.learn(self.site.devices[device], learnt)

    def _spared(self, device: str) -> bool:
        return device in self.slow or device in self._singly

    def _states_again(self, device: str, seen: _Seen, now: float) -> None:
        """Ask anew what a device calls its states where it may be another, or have started anew; not for each pause between two
        polls, for that takes it many requests. What came too soon is asked once it is time: whoever loads a program starts a
        controller twice within minutes, and the second start has the new one."""
        if seen.owed and now - seen.called > SELDOM:
            seen.owed, seen.called = False, now
            self.measures.called.again([device])

    @staticmethod
    def _not_sure(device: str, seen: _Seen, what: str, problem: DriverError | StoreProblem) -> None:
        if seen.doubt != problem.message:
            seen.doubt = problem.message
            log.error(what, device=device, reason=problem.message)

    async def _judge(self, device: str, who: Identity) -> None:
        """Raises DriverError, StoreProblem."""
        spec = self.site.devices[device]
        agreed = Agreed(await self.register.known(spec))
        objects = self._mapped[device][: None if who.rpm else SINGLY]
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
        before = device in self.register.suspects
        await self.register.judge(spec, *agreed.result)
        if device in self.register.suspects and not before:
            self.on_suspect(device)

    async def _place(self, device: str, seen: _Seen) -> None:
        """Go where a person said that the device is, in this run or an earlier one, and ask it as that one had learnt to."""
        spec = self.site.devices[device]
        try:
            place = await self.register.place(spec)
            if self._learning is not None:
                seen.learnt = await self.register.learnt(spec)
                self._learning.recall(device, seen.learnt)
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
                    if seen.sure and objects and device not in self.register.suspects:
                        await self._look(device, seen, objects)  # of a slow one that was begun long ago
            if not seen.sure:
                why = seen.doubt or _MEANWHILE
                raise Withheld(device, f"nothing is written while it is not recognised: {why}")
        reason = self.register.reason(device)
        if reason:
            raise Quarantined(device, reason)


def _looks(who: Identity) -> tuple[int, str, str, str]:
    return who.vendor_id, who.model, who.name, who.address
