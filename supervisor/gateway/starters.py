"""Equipment that starts when its setpoint or its mode is written: found out by looking, and then written only while it runs.

Gateways of infrared and VRF units send the whole state of a unit with each change of a part of it, "on" included. Whether
one does is seen only at a unit that was off: it is looked at before such a write and after it. Until it is known of a
kind of equipment (its template, else its controller), units of it that are off are written one at a time, so that a first
wave of hundreds ends with the second of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from config.phrase import Phrase
from config.points import Point
from config.roles import Role
from config.rules import RuleId
from config.site import Equipment
from drivers.protocol import DriverError
from drivers.readings import PriorityArray
from drivers.values import decode
from supervisor.core.decisions import KEEP, RELINQUISH
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Context

LOOKS: Final = (3.0, 7.0, 20.0)
"""s from a write to the first look at the unit, and between looks: infrared and VRF gateways take some seconds. Site choices."""
OF_OURS: Final = 120.0
"""s after a command of ours for start and stop within which a start may be its doing: as long as a network keeps a datagram."""
SOMEBODY: Final = 60.0
"""Site s after a change of what a decision rests on (a knob was turned) within which somebody may be about to press `on`, too."""
FOUND: Final = 30.0
"""Site s from our own start within which what is new was found so, and not changed by anybody. A site choice."""
HABIT: Final = 2.0
"""Starts in a row that are no chance; one that somebody may have made counts half. A site choice."""
UNDECIDED: Final = 5
"""Writes of which nothing could be said, after which units of their kind no longer wait for one another. A site choice."""
TICK: Final = 5.0
"""s after which a write that waits is thought of again, though nothing was heard of its unit: it may be unknown by now."""
_SETTINGS: Final = frozenset({Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE})

_Key: TypeAlias = tuple[str, str]
"""A kind or a unit, and what is written to it."""

Runs = Callable[[Equipment], bool | None]
"""Whether equipment runs, as far as is known."""


def nobody_knows(_: Equipment) -> bool | None:
    """Where nobody listens to the equipment: unknown is not off."""
    return None


class _Trial(NamedTuple):
    """A write to a unit that was off: what was written when, and who held its start and stop then."""

    c: Commandable
    unit: Equipment
    what: str
    at: float
    slots: PriorityArray | None
    weight: float


class Starters:
    """What is known of the equipment of one gateway. `wake` takes a point up again whose write has waited."""

    def __init__(
        self,
        context: Context,
        points: Mapping[str, Commandable],
        runs: Runs,
        wake: Callable[[Commandable], None],
        speed: float = 1.0,
    ) -> None:
        self._context, self._points, self._runs, self._wake = context, points, runs, wake
        self._looks = tuple(pause / speed for pause in LOOKS)
        """In a rehearsal that runs faster others of a kind must not wait for hours of its own: what starts late is not seen then."""
        self._begun = context.clock.now()
        self._habits: set[str] = set()
        """Kinds, and single units, that start when they are written."""
        self._seen: dict[_Key, tuple[float, str]] = {}
        """Of those that may: how much speaks for it, and the last unit that did."""
        self._cleared: set[_Key] = set()
        """Kinds of which one was written so while off and stayed off, or of which nothing can be said."""
        self._undecided: dict[_Key, int] = {}
        self._trying: set[str] = set()
        """Kinds of which one is looked at just now."""
        self._waiting: dict[str, dict[str, Commandable]] = {}
        """Points that wait, by the point that says whether their unit runs."""
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------ what has to wait

    def waits(self, c: Commandable) -> bool:
        """Whether a point is not written now: its unit is known to be off, and would start, or another of its kind is looked at."""
        if not (self._habits or self._trying) or not self._off(c):
            return False
        assert c.equipment is not None
        if not self.known(c.equipment) and not (_kind(c.equipment) in self._trying and self.alone(c)):
            return False
        state = _state_of(c.equipment)
        assert state is not None
        self._waiting.setdefault(state.id, {})[c.name] = c
        return True

    def waits_until_it_runs(self, c: Commandable) -> bool:
        """Whether a point is not written for as long as its unit is off."""
        known = c.equipment is not None and bool(self._habits) and self.known(c.equipment)
        return known and c.wish.dirty and self._off(c)

    def alone(self, c: Commandable) -> bool:
        """Whether a point is written by itself: nobody knows yet what its write does to a unit that is off."""
        return c.equipment is not None and _key(c.equipment, c) not in self._cleared and self._off(c)

    def known(self, equipment: Equipment) -> bool:
        """Whether equipment starts when it is written."""
        return _kind(equipment) in self._habits or _unit(equipment) in self._habits

    def heard(self, name: str) -> None:
        """Something is news of a point: what waits for its unit is taken up."""
        for c in self._waiting.pop(name, {}).values():
            self._wake(c)

    def _off(self, c: Commandable) -> bool:
        """Whether what is wanted of a point is a setting of a unit that is known to be off, and is to stay so. Frost protection
        starts the unit anyway; what the unit is told to do together with its start does not wait for that."""
        if c.point is None or c.equipment is None or c.point.role not in _SETTINGS or c.dry:
            return False
        outcome, unit = c.wish.outcome, c.equipment
        if outcome is None or outcome.decision.value is KEEP or not unit.hvac:
            return False
        if outcome.decision.rule == RuleId.FREEZE_PROTECT:
            return False
        start = self._start(unit)
        if start is not None and start.wish.value is True:
            return False
        return _state_of(unit) is not None and self._runs(unit) is False

    def _start(self, unit: Equipment) -> Commandable | None:
        point = unit.points.get(Role.START_STOP)
        return self._points.get(point.id) if point is not None else None

    # ------------------------------------------------------------------ what a write does

    @contextlib.asynccontextmanager
    async def watching(self, c: Commandable) -> AsyncIterator[None]:
        """Around a step that may write a point. A unit that is off is looked at before and, where something was written, after it."""
        if not self._off(c):
            yield
            return
        assert c.equipment is not None
        kind, trial, claimed = _kind(c.equipment), None, False
        if kind not in self._trying and self.alone(c):
            self._trying.add(kind)
            claimed = True
        try:
            begun = await self._begin(c)
            before = c.pace.handed
            yield
            if begun is not None and c.pace.handed > before and not c.pace.refused:
                trial = begun._replace(at=c.pace.handed)
        finally:
            if trial is None and claimed:
                self._end(kind)
        if trial is not None:
            task = asyncio.create_task(self._judge(trial, claimed), name=f"looks whether {c.name} starts it")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _begin(self, c: Commandable) -> _Trial | None:
        """None where its unit is not off after all, or does not say."""
        assert c.equipment is not None
        assert c.wish.outcome is not None
        if await self._state(c.equipment) is not False:
            return None
        start, now = self._start(c.equipment), self._context.clock.now()
        turned = max(now - SOMEBODY, self._begun + FOUND)
        somebody = any(i.since > turned for i in c.wish.outcome.decision.inputs)
        slots = start.slot.array if start is not None else None
        return _Trial(c, c.equipment, _what(c), self._context.wall(), slots, 0.5 if somebody else 1.0)

    async def _judge(self, trial: _Trial, claimed: bool) -> None:
        try:
            self._learn(trial, await self._started(trial))
        finally:
            if claimed:
                self._end(_kind(trial.unit))

    def _end(self, kind: str) -> None:
        """Others of the kind may go on."""
        self._trying.discard(kind)
        for name in tuple(self._waiting):
            self.heard(name)

    async def _started(self, trial: _Trial) -> bool | None:
        """Whether a unit was started by a write; None where nobody can say."""
        state = None
        for pause in self._looks:
            await self._context.sleep(pause)
            if self._commanded(trial):
                return None
            state = await self._state(trial.unit)
            if state:
                return None if await self._another(trial) else True
        return state

    def _commanded(self, trial: _Trial) -> bool:
        """Whether we ourselves have told it to start or to stop."""
        start = self._start(trial.unit)
        return start is not None and (start.wish.dirty or start.pace.handed > trial.at - OF_OURS)

    async def _another(self, trial: _Trial) -> bool:
        """Whether another master, or somebody at the unit, has started it, as far as can be seen."""
        hand, start = trial.unit.points.get(Role.HAND_AUTO), self._start(trial.unit)
        if hand is not None and await self._flag(hand):
            return True
        if start is None or start.point is None or not start.slot.has_array:
            return False
        before = () if trial.slots is None else trial.slots.slots
        ours = start.key.priority
        try:
            async with self._context.within(start.key.device, calls=2):
                array = await self._context.driver.read_array(start.address)
        except DriverError:
            return False
        on = [s for s in array.slots if s.priority != ours and decode(start.point, s.value) is True]
        return any(s not in before for s in on)

    async def _state(self, unit: Equipment) -> bool | None:
        state = _state_of(unit)
        return await self._flag(state) if state is not None else None

    async def _flag(self, point: Point) -> bool | None:
        """What a point says now; None where it does not say."""
        address = self._context.address(point)
        try:
            async with self._context.within(point.device):
                answer = (await self._context.driver.read([address]))[0]
        except DriverError:
            return None
        if answer.error is not None or answer.fault:
            return None
        value = decode(point, answer.value)
        return value if isinstance(value, bool) else None

    # ------------------------------------------------------------------ what is learnt

    def _learn(self, trial: _Trial, started: bool | None) -> None:
        kind, unit = (_kind(trial.unit), trial.what), (_unit(trial.unit), trial.what)
        if started is None:
            self._undecided[kind] = self._undecided.get(kind, 0) + 1
            if self._undecided[kind] >= UNDECIDED:
                self._cleared.add(kind)
            return
        self._undecided.pop(kind, None)
        if not started:
            self._cleared.add(kind)
            self._seen.pop(kind, None)
            self._seen.pop(unit, None)
            return
        self._cleared.discard(kind)
        self._stop_again(trial.unit)
        for key in (kind, unit):
            counted, last = self._seen.get(key, (0.0, ""))
            self._seen[key] = counted + trial.weight, trial.unit.id
            if counted + trial.weight >= HABIT and not self.known(trial.unit):
                self._habits.add(key[0])
                units = sorted({last or trial.unit.id, trial.unit.id})
                self._context.trouble(trial.c.name, *_told(key[0], units))

    def _stop_again(self, unit: Equipment) -> None:
        """What a write has started is told to stop once more where a rule holds it off anyway; nothing else is commanded."""
        start = self._start(unit)
        if start is not None and start.wish.value is False and start.owned is not None:
            start.tell_again()
            self._wake(start)

    # ------------------------------------------------------------------ beyond one run

    def memory(self) -> list[str]:
        """What is known, for another version of the site file and the next start."""
        return sorted(self._habits)

    def restore(self, memory: Iterable[str]) -> None:
        """Take that up again."""
        self._habits.update(memory)

    async def stop(self) -> None:
        """Look no more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _state_of(unit: Equipment) -> Point | None:
    """The point that says whether a unit runs."""
    return unit.points.get(Role.RUN_STATUS) or unit.points.get(Role.START_STOP)


def _kind(unit: Equipment) -> str:
    """Units that behave alike: those of a template, else those of a controller."""
    if unit.template:
        return f"template {unit.template}"
    state = _state_of(unit)
    return f"controller {state.device}" if state is not None else _unit(unit)


def _what(c: Commandable) -> str:
    """What is wanted of a unit: a value of a role, or to let go of one. Either may start it where the other does not."""
    assert c.point is not None
    return f"{c.point.role} NULL" if c.wish.value is RELINQUISH else str(c.point.role)


def _key(unit: Equipment, c: Commandable) -> _Key:
    return _kind(unit), _what(c)


def _unit(unit: Equipment) -> str:
    return f"unit {unit.id}"


def _told(key: str, units: list[str]) -> Phrase:
    what, name = key.split(" ", 1)
    zh = {"template": "模板", "controller": "控制器", "unit": "设备"}[what]
    seen = ", ".join(units)
    return Phrase(
        f"its unit was off and started as its setpoint or mode was written, twice ({seen}): what is off of {what} {name} is no "
        "longer written, but as soon as it runs",
        f"写入设定或模式时，已关机的设备自行启动，已发生两次（{seen}）：{zh} {name} 的设备关机时不再写入，运行后立即写入",
    )


WAITS: Final = Phrase(
    "waits until it runs: the write would start its unit, which is off",
    "等其运行后写入：设备已关机，写入会使其启动",
)
"""Why what is wanted of a point does not stand there."""
