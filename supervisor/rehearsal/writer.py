"""The gateway of a rehearsal: the daemon's own, served at once and in turn instead of by a task a device."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from config.points import Value
from config.site import Site
from drivers.readings import PriorityArray
from drivers.values import decode
from schedules.time import Instant
from supervisor.core.decisions import Outcome
from supervisor.gateway import Gateway
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Context
from supervisor.gateway.events import Event
from supervisor.gateway.worker import Worker
from supervisor.gateway.writes import intent_row, plain
from supervisor.rehearsal.controllers import Controllers
from supervisor.store.memory import MemoryJournal
from supervisor.store.rows import IntentRow

_NO_DEADLINE: Final = nullcontext()


class VirtualClock:
    """Both clocks of a rehearsal: the site's, and the wire's, which runs on within the minute."""

    def __init__(self, start: Instant) -> None:
        self.site = self.wire = start

    def now(self) -> Instant:
        """The site's present."""
        return self.site

    def wall(self) -> float:
        """The wire's monotonic seconds."""
        return self.wire

    def go_to(self, now: Instant) -> None:
        """The next moment."""
        self.site = now
        self.wire = max(self.wire, now)

    async def sleep(self, seconds: float) -> None:
        """Pass the time of a read-back."""
        self.wire += seconds


class PromptContext(Context):
    """Surroundings whose devices answer at once: a deadline for their calls would only cost its timer."""

    __slots__ = ()

    def within(self, device: str, *, calls: int = 1) -> AbstractAsyncContextManager[None]:
        """Nothing around the call."""
        return _NO_DEADLINE


class PromptGateway(Gateway):
    """Allow-list, range, rate, stagger, write-on-change, journal, read-back: all inherited. Only who serves the
    queue differs: `carry_out` does everything that is due within the minute, in the order in which it was asked.

    Slots are not polled, since nobody else is on the wire, and heartbeats are left out.
    """

    def __init__(
        self,
        site: Site,
        driver: Controllers,
        clock: VirtualClock,
        journal: MemoryJournal,
        on_event: Callable[[Event], None],
        on_array: Callable[[str], None],
    ) -> None:
        super().__init__(
            site, driver, journal, clock, dry_run=False, on_event=on_event,
            on_array=lambda point, _array: on_array(point), array_poll=math.inf,
            wall=clock.wall, sleep=clock.sleep, stamp=clock.now,
            surroundings=PromptContext, intent_row=intent_row if journal.audit else _bare_row,
        )  # fmt: skip
        self.points = {name: c for name, c in self.points.items() if not c.heartbeat}
        self._clock = clock
        self._open_at = -math.inf

    def holds(self, point: str) -> bool:
        """Whether our slot of a point is ours by the journal."""
        c = self.points.get(point)
        return c is not None and c.owned is not None

    def known(self, point: str) -> tuple[Value, PriorityArray | None] | None:
        """What our slot holds, in the role's unit, and the array as last read; None: not ours to command."""
        c = self.points.get(point)
        if c is None or c.point is None:
            return None
        return None if c.owned is None else decode(c.point, c.owned.value), c.slot.array

    @property
    def next_at(self) -> Instant:
        """When something that waits for its turn may go out."""
        queued = [worker for worker in self.workers.values() if worker.queue]
        due = [self._due(worker, c) for worker in queued for c in worker.queue.values()]
        return max(self._open_at, min(due)) if due else math.inf

    def _due(self, worker: Worker, c: Commandable) -> Instant:
        turn = self.context.starts.next_at if c.wish.starting else -math.inf
        return max(c.pace.not_before, turn, worker.silent_until)

    async def carry_out(self, until: Instant) -> bool:
        """Do what falls due before `until`. True if anything was done."""
        queued = [worker for worker in self.workers.values() if worker.queue]
        waiting = [(c.wish.asked, c.name, worker, c) for worker in queued for c in worker.queue.values()]
        waiting.sort(key=lambda entry: entry[:2])
        done = False
        while waiting and (due := max(self._open_at, min(self._due(w, c) for *_, w, c in waiting))) < until:
            self._clock.wire = max(self._clock.wire, due)
            for _, _, worker, c in waiting:
                if self._due(worker, c) <= self._clock.wire:
                    await self._serve(worker, c)
                    done = True
                    if self._clock.wire < self._open_at:
                        break
            waiting = [entry for entry in waiting if id(entry[3]) in entry[2].queue]
        return done

    async def _serve(self, worker: Worker, c: Commandable) -> None:
        """One step of one point. What the rate turned away, all wait for: nobody else would fare better."""
        await worker.step(c, False)
        if id(c) in worker.queue and not c.wish.starting:
            self._open_at = min(c.pace.not_before, self._clock.wire + 60.0 / self.context.rate.per_minute)


def _bare_row(
    context: Context, c: Commandable, outcome: Outcome, wire: float | int | None, dry_run: bool
) -> IntentRow:
    """`intent_row` for a journal that keeps no audit: nobody will read why, so nothing is put into words."""
    decision = outcome.decision
    return IntentRow(
        context.clock.now(), context.stamp(), c.name, plain(decision.value), wire, c.key.priority or None,
        decision.rule, "", "", "", [], [], decision.expires, context.site.config_hash, dry_run,
    )  # fmt: skip
