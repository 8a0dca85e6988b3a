"""`python -m tests.soak --seed N [--days D] [--plant FAULT]`: exit 1 for a violation or a gap."""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import hashlib
import os
import random
import sys
import time
from typing import Any

import structlog

from schedules.types import Overtime
from supervisor.calendars import Calendars
from supervisor.gateway import events as gw
from supervisor.generation import Generation, Outside, Pace
from supervisor.overtime import add
from supervisor.persistence import Keeper
from supervisor.statistics import Statistics
from supervisor.store import Store, queries
from tests.fakes import VirtualLoop, virtually
from tests.soak.accidents import live
from tests.soak.oracle import Oracle
from tests.soak.plants import PLANTS, planted
from tests.soak.site import soak_site
from tests.soak.world import World

PACE = Pace(turn=3600.0, sweep=300.0, arrays=1800.0)
LOOK_EVERY = 300.0


class Soak:
    """One run: the world, the daemon in it, the oracle beside it, and a digest of all that happened."""

    def __init__(self, seed: int, calendars: Calendars, store: Store) -> None:
        self.world = World(soak_site(), seed, store)
        self.oracle = Oracle(self.world, calendars.tables)
        self.trace = hashlib.sha256()
        self.failures: list[str] = []
        self.days = 0
        self._calendars = calendars
        self._store = store
        self._generation: Generation | None = None
        self._keeper = Keeper(store)
        self._statistics = Statistics()

    async def run(self, days: int) -> None:
        """Live through the days; the daemon is killed and started again on the way."""
        looking = asyncio.create_task(self._look())
        supervising = asyncio.create_task(self._supervise())
        for _ in range(days):
            await live(self.world, self._overtime)
            self._digest()
            self.days += 1
            if len(self.oracle.violations) > 20:
                break
        for task in (looking, supervising):
            task.cancel()
        await asyncio.gather(looking, supervising, return_exceptions=True)
        await self._end()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.oracle.look()

    def _overtime(self, zone: str, seconds: float) -> None:
        if self._generation is None or self.world.down:
            return
        now = self.world.clock.now()
        close = self.oracle._span(zone, now)[2]
        until = max(close, now) + seconds
        add(self._generation.decider, zone, Overtime(now, until, "soak"), now)
        self._generation.wake()
        self._keeper.save(self._generation, self._statistics)
        self.world.overtime[zone] = until
        self.world.excuse(zone, 120.0)

    # ------------------------------------------------------------------ the daemon

    async def _supervise(self) -> None:
        """Start the daemon, kill it at some turn of the loop, start it again, for ever."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        while True:
            generation = self._generation = await self._start()
            running = asyncio.create_task(generation.run())
            saving = asyncio.create_task(self._save(generation))
            loop.on_stop = lambda running=running: running.cancel()  # type: ignore[misc] # bound now
            loop.stop_at = loop.turns + self.world.rng.randint(500, 60_000)
            try:
                await asyncio.wait({running})
                self.world.crashes += 1
                if not running.cancelled() and running.exception() is not None:
                    self.failures.append(f"the daemon fell over: {running.exception()!r}")
            finally:
                running.cancel()
                saving.cancel()
                await asyncio.gather(running, saving, return_exceptions=True)
                await generation.gateway.stop()
            await self._be_down()

    async def _start(self) -> Generation:
        generation = Generation(
            self.world.site, self._calendars, self.world.driver, self.world.clock, self._store,
            Outside(self._heard, lambda _d, _u: None, lambda _n: None, self._failed, lambda _d, _s: None, lambda _s: None),
            dry_run=None, pace=PACE,
        )  # fmt: skip
        await self._keeper.restore(generation, self._statistics)
        await generation.adopt()
        self.world.down = False
        self.world.excuse_all(2400.0)
        return generation

    async def _be_down(self) -> None:
        self.world.down = True
        await asyncio.sleep(self.world.rng.uniform(1.0, 900.0))

    async def _save(self, generation: Generation) -> None:
        while True:
            await asyncio.sleep(900.0)
            self._keeper.save(generation, self._statistics)

    def _heard(self, event: gw.Event) -> None:
        self.trace.update(f"{self.world.loop():.3f} {event}\n".encode())

    def _failed(self, what: str, error: Exception) -> None:
        self.failures.append(f"{what}: {error!r}")

    def _digest(self) -> None:
        for landed in self.world.driver.landed:
            self.trace.update(f"{landed}\n".encode())
        self.oracle._wire()
        self.world.driver.landed.clear()
        self.oracle._landed = 0

    async def _end(self) -> None:
        """A last start and an orderly stop: every intent settled, every slot NULL."""
        for device in self.world.driver.devices.values():
            device.silent = False
            device.faults = type(device.faults)()
        generation = await self._start()
        await asyncio.sleep(200)
        await generation.gateway.release_all(60.0)
        left = [
            f"{device}/{key}: slot 10 = {thing.slots[10]}"
            for device, found in self.world.driver.devices.items()
            for key, thing in found.objects.items()
            if 10 in thing.slots
        ]
        self.oracle.violations += [f"at the end {line}" for line in left]
        self.failures += [f"open intent {row}" for row in self._store.read_now(queries.open_intents)]
        if self._store.read_now(queries.broken_link) is not None:
            self.failures.append("the audit chain is broken")


def soak(seed: int, days: int, plant: str | None = None) -> dict[str, Any]:
    """Run it. Counts, the first violations and gaps, and the trace's hash."""
    from supervisor.calendars import calendars

    random.seed(seed)
    store = Store("sqlite://", inline=True)
    store.open()
    began = time.perf_counter()
    with planted(plant):
        run: list[Soak] = []

        async def main() -> None:
            run.append(Soak(seed, calendars(soak_site()), store))
            await run[0].run(days)

        virtually(main())
    found = run[0]
    store.close()
    return {
        "days": found.days, "crashes": found.world.crashes, "writes": found.world.driver.sent,
        "violations": found.oracle.violations, "gaps": found.failures, "trace": found.trace.hexdigest(),
        "seconds": time.perf_counter() - began,
    }  # fmt: skip


def together(seed: int, days: int, workers: int, plant: str | None) -> list[dict[str, Any]]:
    """The days shared out over processes, each with a seed of its own."""
    shares = [days // workers + (i < days % workers) for i in range(workers)]
    if workers == 1:
        return [soak(seed, days, plant)]
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=_quiet) as pool:
        jobs = [pool.submit(soak, seed * 1000 + i, share, plant) for i, share in enumerate(shares)]
        return [job.result() for job in jobs]


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def _report(found: list[dict[str, Any]], seed: int, seconds: float) -> bool:
    """Print the account; True if nothing was wrong."""
    violations = [line for run in found for line in run["violations"]]
    gaps = [line for run in found for line in run["gaps"]]
    trace = hashlib.sha256("".join(run["trace"] for run in found).encode()).hexdigest()
    for line in (violations + gaps)[:20]:
        print(line)
    print(
        f"days={sum(run['days'] for run in found)} crashes={sum(run['crashes'] for run in found)} "
        f"violations={len(violations)} gaps={len(gaps)} writes={sum(run['writes'] for run in found)} "
        f"seed={seed} trace={trace[:16]} seconds={seconds:.1f}"
    )
    return not violations and not gaps


def _plants(seed: int, days: int) -> int:
    """Plant each fault in turn: each must be found."""
    missed = []
    for name in PLANTS:
        found = soak(seed, days, name)
        wrong = found["violations"] + found["gaps"]
        print(
            f"plant={name} found={len(wrong)} days={found['days']} first={wrong[0] if wrong else '-'}",
            flush=True,
        )
        if not wrong:
            missed.append(name)
    print(f"plants={len(PLANTS)} missed={len(missed)}")
    return 1 if missed else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plant", choices=sorted(PLANTS))
    parser.add_argument("--plants", action="store_true", help="plant every fault in turn; each must be found")
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets of strings is part of the trace.
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.soak", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    _quiet()
    if args.plants:
        return _plants(args.seed, min(args.days, 60))
    began = time.perf_counter()
    found = together(args.seed, args.days, max(1, args.workers), args.plant)
    return 0 if _report(found, args.seed, time.perf_counter() - began) else 1


if __name__ == "__main__":
    sys.exit(main())
