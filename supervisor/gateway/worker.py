"""One task a device: its writes in order, its polls between them, its silence nobody else's matter."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from itertools import islice

from config.phrase import Phrase
from drivers.protocol import DriverError, Retryable, Silent, Withheld
from drivers.readings import PriorityArray
from drivers.refused import in_both
from supervisor.clockwork.turns import urgently
from supervisor.core.decisions import KEEP, RELINQUISH, Because, Special
from supervisor.gateway.bends import broken
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context
from supervisor.gateway.convoy import MOST, Convoy
from supervisor.gateway.letting_go import LettingGo, handed_back
from supervisor.gateway.pacing import REFUSED_RETRY, backoff
from supervisor.gateway.reads import Reads
from supervisor.gateway.sent import ECHO
from supervisor.gateway.writes import Writes, superseded
from supervisor.store import StoreProblem

STORE_RETRY = 5.0
"""Seconds before a write that the database did not take is tried again."""
UNRENEWED = 60.0
"""Seconds of wall time that a held decision may stay past its expiry: whoever renews it has stopped."""
ECHOES = 120.0
"""Seconds after a write for which its slot is watched although it was let go: the network may keep a copy."""
BEAT = 60.0
"""Seconds between two toggles of a heartbeat (design §4.6)."""
IDLE = 3600.0
FEW = 2
"""Points under which there is nothing to do together."""
_WORSE = Because("what its controller makes of it is worse than what stands beneath: handed back",
                 "控制器对写入值的处理结果比释放后更差：交还")  # fmt: skip
_CONTRADICTED = Because("its controller calls its states otherwise than the site file: handed back",
                        "控制器自己的状态文字与配置不符：交还")  # fmt: skip
_ASTRAY = Because("its controller puts what is written into another slot: handed back",
                  "控制器把写入的值放到了别的优先级：交还")  # fmt: skip
MOST_AT_ONCE = 64
"""Points looked at in one go: two or three requests, some milliseconds of work."""
STRIDE = 8
"""Of them, those looked at in one turn of the loop."""
UNREAD = 3
"""Looks in a row at a slot without an answer that can be used, after which a person is told, where the device answers about its
other points: two may be a bad line. A site choice."""
SOON = 0.1
"""Share of a period by which a poll of slots comes early to go together with others."""


class Worker:
    """Serves the commandable points of one device, one call at a time."""

    def __init__(
        self, device: str, context: Context, reads: Reads, writes: Writes, letting_go: LettingGo
    ) -> None:
        self.device = device
        self.context = context
        self.reads = reads
        self.writes = writes
        self.letting_go = letting_go
        self.points: dict[int, Commandable] = {}
        self.queue: dict[int, Commandable] = {}
        """Points with something to do, in the order in which it was asked."""
        self.lock = asyncio.Lock()
        self.woken = asyncio.Event()
        self.tried = asyncio.Event()
        """Set once every point was adopted, or the device found silent."""
        self.silent_until = self.heard_at = -math.inf
        self.failures = 0
        self.hindered: Phrase | None = None
        """What the device said, or that it said nothing, when it could not be written or read last."""
        self.said: Phrase | None = None
        """The same in the device's own words."""
        self.task: asyncio.Task[None] | None = None

    def add(self, points: Iterable[Commandable]) -> None:
        """Serve these points too."""
        for c in points:
            self.points[id(c)] = c
            self.enqueue(c)

    @property
    def busy(self) -> bool:
        """Something of the device is just being read or written."""
        return self.lock.locked()

    def enqueue(self, c: Commandable) -> None:
        """There is something to do for a point."""
        self.queue.setdefault(id(c), c)
        self.woken.set()

    def start(self) -> None:
        """Start the task."""
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._run(), name=f"gateway {self.device}")

    async def stop(self) -> None:
        """Cancel the task wherever it is; what it left behind is settled by whoever comes next."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    def answers(self) -> None:
        """Somebody else heard from the device: try again now."""
        self.failures = 0
        if self.silent_until > self.context.wall():
            self.silent_until = -math.inf
            self.woken.set()

    def heard(self) -> None:
        """Somebody else read the device: what it does not answer us about is not its silence."""
        self.heard_at = self.context.wall()

    async def _run(self) -> None:
        ctx = self.context
        while True:
            self.woken.clear()
            c, due, polling = self._next()
            if c is None:
                self.tried.set()
                await ctx.wait(self.woken, min(IDLE, due - ctx.wall()))
                continue
            async with self.lock:
                if polling or not c.adopted:
                    if not await self._look(c, polling):
                        await self.step(c, polling)
                else:
                    with urgently():
                        await self._write_due(c)
            ctx.changed.set()

    def _next(self) -> tuple[Commandable | None, float, bool]:
        """The first point whose time has come and whether it is a poll; else None and when to look again."""
        now = self.context.wall()
        if now < self.silent_until:
            return None, self.silent_until, False
        soonest = math.inf
        for c in self.queue.values():
            due = max(c.pace.not_before, self.context.starts.next_at if c.wish.starting else -math.inf)
            if due <= now:
                return c, now, False
            soonest = min(soonest, due)
        for c in self.points.values():
            if c.pace.poll_at <= now:
                return c, now, True
            soonest = min(soonest, c.pace.poll_at)
        return None, soonest, False

    def _with(self, c: Commandable) -> list[Commandable]:
        """Other points whose time has come, to be written in the same request as `c`."""
        if self.context.driver.write_many is None:
            return []
        now = self.context.wall()
        due = (o for o in self.queue.values() if o is not c and o.adopted and not o.wish.starting)
        return list(islice((o for o in due if o.pace.not_before <= now), MOST - 1))

    async def _look(self, c: Commandable, polling: bool) -> bool:
        """Look at the slots of all points that wait for no more than that, by what its driver gives together. False where the
        first of them has to be read by itself."""
        group = self._to_look_at(c, polling)
        if len(group) < FEW:
            return False
        arrays = await self.reads.together(self.device, group)
        for number, each in enumerate(group):
            if (array := arrays.get(each.address)) is not None:
                await self.step(each, polling, array)
                if polling and self._to_write():
                    break  # the others are looked at after that
                if number % STRIDE == STRIDE - 1:
                    await asyncio.sleep(0)  # others of the building are not held up
        return c.address in arrays

    def _to_write(self) -> bool:
        """Whether something waits to be written now."""
        c, _, polling = self._next()
        return c is not None and c.adopted and not polling

    def _to_look_at(self, c: Commandable, polling: bool) -> list[Commandable]:
        """Points that are polled soon anyway, or have to be adopted, as `c` has."""
        now = self.context.wall()
        found: Iterable[Commandable]
        if polling:
            soon = now + SOON * self.context.array_poll
            found = (o for o in self.points.values() if o.pace.poll_at <= soon and not o.heartbeat)
        else:
            found = (o for o in self.queue.values() if not o.adopted and o.pace.not_before <= now)
        return list(islice((o for o in found if o.slot.has_array), MOST_AT_ONCE))

    async def _write_due(self, c: Commandable) -> None:
        """Write a point, and with it what is due too."""
        due_too = self._with(c)
        if due_too:
            await self._together([c, *due_too])
        else:
            await self.step(c, polling=False)

    async def _together(self, points: list[Commandable]) -> None:
        """Carry out several points side by side, their writes in one request."""
        convoys = self.writes.convoys
        tasks = asyncio.TaskGroup()
        convoy = Convoy(self.context, self.device, len(points), tasks)
        try:
            async with tasks:
                for c in points:
                    convoys[id(c)] = convoy
                    tasks.create_task(self._march(c, convoy))
        finally:
            convoy.end()
            for c in points:
                convoys.pop(id(c), None)

    async def _march(self, c: Commandable, convoy: Convoy) -> None:
        before = c.pace.handed
        await self.step(c, False)
        if c.pace.handed == before:
            convoy.leave()

    async def step(self, c: Commandable, polling: bool, array: PriorityArray | None = None) -> None:
        """Adopt, write or poll one point, whose `array` may just have been read; trouble with it never ends the task."""
        ctx, read_at = self.context, c.slot.read_at
        try:
            if polling and c.heartbeat:
                await self.writes.beat(c)
            elif polling:
                await self._poll(c, array)
            elif not c.adopted:
                await self._adopt(c, array)
            else:
                await self._carry_out(c)
            self.failures, self.heard_at = 0, ctx.wall()
            c.pace.answered()
            self.hindered = self.said = None
            c.no_more_odd()
        except Retryable as error:
            self.said = in_both(error.message)
            self.hindered = Phrase("not carried out", "未能执行").detailed(self.said)
            lives = isinstance(error, Silent) and error.lives
            only_this = self._silence(c, of_all=isinstance(error, Withheld), lives=lives)
            if only_this and c.slot.read_at == read_at and c.pace.silences >= UNREAD:
                self._says(c, error)
            return
        except DriverError as error:
            c.pace.wait(ctx.wall() + REFUSED_RETRY)
            self._says(c, error)
        except StoreProblem as problem:
            c.pace.wait(ctx.wall() + STORE_RETRY)
            c.sticks(problem.said)
            ctx.store_refuses(problem)
        except Exception as error:
            # A defect met at one point must not silence the others of its device.
            self._trouble(c, f"internal error: {error!r}", f"内部错误：{error!r}")
        self._settle_queue(c)

    async def _carry_out(self, c: Commandable) -> None:
        """One step towards what is wanted. Raises Retryable when the device is silent, StoreProblem."""
        ctx = self.context
        # A slot left from before the point was taken off the list, or its zone put into dry run.
        if (c.point is None or c.dry) and not await self.letting_go.let_go(c, handed_back(c), forced=True):
            return
        outcome = c.wish.outcome
        if outcome is None or outcome.decision.value is KEEP or c.point is None:
            c.wish.nothing_to_do()
            return
        if outcome.decision.value is not RELINQUISH:
            await self.reads.know_states(c)
            if superseded(c, outcome):
                return  # a fire may have begun meanwhile, in which nothing of the point is touched
        c.tries_again(ctx.wall())
        if (
            c.owned is not None
            and (why := self._unwritable(c)) is not None
            and not await self.letting_go.let_go(c, handed_back(c, why), forced=True)
        ):
            return
        if await self.writes.expired(c, outcome):
            return
        hindrance = c.stuck
        if outcome.decision.value is RELINQUISH:
            c.wish.report(None)
            done = await self.letting_go.let_go(c, outcome)
        else:
            done = await self.writes.hold(c, outcome)
            if done and c.owned is not None and c.worse(ctx.limits):
                done = await self._better_without(c)
        if done and not superseded(c, outcome):
            c.wish.done()
            c.pace.agreed()
            if c.stuck is hindrance:
                c.sticks(None)

    def _unwritable(self, c: Commandable) -> Because | None:
        """Why nothing of ours may stand in a point at all."""
        if c.stray is not None:
            return _ASTRAY
        return _CONTRADICTED if self.writes.contradicted(c) else None

    async def _better_without(self, c: Commandable) -> bool:
        """The controller makes of ours what is worse than what it would do by itself: let go of it, and leave it so until
        something else is wanted. Raises Retryable, StoreProblem."""
        why = broken(c)
        if not await self.letting_go.let_go(c, handed_back(c, _WORSE), forced=True):
            return False
        said = why.detailed(Phrase("let go", "已释放"))
        c.sticks(said)
        self.context.trouble(c.name, *said)
        return True

    def _trouble(self, c: Commandable, en: str, zh: str) -> None:
        """Leave a point alone for long, and tell a person why, once for as long as it stays so."""
        c.pace.wait(self.context.wall() + REFUSED_RETRY)
        if c.is_odd(Phrase(en, zh)):
            self.context.trouble(c.name, en, zh)

    def _says(self, c: Commandable, error: DriverError) -> None:
        """Tell a person once why a point cannot be commanded, for as long as it stays so."""
        said = Phrase("cannot be commanded", "无法控制").detailed(in_both(error.message))
        if c.is_odd(said):
            self.context.trouble(c.name, *said)

    def _silence(self, c: Commandable, *, of_all: bool, lives: bool) -> bool:
        """Leave a silent device alone for a while, or the one point that it does not answer about, where it `lives`; whether it is only
        that."""
        now = self.context.wall()
        if now < self.silent_until:
            # One of those that went with it has found out already.
            c.pace.silent(now)
            return False
        c.pace.silence()
        if id(c) in self.queue:
            self.queue[id(c)] = self.queue.pop(id(c))
        only_this = lives or (
            not of_all and c.pace.silent_at is not None and self.heard_at > c.pace.silent_at
        )
        if only_this:
            c.pace.only_this(now, self.context.rng)
        else:
            self.failures += 1
            self.silent_until = now + backoff(self.failures, self.context.rng)
        c.pace.silent(now)
        return only_this

    def _settle_queue(self, c: Commandable) -> None:
        """Take a finished point off the queue and set its next poll."""
        now = self.context.wall()
        if c.adopted and not c.wish.dirty:
            self.queue.pop(id(c), None)
            if not self.queue:
                self.queue.clear()  # gives back the room that a start's hundreds had
        elif c.adopted and not c.wish.starting:
            # Superseded while it was under way, or told to wait: never at once, so that nothing can spin.
            c.pace.breathe(now)
        # one that was ever late may still hold copies of what was sent again and again, were it prompt by now
        late = self.device in self.context.landing
        echoes = c.slot.sent.age(now) < (ECHO if late else ECHOES)
        watched = c.owned is not None or c.slot.foreign is not None or held_above(c) is not None or echoes
        if c.heartbeat:
            c.pace.poll(now + BEAT if c.adopted and not c.dry else math.inf)
        else:
            again = c.stray_until if c.stray is not None else math.inf
            c.pace.poll(now + self.context.array_poll if watched else again)

    async def _adopt(self, c: Commandable, array: PriorityArray | None) -> None:
        """Read what a point's slot holds at the start, and settle what was left open."""
        if c.point is not None and not c.point.priority_array:
            await self.reads.check_array(c)
        await self.reads.refresh(c, array)
        await self.reads.sort_out(c)
        c.adopt()
        c.sticks(None)
        if c.owned is not None and (c.point is None or c.dry):
            c.wish.again()

    async def _poll(self, c: Commandable, array: PriorityArray | None) -> None:
        ctx = self.context
        await self.reads.refresh(c, array)
        await self.reads.sort_out(c)
        if c.tries_again(ctx.wall()) and c.wish.is_value:
            c.wish.again()
        if c.wish.dirty:
            self.enqueue(c)
        wanted = c.wish.outcome
        if wanted is None or c.owned is None or isinstance(wanted.decision.value, Special):
            return
        renewed = ctx.clock.now() <= wanted.decision.expires
        if c.wish.past_expiry(ctx.wall(), renewed=renewed) > UNRENEWED:
            c.wish.lapse(wanted)
            c.wish.again()
            self.enqueue(c)
            ctx.trouble(c.name, "a decision was not renewed: let go", "决定未续期：已释放")
