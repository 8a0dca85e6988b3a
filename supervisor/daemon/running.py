"""Everything that belongs to one version of the site file: made anew by a reload, nothing of the past lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from config.phrase import Phrase
from config.points import Point
from config.roles import Role
from config.site import Site
from drivers.habits import Habits, News
from drivers.protocol import Answer, Candid, Line, Retryable
from drivers.readings import PriorityArray, Quality
from drivers.refused import in_both
from schedules.days import Calendars
from supervisor.clockwork.clock import PacedClock
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.limits import LimitsInForce
from supervisor.core.looks import felt
from supervisor.core.manual import still_fits
from supervisor.core.season import SeasonKeeper
from supervisor.core.tally import Warmth
from supervisor.core.turn import NOTHING_ASKED, NOTHING_HEARD, Heard, Listener, Turn
from supervisor.field.disbelief import Disbelief
from supervisor.field.measures import Measures, TellPoint
from supervisor.field.register import Register
from supervisor.field.vetted import VettedReader, vetted
from supervisor.field.watch import Watch, stale_after
from supervisor.gateway import Gateway
from supervisor.gateway import events as gw
from supervisor.ledger.ledger import Ledger
from supervisor.records.recording import Recorder
from supervisor.store.writer import Store
from supervisor.telling.asked_for import AskedFor
from supervisor.telling.events import unusable
from supervisor.telling.following import seldom
from supervisor.telling.looking import Looking

log = structlog.get_logger()
FIRST_LOOK = 6.0
"""s to wait for the first readings before the first decision, so that a restart does not flap equipment."""
STEP_TOLERANCE = 30.0
"""s by which the site clock may disagree with the monotonic clock before it counts as set."""
_OUTDOORS = Role.OUTDOOR_TEMPERATURE
_FELT = frozenset({Role.TEMPERATURE, Role.OCCUPANCY})
"""Roles of which the tally is told though no answer turns on them: how many were there, and how they felt."""
LEARNT = 0.005
"""s after news of slots until the rules are asked about them: slots are read for a write that is about to go out, and its way
to the disk would wait for that turn. A site choice."""
AGED_AT_ONCE = 2_000
"""Points whose age is looked at in one step of the loop, a fraction of a millisecond; a site choice."""


class Pace(NamedTuple):
    """s of wall time between the chores: `turn` the longest sleep of the decision loop, `sweep` two looks for
    readings that have become too old, `arrays` two readings of a priority array that we hold a slot of."""

    turn: float = 10.0
    sweep: float = 1.0
    arrays: float = 10.0


def in_site_time(array: PriorityArray | None, speed: float) -> PriorityArray | None:
    """A priority array as the rules see it: a lamp counts its Egress_Time in wall seconds, the rules in the site's."""
    if array is None or not array.egress:
        return array
    return array._replace(egress=array.egress * speed)


class Running:
    """What is known, rules, watch and gateway of one site file."""

    def __init__(
        self,
        site: Site,
        calendars: Calendars,
        line: Line,
        clock: PacedClock,
        store: Store,
        *,
        dry_run: bool | None,
        pace: Pace | None = None,
        register: Register | None = None,
        tell: TellPoint = lambda point, what: None,
    ) -> None:
        self.site = site
        self.days = calendars
        self.calendar = calendars.calendar
        self.clock = clock
        self.line = line
        self._loop = asyncio.get_running_loop()
        self.beat = self._loop.time()
        self.ready = False
        self.clock_set: Callable[[float], None] = lambda by: None
        """Told when the clock was set while we ran: by so many s."""
        self.listeners: list[Listener[gw.Event]] = []
        """They hear each turn, one after the other."""
        self._pace = pace if pace is not None else Pace(arrays=10.0 if clock.speed == 1 else 2.0)
        self.season = SeasonKeeper(site.season, site.tz, clock.now(), calendars.typical)
        self.known = Known(site, stale_after(site, clock.speed))
        self.disbelief = Disbelief(
            self.known, calendars.tables, clock.now(), tell, lambda at: self.season.season(at)[0]
        )
        self.decider = Decider(site, self.known, calendars.tables, self.season.season, guarded=True)
        self.recorder = Recorder(self.decider, self.season.season, store.put_recording)
        self.listeners.append(self.recorder)
        self.ledger = Ledger(site, self.known)
        self.listeners.append(self.ledger)
        self.looking = Looking(site, self.decider, self.not_followed)
        self.asked_for = AskedFor(site, self.decider)
        self.measures = Measures(site, tell)
        self.measures.called.on_contradiction = self._contradicted
        self._register = register
        self.known.set_aside = self._set_aside
        # without a register every device is taken for what it says that it is
        known = vetted(site, line, register, self.measures, self._suspected) if register is not None else line
        self._reader = known.reader
        self.habits = known.reader.habits if isinstance(known.reader, Candid) else Habits()
        """What devices were found to do otherwise than they should, for as long as the line is open."""
        self.habits.listener = self._habit
        self.watch = Watch(
            site, known.reader, clock, self._deliver, self._health, self._scanned, self._confirm
        )
        self._weather = {p.device for p in site.points.values() if p.role is Role.OUTDOOR_TEMPERATURE}
        """Devices of which also what has not changed is listened to: the season goes by how long it was how warm."""
        self.gateway = Gateway(
            site, known.writer, store, clock, dry_run=dry_run, on_event=self._gateway_event, on_array=self._learn,
            array_poll=self._pace.arrays, speed=clock.speed, limits=LimitsInForce(site, lambda: self.decider.facts, clock.now),
            fits=self.measures.of,
        )  # fmt: skip
        known.reader.on_restart = self.gateway.device_restarted
        self._changed = asyncio.Event()
        self._arrived: dict[str, float] = {}
        self._rooms: list[tuple[str, Warmth]] = []
        """Zones whose temperature has changed, or where somebody came or left, and nobody was told yet."""
        self._learnt: asyncio.TimerHandle | None = None

    def _set_aside(self, point: str) -> Phrase | None:
        """Why we ourselves believe nothing of a point, whatever its controller's flags say; told in its own place."""
        mapped = self.site.points[point]
        if self._register is not None and mapped.device in self._register.suspects:
            return self._register.suspects[mapped.device].why
        fit = self.measures.of(mapped)
        return fit.quarrel if fit is not None else None

    def _suspected(self, device: str) -> None:
        """Another device is in the place of one: what is known of its points is the stranger's, or nobody's, and the next
        poll may be minutes away where changes are reported."""
        now = self.clock.now()
        for point in self.site.points.values():
            reading = self.known.reading(point.id)
            if point.device == device and reading.good:
                self.known.put_value(point.id, reading.value, Quality.FAULT, now)
                self.decider.touch(point.id)
        self._changed.set()

    def _contradicted(self, point: Point) -> None:
        """A device calls a point's states otherwise than the file, or no longer does: what it said until then is no evidence,
        and the next poll may be minutes away. An alarm of fire stands."""
        self.gateway.again(point.id)
        reading = self.known.reading(point.id)
        alarm = point.role is Role.FIRE_ALARM and reading.value is True
        if self.measures.called.why(point) is not None and reading.good and not alarm:
            self.known.put_value(point.id, reading.value, Quality.FAULT, self.clock.now())
            self.decider.touch(point.id)
        self._changed.set()

    def not_followed(self, point: Point) -> Phrase | None:
        """Why what is wanted of a point is not what its equipment does, as far as is known."""
        return seldom(point, self.decider, self.gateway, self.clock.now())

    def carry_over(self, other: Running) -> None:
        """Take what another version knew: readings, slots, memory, overtime, what is held by hand, season, meters, health."""
        self.known.carry_over(other.known)
        self.disbelief.carry_over(other.disbelief)
        self.measures.called.carry_over(other.measures.called)
        self.decider.memory.update(
            {
                zone: memory
                for zone, memory in other.decider.memory.items()
                if not zone or zone in self.site.zones or zone in self.site.shared
            }
        )
        self.decider.overtime = {z: o for z, o in other.decider.overtime.items() if z in self.site.zones}
        self.decider.released = {p: r for p, r in other.decider.released.items() if p in self.site.points}
        held = other.decider.manual.items()
        self.decider.manual = {p: m for p, m in held if still_fits(self.decider, p, m)}
        self.season.restore(other.season.memory())
        self.ledger.carry_over(other.ledger)
        self.watch.health.update({d: h for d, h in other.watch.health.items() if d in self.watch.health})

    # ------------------------------------------------------------------ life

    async def adopt(self) -> None:
        """Settle what is open and take up the slots that the journal says are ours. Raises StoreProblem."""
        await self.gateway.adopt(deadline=10.0)
        for point in self.gateway.points:
            self._learn(point)

    async def run(self) -> None:
        """Read, decide and write until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.watch.run())
                tasks.create_task(self._decide())
                tasks.create_task(self._sweep())
        finally:
            if isinstance(self._reader, VettedReader):
                self._reader.rest()  # slots are let go of now, or another version asks for itself
            self.recorder.flush()

    def wake(self) -> None:
        """Something that the rules look at has changed."""
        self._changed.set()

    # ------------------------------------------------------------------ what comes in

    def _confirm(self, answers: list[Answer]) -> list[Answer]:
        """Take what one device says once more; the rest of its answers."""
        if answers[0].address.device in self._weather:
            return answers
        return self.known.confirm(answers, self.clock.now())

    def _deliver(self, answer: Answer) -> None:
        """An answer from the wire, polled or reported."""
        now, known = self.clock.now(), self.known
        address, value, fault, error, age = answer
        at = now - age * self.clock.speed if age else now
        for point in known.points_at(address):
            before = known.readings.get(point.id)
            if error is None:
                changed = known.put(point, value, fault, at)
            elif isinstance(error, Retryable):
                continue  # not heard this time: what is known of it ages
            else:
                changed = known.missing(point.id, now, error.message)
            if point.role is _OUTDOORS:
                reading = self.known.reading(point.id)
                self.season.outdoor(now, float(reading.value or 0.0) if reading.good else None)
            if not changed:
                continue
            if self.decider.touch(point.id):
                self._arrived.setdefault(point.zone or "", self._loop.time())
                if before is not None and before.good:  # else it was found, as a thousand others at a start
                    self.gateway.foresee(point.id)  # first: it is under way while the rules are asked
                self._changed.set()
            elif point.role in _FELT and point.zone is not None:
                if not self._rooms:
                    self._loop.call_soon(self._tell_rooms)
                self._rooms.append((point.zone, felt(known, self.site.zones[point.zone], now)))
                if point.role is Role.OCCUPANCY:
                    self._changed.set()  # where the last one has left, it may be time to ask sooner than was thought

    def _tell_rooms(self) -> None:
        """Tell of the temperatures that have changed and of who came or left, all those at once that came at once, and of
        what else is news: it would else be told between the next decision and its write."""
        if self._rooms:
            rooms, self._rooms = tuple(self._rooms), []
            heard = Heard(self.known.take_news(), rooms=rooms)
            self._tell(Turn(self.clock.now(), heard, NOTHING_ASKED))

    def _scanned(self, device: str, seconds: float) -> None:
        self._tell(Turn(self.clock.now(), Heard(scans=((device, seconds),)), NOTHING_ASKED))
        self.gateway.device_heard(device)

    def _health(self, device: str, up: bool) -> None:
        health, heard = self.watch.health[device], Heard(devices=((device, up),))
        if health.answers and not up:
            heard = Heard(habits=((device, unusable(in_both(health.problem))),))
        self._tell(Turn(self.clock.now(), heard, NOTHING_ASKED))
        if up:
            self.gateway.device_answers(device)
            self.gateway.device_restarted(device)  # it may have started: it was away
            self.decider.touch_all()
            self._changed.set()

    def _habit(self, news: News) -> None:
        habit = news.habit
        self._tell(Turn(self.clock.now(), Heard(habits=((habit.device, habit.text),)), NOTHING_ASKED))

    def _learn(self, point: str, _array: PriorityArray | None = None) -> None:
        """Take what the gateway knows of a point's slots; ask the rules again if that is news: what lies beneath ours may
        comply by now."""
        view = self.gateway.slot_view(point)
        ours = view.ours if isinstance(view.ours, bool | float | int | str) else None
        changed = self.known.put_ours(point, ours)
        changed |= self.known.put_array(point, in_site_time(view.array, self.clock.speed))
        if changed:
            self.decider.touch(point)
            if self._learnt is None:
                self._learnt = self._loop.call_later(LEARNT, self._ask_learnt)

    def _ask_learnt(self) -> None:
        """Ask the rules about what was learnt of slots, unless another turn has."""
        self._learnt = None
        if self.decider.dirty:
            self._changed.set()

    def _gateway_event(self, event: gw.Event) -> None:
        self._tell(Turn(self.clock.now(), NOTHING_HEARD, NOTHING_ASKED, (event,)))
        point_id = getattr(event, "point", None)
        if point_id in self.gateway.points:
            self._learn(point_id)

    # ------------------------------------------------------------------ what is decided

    async def _decide(self) -> None:
        """Sleep until something changes or an answer could change by itself; take a turn; what is decided goes to the
        gateway, then to whoever listens."""
        if not self.decider.evaluations:
            await self._first_look()
        self.recorder.begin()
        while True:
            self.beat = self._loop.time()
            self._changed.clear()
            arrived, self._arrived = self._arrived, {}
            turn: Turn[gw.Event] = self.decider.take_turn(self.clock.now(), arrived)
            self.gateway.submit(turn.step.outcomes)
            self._tell(turn)
            self.ready = True
            if not self.decider.dirty:
                longest = self.clock.now() + self._pace.turn * self.clock.speed
                await self.clock.wait(min(self.decider.wake_at, longest), self._changed)
            await asyncio.sleep(0)

    async def _first_look(self) -> None:
        """Wait, not for long, until every device has answered once or has failed to."""
        deadline = self._loop.time() + FIRST_LOOK
        while self._loop.time() < deadline and not all(h.up or h.problem for h in self.watch.health.values()):
            self.beat = self._loop.time()
            await asyncio.sleep(0.05)

    def _tell(self, turn: Turn[gw.Event]) -> None:
        for listener in self.listeners:
            listener(turn)

    async def _sweep(self) -> None:
        """Let old readings go stale, and notice when the clock was set."""
        offset = self.clock.now() - self._loop.time() * self.clock.speed
        while True:
            await asyncio.sleep(self._pace.sweep)
            known, points = self.known, tuple(self.known.readings)
            for first in range(0, len(points), AGED_AT_ONCE):
                if first:
                    await asyncio.sleep(0)
                for point in known.expire(self.clock.now(), points[first : first + AGED_AT_ONCE]):
                    if self.decider.touch(point):
                        self._changed.set()
            now = self.clock.now()
            drift = now - self._loop.time() * self.clock.speed
            if abs(drift - offset) > STEP_TOLERANCE:
                self._clock_set(drift - offset, now)
            offset = drift
            await self._disbelieve()

    async def _disbelieve(self) -> None:
        """Put aside what is no evidence by what it has said for days, or by what else is known of its room."""
        for doubted in self.disbelief.look(self.clock.now()):
            if doubted is None:
                await asyncio.sleep(0)
            elif self.decider.touch(doubted):
                self._changed.set()

    def _clock_set(self, by: float, now: float) -> None:
        """The clock was set while we ran, or the machine slept."""
        log.warning("the clock was set", by=round(by))
        self.clock_set(by)
        self.disbelief.clock_set(now)
        if by < 0:
            self.decider.put_back(now)
        self.decider.touch_all()
        self._changed.set()
