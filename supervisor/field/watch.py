"""Keeps the readings fresh: change of value where it is offered, a poll behind it, one task a device."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from config.points import Point
from config.site import DeviceSpec, Site
from drivers.protocol import (
    Address,
    Answer,
    Candid,
    DriverError,
    FieldReader,
    Misconfigured,
    Retryable,
    Silent,
    interned,
)
from supervisor.clockwork.clock import PacedClock
from supervisor.field import untold
from supervisor.field.untold import Untold

log = structlog.get_logger()
FASTEST_POLL = 1.0
"""s of wall time: however fast the site clock runs, no device is polled more often."""
LOST = 3
"""Polls of which one must have come, for a reading to count."""
COV_BACKSTOP = 6
"""A point that reports its changes is polled this many times less often, in case it forgets to; thrice within the `stale_after`
that somebody wrote. One whose subscription is
refused or lost, or of which nothing is sent, is polled at its own rate from that moment."""
RECOGNISE_EVERY = 60.0
"""s of wall time after which a device that answers is asked again who it is: one request."""
_FIRST_RETRY, _LIVES_RETRY, _LAST_RETRY = 1.0, 5.0, 60.0
"""s of wall time until a device is asked again that did not answer, doubled each time, and the most: of one that answers
something, and of others. Site choices."""

_SHORTEST = 0.02
"""s of wall time between two polls of a device at least."""
_AT_ONCE = -math.inf
Deliver = Callable[[Answer], None]
Confirm = Callable[[list[Answer]], list[Answer]]
"""Takes answers of one device that say nothing new, and gives back the others."""


@dataclass(slots=True)
class DeviceHealth:
    """How a device is doing. Times are site instants."""

    up: bool = False
    was_down: bool = False
    """It has been reported as not answering."""
    last_answer: float | None = None
    problem: str = ""
    answers: bool = False
    """It counts as down though it says something: what that is is the problem."""


@dataclass(slots=True)
class _Due:
    """When objects are polled next: `rarely` seconds after the last time while their changes are told, else `often`. One object
    where they may be, else all of a device that have one period."""

    addresses: list[Address]
    often: float
    rarely: float
    last: float = _AT_ONCE
    once: bool = False
    """They were polled once: the second poll comes in the device's own turn."""


def _when(entry: _Due, turn: float, *, told: bool) -> float:
    """When objects are polled next, in seconds of the loop."""
    every = entry.rarely if told else entry.often
    return entry.last + (every * turn if entry.once else every)


def _no_change_is_told(address: Address) -> bool:
    return False


def address_of(point: Point) -> Address:
    """Where a point is on the wire."""
    return interned(Address(point.device, point.object_type, point.instance))


def poll_seconds(point: Point, speed: float, *, cov: bool) -> float:
    """Wall seconds between two polls of a point, at `speed` site seconds a wall second."""
    every = point.poll
    if cov:
        rarely = COV_BACKSTOP * point.poll
        every = max(every, min(rarely, point.stale_after / LOST)) if point.stale_told else rarely
    return max(every / speed, FASTEST_POLL if speed > 1 else 0.2)


def stale_after(site: Site, speed: float) -> Callable[[Point], float]:
    """Site seconds for which a reading of a point counts: what somebody wrote, else what its polls can keep up with.

    Where the site clock runs fast the wire is not asked as often as the file says, and no reading can be called stale before
    the slowest of them all was asked for again, whatever was written.
    """
    floor = stale_floor(site, speed) if speed > 1 else 0.0

    def of(point: Point) -> float:
        if speed > 1:
            return max(point.stale_after, floor)
        kept_up = 0.0 if point.stale_told else LOST * poll_seconds(point, speed, cov=True)
        return max(point.stale_after, kept_up)

    return of


def stale_floor(site: Site, speed: float) -> float:
    """Site seconds below which no reading can be called stale where the site clock runs fast."""
    slowest = max((poll_seconds(p, speed, cov=True) for p in site.points.values()), default=1.0)
    return LOST * slowest * speed


class Watch:
    """Reads every device of a site until cancelled; `deliver` gets each answer."""

    def __init__(
        self,
        site: Site,
        driver: FieldReader,
        clock: PacedClock,
        deliver: Deliver,
        on_health: Callable[[str, bool], None],
        observe_scan: Callable[[str, float], None] = lambda device, seconds: None,
        confirm: Confirm = lambda answers: answers,
    ) -> None:
        self.site = site
        self.health = {device: DeviceHealth() for device in site.devices}
        self._driver = driver
        self._clock = clock
        self._deliver, self._confirm = deliver, confirm
        self._on_health = on_health
        self._observe_scan = observe_scan
        self._points: dict[str, list[Point]] = {device: [] for device in site.devices}
        for point in site.points.values():
            self._points[point.device].append(point)
        self._turns = {device: (n + 1) / len(site.devices) for n, device in enumerate(site.devices)}
        """How far into a period of its own each device's second poll comes, so that all do not answer at once."""
        self._candid = driver if isinstance(driver, Candid) else None
        told = [p for p in site.points.values() if site.devices[p.device].cov]
        steps = {address_of(p): step for p in told if (step := untold.step_of(p)) is not None}
        self._untold = Untold(map(address_of, told), steps)
        self._told: dict[Address, float] = {}
        """When each object last reported a change, in seconds of the loop."""
        self._telling: set[str] = set()
        """Devices of those objects."""
        self._heard = {device: asyncio.Event() for device in site.devices}
        """Set when a device that counts as down reports a change."""
        self._missed: dict[str, set[Address]] = {device: set() for device in site.devices}
        """Objects that have reported a change which could not be taken: lost on its way, or unreadable."""
        self._missing = {device: asyncio.Event() for device, spec in site.devices.items() if spec.cov}
        """Set when there are such."""
        self._again = dict.fromkeys(site.devices, -math.inf)
        """When those may be polled out of turn again, in seconds of the loop."""

    def waiting(self) -> list[str]:
        """Devices of which nothing is known yet, neither an answer nor a silence."""
        return [f"{id_} has not answered" for id_, h in self.health.items() if not (h.up or h.problem)]

    def look_again(self, device: str) -> None:
        """Ask a device that counts as down at once: a person said that it is there."""
        if (heard := self._heard.get(device)) is not None:
            heard.set()

    async def run(self) -> None:
        """Read until cancelled; a device that fails never stops the others."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="cov")
            for device in self.site.devices.values():
                if self._points[device.id]:
                    tasks.create_task(self._device(device), name=f"read {device.id}")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        async for answer in self._driver.changes():
            self._untold.told(answer)
            if not self._untold.believed(answer.address):
                continue
            if answer.error is None:
                self._told[answer.address] = loop.time()
                self._telling.add(answer.address.device)
            elif (missing := self._missing.get(answer.address.device)) is not None:
                self._missed[answer.address.device].add(answer.address)
                missing.set()
            health = self.health[answer.address.device]
            health.last_answer = self._clock.now()
            if not health.up:
                self._heard[answer.address.device].set()
            self._deliver(answer)

    async def _device(self, device: DeviceSpec) -> None:
        retry = _FIRST_RETRY
        while True:
            left_alone, lives = 0.0, False
            try:
                await self._driver.identify(device.id)
                await self._poll_for_ever(device)
            except DriverError as error:
                self._down(device, error)
                if isinstance(error, Misconfigured):
                    retry = _LAST_RETRY
                if isinstance(error, Silent):
                    left_alone, lives = error.again, error.lives
            except Exception as error:
                # A defect in decoding one device's answers must not silence the building.
                log.exception("reading failed", device=device.id)
                self._down(device, error)
            # A driver that leaves the device alone says for how long, and has spread its probes itself.
            await self._pause(device.id, left_alone or retry * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
            longest = _LIVES_RETRY if lives else _LAST_RETRY
            retry = _FIRST_RETRY if self.health[device.id].up else min(retry * 2, longest)

    async def _pause(self, device: str, seconds: float) -> None:
        """Leave a device alone for a while; one that speaks by itself is asked again, a second later at most."""
        least = min(seconds, _FIRST_RETRY)
        await asyncio.sleep(least)
        heard = self._heard[device]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds - least):
                await heard.wait()
        heard.clear()

    async def _subscribe(self, device: DeviceSpec) -> Callable[[Address], bool]:
        """Change of value for every point of the device; whether that was accepted."""
        return await self._subscribe_to(device, [address_of(p) for p in self._points[device.id]])

    async def _subscribe_to(
        self, device: DeviceSpec, addresses: Sequence[Address]
    ) -> Callable[[Address], bool]:
        try:
            accepted = await self._driver.subscribe(addresses, int(self.site.bacnet.cov_lifetime))
        except DriverError as error:
            log.warning("no change of value", device=device.id, reason=error.message)
            return _no_change_is_told
        return frozenset(accepted).__contains__

    def _dues(self, device: DeviceSpec) -> list[_Due]:
        """What is polled of a device, and how often: object by object where changes may be told, else by period."""
        speed = self._clock.speed
        due: list[_Due] = []
        together: dict[float, _Due] = {}
        for p in self._points[device.id]:
            entry = _Due([address_of(p)], poll_seconds(p, speed, cov=False), poll_seconds(p, speed, cov=True))
            if device.cov or entry.often not in together:
                due.append(entry)
                together[entry.often] = entry
            else:
                together[entry.often].addresses += entry.addresses
        return due

    async def _poll_for_ever(self, device: DeviceSpec) -> None:
        loop = asyncio.get_running_loop()
        due, turn, missed = self._dues(device), self._turns[device.id], self._missed[device.id]
        shortest = min(entry.often for entry in due)
        reports: Callable[[Address], bool] = _no_change_is_told
        if device.cov:
            reports = self._spares_polls if self._candid is not None else await self._subscribe(device)
        subscribed = not device.cov or self._candid is None
        recognised = loop.time()
        while True:
            now = loop.time()
            if now - recognised > RECOGNISE_EVERY:
                await self._driver.identify(device.id)
                recognised = now
            batch: list[_Due] = []
            # looked at as often as if no change were told: that may be so by then
            soonest = now + shortest
            for entry in due:
                when = _when(entry, turn, told=reports(entry.addresses[0]))
                if when <= now or (missed and entry.addresses[0] in missed):
                    batch.append(entry)
                else:
                    soonest = min(soonest, when)
            missed.clear()
            if batch:
                await self._scan(device, [address for d in batch for address in d.addresses])
                for entry in batch:
                    entry.once, entry.last = entry.last == _AT_ONCE, now
                    soonest = min(soonest, _when(entry, turn, told=reports(entry.addresses[0])))
            if not subscribed:
                # Only now, where each object is polled at its own rate until it has told something: the first look
                # waits for nothing else.
                subscribed = True
                await self._subscribe(device)
            await self._sleep(device, max(soonest - loop.time(), _SHORTEST))

    def _spares_polls(self, address: Address) -> bool:
        """Whether the changes of an object are told, as far as polls have not shown otherwise."""
        return self._candid is not None and self._candid.reports(address) and self._untold.steady(address)

    async def _sleep(self, device: DeviceSpec, seconds: float) -> None:
        """Wait for the next poll; not for long where a change was reported and could not be taken."""
        missing = self._missing.get(device.id)
        if missing is None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await missing.wait()
                # the others of the same loss, and no flood of requests for a flood of changes that nobody can read
                await asyncio.sleep(
                    max(self._again[device.id] - asyncio.get_running_loop().time(), _SHORTEST)
                )
        if missing.is_set():
            missing.clear()
            self._again[device.id] = asyncio.get_running_loop().time() + FASTEST_POLL

    async def _scan(self, device: DeviceSpec, addresses: Sequence[Address]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        answers = await self._driver.read(addresses)
        self._observe_scan(device.id, loop.time() - began)
        if all(isinstance(answer.error, Retryable) for answer in answers):
            # Not one answer that can be read. Garbage, or only these objects? Raises if the device has none.
            await self._driver.identify(device.id)
        health = self.health[device.id]
        health.last_answer, health.problem = self._clock.now(), ""
        # What was reported while the answer was under way is newer than the answer, or the same.
        if device.id in self._telling:
            told = self._told
            answers = [a for a in answers if told.get(a.address, -math.inf) < began]
        owed = self._compare(device, answers)
        for answer in self._confirm(answers) if answers else ():
            self._deliver(answer)
        if owed:
            # its table may have lost them: a controller that restarted without a word
            await self._subscribe_to(device, owed)
        if not health.up:
            health.up = True
            log.info("device up", device=device.id)
            if health.was_down:
                self._on_health(device.id, True)

    def _compare(self, device: DeviceSpec, answers: Sequence[Answer]) -> list[Address]:
        """Hold what a poll says against what was told, and tell once of what does not agree; the objects of which a change was
        not told for the first time."""
        if self._candid is None or not device.cov:
            return []
        now, reports = asyncio.get_running_loop().time(), self._candid.reports
        missed = [a.address for a in answers if self._untold.polled(a, now, reports)]
        habits, objects = self._candid.habits, self._untold.disbelieved(device.id)
        if objects:
            habits.found(device.id, untold.UNTOLD, "", untold.text(objects))
        else:
            habits.over(device.id, untold.UNTOLD, "", untold.AGAIN)
        return [address for address in missed if self._untold.believed(address)]

    def _down(self, device: DeviceSpec, error: Exception) -> None:
        health = self.health[device.id]
        message = error.message if isinstance(error, DriverError) else repr(error)
        if not health.up and health.problem and isinstance(error, Silent):
            message = health.problem  # still silent: how long it is left alone now is no news
        if health.up or health.problem != message:
            log.warning("device down", device=device.id, reason=message)
        news = not health.was_down or health.up
        health.up, health.was_down, health.problem = False, True, message
        health.answers = isinstance(error, DriverError) and not isinstance(error, Silent)
        if news:
            self._on_health(device.id, False)
