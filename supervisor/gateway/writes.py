"""A value in one point's slot, and each write itself: the only place where a driver's write is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config.phrase import Phrase
from config.roles import ROLES, Shape
from config.site import Site
from drivers.protocol import DriverError, Retryable, Write
from drivers.refused import in_both
from drivers.values import decode, encode
from schedules.time import Instant
from supervisor.core.decisions import RELINQUISH, Command, Decision, Loser, Outcome, Special
from supervisor.core.wording import because
from supervisor.gateway.bends import broken
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context, role_limits
from supervisor.gateway.convoy import Convoy, Overtaken
from supervisor.gateway.effects import Due
from supervisor.gateway.pacing import LATEST_LANDING, REFUSED_RETRY
from supervisor.gateway.proofs import MISMATCH, Asked, Proofs, unfollowed
from supervisor.gateway.reads import Reads
from supervisor.gateway.slot import Before
from supervisor.gateway.transitions import State
from supervisor.gateway.warning import GRACE, LOOK, OFF, ON, WARN_OFF, should_warn, warns
from supervisor.store import StoreProblem
from supervisor.store.rows import IntentRow, OpenIntent, Result, SlotRow

RENEWAL = 5.0
"""Seconds that an expired decision is waited for before its write is dropped; it is not written meanwhile."""
_NOT_WRITTEN = Phrase("not written", "未写入")

MakeIntent = Callable[[Context, Commandable, Outcome, float | int | None, bool], IntentRow]
"""Puts an outcome about to be written, or (True) kept on paper, into a row of the audit."""


def plain(command: Command) -> float | bool | str | None:
    """A command as JSON keeps it: None relinquishes."""
    return None if isinstance(command, Special) else command


def intent_row(
    context: Context, c: Commandable, outcome: Outcome, wire: float | int | None, dry_run: bool
) -> IntentRow:
    """The audit row of a write about to happen, with the reason put into words."""
    decision, now = outcome.decision, context.clock.now()
    why = because(decision.reason, context.site, now)
    return IntentRow(
        ts=now,
        wall=context.stamp(),
        point=c.name,
        command=plain(decision.value),
        wire=wire,
        priority=c.key.priority or None,
        rule=str(decision.rule),
        citation=str(decision.citation),
        reason_en=why.en,
        reason_zh=why.zh,
        inputs=[i._asdict() | {"quality": i.quality.name.lower()} for i in decision.inputs],
        losers=[_loser(loser, context.site, now) for loser in outcome.losers],
        expires=decision.expires,
        config_hash=context.site.config_hash,
        dry_run=dry_run,
    )


def _loser(loser: Loser, site: Site, now: Instant) -> dict[str, Any]:
    why = because(loser.reason, site, now)
    return {
        "rule": str(loser.rule),
        "value": plain(loser.value),
        "reason_en": why.en,
        "reason_zh": why.zh,
        "lost_to": str(loser.lost_to),
    }


class Writes:
    """Writes of one gateway. A step that cannot be finished now leaves the point dirty, for later."""

    def __init__(self, context: Context, reads: Reads, intent_row: MakeIntent = intent_row) -> None:
        self.context = context
        self.reads = reads
        self.proofs = Proofs(context, reads)
        self.intent_row = intent_row
        self.convoys: dict[int, Convoy] = {}
        """Points that are written together with others just now."""

    # ------------------------------------------------------------------ what stands before a write

    async def expired(self, c: Commandable, outcome: Outcome) -> bool:
        """True while a decision is past its expiry; dropped when nobody renews it."""
        ctx, wall = self.context, self.context.wall()
        renewed = ctx.clock.now() <= outcome.decision.expires or outcome.decision.value is RELINQUISH
        past = c.wish.past_expiry(wall, renewed=renewed)
        if renewed:
            return False
        if past < RENEWAL:
            c.pace.wait(wall + RENEWAL / 10)
            return True
        await self._unsent(c, outcome, "expired", "not renewed before it could be written")
        c.wish.lapse(outcome)
        return True

    async def _unsent(self, c: Commandable, outcome: Outcome, result: Result, detail: str = "") -> None:
        """Audit an intent that stays on paper."""
        wire = None
        if result == "dry_run" and c.point is not None and not isinstance(outcome.decision.value, Special):
            wire = encode(c.point, outcome.decision.value)
        row = self.intent_row(self.context, c, outcome, wire, result == "dry_run")
        await self.context.store.commit_unsent(row, result, detail)
        self.proofs.tell(c, outcome, result, None, detail)

    def paced(self, c: Commandable, *, start: bool, rated: bool) -> bool:
        """Whether a write may go out now; if not, the point waits for its turn."""
        ctx = self.context
        c.wish.wait_for_start(start and not ctx.starts.open, ctx.wall())
        if c.wish.starting:
            return False
        seconds = ctx.rate.wait() if rated else 0.0
        if seconds > 0:
            c.pace.wait(ctx.wall() + seconds)
            return False
        if start:
            ctx.starts.take()
        return True

    # ------------------------------------------------------------------ taking and holding a slot

    async def hold(self, c: Commandable, outcome: Outcome) -> bool:
        """Let our slot hold a value. True when it is there, or must not be."""
        ctx, decision = self.context, outcome.decision
        assert c.point is not None
        assert not isinstance(decision.value, Special)
        asked, why = self._wire(c, decision)
        if await self._on_paper(c, outcome, why):
            return True
        await self.reads.refresh(c)
        await self.reads.sort_out(c)
        if c.slot.state is State.FOREIGN:
            return True
        assert asked is not None
        wire = c.to_write(asked, ctx.limits)
        if c.slot.leaving(ctx.wall()):
            if wire == OFF:
                c.pace.wait(ctx.wall() + LOOK)
                return False
        elif c.slot.due(wire) is Due.DONE:
            if not c.keeps(ctx.limits):
                c.sticks(broken(c))
            unsure = c.pace.failures > 0 or c.flagged
            if unsure and not await self._followed(c):
                return False
            if decision.warned or unsure:
                self.reads.count(c, decision)
            return True
        if should_warn(c, decision, wire, c.stands):
            return await self._warn(c, outcome)
        start = c.starts(wire)
        if superseded(c, outcome):
            return False
        # Reading took its time: what counts, and what the audit names, is the latest renewal.
        assert c.wish.outcome is not None
        outcome = c.wish.outcome
        if ctx.clock.now() > outcome.decision.expires or not self.paced(c, start=start, rated=True):
            return False
        prior = None if c.slot.has_array else c.slot.present
        slot = c.slot.taking(wire, decision.rule, ctx.clock.now(), prior)
        c.slot.warn_no_more()
        return await self.write(c, outcome, wire, slot)

    async def _followed(self, c: Commandable) -> bool:
        """Whether what differed when it was read back is carried out by now: the slot holds it, and its output shows it. If
        not, it is looked at again, ever less often."""
        if c.pace.late and c.slot.state is State.HELD:
            self._landed(c)
        shows = True  # where there are no slots, it has just been read
        if c.slot.has_array:
            await self.reads.read_present(c)
            shows = c.slot.same(c.slot.present, c.slot.value)
        if held_above(c) is not None or (shows and not c.flagged):
            return True
        said = MISMATCH.detailed(unfollowed(c))
        c.sticks(said)
        if not c.pace.failures:
            self.context.trouble(c.name, *said)  # it was not known when it was written
        c.pace.differed(self.context.wall(), REFUSED_RETRY, late=False)
        return False

    def _landed(self, c: Commandable) -> None:
        """What was not there when it was read back is there now: its gateway queues what is written, and is given the time."""
        ctx, device = self.context, c.key.device
        lag, known = ctx.wall() - c.pace.first, ctx.landing.get(device)
        if lag > LATEST_LANDING:
            return
        ctx.landing[device] = max(lag, known or 0.0)
        if known is None:
            ctx.trouble(
                c.name,
                f"its controller carried out what was written only after {lag:.0f} s: that long is waited for before it is written again",
                f"控制器在写入 {lag:.0f} 秒后才执行：再次写入前将等待这么久",
            )

    async def _warn(self, c: Commandable, outcome: Outcome) -> bool:
        """Let lamps warn and go off by themselves; done once they are off."""
        for wire in (ON, WARN_OFF):
            if wire == ON and c.slot.same(c.slot.value, ON):
                continue
            if superseded(c, outcome) or not self.paced(c, start=False, rated=True):
                return False
            holds = OFF if wire == WARN_OFF else ON
            slot = c.slot.taking(holds, outcome.decision.rule, self.context.clock.now())
            if not await self.write(c, outcome, wire, slot, final=False):
                return False
        return c.slot.same(c.slot.value, OFF) and not c.flagged

    async def _on_paper(self, c: Commandable, outcome: Outcome, why: Phrase | None) -> bool:
        """True for what must not be written: refused (`why`), or a dry run. The audit says each once."""
        decision = outcome.decision
        said = self.disputed(c) or why
        if said is None and not c.dry:
            return False
        if why is not None:
            c.sticks(_NOT_WRITTEN.detailed(why))
        if not c.wish.was_reported(decision):
            await self._unsent(c, outcome, "refused" if said else "dry_run", said.en if said else "")
            if said:
                self.context.trouble(c.name, *_NOT_WRITTEN.detailed(said))
            c.wish.report(decision)
        return True

    def disputed(self, c: Commandable) -> Phrase | None:
        """Why nobody knows what a number would mean to its controller: what it says and the site file says differ."""
        fit = self.context.fits(c.point) if c.point is not None else None
        return fit.quarrel if fit is not None else None

    def contradicted(self, c: Commandable) -> bool:
        """Whether its controller calls its states otherwise than the site file, so that what we hold may be the opposite."""
        fit = self.context.fits(c.point) if c.point is not None else None
        return fit is not None and fit.barred

    def _wire(self, c: Commandable, decision: Decision) -> tuple[float | int | None, Phrase | None]:
        """A command as the wire wants it, and why it may not be written (None: it may)."""
        assert c.point is not None
        assert not isinstance(decision.value, Special)
        if c.misfit is not None:
            return None, c.misfit
        if c.stray is not None:
            return None, c.stray
        if decision.priority != self.context.site.priority:
            ours, own = decision.priority, self.context.site.priority
            return None, Phrase(f"priority {ours} is not the site's {own}", f"优先级 {ours} 不是站点的 {own}")
        try:
            wire = encode(c.point, decision.value)
        except ValueError as error:
            return None, Phrase(str(error), f"{decision.value} 在此对象中无法表示")
        spec, (low, high) = ROLES[c.point.role], role_limits(c.point)
        if spec.shape is Shape.NUMBER and not low <= float(decision.value) <= high:
            value = f"{decision.value} {spec.unit}"
            return wire, Phrase(
                f"{value} lies outside {low:g} to {high:g}", f"{value} 超出 {low:g} 至 {high:g}"
            )
        return wire, c.out_of_reach(wire)

    # ------------------------------------------------------------------ the write itself

    async def beat(self, c: Commandable) -> None:
        """Toggle a heartbeat. Journalled once and not audited each minute: it commands nothing."""
        ctx = self.context
        if c.slot.foreign is not None or c.point is None:
            return
        now = ctx.clock.now()
        on = c.owned is None or decode(c.point, c.owned.value) is not True
        row = c.slot.taking(encode(c.point, on), "heartbeat", now)
        if c.owned is None:
            await ctx.store.put_slot(row)
        c.slot.beat(row)
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
        c.pace.hand_over(ctx.wall())
        async with ctx.within(c.key.device):
            await ctx.driver.write(c.address, wire, priority)

    async def write(
        self,
        c: Commandable,
        outcome: Outcome,
        wire: float | int | None,
        taken: SlotRow | None,
        *,
        final: bool = True,
    ) -> bool:
        """Intent, write, read-back, result. `taken` journals what the write takes; None lets go."""
        ctx, before = self.context, c.slot.standing
        intent = await self._commit(c, outcome, wire, taken, before)
        asked = Asked(outcome, intent, wire, taken, before, final)
        if taken is not None and superseded(c, outcome):
            # The fire alarm, or anything newer, came while the row was being committed.
            return await self.proofs.unwritten(c, asked, "cancelled", "superseded before it was sent", None)
        self._hand(c, wire, taken)
        silence = ""
        try:
            await self._send(c, wire, lambda: taken is None or not superseded(c, outcome))
            c.slot.acknowledge()
        except Overtaken:
            return await self.proofs.unwritten(c, asked, "cancelled", "superseded before it was sent", None)
        except Retryable as error:
            silence = error.message
        except DriverError as error:
            c.pace.refuse(ctx.wall() + REFUSED_RETRY)
            ctx.refused.add(c.name)
            refused = Phrase("the device refused", "控制器拒绝").detailed(in_both(error.message))
            c.sticks(refused)
            ctx.trouble(c.name, *refused)
            return await self.proofs.unwritten(c, asked, "failed", error.message, c.pace.handed)
        return await self.proofs.read_back(c, asked, c.pace.handed, silence)

    def _hand(self, c: Commandable, wire: float | int | None, taken: SlotRow | None) -> None:
        """Note that a value is on its way."""
        wall = self.context.wall()
        if taken is None or wire is None:
            c.slot.give_back()
            if wire is not None:
                c.slot.sent.remember(wire, wall)
            return
        c.handed(wire)
        c.slot.hand(wire, wall)
        if wire == WARN_OFF and warns(c):
            # What the device will put into our slot itself, at once or when its time has run out.
            egress = c.slot.array.egress if c.slot.array is not None else 0.0
            c.slot.warn(OFF, wall + egress + GRACE, wall)

    async def _commit(
        self,
        c: Commandable,
        outcome: Outcome,
        wire: float | int | None,
        taken: SlotRow | None,
        before: Before,
    ) -> int | None:
        """Commit the intent. Taking a slot needs the row; giving one back does not wait for a broken disk."""
        if taken is not None:
            # Ours from here on, also if the task is cancelled while the store commits.
            c.slot.intend(taken, self.context.wall())
        try:
            row = self.intent_row(self.context, c, outcome, wire, False)
            with self.context.records(c.name):
                intent = await self.context.store.commit_intent(row, taken)
        except StoreProblem as problem:
            if taken is not None:
                c.slot.withdraw(before)
                raise
            self.context.unrecorded(c.name, problem)
            return None
        if taken is not None:
            # Before the write: when its effect is read, the rules must know that it is ours.
            self.reads.tell(c)
        c.slot.opened(OpenIntent(intent, c.name, wire, c.key.priority or None, outcome.decision.rule))
        return intent


def superseded(c: Commandable, outcome: Outcome) -> bool:
    """Whether something else is wanted by now. A renewal of the same command is not something else."""
    return c.wish.outcome is None or not c.wish.is_for(outcome.decision.value)
