"""A life of the whole daemon on a virtual clock, from one seed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import sys
import time
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from config.phrase import Phrase
from config.rules import RuleId
from schedules.days import Calendars, calendars
from schedules.time import Instant
from schedules.types import Overtime
from supervisor.core.overtime import add
from supervisor.core.tally import Tally
from supervisor.core.turn import Turn
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.listeners import Telling
from supervisor.daemon.running import Pace, Running
from supervisor.daemon.storewatch import StoreWatch
from supervisor.daemon.trust import MARK, Trust
from supervisor.field.register import Register
from supervisor.gateway import events as gw
from supervisor.store import queries
from supervisor.telling.events import Events
from tests.audit import broken_link
from tests.fakes import VirtualLoop, virtually
from tests.soak.accidents import live
from tests.soak.oracle import Oracle
from tests.soak.plants import planted
from tests.soak.site import soak_site
from tests.soak.world import SUMMER, SoakStore, World

PACE = Pace(turn=3600.0, sweep=300.0, arrays=1800.0)
LOOK_EVERY = 300.0
TELL_EVERY = 50
SELDOM = 1000.0
"""s of silence in which no controller is replaced: here they are heard each 900 s at least, in a daemon many times a minute."""
SAVE_EVERY = 1800.0
"""s between two savings of what survives a crash: a daemon does it far more often, so what is lost here is more."""


class Soak:
    """One run: the world, the daemon in it, the oracle beside it, and a digest of all that happened."""

    def __init__(self, seed: int, calendars: Calendars, store: SoakStore, begin: Instant) -> None:
        self.world = World(soak_site(), seed, store, begin)
        self.oracle = Oracle(self.world, calendars.tables)
        self.trace = hashlib.sha256()
        self.failures: list[str] = []
        self.days = 0
        self._calendars = calendars
        self._store = store
        self._running: Running | None = None
        self._keeper = Keeper(store)
        self._tally = Tally()
        self._events = Events(self.world.site, self.oracle.told.event)
        self._devices: dict[int, dict[str, Any]] = {}
        """What devices were found to be, as the store keeps it."""

    async def run(self, days: int) -> None:
        """Live through the days; the daemon is killed and started again on the way."""
        helpers = Helpers()
        helpers.start("page", self.world.page.serve)
        self.oracle.page_said = lambda: helpers.problems["page"]
        looking = asyncio.create_task(self._look())
        supervising = asyncio.create_task(self._supervise())
        for _ in range(days):
            await live(self.world, self._overtime)
            self._digest()
            self.days += 1
            if self.days % TELL_EVERY == 0:
                self._tell()
            if len(self.oracle.violations) > 20:
                break
        for task in (looking, supervising):
            task.cancel()
        await asyncio.gather(looking, supervising, return_exceptions=True)
        await helpers.stop()
        await self._end()

    def _tell(self) -> None:
        """Minutes pass: say how it is going, and what was found last."""
        wrong = [*self.oracle.violations, *self.failures]
        print(
            f"seed {self.world.seed}: {self.days} days, {self.world.crashes} crashes, {len(wrong)} wrong",
            *wrong[-1:], file=sys.stderr, flush=True,
        )  # fmt: skip

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.oracle.look()

    def _overtime(self, zone: str, seconds: float) -> None:
        if self._running is None or self.world.down:
            return
        now = self.world.clock.now()
        close = self.oracle.closes(zone, now)
        until = max(close, now) + seconds
        add(self._running.decider, zone, Overtime(now, until, "soak"), now)
        self._running.wake()
        self._keeper.save(self._running, self._tally)
        self.world.overtime[zone] = until
        self.world.excuse(zone, 120.0)

    # ------------------------------------------------------------------ the daemon

    async def _supervise(self) -> None:
        """Start the daemon, kill it at some turn of the loop, start it again, for ever."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        while True:
            await self._right_time()
            while self.world.full_since is not None:
                await asyncio.sleep(30.0)  # it is started again and again, and does not start
            running = self._running = await self._start()
            life = asyncio.create_task(running.run())
            beside = [asyncio.create_task(self._save(running)), asyncio.create_task(self._watch_store())]
            loop.on_stop = lambda life=life: life.cancel()  # type: ignore[misc] # bound now
            loop.stop_at = loop.turns + self.world.rng.randint(500, 85_000)
            try:
                await asyncio.wait({life})
                self.world.crashes += 1
                if not life.cancelled() and life.exception() is not None:
                    self.failures.append(f"the daemon fell over: {life.exception()!r}")
            finally:
                for task in (life, *beside):
                    task.cancel()
                await asyncio.gather(life, *beside, return_exceptions=True)
                await running.gateway.stop()
                await self.world.driver.fall_asleep()
            await self._be_down()

    async def _start(self) -> Running:
        world, told = self.world, self.oracle.told
        world.driver.awake()
        self._store.problem = None
        register = Register(self._recall, self._devices.__setitem__)
        running = Running(
            world.site, self._calendars, world.driver.line, world.clock, self._store,
            dry_run=None, pace=PACE, register=register,
        )  # fmt: skip
        events = self._events = Events(world.site, told.event)
        running.listeners += [Telling(events, self._store, running.decider), self._heard]
        # Real time must not decide what counts as sent a short while ago.
        running.gateway.context.stamp = lambda: self.world.begin + self.world.loop()
        await self._keeper.restore(running, self._tally)
        await running.adopt()
        self.oracle.claims = lambda zone: _claims(running, zone)
        told.begin()
        told.up = lambda device: (
            running.looking.device(device, running.watch.health[device], register.barred.get(device)).up
        )
        told.zone = lambda zone: running.looking.zone(
            world.site.zones[zone], world.clock.now(), changes=False, barred=register.barred
        )
        told.storeless = lambda: self._store.problem is not None
        self.world.down = False
        self.world.upset()
        return running

    async def _recall(self, instance: int) -> Any:
        return self._devices.get(instance)

    async def _be_down(self) -> None:
        self.world.down = True
        await asyncio.sleep(self.world.rng.uniform(1.0, 900.0))
        world = self.world
        if world.whims.random() < 0.2:
            world.lose_clock(world.whims.uniform(60.0, 600.0))
        world.driver.stubborn = {d for d in world.site.devices if world.whims.random() < 0.15}

    async def _right_time(self) -> None:
        """As the daemon does: nothing is decided by a clock that cannot be right."""
        trust, never = Trust(self.world.wall), asyncio.Event()
        await trust.learn(self._store)
        while trust.doubt() is not None:
            await trust.soon(never)
        self._store.put_kv(MARK, self.world.wall())

    async def _save(self, running: Running) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self._keeper.save(running, self._tally)

    async def _watch_store(self) -> None:
        """As the daemon does: but only while the disk is full, for a look each second of a thousand days takes long."""
        watch = StoreWatch(self._store, self._store_said)
        while True:
            await self.world.full.wait()
            looking = asyncio.create_task(watch.run())
            try:
                while self.world.full_since is not None or watch.problem is not None:
                    await asyncio.sleep(5.0)
                self._store_said(None)
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)

    def _store_said(self, problem: Phrase | None) -> None:
        self._events.store(problem, self.world.clock.now())

    def _heard(self, turn: Turn[gw.Event]) -> None:
        for device, text in turn.heard.habits:
            self.oracle.told.habit(device, text.en)
        for event in turn.done:
            self.trace.update(f"{self.world.loop():.3f} {event}\n".encode())
        self.failures += [f"{what}: {error!r}" for what, error in turn.step.failed]

    def _digest(self) -> None:
        for landed in self.world.driver.landed:
            self.trace.update(f"{landed}\n".encode())
        self.oracle._wire()
        self.world.driver.landed.clear()
        self.oracle._landed = 0

    async def _end(self) -> None:
        """A last start and an orderly stop: every intent settled, every slot NULL."""
        self.world.empty()
        self.world.driver.strangers.clear()
        for device in self.world.driver.devices.values():
            device.silent = False
            device.faults = type(device.faults)()
        running = await self._start()
        await asyncio.sleep(200)
        await running.gateway.release_all(60.0)
        left = [
            f"{device}/{key}: slot 10 = {thing.slots[10]}"
            for device, found in self.world.driver.devices.items()
            for key, thing in found.objects.items()
            if 10 in thing.slots
        ]
        self.oracle.violations += [f"at the end {line}" for line in left]
        self.failures += [f"open intent {row}" for row in self._store.read_now(queries.open_intents)]
        if self._store.read_now(broken_link) is not None:
            self.failures.append("the audit chain is broken")


def _claims(running: Running, zone: str) -> Mapping[RuleId, bool | None]:
    evaluation = running.decider.evaluations.get(zone)
    return evaluation.compliance if evaluation is not None else {}


def soak(seed: int, days: int, plant: str | None = None, begin: Instant = SUMMER) -> dict[str, Any]:
    """Live so many days from an instant on. Counts, the first violations and gaps, and the trace's hash."""
    random.seed(seed)
    store = SoakStore("sqlite://", inline=True)
    store.open()
    began = time.process_time()
    found: list[Soak] = []

    async def main() -> None:
        found.append(Soak(seed, calendars(soak_site()), store, begin))
        await found[0].run(days)

    vetting = "supervisor.field.vetting"
    seldom = (
        patch(f"{vetting}.BRIEF", SELDOM), patch(f"{vetting}.AGAIN", 6 * 3600.0),
        patch("supervisor.daemon.storewatch.LOOK_EVERY", 20.0), patch("supervisor.daemon.storewatch.PROBE_EVERY", 20.0),
    )  # fmt: skip
    with planted(plant), contextlib.ExitStack() as patched:
        for each in seldom:
            patched.enter_context(each)
        virtually(main())
    store.close()
    run = found[0]
    return {
        "days": run.days, "crashes": run.world.crashes, "writes": run.world.driver.sent,
        "violations": run.oracle.violations, "gaps": run.failures, "trace": run.trace.hexdigest(),
        "cpu": time.process_time() - began,
    }  # fmt: skip
