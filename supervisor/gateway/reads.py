"""Reading a slot: what is in it, whose it is, and what has become of what we left there."""

from __future__ import annotations

from collections.abc import Awaitable

from config.points import decode
from drivers.protocol import DriverError, Misconfigured, Silent
from drivers.readings import PriorityArray
from supervisor.core.decisions import Decision, Special
from supervisor.gateway.audit import journal_row
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context
from supervisor.gateway.events import Enforced, Foreign, Holds, Lost, Overridden
from supervisor.gateway.warning import WARN_OFF, warns
from supervisor.store.rows import OpenIntent, ResultRow

ECHO = 600.0
"""Seconds for which a value that we sent counts as ours if it turns up in our slot again: a duplicate that
the network kept. A site choice."""

ARRAY_CALLS = 2
"""Deadlines of a driver's call in which an array must be read: its slots, its default, its egress. One more would let a
slow device finish, and keep a building on a bad line waiting behind each datagram that is lost."""


class Reads:
    """Reads of one gateway. Everything raises DriverError, and StoreProblem where the journal changes."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def refresh(self, c: Commandable) -> None:
        """Read the priority array, or where there is none the present value, and tell who must know."""
        ctx = self.context
        if c.has_array:
            try:
                array = await ctx.within(c.key.device, ctx.driver.read_array(c.address), calls=ARRAY_CALLS)
            except Misconfigured:
                # No such property, or no such object? Where the value can be read, only the array is missing.
                await self.read_present(c)
                self._without_array(c)
            else:
                assert isinstance(array, PriorityArray)
                self._take(c, array)
                return
        else:
            await self.read_present(c)
        c.read_at = ctx.clock.now()

    async def read_present(self, c: Commandable) -> float | int | None:
        """Present_Value as a number, None where the device gave none. Raises DriverError."""
        ctx = self.context
        answers = await ctx.within(c.key.device, ctx.driver.read([c.address]))
        assert isinstance(answers, list)
        error = answers[0].error
        if error is not None:
            raise error
        value = answers[0].value
        c.present = None if value is None or isinstance(value, str) else value
        return c.present

    async def check_array(self, c: Commandable) -> None:
        """See whether an object that is to have no priority array has one after all. Raises DriverError.

        A write without a priority would land in its slot 16 (ASHRAE 135 §19.2.1), which is nobody's: nothing
        would tell it from the controller's own programme, and nobody would ever take it back.
        """
        c.misfit = None
        try:
            await self.context.within(
                c.key.device, self.context.driver.read_array(c.address), calls=ARRAY_CALLS
            )
        except Silent:
            raise
        except DriverError:
            # However it says that it has none: the site file said so first.
            return
        c.misfit = "the object has a priority array: say `priority_array: true`"
        self.context.trouble(
            c.name,
            "not written: the site file says `priority_array: false`, but the object has one",
            "未写入：配置为 priority_array: false，但该对象有优先级数组",
        )

    def _without_array(self, c: Commandable) -> None:
        if c.point is not None and c.point.priority_array:
            self.context.trouble(
                c.name,
                "the object has no priority array: say `priority_array: false`; until then it is taken to",
                "该对象没有优先级数组：请写 priority_array: false；目前按此处理",
            )
        c.has_array = False
        if c.owned is None:
            c.key = c.key._replace(priority=0)
        c.array = None

    def _take(self, c: Commandable, array: PriorityArray) -> None:
        ctx = self.context
        before, c.array, c.read_at = c.array, array, ctx.clock.now()
        if c.point is None or before == array:
            return
        priority = c.key.priority
        above = array.above(priority)
        if above != (before.above(priority) if before is not None else None):
            held = held_above(c)
            ctx.emit(Overridden(c.name, held, c.read_at))
            if held is None and before is not None and c.wanted is not None and not c.dirty:
                self.count(c, c.wanted.decision)
        ctx.array_changed(c.name, array)

    def tell(self, c: Commandable) -> None:
        """Tell the listeners what our slot holds, if that is news."""
        value = c.owned.value if c.owned is not None else None
        if value == c.told or c.point is None:
            return
        c.told = value
        self.context.emit(Holds(c.name, decode(c.point, value), self.context.clock.now()))

    def count(self, c: Commandable, decision: Decision) -> None:
        """Count an enforcement once, when a decision of ours stands in the device unmasked."""
        if c.owned is None or c.uncertain or held_above(c) is not None:
            return
        if isinstance(decision.value, Special) or c.enforced == (decision.rule, decision.value):
            return
        c.enforced = (decision.rule, decision.value)
        self.context.emit(Enforced(c.name, decision.rule, decision.value, self.context.clock.now()))

    async def sort_out(self, c: Commandable) -> None:
        """Make the journal agree with what was just read: ours, foreign, or gone. Settles open intents.

        A slot of ours is not given up on one answer, which may have been another's or half lost: it is read again.
        """
        if self._estranged(c):
            await self.refresh(c)
        await self._settle(c)
        await self._sort_out(c)
        self.tell(c)

    @staticmethod
    def _estranged(c: Commandable) -> bool:
        """Whether the last answer says that a slot of ours is empty, or holds what we did not put there."""
        if c.owned is None:
            return False
        return not c.uncertain if c.slot is None else c.has_array and not c.is_ours(c.slot)

    async def _sort_out(self, c: Commandable) -> None:
        found, owned = c.slot, c.owned
        if not c.has_array:
            if owned is not None and found is None and not c.uncertain:
                await self._lost(c)
            return
        if found is None:
            self._foreign(c, None)
            if owned is not None and not c.uncertain:
                await self._lost(c)
        elif owned is not None and c.is_ours(found):
            self._foreign(c, None)
            if not c.same(owned.value, found) and not c.leaving(self.context.wall()):
                c.owned = owned._replace(value=found)
                await self._record(c, self.context.store.put_slot(c.owned))
        elif self._is_echo(c, found):
            await self._echo(c, found)
        else:
            self._foreign(c, found)
            if owned is not None:
                c.owned, c.enforced = None, None
                await self._record(c, self.context.store.drop_slot(owned.key))

    def _is_echo(self, c: Commandable, found: float | int) -> bool:
        since = self.context.wall() - ECHO
        return any(at >= since and c.same(found, wire) for wire, at in c.sent)

    async def _echo(self, c: Commandable, found: float | int) -> None:
        """A late duplicate of our own write: ours again, and to be let go unless it is wanted."""
        c.owned = journal_row(c, found, "echo", self.context.clock.now())
        c.dirty = True
        await self._record(c, self.context.store.put_slot(c.owned))

    async def _record(self, c: Commandable, commit: Awaitable[object]) -> bool:
        return await self.context.record(commit, c.name)

    async def _lost(self, c: Commandable) -> None:
        assert c.owned is not None
        owned, c.owned = c.owned, None
        self.context.emit(Lost(c.name, self.context.clock.now()))
        wanted = c.wanted.decision.value if c.wanted is not None else None
        if wanted is not None and not isinstance(wanted, Special):
            if c.has_array:
                c.dirty = True
            else:
                # Somebody changed it at the wall. Whether and when to correct that is for the rule to say.
                c.wanted = None
        await self._record(c, self.context.store.drop_slot(owned.key))

    def _foreign(self, c: Commandable, value: float | int | None) -> None:
        if c.foreign == value:
            return
        had, c.foreign = c.foreign, value
        shown = decode(c.point, value) if c.point is not None else value
        self.context.emit(Foreign(c.name, shown, self.context.clock.now()))
        if value is None:
            c.dirty = c.dirty or c.wanted is not None
        elif had is None:
            self.context.trouble(
                c.name,
                f"our slot {c.key.priority} holds {shown}, which we did not write: left alone",
                f"优先级 {c.key.priority} 的值 {shown} 不是本系统写入：保持不动",
            )

    async def _settle(self, c: Commandable) -> None:
        """Give each intent that a crash or a cancel left open its result, by what the slot holds."""
        while c.open:
            intent = c.open[0]
            ok = self._came_true(c, intent)
            detail = "settled by reading the slot back"
            row = ResultRow(intent.id, self.context.clock.now(), "ok" if ok else "failed", c.slot, detail)
            if not await self._record(c, self.context.store.commit_result(row)):
                return
            c.open.pop(0)

    def _came_true(self, c: Commandable, intent: OpenIntent) -> bool:
        if not c.has_array:
            return intent.wire is None or c.same(c.present, intent.wire)
        if intent.wire == WARN_OFF and warns(c):
            return c.slot in (0, 1)
        return c.same(c.slot, intent.wire)
