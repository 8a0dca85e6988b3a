"""A rehearsal: the daemon's own decider and gateway over a building of plant, people and controllers.

From one event to the next only the plant is stepped, a minute at a time. Events are what people do, the controllers'
own schedules, a wake-up of the rules, a write that waits for its turn, a unit's run status, a limit crossed by a
reading, and the hour. All fall on whole minutes, which is how finely the physics sees them.
"""

from __future__ import annotations

import asyncio
import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import numpy as np

from config.points import Point, Value
from config.roles import Role
from config.rules import RuleId
from drivers.readings import Quality
from schedules.seasons import Season
from schedules.time import DAY, Instant
from schedules.weather.series import Sample
from simulator.plant.base import Observations, Stride
from supervisor.core.decider import Decider
from supervisor.core.looks import outside
from supervisor.core.rules.mild_season_off import SUSPENDED
from supervisor.core.season import SeasonKeeper
from supervisor.core.turn import NOTHING_ASKED, NOTHING_HEARD, Listener, Step, Turn
from supervisor.gateway.events import Enforced, Event, Wrote
from supervisor.rehearsal.account import HOUR, PASSED_THROUGH, Account
from supervisor.rehearsal.faulty import Troubles
from supervisor.rehearsal.scenario import Scenario
from supervisor.rehearsal.sensors import Floats, LiveKnown, Rooms, outdoor_limits
from supervisor.rehearsal.world import MINUTE, World
from supervisor.rehearsal.writer import PromptGateway, VirtualClock
from supervisor.store.memory import MemoryJournal

WARM_UP = timedelta(days=4).total_seconds()
"""s that are lived before the first day counts, so that walls and rules have a past: a site choice, three time
constants of a closed office of medium mass."""
SEASON_PAST = timedelta(days=40).total_seconds()
"""s of weather that the season is told before that: enough for every spell of five days."""
LEASE = timedelta(days=1).total_seconds()
"""s after which a zone is decided again though nothing changed. Live it is 15 min, against wires that forget."""
_SHORTEST, _LONGEST = 4, 60
"""Minutes that are worked out at once, at most: after a limit was crossed, and where none is for long."""
_MOST_TURNS = 50
"""Times that decisions and their effects may answer each other within a minute before that counts as a defect."""
Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1, once a simulated day."""


class Unsettled(RuntimeError):
    """Rules and controllers answer each other without end."""


class Rehearsal:
    """One run of one scenario.

    `every_minute` asks every zone each minute: slow, and the proof that it is not needed.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        every_minute: bool = False,
        journal: MemoryJournal | None = None,
        warm_up: float = WARM_UP,
    ) -> None:
        self.scenario, self.site = scenario, scenario.site
        self._every_minute = every_minute
        self._start: Instant = scenario.start
        self.now: Instant = self._start - warm_up
        self.known = LiveKnown(self.site)
        self.known.now = self.now
        self.season = SeasonKeeper(self.site.season, self.site.tz, self.now - SEASON_PAST)
        self._in_season: Season = Season.SUMMER
        self.decider = Decider(self.site, self.known, scenario.days.tables, self.season.season, lease=LEASE)
        self.world = World(scenario, self.now, self._hear)
        self.rooms = Rooms(self.site, self.world.plant)
        self.clock = VirtualClock(self.now)
        self.journal = journal if journal is not None else MemoryJournal(audit=False)
        self.gateway = PromptGateway(
            self.site, self.world.controllers, self.clock, self.journal, self._told, self._array_moved
        )
        self.troubles = Troubles(self.site, scenario.faults, scenario.seed, self.now, scenario.end)
        self.world.controllers.silent = self.troubles.silent
        self._unsaid: dict[str, Value] = {}
        """What sensors would say that say nothing new."""
        stayed_in = np.array([zone.kind not in PASSED_THROUGH for zone in self.world.zones])
        self.account = Account(stayed_in, scenario.start, scenario.hours)
        self.listeners: list[Listener[Event]] = [self._judge, self._count]
        """They hear each turn, one after the other, before what was decided is written."""
        self._counting = False
        self._gateway_due = math.inf
        self._news: set[str] = set()
        self._outdoor = 0.0
        self._outdoor_limits = sorted(outdoor_limits(self.site))
        self._outdoor_cell = -1
        self._stride = _SHORTEST
        """Minutes that are worked out at once at most."""
        self._outdoor_mute = False
        self._outdoor_point = self.site.building_points.get(Role.OUTDOOR_TEMPERATURE)

    # ------------------------------------------------------------------ life

    def run(self, progress: Progress = lambda _share: None) -> Account:
        """Live through the scenario. On KeyboardInterrupt the account holds what was lived until then."""
        try:
            asyncio.run(self._live(progress))
        finally:
            self.account.end(self.now)
            self.world.plant.close()
        return self.account

    def failed(self) -> tuple[float, float]:
        """Sensor-hours stuck and device-hours silent, of what was lived and counts."""
        return self.troubles.hours(self._start, max(self._start, self.now))

    async def _live(self, progress: Progress) -> None:
        await self._begin()
        start, end = self._start, self.scenario.end
        while self.now < end:
            before = self.now
            self._pass_time(min(self._next_event(), end))
            await self._happen()
            if (self.now - start) // DAY != (before - start) // DAY:
                # On the hour, and so where nothing but the hour has ended: the sides of a comparison tell the same.
                progress(max(0.0, (self.now - start) / (end - start)))
                # The deadlines of calls that are over are swept when the loop turns.
                await asyncio.sleep(0)
        if self._counting:
            self.world.plant.observe()  # so that everybody who was to be asked is

    async def _begin(self) -> None:
        self._past()
        self.rooms.follow(self.known)
        if self._outdoor_point is not None:
            self.known.follow(self._outdoor_point.id, lambda: self._outdoor)
        seen = self.world.begin(self.now)
        self.now += MINUTE
        self._at(self.now)
        self._look(seen)
        for point in self.site.points.values():
            self._show(point)
        await self.gateway.load()
        await self.gateway.carry_out(math.inf)
        await self._happen()

    def _past(self) -> None:
        """Tell the season of the weeks before."""
        times = np.arange(self.now - SEASON_PAST, self.now, HOUR)
        for at, outdoor in zip(
            times.tolist(), self.scenario.weather.series(times).dry_bulb.tolist(), strict=True
        ):
            self.season.outdoor(at, outdoor)

    def _at(self, now: Instant) -> None:
        self.now = self.known.now = now
        self.clock.go_to(now)

    def _next_event(self) -> Instant:
        due = min(
            self.world.next_at,
            self.decider.wake_at,
            self._gateway_due,
            self._next_hour(),
            self.troubles.next_at,
        )
        if self._every_minute:
            due = self.now
        return math.ceil(max(self.now + MINUTE, due) / MINUTE) * MINUTE

    def _next_hour(self) -> Instant:
        start = self._start
        return start + (math.floor((self.now - start) / HOUR) + 1) * HOUR

    # ------------------------------------------------------------------ the physics

    def _pass_time(self, until: Instant) -> None:
        """Step the plant until `until`, or until a reading crosses a limit."""
        world, account, counting = self.world, self.account, self._counting
        now, news = self.now, False
        while now < until and not news:
            most = min(round((until - now) / MINUTE), self._stride)
            if counting and most > 1:
                most = min(most, account.unasked(now))
            passed = world.minutes(most, self._until_news)
            lived = len(passed.air)
            now += lived * MINUTE
            if counting:
                account.minutes(passed, world.plant.feel)
            news = self._look(passed)
            # Where limits are crossed often, minutes that were worked out ahead would often be thrown away.
            self._stride = min(_LONGEST, 2 * self._stride) if lived == most else max(_SHORTEST, 2 * lived)
        self._at(now)
        if (now - self._start) % HOUR == 0.0:
            self._hour(world.plant.observe())

    def _until_news(self, air: Floats, outdoors: Sequence[Sample]) -> int:
        """How many of some minutes pass before the rules should hear of one; the last is that one."""
        count = self.rooms.unheard(air)
        if not self._outdoor_mute:
            limits, cell = self._outdoor_limits, self._outdoor_cell
            for number, sample in enumerate(outdoors[:count], 1):
                if bisect.bisect(limits, sample.dry_bulb) != cell:
                    return number
        return count

    def _look(self, passed: Stride) -> bool:
        """Whether the rules should hear of the minutes that have passed."""
        crossed = self.rooms.take(passed)
        if crossed is not None:
            for place in crossed:
                self.decider.touch_zone(self.world.zones[place].id)
        if not self._outdoor_mute:
            self._outdoor = passed.outdoor.dry_bulb
        cell = bisect.bisect(self._outdoor_limits, self._outdoor)
        if cell != self._outdoor_cell:
            self._outdoor_cell = cell
            self._touch_building()
        return self.decider.dirty or self.world.shifted

    def _touch_building(self) -> None:
        if self._outdoor_point is not None:
            self.decider.touch(self._outdoor_point.id)

    def _hour(self, seen: Observations) -> None:
        self.season.outdoor(self.now, self._outdoor)
        season = self.season.now(self.now).season
        if season is not self._in_season:
            self._in_season = season
            self.account.turn(season)
            self._touch_building()
        if self._counting:
            self.account.hour(seen)
        elif self.now >= self._start:
            self._counting = True
            self.account.begin(seen)
            self._stand(self.site.zones, self.now)

    # ------------------------------------------------------------------ readings

    def _hear(self, point: Point, value: Value) -> None:
        """A sensor or status says something."""
        if self.troubles.mute(point.id):
            self._unsaid[point.id] = value
            return
        said = self.known.readings.get(point.id)
        if said is not None and said.good and said.value == value:
            return  # when it was last confirmed is nothing that an answer turns on
        if self.known.put_value(point.id, value, Quality.GOOD, self.known.now):
            self.decider.touch(point.id)

    def _show(self, point: Point) -> None:
        """A commanded point's present value."""
        if point.id not in self.world.controllers.known or self.troubles.mute(point.id):
            return
        if self.known.put(point, self.world.controllers.raw(point), False, self.now):
            self.decider.touch(point.id)

    async def _report(self) -> None:
        """What the controllers have come to, into the state."""
        controllers = self.world.controllers
        stirred, controllers.stirred = controllers.stirred, {}
        for id_ in stirred:
            if self.gateway.holds(id_) and not self.troubles.mute(id_):
                await self.gateway.refresh_array(id_)
        moved, controllers.moved = controllers.moved, {}
        self.world.report(moved.values())
        for point in moved.values():
            self._show(point)
        self._learn()

    # ------------------------------------------------------------------ faults

    def _fail(self) -> None:
        """What breaks and what works again at this minute."""
        change = self.troubles.advance(self.now)
        for point_id in change.lost:
            self.known.freeze(point_id)
        for point_id in change.stale:
            self.known.doubt(point_id)
            self.decider.touch(point_id)
        for point_id in change.back:
            self._hear_again(self.site.points[point_id])
        for device in change.devices:
            self.gateway.device_answers(device)
            self.decider.touch_all()
            # What waited for the device may be wanted no more: first decide, then write.
            self._gateway_due = math.inf
        self._outdoor_mute = self._outdoor_point is not None and self.troubles.mute(self._outdoor_point.id)

    def _hear_again(self, point: Point) -> None:
        if self.troubles.mute(point.id):  # its device answers, and it still sticks
            self.known.believe(point.id)
        elif self.known.thaw(point.id):
            pass
        elif point.id in self.world.controllers.known:
            self.world.controllers.stirred[point.id] = point
            self._show(point)
            return
        elif point.id in self._unsaid:
            self._hear(point, self._unsaid.pop(point.id))
        else:
            self.known.believe(point.id)
        self.decider.touch(point.id)

    # ------------------------------------------------------------------ decisions

    async def _happen(self) -> None:
        """Everything that is due at this minute, until nothing answers anything any more."""
        if self.troubles.next_at <= self.now:
            self._fail()
        self.world.happen(self.now)
        self.account.crowd(self.world.crowd.people)
        await self._report()
        if self._every_minute:
            self.decider.touch_all()
        if self._gateway_due < self.now + MINUTE:
            await self._write()
        for _ in range(_MOST_TURNS):
            if not self.decider.dirty and self.decider.wake_at > self.now:
                return
            turn: Turn[Event] = self.decider.take_turn(self.now)
            self._tell(turn)
            if self.scenario.controlled:
                self._submit(turn.step)
                await self._write()
        raise Unsettled(f"no rest at {self.now}")

    def _tell(self, turn: Turn[Event]) -> None:
        for listener in self.listeners:
            listener(turn)

    def _submit(self, step: Step) -> None:
        """In the order of ids: not of the site file, on which nothing may depend."""
        self.gateway.submit({id_: step.outcomes[id_] for id_ in sorted(step.outcomes)})

    async def _write(self) -> None:
        if await self.gateway.carry_out(self.now + MINUTE):
            self.world.controllers.stirred.clear()
            await self._report()
        self._gateway_due = self.gateway.next_at

    def _told(self, event: Event) -> None:
        """The gateway says what it did."""
        point = getattr(event, "point", None)
        if point is not None:
            self._news.add(point)
        self._tell(Turn(self.now, NOTHING_HEARD, NOTHING_ASKED, (event,)))

    def _count(self, turn: Turn[Event]) -> None:
        """What came of the writes, for the account."""
        if not self._counting:
            return
        for event in turn.done:
            if isinstance(event, Enforced):
                of = self.site.points[event.point]
                self.account.tally.enforced(of.place, RuleId(event.rule), turn.now)
            elif isinstance(event, Wrote):
                self.account.tally.wrote(event.result)

    def _array_moved(self, point: str) -> None:
        self._news.add(point)

    def _learn(self) -> None:
        """Take what the gateway knows of its slots, as the daemon does."""
        news, self._news = self._news, set()
        for point in sorted(news):
            known = self.gateway.known(point)
            if known is None:
                continue
            ours, array = known
            changed = self.known.put_ours(point, ours if isinstance(ours, bool | float | int | str) else None)
            changed |= self.known.put_array(point, array)
            if changed:
                self.decider.touch(point)

    def _judge(self, turn: Turn[Event]) -> None:
        """How the zones that were asked stand to their rules from now on, and between which figures that stands."""
        if not turn.decided:
            return
        for zone in turn.step.zones:
            self.rooms.mind(zone, self.decider.evaluations[zone], self.known)
        if self._counting:
            self._stand(turn.step.zones, turn.now)

    def _stand(self, zones: Iterable[str], now: Instant) -> None:
        for zone in zones:
            evaluation = self.decider.evaluations[zone]
            violated, idle = outside(evaluation, self.decider.facts)
            self.account.look(zone, now, violated, tuple(evaluation.blocked), idle)
            self.account.suspended(zone, now, bool(self.decider.memory[zone].get(SUSPENDED)))
