"""The daemon: lives through reloads of the site file, tells the outside, keeps what must survive."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from config import reasons as world
from config.phrase import Phrase
from config.site import Site
from drivers.protocol import DriverError, Line
from drivers.refused import in_both
from schedules.days import Calendars
from schedules.time import DAY
from supervisor.clockwork.clock import PacedClock
from supervisor.clockwork.turns import at_once, in_turns
from supervisor.core.asking import Refused
from supervisor.core.daily import Daily
from supervisor.core.tally import Tally
from supervisor.daemon import holidays
from supervisor.daemon.accepted import Accepted
from supervisor.daemon.by_hand import GONE, ByHand
from supervisor.daemon.glance import Glance
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.introduction import Introduction, stopping
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.listeners import Counting, Telling
from supervisor.daemon.lost import strangers, tell_strangers
from supervisor.daemon.moorings import Moorings
from supervisor.daemon.reload import Load, Reload
from supervisor.daemon.requests import Requests
from supervisor.daemon.running import Running
from supervisor.daemon.saved import Saved
from supervisor.daemon.secured import Secured
from supervisor.daemon.socket import SOCKET, Control
from supervisor.daemon.stopping import Stop, tell_left
from supervisor.daemon.storewatch import StoreWatch
from supervisor.daemon.succession import MakeLine, Succession
from supervisor.daemon.trust import MARK, Trust
from supervisor.daemon.turned_away import TurnedAway
from supervisor.daemon.versions import Versions
from supervisor.daemon.voice import Voice
from supervisor.field.kept import register_of
from supervisor.gateway import Released
from supervisor.gateway.left import summary
from supervisor.ledger.keeping import Keeping
from supervisor.records.proof import Proof
from supervisor.store.audit import Head
from supervisor.store.queries import BUILDING
from supervisor.store.writer import Store
from supervisor.telling.bacnet_device.enabled import Enabled
from supervisor.telling.events import Events
from supervisor.telling.metrics import Metrics, Timing
from supervisor.telling.snapshot import Event, Snapshot
from supervisor.telling.web.app import reasons

if TYPE_CHECKING:
    from supervisor.daemon.trial import Trials

log = structlog.get_logger()
SAVE_EVERY = 30.0
"""s of wall time between two saves of memory and counters."""
STILL = 60.0
"""s without a turn of the decision loop after which the daemon no longer counts as alive."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a daemon is run. `dry_run` None leaves it to the site file; `load` reads the site file again."""

    state_dir: Path
    dry_run: bool | None = None
    on_event: Callable[[Event], None] = lambda event: None
    load: Load | None = None
    trust: Trust | None = None
    """Whether to go by the computer's clock; None where the site clock is another."""
    accepted: Accepted | None = None
    """The site files that were accepted here; None where there is no file that could be saved."""


class Daemon:
    """One building, supervised until stopped."""

    def __init__(
        self,
        site: Site,
        days: Calendars,
        make_line: MakeLine,
        clock: PacedClock,
        store: Store,
        options: Options,
    ) -> None:
        self.clock = clock
        self.tally = Tally(Daily(site.tz))
        self._options = options
        self._make_line = make_line
        self._store = store
        self._keeper = Keeper(store)
        self.events = Events(site, options.on_event)
        self._voice = Voice(self.events, store, clock)
        self.tell, self.asked, self.held = self._voice.tell, self._voice.asked, self._voice.held
        """What people should know; what they asked for; how it goes with what they hold."""
        self.register = register_of(store, self._voice.recognised)
        self.reloads = Reload(options.load, clock, self.events.tell)
        self.versions = Versions(options.accepted, clock, site, days)
        self.storewatch = StoreWatch(store, self._voice.stored)
        self._glance = Glance(self, options.dry_run)
        self.metrics = Metrics(site.building, self.snapshot, lambda: self.look(changes=False))
        self._proof = Proof()
        self.secured = Secured(lambda: self.running, self.tell)
        self.running: Running = self._made(site, days, make_line(site))
        self.turned_away = TurnedAway(clock, store.notice, lambda: self.site.building)
        self.keeping = Keeping(store, options.state_dir, lambda: self.running.ledger)
        self._succession = Succession(
            lambda: self.running, make_line, self._made, store, clock, self.reloads, self.versions
        )
        self.reload, self.go_back = self._succession.reload, self._succession.go_back
        self.take_arm = self._succession.take_arm
        self.moorings = Moorings(lambda: self.running.line.reader, self._succession.rewire, self.tell)
        self.answer = Requests(self).answer
        """What people ask of the daemon, by the command line or the page."""
        self._control = Control(options.state_dir / SOCKET, self.answer)
        self.audit_valid: bool | None = None
        self.savings = Saved()
        self.trials: Trials | None = None
        """Runs the trial that the site file names; None where nobody does."""
        self.clock_doubt: Phrase | None = None
        """Why the computer's clock is not believed, while it is not."""
        self.leapt = -math.inf
        """When the clock last went forward by a day or more at once, in seconds of the loop."""
        self.stopping = False
        """A stop was asked for: slots are being let go of."""
        section = site.bacnet_device
        self.front_end = (
            Enabled(section.expires, site.language or "en", clock.now)
            if section is not None and section.enabled_point
            else None
        )
        """What the building's front end may command; None where the site does not let it."""
        self.mqtt_requests: Counter[str] = Counter()
        """What became of the requests that came by MQTT, where any are taken."""
        self.helpers = Helpers()
        """What runs beside: the page, reloads, chores."""

    @property
    def site(self) -> Site:
        """The site file in force."""
        return self.running.site

    @property
    def accepted(self) -> Site:
        """The site file that was accepted last: in force, or about to be."""
        return self._succession.accepted

    def _made(self, site: Site, days: Calendars, line: Line) -> Running:
        made = Running(
            site, days, line, self.clock, self._store, dry_run=self._options.dry_run, register=self.register,
            tell=self._voice.counted,
        )  # fmt: skip
        made.clock_set = self._clock_set
        made.listeners += [
            Timing(site, self.metrics),
            Counting(self.tally, self._proof, made.decider),
            Telling(self.events, self._store, made.decider),
            ByHand(made.decider, self.held),
        ]
        return made

    @property
    def introduction(self) -> Introduction:
        """What it says of itself when it starts."""
        dry = self._options.dry_run
        return Introduction(self.site, self.site.dry_run if dry is None else dry, self._options.state_dir)

    @property
    def audit_head(self) -> Head:
        """The head of the audit, as it was committed last."""
        return self._store.head

    # ------------------------------------------------------------------ life

    async def open_door(self) -> None:
        """Open the control socket, before anything that strangers can reach. Raises OSError."""
        await self._control.start()

    async def close_door(self) -> None:
        """Close the control socket."""
        await self._control.stop()

    async def run(self, stop: Stop) -> Released:
        """Supervise until a stop is asked for; then let go of everything. Raises DriverError, StoreProblem, OSError."""
        watching = asyncio.create_task(stop.watch())
        try:
            await self._open()
            await self._right_time(stop.asked)
            await self._start()
            return await self._supervised(stop)
        finally:
            watching.cancel()

    async def _supervised(self, stop: Stop) -> Released:
        beside = [asyncio.create_task(self._save()), asyncio.create_task(self.storewatch.run())]
        try:
            while not stop.asked.is_set():
                await self._live(stop.asked)
        finally:
            for task in beside:
                task.cancel()
            released = await self._stop(stop)
        return released

    async def _open(self) -> None:
        await self.open_door()
        try:
            await self.running.line.reader.start()
        except BaseException:
            await self._control.stop()
            raise

    async def _right_time(self, stop: asyncio.Event) -> None:
        """Wait for a clock that can be believed: until then all stays as it was left, and everybody is told."""
        trust = self._options.trust
        if trust is None:
            return
        await trust.learn(self._store)
        self.clock_doubt = trust.doubt()
        if self.clock_doubt is None:
            return
        self.events.tell(Event(self.clock.now(), "alert", "", "", "", self.clock_doubt), "error")
        while trust.doubt() is not None and not stop.is_set():
            # Alive: it is the clock that stands still, not the loop.
            self.running.beat = asyncio.get_running_loop().time()
            await trust.soon(stop)
        if not stop.is_set():
            self.clock_doubt = None
            log.warning("the clock is right: supervision begins")

    async def _start(self) -> None:
        running = self.running
        self._mark()
        self._store.put_config(running.site.config_hash, running.site.text, time.time())
        self._store.put_kv(
            BUILDING, running.site.building
        )  # a building that was renamed takes its store along
        await self._keeper.restore(running, self.tally)
        running.ledger.meters.restore(await self.keeping.books())
        await running.adopt()
        tell_strangers(strangers(running.gateway), self.tell)
        log.info("started", **self.introduction.logged())

    async def _live(self, stop: asyncio.Event) -> None:
        """Run one version of the site file until the stop or the next one."""
        running = asyncio.create_task(self.running.run())
        ends = [asyncio.create_task(event.wait()) for event in (stop, self._succession.due)]
        try:
            await asyncio.wait({running, *ends}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            for task in (running, *ends):
                task.cancel()
            await asyncio.gather(running, *ends, return_exceptions=True)
        if self._succession.next is not None:
            await self._take_up(self._succession.take())

    async def _take_up(self, following: Running) -> None:
        """Put a new version in the place of the running one; slots stay held meanwhile."""
        before = self.running
        gone = [p for p in before.gateway.points if p not in following.gateway.points]
        if gone:
            await before.gateway.release(gone)
        await before.gateway.stop()
        wanted, following = following, await self._wired(before, following)
        following.carry_over(before)
        for id_, manual in before.decider.manual.items():
            if id_ not in following.decider.manual:
                self.held(before.site.points[id_], manual.who, GONE)
        self.running = following
        self.events.site = following.site
        if self.tally.daily is not None:
            self.tally.settle(self.clock.now())
            self.tally.daily.move(following.site.tz)
        await following.adopt()
        if following is not wanted or following.site is before.site:
            return  # it is told, and what is in force is what was
        self.reloads.taken_up()
        log.info("reloaded", zones=len(following.site.zones), config=following.site.config_hash[:12])

    async def _wired(self, before: Running, following: Running) -> Running:
        """The next version, its wire open; where that cannot be opened, the one before, on a wire made anew: a port that is
        taken, or an address that is not ours, must not end the supervision of a building whose slots we hold.

        Raises DriverError, OSError where not even the old wire can be had again.
        """
        if following.line is before.line:
            return following
        await before.line.reader.stop()
        try:
            await following.line.reader.start()
        except (DriverError, OSError) as error:
            again = self._made(before.site, before.days, self._make_line(before.site))
            await again.line.reader.start()
            said = in_both(str(error)) if isinstance(error, DriverError) else world.told(error)
            self._succession.not_taken(before, following, said)
            return again
        self._succession.wired()
        return following

    async def _stop(self, stop: Stop) -> Released:
        running = self.running
        running.ready, self.stopping = False, True
        owned = len(running.gateway.owned)
        log.info("stopping", owned=owned)
        stop.say(stopping(owned))
        released = await running.gateway.release_all(stop.patience())
        log.info("released", released=len(released.released), failed=len(released.failed))
        tell_left(released.left)
        if released.left:
            left = summary(released.left)
            self.tell("gateway", "alert", f"left at the stop: {left.en}", f"停止时未释放：{left.zh}")
        self.tally.settle(self.clock.now())
        if self.clock_doubt is None:
            await self.keeping.keep()
            self._keeper.save(running, self.tally)
        await self._control.stop()
        with contextlib.suppress(Exception):
            await running.line.reader.stop()
        return released

    def _clock_set(self, by: float) -> None:
        self._voice.clock_set(by)
        if by >= DAY:
            self.leapt = asyncio.get_running_loop().time()

    def _mark(self) -> None:
        """Note that it is this late: a clock that says less after the next power cut is wrong."""
        if self._options.trust is not None and self.clock_doubt is None:
            self._store.put_kv(MARK, time.time())

    async def _save(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            for _ in self.tally.settling(self.clock.now()):
                await asyncio.sleep(0)
            self._mark()
            await asyncio.sleep(0)
            await self._keeper.save_beside(self.running, self.tally)

    async def trial(self) -> dict[str, Any]:
        """Draw the trial that the site file names, where that is still to be done, and say how it stands."""
        if self.trials is None:
            raise Refused("this daemon runs no trial", "此守护进程没有随机试验")
        await self.trials.step(self)
        said = self.trials.told(self.accepted)
        return {"drawn": self.trials.drawn, "lines": [[p.en, p.zh] for p in said]}

    @property
    def _building(self) -> holidays.Building:
        running = self.running
        return holidays.Building(running.site, running.days, running.gateway, self._store, self.clock.now())

    async def calendar(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Compare controllers' calendars with ours, or write them. Raises Refused, StoreProblem."""
        fire = self.running.decider.facts.fire
        return await holidays.answer(self._building, request, fire, partial(self.asked, ""))

    async def refresh_calendars(self) -> None:
        """Write those that opted in and have changed. Raises StoreProblem."""
        fire = self.running.decider.facts.fire
        alert = partial(self.tell, "calendar", "alert")
        await holidays.nightly(self._building, fire, partial(self.asked, ""), alert)

    # ------------------------------------------------------------------ what is asked of us

    def save(self) -> None:
        """Keep what must survive a restart now, not at the next round."""
        self._keeper.save(self.running, self.tally)

    def alive(self) -> bool:
        """The decision loop turns."""
        return asyncio.get_running_loop().time() - self.running.beat < STILL

    def ready(self) -> bool:
        """The first decisions have been made, and what is decided can be written."""
        return self.running.ready and self.storewatch.problem is None

    def lacking(self) -> list[str]:
        """Why it is not ready, a line each."""
        health = self.running.watch.health
        silent = (id_ for id_ in self.site.devices if health[id_].last_answer is None)
        return reasons(self.storewatch.problem, self._glance.waiting(), silent)

    async def look(self, *, changes: bool = True) -> Snapshot:
        """The building, while others have their turn: a picture that takes some tens of milliseconds at a
        thousand zones, each zone and each controller as it stands when it is looked at. `changes`: with what
        comes next in each zone."""
        return await in_turns(self._glance.work(changes=changes))

    async def recent(self) -> tuple[Sequence[Event], str]:
        """The last events and the site's time zone, without a look at anything."""
        return self.events.recent(), str(self.site.tz)

    def snapshot(self) -> Snapshot:
        """The building now, in one go."""
        return at_once(self._glance.work(changes=True))
