"""Reading a slot: what is in it, whose it is, and what has become of what we left there."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Final

from config.phrase import Phrase
from config.roles import ROLES, Shape
from drivers.protocol import (
    Address,
    DriverError,
    Heedful,
    Misconfigured,
    Retryable,
    Silent,
    Slotted,
    Watchful,
)
from drivers.readings import PriorityArray
from drivers.values import decode, encode
from supervisor.core.decisions import Decision, Special
from supervisor.gateway.ahead import Ahead
from supervisor.gateway.bends import short, told
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context
from supervisor.gateway.effects import Ask, Bend, Drop, Effect, Late, Put, Stranger
from supervisor.gateway.events import Enforced, Holds, Lost, Overridden
from supervisor.gateway.pacing import RESTARTED_RETRY, UNDONE_AT_ONCE, UNDONE_WITHIN, undone
from supervisor.gateway.transitions import SETTLED, State
from supervisor.gateway.warning import WARN_OFF, warns
from supervisor.store.rows import ResultRow

ARRAY_CALLS = 2
"""Deadlines of a driver's call in which an array must be read: its slots, its default, its egress. One more would let a
slow device finish, and keep a building on a bad line waiting behind each datagram that is lost."""
LOOKS = 4
"""How often a slot is read again that is said not to be ours any more; a site choice."""

_HAS_ARRAY = Phrase(
    "the object has a priority array: say `priority_array: true`",
    "该对象有优先级数组，请写 `priority_array: true`",
)

_HAD_ARRAY = (
    "it says that it has no priority array, and had one: whether slot {} still holds our value cannot be read"
)


_UNDONE: Final = Phrase(
    "our slot was emptied again and again, or taken, soon after it was filled: it is filled ever more rarely; see what else "
    "commands it, or whether its controller keeps restarting",
    "本系统的优先级写入后屡次很快被清空或改写：将逐渐降低写入频率；请检查是否另有系统在控制，或控制器是否反复重启",
)
_RESTARTS: Final = Phrase(
    "its controller starts again and again, and forgets what its slots held: ours is filled again each time, once in a minute at "
    "most; see to its power supply and its programme",
    "控制器反复重启并丢失优先级数组：本系统每次都会重新写入，每分钟最多一次；请检查其供电和程序",
)


class Reads:
    """Reads of one gateway. Everything raises DriverError, and StoreProblem where the journal changes."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ahead = Ahead(context.site, context.wall, self._once)
        """What is read before anybody wants it."""

    async def together(self, device: str, points: Sequence[Commandable]) -> dict[Address, PriorityArray]:
        """The priority arrays of points of one device that its driver gives together; the others are read one by one, where
        also what hinders it is said."""
        driver = self.context.driver
        if not isinstance(driver, Slotted):
            return {}
        try:
            async with self.context.within(device, calls=ARRAY_CALLS):
                return await driver.read_arrays([c.address for c in points])
        except DriverError:
            return {}

    async def refresh(self, c: Commandable, known: PriorityArray | None = None) -> None:
        """Read the priority array, or where there is none the present value, and tell who must know. `known` is the array
        where it was read just now."""
        ctx = self.context
        if c.point is not None:
            c.measured(ctx.fits(c.point))
        if c.slot.has_array:
            array = known or await self.ahead.take(c) or await self._array(c)
            if array is not None:
                self._take(c, array)
                return
            # No such property, or no such object? Where the value can be read, only the array is missing.
            await self.read_present(c)
            if c.owned is not None and c.owned.has_array:
                # It had one when we wrote: while it boots, or after other firmware. Our value may still stand there.
                raise Misconfigured(c.key.device, _HAD_ARRAY.format(c.key.priority))
            self._without_array(c)
        else:
            await self.read_present(c)
        c.slot.heard_at(ctx.clock.now())

    async def know_states(self, c: Commandable) -> None:
        """Before a switch or a mode is written for the first time: what its controller calls its states is asked, for as long as one
        call may take. What was not said by then hinders no write: other points of the device wait behind this one."""
        if c.point is None or c.dry or ROLES[c.point.role].shape is Shape.NUMBER:
            return
        if isinstance(driver := self.context.driver, Heedful):
            with contextlib.suppress(Silent):
                async with self.context.within(c.key.device):
                    await driver.know_states(c.address)

    async def _once(self, c: Commandable) -> PriorityArray:
        async with self.context.within(c.key.device, calls=ARRAY_CALLS):
            return await self.context.driver.read_array(c.address)

    async def _array(self, c: Commandable) -> PriorityArray | None:
        """The priority array; None where the object says time and again that it has none: a slot of ours that is taken for
        none would be left behind for good."""
        for again in range(LOOKS):
            try:
                return await self._once(c)
            except Misconfigured:
                if again and c.slot.array is None:
                    return None  # never seen to have one: twice is enough
        return None

    async def read_present(self, c: Commandable) -> float | int | None:
        """Present_Value as a number, None where the device gave none. Raises DriverError."""
        ctx = self.context
        async with ctx.within(c.key.device):
            answers = await ctx.driver.read([c.address])
        error = answers[0].error
        if error is not None:
            raise error
        value = answers[0].value
        c.is_flagged(answers[0].fault)
        c.slot.heard_present(None if value is None or isinstance(value, str) else value)
        return c.slot.present

    async def check_array(self, c: Commandable) -> None:
        """See whether an object that is to have no priority array has one after all. Raises DriverError.

        A write without a priority would land in its slot 16 (ASHRAE 135 §19.2.1), which is nobody's: nothing
        would tell it from the controller's own programme, and nobody would ever take it back.
        """
        c.fits(None)
        try:
            async with self.context.within(c.key.device, calls=ARRAY_CALLS):
                await self.context.driver.read_array(c.address)
        except Silent:
            raise
        except DriverError:
            # However it says that it has none: the site file said so first.
            return
        c.fits(_HAS_ARRAY)
        self.context.trouble(
            c.name,
            "not written: the site file says `priority_array: false`, but the object has one",
            "未写入：配置为 priority_array: false，但该对象有优先级数组",
        )

    def _without_array(self, c: Commandable) -> None:
        if c.point is not None and c.point.priority_array:
            self.context.trouble(
                c.name,
                "the object has no priority array: say `priority_array: false`; until then it is taken to have none",
                "该对象没有优先级数组：请写 priority_array: false；目前按没有优先级数组处理",
            )
        c.slot.without_array()

    def _take(self, c: Commandable, array: PriorityArray) -> None:
        ctx = self.context
        now = ctx.clock.now()
        before = c.slot.heard_array(array, now)
        if c.point is None or before == array:
            return
        priority = c.key.priority
        above = array.above(priority)
        if above != (before.above(priority) if before is not None else None):
            held = held_above(c)
            ctx.emit(Overridden(c.name, held, now))
            outcome = c.wish.outcome
            if held is None and before is not None and outcome is not None and not c.wish.dirty:
                if c.flagged:
                    c.wish.again()  # as it was when it was last looked at
                else:
                    self.count(c, outcome.decision)
        ctx.array_changed(c.name, array)

    def tell(self, c: Commandable) -> None:
        """Tell the listeners what our slot holds, if that is news."""
        news = c.slot.news() if c.point is not None else None
        if news is not None and c.point is not None:
            self.context.emit(Holds(c.name, decode(c.point, news[0]), self.context.clock.now()))

    def count(self, c: Commandable, decision: Decision) -> None:
        """Count an enforcement once, when a decision of ours stands in the device unmasked.

        What the controller made of a value counts where it keeps the limit, and not otherwise.
        """
        if c.owned is None or c.slot.uncertain or held_above(c) is not None:
            return
        if isinstance(decision.value, Special) or c.flagged:
            return
        if c.slot.state is State.BENT and not c.keeps(self.context.limits):
            return
        if short(c, decision.value, self.context.limits) is not None:
            return
        if c.wish.count(decision):
            self.context.emit(Enforced(c.name, decision.rule, decision.value, self.context.clock.now()))

    async def sort_out(self, c: Commandable) -> None:
        """Make the journal agree with what was just read: ours, foreign, or gone. Settles open intents.

        A slot of ours is not given up on one answer, which may have been another's, falsified or half lost: it is read
        again until two answers in a row agree. Raises Retryable where they do not.
        """
        # Each step is entered only where there is something to do: nearly always a slot is as it was left.
        if c.slot.estranged(self.context.wall()):
            await self._twice(c)
        if c.slot.open:
            await self._settle(c)
        if effects := c.slot.sort(self.context.clock.now(), self.context.wall()):
            await self.carry(c, effects)
        if c.astray and c.slot.state in SETTLED and c.slot.value is not None:
            c.keeps_ours()  # late, or it is mended
        self.tell(c)

    async def _twice(self, c: Commandable) -> None:
        """Read a slot again while what was read would end what is ours, until it says the same of it twice in a row."""
        for _ in range(LOOKS):
            if not c.slot.estranged(self.context.wall()):
                return
            doubted = c.slot.found
            await self.refresh(c)
            if c.slot.found is doubted or c.slot.same(c.slot.found, doubted):
                return
        raise Retryable(c.key.device, "it says now this and now that of our slot")

    async def carry(self, c: Commandable, effects: list[Effect]) -> None:
        """Tell, journal and ask again, in the order in which the slot says so."""
        ctx = self.context
        for effect in effects:
            if isinstance(effect, Ask):
                _ask(c, effect)
            elif isinstance(effect, Put):
                await ctx.record(ctx.store.put_slot(effect.row), c.name)
            elif isinstance(effect, Drop):
                await ctx.record(ctx.store.drop_slot(effect.key), c.name)
            elif isinstance(effect, Stranger):
                shown = effect.value
                ours = any(isinstance(each, Drop) for each in effects)
                if ours and ctx.wall() - c.pace.handed < UNDONE_WITHIN:
                    # in the place of what we wrote: where that goes on, ours is put back ever more rarely
                    self._undone(c)
                ctx.trouble(
                    c.name,
                    f"our slot {effect.priority} holds {shown}, which we did not write: left alone",
                    f"优先级 {effect.priority} 的值 {shown} 不是本系统写入：保持不动",
                )
            elif isinstance(effect, Bend):
                ctx.trouble(c.name, *told(c, effect, ctx.limits))
            elif isinstance(effect, Late):
                _overdue(c)
            else:
                ctx.emit(effect)
        if any(isinstance(effect, Lost) for effect in effects):
            # last, for it waits for the controller: what was found must be journalled whatever becomes of that
            await self._look_for_restart(c)
            self._undone(c)

    async def _look_for_restart(self, c: Commandable) -> None:
        """A controller that starts between two polls and says nothing is asked for it where our slot is empty. That several are empty
        at once proves nothing: so they are where somebody lets go of all of them."""
        ctx = self.context
        if isinstance(ctx.driver, Watchful) and ctx.wall() - c.pace.handed < UNDONE_WITHIN:
            with contextlib.suppress(DriverError):
                async with ctx.within(c.key.device):
                    await ctx.driver.look_for_restart(c.key.device)

    def _undone(self, c: Commandable) -> None:
        """Our slot is empty, and we did not empty it. Where that happens again and again soon after it was filled, it is filled
        ever more rarely, and a person is told once: something undoes what we write."""
        ctx = self.context
        stood = ctx.wall() - c.pace.handed
        times, pause = c.found_empty(soon=stood < UNDONE_WITHIN), undone(c.undone)
        restarted = ctx.restarted.get(c.key.device, -math.inf) >= c.pace.handed
        if restarted:
            # nobody's programme, and no memory that wears out: a controller that forgets is told again
            pause = min(pause, max(0.0, RESTARTED_RETRY - stood))
        if pause > 0:
            c.pace.wait(ctx.wall() + pause)
        if times == UNDONE_AT_ONCE + 1:
            ctx.trouble(c.name, *(_RESTARTS if restarted else _UNDONE))

    async def _settle(self, c: Commandable) -> None:
        """Give each intent that a crash or a cancel left open its result, by what the slot holds."""
        while c.slot.open:
            intent = c.slot.open[0]
            warned = intent.wire == WARN_OFF and warns(c)
            ok = c.slot.came_true(intent, self.context.wall(), warns_off=warned)
            detail = "settled by reading the slot back"
            now = self.context.clock.now()
            row = ResultRow(intent.id, now, "ok" if ok else "failed", c.slot.value, detail)
            if not await self.context.record(self.context.store.commit_result(row), c.name):
                return
            c.slot.closed(intent.id)


def _overdue(c: Commandable) -> None:
    """What was taken to be ignored stands there: where it is still what is wanted, its delay is learnt and it counts."""
    decision = c.wish.outcome.decision if c.wish.outcome is not None else None
    if decision is None or c.point is None or isinstance(decision.value, Special):
        return
    if c.slot.same(encode(c.point, decision.value), c.slot.written):
        c.pace.overdue()


def _ask(c: Commandable, ask: Ask) -> None:
    """What follows for what is wanted of a point."""
    wish = c.wish
    if ask is Ask.UNCOUNT:
        wish.uncount()
    elif ask is Ask.FORGET_VALUE:
        if wish.is_value:
            wish.forget()
    elif (
        ask is Ask.AGAIN
        or (ask is Ask.AGAIN_IF_VALUE and wish.is_value)
        or (ask is Ask.AGAIN_IF_WANTED and wish.outcome is not None)
    ):
        wish.again()
