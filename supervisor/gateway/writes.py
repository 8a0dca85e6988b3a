"""Carrying out what is wanted of one point: the only place where a driver's write is called."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from config.points import decode, encode
from config.roles import ROLES, Role, Shape
from drivers.protocol import DriverError, Retryable, Write
from supervisor.core.decisions import KEEP, RELINQUISH, Decision, Outcome, Special
from supervisor.gateway.audit import intent_row, journal_row
from supervisor.gateway.commandable import Commandable, handed_back, held_above, let_go_of, refusal
from supervisor.gateway.context import Context
from supervisor.gateway.convoy import Convoy, Overtaken
from supervisor.gateway.events import Wrote
from supervisor.gateway.pacing import REFUSED_RETRY
from supervisor.gateway.reads import Reads
from supervisor.gateway.warning import GRACE, LOOK, OFF, ON, WARN_OFF, should_warn, warns
from supervisor.store import StoreProblem
from supervisor.store.rows import OpenIntent, Result, ResultRow, SlotRow

READ_BACK = 5.0
"""Seconds within which a write must be read back (design §4.2)."""
RENEWAL = 5.0
"""Seconds that an expired decision is waited for before its write is dropped; it is not written meanwhile."""
_PAUSES = (0.05, 0.15, 0.3, 0.5, 1.0)


class _Asked(NamedTuple):
    """One write on its way.

    `wire` is what must be found afterwards (None: NULL), `taken` the journal row that the write takes (None:
    it lets go), `before` what the journal held for the slot until then.
    """

    outcome: Outcome
    intent: int | None
    wire: float | int | None
    taken: SlotRow | None
    before: SlotRow | None
    final: bool = True
    """What was decided; False for a step on the way to it."""


class Writes:
    """Writes of one gateway. A step that cannot be finished now leaves the point dirty, for later."""

    def __init__(self, context: Context, reads: Reads) -> None:
        self.context = context
        self.reads = reads
        self.intent_row = intent_row
        self.convoys: dict[int, Convoy] = {}
        """Points that are written together with others just now."""

    async def carry_out(self, c: Commandable) -> None:
        """One step towards what is wanted. Raises Retryable when the device is silent, StoreProblem."""
        # A slot left from before the point was taken off the list, or its zone put into dry run.
        if (c.point is None or c.dry) and not await self.let_go(c, handed_back(c), forced=True):
            return
        outcome = c.wanted
        if outcome is None or outcome.decision.value is KEEP or c.point is None:
            c.dirty = False
            return
        if await self._expired(c, outcome):
            return
        if outcome.decision.value is RELINQUISH:
            c.reported = None
            done = await self.let_go(c, outcome)
        else:
            done = await self._hold(c, outcome)
        if done and not _superseded(c, outcome):
            c.dirty, c.starting, c.failures = False, False, 0

    # ------------------------------------------------------------------ what stands before a write

    async def _expired(self, c: Commandable, outcome: Outcome) -> bool:
        """True while a decision is past its expiry; dropped when nobody renews it."""
        ctx = self.context
        if ctx.clock.now() <= outcome.decision.expires or outcome.decision.value is RELINQUISH:
            c.expired_at = None
            return False
        if c.expired_at is None:
            c.expired_at = ctx.wall()
        if ctx.wall() - c.expired_at < RENEWAL:
            c.not_before = ctx.wall() + RENEWAL / 10
            return True
        await self._unsent(c, outcome, "expired", "not renewed before it could be written")
        c.expired_at = None
        c.wanted = let_go_of(outcome)
        return True

    async def _unsent(self, c: Commandable, outcome: Outcome, result: Result, detail: str = "") -> None:
        """Audit an intent that stays on paper."""
        wire = None
        if result == "dry_run" and c.point is not None and not isinstance(outcome.decision.value, Special):
            wire = encode(c.point, outcome.decision.value)
        row = self.intent_row(self.context, c, outcome, wire, dry_run=result == "dry_run")
        await self.context.store.commit_unsent(row, result, detail)
        self._tell(c, outcome, result, None, detail)

    def _tell(
        self, c: Commandable, outcome: Outcome, result: Result, sent: float | None, detail: str
    ) -> None:
        d, at = outcome.decision, self.context.clock.now()
        self.context.emit(Wrote(c.name, c.key.device, d.rule, d.value, result, at, c.asked, sent, detail))

    def _paced(self, c: Commandable, *, start: bool, rated: bool) -> bool:
        """Whether a write may go out now; if not, the point waits for its turn."""
        ctx = self.context
        c.starting = start and not ctx.starts.open
        if c.starting:
            return False
        seconds = ctx.rate.wait() if rated else 0.0
        if seconds > 0:
            c.not_before = ctx.wall() + seconds
            return False
        if start:
            ctx.starts.take()
        return True

    # ------------------------------------------------------------------ taking and holding a slot

    async def _hold(self, c: Commandable, outcome: Outcome) -> bool:
        ctx, decision = self.context, outcome.decision
        assert c.point is not None
        assert not isinstance(decision.value, Special)
        if await self._on_paper(c, outcome):
            return True
        wire = encode(c.point, decision.value)
        await self.reads.refresh(c)
        await self.reads.sort_out(c)
        if c.foreign is not None:
            return True
        if c.leaving(ctx.wall()):
            if wire == OFF:
                c.not_before = ctx.wall() + LOOK
                return False
        elif c.owned is not None and not c.uncertain and c.same(c.slot, wire):
            if decision.warned:
                self.reads.count(c, decision)
            return True
        if should_warn(c, decision, wire, self._stands(c)):
            return await self._warn(c, outcome)
        start = c.starts(self._stands(c), wire)
        if _superseded(c, outcome):
            return False
        # Reading took its time: what counts, and what the audit names, is the latest renewal.
        assert c.wanted is not None
        outcome = c.wanted
        if ctx.clock.now() > outcome.decision.expires or not self._paced(c, start=start, rated=True):
            return False
        prior = None if c.has_array else c.present
        slot = journal_row(c, wire, decision.rule, ctx.clock.now(), prior)
        c.leaving_until = -math.inf
        return await self._write(c, outcome, wire, slot)

    async def _warn(self, c: Commandable, outcome: Outcome) -> bool:
        """Let lamps warn and go off by themselves; done once they are off."""
        for wire in (ON, WARN_OFF):
            if wire == ON and c.same(c.slot, ON):
                continue
            if _superseded(c, outcome) or not self._paced(c, start=False, rated=True):
                return False
            holds = OFF if wire == WARN_OFF else ON
            slot = journal_row(c, holds, outcome.decision.rule, self.context.clock.now())
            if not await self._write(c, outcome, wire, slot, final=False):
                return False
        return c.same(c.slot, OFF)

    async def _on_paper(self, c: Commandable, outcome: Outcome) -> bool:
        """True for what must not be written: refused, or a dry run. The audit says each once."""
        decision = outcome.decision
        why = c.misfit or self._why_not(c, decision)
        if why is None and not c.dry:
            return False
        mark = (decision.rule, decision.value)
        if c.reported != mark:
            await self._unsent(c, outcome, "refused" if why else "dry_run", why or "")
            if why:
                self.context.trouble(c.name, f"not written: {why}", f"未写入：{why}")
            c.reported = mark
        return True

    def _why_not(self, c: Commandable, decision: Decision) -> str | None:
        assert c.point is not None
        if decision.priority != self.context.site.priority:
            return f"priority {decision.priority} is not the site's {self.context.site.priority}"
        return refusal(c.point, decision)

    def _stands(self, c: Commandable) -> float | int | None:
        """What the point is now, by its highest slot."""
        if not c.has_array:
            return c.present
        return c.array.beneath(0) if c.array is not None else None

    # ------------------------------------------------------------------ letting go

    async def let_go(self, c: Commandable, outcome: Outcome, *, forced: bool = False) -> bool:
        """Set our slot to NULL, or where there is none restore what may be restored. True when done.

        `forced` neither waits for a turn nor looks whether something newer is wanted.
        """
        c.enforced, c.leaving_until = None, -math.inf
        if c.owned is None and not c.uncertain and not c.open:
            return True
        await self.reads.refresh(c)
        await self.reads.sort_out(c)
        if c.foreign is not None or (c.owned is None and not c.uncertain):
            return True
        after = self.after(c)
        if c.misfit is not None or (not c.has_array and after is None):
            return await self._leave(c)
        if not forced:
            start = c.starts(self._stands(c), after)
            if _superseded(c, outcome) or not self._paced(c, start=start, rated=False):
                return False
        return await self._write(c, outcome, None if c.has_array else after, None)

    def after(self, c: Commandable) -> float | int | None:
        """What the point becomes when we let go: beneath our slot, or what to restore (None: leave it)."""
        if c.has_array:
            return c.array.beneath(c.key.priority) if c.array is not None else None
        prior = c.owned.prior_value if c.owned is not None else None
        if prior is None or c.point is None:
            return None
        value = decode(c.point, prior)
        if c.point.role is Role.START_STOP:
            return prior if value is False else None
        if ROLES[c.point.role].shape is not Shape.NUMBER or not isinstance(value, float):
            return prior
        low, high = self.context.limits(c.point)
        return encode(c.point, min(max(value, low), high))

    def would_start(self, c: Commandable) -> bool:
        """Whether letting go of a point starts equipment, as far as its last reading says."""
        return c.starts(self._stands(c), self.after(c))

    async def _leave(self, c: Commandable) -> bool:
        """Let go of a point without an array by leaving it as it is."""
        if c.owned is not None:
            await self.context.record(self.context.store.drop_slot(c.owned.key), c.name)
        c.owned, c.uncertain = None, False
        self.reads.tell(c)
        return True

    # ------------------------------------------------------------------ the write itself

    async def beat(self, c: Commandable) -> None:
        """Toggle a heartbeat. Journalled once and not audited each minute: it commands nothing."""
        ctx = self.context
        if c.foreign is not None or c.point is None:
            return
        now = ctx.clock.now()
        on = c.owned is None or decode(c.point, c.owned.value) is not True
        row = journal_row(c, encode(c.point, on), "heartbeat", now)
        if c.owned is None:
            await ctx.store.put_slot(row)
        c.owned = row
        await self._send(c, row.value)

    async def _send(
        self, c: Commandable, wire: float | int | None, still: Callable[[], bool] = lambda: True
    ) -> None:
        """The one call of a driver's write in this program, and the last look at the slot's number."""
        ctx, priority = self.context, c.key.priority or None
        if priority is not None and not 9 <= priority <= 16:
            raise ValueError(f"slot {priority} of {c.name} is not ours to write")
        convoy = self.convoys.get(id(c))
        if convoy is not None and not convoy.gone:
            await convoy.send(c, Write(c.address, wire, priority), still)
            return
        c.handed = ctx.wall()
        await ctx.within(c.key.device, ctx.driver.write(c.address, wire, priority))

    async def _write(
        self,
        c: Commandable,
        outcome: Outcome,
        wire: float | int | None,
        taken: SlotRow | None,
        *,
        final: bool = True,
    ) -> bool:
        """Intent, write, read-back, result. `taken` journals what the write takes; None lets go."""
        ctx, before = self.context, c.owned
        intent = await self._commit(c, outcome, wire, taken)
        asked = _Asked(outcome, intent, wire, taken, before, final)
        if taken is not None and _superseded(c, outcome):
            # The fire alarm, or anything newer, came while the row was being committed.
            return await self._unwritten(c, asked, "cancelled", "superseded before it was sent", None)
        c.uncertain = True
        if wire is not None:
            c.remember(wire, ctx.wall())
        if wire == WARN_OFF and warns(c):
            # What the device will put into our slot itself, at once or when its time has run out.
            c.remember(OFF, ctx.wall())
            c.leaving_until = ctx.wall() + (c.array.egress if c.array is not None else 0.0) + GRACE
        silence = ""
        try:
            await self._send(c, wire, lambda: taken is None or not _superseded(c, outcome))
        except Overtaken:
            return await self._unwritten(c, asked, "cancelled", "superseded before it was sent", None)
        except Retryable as error:
            silence = error.message
        except DriverError as error:
            c.not_before = ctx.wall() + REFUSED_RETRY
            ctx.trouble(c.name, f"the device refused: {error.message}", f"控制器拒绝：{error.message}")
            return await self._unwritten(c, asked, "failed", error.message, c.handed)
        return await self._read_back(c, asked, c.handed, silence)

    async def _commit(
        self, c: Commandable, outcome: Outcome, wire: float | int | None, taken: SlotRow | None
    ) -> int | None:
        """Commit the intent. Taking a slot needs the row; giving one back does not wait for a broken disk."""
        before = c.owned
        if taken is not None:
            # Ours from here on, also if the task is cancelled while the store commits.
            c.owned = taken
            if before is not None:
                c.remember(before.value, self.context.wall())
        try:
            row = self.intent_row(self.context, c, outcome, wire)
            intent = await self.context.store.commit_intent(row, taken)
        except StoreProblem as problem:
            c.owned = before
            if taken is not None:
                raise
            self.context.trouble(c.name, f"let go without a record: {problem}", f"无记录释放：{problem}")
            return None
        if taken is not None:
            # Before the write: when its effect is read, the rules must know that it is ours.
            self.reads.tell(c)
        c.open.append(OpenIntent(intent, c.name, wire, c.key.priority or None, outcome.decision.rule))
        return intent

    async def _unwritten(
        self, c: Commandable, asked: _Asked, result: Result, detail: str, sent: float | None
    ) -> bool:
        """The write certainly did not land: the journal goes back to what it was."""
        c.owned, c.uncertain = asked.before, False
        self.reads.tell(c)
        gone = asked.taken if asked.before is None else None
        return await self._end(c, asked, result, detail, sent, put=asked.before, gone=gone)

    async def _read_back(self, c: Commandable, asked: _Asked, sent: float, silence: str) -> bool:
        """Prove the write within five seconds, or say what was found instead."""
        ctx = self.context
        answered, deadline, pauses = False, ctx.wall() + READ_BACK, iter(_PAUSES)
        while True:
            try:
                await self.reads.refresh(c)
                if c.has_array and asked.wire is not None:
                    await self.reads.read_present(c)
                answered = True
                if self._stands_as(c, asked.wire):
                    return await self._proven(c, asked, sent)
            except DriverError as error:
                silence = error.message
            pause = next(pauses, _PAUSES[-1])
            if ctx.wall() + pause > deadline:
                break
            await ctx.sleep(pause)
        if not answered:
            await self._end(c, asked, "failed", f"not read back: {silence}", sent)
            raise Retryable(c.key.device, silence)
        return await self._differs(c, asked, sent, silence)

    def _stands_as(self, c: Commandable, wire: float | int | None) -> bool:
        """Whether the read-back proves the command."""
        if not c.has_array:
            return c.same(c.present, wire)
        if wire == WARN_OFF and warns(c):
            return c.slot in (ON, OFF)
        if not c.same(c.slot, wire):
            return False
        return wire is None or held_above(c) is not None or c.same(c.present, wire)

    async def _proven(self, c: Commandable, asked: _Asked, sent: float) -> bool:
        c.uncertain = False
        held = held_above(c)
        gone = asked.before if asked.taken is None else None
        if asked.taken is None:
            c.owned = None
        self.reads.tell(c)
        await self._end(c, asked, "ok", f"masked by slot {held.priority}" if held else "", sent, gone=gone)
        if asked.taken is not None and (asked.final or c.same(c.slot, OFF)):
            self.reads.count(c, asked.outcome.decision)
        return True

    async def _differs(self, c: Commandable, asked: _Asked, sent: float, silence: str) -> bool:
        """Report a mismatch, and try again ever less often, up to every ten minutes."""
        detail = silence or "the read-back differs"
        if c.has_array and c.same(c.slot, asked.wire):
            c.uncertain = False
            detail = f"the slot holds it, but the present value is {c.present}"
        self.context.trouble(c.name, f"mismatch: {detail}", f"回读不符：{detail}")
        c.failures += 1
        c.not_before = self.context.wall() + min(REFUSED_RETRY, 5.0 * 2.0 ** min(c.failures, 10))
        return await self._end(c, asked, "mismatch", detail, sent)

    async def _end(
        self,
        c: Commandable,
        asked: _Asked,
        result: Result,
        detail: str,
        sent: float | None,
        *,
        put: SlotRow | None = None,
        gone: SlotRow | None = None,
    ) -> bool:
        """Commit the result and with it the journal: `put` back, or `gone`. True for `ok`."""
        store, drop = self.context.store, gone.key if gone is not None else None
        if asked.intent is not None:
            readback = c.slot if c.has_array else c.present
            row = ResultRow(asked.intent, self.context.clock.now(), result, readback, detail)
            if await self.context.record(store.commit_result(row, slot=put, drop=drop), c.name):
                c.open = [o for o in c.open if o.id != asked.intent]
        elif drop is not None:
            await self.context.record(store.drop_slot(drop), c.name)
        self._tell(c, asked.outcome, result, sent, detail)
        return result == "ok"


def _superseded(c: Commandable, outcome: Outcome) -> bool:
    """Whether something else is wanted by now. A renewal of the same command is not something else."""
    return c.wanted is None or not c.wanted_is(outcome.decision.value)
