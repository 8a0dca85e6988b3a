"""Letting go of one point: our slot is set to NULL, or what was there before us is put back."""

from __future__ import annotations

import math

from config.roles import ROLES, Role, Shape
from config.rules import RuleId
from drivers.values import decode, encode
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import RELINQUISH, Because, Decision, Outcome
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.effects import Due
from supervisor.gateway.writes import Writes, superseded

_HANDED_BACK = Because("no longer ours to command: handed back", "不再由本系统控制：交还")


def handed_back(c: Commandable, why: Because = _HANDED_BACK) -> Outcome:
    """Letting go of a slot for a reason that no rule has."""
    citation = Citation(SITE, "release", site_choice=True)
    rule = RuleId.BASE
    return Outcome(Decision(c.name, RELINQUISH, c.key.priority, rule, citation, why, (), math.inf), ())


class LettingGo:
    """Of the points of one gateway."""

    def __init__(self, writes: Writes) -> None:
        self._writes, self._context, self.reads = writes, writes.context, writes.reads

    async def let_go(self, c: Commandable, outcome: Outcome, *, forced: bool = False) -> bool:
        """Set our slot to NULL, or where there is none restore what may be restored. True when done.

        `forced` neither waits for a turn nor looks whether something newer is wanted.
        """
        c.wish.uncount()
        c.slot.warn_no_more()
        if c.owned is None and not c.in_doubt and not c.slot.yielded(self._context.wall()):
            return True
        await self.reads.refresh(c)
        await self.reads.sort_out(c)
        if c.slot.due(None) is not Due.GIVE_BACK:
            # Read empty; or somebody else's by now, and not ours to empty.
            return True
        after = self.after(c)
        as_it_is = self._as_before(c, after) or (
            self._writes.disputed(c) is not None and not self._runs_nothing(c)
        )
        if c.misfit is not None or (not c.slot.has_array and as_it_is):
            return await self._leave(c)
        if not forced:
            start = c.starts(after)
            if superseded(c, outcome) or not self._writes.paced(c, start=start, rated=False):
                return False
        return await self._writes.write(c, outcome, None if c.slot.has_array else after, None)

    def after(self, c: Commandable) -> float | int | None:
        """What the point becomes when we let go: beneath our slot, or what to restore (None: leave it)."""
        s = c.slot
        if s.has_array:
            return s.array.beneath(s.key.priority) if s.array is not None else None
        prior = c.owned.prior_value if c.owned is not None and not c.owned.has_array else None
        if prior is None or c.point is None:
            return None
        value = decode(c.point, prior)
        if c.point.role is Role.START_STOP:
            return prior if value is False else None
        if ROLES[c.point.role].shape is not Shape.NUMBER or not isinstance(value, float):
            return prior
        low, high = self._context.limits(c.point)
        return encode(c.point, min(max(value, low), high))

    def _as_before(self, c: Commandable, after: float | int | None) -> bool:
        """Whether a point without an array is already what letting go would make of it, so that nothing is written."""
        if after is None:
            return True
        return not c.in_doubt and (c.slot.same(c.slot.present, after) or c.slot.is_made_of(after))

    def _runs_nothing(self, c: Commandable) -> bool:
        """Whether what stood there before us can be put back though nobody knows what it is called: a mode alone runs nothing. A switch
        has two states, and by the site file or by its controller the one that was there runs what it switches."""
        return self._writes.contradicted(c) and c.point is not None and c.point.role is Role.MODE

    def would_start(self, c: Commandable) -> bool:
        """Whether letting go of a point starts equipment, as far as its last reading says."""
        return c.starts(self.after(c))

    async def _leave(self, c: Commandable) -> bool:
        """Let go of a point without an array by leaving it as it is. What stood there before us is told where a person has to see
        to it: its controller calls its states otherwise."""
        prior = c.owned.prior_value if c.owned is not None and not c.slot.has_array else None
        if prior is not None and self._writes.contradicted(c) and not c.slot.same(c.slot.present, prior):
            present = "?" if c.slot.present is None else f"{c.slot.present:g}"
            self._context.trouble(
                c.name,
                f"left as it stands ({present}): {prior:g} stood there before it was first written; see what it should be, at the controller",
                f"保持现状（{present}）：本系统首次写入前为 {prior:g}；请到控制器处核对应有状态",
            )
        if c.owned is not None:
            await self._context.record(self._context.store.drop_slot(c.owned.key), c.name)
        c.slot.left()
        self.reads.tell(c)
        return True
