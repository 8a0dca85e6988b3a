"""The daemon: lives through reloads of the site file, tells the outside, keeps what must survive."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from config.phrase import Phrase
from config.points import Point
from config.rules import RuleId
from config.site import Site
from drivers.protocol import Line
from schedules.days import Calendars, calendars
from supervisor.clockwork.clock import PacedClock
from supervisor.clockwork.turns import at_once, in_turns
from supervisor.core.asking import Refused
from supervisor.core.daily import Daily
from supervisor.core.tally import Tally
from supervisor.daemon import holidays
from supervisor.daemon.accepted import Accepted
from supervisor.daemon.by_hand import GONE, ByHand
from supervisor.daemon.changes import difference
from supervisor.daemon.glance import Glance
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.introduction import Introduction, stopping
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.listeners import Counting, Telling
from supervisor.daemon.lost import strangers, tell_strangers
from supervisor.daemon.reload import Load, New, Reload, answer, waiting_answer
from supervisor.daemon.requests import Requests
from supervisor.daemon.running import Running
from supervisor.daemon.saved import Saved
from supervisor.daemon.secured import Secured
from supervisor.daemon.socket import SOCKET, Control
from supervisor.daemon.stopping import Stop, tell_left
from supervisor.daemon.storewatch import StoreWatch
from supervisor.daemon.trust import MARK, Trust
from supervisor.daemon.turned_away import TurnedAway
from supervisor.daemon.versions import Versions
from supervisor.field.kept import register_of
from supervisor.gateway import Released
from supervisor.gateway.left import summary
from supervisor.ledger.keeping import Keeping
from supervisor.records.proof import Proof
from supervisor.store.audit import Head
from supervisor.store.rows import NoticeRow
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

MakeLine = Callable[[Site], Line]


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
        self.register = register_of(store, self._recognised)
        self.events = Events(site, options.on_event)
        self.reloads = Reload(options.load, clock, self.events.tell)
        self.versions = Versions(options.accepted, clock, site, days)
        self.storewatch = StoreWatch(store, self._store_said)
        self._glance = Glance(self, options.dry_run)
        self.metrics = Metrics(site.building, self.snapshot, lambda: self.look(changes=False))
        self._proof = Proof()
        self.secured = Secured(lambda: self.running, self.tell)
        self.running: Running = self._made(site, days, make_line(site))
        self.turned_away = TurnedAway(clock, store.notice, lambda: self.site.building)
        self.keeping = Keeping(store, options.state_dir, lambda: self.running.ledger)
        self._next: Running | None = None
        self._swap = asyncio.Event()
        self._reloading = asyncio.Lock()
        self.answer = Requests(self).answer
        """What people ask of the daemon, by the command line or the page."""
        self._control = Control(options.state_dir / SOCKET, self.answer)
        self.audit_valid: bool | None = None
        self.savings = Saved()
        self.trials: Trials | None = None
        """Runs the trial that the site file names; None where nobody does."""
        self.clock_doubt: Phrase | None = None
        """Why the computer's clock is not believed, while it is not."""
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
        return (self._next or self.running).site

    def _made(self, site: Site, days: Calendars, line: Line) -> Running:
        made = Running(
            site, days, line, self.clock, self._store, dry_run=self._options.dry_run, register=self.register,
            tell=self._counted,
        )  # fmt: skip
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
        await self._keeper.restore(running, self.tally)
        running.ledger.meters.restore(await self.keeping.books())
        await running.adopt()
        tell_strangers(strangers(running.gateway), self.tell)
        log.info("started", **self.introduction.logged())

    def tell(self, topic: str, kind: str, en: str, zh: str, level: str | None = None) -> None:
        """Something about the whole building that a person should know: on the page, in the log and in the store."""
        now = self.clock.now()
        self.events.tell(Event(now, kind, "", "", "", Phrase(en, zh)), level)
        self._store.notice(NoticeRow(now, topic, kind, self.site.building, en, zh))

    async def _live(self, stop: asyncio.Event) -> None:
        """Run one version of the site file until the stop or the next one."""
        running = asyncio.create_task(self.running.run())
        ends = [asyncio.create_task(event.wait()) for event in (stop, self._swap)]
        try:
            await asyncio.wait({running, *ends}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            for task in (running, *ends):
                task.cancel()
            await asyncio.gather(running, *ends, return_exceptions=True)
        if self._next is not None:
            await self._take_up(self._next)

    async def _take_up(self, following: Running) -> None:
        """Put a new version in the place of the running one; slots stay held meanwhile."""
        before = self.running
        self._next = None
        self._swap.clear()
        gone = [p for p in before.gateway.points if p not in following.gateway.points]
        if gone:
            await before.gateway.release(gone)
        await before.gateway.stop()
        following.carry_over(before)
        for id_, manual in before.decider.manual.items():
            if id_ not in following.decider.manual:
                self.held(before.site.points[id_], manual.who, GONE)
        if following.line is not before.line:
            await before.line.reader.stop()
            await following.line.reader.start()
        self.running = following
        self.events.site = following.site
        if self.tally.daily is not None:
            self.tally.settle(self.clock.now())
            self.tally.daily.move(following.site.tz)
        await following.adopt()
        self.reloads.taken_up()
        log.info("reloaded", zones=len(following.site.zones), config=following.site.config_hash[:12])

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

    # ------------------------------------------------------------------ reload

    async def reload(self, by: str = "") -> dict[str, Any]:
        """Read the site file again: check first; keep the old one on any problem; say what changes.

        What writes more than before waits, unless `by` says who accepts it. Raises Refused.
        """
        async with self._reloading:
            # Beside what was accepted last: a save and a request at the same moment would tell a change twice.
            in_force = self._next or self.running
            read = await self.reloads.read(in_force)
            if not isinstance(read, New):
                return answer(read)
            file, was = read.site.written, in_force.site.written  # whatever arm of a trial runs
            new = replace(read, waits=self.versions.waits(file, read.days, was))
            if new.waits and not by:
                self.reloads.wait(new)
                return waiting_answer(new)
            self.versions.accept(file, new.days, by)
            self._accept(new, by)
            return answer(new)

    async def go_back(self, by: str, *, yes: bool) -> dict[str, Any]:
        """Put the configuration before the one in force in its place. What would write more needs `yes`. Raises Refused."""
        async with self._reloading:
            in_force = self._next or self.running
            site, days = await asyncio.to_thread(self.versions.earlier)
            changes = difference(in_force, site, days, self.clock.now())
            new = New(site, days, changes, self.versions.waits(site, days, in_force.site.written))
            if new.waits and not yes:
                return waiting_answer(new)
            self.versions.go_back(site, days, by)
            self._accept(new, by)
        await self.reload()  # what stands on disk waits from now on, and says so
        return answer(new)

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

    async def take_arm(self, site: Site) -> None:
        """Run another arm of the trial from now on: made of the file in force, which nobody has to accept again."""
        async with self._reloading:
            days = await asyncio.to_thread(calendars, site)
            self._take(site, days)

    def _accept(self, new: New, by: str) -> None:
        self.reloads.accepted(new, by, undo=self.versions.undo)
        self._take(new.site, new.days)

    def _take(self, site: Site, days: Calendars) -> None:
        same_wire = site.devices == self.site.devices and site.bacnet == self.site.bacnet
        line = self.running.line if same_wire else self._make_line(site)
        self._store.put_config(site.config_hash, site.text, time.time())
        self._next = self._made(site, days, line)
        self._swap.set()

    # ------------------------------------------------------------------ what is asked of us

    def _recognised(self, device: str, what: Phrase) -> None:
        """A device is not the one that was adopted, or is again."""
        now = self.clock.now()
        self.events.keep(Event(now, "alert", "", device, "", what))
        self._store.notice(NoticeRow(now, "gateway", "alert", device, *what))

    def _counted(self, point: Point, what: Phrase) -> None:
        """Site file and device disagree about what a point counts in, or agree again."""
        now = self.clock.now()
        self.events.tell(Event(now, "alert", point.zone or "", point.id, "", what))
        self._store.notice(NoticeRow(now, "gateway", "alert", point.id, *what))

    def _store_said(self, problem: Phrase | None) -> None:
        self.events.store(problem, self.clock.now())

    def save(self) -> None:
        """Keep what must survive a restart now, not at the next round."""
        self._keeper.save(self.running, self.tally)

    def asked(self, zone: str, who: str, en: str, zh: str) -> None:
        """A person's request goes into the audit and onto the page."""
        now = self.clock.now()
        event = Event(now, "request", zone, zone, "", Phrase(f"{who}: {en}", f"{who}：{zh}"))
        self.events.tell(event)
        self._store.notice(NoticeRow(now, "operator", "request", zone or self.site.building, *event.text))

    def held(self, point: Point, who: str, text: Phrase) -> None:
        """How it goes with what a person holds, likewise."""
        now, told = self.clock.now(), Phrase(f"{who}: {text.en}", f"{who}：{text.zh}")
        self.events.tell(Event(now, "request", point.zone or "", point.id, RuleId.MANUAL, told))
        self._store.notice(NoticeRow(now, "operator", "request", point.id, *told))

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

    def snapshot(self) -> Snapshot:
        """The building now, in one go."""
        return at_once(self._glance.work(changes=True))
