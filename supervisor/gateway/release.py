"""Letting go of everything: on shutdown, and without a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from config.phrase import Phrase
from drivers.protocol import Barred, DriverError, Retryable
from drivers.refused import in_both
from supervisor.core.decisions import Because
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Context
from supervisor.gateway.events import Event, Wrote
from supervisor.gateway.left import Left, Why, left, unheard
from supervisor.gateway.letting_go import LettingGo, handed_back

AT_ONCE = 8
"""Points of one device let go at a time: half of what a device is asked in normal operation."""
_SPREAD = 0.5
"""The share of the promise over which starts are spread; the rest is for retries."""
LOOK_AGAIN = 0.5
TURNED_AWAY: Final = 6
"""How often it is tried to let go of what is said not to be ours (another's value, another device) before that is believed:
what was falsified once is not again. With the pauses between, longer than a device in quarantine is left alone."""
_BRISK, _SLOW = 1.0, 5.0
"""Longest pauses between two tries at a point, in seconds: within the promise, and after it."""
AGAIN = 15.0
"""Seconds between two words about a release that goes on."""
_OF_ALL: Final = frozenset({Why.SILENT, Why.UNCLEAR})
"""What is said of a point whose turn did not come, where it was said of another one of its device."""
_TRIED: Final = object()
_SHUTDOWN = Because("the supervisor stops: handed back", "监管程序停止：交还")


class Released(NamedTuple):
    """Points let go, points that are left and why, and those kept by `on_exit: hold`."""

    released: tuple[str, ...]
    left: tuple[Left, ...]
    held: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Points that we may write and that may still hold a slot of ours."""
        return tuple(p.point for p in self.left if p.ours)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long letting go may take, in seconds of wall time.

    Those that answer are let go within `promise` (None: `within`), and for the rest it goes on until `within`.
    `late` hears what is left when the promise is over, and now and again after that; `enough` ends it at once.
    `why` is what the audit says.
    """

    within: float = 5.0
    promise: float | None = None
    late: Callable[[Sequence[Left]], None] = lambda points: None
    enough: asyncio.Event | None = None
    why: Because = _SHUTDOWN


async def release(
    context: Context, letting_go: LettingGo, points: Iterable[Commandable], patience: Patience, *, hold: bool
) -> Released:
    """Let go of every slot that the journal says is ours, devices side by side."""
    wall = context.wall()
    ours = [c for c in points if c.owned is not None or c.in_doubt or c.slot.yielded(wall)]
    held = [c for c in ours if hold and c.equipment is not None and c.equipment.on_exit == "hold"]
    todo = [c for c in ours if c not in held]
    with _Parting(context, letting_go, todo, patience) as parting:
        await parting.done()
        found = parting.left()
    return Released(
        tuple(c.name for c in todo if id(c) not in found),
        tuple(found[id(c)] for c in todo if id(c) in found),
        tuple(c.name for c in held),
    )


class _Parting:
    """One release of many points: a task a point, and what came of each."""

    def __init__(
        self, context: Context, letting_go: LettingGo, todo: Sequence[Commandable], patience: Patience
    ) -> None:
        self._context, self._letting_go, self._todo, self._patience = context, letting_go, todo, patience
        self._promise = min(patience.within, patience.promise or patience.within)
        self._began = context.wall()
        self._gates = {c.key.device: asyncio.Semaphore(AT_ONCE) for c in todo}
        self._notes: dict[int, Left | None] = {}
        """What is known of each point so far; None: it is free."""
        self._ended: dict[str, Wrote] = {}
        """How the last write to each point ended."""
        self._told = context.on_event

    def __enter__(self) -> _Parting:
        self._context.on_event = self._hear
        return self

    def __exit__(self, *_: object) -> None:
        self._context.on_event = self._told

    def _hear(self, event: Event) -> None:
        if isinstance(event, Wrote):
            self._ended[event.point] = event
        self._told(event)

    # ------------------------------------------------------------------ all of them

    async def done(self) -> None:
        """Return when every point is free or given up, or time or patience is over."""
        starting = [c for c in self._todo if self._letting_go.would_start(c)]
        spacing = (
            min(self._context.starts.stagger, self._promise * _SPREAD / len(starting)) if starting else 0.0
        )
        delays = {id(c): i * spacing for i, c in enumerate(starting)}
        tasks = [asyncio.create_task(self._one(c, delays.get(id(c), 0.0))) for c in self._todo]
        if not tasks:
            return
        over = asyncio.Event()
        everything = asyncio.gather(*tasks, return_exceptions=True)
        everything.add_done_callback(lambda _: over.set())
        enough = asyncio.create_task(self._enough(over))
        try:
            await self._wait(over)
        finally:
            for task in (*tasks, enough):
                task.cancel()
            await asyncio.gather(everything, enough, return_exceptions=True)

    async def _enough(self, over: asyncio.Event) -> None:
        if self._patience.enough is not None:
            await self._patience.enough.wait()
            over.set()

    async def _wait(self, over: asyncio.Event) -> None:
        """Wait for the end, and say what is left when the promise is over."""
        wall, until = self._context.wall, self._began + self._patience.within
        word = self._began + self._promise
        while not over.is_set() and wall() < until:
            await self._context.wait(over, min(until, word) - wall())
            if not over.is_set() and word <= wall() < until:
                self._patience.late(tuple(self.left().values()))
                word = wall() + AGAIN

    def left(self) -> dict[int, Left]:
        """The points that are not known to be free, each with its reason."""
        recording = self._context.recording
        freed = {c.key.device for c in self._todo if self._notes.get(id(c), _TRIED) is None}
        of_device = {
            n.device: n
            for n in self._notes.values()
            if n is not None and n.why in _OF_ALL and n.device not in freed
        }
        found = {}
        for c in self._todo:
            note = self._notes.get(id(c), left(c, Why.WAITED))
            if note is not None and note.why is Why.SILENT and c.name in recording:
                note = left(c, Why.JOURNAL)
            elif note is not None and note.why is Why.SILENT and not note.detail and c.key.device in freed:
                note = left(
                    c, Why.WAITED
                )  # just under way, at a controller that lets go of one after the other
            elif note is not None and note.why is Why.WAITED and (silent := of_device.get(c.key.device)):
                note = left(c, silent.why, silent.detail)
            if note is not None:
                found[id(c)] = note
        return found

    # ------------------------------------------------------------------ one of them

    async def _one(self, c: Commandable, after: float) -> None:
        if after > 0:
            await self._context.sleep(after)
        async with self._gates[c.key.device]:
            try:
                await self._until_free(c)
            except Exception as error:
                self._notes[id(c)] = left(c, Why.DEFECT, repr(error))
                self._context.trouble(c.name, f"not released: {error!r}", f"未能释放：{error!r}")

    async def _until_free(self, c: Commandable) -> None:
        """Let go of one point, again and again while its device is silent."""
        wall, pause, overtaken = self._context.wall, 0.1, c.slot.uncertain
        self._notes[id(c)] = left(c, Why.SILENT)
        turned_away = 0
        while wall() < self._began + self._patience.within:
            self._ended.pop(c.name, None)
            try:
                if await self._letting_go.let_go(c, handed_back(c, self._patience.why), forced=True):
                    if not overtaken:
                        self._notes[id(c)] = stands = _stands(c)
                        turned_away += 1
                        if stands is None or turned_away >= TURNED_AWAY or not c.slot.yielded(wall()):
                            return
                        await self._context.sleep(LOOK_AGAIN)
                        continue
                    # A write was under way when we were told to stop: it may land after our NULL. Look again.
                    overtaken = False
                    await self._context.sleep(LOOK_AGAIN)
                    await self._letting_go.reads.refresh(c)
                    await self._letting_go.reads.sort_out(c)
                    continue
                self._notes[id(c)] = self._said_no(c)
            except Barred as error:
                self._notes[id(c)] = left(c, Why.QUARANTINED, error.message)
                turned_away += 1
                if turned_away >= TURNED_AWAY:
                    return
            except Retryable as error:
                told = Why.UNPROVEN if c.name in self._ended else unheard(error)
                self._notes[id(c)] = left(c, told, error.message)
            except DriverError as error:
                self._notes[id(c)] = left(c, Why.REFUSED, error.message)
                said = Phrase("not released", "未能释放").detailed(in_both(error.message))
                self._context.trouble(c.name, *said)
                return
            await self._context.sleep(pause)
            pause = min(_BRISK if wall() < self._began + self._promise else _SLOW, pause * 2)

    def _said_no(self, c: Commandable) -> Left:
        ended = self._ended.get(c.name)
        if ended is not None and ended.result == "mismatch":
            return left(c, Why.STAYS)
        return left(c, Why.REFUSED, ended.detail if ended is not None else "")


def _stands(c: Commandable) -> Left | None:
    """None for a slot that was read empty; what is in it is somebody else's, and left alone."""
    if c.slot.has_array and (there := c.slot.value) is not None:
        return left(c, Why.FOREIGN, f"{there:g}")
    return None
