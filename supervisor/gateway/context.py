"""What every part of the gateway works with."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from config.measure import Fit
from config.points import Point
from config.roles import ROLES
from config.site import Site
from drivers.protocol import FieldWriter, Patient, Silent
from drivers.readings import PriorityArray
from supervisor.clockwork.clock import Clock
from supervisor.gateway.events import Event, Trouble
from supervisor.gateway.pacing import Rate, Starts
from supervisor.store import StoreProblem
from supervisor.store.rows import IntentRow, Kept, NoticeRow, Result, ResultRow, SlotKey, SlotRow

log = structlog.get_logger()
STORE = "store"
"""What a trouble is about that no point can help: the database takes no rows."""
CALL_MARGIN = 2.0
"""Seconds beyond a device's own time-out after which even a driver that hangs is given up."""


class Journal(Protocol):
    """The part of the store that the gateway writes to. Each raises StoreProblem."""

    async def commit_intent(self, intent: IntentRow, slot: SlotRow | None = None) -> int:
        """Durable when it returns."""

    async def commit_unsent(self, intent: IntentRow, result: Result, detail: str = "") -> int:
        """An intent that will not be sent, with its result."""

    async def commit_result(
        self, result: ResultRow, *, slot: SlotRow | None = None, drop: SlotKey | None = None
    ) -> None:
        """The result, and the journal with it."""

    async def put_slot(self, slot: SlotRow) -> None:
        """A slot found to be ours."""

    async def drop_slot(self, key: SlotKey) -> None:
        """A slot no longer ours."""

    async def kept(self, since_wall: float) -> Kept:
        """What an earlier run left behind."""

    def notice(self, row: NoticeRow) -> None:
        """Something a person should know."""


Limits = Callable[[Point], tuple[float, float]]
"""The range of a setpoint in force now, in the role's unit: what a restored value is clamped to."""


Fits = Callable[[Point], Fit | None]
"""What a point's number is counted in, and what its controller takes; None: it has not said yet."""


def as_the_file_says(point: Point) -> Fit | None:
    """Where nobody asked the devices: every number is what the site file says."""
    return None


def role_limits(point: Point) -> tuple[float, float]:
    """The range of the role and of the point: what holds where no rule limits more."""
    spec = ROLES[point.role]
    return max(spec.low, point.low), min(spec.high, point.high)


@dataclass(slots=True)
class Context:
    """The gateway's surroundings. `wall` and `sleep` are monotonic wall time, `stamp` POSIX seconds."""

    site: Site
    driver: FieldWriter
    store: Journal
    clock: Clock
    wall: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    stamp: Callable[[], float]
    on_event: Callable[[Event], None]
    on_array: Callable[[str, PriorityArray], None]
    limits: Limits
    fits: Fits
    rate: Rate
    starts: Starts
    array_poll: float
    rng: random.Random
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after every step of a worker, for those who wait until something is done."""
    restarted: dict[str, float] = field(default_factory=dict)
    """When devices were last seen to have started, monotonic seconds."""
    landing: dict[str, float] = field(default_factory=dict)
    """Seconds after which devices carry out what is written, where that is later than a read-back waits for."""
    refused: set[str] = field(default_factory=set)
    """Points to whose last write their controller said no, and some that have been written since."""
    recording: set[str] = field(default_factory=set)
    """Points whose row the store is taking just now: what is waited for then is the database, and not a device."""

    def emit(self, event: Event) -> None:
        """Tell the listener. Its defects are logged: they must not come between a write and its record."""
        try:
            self.on_event(event)
        except Exception as error:
            log.error("a listener failed", told=type(event).__name__, error=repr(error))

    def array_changed(self, point: str, array: PriorityArray) -> None:
        """Tell the listener that a priority array changed, in the same way."""
        try:
            self.on_array(point, array)
        except Exception as error:
            log.error("a listener failed", told="array", about=point, error=repr(error))

    def timeout(self, device: str) -> float:
        """Seconds that one call to a device may take at the very most."""
        spec = self.site.devices.get(device)
        said = spec.timeout if spec is not None else 3.0
        if spec is not None and isinstance(self.driver, Patient):
            said = max(said, self.driver.waits(device))  # it has been found to answer later
        return said + CALL_MARGIN

    def within(self, device: str, *, calls: int = 1) -> AbstractAsyncContextManager[None]:
        """Around a driver's call: Silent if the driver does not keep its own deadline.

        `calls` is how many of its own deadlines the driver may need, one after the other.
        """
        return _in_time(device, self.timeout(device) * calls)

    async def record(self, commit: Awaitable[object], about: str) -> bool:
        """Commit a row that nothing waits for. False, and told, if the database does not take it.

        Only a row that precedes a write may stop one: a missed result or a stale journal row is settled by
        the next reading of the slot.
        """
        try:
            with self.records(about):
                await commit
        except StoreProblem as problem:
            self.store_refuses(problem)
            return False
        return True

    @contextmanager
    def records(self, point: str) -> Iterator[None]:
        """Around a commit that is about a point."""
        self.recording.add(point)
        try:
            yield
        finally:
            self.recording.discard(point)

    def store_refuses(self, problem: StoreProblem) -> None:
        """The store takes no rows: one trouble of the building's, however many points wait for it."""
        said = problem.said
        self.emit(Trouble(STORE, said.en, said.zh, self.clock.now()))

    def unrecorded(self, point: str, problem: StoreProblem) -> None:
        """A point is let go of that cannot be recorded: at closing it may be hundreds, and one alert."""
        log.info("let go without a record", point=point, problem=str(problem))
        self.store_refuses(problem)

    def trouble(self, about: str, en: str, zh: str) -> None:
        """Tell the listeners, and keep it for the page."""
        at = self.clock.now()
        self.emit(Trouble(about, en, zh, at))
        self.store.notice(NoticeRow(at, "gateway", "trouble", about, en, zh))

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set or the seconds are over, whichever is first."""
        if self.sleep is asyncio.sleep:
            # without two tasks, which would also let three turns of the loop pass before a write is begun
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, seconds)):
                    await event.wait()
            return
        nap = asyncio.ensure_future(self.sleep(max(0.0, seconds)))
        woken = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({nap, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            woken.cancel()


@asynccontextmanager
async def _in_time(device: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Silent(device, "the driver did not return in time") from None
