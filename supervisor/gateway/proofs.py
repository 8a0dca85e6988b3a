"""Proof of a write: it is read back, and its result audited. What was not read back is not done."""

from __future__ import annotations

import contextlib
import math
from typing import Final, NamedTuple

from config.phrase import Phrase
from drivers.protocol import DriverError, Retryable
from drivers.refused import in_both
from drivers.values import encode
from supervisor.core.decisions import Outcome, Special
from supervisor.gateway import astray, bends
from supervisor.gateway.commandable import Commandable, held_above
from supervisor.gateway.context import Context
from supervisor.gateway.events import Wrote
from supervisor.gateway.pacing import LANDED_BY, REFUSED_RETRY
from supervisor.gateway.reads import Reads
from supervisor.gateway.slot import Before
from supervisor.gateway.transitions import Happening, State
from supervisor.gateway.warning import OFF, ON, WARN_OFF, warns
from supervisor.store.rows import Result, ResultRow, SlotRow

READ_BACK = 5.0
"""Seconds within which a write must be read back (design §4.2)."""
SETTLING = 2.0
"""Seconds for which a controller must keep what it made of a value before that is taken to be its last word."""
INSISTENCE = 3
"""Writes that are acknowledged and change nothing before what stands there is taken to be what the controller makes
of them: a site choice between a gateway that loses a write behind its acknowledgement, and a clamp."""
_PAUSES = (0.05, 0.15, 0.3, 0.5, 1.0)


class Asked(NamedTuple):
    """One write on its way.

    `wire` is what must be found afterwards (None: NULL), `taken` the journal row that the write takes (None:
    it lets go), `before` what was ours of the slot until then.
    """

    outcome: Outcome
    intent: int | None
    wire: float | int | None
    taken: SlotRow | None
    before: Before
    final: bool = True
    """What was decided; False for a step on the way to it."""


_LANDS: Final = Phrase(
    "its controller carries out late what is written, and is waited for", "控制器延迟执行写入，正在等待"
)

_FLAGGED: Final = {
    True: Phrase(
        "the slot holds it, but its controller flags the object as faulty or out of service",
        "优先级中已有该值，但控制器将该对象标为故障或停用",
    ),
    False: Phrase(
        "it shows the value, but its controller flags the object as faulty or out of service",
        "已显示该值，但控制器将该对象标为故障或停用",
    ),
}
MISMATCH: Final = Phrase("mismatch", "回读不符")


def unfollowed(c: Commandable) -> Phrase:
    """That an output does not show what our slot holds, though nobody outranks it; or that it moves nothing though it does."""
    shows = c.slot.present
    if c.flagged:
        return _FLAGGED[c.slot.has_array]
    return Phrase(
        f"the slot holds it, but the present value is {shows}", f"优先级中已有该值，但当前值为 {shows}"
    )


class Proofs:
    """Read-backs and results of one gateway's writes."""

    def __init__(self, context: Context, reads: Reads) -> None:
        self.context = context
        self.reads = reads

    def tell(self, c: Commandable, outcome: Outcome, result: Result, sent: float | None, detail: str) -> None:
        """Tell the listeners how an intent ended. `sent` is when it was handed to the driver, monotonic seconds."""
        d, at = outcome.decision, self.context.clock.now()
        self.context.emit(
            Wrote(
                c.name, c.key.device, d.rule, d.value, result, at, c.wish.asked, sent, detail, c.wish.waited
            )
        )

    async def unwritten(
        self, c: Commandable, asked: Asked, result: Result, detail: str, sent: float | None
    ) -> bool:
        """The write certainly did not land: the journal goes back to what it was."""
        before = asked.before.row
        c.slot.withdraw(asked.before)
        self.reads.tell(c)
        gone = asked.taken if before is None else None
        return await self._end(c, asked, result, detail, sent, put=before, gone=gone)

    async def read_back(self, c: Commandable, asked: Asked, sent: float, silence: str) -> bool:
        """Prove the write within five seconds, or say what was found instead."""
        ctx = self.context
        answered, deadline, pauses = False, ctx.wall() + READ_BACK, iter(_PAUSES)
        made: tuple[float | int | None, float] = (None, math.inf)
        while True:
            try:
                await self.reads.refresh(c)
                if c.slot.has_array and asked.wire is not None:
                    await self.reads.read_present(c)
                answered = True
                if self._proves(c, asked.wire) and await self._still_proves(c, asked):
                    return await self._proven(c, asked, sent)
            except DriverError as error:
                silence = error.message
            else:
                made = await self._made_so_far(c, asked, made)
                if ctx.wall() - made[1] >= SETTLING or c.slot.as_known:
                    break
            pause = next(pauses, _PAUSES[-1])
            if ctx.wall() + pause > deadline:
                break
            await ctx.sleep(pause)
        if not answered:
            await self._end(c, asked, "failed", f"not read back: {silence}", sent)
            raise Retryable(c.key.device, silence)
        if asked.taken is not None and self._is_made(c):
            return await self._bent(c, asked, sent)
        if asked.taken is None and not silence and self._restored(c):
            return await self._proven(c, asked, sent)
        await self.reads.carry(c, c.slot.unmoved())
        return await self._differs(c, asked, sent, silence)

    async def _still_proves(self, c: Commandable, asked: Asked) -> bool:
        """Whether a slot that was read empty is read so again: what ends our hold of it counts once it was said twice."""
        if asked.wire is None and c.slot.has_array:
            await self.reads.refresh(c)
            return self._proves(c, asked.wire)
        return True

    async def _made_so_far(
        self, c: Commandable, asked: Asked, made: tuple[float | int | None, float]
    ) -> tuple[float | int | None, float]:
        """What the controller made of an acknowledged value by now, and since when; infinity: nothing yet."""
        if asked.taken is None or c.slot.classify(self.context.wall()) is not Happening.MADE:
            return None, math.inf
        await self.reads.carry(c, c.slot.glimpse())
        found = c.slot.found
        return made if c.slot.same(found, made[0]) else (found, self.context.wall())

    def _is_made(self, c: Commandable) -> bool:
        """Whether what was found is the controller's word on our value: something new, or the same after insisting."""
        kind = c.slot.classify(self.context.wall())
        if kind is Happening.OLDER and c.slot.state is State.TAKEN:
            return c.pace.failures + 1 >= INSISTENCE
        return kind is Happening.MADE

    def _restored(self, c: Commandable) -> bool:
        """Whether a value without slots is as free as it will be: the controller made its own of what we put back."""
        moved = not c.slot.same(c.slot.present, c.slot.before)
        return not c.slot.has_array and (moved or c.pace.failures + 1 >= INSISTENCE)

    async def _bent(self, c: Commandable, asked: Asked, sent: float) -> bool:
        """The controller made something else of it: ours, told once, judged by the limit, and not written again."""
        await self.reads.carry(c, c.slot.take_as_made())
        self.reads.tell(c)
        kept = c.keeps(self.context.limits)
        await self._end(c, asked, "ok" if kept else "mismatch", bends.detail(c), sent)
        if kept and c.flagged and held_above(c) is None:
            c.sticks(MISMATCH.detailed(unfollowed(c)))
            c.pace.breathe(self.context.wall())
            return False  # looked at until the flag is gone, as what was not made anything else of
        if kept:
            c.sticks(None)
            self.reads.count(c, asked.outcome.decision)
            return True
        c.sticks(bends.broken(c))
        # Written once more only where the controller's grid has a value on the right side.
        value = asked.outcome.decision.value
        assert c.point is not None
        assert not isinstance(value, Special)
        return c.slot.stands(c.to_write(encode(c.point, value), self.context.limits))

    def _proves(self, c: Commandable, wire: float | int | None) -> bool:
        """Whether the read-back proves the command."""
        s = c.slot
        if not s.has_array:
            if s.state is State.LEAVING:
                return s.same(s.present, wire) or s.is_made_of(wire)
            return s.same(s.present, wire) and not c.flagged
        if wire == WARN_OFF and warns(c):
            return s.value in (ON, OFF)
        if not s.same(s.value, wire):
            return False
        return wire is None or held_above(c) is not None or (s.same(s.present, wire) and not c.flagged)

    async def _proven(self, c: Commandable, asked: Asked, sent: float) -> bool:
        held = held_above(c)
        gone = asked.before.row if asked.taken is None else None
        self._prompt(c, asked)
        if asked.taken is None:
            if c.astray and gone is not None:
                await self._given_back(c, gone.value)
            c.slot.gone()
        else:
            c.slot.proven()
            c.keeps_ours()
        c.sticks(None)
        self.reads.tell(c)
        short = bends.short(c, asked.outcome.decision.value, self.context.limits) if asked.taken else None
        if short is not None:
            self.context.trouble(c.name, *short)
            await self._end(c, asked, "mismatch", short.en, sent, gone=gone)
            return True
        await self._end(c, asked, "ok", f"masked by slot {held.priority}" if held else "", sent, gone=gone)
        if asked.taken is not None and (asked.final or c.slot.same(c.slot.value, OFF)):
            self.reads.count(c, asked.outcome.decision)
        return True

    async def _given_back(self, c: Commandable, held: float | int) -> None:
        """Look whether what was kept elsewhere than in our slot went with it, and tell a person where it did not."""
        astray.taken_back(c, held, self.context.wall())
        with contextlib.suppress(DriverError):
            await self.reads.read_present(c)
            if (said := astray.stays(c, held)) is not None:
                self.context.trouble(c.name, *said)

    def _prompt(self, c: Commandable, asked: Asked) -> None:
        """What its controller carries out at once tells against the delay that was learnt of it: that counts for half from now
        on, and in the end for nothing. What stood there already says nothing, nor does what had to be sent again."""
        landing, device = self.context.landing, c.key.device
        moved = c.slot.same(c.slot.found, asked.wire) and not c.slot.same(c.slot.before, asked.wire)
        if device in landing and moved and not c.pace.failures:
            half = landing[device] / 2
            landing[device] = half if half > READ_BACK else 0.0

    async def _differs(self, c: Commandable, asked: Asked, sent: float, silence: str) -> bool:
        """Report a mismatch, and try again ever less often, up to every ten minutes."""
        detail = in_both(silence) if silence else Phrase("the read-back differs", "回读值与写入值不同")
        late = not c.slot.same(c.slot.value, asked.wire)
        if asked.taken is not None and not late and (c.slot.has_array or c.flagged):
            c.slot.proven()
            detail = unfollowed(c)
        lag, wall = self.context.landing.get(c.key.device, 0.0), self.context.wall()
        # Before it is looked for elsewhere: what another put there while it is on its way is not ours.
        if late and not silence and wall < c.pace.first + LANDED_BY * lag:
            c.sticks(_LANDS.detailed(Phrase(f"{lag:.0f} s", f"{lag:.0f} 秒")))
            c.pace.lands(wall, lag)
            return await self._end(c, asked, "mismatch", detail.en, sent)
        if not silence and asked.taken is not None and astray.has_strayed(c, asked.wire):
            detail = astray.noticed(c, asked.wire, wall)
        said = MISMATCH.detailed(detail)
        c.sticks(said)
        self.context.trouble(c.name, *said)
        c.pace.differed(wall, REFUSED_RETRY, late=late)
        if c.stray is not None:
            c.pace.wait(wall)  # what stands in another's slot is taken back at once
        return await self._end(c, asked, "mismatch", detail.en, sent)

    async def _end(
        self,
        c: Commandable,
        asked: Asked,
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
            readback = c.slot.found
            row = ResultRow(asked.intent, self.context.clock.now(), result, readback, detail)
            if await self.context.record(store.commit_result(row, slot=put, drop=drop), c.name):
                c.slot.closed(asked.intent)
        elif drop is not None:
            await self.context.record(store.drop_slot(drop), c.name)
        self.tell(c, asked.outcome, result, sent, detail)
        return result == "ok"
