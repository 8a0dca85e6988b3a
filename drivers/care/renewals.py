"""Change-of-value subscriptions that stay alive: renewed, retried and taken up again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from config.phrase import Phrase
from drivers.habits import MUTE, REFUSED, Habits
from drivers.protocol import Address, DriverError, Misconfigured, Retryable
from drivers.refused import in_both

FIRST_PAUSE: Final = 1.0
"""Seconds before the first retry of a renewal; it doubles with each failure."""

LONGEST_PAUSE: Final = 20.0
"""Seconds between retries at most, so that notifications are back soon after a cable is."""

REFUSED_AGAIN: Final = 600.0
"""Seconds after which an object whose changes a controller would not tell (its table was full) is tried again; a site
choice: a full table stays so until another subscriber's lifetime is over, which is minutes."""

PASSING: Final = 4
"""Refusals in a row that are believed to be only for now (busy, out of resources): tried again after seconds."""

LOST_AGAIN: Final = 10.0
"""Seconds over which subscriptions are spread that are sent again because their first notification was lost with us: each brings
one, and all at once would be lost again. A site choice."""

OWED_WITHIN: Final = 10.0
"""Seconds in which a subscription's first notification comes (ASHRAE 135 §13.14.2 owes it at once)."""

MUTE_AFTER: Final = 2
"""Acknowledged subscriptions in a row without their notification after which an object counts as mute: one gets lost."""

SHORTEST: Final = 60
"""Seconds of the shortest lifetime that is tried where a controller refuses the one that it was asked for."""

RESTART_SPACING: Final = 10.0
"""Seconds between two rounds that a device's I-Am may cause; other people's Who-Is cause them too."""

Send = Callable[[Address, int | None], Awaitable[None]]
"""Subscribes to an object for some seconds, with None cancels. Has its own deadline; raises DriverError."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Entry:
    """One subscription. Instants are the loop's."""

    lifetime: int
    due: float
    live: bool = False
    """The controller acknowledged it, as far as we know."""
    refused: DriverError | None = None
    refusals: int = 0
    """In a row, be they said to be only for now."""
    told: int = 0
    """Notifications about it."""
    fresh: int = 0
    """How many there had been when it was last taken up anew: none since then, and nobody knows whether it works."""
    before: int = 0
    """How many there had been when it was last sent."""
    owed: float | None = None
    """When the notification that its acknowledgement owes is overdue."""
    answers_renewals: bool = False
    """A renewal was followed by a notification once: another one is owed one too."""
    missed: int = 0
    """Notifications in a row that were owed and did not come."""

    @property
    def mute(self) -> bool:
        """It was acknowledged, and nothing was ever sent."""
        return self.missed >= MUTE_AFTER

    @property
    def reports(self) -> bool:
        """Its changes are told."""
        return self.live and self.told > self.fresh and not self.mute

    def settle(self, now: float) -> None:
        """Whether what its acknowledgement owed has come; if not for the first time, it is sent once more at once."""
        if self.owed is None or (self.told == self.before and now < self.owed):
            return
        if self.told > self.before:
            if self.before > self.fresh:
                self.answers_renewals = True
            self.missed = 0
        elif self.told == self.fresh or self.answers_renewals:
            self.missed += 1
            if self.missed < MUTE_AFTER:
                self.due = now
        self.owed = None


@dataclass(slots=True)
class _Line:
    """One device's subscriptions and the task that renews them."""

    entries: dict[Address, _Entry] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    restarted: float = float("-inf")
    task: asyncio.Task[None] | None = None


class Renewals:
    """Keeps subscriptions alive through `send`, on the event loop's monotonic clock."""

    def __init__(self, send: Send, jitter: random.Random | None = None, habits: Habits | None = None) -> None:
        self._send = send
        self._habits = habits or Habits()
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._lines: dict[str, _Line] = {}

    def holds(self, address: Address) -> bool:
        """Whether a notification about this object is one that we asked for."""
        line = self._lines.get(address.device)
        return line is not None and address in line.entries

    def reports(self, address: Address) -> bool:
        """Whether the changes of an object are told: subscribed, acknowledged, and something was sent since."""
        line = self._lines.get(address.device)
        entry = line.entries.get(address) if line is not None else None
        return entry is not None and entry.reports

    def heard(self, address: Address) -> None:
        """A notification about an object that we subscribed to has come."""
        line = self._lines.get(address.device)
        entry = line.entries.get(address) if line is not None else None
        if line is None or entry is None:
            return
        was_mute = entry.mute
        entry.told += 1
        if was_mute:
            entry.missed = 0
            self._tell(address.device, line)

    async def add(self, addresses: Sequence[Address], lifetime: int, within: float) -> list[Address]:
        """Subscribe to objects of one device within `within` seconds; those that it accepted.

        What it refused is tried again, but rarely; what got no answer, until it has one.
        """
        if not addresses:
            return []
        line = self._lines.setdefault(addresses[0].device, _Line())
        now = asyncio.get_running_loop().time()
        for address in addresses:
            line.entries[address] = _Entry(lifetime, now + within + FIRST_PAUSE)
        if line.task is None:
            line.task = asyncio.create_task(self._keep(line), name=f"cov {addresses[0].device}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._round(line, addresses, first=True)
        line.wake.set()
        return [a for a in addresses if a in line.entries and line.entries[a].live]

    def restarted(self, device: str) -> None:
        """Take up all subscriptions of a device again: it said I-Am, as after a restart."""
        line = self._lines.get(device)
        if line is None:
            return
        now = asyncio.get_running_loop().time()
        if line.restarted > now:
            return
        start = max(now, line.restarted + RESTART_SPACING)
        line.restarted = start
        line.failures = 0
        for entry in line.entries.values():
            entry.due = min(entry.due, start)
            entry.fresh, entry.missed, entry.owed = entry.told, 0, None
        line.wake.set()

    def lost(self) -> list[Address]:
        """Notifications were lost on our side of the wire, nobody knows of which objects: all that are subscribed to. What is owed
        one may have sent it, so that this proves nothing against it, and its subscription is sent once more."""
        now = asyncio.get_running_loop().time()
        for line in self._lines.values():
            for entry in line.entries.values():
                if entry.owed is not None and entry.told == entry.before:
                    entry.owed = None
                    if entry.told == entry.fresh:
                        entry.due = min(entry.due, now + self._jitter.uniform(0.0, LOST_AGAIN))
            line.wake.set()
        return [a for line in self._lines.values() for a, e in line.entries.items() if e.live]

    async def stop(self, within: float) -> None:
        """End all renewals, and cancel subscriptions as far as devices answer within `within` seconds."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        live = [a for line in self._lines.values() for a, e in line.entries.items() if e.live]
        self._lines.clear()
        if not live:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*(self._send(a, None) for a in live), return_exceptions=True)

    async def _keep(self, line: _Line) -> None:
        """Renew what is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            due = [a for a, e in line.entries.items() if e.due <= now]
            if due:
                await self._round(line, due)
            now = loop.time()
            for entry in line.entries.values():
                entry.settle(now)
            self._tell_of(line)
            line.wake.clear()
            soonest = min(
                (min(e.due, e.owed or e.due) for e in line.entries.values()), default=now + LONGEST_PAUSE
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, soonest - loop.time())):
                    await line.wake.wait()

    async def _round(self, line: _Line, addresses: Sequence[Address], *, first: bool = False) -> None:
        """Ask for one object first: where the device is silent, that one request says so for all."""
        answered = await self._one(line, addresses[0], first=first)
        if answered:
            rest = await asyncio.gather(*(self._one(line, a, first=first) for a in addresses[1:]))
            answered = all(rest)
        if answered:
            line.failures = 0
            return
        line.failures += 1
        pause = self._pause(line)
        now = asyncio.get_running_loop().time()
        for address in addresses:
            entry = line.entries.get(address)
            if entry is not None and (not entry.live or entry.due <= now):
                entry.due = now + pause

    async def _one(self, line: _Line, address: Address, *, first: bool) -> bool:
        """Subscribe to one object; whether the device answered, be it with a refusal."""
        entry = line.entries.get(address)
        if entry is None:
            return True
        anew, before = not entry.live or entry.told == entry.fresh, entry.told
        try:
            await self._subscribe(entry, address)
        except DriverError as error:
            if error.answered or not isinstance(error, Retryable):
                self._refused(line, address, error, first=first)
                return True
            if not line.failures:
                _log.warning("cov subscription not renewed", object=address, error=error.message)
            entry.live = False
            return False
        except (
            Exception
        ):  # a fault of ours must not end the renewals: the subscription would be dead for good
            if not line.failures:
                _log.exception("cov renewal broke", object=address)
            entry.live = False
            return False
        now = asyncio.get_running_loop().time()
        if anew:
            entry.fresh = before
        entry.live, entry.refused, entry.refusals = True, None, 0
        entry.before, entry.owed = before, now + OWED_WITHIN
        entry.due = now + max(entry.lifetime, 1) / 2
        return True

    def _refused(self, line: _Line, address: Address, error: DriverError, *, first: bool) -> None:
        """A controller will not report the changes of an object. One that never can, of which it said so at the first time,
        is left alone."""
        entry = line.entries[address]
        if entry.refused is None:
            _log.warning("cov refused", object=address, error=error.message)
        if first and (isinstance(error, Misconfigured) or error.message in _NEVER):
            del line.entries[address]
            return
        passing = isinstance(error, Retryable) and entry.refusals < PASSING
        entry.refusals += 1
        pause = FIRST_PAUSE * 2.0**entry.refusals if passing else max(REFUSED_AGAIN, entry.lifetime / 2)
        entry.live, entry.owed, entry.missed = False, None, 0
        entry.refused = entry.refused if passing else error
        entry.due = asyncio.get_running_loop().time() + pause

    async def _subscribe(self, entry: _Entry, address: Address) -> None:
        """Subscribe for as long as was asked; where the controller finds that out of range, for ever less."""
        while True:
            try:
                await self._send(address, entry.lifetime)
            except DriverError as error:
                if not out_of_range(error) or entry.lifetime // 2 < SHORTEST:
                    raise
                entry.lifetime //= 2
            else:
                return

    def _tell_of(self, line: _Line) -> None:
        """Tell once of the objects of a device whose changes are not told."""
        device = next((address.device for address in line.entries), None)
        if device is not None:
            self._tell(device, line)

    def _tell(self, device: str, line: _Line) -> None:
        refused = {a: e.refused for a, e in line.entries.items() if e.refused is not None}
        mute = [a for a, e in line.entries.items() if e.mute]
        for kind, objects, text in (
            (REFUSED, list(refused), _refused_text(refused)), (MUTE, mute, _mute_text(mute)),
        ):  # fmt: skip
            if objects:
                self._habits.found(device, kind, "", text)
            else:
                self._habits.over(device, kind, "", _AGAIN)

    def _pause(self, line: _Line) -> float:
        """Seconds until the next try: doubling, bounded, and spread so that devices do not line up."""
        shortest_half = min((e.lifetime for e in line.entries.values()), default=2) / 2
        pause = min(
            FIRST_PAUSE * 2.0 ** min(line.failures - 1, 10), LONGEST_PAUSE, max(FIRST_PAUSE, shortest_half)
        )
        return pause * self._jitter.uniform(0.5, 1.0)


_AGAIN: Final = Phrase("tells its changes again", "恢复变化上报（COV）")
_SHOWN: Final = 3
"""Objects that a line names; more are counted."""


def _refused_text(objects: Mapping[Address, DriverError]) -> Phrase:
    """The line about objects whose subscription was refused."""
    why = in_both(next(iter(objects.values())).message if objects else "")
    what = _some(list(objects))
    return Phrase(
        f"refuses to report changes of {what.en} ({why.en}): polled at the rate of the site file, "
        f"asked again every {REFUSED_AGAIN / 60:.0f} min",
        f"拒绝上报 {what.zh} 的变化（{why.zh}）：按站点文件的周期轮询，每 {REFUSED_AGAIN / 60:.0f} 分钟再次申请",
    )


def _mute_text(objects: Sequence[Address]) -> Phrase:
    """The line about objects of which nothing was ever sent."""
    what = _some(objects)
    return Phrase(
        f"agreed to report changes of {what.en} and sends none: polled at the rate of the site file, "
        "asked again with each renewal",
        f"已同意上报 {what.zh} 的变化但从未发送：按站点文件的周期轮询，每次续订时再次申请",
    )


def _some(objects: Sequence[Address]) -> Phrase:
    """Objects by name, as many as a line holds."""
    names = ", ".join(f"{a.object_type}:{a.instance}" for a in objects[:_SHOWN])
    more = len(objects) - _SHOWN
    if more <= 0:
        return Phrase(names, names.replace(", ", "、"))
    return Phrase(f"{names} and {more} more", f"{names.replace(', ', '、')} 等 {len(objects)} 个对象")


def out_of_range(error: DriverError) -> bool:
    """Whether a device finds a number that it was sent too large or too small."""
    return error.message in _OUT_OF_RANGE


_NEVER: Final = frozenset(
    {"optional functionality not supported", "not a COV property", "rejected: unrecognized service"}
)
"""Refusals of a controller that reports no changes of such an object, or none at all."""

_OUT_OF_RANGE: Final = frozenset({"value out of range", "rejected: parameter out of range"})
"""As `drivers.bacnet.refusals` says it (ASHRAE 135 §18.6, §18.8)."""
