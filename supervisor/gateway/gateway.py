"""The one writer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import Role
from config.site import Site
from drivers.protocol import FieldWriter
from drivers.readings import PriorityArray
from drivers.values import decode, standing
from schedules.time import Instant
from supervisor.clockwork.clock import Clock
from supervisor.core.decisions import KEEP, RELINQUISH, Because, Outcome
from supervisor.core.views import Held
from supervisor.gateway.allowlist import commandables
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context, Fits, Journal, Limits, as_the_file_says, role_limits
from supervisor.gateway.date_lists import DateLists
from supervisor.gateway.events import Event
from supervisor.gateway.left import Why, left
from supervisor.gateway.letting_go import LettingGo, handed_back
from supervisor.gateway.pacing import Rate, Starts
from supervisor.gateway.reads import Reads
from supervisor.gateway.release import Patience, Released, release
from supervisor.gateway.sent import ECHO
from supervisor.gateway.slot import Slot
from supervisor.gateway.worker import Worker
from supervisor.gateway.writes import MakeIntent, Writes, intent_row
from supervisor.store.rows import Kept, ResultRow, SlotKey

_FOREIGN = Phrase(
    "our slot holds what we did not write: left alone", "本系统占位的值并非本系统写入：保持不动"
)
_STATES = frozenset({Role.START_STOP, Role.RUN_STATUS, Role.MODE, Role.ACTION, Role.HAND_AUTO})
"""What a unit's controller may go by when it refuses to be told something."""
_RELEASED = Because("released on request", "应要求释放")


class SlotView(NamedTuple):
    """A point's slots as last read, values in the role's unit.

    `ours` is what our slot holds by the journal (None: nothing), `beneath` (the fallback) what the point
    would be if our slot were NULL, `override` the slot above ours that holds it, `foreign` a value in our
    slot that we did not write, `at` the site instant of the reading (−inf: never read). `array` has the
    wire's values.
    """

    ours: Value
    beneath: Value
    override: Held | None
    foreign: Value
    array: PriorityArray | None
    at: Instant
    has_array: bool


class Holding(NamedTuple):
    """What our slot holds by the journal, in the role's unit, since a site instant."""

    value: Value
    since: Instant


class Gateway:
    """Takes outcomes, and alone writes to the building.

    Everything that stands between a decision and a device stands here: allow-list, range, rate, dry run,
    write-on-change, journal, audit and read-back. `on_event` hears what happened, `on_array` each change of
    a priority array. `wall` and `sleep` are monotonic wall time (the loop's by default); `stamp` is POSIX
    seconds. A rehearsal has `surroundings` of its own, and an `intent_row` for an audit that nobody reads.
    `speed` is site seconds a wall second: starts are spread on the site clock, the write rate is the wire's.
    """

    def __init__(
        self,
        site: Site,
        driver: FieldWriter,
        store: Journal,
        clock: Clock,
        *,
        dry_run: bool | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_array: Callable[[str, PriorityArray], None] | None = None,
        limits: Limits = role_limits,
        fits: Fits = as_the_file_says,
        array_poll: float = 10.0,
        wall: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        stamp: Callable[[], float] = time.time,
        seed: int = 0,
        surroundings: type[Context] = Context,
        intent_row: MakeIntent = intent_row,
        speed: float = 1.0,
    ) -> None:
        wall = wall if wall is not None else asyncio.get_running_loop().time
        self.context = surroundings(
            site, driver, store, clock, wall, sleep, stamp,
            on_event or (lambda _: None), on_array or (lambda _p, _a: None), limits, fits,
            Rate(site.writes_per_minute, wall), Starts(site.stagger / speed, wall), array_poll,
            random.Random(seed),  # noqa: S311 - jitter, no secret
        )  # fmt: skip
        self._dry_run = dry_run
        self._reads = Reads(self.context)
        self._writes = Writes(self.context, self._reads, intent_row)
        self._letting_go = LettingGo(self._writes)
        self.points = commandables(site, dry_run)
        self.date_lists = DateLists(self.context, dry=site.dry_run if dry_run is None else dry_run)
        """Calendar objects."""
        self._orphans: list[Commandable] = []
        self.workers: dict[str, Worker] = {}
        self._refused: set[str] = set()
        self._closed = False

    # ------------------------------------------------------------------ what is wanted

    def submit(self, outcomes: Mapping[str, Outcome]) -> None:
        """Set what is wanted of points, by id; what was queued for them before is dropped. Never blocks.

        Points that are on no allow-list (read-only, on an escape route, virtual) are refused or not ours to
        know; points left out keep what was wanted of them.
        """
        if self._closed:
            return
        wall = self.context.wall()
        for name, outcome in outcomes.items():
            c = self.points.get(name)
            if c is None:
                self._off_list(name)
                continue
            if c.wish.submit(outcome, wall):
                c.sticks(None)
                c.pace.afresh(wall)
                if outcome.decision.value is RELINQUISH or c.is_undone:
                    c.pace.wait(wall)  # what was undone was another value: frost does not wait for that
                self._worker(c.key.device).enqueue(c)

    def foresee(self, name: str) -> None:
        """What the rules go by has changed at a point: if it is one that we may write and that rests, its slot is read meanwhile.
        Never blocks."""
        self._stir(name)
        c = self.points.get(name)
        if c is None or self._closed or c.dry or not c.adopted or c.wish.dirty or not c.slot.has_array:
            return
        if not self._worker(c.key.device).busy:
            self._reads.ahead.begin(c)

    def _stir(self, name: str) -> None:
        """Where a unit's state has changed: what its controller said no to is asked for again. Some take no setpoint while their
        unit is off, by hand, or in another mode."""
        for other in tuple(self.context.refused):
            c = self.points.get(other)
            if c is None or c.equipment is None or not c.pace.refused:
                self.context.refused.discard(other)
            elif other != name and any(
                c.equipment.points[role].id == name for role in _STATES & c.equipment.points.keys()
            ):
                c.pace.stir(self.context.wall())
                self._worker(c.key.device).enqueue(c)

    def again(self, name: str) -> None:
        """What its controller says of a point has changed: what is wanted of it is carried out anew, or let go of. Never blocks."""
        c = self.points.get(name)
        if c is not None and not self._closed and c.adopted and c.wish.outcome is not None:
            c.wish.report(None)
            c.wish.again()
            self._worker(c.key.device).enqueue(c)

    def _off_list(self, name: str) -> None:
        if name in self.context.site.points and name not in self._refused:
            self._refused.add(name)
            self.context.trouble(name, "refused: on no allow-list", "拒绝：不在可写列表")

    def _worker(self, device: str) -> Worker:
        worker = self.workers.get(device)
        if worker is None:
            worker = self.workers[device] = Worker(
                device, self.context, self._reads, self._writes, self._letting_go
            )
        return worker

    # ------------------------------------------------------------------ start

    async def adopt(self, deadline: float = 30.0) -> None:
        """Settle what an earlier run left, read every fallback, start the workers.

        Returns when each device has been gone through or found silent, at the latest after `deadline` seconds
        of wall time; a silent device is gone through when it comes back. Raises StoreProblem.
        """
        await self.load()
        for worker in self.workers.values():
            worker.start()
        until = self.context.wall() + deadline
        for worker in self.workers.values():
            await self.context.wait(worker.tried, until - self.context.wall())

    async def load(self) -> None:
        """Take the journal and the open intents of an earlier run into memory; reads and writes no device."""
        kept = await self.context.store.kept(self.context.stamp() - ECHO)
        self._take(kept)
        known = {c.name for c in self._all()}
        for intent in kept.open:
            if intent.point not in known:
                row = ResultRow(intent.id, self.context.clock.now(), "failed", None, "the point is gone")
                await self.context.record(self.context.store.commit_result(row), intent.point)
        for c in self._all():
            self._reads.tell(c)
            self._worker(c.key.device).add([c])

    def _take(self, kept: Kept) -> None:
        by_object = {c.key[:3]: c for c in self.points.values()}
        for row in kept.slots:
            c = by_object.get(row.key[:3])
            if c is None or row.key.priority not in (0, c.key.priority):
                c = Commandable(Slot(row.key, row.point))
                self._orphans.append(c)
            c.slot.journalled(row)
            if c.point is None:
                c.wish.again()
        wall = self.context.wall()
        for c in self._all():
            open_ = [o for o in kept.open if o.point == c.name and o.priority in (None, c.key.priority)]
            c.slot.remembered(open_, kept.sent.get(c.name, [])[::-1], wall)

    def _all(self) -> list[Commandable]:
        return [*self.points.values(), *self._orphans]

    # ------------------------------------------------------------------ end

    async def release_all(self, patience: Patience | float = 5.0, *, hold: bool = True) -> Released:
        """Stop writing, then let go of every slot, for as long as `patience` says (a number: s of wall time).

        Equipment with `on_exit: hold` keeps its slots unless `hold` is False. Starts are staggered as far as
        the time allows. What fails stays in the journal for the next start.
        """
        await self.stop()
        wait = patience if isinstance(patience, Patience) else Patience(patience)
        return await release(self.context, self._letting_go, self._all(), wait, hold=hold)

    async def stop(self) -> None:
        """Stop the workers wherever they are; nothing more is written. A new gateway takes up from here."""
        self._closed = True
        self._reads.ahead.end()
        await asyncio.gather(*(worker.stop() for worker in self.workers.values()))

    async def release(self, points: Iterable[str], deadline: float = 10.0) -> Released:
        """Let go of some points, and go on; what the engine submits next is carried out again."""
        chosen = [c for name in points if (c := self.points.get(name)) is not None]
        self.submit({c.name: handed_back(c, _RELEASED) for c in chosen})
        await self.settled(deadline, chosen)
        still = {c.name: left(c, Why.WAITED) for c in chosen if c.wish.dirty or c.owned is not None}
        return Released(tuple(c.name for c in chosen if c.name not in still), tuple(still.values()), ())

    async def settled(self, deadline: float, points: Iterable[Commandable] | None = None) -> bool:
        """Wait until nothing is left to do (for some points). False if the deadline came first."""
        chosen = list(points) if points is not None else self._all()
        until = self.context.wall() + deadline
        while any(c.wish.dirty or not c.adopted for c in chosen):
            left = until - self.context.wall()
            if left <= 0:
                return False
            self.context.changed.clear()
            await self.context.wait(self.context.changed, left)
        return True

    # ------------------------------------------------------------------ what is known

    def slot_view(self, point: str) -> SlotView:
        """A writable point's slots as last read. Raises KeyError for a point that is on no allow-list."""
        c = self.points[point]
        assert c.point is not None
        beneath = self._letting_go.after(c) if c.slot.has_array or c.owned is not None else c.slot.present
        return SlotView(
            ours=standing(c.point, c.owned.value) if c.owned is not None else None,
            beneath=decode(c.point, beneath),
            override=held_above(c),
            foreign=decode(c.point, c.slot.foreign),
            array=c.slot.array,
            at=c.slot.read_at,
            has_array=c.slot.has_array,
        )

    def held(self, point: str) -> Holding | None:
        """What our slot holds, unmasked; None where it holds nothing, or another master outranks it."""
        c = self.points.get(point)
        if c is None or c.point is None or c.owned is None or c.slot.uncertain or held_above(c) is not None:
            return None
        return Holding(standing(c.point, c.owned.value), c.owned.since)

    def at_rest(self, point: str) -> bool:
        """Nothing of it is ours, to be done, or in the way: as of most points of most buildings, asked of each at every look."""
        c = self.points.get(point)
        return c is None or (
            c.slot.row is None and not c.wish.dirty and c.stuck is None and c.slot.foreign is None
        )

    def unwritten(self, point: str) -> Phrase | None:
        """Why what is wanted of a point is not what stands in its device, as far as we know; None: nothing hinders it.

        What waits for its turn, or is under way, is not hindered.
        """
        c = self.points.get(point)
        if c is None or c.dry or c.wish.value in (None, KEEP):
            return None
        if c.slot.foreign is not None and c.wish.is_value:
            return _FOREIGN
        if c.stuck is not None:
            return c.stuck
        worker = self.workers.get(c.key.device)
        return worker.hindered if worker is not None and c.wish.dirty else None

    def unread(self, point: str) -> Phrase | None:
        """Why the slots of a point are not known, as far as its device has said; None: they are, or nothing was said."""
        c = self.points.get(point)
        worker = self.workers.get(c.key.device) if c is not None and c.slot.array is None else None
        return worker.said if worker is not None else None

    @property
    def fallbacks(self) -> dict[str, Value]:
        """What each writable point becomes when our slot is NULL, in the role's unit; None: not read yet."""
        return {name: self.slot_view(name).beneath for name in self.points}

    @property
    def owned(self) -> dict[str, SlotKey]:
        """The slots that we hold, by point."""
        return {c.name: row.key for c in self._all() if (row := c.slot.row) is not None}

    async def refresh_array(self, point: str) -> PriorityArray | None:
        """Read a point's array now, in turn with its device's writes (None: no array). Raises DriverError."""
        c = self.points[point]
        worker = self._worker(c.key.device)
        async with worker.lock:
            await self._reads.refresh(c)
            await self._reads.sort_out(c)
        if c.wish.dirty:
            worker.enqueue(c)
        return c.slot.array

    def device_answers(self, device: str) -> None:
        """A reading came from the device: do not wait out its silence."""
        if device in self.workers:
            self.workers[device].answers()

    def device_restarted(self, device: str) -> None:
        """The device says that it has started, or was away: what its slots held may be lost, and nobody's doing."""
        self.context.restarted[device] = self.context.wall()

    def device_heard(self, device: str) -> None:
        """The device was read: it is not silent, whatever it does not say of a slot."""
        if device in self.workers:
            self.workers[device].heard()

    def writable(self, point: Point) -> bool:
        """Whether a point is on the allow-list."""
        return point.id in self.points
